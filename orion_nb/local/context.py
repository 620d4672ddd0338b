"""What running user code may know and say about its own task.

In a worker process one task runs at a time, and threads that the task starts belong to
it too; among worker threads each has its own. Outside a task `current()` is None and
`progress` does nothing, so a function works the same when it is called plainly.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

Emit = Callable[[str, Mapping[str, Any]], None]
Report = Callable[[float, float, str], None]
Changed = Callable[[str, str, Any], bool]


def _cannot_tell(task: str, output: str, value: Any) -> bool:
    """Where arguments are not read from blobs (threads)."""
    raise LookupError(f"{task}.{output} is no input that was read from the store")


class TaskContext:
    """The attempt that runs now."""

    __slots__ = ("_cancelled", "_changed", "_emit", "_report", "attempt", "name", "task")

    def __init__(
        self,
        task: str,
        attempt: int,
        name: str,
        emit: Emit,
        report: Report,
        cancelled: Callable[[], bool],
        changed: Changed = _cannot_tell,
    ) -> None:
        self.task = task
        self.attempt = attempt
        """Counts from 1."""
        self.name = name
        self._emit = emit
        self._report = report
        self._cancelled = cancelled
        self._changed = changed

    @property
    def cancelled(self) -> bool:
        """Someone has asked this attempt to stop; it is interrupted anyhow."""
        return self._cancelled()

    def emit(self, kind: str, data: Mapping[str, Any]) -> None:
        """Add an output frame, in order with what was printed. `data` must be JSON-able;
        kinds are those of `core.model.Frame`."""
        self._emit(kind, data)

    def input_changed(self, task: str, output: str, value: Any) -> bool:
        """Was the value of this input changed in place since it was decoded?

        :raises LookupError: it was not read from the store. :raises OrionError: it is gone there.
        """
        return self._changed(task, output, value)

    def progress(self, done: float, total: float, message: str = "") -> None:
        self._report(float(done), float(total), str(message))


class _PerThread(threading.local):
    context: TaskContext | None = None


_thread = _PerThread()
_process: TaskContext | None = None


def current() -> TaskContext | None:
    """The task that the caller runs in, or None."""
    return _thread.context or _process


def enter_process(context: TaskContext | None) -> None:
    """A worker process begins (or, with None, has ended) an attempt."""
    global _process
    _process = context


def enter_thread(context: TaskContext | None) -> None:
    """A worker thread begins (or, with None, has ended) an attempt."""
    _thread.context = context


def progress(done: float, total: float, message: str = "") -> None:
    """Tell how far the running task is, e.g. ``progress(i + 1, len(files), "reading")``.

    Call it as often as you like: at most ten reports a second leave the worker. Outside a
    task it does nothing.
    """
    context = current()
    if context is not None:
        context.progress(done, total, message)
