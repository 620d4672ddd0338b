"""A task's exception as words and bytes, for the journey to whoever waits for it."""

from __future__ import annotations

import os
import sys
import traceback
from types import TracebackType

from ..core.model import TaskError
from ..exceptions import (
    ObjectUnavailable,
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
        traceback=format_traceback(error),
    )
    try:
        encoded = codec.encode(error)
        return words, encoded.to_bytes() if encoded.size <= MAX_EXCEPTION else None
    except OrionError:
        return words, None


def format_traceback(error: BaseException) -> str:
    """As Python prints it, without Orion's own frames, in the whole chain of causes."""
    seen: set[int] = set()
    each: BaseException | None = error
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        each.__traceback__ = user_frames(each.__traceback__)
        each = each.__cause__ or each.__context__
    return "".join(traceback.format_exception(error)).rstrip("\n")


def user_frames(trace: TracebackType | None) -> TracebackType | None:
    """The traceback from the first frame that is not Orion's own.

    If there is none (the error is Orion's), nothing is hidden."""
    first = trace
    while first is not None and first.tb_frame.f_code.co_filename.startswith(_PACKAGE):
        first = first.tb_next
    return first if first is not None else None


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
