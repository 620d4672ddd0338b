"""What travels between the notebook and a worker, beside arguments: packed values, frames."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from orion_nb.core.model import Digest, ObjectRef
from orion_nb.exceptions import NotPicklable
from orion_nb.local import context, errors
from orion_nb.local import environment as environments
from orion_nb.local.running import InputLost
from orion_nb.store import codec


def pack(values: Mapping[str, Any]) -> bytes:
    """Encode named values once, however many tasks they go to.

    :raises NotPicklable: names the value that cannot travel.
    """
    try:
        return codec.encode(dict(values)).to_bytes()
    except NotPicklable:
        for name, value in values.items():
            check(value, name)  # a shorter message than one about a dict of everything
        raise


def unpack(data: bytes) -> dict[str, Any]:
    """What `pack` packed."""
    values: dict[str, Any] = codec.decode(data)
    return values


def check(value: Any, name: str) -> None:
    """Make sure that a value can travel, without keeping a copy.

    :raises NotPicklable: with the value's name in it.
    """
    codec.encode(value, label=name)


def pickle_digest(value: Any) -> Digest:
    """Digest of the encoded value: good for comparing an object with itself, never for a key."""
    return codec.encode(value).digest


def hide_own_frames(error: BaseException) -> None:
    """Take Orion's frames out of an exception's traceback, as far as they are no bug's."""
    errors.hide_own_frames(error)


def emit(kind: str, data: Mapping[str, Any]) -> None:
    """Send one output frame of the running task (see `core.model.Frame`); outside a task, none."""
    running = context.current()
    if running is not None:
        running.emit(kind, data)


def input_changed(ref: ObjectRef, value: Any) -> bool | None:
    """Has the running task changed this input in place? None: it cannot be told here."""
    running = context.current()
    if running is None:
        return None
    try:
        return running.input_changed(ref.task, ref.output, value)
    except (LookupError, InputLost):
        return None


def size(value: Any) -> int:
    """Bytes of the encoded value; arrays in it are not copied for this."""
    return codec.encode(value).size


def environment(packages: Iterable[str]) -> dict[str, str]:
    """Versions in this process, in the words of `Session.environment`."""
    return environments.environment(packages)
