"""Facts that a host tells the machine. Every one carries `now`; none carries a value.

A fact about an attempt that the machine has given up (a late `Finished` of an abandoned
clone, a `Started` of an evicted worker) is legal and ignored, so a host never has to
filter: networks reorder, processes die half-way.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeAlias

from .model import ActionResult, ObjectRef, Output, Task, TaskError, TaskId, WorkerId, WorkerKind
from .remains import Ended


class Submitted(NamedTuple):
    """A graph, whole: either every task is taken, or `step` raises and nothing has changed.

    Dependencies may be earlier tasks or tasks of the same batch, in any order. Unknown
    dependencies, cycles and re-used ids are refused.
    """

    now: float
    tasks: tuple[Task, ...]


class Restored(NamedTuple):
    """Tasks that ended before: in an earlier process, or before they were archived. They are known
    again as if they had ended here, without running: new tasks may depend on them, they can be
    retried, recomputed for a lost output, forgotten. All are taken, or `step` raises.

    They may come in any order, and before or after tasks that depend on them. A dependency of theirs
    that is not known counts as archived: it may be restored later, and is not needed until then.
    """

    now: float
    tasks: tuple[Ended, ...]


class WorkerJoined(NamedTuple):
    now: float
    worker: WorkerId
    kind: WorkerKind = WorkerKind.PROCESS
    node: str = ""
    slots: int = 1


class WorkerLost(NamedTuple):
    """Its running attempts are lost; those it had not started go back to the queue at no cost."""

    now: float
    worker: WorkerId
    why: str = ""


class WorkerDraining(NamedTuple):
    """The host means to stop this worker: it gets no more attempts, those that it has not started
    are asked back, those that run may end. The host stops it once it is idle → `WorkerLost`."""

    now: float
    worker: WorkerId


class CacheAnswered(NamedTuple):
    """Answer to `ProbeCache`. `result` None: a miss (also when blobs of a hit are gone)."""

    now: float
    task: TaskId
    result: ActionResult | None
    why: str = ""  # of a miss, for `why`: "never seen", "outputs evicted", "file data.csv changed"


class Started(NamedTuple):
    """The attempt's code begins to run now; before, it was queued at its worker."""

    now: float
    task: TaskId
    attempt: int
    worker: WorkerId


class Finished(NamedTuple):
    now: float
    task: TaskId
    attempt: int
    worker: WorkerId
    outputs: Mapping[str, Output]
    duration: float


class Failed(NamedTuple):
    now: float
    task: TaskId
    attempt: int
    worker: WorkerId
    error: TaskError


class Abandoned(NamedTuple):
    """Answer to `AbandonTask`: the attempt no longer runs; its worker is free again."""

    now: float
    task: TaskId
    attempt: int
    worker: WorkerId


class StealConfirmed(NamedTuple):
    """Answer to `StealTask`. `released` False: it had been started (or is done); it stays."""

    now: float
    task: TaskId
    attempt: int
    worker: WorkerId
    released: bool


class TimerFired(NamedTuple):
    now: float
    timer: str


class CancelRequested(NamedTuple):
    """Also cancels what depends on them: it can never run."""

    now: float
    tasks: tuple[TaskId, ...]
    why: str = "asked by the user"


class RetryRequested(NamedTuple):
    """Failed, upstream-failed or cancelled tasks start anew with fresh budgets.

    Required upstream tasks that failed are retried too. A task that is done, running or waiting is
    left alone.

    `downstream`: also all that has no result because of them: what failed upstream, and what was
    cancelled by name after its upstream was cancelled. And what is done with an *old* result of
    theirs (one that was lost before they failed): if the new one differs, it is done again, and so
    on downwards. One that is running meanwhile ends with the inputs that it got.
    """

    now: float
    tasks: tuple[TaskId, ...]
    downstream: bool = True


class ObjectLost(NamedTuple):
    """The value of this output can no longer be read (evicted, corrupt). If something still
    needs it, its task runs again, and what that needs in turn; otherwise nothing runs."""

    now: float
    ref: ObjectRef
    why: str = ""


class ObjectWanted(NamedTuple):
    """Somebody outside the graph wants this output: recompute it if it was lost."""

    now: float
    ref: ObjectRef


class Forgotten(NamedTuple):
    """The host no longer needs these final tasks. Those that an unfinished task still
    depends on are kept until it ends, then dropped."""

    now: float
    tasks: tuple[TaskId, ...]


class Archived(NamedTuple):
    """As `Forgotten`, but the host keeps their values and what is needed to restore them
    (`Scheduler.ended`). → the change "archived" when the machine has let go of one. One that is not
    final is left alone; so is one that runs again before it could go."""

    now: float
    tasks: tuple[TaskId, ...]


Event: TypeAlias = (
    Submitted
    | Restored
    | WorkerJoined
    | WorkerDraining
    | WorkerLost
    | CacheAnswered
    | Started
    | Finished
    | Failed
    | Abandoned
    | StealConfirmed
    | TimerFired
    | CancelRequested
    | RetryRequested
    | ObjectLost
    | ObjectWanted
    | Forgotten
    | Archived
)
