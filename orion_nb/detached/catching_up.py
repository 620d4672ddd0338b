"""For a client that has missed something: how things are now, told as they came to be."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable

from ..core.commands import Change
from ..core.model import Frame, TaskId
from ..exceptions import UnknownDependency
from ..local.runtime import Runtime
from .ring import Item, Ring, item_size


class Snapshot:
    """The stories and output of some tasks, read when they can be sent. Not for several threads.

    :param tasks: (task, whether its changes are wanted, whether its output is).
    :param earlier: another one, which has told things that come later in the feed.
    """

    def __init__(
        self,
        runtime: Runtime,
        ring: Ring,
        tasks: Iterable[tuple[TaskId, bool, bool]],
        earlier: Snapshot | None,
    ) -> None:
        self._runtime = runtime
        self._ring = ring
        self._tasks = deque(tasks)
        self._changes: dict[TaskId, int] = dict(earlier._changes) if earlier else {}
        self._frames: dict[TaskId, tuple[int, int]] = dict(earlier._frames) if earlier else {}
        self.first = True
        """Nothing was taken yet."""

    @property
    def exhausted(self) -> bool:
        return not self._tasks

    def take(self, room: int) -> list[tuple[Item, str]]:
        """The next ones, about so many bytes; of one task everything. Each with its session."""
        self.first = False
        items: list[tuple[Item, str]] = []
        while self._tasks and room > 0:
            task, changed, framed = self._tasks.popleft()
            found = self._of(task, changed, framed)
            if found:
                session = self._ring.session_of(task)
                items += [(item, session) for item in found]
            room -= sum(map(item_size, found))
        return items

    def _of(self, task: TaskId, changed: bool, framed: bool) -> list[Item]:
        items: list[Item] = []
        try:
            if changed:
                story = self._runtime.story(task)
                if story and story[-1].seq > self._changes.get(task, -1):
                    items += story
                    self._changes[task] = story[-1].seq
                progress = self._runtime.progress(task)
                if progress is not None:
                    items.append(progress)
            if framed:
                frames = self._runtime.frames(task)
                told = (frames[0].attempt, len(frames)) if frames else None
                if told is not None and told != self._frames.get(task):
                    attempt = frames[0].attempt
                    items.append(Frame(task, attempt, 0, "reset", {}, time.time()))
                    items += frames
                    self._frames[task] = told
        except UnknownDependency:
            return []  # forgotten meanwhile
        return items

    def is_news(self, item: Item) -> bool:
        """Whether an item of the feed was not told by this snapshot already."""
        if isinstance(item, Change):
            return item.seq > self._changes.get(item.task, -1)
        if isinstance(item, Frame):
            attempt, count = self._frames.get(item.task, (-1, 0))
            return item.attempt != attempt or (item.kind != "reset" and item.seq >= count)
        return True
