"""What the feed tells as messages: changes with their details, frames, progress."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, TypeAlias

from ..core.commands import Change
from ..core.model import ActionResult, Frame, Output, Progress, Task, TaskError
from .generated import stream_pb2, tasks_pb2
from .tables import STATE, STATES, Malformed, TableReader, TableWriter, clean

Item: TypeAlias = Change | Frame | Progress

_new_tuple = tuple.__new__
_NO_DETAIL: Mapping[str, Any] = {}
_json = json.JSONEncoder(separators=(",", ":"), default=str).encode


def write_item(item: Item, into: stream_pb2.Item, tables: TableWriter) -> None:
    if isinstance(item, Change):
        write_change(item, into.change, tables)
    elif isinstance(item, Frame):
        write_frame(item, into.frame)
    else:
        into.progress.CopyFrom(progress_message(item))


def item_from(message: stream_pb2.Item, tables: TableReader) -> Item | None:
    """None: a kind of item that this version does not know."""
    kind = message.WhichOneof("item")
    if kind == "change":
        return change_from(message.change, tables)
    if kind == "frame":
        return frame_from(message.frame)
    return progress_from(message.progress) if kind == "progress" else None


def write_change(change: Change, into: tasks_pb2.Change, tables: TableWriter) -> None:
    seq, at, task, old, new, why, attempt, worker, detail = change
    into.seq = seq
    into.at = at
    into.task = task
    if old is not None:
        into.old = STATE[old]
    into.new = STATE[new]
    into.why = why
    if attempt:
        into.attempt = attempt
    if worker:
        into.worker = worker
    for name, value in detail.items():
        if value is not None:
            _write_fact(value, into.detail.add(name=name), tables)


def change_from(message: tasks_pb2.Change, tables: TableReader) -> Change:
    new = STATES.get(message.new)
    if new is None:
        raise Malformed(f"a change of {message.task!r} to no known state")
    facts = message.detail
    fields = (
        message.seq,
        message.at,
        message.task,
        STATES.get(message.old),
        new,
        message.why,
        message.attempt,
        message.worker,
        {fact.name: _fact_from(fact, tables) for fact in facts} if facts else _NO_DETAIL,
    )
    change: Change = _new_tuple(Change, fields)
    return change


def _write_fact(value: Any, into: tasks_pb2.Fact, tables: TableWriter) -> None:
    if isinstance(value, str):
        into.text = clean(value)
    elif isinstance(value, bool):
        into.flag = value
    elif isinstance(value, int):
        into.whole = value
    elif isinstance(value, float):
        into.number = value
    elif isinstance(value, TaskError):
        into.error.CopyFrom(error_message(value))
    elif isinstance(value, Task):
        tables.task(value, into.task)
    elif isinstance(value, ActionResult):
        into.result.CopyFrom(result_message(value))
    elif isinstance(value, Mapping):
        into.outputs.SetInParent()
        write_outputs(value, into.outputs.outputs)
    elif isinstance(value, list | tuple):
        into.names.SetInParent()
        into.names.names.extend([clean(str(name)) for name in value])
    else:
        into.text = clean(str(value))


def _fact_from(fact: tasks_pb2.Fact, tables: TableReader) -> Any:
    kind = fact.WhichOneof("value")
    match kind:
        case "text" | "number" | "flag" | "whole":
            return getattr(fact, kind)
        case "error":
            return error_from(fact.error)
        case "task":
            return tables.task(fact.task)
        case "outputs":
            return outputs_from(fact.outputs.outputs)
        case "result":
            return result_from(fact.result)
        case "names":
            return tuple(fact.names.names)
    return None


def write_frame(frame: Frame, into: tasks_pb2.Frame) -> None:
    task, attempt, seq, kind, data, at = frame
    into.task = task
    into.attempt = attempt
    into.seq = seq
    into.kind = kind
    into.data = _json(data).encode()
    into.at = at


def frame_from(message: tasks_pb2.Frame) -> Frame:
    try:
        data = json.loads(message.data)
    except ValueError as error:
        raise Malformed(f"a frame of {message.task!r:.80} is malformed: {error}") from error
    if not isinstance(data, dict):
        raise Malformed(f"a frame of {message.task!r:.80} is malformed: no mapping")
    return Frame(message.task, message.attempt, message.seq, message.kind, data, message.at)


def progress_message(progress: Progress) -> tasks_pb2.Progress:
    return tasks_pb2.Progress(
        task=progress.task,
        attempt=progress.attempt,
        done=progress.done,
        total=progress.total,
        message=clean(progress.message),
        at=progress.at,
    )


def progress_from(message: tasks_pb2.Progress) -> Progress:
    return Progress(
        message.task,
        message.attempt,
        message.done,
        message.total,
        message.message,
        message.at,
    )


def error_message(error: TaskError) -> tasks_pb2.TaskError:
    return tasks_pb2.TaskError(
        kind=error.kind,
        type=clean(error.type),
        message=clean(error.message),
        traceback=clean(error.traceback),
        blob=error.blob or "",
        final=not error.retryable,
    )


def error_from(message: tasks_pb2.TaskError) -> TaskError:
    return TaskError(
        message.kind,
        message.type,
        message.message,
        message.traceback,
        message.blob or None,
        not message.final,
    )


def write_outputs(outputs: Mapping[str, Output], into: Any) -> None:
    """:param into: a repeated field of `Output`."""
    for name, (digest, size) in outputs.items():
        into.add(name=name, digest=digest, size=size)


def outputs_from(messages: Any) -> dict[str, Output]:
    return {message.name: Output(message.digest, message.size) for message in messages}


def result_message(result: ActionResult) -> tasks_pb2.ActionResult:
    message = tasks_pb2.ActionResult(
        key=result.key,
        duration=result.duration,
        transcript=result.transcript or "",
        origin=clean(result.origin),
        created=result.created,
    )
    write_outputs(result.outputs, message.outputs)
    return message


def result_from(message: tasks_pb2.ActionResult) -> ActionResult:
    return ActionResult(
        message.key,
        outputs_from(message.outputs),
        message.duration,
        message.transcript or None,
        message.origin,
        message.created,
    )
