"""The timeline: which worker was busy with what, from when to when.

A span is an attempt; a hit is a tick, a span without a worker or a length. Each has a
number of its own, because attempts are numbered anew when a task is retried by hand. Only
the latest `KEPT` are shown.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

from ..core.model import TaskId, WorkerId
from .cards import Attempt

KEPT = 2_000
_KEPT_BURSTS = 60

Row = list[Any]
"""[number, task, worker, start, end | None, outcome, clone] — a list, because there are many."""


class Spans:
    """All spans of a view, the order of its workers, and when anything was going on at all."""

    def __init__(self) -> None:
        self._rows: OrderedDict[int, Row] = OrderedDict()
        self._revs: OrderedDict[int, int] = OrderedDict()  # number → revision, oldest first
        self._workers: dict[WorkerId, None] = {}
        self._bursts: list[list[float | None]] = []
        self._next = 0

    def begin(self, task: TaskId, attempt: Attempt, rev: int) -> None:
        self._workers.setdefault(attempt.worker, None)
        attempt.span = self._append(
            [task, attempt.worker, round(attempt.start, 3), None, "running", attempt.clone], rev
        )

    def touch(self, attempt: Attempt, rev: int) -> None:
        """The attempt has started later than thought, moved, or ended."""
        row = self._rows.get(attempt.span)
        if row is None:  # pushed out by newer ones
            return
        end = None if attempt.end is None else round(attempt.end, 3)
        row[2:6] = [attempt.worker, round(attempt.start, 3), end, attempt.outcome]
        self._workers.setdefault(attempt.worker, None)
        self._mark(attempt.span, rev)

    def tick(self, task: TaskId, at: float, rev: int) -> None:
        """A cache hit."""
        self._append([task, "", round(at, 3), round(at, 3), "hit", False], rev)

    def pulse(self, active: int, at: float) -> None:
        """Note when the graph wakes up and falls asleep: the header's clock runs in between."""
        awake = bool(self._bursts) and self._bursts[-1][1] is None
        if active and not awake:
            self._bursts.append([round(at, 3), None])
            del self._bursts[:-_KEPT_BURSTS]
        elif not active and awake:
            self._bursts[-1][1] = round(at, 3)

    def bursts(self) -> list[list[float | None]]:
        return [list(burst) for burst in self._bursts]

    def workers(self) -> list[WorkerId]:
        return list(self._workers)

    def all(self) -> list[Row]:
        return [list(row) for row in self._rows.values()]

    def since(self, rev: int) -> list[Row]:
        """Rows that are new or changed after `rev`, lowest number first."""
        changed = []
        for number, seen in reversed(self._revs.items()):
            if seen <= rev:
                break
            changed.append(number)
        return [list(self._rows[number]) for number in sorted(changed)]

    @staticmethod
    def merge(old: list[Row], new: list[Row]) -> list[Row]:
        """`since` merged into an earlier `all`."""
        rows = {row[0]: row for row in old} | {row[0]: row for row in new}
        return [rows[number] for number in sorted(rows)][-KEPT:]

    def _append(self, row: Row, rev: int) -> int:
        self._next += 1
        self._rows[self._next] = [self._next, *row]
        self._mark(self._next, rev)
        while len(self._rows) > KEPT:
            number, _ = self._rows.popitem(last=False)
            self._revs.pop(number, None)
        return self._next

    def _mark(self, number: int, rev: int) -> None:
        self._revs[number] = rev
        self._revs.move_to_end(number)
