"""The feed as clients see it: numbered, kept for a while, sorted by session.

One ring serves all connections; each has only a position in it. So a slow client costs nothing: it
falls behind, and when what it needs is not kept any more it is told how things are now instead.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple, TypeAlias

from ..core.commands import Change
from ..core.model import Frame, Progress, Task, TaskId
from ..rpc.limits import FEED_BYTES, FEED_ITEMS

Item: TypeAlias = Change | Frame | Progress
Wake: TypeAlias = Callable[[], None]

_ITEM = 400  # bytes of a change or a progress, about

_HOUSEKEEPING = ("archived", "restored")
"""How the words begin that tell of the runtime's memory, not of the task: nobody's business."""


class Follower:
    """Who is told that a task is over (or runs again). A connection."""

    def over(self, task: TaskId) -> None:
        """Called on the feed's thread."""
        raise NotImplementedError


Followers: TypeAlias = tuple[Follower, ...]


class Tracked:
    """What the ring remembers of a task."""

    __slots__ = ("changed", "followers", "framed", "session")

    def __init__(self, session: str, followers: Followers) -> None:
        self.session = session
        self.followers = followers
        self.changed = 0
        """Number of its newest change or progress."""
        self.framed = 0
        """Number of its newest frame."""


class Read(NamedTuple):
    """Some of the feed."""

    items: list[tuple[Item, str]]
    """Each with the session that it is of."""
    position: int
    """Of the last item that was looked at."""
    gap: bool
    """What should have come first is not kept any more; nothing was read."""


class Ring:
    """Any thread; `publish` by one at a time, in order."""

    def __init__(self, session_of: Callable[[TaskId], str]) -> None:
        self._session_of = session_of
        self._lock = threading.Lock()
        self._items: list[tuple[Item, str, int]] = []
        self._before = 0  # number of the item before the first one that is kept
        self._bytes = 0
        self._wakes: tuple[Wake, ...] = ()
        self.tasks: dict[TaskId, Tracked] = {}
        """In the order of submission, those that were not forgotten."""

    @property
    def position(self) -> int:
        """The number of the newest item."""
        return self._before + len(self._items)

    def wake(self, *wakes: Wake) -> None:
        """Whom to call when there is something new."""
        with self._lock:
            self._wakes = (*self._wakes, *wakes)

    def forget_wake(self, wake: Wake) -> None:
        with self._lock:
            self._wakes = tuple(each for each in self._wakes if each != wake)

    # -- writing --------------------------------------------------------------------------------

    def expect(self, tasks: Iterable[TaskId], session: str, follower: Follower) -> None:
        """These tasks are about to be submitted."""
        followers = (follower,)
        session = sys.intern(session)
        with self._lock:
            known = self.tasks
            for task in tasks:
                if task not in known:
                    known[task] = Tracked(session, followers)

    def unexpect(self, tasks: Iterable[TaskId]) -> None:
        """They were refused."""
        with self._lock:
            for task in tasks:
                tracked = self.tasks.get(task)
                if tracked is not None and not tracked.changed:
                    del self.tasks[task]

    def follow(self, task: TaskId, follower: Follower) -> None:
        """Tell this one too."""
        with self._lock:
            tracked = self._tracked(task)
            if follower not in tracked.followers:
                tracked.followers = (*tracked.followers, follower)

    def unfollow(self, follower: Follower) -> None:
        """It is gone."""
        with self._lock:
            for tracked in self.tasks.values():
                if follower in tracked.followers:
                    rest = tuple(each for each in tracked.followers if each is not follower)
                    tracked.followers = rest

    def publish(self, items: Sequence[Item]) -> None:
        over: list[tuple[Followers, TaskId]] = []
        with self._lock:
            number = self.position
            for item in items:
                number += 1
                if isinstance(item, Change):
                    task = item.task
                    tracked = self._tracked(task, item.detail.get("task"))
                    if item.why.startswith(_HOUSEKEEPING):
                        number -= 1
                        continue
                    tracked.changed = number
                    if item.why == "forgotten":
                        del self.tasks[task]
                    elif tracked.followers and _is_turn(item):
                        over.append((tracked.followers, task))
                elif isinstance(item, Frame):
                    tracked = self._tracked(item.task)
                    tracked.framed = number
                else:
                    tracked = self._tracked(item.task)
                    tracked.changed = number
                size = item_size(item)
                self._items.append((item, tracked.session, size))
                self._bytes += size
            if len(self._items) > 2 * FEED_ITEMS or self._bytes > 2 * FEED_BYTES:
                self._trim()
            wakes = self._wakes
        for followers, task in over:
            for follower in followers:
                follower.over(task)
        for wake in wakes:
            wake()

    def _tracked(self, task: TaskId, described: Task | None = None) -> Tracked:
        tracked = self.tasks.get(task)
        if tracked is None:
            session = described.session if described is not None else self._session_of(task)
            session = sys.intern(session)
            tracked = self.tasks[task] = Tracked(session, ())
        return tracked

    def _trim(self) -> None:
        """Down to half, so that it is seldom."""
        keep, size = len(self._items), self._bytes
        first = 0
        while keep > FEED_ITEMS or size > FEED_BYTES:
            size -= self._items[first][2]
            first += 1
            keep -= 1
        del self._items[:first]
        self._before += first
        self._bytes = size

    # -- reading --------------------------------------------------------------------------------

    def read(self, position: int, session: str | None, count: int, size: int) -> Read:
        """What comes after `position`, of one session or (None) of all: at most so many items are
        looked at, and about so many bytes given."""
        with self._lock:
            start = position - self._before
            if start < 0:
                return Read([], position, True)
            found: list[tuple[Item, str]] = []
            looked = start
            for item, owner, item_size in self._items[start : start + count]:
                looked += 1
                if session is None or owner == session:
                    found.append((item, owner))
                    size -= item_size
                    if size <= 0:
                        break
            return Read(found, self._before + looked, False)

    def newer(self, position: int, session: str | None) -> list[tuple[TaskId, bool, bool]]:
        """Tasks about which something was told after `position`: (task, a change, a frame)."""
        with self._lock:
            return [
                (task, tracked.changed > position, tracked.framed > position)
                for task, tracked in self.tasks.items()
                if (session is None or tracked.session == session)
                and (tracked.changed > position or tracked.framed > position)
            ]

    def session_of(self, task: TaskId) -> str:
        with self._lock:
            return self._tracked(task).session

    def tasks_of(self, session: str | None) -> list[TaskId]:
        """In the order of submission; None: of all sessions."""
        with self._lock:
            return [
                task
                for task, tracked in self.tasks.items()
                if session is None or tracked.session == session
            ]


def _is_turn(change: Change) -> bool:
    """Whether a task has ended, or runs again after it had."""
    if change.new.final:
        return change.old is not change.new
    return change.old is not None and change.old.final


def item_size(item: Item) -> int:
    """Bytes, about."""
    return _ITEM + _size(item.data) if isinstance(item, Frame) else _ITEM


def _size(data: Any) -> int:
    """Of a frame's content, about."""
    if isinstance(data, str):
        return len(data)
    if isinstance(data, dict):
        return sum(_size(value) for value in data.values())
    if isinstance(data, list):
        return sum(_size(value) for value in data)
    return 8
