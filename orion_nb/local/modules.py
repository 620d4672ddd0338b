"""Keeps a worker's imports of the user's own modules as fresh as the files they came from.

A worker lives long and a user edits. When a module's file has changed since it was
imported, all of the user's modules are dropped (others may hold parts of the old
one), and the next task imports them anew. Installed packages are taken as constant.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import sys
import sysconfig
from types import ModuleType

from ..store import codec

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_INSTALL_SCHEMES = ("stdlib", "platstdlib", "purelib", "platlib")
_INSTALLED = tuple(
    {os.path.realpath(path) + os.sep for path in map(sysconfig.get_path, _INSTALL_SCHEMES)}
    | {os.path.realpath(_PACKAGE) + os.sep}
)


class UserModules:
    """The modules of a worker process that are neither installed nor part of Python."""

    def __init__(self) -> None:
        self._looked_at: dict[str, ModuleType] = {}
        self._stamps: dict[str, tuple[str, tuple[int, int] | None]] = {}  # name → file, stamp
        self._count = -1

    def note(self) -> None:
        """Take down what has been imported since, with the files as they are now. Call it after
        each task; it costs nothing when there is nothing new."""
        if len(sys.modules) != self._count:
            self._find()

    def refresh(self) -> bool:
        """Look at the files; True if modules were dropped. Cheap: a `stat` per user module."""
        changed = [path for path, stamp in self._stamps.values() if _stamp(path) != stamp]
        if not changed:
            return False
        for path in changed:
            _forget_byte_code(path)
        for name in self._stamps:
            sys.modules.pop(name, None)
        self._stamps.clear()
        self._looked_at.clear()
        self._count = -1
        importlib.invalidate_caches()
        codec.forget_functions()
        return True

    def _find(self) -> None:
        for name, module in list(sys.modules.items()):
            if self._looked_at.get(name) is module:
                continue
            self._looked_at[name] = module
            path = getattr(module, "__file__", None)
            if isinstance(path, str) and path.endswith(".py") and name != "__main__":
                real = os.path.realpath(path)
                if not real.startswith(_INSTALLED):
                    self._stamps[name] = (real, _stamp(real))
        self._count = len(sys.modules)


def _forget_byte_code(path: str) -> None:
    """Python takes byte code for current when its source has the same second and size: not so
    after two edits within a second. A result of the old code under the new key would be wrong."""
    with contextlib.suppress(OSError, NotImplementedError):
        os.unlink(importlib.util.cache_from_source(path))


def _stamp(path: str) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size
