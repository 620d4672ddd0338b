"""Orders of the machine to its host, and the changes that a watcher sees.

Every command is answered by an event, named in its docstring. A host performs them in
the order given, outside its lock. Commands must be idempotent for a host: after a
fail-over a new leader performs `Scheduler.outstanding()` again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, TypeAlias

from .model import Digest, ObjectRef, Output, TaskError, TaskId, TaskState, WorkerId


class ProbeCache(NamedTuple):
    """Ask the action cache → `CacheAnswered`."""

    task: TaskId
    key: Digest


class RunTask(NamedTuple):
    """Send the attempt to the worker → `Started`, then `Finished` | `Failed` | `WorkerLost`."""

    task: TaskId
    attempt: int
    worker: WorkerId
    inputs: tuple[tuple[str, Output], ...]  # (binding, what to load)
    clone: bool = False


class AbandonTask(NamedTuple):
    """Stop the attempt (flag, SIGINT, grace, SIGKILL) and drop its output → `Abandoned`,
    or `WorkerLost` if the worker had to die."""

    task: TaskId
    attempt: int
    worker: WorkerId
    why: str


class StealTask(NamedTuple):
    """Take back an attempt that the worker has not started → `StealConfirmed`."""

    task: TaskId
    attempt: int
    worker: WorkerId


class StartTimer(NamedTuple):
    """→ `TimerFired(timer)` after `delay` seconds. Starting a timer again re-arms it. There is no
    cancel: a timer that fires for nothing is ignored."""

    timer: str
    delay: float


class RecordResult(NamedTuple):
    """An accepted result for the action cache. The only command without an answer: losing it
    loses a future hit, nothing else."""

    task: TaskId
    attempt: int
    key: Digest
    outputs: Mapping[str, Output]
    duration: float


class DeadLetter(NamedTuple):
    """The task has failed for good; keep it with its error for people (no answer)."""

    task: TaskId
    error: TaskError


class ReleaseObjects(NamedTuple):
    """No unfinished task reads these any more and their tasks are forgotten (no answer)."""

    refs: tuple[ObjectRef, ...]


Command: TypeAlias = (
    ProbeCache
    | RunTask
    | AbandonTask
    | StealTask
    | StartTimer
    | RecordResult
    | DeadLetter
    | ReleaseObjects
)


class Change(NamedTuple):
    """One thing a watcher sees. `old` None: the task is new. `old == new`: something happened
    inside a state (an attempt started, a clone was dispatched, a steal).

    `why` is one of the words of `core.transitions.WHY`, stable for programs; `detail` holds
    its facts, e.g. ``{"duration": 1.2}``, ``{"saved": 3.4}``, ``{"error": TaskError}``,
    ``{"delay": 2.0}``, ``{"root": "load-3"}``, ``{"key": "…"}``, ``{"clone": True}``.
    """

    seq: int
    at: float
    task: TaskId
    old: TaskState | None
    new: TaskState
    why: str
    attempt: int = 0
    worker: WorkerId = ""
    detail: Mapping[str, Any] = {}


class Effects(NamedTuple):
    """What one `step` wants done: publish `changes` in order, perform `commands` in order."""

    commands: tuple[Command, ...]
    changes: tuple[Change, ...]
