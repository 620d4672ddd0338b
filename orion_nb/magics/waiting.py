"""Waiting in a cell for tasks: with a line of progress, and interruptible."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Sequence
from typing import Any

from orion_nb.core.model import TaskId

from .channels import TERMINAL, channel_for
from .interrupts import Interrupts
from .tracking import Tracker
from .transcript import status_html
from .wording import seconds, words_for

PATIENCE = 0.25
"""Seconds before a wait is worth a line."""

_REFRESH = 0.25
"""Seconds between two updates of the line. Also how often an interrupt is noticed where a
lock's wait cannot be interrupted (Windows)."""


class Waiter:
    """Waits on the condition that the feed's thread notifies.

    :param changed: guards `tracker`; notified after every batch of the feed.
    :param clock: now, on the feed's clock.
    """

    def __init__(
        self,
        shell: Any,
        tracker: Tracker,
        changed: threading.Condition,
        interrupts: Interrupts,
        clock: Callable[[], float],
    ) -> None:
        self._shell = shell
        self._tracker = tracker
        self._changed = changed
        self._interrupts = interrupts
        self._clock = clock

    def wait(
        self,
        tasks: Sequence[TaskId],
        what: str,
        *,
        submitted: Sequence[TaskId] = (),
        at_once: Sequence[TaskId] = (),
    ) -> None:
        """Return when all tasks have ended, well or not.

        :param what: what is waited for, for people: "`df` of load".
        :param submitted: what a second interrupt cancels; :param at_once: what already the first.
        :raises KeyboardInterrupt: the user has stopped the wait; the tasks go on.
        """
        line = _Line(self._shell)
        began = time.monotonic()
        left = list(reversed(tasks))
        with self._interrupts.waiting(submitted, at_once):
            while not self._ended(left, _REFRESH):
                if time.monotonic() - began >= PATIENCE:
                    with self._changed:
                        tracks = [self._tracker.get(task) for task in tasks]
                        words = words_for(tracks, self._clock())
                    line.show(f"waiting for {what} · {words.text}", words.icon, words.colour)
        if line.shown:
            line.show(
                f"waited {seconds(time.monotonic() - began)} for {what}", "✓", "#8a8f98", last=True
            )

    def _ended(self, left: list[TaskId], timeout: float) -> bool:
        """Wait for what is left; what is found to have ended is taken out, and not asked again."""

        def none_left() -> bool:
            while left and self._tracker.get(left[-1]).final:
                left.pop()
            return not left

        with self._changed:
            return self._changed.wait_for(none_left, timeout)


class _Line:
    """One line under the waiting cell that is overwritten; in a terminal, its first and its last
    words only."""

    def __init__(self, shell: Any) -> None:
        self._publish = shell.display_pub.publish
        self._terminal = channel_for(shell).style == TERMINAL
        self._id = f"orion-wait-{uuid.uuid4().hex[:8]}"
        self._text = ""
        self.shown = False

    def show(self, text: str, icon: str, colour: str, *, last: bool = False) -> None:
        if text == self._text or (self._terminal and self.shown and not last):
            return
        data = {
            "text/plain": f"{icon} {text}",
            "text/html": status_html(text, colour=colour, icon=icon),
        }
        update = self.shown and not self._terminal  # consoles leave updates out
        self._publish(data, {}, transient={"display_id": self._id}, update=update)
        self._text, self.shown = text, True
