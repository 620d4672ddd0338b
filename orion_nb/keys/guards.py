"""How to know cheaply that a closure computed before still holds.

Everything that was looked at is remembered: what cannot change by its identity, the rest by its
content, which is hashed again on every check — an identity does not tell whether a list has
grown.
"""

from __future__ import annotations

import enum
import types
from collections.abc import Callable, Mapping
from typing import Any

from ..core.model import Digest
from .content import Encoder
from .unhashable import Unhashable

MISSING = object()
"""Stands for a name without a value."""

_PLAIN = frozenset({type(None), bool, int, float, complex, range, type(...)})
_BY_IDENTITY = (types.FunctionType, types.BuiltinFunctionType, types.ModuleType, type, enum.Enum)
_MAX_TEXT = 1 << 16  # characters or bytes: longer ones are not kept alive to be compared
_MAX_TUPLE = 64


def is_frozen(value: Any) -> bool:
    """Whether the same object will have the same content later.

    Functions and classes count: what they are made of has guards of its own.
    """
    kind = type(value)
    if kind in _PLAIN or value is MISSING or isinstance(value, _BY_IDENTITY):
        return True
    if kind is str or kind is bytes:
        return len(value) <= _MAX_TEXT
    if kind is tuple or kind is frozenset:
        return len(value) <= _MAX_TUPLE and all(map(is_frozen, value))
    return False


class Guards:
    """Facts that must hold for a remembered closure to be valid."""

    __slots__ = ("_cells", "_classes", "_contents", "_functions", "_names")

    def __init__(self) -> None:
        self._names: list[tuple[Mapping[str, Any], str, Any]] = []
        self._cells: list[tuple[types.CellType, Any]] = []
        self._functions: list[tuple[types.FunctionType, types.CodeType, Any, Any, int]] = []
        self._classes: list[tuple[type, tuple[str, ...], tuple[Any, ...]]] = []
        self._contents: list[tuple[Callable[[], Any], Digest]] = []

    def name(self, namespace: Mapping[str, Any], name: str, value: Any) -> None:
        """The name stays bound to this very object (which `is_frozen`)."""
        self._names.append((namespace, name, value))

    def cell(self, cell: types.CellType, value: Any) -> None:
        """The captured variable keeps this very object (which `is_frozen`)."""
        self._cells.append((cell, value))

    def function(self, function: types.FunctionType) -> None:
        """The function keeps its code, defaults and number of attributes."""
        self._functions.append(
            (
                function,
                function.__code__,
                function.__defaults__,
                function.__kwdefaults__,
                len(function.__dict__),
            )
        )

    def members(self, cls: type) -> None:
        """The class keeps its attributes."""
        members = vars(cls)
        self._classes.append((cls, tuple(members), tuple(members.values())))

    def content(self, get: Callable[[], Any], digest: Digest) -> None:
        """What `get` returns keeps its content. If there is code in it, nothing is valid."""
        self._contents.append((get, digest))

    def valid(self) -> bool:
        """Whether all of it holds."""
        for namespace, name, value in self._names:
            if namespace.get(name, MISSING) is not value:
                return False
        for cell, value in self._cells:
            if contents_of(cell) is not value:
                return False
        for function, code, defaults, kwdefaults, attributes in self._functions:
            if (
                function.__code__ is not code
                or function.__defaults__ is not defaults
                or function.__kwdefaults__ is not kwdefaults
                or len(function.__dict__) != attributes
            ):
                return False
        for cls, names, values in self._classes:
            members = vars(cls)
            if tuple(members) != names or not all(
                new is old for new, old in zip(members.values(), values, strict=True)
            ):
                return False
        return all(_plain_digest(get()) == digest for get, digest in self._contents)


def contents_of(cell: types.CellType) -> Any:
    """What a captured variable holds; `MISSING` when it was not assigned yet."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _plain_digest(value: Any) -> Digest | None:
    if value is MISSING:
        return None
    encoder = Encoder(_PlainContext())
    try:
        encoder.add(value)
    except (Unhashable, RecursionError):
        return None
    return encoder.digest()


class _PlainContext:
    """For values without code; with it, a check would cost as much as following it anew."""

    def module(self, name: str) -> None:
        """Referred to when the closure was computed; the same value refers to the same."""

    def code(self, value: object) -> bytes:
        raise Unhashable("it holds code")

    def ref(self, value: object) -> bytes:
        raise Unhashable("it holds a handle")

    def refs_met(self) -> int:
        return 0

    def unordered(self) -> _PlainContext:
        return self
