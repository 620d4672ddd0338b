"""Orion's exceptions on the wire: each travels as its own type, with its own words.

What is raised on one side by other code (a bug) is told as `OrionBug`, and logged where it was.
"""

from __future__ import annotations

import inspect
import logging

from .. import exceptions
from ..exceptions import OrionBug, OrionError, UsageError
from .generated import stream_pb2
from .tables import Malformed, clean

log = logging.getLogger(__name__)

MAX_WORDS = 4_000
"""Characters of a message in a status: headers are small."""

_CLASSES: dict[str, type[Exception]] = {
    name: cls
    for name, cls in vars(exceptions).items()
    if inspect.isclass(cls) and issubclass(cls, OrionError)
} | {"TimeoutError": TimeoutError}


def told(error: Exception) -> Exception:
    """The exception as the other side may hear it: its own kind, or `OrionBug` (logged)."""
    if isinstance(error, Malformed):
        return UsageError(str(error))
    if type(error).__name__ in _CLASSES:
        return error
    log.error("an error that nobody expected", exc_info=error)
    return OrionBug(f"the runtime failed: {type(error).__name__}: {error}; its log says more")


def error_message(error: Exception) -> stream_pb2.Error:
    error = told(error)
    return stream_pb2.Error(type=type(error).__name__, message=clean(str(error))[:MAX_WORDS])


def error_from(kind: str, words: str) -> Exception:
    """The exception to raise here. A class that this version does not know becomes its base."""
    return _CLASSES.get(kind, OrionError)(words)
