"""Finding changes in place that no analysis of the source can see (`rows.append(…)`).

A value is fingerprinted before the cell runs and after. What cannot change (numbers, text,
modules, functions) is not looked at.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Any

from orion_nb import keys
from orion_nb.client import travel
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


class Watch:
    """The fingerprints of some values at one moment."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self._before = {name: fingerprint(value) for name, value in values.items()}

    def changed(self, namespace: Mapping[str, Any]) -> list[str]:
        """Names that still hold the same object, with other contents."""
        return [
            name
            for name, before in self._before.items()
            if before is not None
            and namespace.get(name) is self._values[name]
            and fingerprint(self._values[name]) != before
        ]
