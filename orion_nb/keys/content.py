"""The canonical content hash of values.

A value is written as a sequence of bytes in a prefix code — every piece says its type and
length before its content — and the SHA-256 of that is its content hash. What is decided:

* Types are told apart: ``1``, ``True``, ``1.0`` and ``numpy.float64(1)`` differ, as do a list
  and a tuple. ``-0.0`` is not ``0.0``; every NaN is the same NaN as another of equal bits.
* Dicts are written in insertion order, because iteration shows it (it becomes the order of
  columns, of files, of rows); sets have no order and are written sorted by their encoding.
* A mutable object met twice is written once and referred to afterwards, for ``[x, x]`` and
  ``[x, copy(x)]`` behave differently; this also makes cycles finite.
* Functions and classes are written by what they do (`closure`), or by name when they belong to
  an importable module (whose source or version is a component of its own).
* Never `repr`, never a constant, never pickle's bytes.

Kinds of values that need more than a few lines live in `instances` and `arrays`.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import Any, Protocol

from ..core.model import Digest, ObjectRef
from .buffers import buffer_digest

_INLINE = 4096  # bytes; longer buffers are written as their digest, so that nothing is copied
_UNIFORM_FROM = 32  # elements; longer lists of one plain type are written as one buffer
_pack_double = struct.Struct("<d").pack
_pack_complex = struct.Struct("<dd").pack


class Context(Protocol):
    """What an encoder asks about things that are more than their content."""

    def module(self, name: str) -> None:
        """The value belongs to this importable module: its source or version matters too."""

    def code(self, value: Any) -> bytes:
        """What stands for a function or class that travels by value; `ValueError` if none does."""

    def ref(self, value: ObjectRef) -> bytes:
        """What stands for the result of another task."""

    def refs_met(self) -> int:
        """How many different ones there were so far."""

    def unordered(self) -> Context:
        """A context for the elements of a set, which have no order to number things by."""


class Encoder:
    """Writes values, one after the other, into one prefix-coded sequence."""

    __slots__ = ("_keep", "_seen", "context", "out")

    def __init__(self, context: Context) -> None:
        self.context = context
        self.out: list[bytes] = []
        self._seen: dict[int, int] = {}
        self._keep: list[Any] = []  # ids in _seen stay valid while their objects live

    def add(self, value: Any) -> None:
        """Write a value. Raises `Unhashable`."""
        write = _EXACT.get(type(value))
        if write is not None:
            write(self, value)
        else:
            _write_other(self, value)

    def tag(self, tag: bytes, count: int = 0) -> None:
        """Write what kind of thing comes next. Nothing else begins with ``<``."""
        self.out.append(b"<%b %d;" % (tag, count))

    def text(self, text: str) -> None:
        _write_str(self, text)

    def buffer(self, data: bytes | bytearray | memoryview) -> None:
        """Write bytes: short ones themselves, long ones as their digest."""
        size = data.nbytes if isinstance(data, memoryview) else len(data)
        if size <= _INLINE:
            self.out.append(b"b%d:%b" % (size, bytes(data)))
        else:
            self.out.append(b"B%d:%b" % (size, buffer_digest(data)))

    def met_before(self, value: object) -> bool:
        """Whether a mutable object was written already; if so, refers to it."""
        number = self._seen.get(id(value))
        if number is not None:
            self.out.append(b"@%d;" % number)
            return True
        self._seen[id(value)] = len(self._seen)
        self._keep.append(value)
        return False

    def unordered(self, values: Iterable[Any]) -> None:
        """Write elements in the order of their encodings."""
        encoded = []
        context = self.context.unordered()
        for value in values:
            inner = Encoder(context)
            inner.add(value)
            encoded.append(b"".join(inner.out))
        self.out.extend(b"%d:%b" % (len(one), one) for one in sorted(encoded))

    def digest(self) -> Digest:
        """The SHA-256 of all that was written."""
        return sha256(b"".join(self.out)).hexdigest()


Writer = Callable[[Encoder, Any], None]


def _write_none(e: Encoder, value: None) -> None:
    e.out.append(b"N;")


def _write_bool(e: Encoder, value: bool) -> None:
    e.out.append(b"T;" if value else b"F;")


def _write_int(e: Encoder, value: int) -> None:
    e.out.append(b"i%x;" % value)  # hexadecimal: decimal is limited to 4,300 digits


def _write_float(e: Encoder, value: float) -> None:
    e.out.append(b"f" + _pack_double(value))


def _write_complex(e: Encoder, value: complex) -> None:
    e.out.append(b"c" + _pack_complex(value.real, value.imag))


def _write_str(e: Encoder, value: str) -> None:
    data = value.encode("utf-8", "surrogatepass")
    e.out.append(b"s%d:%b" % (len(data), data) if len(data) <= _INLINE else _long_text(data))


def _long_text(data: bytes) -> bytes:
    return b"S%d:%b" % (len(data), buffer_digest(data))


def _write_bytes(e: Encoder, value: bytes) -> None:
    e.buffer(value)


def _write_bytearray(e: Encoder, value: bytearray) -> None:
    if not e.met_before(value):
        e.tag(b"bytearray")
        e.buffer(value)


def _write_tuple(e: Encoder, value: tuple[Any, ...]) -> None:
    e.out.append(b"(%d;" % len(value))
    for item in value:
        e.add(item)


def _write_list(e: Encoder, value: list[Any]) -> None:
    if e.met_before(value):
        return
    e.out.append(b"[%d;" % len(value))
    if len(value) >= _UNIFORM_FROM and _write_uniform(e, value):
        return
    for item in value:
        e.add(item)


def _write_uniform(e: Encoder, value: list[Any]) -> bool:
    """A long list of one plain type, as one buffer: the loop runs in C."""
    types = set(map(type, value))
    if len(types) != 1:
        return False
    kind = types.pop()
    if kind is float:
        return _write_machine(e, b"floats", "d", value)
    if kind is int:
        try:
            return _write_machine(e, b"ints", "q", value)
        except OverflowError:
            return False
    if kind is str:
        texts = [text.encode("utf-8", "surrogatepass") for text in value]
        _write_machine(e, b"strs", "q", list(map(len, texts)))
        e.buffer(b"".join(texts))
        return True
    return False


def _write_machine(e: Encoder, tag: bytes, typecode: str, value: list[Any]) -> bool:
    packed = array(typecode, value)
    if sys.byteorder == "big":
        packed.byteswap()
    e.tag(tag)
    e.buffer(memoryview(packed).cast("B"))
    return True


def _write_dict(e: Encoder, value: dict[Any, Any]) -> None:
    if e.met_before(value):
        return
    e.out.append(b"{%d;" % len(value))
    for key, item in value.items():
        e.add(key)
        e.add(item)


def _write_set(e: Encoder, value: set[Any]) -> None:
    if not e.met_before(value):
        e.tag(b"set", len(value))
        e.unordered(value)


def _write_frozenset(e: Encoder, value: frozenset[Any]) -> None:
    e.tag(b"frozenset", len(value))
    e.unordered(value)


def _write_ref(e: Encoder, value: ObjectRef) -> None:
    e.out.append(e.context.ref(value))


def _write_other(e: Encoder, value: Any) -> None:
    from .instances import write_object  # here: `instances` builds on this module

    write_object(e, value)


_EXACT: dict[type, Writer] = {
    type(None): _write_none,
    bool: _write_bool,
    int: _write_int,
    float: _write_float,
    complex: _write_complex,
    str: _write_str,
    bytes: _write_bytes,
    bytearray: _write_bytearray,
    tuple: _write_tuple,
    list: _write_list,
    dict: _write_dict,
    set: _write_set,
    frozenset: _write_frozenset,
    ObjectRef: _write_ref,
}
"""By exact type: a subclass may behave otherwise, so it is written with its class."""
