"""What is told of tasks, workers, the cache and the runtime: plain data that travels.

Whoever serves a session makes them, `rpc` carries them, `client.session` hands them out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from .commands import Change
from .model import (
    ActionResult,
    Component,
    Digest,
    Output,
    Task,
    TaskError,
    TaskId,
    TaskState,
)


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


class SessionReport(NamedTuple):
    """One notebook or script that has tasks in a runtime; counts of its tasks."""

    name: str
    connected: bool
    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0  # cancelled ones and those that failed because of others included


@dataclass(frozen=True, slots=True)
class RuntimeReport:
    """The runtime behind a session, for people."""

    kind: str  # in-process | detached
    pid: int
    version: str  # of Orion
    python: str  # e.g. 3.11.2
    started: float  # seconds since the epoch
    cache: str  # directory
    log: str  # path of the log file; "": none
    workers: tuple[WorkerReport, ...]
    events: tuple[str, ...]  # what happened to it, oldest first, one sentence each
    sessions: tuple[SessionReport, ...]
