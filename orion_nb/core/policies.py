"""Every number the machine decides by, in one place, each with its source.

Randomness is an input: :attr:`SchedulerConfig.random` is called for jitter only, once per
retry, in the order of events. A host passes ``random.random``; tests, the simulator and
replicas pass a seeded generator, so the same events always give the same effects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

_GOLDEN = 0.6180339887498949


def golden_sequence() -> Callable[[], float]:
    """A deterministic source of numbers in [0, 1), spread evenly: the default for jitter.

    Enough to keep one host's retries apart. Several hosts that share a service should each
    pass a generator of their own, or they will all retry in the same rhythm.
    """
    at = 0.0

    def draw() -> float:
        nonlocal at
        at = (at + _GOLDEN) % 1.0
        return at

    return draw


@dataclass(frozen=True, slots=True)
class SchedulerConfig:
    """Constants of one machine. Times are seconds."""

    random: Callable[[], float] = field(default_factory=golden_sequence)

    # Retries (Temporal, Parsl): exponential with full jitter, so that tasks that failed
    # together do not come back together.
    retry_base: float = 1.0
    retry_factor: float = 2.0
    retry_cap: float = 30.0
    lost_retry_base: float = 0.1
    """A dead worker is seldom the task's fault: the first retry is immediate, later ones
    start from this base."""

    # Speculation (Spark, LATE): see `speculation.py` for how they are used.
    speculation_min_done: int = 5
    speculation_min_fraction: float = 0.75
    speculation_min_elapsed: float = 1.0
    speculation_median_factor: float = 1.5
    speculation_max_share: float = 0.10
    """Clones may use this share of the slots, but always one."""
    check_every: float = 0.1
    """Period of the straggler check while something could be one."""

    # Prefetch and stealing within one host (Dask's steal cost is for networks; here a steal
    # costs two messages over a pipe).
    prefetch_seconds: float = 0.02
    """A worker may hold queued work of about this duration beyond what it runs."""
    prefetch_max: int = 64
    """… but never more attempts than this, however short they are."""
    steal_min_seconds: float = 0.01
    """Less queued work than this is not worth a steal."""
    stuck_after: float = 0.1
    """A worker that shows no event for so long gives back what waits behind its task."""

    story_limit: int = 64
    """Changes kept per task for error messages; the first one always stays."""

    def retry_delay(self, failures: int) -> float:
        """Wait before the next attempt after the task's own error number `failures` (≥ 1)."""
        return self._jittered(self.retry_base, failures - 1)

    def lost_retry_delay(self, losses: int) -> float:
        """Wait before the next attempt after its worker died `losses` (≥ 1) times."""
        return 0.0 if losses <= 1 else self._jittered(self.lost_retry_base, losses - 2)

    def _jittered(self, base: float, doublings: int) -> float:
        # min() before the power would overflow: 2**1024 is no float.
        ceiling = min(self.retry_cap, base * self.retry_factor ** min(doublings, 64))
        return self.random() * ceiling


UNKNOWN_SECONDS = 1.0
"""Estimate for a task of which nothing is known: too long to queue anything behind it."""

SHORTEST_SECONDS = 1e-4
"""No task counts as shorter: even a no-op costs a message each way."""
