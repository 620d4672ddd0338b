"""`Session`: all that a notebook asks of whatever runs its tasks.

Narrow on purpose. A runtime in this process serves it today; a process of its own or a
cluster will serve the same. So every argument and result can travel, nothing here blocks
longer than it says, and what happens is told by one ordered feed, not by callbacks per task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from orion_nb.core.model import ActionResult, Component, Digest, Frame, ObjectRef, TaskId
from orion_nb.core.reports import (
    CacheEntry,
    CacheReport,
    KeyUse,
    RuntimeReport,
    SessionReport,
    TaskReport,
    WorkerReport,
)
from orion_nb.local.calls import Call

__all__ = [
    "CacheEntry",
    "CacheReport",
    "FeedCallback",
    "KeyUse",
    "RuntimeReport",
    "Session",
    "SessionReport",
    "Subscription",
    "TaskReport",
    "WorkerReport",
]

FeedCallback = Callable[[Sequence[Any]], None]
"""Called on one thread with items in order: `Change`, `Frame`, `Progress`; others are ignored."""


class Subscription(Protocol):
    """A running watch; `close` ends it."""

    def close(self) -> None: ...


class Session(Protocol):
    """One notebook's connection to a runtime."""

    @property
    def name(self) -> str:
        """Whose session it is: the notebook's name."""

    @property
    def durable(self) -> bool:
        """Whether tasks, results and notes outlive this process."""

    def new_task_id(self, name: str) -> TaskId:
        """An id that no task of this runtime has."""

    def submit(self, calls: Sequence[Call]) -> list[TaskId]:
        """All of them or none. Calls may refer to each other by ObjectRef.

        :raises UsageError: and its kinds, when a call cannot mean anything.
        """

    def watch(self, callback: FeedCallback, everything: bool = False) -> Subscription:
        """Tell `callback` everything from now on.

        What was missed while the connection was down is told as soon as it is back. When that is
        too much to be kept, the tasks are told anew as they are by then: each with a `Change` from
        None to its present state.

        :param everything: also the tasks of other sessions.
        """

    def clock(self) -> float:
        """Now, in seconds on the clock of the feed's items."""

    def report(self, task: TaskId) -> TaskReport | None:
        """What is known of the task; None when the runtime has forgotten it."""

    def frames(self, task: TaskId) -> list[Frame]:
        """What the task has put out so far; of a cache hit, what it put out when it ran."""

    def result(self, ref: ObjectRef, timeout: float | None = None) -> Any:
        """The value, private and writable; waits for it.

        :raises TaskFailed: and its kinds; `TaskCancelled`; `TimeoutError`.
        """

    def inputs(self, task: TaskId) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The arguments and keyword arguments of a task exactly as it gets them, anew each time.

        :raises UnknownDependency: the task is forgotten. :raises ObjectUnavailable: an input is
            not there (any more, or not yet).
        """

    def earlier(self) -> list[TaskReport]:
        """Tasks of this notebook from earlier kernels that are still known, oldest first."""

    def put(self, name: str, value: Any) -> ObjectRef:
        """Hand a value of the notebook to the store, so that many tasks can read it."""

    def cancel(self, tasks: Iterable[TaskId], why: str = "asked by the user") -> None:
        """Stop tasks and what depends on them; returns at once."""

    def cancel_all(self, session: str | None = None) -> None:
        """Cancel every task of this notebook, or of the one that is named."""

    def retry(self, tasks: Iterable[TaskId], downstream: bool = False) -> None:
        """Start failed or cancelled tasks again, with what failed because of them.

        :param downstream: also what is done with an older result of theirs. (Today's runtimes do
            that in any case.)
        """

    def forget(self, tasks: Iterable[TaskId]) -> None:
        """These tasks and their results are not asked for again; those that run are left alone."""

    def probe(self, keys: Iterable[Digest]) -> dict[Digest, ActionResult | None]:
        """What the cache would answer now."""

    def earlier_keys(self, name: str) -> tuple[KeyUse, ...]:
        """Keys that tasks of this name had, newest first, in any notebook that shares the cache."""

    def history(self, group: str) -> float | None:
        """Median seconds that tasks of the group took in earlier runs."""

    def accept(self, task: TaskId, key: Digest, components: Iterable[Component], name: str) -> None:
        """Record the present outputs and the output frames of a finished task under another
        action key: what the user says is still right despite an edit.

        :raises UsageError: the task is not done, or its values are not there any more.
        """

    def note(self, key: str, data: bytes | None) -> None:
        """Keep something small for this notebook's next kernel; None: no longer.

        :raises UsageError: more than 1 MiB.
        """

    def notes(self) -> dict[str, bytes]:
        """All that was noted for this notebook."""

    def overview(self) -> RuntimeReport:
        """What runs the tasks, and what happened to it."""

    def environment(self, packages: Iterable[str]) -> dict[str, str]:
        """Versions as the workers see them: "python", "platform", and of each package (the name
        it is imported by); "" for one that is not installed there. Compare with
        `travel.environment`, which says the same of this process."""

    def workers(self) -> list[WorkerReport]:
        """The workers, in a stable order."""

    def resize(self, count: int) -> None:
        """Have this many workers."""

    def cache_report(self) -> CacheReport: ...

    def cache_list(self, limit: int = 20) -> list[CacheEntry]:
        """Newest first."""

    def cache_clear(self) -> int:
        """Forget every result; returns how many there were."""

    def close(self) -> None:
        """Leave, and cancel what this session has started."""

    def detach(self) -> None:
        """Leave; what runs goes on if the runtime is `durable`, else this is `close`."""

    def shutdown(self) -> None:
        """Stop the runtime itself, for everybody who uses it."""
