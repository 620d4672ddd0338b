"""What workers report, as facts for the machine.

Functions over one `Host`, called with its turn held.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..core.events import Abandoned, Failed, Finished, ObjectLost, StealConfirmed
from ..core.model import Output, TaskError, TaskId
from . import transcripts, wire
from .slots import Slot

if TYPE_CHECKING:
    from .host import Host

_new_tuple = tuple.__new__


def on_message(host: Host, slot: Slot, message: wire.Message) -> None:
    """From a worker process, or in the same words from a worker thread."""
    tag = message[0]
    number = message[1]
    if tag == wire.DONE:
        now = time.monotonic()
        run = slot.remove(number, now)
        if run is not None:
            host.busy -= 1
            task_id, attempt = run
            record = host.records.get(task_id)
            if record is None:
                return
            outputs = {}
            for name, digest, size, inline in message[2]:
                outputs[name] = _new_tuple(Output, (digest, size))
                if inline is not None:
                    record.inline[digest] = inline
            if message[4]:
                record.mutated = True
            host.inbox.append(
                _new_tuple(Finished, (now, task_id, attempt, slot.id, outputs, message[3]))
            )
    elif tag == wire.FRAMES:
        transcripts.on_frames(host, slot, number, message[2])
    elif tag == wire.PROGRESS:
        transcripts.on_progress(host, slot, *message[1:])
    elif tag == wire.STOLEN:
        on_stolen(host, slot, number, message[2])
    else:
        run = slot.remove(number, time.monotonic())
        if run is not None:
            host.busy -= 1
            on_no_result(host, slot, run, message)


def on_no_result(host: Host, slot: Slot, run: tuple[TaskId, int], message: wire.Message) -> None:
    tag = message[0]
    task_id, attempt = run
    if tag == wire.ABANDONED:
        host.inbox.append(Abandoned(time.monotonic(), task_id, attempt, slot.id))
    elif tag == wire.FAILED:
        record = host.records.get(task_id)
        if record is not None:
            record.exception = message[3]
        error = TaskError(*message[2])
        host.inbox.append(Failed(time.monotonic(), task_id, attempt, slot.id, error))
    elif tag == wire.LOST:
        on_input_lost(host, slot, task_id, attempt, message[2], message[3])


def on_input_lost(
    host: Host, slot: Slot, task_id: TaskId, attempt: int, digest: str, why: str
) -> None:
    record = host.records.get(task_id)
    now = time.monotonic()
    if record is not None:
        for _, ref in record.task.inputs:
            upstream = host.records.get(ref.task)
            if upstream is not None and upstream.outputs.get(ref.output, ("",))[0] == digest:
                host.inbox.append(ObjectLost(now, ref, why))
    error = TaskError("lost-object", "", f"an input is gone: {why}")
    host.inbox.append(Failed(now, task_id, attempt, slot.id, error))


def on_stolen(host: Host, slot: Slot, number: int, released: bool) -> None:
    run = slot.runs.get(number)
    if run is None:
        return
    if released:
        del slot.runs[number]
        host.busy -= 1
    host.inbox.append(StealConfirmed(time.monotonic(), run[0], run[1], slot.id, released))
