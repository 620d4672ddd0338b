"""What is left of a task that is over, outside of the machine: in a log, in an archive."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .commands import Change
from .model import ActionResult, Digest, Output, Task, TaskError, TaskId, TaskState


@dataclass(frozen=True, slots=True)
class Ended:
    """All that the machine has to know of a task that is over, to know it again.

    `Scheduler.ended` gives it, `events.Restored` takes it back: in the same machine after the task
    was archived, or in a new one after a crash.
    """

    task: Task
    state: TaskState
    """A final one."""
    outputs: Mapping[str, Output] | None = None
    """Of the accepted result; required when DONE."""
    error: TaskError | None = None
    """Required when not DONE."""
    root: TaskId = ""
    """The task whose failure or cancellation ended this one; "": itself."""
    key: Digest | None = None
    hit: ActionResult | None = None
    """What the cache served instead of a run."""
    attempts: int = 0
    """Dispatched so far: numbers go on from here if it runs again."""
    lost: frozenset[str] = frozenset()
    """Outputs that can no longer be read."""
    story: tuple[Change, ...] = ()
    """Its changes, oldest first; their times are on the clock of the machine that made them."""
