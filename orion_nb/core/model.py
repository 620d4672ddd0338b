"""The nouns of Orion: what a task is, what it needs, what it makes, in which state it is.

Everything here is plain data: no threads, no clocks, no input or output. Values never
appear; a value is known by its :data:`Digest` only. All times are seconds as ``float``,
on whatever monotonic clock the host feeds in with events; all sizes are bytes.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

TaskId = str
"""Unique within one runtime; made by the host, e.g. ``clean-1f3a``."""

WorkerId = str
"""A slot that runs one task at a time: a process, a thread, or later a node's worker."""

Digest = str
"""64 lower-case hexadecimal digits: the SHA-256 that names an immutable value."""

VALUE = "value"
"""Name of the output of a task that makes exactly one thing (a function's result)."""


class ObjectRef:
    """A handle to a future or present result: one named output of one task.

    Cheap, hashable and picklable. It holds no value and no connection; a runtime or a
    session turns it into the value (``runtime.get(ref)``).
    """

    __slots__ = ("__weakref__", "output", "task")

    def __init__(self, task: TaskId, output: str = VALUE) -> None:
        self.task = task
        self.output = output

    @property
    def id(self) -> str:
        """The object's id: the task's id, with the output's name when it has several."""
        return self.task if self.output == VALUE else f"{self.task}.{self.output}"

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ObjectRef):
            return self.task == other.task and self.output == other.output
        return NotImplemented

    def __hash__(self) -> int:
        return hash((self.task, self.output))

    def __reduce__(self) -> tuple[Any, ...]:
        return (type(self), (self.task, self.output))

    def __repr__(self) -> str:
        return f"ObjectRef({self.id!r})"


class TaskState(enum.StrEnum):
    """Where a task is in its life. The moves between them are `core.transitions.TABLE`."""

    WAITING = "waiting"  # for its dependencies
    PROBING = "probing"  # the action cache has been asked
    READY = "ready"  # queued; wants a worker
    RUNNING = "running"  # at least one attempt is with a worker
    BACKOFF = "backoff"  # failed; waits before the next attempt
    DONE = "done"  # result accepted (computed, or a cache hit)
    FAILED = "failed"  # retry budget used up: a dead letter
    UPSTREAM_FAILED = "upstream_failed"  # something that it needs can never arrive
    CANCELLED = "cancelled"

    @property
    def final(self) -> bool:
        return self in FINAL_STATES


FINAL_STATES = frozenset(
    {TaskState.DONE, TaskState.FAILED, TaskState.UPSTREAM_FAILED, TaskState.CANCELLED}
)


class CacheMode(enum.StrEnum):
    """What a task does with the action cache."""

    DEFAULT = "default"  # read and write
    RECOMPUTE = "recompute"  # do not read, but write
    OFF = "off"  # neither


class WorkerKind(enum.StrEnum):
    PROCESS = "process"
    THREAD = "thread"


@dataclass(frozen=True, slots=True)
class Policy:
    """How one task is to be run; nothing here changes what its result is."""

    cache: CacheMode = CacheMode.DEFAULT
    retries: int = 0
    """How many more attempts after the task's *own* error. 0: an exception is final."""
    lost_worker_retries: int = 10
    """How many more attempts after its worker died under it; counted apart."""
    timeout: float | None = None
    """Seconds that one attempt may run, from its start on a worker."""
    wait_timeout: float | None = None
    """Seconds that the task may wait for its dependencies."""
    speculate_after: float | None = None
    """Seconds of running after which a clone starts, whatever the group's statistics say."""
    impure: bool = False
    """Has effects besides its result: never cloned, never cached."""
    kind: WorkerKind = WorkerKind.PROCESS
    priority: int = 0
    """Higher runs first among ready tasks."""


DEFAULT_POLICY = Policy()


class Component(NamedTuple):
    """One named part of an action key; kept, so that a changed key can be explained."""

    kind: str  # code | closure | input | module | env | file | version
    name: str  # of the function, variable, package, file …; "" when there is only one
    digest: Digest
    note: str = ""  # for people: "pandas 2.3.0", "clean() at Cell In[4], line 7"


@dataclass(frozen=True, slots=True)
class KeyRecipe:
    """All of an action key that is known before the inputs are computed.

    `core.action.action_key(recipe, inputs)` adds the digests of the inputs, which the
    machine does by itself once the dependencies are done.
    """

    components: tuple[Component, ...]
    provenance: tuple[str, ...] = ()
    """Names whose value could not be hashed and that are keyed by how they were made."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the machine knows of a unit of work. Its code and arguments stay with the host."""

    id: TaskId
    name: str
    """For people; need not be unique."""
    inputs: tuple[tuple[str, ObjectRef], ...] = ()
    """(binding, ref): which upstream output the task reads, under which name. Order and
    binding are part of the action key."""
    after: tuple[TaskId, ...] = ()
    """Tasks that must be done first though nothing of them is read."""
    outputs: tuple[str, ...] = (VALUE,)
    group: str = ""
    """Tasks of one group do the same work on other data (same function, same cell): run
    times are learned, stragglers found and the picture folded per group."""
    recipe: KeyRecipe | None = None
    """None: never cached."""
    uncached_because: str = ""
    """Why there is no recipe, for `why`."""
    policy: Policy = DEFAULT_POLICY
    session: str = ""
    """Who submitted it: a notebook, a script."""
    labels: Mapping[str, str] = field(default_factory=dict)
    """Opaque to the machine, shown by views: cell id, notebook path, map index."""


class Output(NamedTuple):
    """One output of a finished attempt, without its value."""

    digest: Digest
    size: int  # bytes when encoded


class TaskError(NamedTuple):
    """Why an attempt failed, in words. The exception object stays in the store (`blob`)."""

    kind: str  # exception | timeout | wait-timeout | lost-worker | cancelled | upstream | lost-object | unpicklable
    type: str  # the exception's class name, or ""
    message: str
    traceback: str = ""  # formatted, framework frames hidden
    blob: Digest | None = None  # the pickled exception
    retryable: bool = True


class ActionResult(NamedTuple):
    """What the action cache holds for a key."""

    key: Digest
    outputs: Mapping[str, Output]
    duration: float  # seconds that computing it took
    transcript: Digest | None = None  # output frames, replayed on a hit
    origin: str = ""  # who computed it: "user@host pid 12 · analysis.ipynb"
    created: float = 0.0  # seconds since the epoch


class Frame(NamedTuple):
    """One piece of what a task printed or displayed, in order within its attempt.

    kind and data (JSON-able; binary mime types in base64, as in Jupyter messages):
    ``stream`` {name: stdout|stderr, text} · ``display`` / ``result`` {data, metadata, transient}
    · ``update_display`` {data, metadata, transient} · ``clear`` {wait} · ``error`` {ename, evalue, traceback}
    """

    task: TaskId
    attempt: int
    seq: int
    kind: str
    data: Mapping[str, Any]
    at: float = 0.0


class Progress(NamedTuple):
    """`orion_nb.progress(done, total)` called by a running task."""

    task: TaskId
    attempt: int
    done: float
    total: float
    message: str = ""
    at: float = 0.0
