"""Orion's exceptions as gRPC statuses, and back."""

from __future__ import annotations

from typing import Any

import grpc

from ..exceptions import (
    DuplicateTask,
    ObjectUnavailable,
    OrionBug,
    RuntimeMismatch,
    RuntimeUnreachable,
    StoreFull,
    UnknownDependency,
    UsageError,
)
from .errors import MAX_WORDS, error_from, told
from .tables import clean

TYPE_KEY = "orion-error"
"""In the trailing metadata: the name of the exception's class."""

_CODES: tuple[tuple[type[Exception], grpc.StatusCode], ...] = (
    (UnknownDependency, grpc.StatusCode.NOT_FOUND),
    (DuplicateTask, grpc.StatusCode.ALREADY_EXISTS),
    (UsageError, grpc.StatusCode.INVALID_ARGUMENT),
    (ObjectUnavailable, grpc.StatusCode.NOT_FOUND),
    (StoreFull, grpc.StatusCode.RESOURCE_EXHAUSTED),
    (RuntimeMismatch, grpc.StatusCode.FAILED_PRECONDITION),
    (TimeoutError, grpc.StatusCode.DEADLINE_EXCEEDED),
)
_OTHERS = grpc.StatusCode.FAILED_PRECONDITION


def code_of(error: Exception) -> grpc.StatusCode:
    """The status for those who speak gRPC and not Python. Never UNAVAILABLE, which means that the
    connection is lost."""
    if isinstance(error, OrionBug):
        return grpc.StatusCode.INTERNAL
    return next((code for cls, code in _CODES if isinstance(error, cls)), _OTHERS)


def abort(context: Any, error: Exception) -> None:
    """End a call with the error; raises (grpc's way to leave a handler)."""
    error = told(error)
    context.set_trailing_metadata(((TYPE_KEY, type(error).__name__),))
    context.abort(code_of(error), clean(str(error))[:MAX_WORDS])


def raised(error: grpc.RpcError) -> Exception:
    """What a failed call means here.

    `RuntimeUnreachable`: the connection is lost, or the runtime is gone.
    """
    code, words = error.code(), error.details() or ""
    trailing: Any = error.trailing_metadata()
    for key, value in trailing or ():
        if key == TYPE_KEY:
            return error_from(str(value), words)
    if code in (grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED):
        return RuntimeMismatch(f"the runtime does not let this client in: {words}")
    if code is grpc.StatusCode.UNIMPLEMENTED:
        return RuntimeMismatch(f"the runtime does not know this request: {words}")
    if code is grpc.StatusCode.RESOURCE_EXHAUSTED:
        return UsageError(f"too much for the runtime: {words}")
    if code is grpc.StatusCode.INVALID_ARGUMENT:
        return UsageError(words)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return TimeoutError(words)
    return RuntimeUnreachable(f"the runtime does not answer ({_name(code)}: {words})")


def _name(code: grpc.StatusCode | None) -> str:
    return code.name if code is not None else "UNKNOWN"
