"""Orion for notebooks: cells and functions as tasks, in parallel, cached by content, watched live.

::

    import orion_nb

    with orion_nb.Runtime(workers=2) as runtime:
        a = runtime.submit(lambda: 10)
        b = runtime.submit(lambda a: a + 32, a)
        print(runtime.get(b))                    # 42

In a notebook: ``%load_ext orion_nb``. This module is a facade: what it names is imported
when it is first used, so importing it costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from .core.model import ObjectRef
    from .exceptions import (
        CorruptBlob,
        CyclicGraph,
        DuplicateTask,
        NotPicklable,
        ObjectUnavailable,
        OrionBug,
        OrionError,
        RuntimeClosed,
        StoreError,
        StoreFull,
        TaskCancelled,
        TaskFailed,
        TaskTimeout,
        Undecodable,
        UnknownDependency,
        UpstreamFailed,
        UsageError,
        WorkerDied,
    )
    from .local.calls import Call
    from .local.context import current, progress
    from .local.decorator import default_runtime, get, shutdown, task, wait
    from .local.runtime import Runtime

_HOMES = {
    "Runtime": "local.runtime",
    "Call": "local.calls",
    "current": "local.context",
    "progress": "local.context",
    "task": "local.decorator",
    "get": "local.decorator",
    "wait": "local.decorator",
    "default_runtime": "local.decorator",
    "shutdown": "local.decorator",
    "ObjectRef": "core.model",
    "OrionError": "exceptions",
    "UsageError": "exceptions",
    "UnknownDependency": "exceptions",
    "CyclicGraph": "exceptions",
    "DuplicateTask": "exceptions",
    "NotPicklable": "exceptions",
    "TaskFailed": "exceptions",
    "TaskTimeout": "exceptions",
    "UpstreamFailed": "exceptions",
    "WorkerDied": "exceptions",
    "TaskCancelled": "exceptions",
    "ObjectUnavailable": "exceptions",
    "StoreError": "exceptions",
    "CorruptBlob": "exceptions",
    "Undecodable": "exceptions",
    "StoreFull": "exceptions",
    "RuntimeClosed": "exceptions",
    "OrionBug": "exceptions",
}
"""Public name → the module where it lives."""

__all__ = [
    "Call",
    "CorruptBlob",
    "CyclicGraph",
    "DuplicateTask",
    "NotPicklable",
    "ObjectRef",
    "ObjectUnavailable",
    "OrionBug",
    "OrionError",
    "Runtime",
    "RuntimeClosed",
    "StoreError",
    "StoreFull",
    "TaskCancelled",
    "TaskFailed",
    "TaskTimeout",
    "Undecodable",
    "UnknownDependency",
    "UpstreamFailed",
    "UsageError",
    "WorkerDied",
    "__version__",
    "current",
    "default_runtime",
    "get",
    "load_ipython_extension",
    "progress",
    "shutdown",
    "task",
    "unload_ipython_extension",
    "wait",
]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext orion_nb``: the magics ``%%orion_task`` and ``%orion``."""
    from .magics.extension import load_ipython_extension as load

    load(shell)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext orion_nb``."""
    from .magics.extension import unload_ipython_extension as unload

    unload(shell)
