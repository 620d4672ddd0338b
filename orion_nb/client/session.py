"""`Session`: all that a notebook asks of whatever runs its tasks.

Narrow on purpose. A runtime in this process serves it today; a process of its own or a
cluster will serve the same. So every argument and result can travel, nothing here blocks
longer than it says, and what happens is told by one ordered feed, not by callbacks per task.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from orion_nb.core.commands import Change
from orion_nb.core.model import (
    ActionResult,
    Component,
    Digest,
    Frame,
    ObjectRef,
    Output,
    Task,
    TaskError,
    TaskId,
    TaskState,
)
from orion_nb.local.calls import Call

FeedCallback = Callable[[Sequence[Any]], None]
"""Called on one thread with items in order: `Change`, `Frame`, `Progress`; others are ignored."""


class Subscription(Protocol):
    """A running watch; `close` ends it."""

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class TaskReport:
    """Everything that is known of one task at one moment."""

    task: Task
    state: TaskState
    key: Digest | None
    outputs: Mapping[str, Output]
    error: TaskError | None
    hit: ActionResult | None  # what the cache served
    root: TaskId  # whose failure this is, if it never ran
    story: tuple[Change, ...]


class KeyUse(NamedTuple):
    """A key that tasks of one name had before, with what it was made of."""

    key: Digest
    components: tuple[Component, ...]
    at: float  # seconds since the epoch


class WorkerReport(NamedTuple):
    """One worker, for people."""

    id: str
    kind: str
    task: TaskId = ""  # what it runs now


class CacheReport(NamedTuple):
    """What the cache holds."""

    entries: int
    bytes: int
    limit: int | None  # bytes
    path: str


class CacheEntry(NamedTuple):
    """One cached result."""

    key: Digest
    name: str
    bytes: int
    duration: float  # seconds that computing it took
    created: float  # seconds since the epoch


class Session(Protocol):
    """One notebook's connection to a runtime."""

    def new_task_id(self, name: str) -> TaskId:
        """An id that no task of this runtime has."""

    def submit(self, calls: Sequence[Call]) -> list[TaskId]:
        """All of them or none. Calls may refer to each other by ObjectRef.

        :raises UsageError: and its kinds, when a call cannot mean anything.
        """

    def watch(self, callback: FeedCallback) -> Subscription:
        """Tell `callback` everything from now on."""

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

    def put(self, name: str, value: Any) -> ObjectRef:
        """Hand a value of the notebook to the store, so that many tasks can read it."""

    def cancel(self, tasks: Iterable[TaskId], why: str = "asked by the user") -> None:
        """Stop tasks and what depends on them; returns at once."""

    def retry(self, tasks: Iterable[TaskId]) -> None:
        """Start failed or cancelled tasks again, with what failed because of them."""

    def forget(self, tasks: Iterable[TaskId]) -> None:
        """These tasks and their results are not asked for again; those that run are left alone."""

    def probe(self, keys: Iterable[Digest]) -> dict[Digest, ActionResult | None]:
        """What the cache would answer now."""

    def earlier_keys(self, name: str) -> tuple[KeyUse, ...]:
        """Keys that tasks of this name had, newest first, in any notebook that shares the cache."""

    def history(self, group: str) -> float | None:
        """Median seconds that tasks of the group took in earlier runs."""

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
        """Cancel what runs and stop the workers."""
