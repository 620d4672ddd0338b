"""What is learned about groups of like tasks, and who is a straggler.

A group is the tasks that do the same work on other data. Its run times tell how much work
may be queued at a worker (`Group.estimate`) and when a member takes suspiciously long. A
*batch* of a group begins when a member is submitted while none is unfinished: "75 % complete"
means of the present batch, or last week's thousand runs would make every new one look late.
"""

from __future__ import annotations

from collections import deque

from .model import Policy
from .policies import SHORTEST_SECONDS, UNKNOWN_SECONDS, SchedulerConfig

_RECENT = 101  # run times remembered per group: enough for a median, O(1) to keep
_WEIGHT = 0.1  # of the newest run time in the moving mean, once ten are known


class Group:
    """Counts and run times of one group."""

    __slots__ = (
        "done",
        "eligible",
        "estimate",
        "mean",
        "members",
        "name",
        "recent",
        "runs",
        "timed",
        "unfinished",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.members = 0  # tasks the machine knows
        self.unfinished = 0
        self.done = 0  # in this batch, hits included
        self.timed = 0  # in this batch, really run
        self.runs = 0  # ever
        self.mean = 0.0
        self.estimate = UNKNOWN_SECONDS
        self.eligible = False  # members may be cloned
        self.recent: deque[float] = deque(maxlen=_RECENT)

    def opened(self, config: SchedulerConfig) -> None:
        """A member became unfinished: submitted, retried, or recomputed."""
        if not self.unfinished:
            self.done = self.timed = 0
            self.eligible = False
        self.unfinished += 1
        if self.eligible and not self._complete(config):
            self.eligible = False

    def _complete(self, config: SchedulerConfig) -> bool:
        total = self.done + self.unfinished
        return self.done >= config.speculation_min_fraction * total

    def observe(self, seconds: float) -> None:
        """An accepted attempt ran for `seconds`."""
        self.runs += 1
        self.timed += 1
        self.recent.append(seconds)
        weight = _WEIGHT if self.runs > 10 else 1.0 / self.runs
        self.mean += (seconds - self.mean) * weight
        self.estimate = self.mean if self.mean > SHORTEST_SECONDS else SHORTEST_SECONDS

    def becomes_eligible(self, config: SchedulerConfig) -> bool:
        """True once per batch: enough members are done to call the others late."""
        if self.eligible or self.timed < config.speculation_min_done or not self.unfinished:
            return False
        self.eligible = self._complete(config)
        return self.eligible

    def patience(self, config: SchedulerConfig) -> float | None:
        """Seconds that a member may run before it counts as a straggler; None: no limit yet."""
        if not self.eligible or not self.recent:
            return None
        return max(
            config.speculation_min_elapsed,
            config.speculation_median_factor * sorted(self.recent)[len(self.recent) // 2],
        )


def may_straggle(policy: Policy, group: Group | None) -> bool:
    """Whether a task that runs now could deserve a clone if it went on long enough."""
    if policy.impure:
        return False
    return policy.speculate_after is not None or (group is not None and group.eligible)


def clone_limit(slots: int, config: SchedulerConfig) -> int:
    """How many clones may run at once on so many slots."""
    return max(1, int(slots * config.speculation_max_share))
