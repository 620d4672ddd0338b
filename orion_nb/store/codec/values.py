"""`encode` and `decode`: one Python value to one blob and back."""

from __future__ import annotations

import mmap
import pickle
from typing import Any

from ...exceptions import Undecodable
from ..digests import Buffer
from . import diagnose
from .layout import ALIGN, ANY_PYTHON, CALL, PYTHON, Encoded, pack, pack_plain, unpack
from .pickler import PROTOCOL, dump, is_quick


def encode(value: Any, *, label: str = "result") -> Encoded:
    """Encode a value. Arrays and frames are not copied: their memory goes to the store as it is.

    Functions, classes and lambdas that cannot be imported (notebook cells, ``__main__``)
    travel by value. `label` is what the value is called in an error: ``result``, ``df``.

    :raises NotPicklable: names the part that cannot travel, as ``result["model"].lock``.
    """
    if is_quick(value):
        return pack_plain(pickle.dumps(value, PROTOCOL))
    try:
        streams, buffers, by_value = dump(value)
    except Exception as error:
        raise diagnose.not_picklable(value, label, error) from error
    return pack(streams, buffers, python=PYTHON if by_value else ANY_PYTHON)


def decode(buffer: Buffer | mmap.mmap) -> Any:
    """Decode a blob.

    Arrays lie in `buffer` itself if it is writable (a copy-on-write mapping: `Blob.buffer`),
    which they then keep alive; otherwise (`bytes`) in a private copy. Either way they are
    writable and writing to them changes nothing for anyone else.

    :raises Undecodable: not a value, another format or Python version, or a class or
        function that this process cannot import.
    """
    parts = unpack(writable(buffer))
    if parts.flags & CALL:
        raise Undecodable("a call, not a value")
    try:
        return pickle.loads(parts.stream, buffers=parts.buffers)
    except Exception as error:
        raise undecodable(error) from error


def undecodable(error: Exception) -> Undecodable:
    """What went wrong while a value was being rebuilt, with what to do."""
    if isinstance(error, ModuleNotFoundError):
        hint = f"install {error.name!r} where the value is read, or make it importable there"
    elif isinstance(error, (ImportError, AttributeError)):
        hint = "the module that defines it has changed since; recompute the value"
    else:
        hint = "the code that rebuilds it raised"
    return Undecodable(f"cannot rebuild the value: {type(error).__name__}: {error} ({hint})")


def writable(buffer: Buffer | mmap.mmap) -> memoryview:
    """The buffer as a writable view: itself, or an aligned private copy if it is read-only."""
    view = memoryview(buffer).cast("B") if not isinstance(buffer, bytes) else memoryview(buffer)
    if not view.readonly:
        return view
    if len(view) < _HAS_BUFFERS_FROM:
        return view  # no room for an out-of-band buffer: nothing in it can be shared
    import ctypes

    space = bytearray(len(view) + ALIGN)
    start = -ctypes.addressof(ctypes.c_char.from_buffer(space)) % ALIGN
    copy = memoryview(space)[start : start + len(view)]
    copy[:] = view
    return copy


_HAS_BUFFERS_FROM = 4096
