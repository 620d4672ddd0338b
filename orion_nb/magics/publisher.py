"""The one thread that writes to the front end: at most ten times a second, ends at once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

log = logging.getLogger(__name__)

INTERVAL = 0.1
"""Seconds between two rounds, unless something has ended."""

TICK = 1.0
"""Seconds between rounds that only move the clock of what runs."""


class Publisher:
    """Calls `flush` whenever it was `poke`d, from a thread of its own.

    :param ticking: whether something is shown whose elapsed time moves.
    """

    def __init__(self, flush: Callable[[], None], ticking: Callable[[], bool]) -> None:
        self._flush = flush
        self._ticking = ticking
        self._wake = threading.Condition()
        self._dirty = False
        self._urgent = False
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="orion-publisher", daemon=True)
        self._thread.start()

    def poke(self, *, urgent: bool = False) -> None:
        """Something is new. Any thread; returns at once."""
        with self._wake:
            self._dirty = True
            self._urgent = self._urgent or urgent
            self._wake.notify()

    def close(self) -> None:
        """Stop, after what is due has been sent."""
        with self._wake:
            self._closed = True
            self._wake.notify()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout=5.0)

    def _run(self) -> None:
        while True:
            pause = TICK if self._ticking() else None  # takes its owner's lock: not under ours
            with self._wake:
                if not self._dirty and not self._closed:
                    self._wake.wait(pause)
                closed = self._closed
                self._dirty = self._urgent = False
            try:
                self._flush()
            except Exception:  # a front end that went away must not end the thread
                log.exception("output could not be shown under its cell")
            if closed:
                return
            self._pause()

    def _pause(self) -> None:
        deadline = time.monotonic() + INTERVAL
        with self._wake:
            while not self._urgent and not self._closed:
                left = deadline - time.monotonic()
                if left <= 0:
                    return
                self._wake.wait(left)
