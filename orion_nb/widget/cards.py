"""What is known of one task, as the picture needs it, and how it is written as JSON.

A card is mutable and belongs to `view.GraphView`; nobody else changes it. Keys with
nothing to say are left out of the JSON, so that 1,000 tasks stay small.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..core.commands import Change
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

BADGES = ("provenance", "accepted", "replayed")
"""Signs beside a task's name: its key was made of how an input was made, not of its content; its
result was kept despite an edit; what it had put out was shown again instead of put out anew."""

Badges = tuple[tuple[str, str], ...]
"""(kind, words about this very task) in the order of `BADGES`."""

KEY_SHOWN = 12
"""Digits of a key that people read."""

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
class Course:
    """What has happened to a task besides its result: of most finished ones there is nothing to
    tell, so most have none of their own (see `Card.pack`)."""

    since: float | None = None  # start of the attempt that runs, or ran last
    attempts: list[Attempt] = field(default_factory=list)
    retries: int = 0
    retry_at: float | None = None
    progress: tuple[float, float, str] | None = None  # done, total, message
    estimate: float | None = None
    won: float | None = None  # seconds that the clone saved, when it won
    error: TaskError | None = None
    root: str = ""  # the name of the task whose failure kept it from running
    why: str = ""

    def running(self) -> list[Attempt]:
        return [attempt for attempt in self.attempts if attempt.end is None]

    def clone_running(self) -> Attempt | None:
        return next((a for a in self.attempts if a.clone and a.end is None), None)

    def untold(self) -> bool:
        """Nothing is lost to a reader without it."""
        return (
            len(self.attempts) < 2
            and not (self.retries or self.error or self.root)
            and self.won is None
        )


_NOTHING = Course()
"""Shared by every packed card; never changed."""


@dataclass(slots=True)
class Card:
    """One task. `state` is the scheduler's; `shown` is the word that is drawn.

    There may be 50,000 of them, so the card itself is small.
    """

    id: TaskId
    name: str
    group: str
    needs: tuple[TaskId, ...] = ()
    state: TaskState = TaskState.WAITING
    hit: bool = False
    stale: bool = False
    duration: float | None = None  # of the accepted attempt; of the original one for a hit
    worker: WorkerId = ""
    key: str = ""  # as much of it as people read
    uncached: str = ""  # why its result is never kept
    open_needs: int = 0  # dependencies that are not done
    badges: Badges = ()
    seq: int = 0  # of the newest change that it has been told
    at: float = 0.0  # when that was
    _course: Course | None = None

    @property
    def course(self) -> Course:
        """To be read; whoever changes it takes `own_course`."""
        return self._course or _NOTHING

    def own_course(self) -> Course:
        if self._course is None:
            self._course = Course()
        return self._course

    def pack(self) -> None:
        """Forget the course if it tells nothing: the task has ended and is one of a pile."""
        if self._course is not None and self._course.untold():
            self._course = None

    @property
    def saved(self) -> float:
        """Seconds that the cache saved."""
        return (self.duration or 0.0) if self.hit else 0.0

    @property
    def shown(self) -> str:
        """The word that is drawn: a hit is no common result, and an attempt that still waits at
        its worker does not run yet."""
        if self.state is TaskState.RUNNING and not any(a.begun for a in self.course.running()):
            return TaskState.READY.value
        return HIT if self.hit else self.state.value

    def has_seen(self, change: Change) -> bool:
        """Was it told of this before? Each task has its own count: who has missed something is told
        the stories of the tasks one after the other. A runtime that was started again counts from
        the start, so a story that begins later than all that is known of the task is news.
        """
        if not change.seq or change.seq > self.seq:
            return False
        return change.old is not None or change.at <= self.at

    def _own_error(self) -> bool:
        """An error of its own attempts, not of something upstream or of who cancelled it."""
        return self.state not in (TaskState.UPSTREAM_FAILED, TaskState.CANCELLED)

    def start_anew(self) -> None:
        """Forget what came of it: it was retried, or its result is needed again. Attempts stay."""
        self.hit, self.duration, self.worker = False, None, ""
        course = self.own_course()
        course.won, course.error, course.root = None, None, ""
        course.since = course.progress = None
        course.retries = 0

    def badge(self, kind: str, words: str | None) -> None:
        """Set a badge, or take it away (None)."""
        kept = [pair for pair in self.badges if pair[0] != kind]
        if words is not None:
            kept.append((kind, words))
        self.badges = _shared(tuple(sorted(kept, key=lambda pair: BADGES.index(pair[0]))))

    def to_dict(self) -> dict[str, Any]:
        """What the front end draws; times in feed seconds, `since` only where it ticks."""
        course = self.course
        clone = course.clone_running() if self.state is TaskState.RUNNING else None
        found: dict[str, Any] = {
            "id": self.id,
            "kind": "task",
            "name": self.name,
            "state": self.shown,
            "group": self.group if self.group != self.name else "",
            "since": None if self.state.final else _seconds(course.since),
            "seconds": _seconds(self.duration),
            "worker": self.worker,
            "retries": course.retries or None,
            "retry_at": _seconds(course.retry_at),
            "progress": list(course.progress) if course.progress else None,
            "estimate": None if self.state.final else _seconds(course.estimate),
            "clone": clone
            and {"worker": clone.worker, "since": _seconds(clone.start) if clone.begun else None},
            "won": _seconds(course.won),
            "saved": _seconds(self.saved) or None,
            "error": headline(course.error) if course.error and self._own_error() else "",
            "root": course.root,
            "stale": self.stale,
            "waits": (self.open_needs or None) if self.state is TaskState.WAITING else None,
            "badges": dict(self.badges) or None,
        }
        return {k: v for k, v in found.items() if v is not None and v != "" and v is not False}


@lru_cache(maxsize=1024)
def _shared(badges: Badges) -> Badges:
    """One tuple for all cards that have the same badges."""
    return badges


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
