"""Everything that Orion raises on purpose, and whose fault it is.

::

    OrionError
    ├── UsageError            yours: the call or the cell cannot mean anything; nothing was submitted
    │   ├── UnknownDependency     a name or task that does not exist
    │   ├── CyclicGraph           tasks that wait for each other
    │   ├── DuplicateTask         an id that is taken
    │   └── NotPicklable          an argument, input or result that cannot travel
    ├── TaskFailed            your task's: it ran and raised; `__cause__` is its exception
    │   ├── TaskTimeout           … longer than it was allowed to
    │   ├── UpstreamFailed        … it never ran: something that it needs failed
    │   └── WorkerDied            … every attempt killed its worker
    ├── TaskCancelled         nobody's: someone asked for it
    ├── ObjectUnavailable     the result existed and can be neither read nor recomputed
    ├── StoreError            the disk's: full, unreadable, or a file that is not what it was
    │   ├── CorruptBlob           bytes do not match their digest (set aside, never returned)
    │   ├── Undecodable           intact bytes that cannot become a value here (format, Python, modules)
    │   └── StoreFull             the size limit is reached and everything is in use
    ├── RuntimeClosed         yours: used after shutdown
    ├── RuntimeUnreachable    nobody's: the process that runs the tasks does not answer
    │   └── RuntimeMismatch       … or is of another version, or does not let this user in
    └── OrionBug              ours: an invariant broke; please report it with the story it carries
        └── InvalidTransition     an event that the lifecycle table has no row for

An error says what happened, to which task, and what to do about it. `story` (where
there is one) is the list of changes of the task, oldest first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class OrionError(Exception):
    """Base of all errors that Orion raises on purpose."""


class UsageError(OrionError):
    """The request cannot mean anything; nothing was submitted."""


class UnknownDependency(UsageError):
    """A task depends on something that does not exist."""


class CyclicGraph(UsageError):
    """Tasks wait for each other. The message names the cycle."""


class DuplicateTask(UsageError):
    """A task with this id exists already."""


class NotPicklable(UsageError):
    """Something cannot travel to a worker or back. The message names it and what to do."""


class TaskFailed(OrionError):
    """A task raised. `__cause__` is its exception when it could travel.

    :ivar task: the task's id, :ivar story: its changes, oldest first.
    """

    def __init__(self, message: str, *, task: str = "", story: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.task = task
        self.story = tuple(story)

    def __reduce__(self) -> Any:
        return (_rebuild, (type(self), str(self), self.task, self.story))


def _rebuild(cls: type[TaskFailed], message: str, task: str, story: Sequence[Any]) -> TaskFailed:
    return cls(message, task=task, story=story)


class TaskTimeout(TaskFailed):
    """The task ran, or waited for its dependencies, longer than allowed."""


class UpstreamFailed(TaskFailed):
    """The task never ran: something that it needs failed. The message names the root cause."""


class WorkerDied(TaskFailed):
    """Every attempt ended with the death of its worker."""


class TaskCancelled(OrionError):
    """The task was cancelled before it had a result."""

    def __init__(self, message: str, *, task: str = "") -> None:
        super().__init__(message)
        self.task = task

    def __reduce__(self) -> Any:
        return (_rebuild_cancelled, (str(self), self.task))


def _rebuild_cancelled(message: str, task: str) -> TaskCancelled:
    return TaskCancelled(message, task=task)


class ObjectUnavailable(OrionError):
    """A result that existed can be neither read nor recomputed."""


class StoreError(OrionError):
    """The store could not do what was asked: the disk is full, unreadable, or wrong."""


class CorruptBlob(StoreError):
    """Bytes do not match their digest; they were set aside and not returned."""


class Undecodable(StoreError):
    """The bytes are intact but cannot become a value here. The message says what is missing:
    another format version, another Python version, a module that is not installed."""


class StoreFull(StoreError):
    """The store's size limit is reached and everything in it is in use."""


class RuntimeClosed(OrionError):
    """The runtime or session was used after its shutdown."""


class RuntimeUnreachable(OrionError):
    """The process that runs the tasks does not answer. The message says what to do."""


class RuntimeMismatch(RuntimeUnreachable):
    """A runtime answers, but it speaks another version, or refuses this client."""


class OrionBug(OrionError):
    """An invariant of Orion broke. Not your fault; please report it with `story`."""

    def __init__(self, message: str, *, story: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.story = tuple(story)


class InvalidTransition(OrionBug):
    """The lifecycle table has no row for this event in this state."""
