"""What the host keeps of one task, besides what the machine knows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..core.model import (
    ActionResult,
    CacheMode,
    Digest,
    Frame,
    ObjectRef,
    Output,
    Task,
    TaskError,
    TaskState,
)
from .calls import Surroundings
from .refs import Held
from .running import Thunk

if TYPE_CHECKING:
    from .waiting import Waiter


class Record:
    """One submitted task: its call, its results, its output."""

    __slots__ = (
        "attempt",
        "awaited",
        "call",
        "error",
        "exception",
        "frames",
        "given",
        "held",
        "hit",
        "inline",
        "keep",
        "mutated",
        "needs",
        "outputs",
        "pinned",
        "progress",
        "state",
        "surroundings",
        "task",
        "waiters",
    )

    def __init__(
        self, task: Task, call: bytes | str | Thunk, surroundings: Surroundings, keep: bool
    ) -> None:
        self.task = task
        self.call = call
        self.surroundings = surroundings
        self.keep = keep
        """Kept until `forget`, whether or not somebody holds its ObjectRef."""
        self.held: Held | None = None
        """None, once the ObjectRef given to the submitter is gone."""
        self.state: TaskState | None = None
        """Only final states are noted here: what waiting threads look at."""
        self.outputs: Mapping[str, Output] = {}
        self.inline: dict[Digest, bytes] = {}
        self.error: TaskError | None = None
        self.exception: bytes | None = None
        self.attempt = 0
        """Whose output counts: the running one that is no clone, in the end the accepted one."""
        self.frames: dict[int, list[Frame]] | None = None
        self.progress: Any = None
        self.waiters: list[Waiter] | None = None
        self.pinned: tuple[Digest, ...] = ()
        self.needs: tuple[ObjectRef, ...] = ()
        """The submitter's own ObjectRefs: what it reads is kept while it may have to run again."""
        self.mutated = False
        self.awaited = False
        """Another task comes after it, which does not hold its ObjectRef."""
        self.hit: ActionResult | None = None
        """The cache's answer, known before the machine has asked for it."""
        self.given: Output | None = None
        """The value of a task that is nothing but a value (`Runtime.put`)."""

    @property
    def is_scratch(self) -> bool:
        """Its results are in no cache: without an ObjectRef nobody can have them again."""
        task = self.task
        return task.recipe is None or task.policy.impure or task.policy.cache is CacheMode.OFF

    def transcript(self) -> list[Frame]:
        return list(self.frames.get(self.attempt, ())) if self.frames else []

    def binding(self, name: str) -> ObjectRef:
        return self.task.inputs[int(name)][1]
