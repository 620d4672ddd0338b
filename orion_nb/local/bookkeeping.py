"""What the changes of tasks mean for their records, and which records may go.

Functions over one `Host`, called with its turn held.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from ..core.commands import Change
from ..core.model import FINAL_STATES, Output, TaskId, TaskState
from . import transcripts
from .records import Record

if TYPE_CHECKING:
    from .host import Host

KEEP_FINISHED = 1_000
"""Finished tasks that nobody holds an ObjectRef of, remembered for `tasks` and `story`."""
BITE = 256
"""Tasks that are forgotten at once."""


def on_queued(host: Host, change: Change) -> None:
    """A task wants a worker. Who only asks the cache never pays for their start."""
    if host.starters:
        start = host.starters.pop(host.records[change.task].task.policy.kind, None)
        if start is not None:
            start()


def on_done(host: Host, change: Change) -> None:
    record = host.records[change.task]
    record.outputs = outputs = change.detail["outputs"]
    record.error = None
    if change.why != "hit":
        transcripts.show_attempt(host, record, change.attempt)
    if record.frames:
        record.frames = {record.attempt: record.frames.get(record.attempt, [])}
    pin(host, record, outputs)
    finish(host, record, change.new)


def pin(host: Host, record: Record, outputs: Mapping[str, Output]) -> None:
    large = [output.digest for output in outputs.values() if output.digest not in record.inline]
    if large:
        record.pinned = tuple(d for d in large if host.desk.pin(d))
    else:
        record.needs = ()  # what lies in memory is never lost, so nothing will run again


def on_ended_badly(host: Host, change: Change) -> None:
    record = host.records[change.task]
    error = change.detail.get("error")
    if error is not None:
        record.error = error
    finish(host, record, change.new)


def finish(host: Host, record: Record, state: TaskState) -> None:
    record.state = state
    host.over.append(record)
    if not record.keep and record.held is None:
        host.unclaimed.append(record.task.id)


def on_reopened(host: Host, change: Change) -> None:
    record = host.records[change.task]
    if change.new not in FINAL_STATES:
        record.state = None
        record.error = None
        record.exception = None


def on_forgotten(host: Host, change: Change) -> None:
    record = host.records.pop(change.task, None)
    if record is not None:
        let_go = host.desk.drop if record.is_scratch else host.desk.unpin
        for digest in record.pinned:
            let_go(digest)


def tidy(host: Host) -> bool:
    """Forget finished tasks whose ObjectRefs are gone, the oldest first, in small bites: it is
    the loop's work for when there is none. Whether there is more to do.

    Those that hold a file which nobody can ask for again are forgotten at once."""
    dropped, records, unclaimed = host.holder.dropped, host.records, host.unclaimed
    scratch: list[TaskId] = []
    for _ in range(min(len(dropped), BITE)):
        record = records.get(dropped.popleft())
        if record is not None:
            record.held = None
            if not record.keep and record.state is not None:
                if record.pinned and record.is_scratch:
                    scratch.append(record.task.id)
                else:
                    unclaimed.append(record.task.id)
    if scratch:
        host.forget(scratch)
        host.take_turn()
    surplus = len(unclaimed) - KEEP_FINISHED
    if surplus > BITE:
        old = [unclaimed.popleft() for _ in range(BITE)]
        host.forget([task for task in old if task in records])
        host.take_turn()
    return len(dropped) >= BITE or surplus > 2 * BITE


ON_CHANGE: dict[str, Callable[[Host, Change], None]] = {
    "queued": on_queued,
    "missed": on_queued,
    "finished": on_done,
    "hit": on_done,
    "failed": on_ended_badly,
    "wait-timed-out": on_ended_badly,
    "upstream-failed": on_ended_badly,
    "lost-for-good": on_ended_badly,
    "cancelled": on_ended_badly,
    "retried": on_reopened,
    "recompute": on_reopened,
    "forgotten": on_forgotten,
}
"""By `Change.why`: what the records have to know."""
