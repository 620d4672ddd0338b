"""Which part of a value cannot travel, in words a person can act on.

Runs only after encoding has failed, so it may be slow: it tries the parts of the value
one by one and follows the one that fails, down to the smallest.
"""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

from ...exceptions import NotPicklable
from .pickler import dump, importable

MAX_DEPTH = 30
MAX_ITEMS = 10_000
"""Parts tried at each level; a culprit beyond that is reported as part of its container."""

_ADVICE = (
    (("_thread.lock", "_thread.RLock", "threading."), "make locks and threads inside the task"),
    (("_io.", "tempfile."), "pass the file's path and open it inside the task"),
    (("generator", "coroutine", "async_generator"), "turn it into a list (or await it) first"),
    (
        ("sqlite3.", "socket.", "ssl.", "_ssl.", "psycopg", "sqlalchemy."),
        "open connections inside the task",
    ),
    (("weakref", "weakproxy"), "pass the object itself, not a weak reference"),
    (("module",), "import the module inside the task"),
    (("frame", "traceback"), "format it to text first"),
)


def not_picklable(value: Any, label: str, error: Exception) -> NotPicklable:
    """The error to raise for `value`, called `label`, whose encoding raised `error`.

    :raises MemoryError: that was the error; nothing is wrong with the value.
    """
    if isinstance(error, MemoryError):
        raise error
    path, culprit, cause = _follow(value, label, error)
    name = _type_name(culprit)
    where = path if path == label else f"{path} (in {label})"
    return NotPicklable(
        f"{where} cannot travel between processes: it is a {name} "
        f"({type(cause).__name__}: {cause}). What to do: {_advice(name)}."
    )


def _follow(value: Any, path: str, error: Exception) -> tuple[str, Any, Exception]:
    seen = {id(value)}
    for _ in range(MAX_DEPTH):
        for suffix, part in _parts(value):
            if id(part) in seen:
                continue
            failure = _failure(part)
            if failure is not None:
                seen.add(id(part))
                value, path, error = part, path + suffix, failure
                break
        else:
            break
    return path, value, error


def _failure(value: Any) -> Exception | None:
    try:
        dump(value)
    except Exception as error:  # noqa: BLE001  anybody's __reduce__ may raise anything
        return error
    return None


def _parts(value: Any) -> Iterator[tuple[str, Any]]:
    """(how to get there, part) for what pickling would visit."""
    if isinstance(value, dict):
        for count, (key, item) in enumerate(value.items()):
            if count >= MAX_ITEMS:
                return
            yield f"[{key!r:.60}]", item
            yield f" key {key!r:.60}", key
    elif isinstance(value, (list, tuple, set, frozenset)):
        for index, item in enumerate(value):
            if index >= MAX_ITEMS:
                return
            yield f"[{index}]", item
    elif isinstance(value, types.FunctionType):
        yield from _function_parts(value)
    elif isinstance(value, types.MethodType):
        yield ".__self__", value.__self__
        yield ".__func__", value.__func__
    elif isinstance(value, type) and not importable(value):
        for name, item in vars(value).items():
            yield f".{name}", item
    if not isinstance(value, (types.FunctionType, types.ModuleType, type)):
        yield from _attributes(value)


def _function_parts(function: types.FunctionType) -> Iterator[tuple[str, Any]]:
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=False):
        try:
            yield f" → captured {name}", cell.cell_contents
        except ValueError:  # not yet assigned
            continue
    for name in _global_names(function.__code__):
        if name in function.__globals__:
            yield f" → global {name}", function.__globals__[name]
    for index, default in enumerate(function.__defaults__ or ()):
        yield f" → default {index}", default
    for name, default in (function.__kwdefaults__ or {}).items():
        yield f" → default {name}", default


def _global_names(code: types.CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _global_names(constant)


def _attributes(value: Any) -> Iterator[tuple[str, Any]]:
    for name, item in getattr(value, "__dict__", {}).items():
        yield f".{name}", item
    for cls in type(value).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(value, name):
                yield f".{name}", getattr(value, name)


def _type_name(value: Any) -> str:
    kind = type(value)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def _advice(name: str) -> str:
    for prefixes, advice in _ADVICE:
        if name.startswith(prefixes):
            return advice
    return (
        "leave it out, build it inside the task, or give its class `__getstate__` and "
        "`__setstate__` that drop what cannot travel"
    )
