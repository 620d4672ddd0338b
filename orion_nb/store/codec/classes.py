"""Classes that travel by value, and how they meet the same class where they arrive.

cloudpickle knows a class again by a random id, and then *overwrites* its attributes with
those that arrived. In a notebook that would replace the methods of the user's own class by
copies that no longer see the notebook's globals, just because a result came back. So:

* A class that this process defined, and sent out itself, is left as it is.
* In the user's own process, an arriving class whose definition equals that of the class with the
  same name in ``__main__`` *is* that class. So `isinstance` holds for results that were
  computed before the kernel was restarted, or before the cell was run again.
* Any other class is made, or, in a worker that saw an earlier state of it, brought up to date.

A worker (a child process) never takes a class of its own ``__main__`` for an arriving one: that one
may read other globals.
"""

from __future__ import annotations

import functools
import hashlib
import multiprocessing
import os
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any
from weakref import WeakSet

from .atoms import ATOMS, TEXTS

_ANNOTATING = {"__annotate__", "__annotate_func__"}
"""From Python 3.14, made of the annotations; they do not come back as they went."""

_sent: WeakSet[type] = WeakSet()  # defined here
_arrived: WeakSet[type] = WeakSet()  # made here from what came from elsewhere

if hasattr(os, "register_at_fork"):  # a fork's copy of a class does not follow the original
    os.register_at_fork(after_in_child=_sent.clear)


def reduce_class(cls: type, reduced: tuple[Any, ...]) -> tuple[Any, ...]:
    """What to pickle for a class, given cloudpickle's own reduction of it."""
    make, arguments, state, _, _, setter = reduced
    if cls not in _arrived:
        _sent.add(cls)
    how = (make, arguments, cls.__module__, cls.__qualname__, definition(cls))
    return make_class, how, (setter, state), None, None, set_class_state


def make_class(
    make: Callable[..., type], arguments: tuple[Any, ...], module: str, name: str, expected: str
) -> type:
    """Find or make the class; its attributes come later, with `set_class_state`."""
    twin = _twin(name, expected) if module == "__main__" else None
    if twin is not None:
        _sent.add(twin)
        return twin
    return make(*arguments)


def set_class_state(cls: type, state: tuple[Callable[[type, Any], Any], Any]) -> None:
    """Give a class that arrived its attributes; leave one that was defined here alone."""
    if cls in _sent:
        return
    _arrived.add(cls)
    setter, attributes = state
    setter(cls, attributes)


def reduce_cached_property(prop: functools.cached_property[Any]) -> tuple[Any, ...]:
    """Before Python 3.12 it holds a lock, so no class that has one could travel."""
    return make_cached_property, (prop.func, prop.attrname)


def make_cached_property(
    function: Callable[[Any], Any], name: str | None
) -> functools.cached_property[Any]:
    made = functools.cached_property(function)
    made.attrname = name  # a class that is put together later does not tell
    return made


def _twin(name: str, expected: str) -> type | None:
    if multiprocessing.parent_process() is not None:
        return None
    found: Any = sys.modules.get("__main__")
    for part in name.split("."):
        found = getattr(found, part, None)
    if isinstance(found, type) and found not in _arrived and definition(found) == expected:
        return found
    return None


def definition(cls: type) -> str:
    """A digest of how a class is written: bases, methods' code, constants. Not of line numbers."""
    hasher = hashlib.sha256()
    for part in _describe_class(cls):
        hasher.update(part.encode("utf-8", "surrogatepass") + b"\0")
    return hasher.hexdigest()


def _describe_class(cls: type) -> Iterator[str]:
    yield cls.__qualname__
    yield from (base.__qualname__ for base in cls.__bases__)
    for name, value in sorted(vars(cls).items()):
        if name in _ANNOTATING:
            continue
        functions = list(_functions(value))
        dunder = name.startswith("__") and name.endswith("__")
        if functions:
            yield name
            for function in functions:
                yield from _describe_code(function.__code__)
        elif not dunder and name != "_abc_impl":  # the others are made by Python, or caches
            yield name
            yield _describe_value(value)


def _functions(value: Any) -> Iterator[types.FunctionType]:
    if isinstance(value, types.FunctionType):
        yield value
    elif isinstance(value, (staticmethod, classmethod)):
        yield from _functions(value.__func__)
    elif isinstance(value, property):
        for part in (value.fget, value.fset, value.fdel):
            yield from _functions(part)
    elif isinstance(value, functools.cached_property):
        yield from _functions(value.func)


def _describe_code(code: types.CodeType) -> Iterator[str]:
    yield code.co_code.hex()
    yield repr((code.co_names, code.co_varnames, code.co_freevars))
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _describe_code(constant)
        else:
            yield _describe_value(constant)


def _describe_value(value: Any) -> str:
    kind = type(value)
    if kind in ATOMS or kind in TEXTS:
        return repr(value)
    if kind in (tuple, list, frozenset, set):
        items = list(map(_describe_value, value))
        return f"{kind.__name__}{sorted(items) if kind in (frozenset, set) else items}"
    return kind.__qualname__
