"""Finding changes in place that no analysis of the source can see (`rows.append(…)`).

A value is fingerprinted before the cell runs and after. What cannot change (numbers, text,
modules, functions) is not looked at.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any, NamedTuple

from orion_nb import keys
from orion_nb.client import travel
from orion_nb.core.model import ObjectRef
from orion_nb.exceptions import OrionError

_IMMUTABLE = (
    int, float, complex, bool, str, bytes, type(None), range, type, frozenset,
    types.FunctionType, types.BuiltinFunctionType, types.ModuleType,
)  # fmt: skip


def fingerprint(value: Any) -> str | None:
    """A digest that changes when the value does; None when it cannot change or be told."""
    if isinstance(value, _IMMUTABLE):
        return None
    try:
        return keys.content_hash(value)
    except keys.Unhashable:
        pass
    try:
        # Only compared with the same object in the same process, so pickle's bytes will do.
        return travel.pickle_digest(value)
    except OrionError:
        return None


class Origin(NamedTuple):
    """Where the value of an input comes from."""

    refs: tuple[tuple[str, str], ...]  # (task, output)
    many: bool  # the value is a list with one result per ref


class Watch:
    """Some values at one moment.

    :param origins: where inputs come from. A single result is compared with what the store
        holds, after the run and only then; other values are fingerprinted now.
    """

    def __init__(self, values: Mapping[str, Any], origins: Mapping[str, Origin] = {}) -> None:
        self._values = dict(values)
        self._origins = {name: origins[name] for name in values if name in origins}
        self._before = {
            name: fingerprint(value) for name, value in values.items() if name not in self._origins
        }

    def changed(self, namespace: Mapping[str, Any]) -> list[str]:
        """Names that still hold the same object, with other contents."""
        return [
            name
            for name, value in self._values.items()
            if namespace.get(name) is value and self._has_changed(name, value)
        ]

    def _has_changed(self, name: str, value: Any) -> bool:
        if isinstance(value, _IMMUTABLE):
            return False
        origin = self._origins.get(name)
        if origin is None:
            before = self._before[name]
            return before is not None and fingerprint(value) != before
        items = value if origin.many else [value]
        if len(items) != len(origin.refs):
            return True
        return any(
            travel.input_changed(ObjectRef(*ref), item)
            for ref, item in zip(origin.refs, items, strict=True)
        )
