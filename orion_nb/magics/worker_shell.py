"""The IPython shell that runs task cells inside a worker process.

One shell for the life of the worker; every task gets a namespace of its own. What a kernel
would send to its front end (results, displays, errors) is emitted as output frames instead.
"""

from __future__ import annotations

import asyncio
import base64
import sys
import traceback
import types
from collections.abc import Mapping
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from traitlets.config import Config

from orion_nb.client import travel


def portable(data: Mapping[str, Any]) -> dict[str, Any]:
    """A mime bundle as Jupyter messages carry it: binary values as base64 text."""
    return {
        mime: base64.b64encode(value).decode("ascii") if isinstance(value, bytes) else value
        for mime, value in data.items()
    }


def emit_in_order(kind: str, data: Mapping[str, Any]) -> None:
    """Send a frame; what was printed before stays before."""
    sys.stdout.flush()
    sys.stderr.flush()
    travel.emit(kind, data)


class TaskDisplayPublisher(DisplayPublisher):
    """`display(...)` and matplotlib's inline figures → frames, at once."""

    def publish(  # type: ignore[override]
        self,
        data: Mapping[str, Any],
        metadata: Mapping[str, Any] | None = None,
        *,
        transient: Mapping[str, Any] | None = None,
        update: bool = False,
        **_: Any,
    ) -> None:
        emit_in_order(
            "update_display" if update else "display",
            {
                "data": portable(data),
                "metadata": dict(metadata or {}),
                "transient": dict(transient or {}),
            },
        )

    def clear_output(self, wait: bool = False) -> None:
        emit_in_order("clear", {"wait": wait})


class TaskDisplayHook(DisplayHook):
    """The value of a cell's last expression → a frame. Keeps no history of results."""

    def write_output_prompt(self) -> None:
        pass

    def write_format_data(
        self, format_dict: Mapping[str, Any], md_dict: Mapping[str, Any] | None = None
    ) -> None:
        emit_in_order(
            "result",
            {"data": portable(format_dict), "metadata": dict(md_dict or {}), "transient": {}},
        )

    def update_user_ns(self, result: Any) -> None:
        pass

    def finish_displayhook(self) -> None:
        pass


class WorkerShell(InteractiveShell):
    """An InteractiveShell without history, prompt or user configuration."""

    def __init__(self, **kwargs: Any) -> None:
        config = Config()
        config.HistoryManager.enabled = False
        config.HistoryManager.hist_file = ":memory:"
        config.InteractiveShell.cache_size = 0
        self.last_traceback: list[str] = []
        super().__init__(
            config=config,
            displayhook_class=TaskDisplayHook,
            display_pub_class=TaskDisplayPublisher,
            **kwargs,
        )

    def begin(self, number: int) -> dict[str, Any]:
        """A new task: a clean `__main__`. Returns its namespace."""
        self.execution_count = number
        self.last_traceback = []
        module = types.ModuleType("__main__")
        module.__dict__.setdefault("__builtin__", sys.modules["builtins"])
        module.__dict__.setdefault("__builtins__", sys.modules["builtins"])
        self.user_module = module
        self.user_ns = module.__dict__
        self.init_user_ns()
        sys.modules["__main__"] = module
        return self.user_ns

    def end(self) -> None:
        """Let go of the task's values and figures; the next task must not meet them."""
        pyplot = sys.modules.get("matplotlib.pyplot")
        if pyplot is not None:
            pyplot.close("all")
        self.user_module = types.ModuleType("__main__")
        self.user_ns = self.user_module.__dict__
        self.displayhook.exec_result = None

    def execute(self, raw: str, transformed: str) -> ExecutionResult:
        """Run one cell to its end, as the kernel's `do_execute` does."""
        # The display hook looks here for a closing semicolon.
        history: Any = self.history_manager
        history.input_hist_parsed[-1] = transformed
        running = self.run_cell_async(raw, store_history=False, transformed_cell=transformed)
        try:
            if self.should_run_async(raw, transformed_cell=transformed):
                return _run_in_new_loop(running)
            return _run_to_end(running)
        finally:
            # Here matplotlib's inline backend shows the figures that are still open.
            self.events.trigger("post_execute")

    def showtraceback(
        self,
        exc_tuple: tuple[type[BaseException], BaseException, Any] | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Keep the traceback, without Orion's frames, for who reports the error."""
        error = exc_tuple[1] if exc_tuple is not None else sys.exc_info()[1]
        if error is None:
            return
        travel.hide_own_frames(error)
        if _has_group(error):
            # IPython prints these itself instead of handing them on.
            self.last_traceback = traceback.format_exception(error)
            return
        super().showtraceback((type(error), error, error.__traceback__), *args, **kwargs)

    def _showtraceback(self, etype: type, evalue: BaseException, stb: list[str]) -> None:
        self.last_traceback = list(stb)

    def show_usage_error(self, exc: BaseException) -> None:
        self.last_traceback = [f"UsageError: {exc}"]

    def enable_gui(self, gui: str | None = None) -> None:
        """There is no screen behind a worker: `%matplotlib` windows are not opened."""

    def ask_exit(self) -> None:
        """`exit` in a cell ends nothing: the worker is not the user's."""


def _has_group(error: BaseException | None) -> bool:
    while error is not None and not isinstance(error, BaseExceptionGroup):
        error = error.__context__
    return error is not None


def _run_in_new_loop(running: Any) -> ExecutionResult:
    loop = asyncio.new_event_loop()
    try:
        asyncio.set_event_loop(loop)
        result: ExecutionResult = loop.run_until_complete(running)
        return result
    finally:
        asyncio.set_event_loop(None)
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


def _run_to_end(running: Any) -> ExecutionResult:
    """Drive a coroutine that never suspends."""
    try:
        running.send(None)
    except StopIteration as end:
        result: ExecutionResult = end.value
        return result
    raise RuntimeError("a cell without await has suspended")
