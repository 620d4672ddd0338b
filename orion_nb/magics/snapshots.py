"""Which names of a namespace stand for other objects than before. Standard library only: plain
cells that run while the rest is still being imported are followed, too."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

Snapshot = Mapping[str, int]
"""The identity of the object behind each name."""


def snapshot(namespace: Mapping[str, Any]) -> Snapshot:
    """Of the names that are the user's. Microseconds."""
    return {name: id(value) for name, value in namespace.items() if name[:1] != "_"}


_FIXED = frozenset([bool, int, float, complex, str, bytes, range, type(None)])


def is_fixed(value: Any) -> bool:
    """Can nothing change this object? Of a function: it keeps nothing between calls itself."""
    if isinstance(value, types.FunctionType):
        kept = (value.__defaults__, value.__kwdefaults__, value.__closure__, vars(value))
        return not any(kept)
    return type(value) in _FIXED


def bound_since(before: Snapshot, namespace: Mapping[str, Any]) -> frozenset[str]:
    """Names that are new, gone, or stand for another object."""
    after = snapshot(namespace)
    changed = {name for name, identity in after.items() if before.get(name) != identity}
    return frozenset(changed | (before.keys() - after.keys()))
