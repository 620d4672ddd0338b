"""When a runtime ends by itself."""

from __future__ import annotations

import math
import os

from ..exceptions import UsageError

TIMEOUT_VARIABLE = "ORION_IDLE_TIMEOUT"
DEFAULT_TIMEOUT = 30 * 60.0
"""Seconds without a client and without work. Starting again takes half a second and brings all
back, so waiting longer would save little; a notebook that is open keeps its client."""


class Idle:
    """Tells how long nobody has needed the runtime.

    :param timeout: seconds; infinite: it never ends for that.
    """

    def __init__(self, timeout: float, now: float) -> None:
        self.timeout = timeout
        self._since = now

    def is_over(self, now: float, *, clients: int, unfinished: int) -> bool:
        """Look again: whether the runtime may end.

        :param now: seconds on a clock that only goes forward. :param clients: who is connected.
        :param unfinished: tasks that run, or wait."""
        if clients or unfinished:
            self._since = now
        return now - self._since >= self.timeout


def timeout_from(text: str | None) -> float:
    """Seconds from ``$ORION_IDLE_TIMEOUT``: a number, or ``never``; None or "": the default.

    :raises UsageError: it makes no sense."""
    if not text:
        return DEFAULT_TIMEOUT
    if text.strip().lower() in ("never", "inf"):
        return math.inf
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not seconds > 0:  # nor is NaN
        raise UsageError(f"{TIMEOUT_VARIABLE}={text!r} is not a time: write seconds, or never")
    return seconds


def timeout_of_user() -> float:
    """What the environment says."""
    return timeout_from(os.environ.get(TIMEOUT_VARIABLE))
