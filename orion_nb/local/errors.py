"""A task's exception as words and bytes, for the journey to whoever waits for it."""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType

from ..core.model import TaskError
from ..exceptions import (
    ObjectUnavailable,
    OrionBug,
    OrionError,
    TaskCancelled,
    TaskFailed,
    TaskTimeout,
    Undecodable,
    UpstreamFailed,
    WorkerDied,
)
from ..store import codec

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
MAX_EXCEPTION = 1 << 20
"""Bytes; a bigger pickled exception (a frame in its arguments …) stays behind."""


def describe(error: BaseException) -> tuple[TaskError, bytes | None]:
    """The error in words, and the pickled exception, or None if it cannot travel."""
    words = TaskError(
        kind="exception",
        type=type(error).__name__,
        message=_message(error),
        traceback=_own_traceback(error) or format_traceback(error),
    )
    try:
        encoded = codec.encode(error)
        return words, encoded.to_bytes() if encoded.size <= MAX_EXCEPTION else None
    except OrionError:
        return words, None


def _own_traceback(error: BaseException) -> str:
    """What a cell's shell has made of it, at the cell's own lines; "" for any other error."""
    lines = getattr(error, "__orion_traceback__", None)
    return "\n".join(map(str, lines)) if isinstance(lines, list | tuple) else ""


def format_traceback(error: BaseException) -> str:
    """As Python prints it, without Orion's own frames."""
    hide_own_frames(error)
    return "".join(traceback.format_exception(error)).rstrip("\n")


def hide_own_frames(error: BaseException) -> None:
    """Take Orion's frames out of an exception's traceback and those of its causes: what called
    the user's code, and what that has called (`input`, `progress`) and refuses.

    Of a bug in Orion, nothing is hidden.
    """
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        if not isinstance(each, OrionBug):
            each.__traceback__ = _foreign_frames(each.__traceback__)
        each = each.__cause__ or each.__context__


def _foreign_frames(trace: TracebackType | None) -> TracebackType | None:
    kept = []
    while trace is not None:
        if not trace.tb_frame.f_code.co_filename.startswith(_PACKAGE):
            kept.append(trace)
        trace = trace.tb_next
    for one in reversed(kept):
        trace = TracebackType(trace, one.tb_frame, one.tb_lasti, one.tb_lineno)
    return trace


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # noqa: BLE001  (user code in __str__ may raise anything)
        return f"<its __str__ raised {type(broken).__name__}>"


def rebuild(
    error: TaskError, blob: bytes | None, *, task: str, name: str, story: tuple[object, ...]
) -> OrionError:
    """The exception to raise for a task that ended without a result.

    The original is its `__cause__` when it could travel, with the worker's traceback as
    a note, so that it is shown where the error is shown.
    """
    if error.kind == "cancelled":
        return TaskCancelled(f"task {name!r} ({task}) was cancelled: {error.message}", task=task)
    if error.kind == "lost-object":
        return ObjectUnavailable(f"the result of task {name!r} ({task}) is gone: {error.message}")
    what = f"{error.type}: {error.message}" if error.type else error.message
    failed: TaskFailed
    match error.kind:
        case "timeout" | "wait-timeout":
            failed = TaskTimeout(f"task {name!r} ({task}): {what}", task=task, story=story)
        case "upstream":
            failed = UpstreamFailed(
                f"task {name!r} ({task}) did not run: {what}", task=task, story=story
            )
        case "lost-worker":
            failed = WorkerDied(f"task {name!r} ({task}): {what}", task=task, story=story)
        case _:
            failed = TaskFailed(f"task {name!r} ({task}) failed: {what}", task=task, story=story)
            failed.__cause__ = _original(error, blob)
    return failed


def _original(error: TaskError, blob: bytes | None) -> BaseException | None:
    original: object = None
    if blob is not None:
        try:
            original = codec.decode(blob)
        except Undecodable:
            original = None  # its class is not importable here; the words remain
    if not isinstance(original, BaseException):
        original = RuntimeError(f"{error.type}: {error.message}") if error.traceback else None
    if isinstance(original, BaseException) and error.traceback:
        original.add_note(f"In the worker:\n{error.traceback}")
        return original
    return original if isinstance(original, BaseException) else None


def death(status: int | None) -> str:
    """How a process ended, in words: exit code, or signal with its name."""
    if status is None:
        return "its connection closed"
    if status >= 0:
        return f"exit code {status}"
    import signal

    number = -status
    try:
        label = signal.Signals(number).name
    except ValueError:
        label = f"signal {number}"
    hint = {
        "SIGKILL": " (killed from outside; on Linux often by the kernel, out of memory)",
        "SIGSEGV": " (a crash in native code)",
        "SIGABRT": " (native code gave up)",
    }.get(label, "")
    return f"killed by {label}{hint}" if sys.platform != "win32" else f"exit code {status}"
