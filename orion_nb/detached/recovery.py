"""What an earlier runtime of this place knew, brought back when a new one starts.

Finished tasks are known again without running, the newest in memory and the others from the log;
what was not over is submitted anew. That is all, whether the earlier one was killed or ended in
peace: the difference is only what people are told.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Protocol

from ..core.model import TaskError, TaskId, TaskState, WorkerKind
from ..core.remains import Ended
from ..local.packed import PackedCall, RestoredTask
from .archive import KEEP, Archive
from .journal import DurableJournal
from .log import Log
from .reading import Logged, Reader

RUNNING = "running"
"""The note (of session "") that is there while a runtime lives, or has been killed."""


class Restorable(Protocol):
    """Of a `local.Runtime`."""

    def restore(self, tasks: Sequence[RestoredTask]) -> None: ...
    def submit_packed(self, calls: Sequence[PackedCall], *, logged: bool = False) -> None: ...


def recover(
    log: Log, reader: Reader, archive: Archive, journal: DurableJournal, runtime: Restorable
) -> str:
    """Bring all back, and note that a runtime lives now.

    :return: what happened, in one sentence; "" when there is nothing to tell. It is in the log too.
    :raises StoreError: the log cannot be read.
    """
    killed = RUNNING in reader.notes("")
    log.note("", RUNNING, str(time.time()).encode())
    unfinished, count = reader.open(), reader.size().over
    finished = reader.recent(KEEP)
    runnable, hopeless = _sort(unfinished, reader)
    if finished or hopeless:
        runtime.restore([*finished, *hopeless])
        archive.over([over.ended for over in (*finished, *hopeless)])
    if hopeless:
        log.over(hopeless)
    if runnable:
        journal.expect([logged.call.task.id for logged in runnable])
        runtime.submit_packed([logged.call for logged in runnable], logged=True)
    text = _told(killed, count, len(runnable), len(hopeless))
    if text:
        log.event(text)
    return text


def ended(log: Log, why: str) -> None:
    """Note that the runtime ends in peace. :param why: "it was idle for 30 min", for people."""
    log.event(f"ended: {why}")
    log.note("", RUNNING, None)


def _sort(unfinished: Sequence[Logged], reader: Reader) -> tuple[list[Logged], list[RestoredTask]]:
    """Those that can run again, and those that never can, as failed ones."""
    known = {logged.call.task.id for logged in unfinished}
    needed = {dep for logged in unfinished for dep in _needs(logged.call)} - known
    known.update(reader.find(needed))
    runnable, hopeless = [], []
    for logged in unfinished:
        missing = sorted(dep for dep in _needs(logged.call) if dep not in known)
        if missing:
            why = f"it needs {missing[0]!r}, which the log of tasks has lost; run its cell again"
            hopeless.append(_failed(logged.call, "lost-object", why))
        elif logged.call.task.policy.kind is WorkerKind.THREAD and logged.call.given is None:
            why = "it ran in the notebook's own process, and the runtime ended; run its cell again"
            hopeless.append(_failed(logged.call, "lost-worker", why))
        else:
            runnable.append(logged)
    return runnable, hopeless


def _needs(call: PackedCall) -> list[TaskId]:
    return [*(ref.task for _, ref in call.task.inputs), *call.task.after]


def _failed(call: PackedCall, kind: str, why: str) -> RestoredTask:
    error = TaskError(kind, "", why, retryable=False)
    return RestoredTask(call, Ended(call.task, TaskState.FAILED, error=error, root=call.task.id))


def _told(killed: bool, finished: int, unfinished: int, hopeless: int) -> str:
    if not killed and not unfinished and not hopeless:
        return ""
    how = "restarted after a crash" if killed else "started again"
    parts = [f"{finished:,} finished kept", f"{unfinished:,} started again"]
    if hopeless:
        parts.append(f"{hopeless:,} could not be started again")
    return f"{how}: {', '.join(parts)}"
