"""Which finished tasks stay in the runtime's memory: the newest few thousand.

Older ones live in the log only. It still answers for them, and the runtime asks it for one that is
needed again: what depends on it, retries it or wants its value.
"""

from __future__ import annotations

import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence

from ..core.model import TaskId, TaskState
from ..core.remains import Ended
from ..exceptions import OrionError

log = logging.getLogger(__name__)

KEEP = 2_000
"""Finished tasks in memory. With what they printed, their keys and their stories they take a few
KiB each."""
SLACK = 500
"""So many more before the oldest are let go: a bite at a time."""
GRACE = 3.0
"""Seconds that a task stays after its end in any case: clients are still being told of it."""


class Archive:
    """Knows the order in which tasks ended. Any thread.

    Those that failed are counted apart: people retry them, with what depends on them.
    """

    def __init__(self, keep: int = KEEP, slack: int = SLACK, grace: float = GRACE) -> None:
        self._keep = keep
        self._slack = slack
        self._grace = grace
        self._lock = threading.Lock()
        self._done: dict[TaskId, float] = {}  # when it was told; oldest first
        self._failed: dict[TaskId, float] = {}
        self._crowded = threading.Condition(self._lock)
        self._closing = False

    def over(self, tasks: Iterable[Ended]) -> None:
        """These are over and in memory; the last ones to go."""
        now = time.monotonic()
        with self._lock:
            for ended in tasks:
                task = ended.task.id
                self._forget(task)
                (self._done if ended.state is TaskState.DONE else self._failed)[task] = now
            if self._is_crowded():
                self._crowded.notify()

    def gone(self, tasks: Iterable[TaskId]) -> None:
        """These are not over any more, or not in memory."""
        with self._lock:
            for task in tasks:
                self._forget(task)

    def run(
        self, sync: Callable[[], object], archive: Callable[[Sequence[TaskId]], Sequence[TaskId]]
    ) -> None:
        """Let the oldest go whenever there are too many, until `close`. For a thread of its own.

        :param sync: returns when the ends of all of them are durable. :param archive: lets go; gives
            those that stay for now."""
        while True:
            with self._lock:
                while not self._is_crowded() and not self._closing:
                    self._crowded.wait()
                if self._closing:
                    return
                before = time.monotonic() - self._grace
                surplus = [
                    *self._surplus(self._done, before),
                    *self._surplus(self._failed, before),
                ]
                if not surplus:
                    self._crowded.wait(self._grace / 10)
                    continue
                for task in surplus:
                    self._forget(task)
            sync()
            with self._lock:  # not those that were asked for meanwhile, and have come back
                surplus = [t for t in surplus if t not in self._done and t not in self._failed]
            try:
                left = archive(surplus)
            except OrionError as error:
                log.warning("%d finished tasks stay in memory: %s", len(surplus), error)
                return
            with self._lock:  # they are the oldest still
                now = time.monotonic()
                self._done = {**dict.fromkeys(left, now), **self._done}

    def close(self) -> None:
        with self._lock:
            self._closing = True
            self._crowded.notify()

    def _surplus(self, tasks: dict[TaskId, float], before: float) -> list[TaskId]:
        oldest = itertools.islice(tasks.items(), max(0, len(tasks) - self._keep))
        return [task for task, _ in itertools.takewhile(lambda item: item[1] < before, oldest)]

    def _forget(self, task: TaskId) -> None:
        self._done.pop(task, None)
        self._failed.pop(task, None)

    def _is_crowded(self) -> bool:
        return max(len(self._done), len(self._failed)) > self._keep + self._slack
