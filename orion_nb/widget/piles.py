"""Piles: tasks that do the same work, counted together.

A pile learns how long its tasks take (the estimate on a running card) and is what is drawn
instead of its tasks when a graph is too large to read. All updates cost the same however
many tasks a pile has.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from ..core.model import TaskId
from .cards import BADGES

_KEPT_DURATIONS = 101
"""A median over the latest hundred follows a change of the data within one run."""


@dataclass(slots=True)
class Pile:
    """The tasks of one group (or of one name up to its index)."""

    name: str
    members: dict[TaskId, None] = field(default_factory=dict)  # an ordered set
    counts: Counter[str] = field(default_factory=Counter)  # shown state → tasks
    running: set[TaskId] = field(default_factory=set)
    hits: int = 0
    computed: int = 0
    saved: float = 0.0
    retries: int = 0
    won: int = 0
    won_seconds: float = 0.0
    stale: int = 0
    badges: Counter[str] = field(default_factory=Counter)  # kind → tasks
    error: str = ""  # headline of the latest failure
    since: float | None = None
    ended: float | None = None
    seed: float | None = None  # estimate from earlier runs, until this run knows better
    _recent: list[float] = field(default_factory=list)
    _sorted: list[float] = field(default_factory=list)

    @property
    def id(self) -> str:
        return f"group:{self.name}"

    def observe(self, seconds: float) -> None:
        """Learn from a task that was really computed in `seconds`."""
        self.computed += 1
        self._recent.append(seconds)
        insort(self._sorted, seconds)
        if len(self._recent) > _KEPT_DURATIONS:
            self._sorted.remove(self._recent.pop(0))

    @property
    def estimate(self) -> float | None:
        """Median run time in seconds; None when nothing is known yet."""
        if not self._sorted:
            return self.seed
        return self._sorted[len(self._sorted) // 2]

    @property
    def finished(self) -> int:
        return sum(
            self.counts[word] for word in ("done", "hit", "failed", "upstream_failed", "cancelled")
        )

    def to_dict(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "id": self.id,
            "kind": "group",
            "name": self.name,
            "state": self.state,
            "total": len(self.members),
            "counts": {word: n for word, n in self.counts.items() if n},
            "since": None if self.since is None else round(self.since, 3),
            "ended": None if self.ended is None else round(self.ended, 3),
            "estimate": None if self.estimate is None else round(self.estimate, 3),
            "hits": self.hits or None,
            "saved": round(self.saved, 3) or None,
            "retries": self.retries or None,
            "wins": self.won or None,
            "won": round(self.won_seconds, 3) if self.won else None,
            "stale": self.stale or None,
            "badges": {kind: n for kind in BADGES if (n := self.badges[kind])} or None,
            "error": self.error,
        }
        return {key: value for key, value in found.items() if value is not None and value != ""}

    @property
    def state(self) -> str:
        """One word for the whole pile: what a person should look at first."""
        counts = self.counts
        for word in ("running", "backoff"):
            if counts[word]:
                return "running"
        if self.finished < len(self.members):
            if self.finished:
                return "running"
            return next((w for w in ("ready", "probing") if counts[w]), "waiting")
        for word in ("failed", "upstream_failed", "cancelled"):
            if counts[word]:
                return word
        return "hit" if counts["hit"] == len(self.members) and self.members else "done"
