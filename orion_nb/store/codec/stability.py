"""Whether a function's encoded bytes may be used again: only while nothing in it has changed.

`watch(fn)` lists every place that the bytes were made from, with what was there; each is
compared by identity later. All of those things are immutable and held strongly, so the
same identity means the same content. Anything else (a captured list, a global array)
gives None: encode it every time.
"""

from __future__ import annotations

import dis
import types
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from .atoms import ATOMS, TEXTS
from .pickler import importable

MAX_FUNCTIONS = 50
"""Functions followed through globals; a bigger web of helpers is encoded every time."""

_MISSING = object()
_BIG = 1 << 16  # a longer string would make every call's bytes big, and is cheap to keep outside


class Watch:
    """What a function's bytes depend on, and whether all of it is as it was."""

    __slots__ = ("_cells", "_functions", "_names")

    def __init__(self) -> None:
        self._names: list[tuple[dict[str, Any], str, Any]] = []
        self._cells: list[tuple[types.CellType, Any]] = []
        self._functions: list[tuple[Any, ...]] = []

    def holds(self) -> bool:
        """True: nothing has changed, as far as identity can tell (and then it can)."""
        for namespace, name, value in self._names:
            if namespace.get(name, _MISSING) is not value:
                return False
        for get, code, defaults, kwdefaults in self._functions:
            fn = get()
            if fn is None or fn.__code__ is not code or fn.__defaults__ is not defaults:
                return False
            if (fn.__kwdefaults__ or {}) != kwdefaults or fn.__dict__:
                return False
        return all(_contents(cell) is value for cell, value in self._cells)


def watch(fn: Callable[..., Any]) -> Watch | None:
    """The watch for a function, or None if its bytes must not be kept."""
    result = Watch()
    if importable(fn):
        return result if _watch_import(fn, result) else None
    if type(fn) is not types.FunctionType:
        return None
    return result if _watch_function(fn, result, set()) else None


def _watch_import(obj: Any, result: Watch) -> bool:
    import sys

    if "." in obj.__qualname__:
        return False
    result._names.append((vars(sys.modules[obj.__module__]), obj.__qualname__, obj))
    return True


def _watch_function(fn: types.FunctionType, result: Watch, seen: set[int]) -> bool:
    if id(fn) in seen:
        return True
    seen.add(id(fn))
    names, writes = _globals_of(fn.__code__)
    if len(seen) > MAX_FUNCTIONS or writes or fn.__dict__:
        return False
    kwdefaults = dict(fn.__kwdefaults__ or {})
    if not all(map(_immutable, (*(fn.__defaults__ or ()), *kwdefaults.values()))):
        return False
    from weakref import ref

    result._functions.append((ref(fn), fn.__code__, fn.__defaults__, kwdefaults))
    for cell in fn.__closure__ or ():
        value = _contents(cell)
        result._cells.append((cell, value))
        if not _watch_value(value, result, seen):
            return False
    for name in names:
        value = fn.__globals__.get(name, _MISSING)
        result._names.append((fn.__globals__, name, value))
        if value is not _MISSING and not _watch_value(value, result, seen):
            return False
    return True


def _watch_value(value: Any, result: Watch, seen: set[int]) -> bool:
    if value is _MISSING or _immutable(value) or type(value) is types.ModuleType:
        return True
    if isinstance(value, type):
        return importable(value)
    if type(value) is types.FunctionType:
        return importable(value) or _watch_function(value, result, seen)
    return isinstance(value, types.BuiltinFunctionType)


def _immutable(value: Any) -> bool:
    kind = type(value)
    if kind in ATOMS:
        return True
    if kind in TEXTS:
        return len(value) <= _BIG
    return kind is tuple and all(map(_immutable, value))


def _contents(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # not yet assigned
        return _MISSING


_NAMES: WeakKeyDictionary[types.CodeType, tuple[tuple[str, ...], bool]] = WeakKeyDictionary()


def _globals_of(code: types.CodeType) -> tuple[tuple[str, ...], bool]:
    """Names of globals that the code (or code nested in it) may read; whether it writes any."""
    known = _NAMES.get(code)
    if known is None:
        reads: dict[str, None] = {}
        writes = False
        for instruction in _instructions(code):
            if instruction.opname in ("STORE_GLOBAL", "DELETE_GLOBAL"):
                writes = True
            elif instruction.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                reads[str(instruction.argval)] = None
        known = _NAMES[code] = (tuple(reads), writes)
    return known


def _instructions(code: types.CodeType) -> Iterator[dis.Instruction]:
    yield from dis.get_instructions(code)
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _instructions(constant)
