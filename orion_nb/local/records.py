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
from ..core.remains import Ended
from .calls import Surroundings
from .packed import NO_BYTES, PackedCall, RestoredTask
from .refs import Held
from .running import Thunk

if TYPE_CHECKING:
    from .journal import Batch
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
        "unheard",
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

        self.unheard: Batch | None = None
        """It is over, but not known to be: the journal has not said yet that it is durable."""

    def remains(self, ended: Ended) -> RestoredTask:
        """What is left of it, now that it is over."""
        inline = self.inline
        outputs = ended.outputs or {}
        small = {out.digest: inline[out.digest] for out in outputs.values() if out.digest in inline}
        frames = [(frame.kind, frame.data, frame.at) for frame in self.transcript()]
        return RestoredTask(self.packed(), ended, small, self.exception, frames, self.attempt)

    def packed(self) -> PackedCall:
        """The call, as it was submitted."""
        given, inline = self.given, NO_BYTES
        if given is not None and given.digest in self.inline:
            inline = {given.digest: self.inline[given.digest]}
        return PackedCall(self.task, self.call, self.surroundings, given, inline)

    @classmethod
    def of_call(cls, call: PackedCall) -> Record:
        """Kept until it is forgotten."""
        task, packed, surroundings, given, inline = call
        record = cls(task, packed, surroundings, True)
        if given is not None:
            record.given = given
            record.inline.update(inline)
        return record

    @classmethod
    def of_remains(cls, remains: RestoredTask) -> Record:
        """The opposite of `remains`."""
        record = cls.of_call(remains.call)
        ended, attempt = remains.ended, remains.attempt
        record.inline.update(remains.inline)
        record.outputs = ended.outputs or {}
        record.error = ended.error
        record.exception = remains.exception
        record.attempt = attempt
        if remains.frames:
            frames = enumerate(remains.frames)
            record.frames = {attempt: [Frame(record.task.id, attempt, n, *f) for n, f in frames]}
        record.state = ended.state
        return record

    @property
    def is_scratch(self) -> bool:
        """Its results are in no cache: without an ObjectRef nobody can have them again."""
        task = self.task
        return task.recipe is None or task.policy.impure or task.policy.cache is CacheMode.OFF

    def transcript(self) -> list[Frame]:
        return list(self.frames.get(self.attempt, ())) if self.frames else []

    def binding(self, name: str) -> ObjectRef:
        return self.task.inputs[int(name)][1]
