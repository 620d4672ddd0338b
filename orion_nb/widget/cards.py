"""What is known of one task, as the picture needs it, and how it is written as JSON.

A card is mutable and belongs to `view.GraphView`; nobody else changes it. Keys with
nothing to say are left out of the JSON, so that 1,000 tasks stay small.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ..core.model import TaskError, TaskId, TaskState, WorkerId

HIT = "hit"
"""Shown instead of ``done`` when the result came from the cache."""

STATE_ORDER = (
    "failed",
    "running",
    "backoff",
    "done",
    "hit",
    "ready",
    "probing",
    "waiting",
    "upstream_failed",
    "cancelled",
)
"""Order of counts in the header, of segments in bars, of rows in the text table."""

_TRAILING_INDEX = re.compile(r"\s*(?:\[[^\]]*\]|\([^)]*\)|[-_#/:. ]?\d+)$")


@dataclass(slots=True)
class Attempt:
    """One run of a task on a worker; also a bar of the timeline. Times as in the feed."""

    number: int
    worker: WorkerId
    start: float
    clone: bool = False
    end: float | None = None
    outcome: str = "running"  # running | done | won | lost | failed | cancelled | moved
    error: TaskError | None = None
    begun: bool = False  # dispatched only, or its code runs
    span: int = 0  # number of its bar in the timeline

    def to_dict(self) -> dict[str, Any]:
        found = {
            "number": self.number,
            "worker": self.worker,
            "start": _seconds(self.start),
            "end": _seconds(self.end),
            "outcome": self.outcome,
            "clone": self.clone,
        }
        if self.error is not None:
            found["error"] = headline(self.error)
        return found


@dataclass(slots=True)
class Card:
    """One task. `state` is the scheduler's; `shown` is the word that is drawn."""

    id: TaskId
    name: str
    group: str
    needs: tuple[TaskId, ...] = ()
    state: TaskState = TaskState.WAITING
    hit: bool = False
    created: float = 0.0
    since: float | None = None  # start of the running attempt, or of the present state
    ended: float | None = None
    duration: float | None = None  # of the accepted attempt; of the original one for a hit
    attempt: int = 0
    worker: WorkerId = ""
    attempts: list[Attempt] = field(default_factory=list)
    retries: int = 0
    retry_at: float | None = None
    progress: tuple[float, float, str] | None = None  # done, total, message
    estimate: float | None = None
    won: float | None = None  # seconds that the clone saved, when it won
    saved: float = 0.0  # seconds that the hit saved
    error: TaskError | None = None
    root: TaskId = ""
    why: str = ""
    uncached: str = ""
    key: str = ""
    stale: bool = False
    open_needs: int = 0  # dependencies that are not done

    @property
    def shown(self) -> str:
        """The word that is drawn: a hit is no common result, and an attempt that still waits at
        its worker does not run yet."""
        if self.state is TaskState.RUNNING and not any(a.begun for a in self.running()):
            return TaskState.READY.value
        return HIT if self.hit else self.state.value

    def _own_error(self) -> bool:
        """An error of its own attempts, not of something upstream or of who cancelled it."""
        return self.state not in (TaskState.UPSTREAM_FAILED, TaskState.CANCELLED)

    def running(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.end is None]

    def clone_running(self) -> Attempt | None:
        return next((a for a in self.attempts if a.clone and a.end is None), None)

    def start_anew(self) -> None:
        """Forget what came of it: it was retried, or its result is needed again. Attempts stay."""
        self.hit, self.won, self.saved, self.error, self.root = False, None, 0.0, None, ""
        self.duration = self.ended = self.since = self.progress = None
        self.retries, self.worker = 0, ""

    def to_dict(self, root_name: str = "") -> dict[str, Any]:
        """What the front end draws; times in feed seconds, `since` only where it ticks."""
        clone = self.clone_running() if self.state is TaskState.RUNNING else None
        found: dict[str, Any] = {
            "id": self.id,
            "kind": "task",
            "name": self.name,
            "state": self.shown,
            "group": self.group if self.group != self.name else "",
            "since": _seconds(self.since),
            "seconds": _seconds(self.duration),
            "worker": self.worker,
            "retries": self.retries or None,
            "retry_at": _seconds(self.retry_at),
            "progress": list(self.progress) if self.progress else None,
            "estimate": _seconds(self.estimate),
            "clone": clone
            and {"worker": clone.worker, "since": _seconds(clone.start) if clone.begun else None},
            "won": _seconds(self.won),
            "saved": _seconds(self.saved) or None,
            "error": headline(self.error) if self.error and self._own_error() else "",
            "root": root_name,
            "stale": self.stale,
            "waits": (self.open_needs or None) if self.state is TaskState.WAITING else None,
        }
        return {k: v for k, v in found.items() if v is not None and v != "" and v is not False}


def headline(error: TaskError) -> str:
    """One line for people: ``ValueError: no such column``."""
    first = error.message.strip().splitlines()[0] if error.message.strip() else ""
    if error.type and not first.startswith(error.type):
        first = f"{error.type}: {first}" if first else error.type
    return first[:200] or error.kind


def family(name: str, group: str) -> str:
    """The name of the pile that a task belongs to when the graph is folded: its group, or its
    name without a trailing index (``model[3]``, ``part-12`` → ``model``, ``part``)."""
    return group or _TRAILING_INDEX.sub("", name) or name


def _seconds(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
