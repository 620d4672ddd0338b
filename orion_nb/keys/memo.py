"""Closures of single functions and classes, remembered while they are valid."""

from __future__ import annotations

import types
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from ..core.action import hash_parts
from ..core.model import Component, Digest
from . import blame
from .closure import Collector, ValueContext
from .content import Encoder
from .guards import Guards
from .unhashable import Unhashable

_MAX = 1024  # closures that (through recursion) keep their own function alive are bounded by this


class Closure(NamedTuple):
    """All that a function or class, travelling by value, is and reads."""

    components: tuple[Component, ...]
    """The first is the function's or class's own."""
    modules: tuple[str, ...]
    digest: Digest
    error: Unhashable | None
    guards: Guards


_closures: WeakKeyDictionary[Any, Closure] = WeakKeyDictionary()


def closure_of(value: types.FunctionType | type, active: frozenset[int] = frozenset()) -> Closure:
    """The closure of a function or class. Raises `Unhashable`.

    `active`: as in `Collector`; with it nothing is remembered, since it shapes the result.
    """
    closure = _closures.get(value)
    if active or closure is None or not closure.guards.valid():
        closure = _compute(value, active)
        # An error is found anew each time: its cause may be a part of a value that can change.
        if not active and closure.error is None:
            if len(_closures) >= _MAX:
                _closures.clear()
            _closures[value] = closure
    if closure.error is not None:
        raise closure.error.with_traceback(None)
    return closure


def _compute(value: types.FunctionType | type, active: frozenset[int]) -> Closure:
    collector = Collector(active=active)
    collector.code(value)
    collector.follow()
    error = None
    if collector.unhashable:
        error = Unhashable(collector.unhashable[0][1])
    elif collector.inputs:
        name = next(iter(collector.inputs))
        error = Unhashable(
            f"`{name}` is a handle to another task's result; pass it as an argument instead"
        )
    components = tuple(collector.components)
    digest = hash_parts("closure", *(part for one in components for part in one[:3]))
    return Closure(components, tuple(collector.modules), digest, error, collector.guards)


def content_hash(value: Any) -> Digest:
    """The canonical SHA-256 of a value's content (`content` says what is decided).

    Equal for equal content in any process and Python version. Raises `Unhashable`, which says
    which part of the value is to blame.
    """
    encoder = Encoder(ValueContext())
    blame.encode(encoder, value, f"a {type(value).__name__}")
    return encoder.digest()
