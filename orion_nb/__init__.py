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

_EXPORTS = {
    "Runtime": "local.runtime",
    "Call": "local.calls",
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
    "StoreFull": "exceptions",
    "RuntimeClosed": "exceptions",
    "OrionBug": "exceptions",
}
"""Public name → where it lives."""

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
    "UnknownDependency",
    "UpstreamFailed",
    "UsageError",
    "WorkerDied",
    "__version__",
    "default_runtime",
    "get",
    "load_ipython_extension",
    "progress",
    "shutdown",
    "task",
    "unload_ipython_extension",
    "wait",
]
