"""Runs one call, wherever: decode, call, encode. Shared by worker processes and threads."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from ..core.model import VALUE, Digest, ObjectRef
from ..exceptions import CorruptBlob, NotPicklable, ObjectUnavailable
from ..store import INLINE_LIMIT, BlobStore, codec
from . import errors, wire

Made = tuple[str, Digest, int, bytes | None]
"""One output: name, digest, size, and the bytes if it is small (else it is in the store)."""


Ready = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]
"""A function, its arguments and keyword arguments, all of them values."""


class Assignment(NamedTuple):
    """One attempt on its way to a worker. Only built-in types: it travels by `wire`."""

    task: str
    attempt: int
    name: str
    call: bytes | Digest  # the encoded call, or the digest of its blob
    inputs: tuple[
        tuple[str, str, Digest, bytes | None], ...
    ]  # task, output, digest, bytes if small
    outputs: tuple[str, ...]


class InputLost(Exception):
    """A blob that the call needs cannot be read; the host has it made again."""

    def __init__(self, digest: Digest, why: str) -> None:
        super().__init__(why)
        self.digest = digest
        self.why = why


class Thunk:
    """A call for a worker thread: the objects themselves, shared with whoever submitted them.

    ObjectRefs count as inputs in the arguments and in lists, tuples and dicts in them.
    """

    __slots__ = ("args", "fn", "kwargs")

    def __init__(self, fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]):
        self.fn = fn
        self.args = args
        self.kwargs = kwargs

    def refs(self) -> tuple[ObjectRef, ...]:
        """The distinct ones, in the order met."""
        found: dict[ObjectRef, None] = {}
        _replace((self.args, self.kwargs), lambda ref: found.setdefault(ref))
        return tuple(found)

    def resolved(self, resolve: Callable[[ObjectRef], Any]) -> Ready:
        """With values in place of the refs. Containers without refs stay the same objects."""
        values: dict[ObjectRef, Any] = {}

        def once(ref: ObjectRef) -> Any:
            if ref not in values:
                values[ref] = resolve(ref)
            return values[ref]

        args, kwargs = _replace((self.args, self.kwargs), once)
        return self.fn, args, kwargs


def _replace(value: Any, of: Callable[[ObjectRef], Any]) -> Any:
    if isinstance(value, ObjectRef):
        return of(value)
    if type(value) in (list, tuple):
        items = [_replace(item, of) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return type(value)(items)
    if type(value) is dict:
        entries = {key: _replace(item, of) for key, item in value.items()}
        return value if all(entries[key] is value[key] for key in value) else entries
    return value


def decode_assignment(assignment: Assignment, blobs: Callable[[], BlobStore]) -> Ready:
    """The function and its arguments, with the values of its inputs in place.

    :raises InputLost: one of them is gone or damaged.
    :raises Undecodable: something cannot be rebuilt in this process.
    """
    call = assignment.call
    buffer = call if isinstance(call, bytes) else read(blobs(), call)
    if not assignment.inputs:
        return codec.decode_call(buffer, _no_inputs)
    known = {(task, output): (digest, data) for task, output, digest, data in assignment.inputs}

    def resolve(ref: ObjectRef) -> Any:
        digest, data = known[ref.task, ref.output]
        return codec.decode(data if data is not None else read(blobs(), digest))

    return codec.decode_call(buffer, resolve)


def input_changed(
    assignment: Assignment, blobs: Callable[[], BlobStore], task: str, output: str, value: Any
) -> bool:
    """Whether an input's decoded value was changed in place; compared with a fresh reading.

    :raises LookupError: the call has no such input. :raises InputLost: its blob is gone.
    """
    for known_task, known_output, digest, data in assignment.inputs:
        if (known_task, known_output) == (task, output):
            return codec.changed_since_load(
                value, data if data is not None else read(blobs(), digest)
            )
    raise LookupError(f"{task}.{output} is no input")


def _no_inputs(ref: ObjectRef) -> Any:
    raise ObjectUnavailable(f"{ref.id} is not an input of this task")


def read(blobs: BlobStore, digest: Digest) -> Any:
    """:raises InputLost: gone or damaged."""
    try:
        return blobs.open(digest).buffer
    except (ObjectUnavailable, CorruptBlob) as error:
        raise InputLost(digest, str(error)) from error


def encode_outputs(
    value: Any, outputs: tuple[str, ...], blobs: Callable[[], BlobStore]
) -> tuple[Made, ...]:
    """The result as the task's outputs; large ones go into the store.

    :raises NotPicklable: names the output and the part of it that cannot travel.
    :raises TypeError: several outputs were promised, and this is no dict of them.
    """
    if outputs == (VALUE,):
        return (_encode_one(VALUE, "result", value, blobs),)
    if not isinstance(value, Mapping):
        raise TypeError(
            f"the task has the outputs {', '.join(outputs)}: it must return a dict of them, "
            f"not {type(value).__name__}"
        )
    missing = [name for name in outputs if name not in value]
    if missing:
        raise TypeError(f"the task did not make its output {', '.join(missing)}")
    return tuple(_encode_one(name, name, value[name], blobs) for name in outputs)


def _encode_one(name: str, label: str, value: Any, blobs: Callable[[], BlobStore]) -> Made:
    encoded = codec.encode(value, label=label)
    if encoded.size <= INLINE_LIMIT:
        return name, encoded.digest, encoded.size, encoded.to_bytes()
    output = blobs().put(encoded)
    return name, output.digest, output.size, None


def timed_call(call: Ready) -> tuple[Any, float]:
    """The result, and the seconds that it took."""
    fn, args, kwargs = call
    start = time.perf_counter()
    value = fn(*args, **kwargs)
    return value, time.perf_counter() - start


__all__ = [
    "Assignment",
    "InputLost",
    "Made",
    "NotPicklable",
    "decode_assignment",
    "encode_outputs",
    "timed_call",
]


def no_result(number: int, error: BaseException) -> wire.Message:
    """What a worker answers for an attempt that raised and was not cancelled."""
    if isinstance(error, InputLost):
        return (wire.LOST, number, error.digest, error.why)
    words, blob = errors.describe(error)
    if isinstance(error, NotPicklable):
        words = words._replace(kind="unpicklable", retryable=False)
    return (wire.FAILED, number, tuple(words), blob)
