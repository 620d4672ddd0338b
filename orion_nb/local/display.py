"""`display(...)` in a task: rich output becomes frames.

IPython's `display` does nothing rich without a shell, and a shell takes a moment to make. So
it is made when a task first displays something.
"""

from __future__ import annotations

import base64
import importlib.abc
import importlib.util
import sys
from collections.abc import Mapping
from types import ModuleType
from typing import Any

from . import context


def publish(kind: str, data: Mapping[str, Any], metadata: Any, transient: Any) -> None:
    """Emit a frame of kind ``display`` or ``update_display``; bytes are sent in base64."""
    running = context.current()
    if running is not None:
        plain = {mime: _plain(value) for mime, value in data.items()}
        running.emit(
            kind, {"data": plain, "metadata": metadata or {}, "transient": transient or {}}
        )


def clear(wait: bool) -> None:
    running = context.current()
    if running is not None:
        running.emit("clear", {"wait": wait})


def _plain(value: Any) -> Any:
    return base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value


def ensure_shell() -> Any:
    """The process's IPython shell, which publishes by `publish`; made if there is none."""
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell

    if InteractiveShell.initialized():
        return InteractiveShell.instance()

    class TaskPublisher(DisplayPublisher):
        def publish(
            self,
            data: Any,
            metadata: Any = None,
            source: Any = None,
            *,
            transient: Any = None,
            update: bool = False,
            **kwargs: Any,
        ) -> None:
            publish("update_display" if update else "display", data, metadata, transient)

        def clear_output(self, wait: bool = False) -> None:
            clear(wait)

    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False  # no database, no thread
    config.InteractiveShell.display_pub_class = TaskPublisher
    shell = InteractiveShell.instance(config=config, display_pub_class=TaskPublisher)
    shell.display_pub = TaskPublisher(parent=shell, shell=shell)  # type: ignore[no-untyped-call]
    return shell


def install() -> None:
    """Have the first `display` make the shell; also if IPython is imported only later. Calling
    it again is free."""
    module = sys.modules.get(_MODULE)
    if module is not None:
        _wrap(module)
    elif not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())


_MODULE = "IPython.core.display_functions"


def _wrap(module: Any) -> None:
    if hasattr(module.display, "_orion"):
        return
    original = module.display

    def display(*objects: Any, **options: Any) -> Any:
        if context.current() is not None:
            ensure_shell()
        return original(*objects, **options)

    display.__doc__ = original.__doc__
    display.__module__, display.__qualname__ = original.__module__, original.__qualname__
    display._orion = True  # type: ignore[attr-defined]
    module.display = display
    public: Any = sys.modules.get("IPython.display")
    if public is not None:
        public.display = display


class _Finder(importlib.abc.MetaPathFinder):
    """Waits for IPython's module to be imported, and wraps its `display` then."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        if name != _MODULE:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def exec_module(module: ModuleType) -> None:
                execute(module)
                _wrap(module)

            spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec
