"""What the host knows of one worker, be it a process or a thread."""

from __future__ import annotations

import os
from typing import NamedTuple, Protocol

from ..core.model import TaskId, WorkerId, WorkerKind
from .records import Record
from .running import Assignment

ANNOUNCE_AFTER = 0.01
"""Seconds at the head of a worker's queue after which an attempt is announced as started.
Shorter ones are over before it matters, and cost no message."""

Run = tuple[TaskId, int]
"""(task, attempt)"""


class WorkerInfo(NamedTuple):
    """One worker, for people."""

    id: str
    kind: str  # "process" | "thread"
    pid: int
    running: tuple[TaskId, ...]  # at most one
    queued: tuple[TaskId, ...]  # sent ahead, behind it
    draining: bool


class Slot:
    """One worker with the runs that it was given, oldest first; the first one is running."""

    kind: WorkerKind

    __slots__ = ("announced", "draining", "head_since", "id", "next_number", "ready", "runs")

    def __init__(self, id: WorkerId) -> None:
        self.id = id
        self.ready = False
        self.draining = False
        self.runs: dict[int, Run] = {}
        self.next_number = 1
        self.head_since = 0.0
        self.announced = 0  # number of the run that was announced as started

    def add(self, run: Run, now: float) -> int:
        """Give the run a number."""
        number = self.next_number
        self.next_number = number + 1
        if not self.runs:
            self.head_since = now
        self.runs[number] = run
        return number

    def remove(self, number: int, now: float) -> Run | None:
        """The run has ended; None if that is known already."""
        self.head_since = now
        return self.runs.pop(number, None)

    def number_of(self, run: Run) -> int | None:
        for number, known in self.runs.items():
            if known == run:
                return number
        return None

    @property
    def pid(self) -> int:
        """Of the process that it runs in; 0: not known yet."""
        return os.getpid()

    def unannounced(self) -> int:
        """The number of the run at the head, or 0 if it was announced (or there is none)."""
        for number in self.runs:
            return number if number != self.announced else 0
        return 0


class Pool(Protocol):
    """All workers of one kind, as the host drives them. Called by one thread at a time."""

    slots: dict[WorkerId, Slot]

    def resize(self, count: int) -> None:
        """Have this many; those too many are drained, then dismissed."""

    def run(self, slot: Slot, number: int, assignment: Assignment, record: Record) -> None:
        """Send one attempt. May be gathered until `flush`."""

    def flush(self) -> None: ...

    def steal(self, slot: Slot, number: int) -> None: ...

    def cancel(self, slot: Slot, number: int) -> None: ...

    def dismiss(self, slot: Slot) -> None:
        """A drained worker has nothing left: end it."""

    def check(self, now: float) -> None:
        """Look after workers that ended or would not stop."""

    def next_check(self) -> float | None:
        """When `check` wants to be called at the latest; None: as usual."""

    def close(self) -> None:
        """End all of them, at once."""

    def abandon(self) -> None:
        """In a forked child: close descriptors, end nobody."""
