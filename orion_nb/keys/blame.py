"""Which part of a value is to blame when it cannot be hashed.

The encoder keeps no path while it works, since it nearly always succeeds; after a failure the
value is walked down once more, to the smallest part that fails.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .content import Context, Encoder
from .unhashable import Unhashable

_MAX_DEPTH = 30
_MAX_PARTS = 1000  # of one container: a failure is reported, not searched for at any price


def encode(encoder: Encoder, value: Any, subject: str, role: str = "") -> None:
    """`encoder.add(value)` whose error says which part of `subject` is to blame: ``conn['db']``
    of the subject ``conn``, followed by its role (``" read by load()"``)."""
    try:
        encoder.add(value)
    except Unhashable as error:
        path, inner = _locate(encoder.context, value, error)
        raise inner.of(subject + path + role) from None
    except RecursionError:
        raise Unhashable("it is nested too deeply to be hashed", subject=subject + role) from None


def _locate(context: Context, value: Any, error: Unhashable) -> tuple[str, Unhashable]:
    path = ""
    for _ in range(_MAX_DEPTH):
        for where, part in _parts(value):
            inner = _failure(context, part)
            if inner is not None:
                path, value, error = path + where, part, inner
                break
        else:
            break
    return path, error


def _failure(context: Context, value: Any) -> Unhashable | None:
    try:
        Encoder(context).add(value)
    except Unhashable as error:
        return error
    except RecursionError:
        return None
    return None


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    items: Iterator[tuple[str, Any]] = iter(())
    if isinstance(value, dict):
        items = ((f"[{_short(key)}]", item) for key, item in value.items())
    elif isinstance(value, list | tuple):
        items = ((f"[{index}]", item) for index, item in enumerate(value))
    elif not isinstance(value, type) and isinstance(getattr(value, "__dict__", None), dict):
        items = ((f".{name}", item) for name, item in vars(value).items())
    for _, item in zip(range(_MAX_PARTS), items, strict=False):
        yield item


def _short(key: object) -> str:
    return repr(key) if isinstance(key, str | int) else "…"
