"""Which runtimes are open in this process: ended with it, let go of in a forked child."""

from __future__ import annotations

import atexit
import os
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .runtime import Runtime

_open: weakref.WeakSet[Runtime] = weakref.WeakSet()
_entered: list[Runtime] = []


def opened(runtime: Runtime) -> None:
    _open.add(runtime)


def closed(runtime: Runtime) -> None:
    _open.discard(runtime)
    while runtime in _entered:
        _entered.remove(runtime)


def entered(runtime: Runtime) -> None:
    """A ``with`` block has begun."""
    _entered.append(runtime)


def active() -> Runtime | None:
    """The runtime of the innermost ``with`` block that is still open, on whatever thread."""
    return _entered[-1] if _entered else None


def _end_all() -> None:
    for runtime in list(_open):
        runtime.shutdown(wait=False, cancel=True)


def _after_fork() -> None:
    for runtime in list(_open):
        runtime._after_fork()
    _open.clear()
    _entered.clear()


atexit.register(_end_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
