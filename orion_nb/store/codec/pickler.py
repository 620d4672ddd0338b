"""Python objects to pickle streams: what goes by reference, what by value, what stays outside.

Plain pickle writes ``__main__.f`` for a notebook's function and "succeeds", and a worker
then finds no such name, or worse, an older one. So whatever is not a plain built-in value
goes through `ValuePickler`, cloudpickle with two additions: it notices when it wrote code
by value (such a blob is for one Python version only), and a quick test spares importable
functions and classes cloudpickle's slow one. It is a C pickler: for lists, dicts, numbers
and strings no Python code runs at all.
"""

from __future__ import annotations

import functools
import pickle
import sys
import types
from collections.abc import Callable, Mapping
from typing import Any

import cloudpickle

from ..digests import Buffer
from .atoms import ATOMS, TEXTS
from .classes import reduce_cached_property, reduce_class

PROTOCOL = 5

OUT_OF_BAND_FROM = 4096
"""Bytes. A smaller buffer is copied into the stream: its own page would cost more."""

SHORT = 1 << 14
"""Characters up to which a string is written by the quick way."""

Reducer = Callable[[Any], Any]


class Stream:
    """Where a pickler writes to: keeps the pieces; big `bytes` and `str` are not copied."""

    __slots__ = ("pieces", "write")

    def __init__(self) -> None:
        self.pieces: list[bytes] = []
        self.write = self.pieces.append


class ValuePickler(cloudpickle.Pickler):  # type: ignore[misc]
    """One value, one use. `by_value` tells afterwards whether code went along by value.

    `special` maps an exact type to its own reducer, asked before anything else.
    """

    def __init__(
        self,
        stream: Stream,
        buffer_callback: Callable[[pickle.PickleBuffer], Any],
        special: Mapping[type, Reducer] | None = None,
    ) -> None:
        super().__init__(stream, PROTOCOL, buffer_callback)
        self.by_value = False
        self._special = special

    def reducer_override(self, obj: Any) -> Any:
        kind = type(obj)
        if self._special is not None and kind in self._special:
            return self._special[kind](obj)
        if issubclass(kind, type) or kind is types.FunctionType:
            if importable(obj):
                return NotImplemented
            reduced = super().reducer_override(obj)
            if reduced is not NotImplemented and not isinstance(reduced, str):
                self.by_value = True
                if len(reduced) == 6 and isinstance(obj, type):
                    return reduce_class(obj, reduced)
            return reduced
        if kind is functools.cached_property:
            return reduce_cached_property(obj)
        if kind.__name__ == "ndarray" and kind.__module__ == "numpy" and _is_strided(obj):
            # Numpy would write it into the stream, to be copied twice when it is read.
            return obj.copy(order="C").__reduce_ex__(PROTOCOL)
        return NotImplemented


def _is_strided(array: Any) -> bool:
    return array.nbytes >= OUT_OF_BAND_FROM and not array.flags.forc and not array.dtype.hasobject


def importable(obj: Any) -> bool:
    """Whether every process finds this very function or class under its module and name.

    Never for ``__main__`` nor for modules registered with
    `cloudpickle.register_pickle_by_value`. False may also mean "not sure".
    """
    name = getattr(obj, "__module__", None)
    if name is None or name == "__main__":
        return False
    module = sys.modules.get(name)
    if module is None or _by_value_modules():
        return False
    found: Any = module
    for part in obj.__qualname__.split("."):
        found = getattr(found, part, None)
    return found is obj


def _by_value_modules() -> bool:
    return bool(cloudpickle.list_registry_pickle_by_value())


def is_quick(value: Any) -> bool:
    """Whether plain pickle is certain to be right and small: a short built-in scalar, or a
    short tuple of them."""
    kind = type(value)
    if kind in ATOMS:
        return True
    if kind in TEXTS:
        return len(value) <= SHORT
    if kind is tuple and len(value) <= 8:
        for item in value:
            kind = type(item)
            if kind not in ATOMS and not (kind in TEXTS and len(item) <= SHORT):
                return False
        return True
    return False


def dump(
    value: Any, special: Mapping[type, Reducer] | None = None
) -> tuple[list[Buffer], list[memoryview], bool]:
    """Pickle one value.

    :return: the pieces of the stream, the out-of-band buffers (they share memory with the
        value), and whether code went along by value.
    """
    stream = Stream()
    buffers: list[memoryview] = []

    def outside(buffer: pickle.PickleBuffer) -> bool:
        raw = buffer.raw()
        if raw.nbytes < OUT_OF_BAND_FROM:
            return True  # into the stream
        buffers.append(raw)
        return False

    pickler = ValuePickler(stream, outside, special)
    pickler.dump(value)
    return list(stream.pieces), buffers, pickler.by_value
