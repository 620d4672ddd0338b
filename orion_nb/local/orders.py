"""Performs what the machine orders: attempts to workers, timers, questions to the cache.

Functions over one `Host`, called with its turn held.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from ..core.commands import (
    AbandonTask,
    Change,
    Command,
    DeadLetter,
    ProbeCache,
    RecordResult,
    ReleaseObjects,
    RunTask,
    StartTimer,
    StealTask,
)
from ..core.events import CacheAnswered, Failed, TimerFired
from ..core.model import Digest, Output, Task, TaskError
from . import transcripts
from .bookkeeping import ON_CHANGE
from .caching import Frames
from .records import Record
from .running import Assignment

if TYPE_CHECKING:
    from .host import Host

TICKING = 0.5
"""Seconds after an attempt was sent during which the loop looks often who has started. Waking it
for every attempt would cost a short task more than its run."""

_new_tuple = tuple.__new__


def perform(host: Host, changes: Sequence[Change], commands: Sequence[Command]) -> None:
    """Publish the changes and carry out the commands, each in order; the turn is the caller's."""
    for change in changes:
        handler = ON_CHANGE.get(change[5])
        if handler is not None:
            handler(host, change)
    if host.feed.active:
        host.feed.publish(changes)
    probes: list[ProbeCache] = []
    for command in commands:
        if type(command) is RunTask:
            run_task(host, command)
        elif type(command) is ProbeCache:
            probes.append(command)
        else:
            _PERFORM[type(command)](host, command)
    if probes:
        probe(host, probes)


def run_task(host: Host, command: RunTask) -> None:
    task_id, attempt, worker, inputs, clone = command
    found = host.slots.get(worker)
    if found is None:
        return  # lost meanwhile: that fact is in the inbox
    pool, slot = found
    record = host.records[task_id]
    now = time.monotonic()
    if not clone:
        transcripts.show_attempt(host, record, attempt)
    if record.given is not None:
        message = f"the value {record.task.name!r} is gone from the store: put it there again"
        error = TaskError("exception", "ObjectUnavailable", message, retryable=False)
        host.inbox.append(Failed(now, task_id, attempt, worker, error))
        return
    if now > host.tick_until - TICKING / 2:
        if now > host.tick_until:
            host.loop.wake()
        host.tick_until = now + TICKING
    host.busy += 1
    number = slot.add((task_id, attempt), now)
    values: tuple[tuple[str, str, str, bytes | None], ...] = ()
    if inputs:
        values = tuple([value_of(host, record, name, output) for name, output in inputs])
    task = record.task
    call: Any = record.call
    assignment = _new_tuple(Assignment, (task_id, attempt, task.name, call, values, task.outputs))
    pool.run(slot, number, assignment, record)


def value_of(
    host: Host, record: Record, name: str, output: Output
) -> tuple[str, str, str, bytes | None]:
    ref = record.binding(name)
    upstream = host.records.get(ref.task)
    data = upstream.inline.get(output.digest) if upstream is not None else None
    return ref.task, ref.output, output.digest, data


def abandon(host: Host, command: AbandonTask) -> None:
    found = host.slots.get(command.worker)
    number = found[1].number_of((command.task, command.attempt)) if found else None
    if found is not None and number is not None:
        found[0].cancel(found[1], number)
    # Otherwise it is over, and the fact that says so is on its way.


def steal(host: Host, command: StealTask) -> None:
    found = host.slots.get(command.worker)
    number = found[1].number_of((command.task, command.attempt)) if found else None
    if found is not None and number is not None:
        found[0].steal(found[1], number)


def start_timer(host: Host, command: StartTimer) -> None:
    timer = command.timer
    host.loop.call_at(
        time.monotonic() + command.delay,
        lambda: host.bring(TimerFired(time.monotonic(), timer)),
    )


def probe(host: Host, commands: Sequence[ProbeCache]) -> None:
    asked: list[ProbeCache] = []
    for command in commands:
        record = host.records[command.task]
        if record.hit is not None:
            answer = CacheAnswered(time.monotonic(), command.task, record.hit)
            record.hit = None  # should it be asked again, the cache is
            host.inbox.append(answer)
        elif record.given is not None:
            result = host.desk.given(command.key, record.given)
            host.inbox.append(CacheAnswered(time.monotonic(), command.task, result))
        else:
            asked.append(command)
    if asked:
        host.desk.probe(asked, host.records, partial(answered, host))


def answered(host: Host, command: ProbeCache, answer: CacheAnswered, frames: Frames) -> None:
    """The desk's answer; on this thread, or later on the desk's own."""
    record = host.records.get(command.task)
    if frames and record is not None:
        transcripts.show_frames(host, record, frames)
    host.inbox.append(answer)


def record_result(host: Host, command: RecordResult) -> None:
    record = host.records.get(command.task)
    if record is not None and not record.mutated:
        host.desk.record(command, record, input_digests(host, record.task))


def input_digests(host: Host, task: Task) -> list[tuple[str, Digest]]:
    """What the inputs of a task are now, as far as they are known."""
    digests = []
    for binding, ref in task.inputs:
        upstream = host.records.get(ref.task)
        output = (upstream.outputs or {}).get(ref.output) if upstream is not None else None
        if output is not None:
            digests.append((binding, output.digest))
    return digests


def dead_letter(host: Host, command: DeadLetter) -> None:
    record = host.records.get(command.task)
    if record is not None:
        record.error = command.error


def nothing(host: Host, command: ReleaseObjects) -> None:
    """Values go with their records: see `bookkeeping.on_forgotten`."""


_PERFORM: dict[type, Callable[[Host, Any], None]] = {
    AbandonTask: abandon,
    StealTask: steal,
    StartTimer: start_timer,
    RecordResult: record_result,
    DeadLetter: dead_letter,
    ReleaseObjects: nothing,
}
