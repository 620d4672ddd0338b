"""A journal in memory, whose disk obeys the test."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from orion_nb.core.model import TaskId
from orion_nb.local.packed import PackedCall, RestoredTask


class MemoryJournal:
    """Durable at once, or (`slow`) when `write` is called."""

    def __init__(self, slow: bool = False) -> None:
        self.slow = slow
        self.told: list[tuple[str, TaskId]] = []
        self.calls: dict[TaskId, PackedCall] = {}
        self.ends: dict[TaskId, RestoredTask] = {}
        self.found: list[TaskId] = []
        self._lock = threading.Condition()
        self._waiting: list[Callable[[], None]] = []
        self._unwritten = 0

    def _note(self, what: str, tasks: Iterable[TaskId]) -> None:
        with self._lock:
            self.told.extend((what, task) for task in tasks)
            self._unwritten += 1
            self._lock.notify_all()

    def submitted(self, calls: Sequence[PackedCall]) -> None:
        self.calls.update((call.task.id, call) for call in calls)
        self._note("submitted", [call.task.id for call in calls])

    def over(self, tasks: Sequence[RestoredTask]) -> None:
        self.ends.update((task.id, task) for task in tasks)
        self._note("over", [task.id for task in tasks])

    def reopened(self, tasks: Sequence[TaskId]) -> None:
        for task in tasks:
            self.ends.pop(task, None)
        self._note("reopened", tasks)

    def forgotten(self, tasks: Sequence[TaskId]) -> None:
        for task in tasks:
            self.calls.pop(task, None)
            self.ends.pop(task, None)
        self._note("forgotten", tasks)

    def after(self, callback: Callable[[], None]) -> None:
        with self._lock:
            if self.slow:
                self._waiting.append(callback)
                return
        callback()

    def sync(self) -> None:
        if self.slow:
            done = threading.Event()
            self.after(done.set)
            assert done.wait(20)

    def find(self, tasks: Iterable[TaskId]) -> list[RestoredTask]:
        found = [self.ends[task] for task in tasks if task in self.ends]
        self.found += [task.id for task in found]
        return found

    # -- the test's side ------------------------------------------------------------------------

    def wait_for(self, what: str, task: TaskId, times: int = 1) -> None:
        """Until that was told so many times."""
        with self._lock:
            said = self._lock.wait_for(lambda: self.told.count((what, task)) >= times, 20)
        assert said, self.told

    def write(self) -> None:
        """All that was told so far becomes durable."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for callback in waiting:
            callback()
