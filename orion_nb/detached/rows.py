"""How tasks and their outcomes lie in the log: JSON that a later version can still read.

Fields that have their default are left out, unknown ones are ignored.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

from ..core.commands import Change
from ..core.model import (
    VALUE,
    ActionResult,
    CacheMode,
    Component,
    KeyRecipe,
    ObjectRef,
    Output,
    Policy,
    Task,
    TaskError,
    TaskId,
    TaskState,
    WorkerKind,
)
from ..core.remains import Ended
from ..local.calls import Surroundings
from ..local.packed import PackedCall, RestoredTask
from ..local.wire import RawFrame

COMPRESS_FROM = 4_096  # bytes of JSON
MAX_EXCEPTION = 1 << 20  # bytes, pickled; of a larger one the text must do
_PLAIN = b"["  # what uncompressed JSON begins with; zlib's streams never do

_DEFAULTS = Policy()
_encode = json.JSONEncoder(separators=(",", ":"), default=str).encode


def clock_offset() -> float:
    """Seconds from the monotonic clock to the epoch. Stories are kept in the latter, which goes on
    over a restart of the machine."""
    return time.time() - time.monotonic()


def task_to_json(task: Task) -> str:
    data: dict[str, Any] = {"name": task.name}
    if task.inputs:
        data["inputs"] = [(name, ref.task, ref.output) for name, ref in task.inputs]
    if task.after:
        data["after"] = task.after
    if task.outputs != (VALUE,):
        data["outputs"] = task.outputs
    if task.group:
        data["group"] = task.group
    if task.recipe is not None:
        data["recipe"] = (task.recipe.components, task.recipe.provenance)
    if task.uncached_because:
        data["uncached"] = task.uncached_because
    policy = {
        name: value
        for name in Policy.__slots__
        if (value := getattr(task.policy, name)) != getattr(_DEFAULTS, name)
    }
    if policy:
        data["policy"] = policy
    if task.labels:
        data["labels"] = dict(task.labels)
    return _encode(data)


def task_from_json(id: TaskId, session: str, text: str) -> Task:
    """:raises ValueError: (or its kinds, KeyError, TypeError) it is damaged."""
    data = json.loads(text)
    recipe = None
    if "recipe" in data:
        components, provenance = data["recipe"]
        recipe = KeyRecipe(tuple([Component(*part) for part in components]), tuple(provenance))
    policy = _DEFAULTS
    if "policy" in data:
        fields = {name: value for name, value in data["policy"].items() if name in Policy.__slots__}
        if "cache" in fields:
            fields["cache"] = CacheMode(fields["cache"])
        if "kind" in fields:
            fields["kind"] = WorkerKind(fields["kind"])
        policy = Policy(**fields)
    return Task(
        id,
        data["name"],
        tuple([(name, ObjectRef(task, output)) for name, task, output in data.get("inputs", ())]),
        tuple(data.get("after", ())),
        tuple(data.get("outputs", (VALUE,))),
        data.get("group", ""),
        recipe,
        data.get("uncached", ""),
        policy,
        session,
        data.get("labels", {}),
    )


def outcome_to_json(over: RestoredTask) -> str:
    """All of it that is small; `inline`, `frames` and `exception` are in `parts_to_bytes`."""
    ended = over.ended
    data: dict[str, Any] = {}
    if ended.outputs is not None:
        data["outputs"] = dict(ended.outputs)
    if ended.error is not None:
        data["error"] = ended.error
    if ended.root:
        data["root"] = ended.root
    if ended.key is not None:
        data["key"] = ended.key
    if ended.hit is not None:
        data["hit"] = ended.hit
    if ended.attempts:
        data["attempts"] = ended.attempts
    if ended.lost:
        data["lost"] = sorted(ended.lost)
    if ended.story:
        offset = clock_offset()
        data["story"] = [_change_to_list(change, offset) for change in ended.story]
    if over.attempt:
        data["attempt"] = over.attempt
    return _encode(data)


def outcome_from_json(
    call: PackedCall, state: str, text: str, parts: Mapping[str, bytes]
) -> RestoredTask:
    """:raises ValueError: (or its kinds, KeyError, TypeError) it is damaged."""
    data = json.loads(text)
    outputs, hit = None, None
    if "outputs" in data:
        outputs = {name: Output(*output) for name, output in data["outputs"].items()}
    if "hit" in data:
        hit = _hit_from(data["hit"])
    offset = clock_offset()
    story = [
        _change_from_list(call.task, fields, outputs, hit, offset)
        for fields in data.get("story", ())
    ]
    attempt = data.get("attempt", 0)
    frames = frames_from_bytes(parts["frames"]) if "frames" in parts else ()
    ended = Ended(
        call.task,
        TaskState(state),
        outputs,
        TaskError(*data["error"]) if "error" in data else None,
        data.get("root", ""),
        data.get("key"),
        hit,
        data.get("attempts", 0),
        frozenset(data.get("lost", ())),
        tuple(story),
    )
    inline = {name: part for name, part in parts.items() if len(name) == 64}
    return RestoredTask(call, ended, inline, parts.get("exception"), frames, attempt)


def parts_to_bytes(over: RestoredTask) -> bytes | None:
    """Small values by digest, the ``exception`` and the ``frames``: a line of JSON with names and
    sizes, then the bytes. None: there are none."""
    parts = dict(over.inline)
    if over.exception is not None and len(over.exception) <= MAX_EXCEPTION:
        parts["exception"] = over.exception
    if over.frames:
        parts["frames"] = frames_to_bytes(over.frames)
    if not parts:
        return None
    head = _encode([(name, len(data)) for name, data in parts.items()])
    return b"\n".join((head.encode(), b"".join(parts.values())))


def parts_from_bytes(data: bytes | None) -> dict[str, bytes]:
    """:raises ValueError: (or its kinds) damaged."""
    if data is None:
        return {}
    head, _, body = data.partition(b"\n")
    parts, start = {}, 0
    for name, size in json.loads(head):
        parts[name] = body[start : start + size]
        start += size
    return parts


def frames_to_bytes(frames: Sequence[RawFrame]) -> bytes:
    data = _encode([*frames]).encode()
    return zlib.compress(data, 1) if len(data) >= COMPRESS_FROM else data


def frames_from_bytes(data: bytes) -> tuple[RawFrame, ...]:
    """:raises ValueError: (or its kinds) damaged. :raises zlib.error: damaged."""
    raw = json.loads(data if data.startswith(_PLAIN) else zlib.decompress(data))
    return tuple([(kind, content, at) for kind, content, at in raw])


def surroundings_to_json(surroundings: Surroundings) -> str:
    return _encode(
        [surroundings.directory, list(surroundings.path), dict(surroundings.environment)]
    )


def surroundings_from_json(text: str) -> Surroundings:
    directory, path, environment = json.loads(text)
    return Surroundings(directory, tuple(path), environment)


# -- the story ----------------------------------------------------------------------------------


def _change_to_list(change: Change, offset: float) -> list[Any]:
    seq, at, _, old, new, why, attempt, worker, detail = change
    kept = {}
    for name, value in detail.items():
        # What the row has is not written twice.
        held = name in ("task", "hit") or (name == "outputs" and isinstance(value, Mapping))
        kept[name] = None if held else value
    return [seq, at + offset, old, new, why, attempt, worker, kept]


def _change_from_list(
    task: Task,
    fields: Sequence[Any],
    outputs: Mapping[str, Output] | None,
    hit: ActionResult | None,
    offset: float,
) -> Change:
    seq, at, old, new, why, attempt, worker, detail = fields
    held = {"task": task, "outputs": outputs, "hit": hit}
    for name, value in detail.items():
        if value is None:
            detail[name] = held.get(name)
        elif name == "error":
            detail[name] = TaskError(*value)
        elif isinstance(value, list):  # names of outputs
            detail[name] = tuple(value)
    before = TaskState(old) if old else None
    return Change(seq, at - offset, task.id, before, TaskState(new), why, attempt, worker, detail)


def _hit_from(fields: Sequence[Any]) -> ActionResult:
    key, outputs, duration, transcript, origin, created = fields
    made = {name: Output(*output) for name, output in outputs.items()}
    return ActionResult(key, made, duration, transcript, origin, created)
