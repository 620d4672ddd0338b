"""The host's one thread of input and output: sockets, timers, and a way to wake it.

It knows nothing of tasks. Threads that submit do most of their work themselves; this one does
what comes from outside.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import logging
import os
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Any

log = logging.getLogger(__name__)

AFTER_ERROR = 0.1
"""Seconds until the next round after one that went wrong: what it left undone must not wait for
something else to happen."""

Handler = Callable[[int], None]
"""Called with the selector's event mask."""


class Loop:
    """Runs handlers and timers on a thread of its own until `stop`."""

    def __init__(self, name: str, after: Callable[[], float | None]) -> None:
        """:param after: called after each round; gives the seconds until the next round at
        the latest, or None."""
        self._selector = selectors.DefaultSelector()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)
        self._selector.register(self._wake_read, selectors.EVENT_READ, self._on_wake)
        self._lock = threading.Lock()
        self._timers: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._after = after
        self._woken = False
        self._until = 0.0  # when the running select ends by itself
        self._stopping = False
        self._pid = os.getpid()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def inside(self) -> bool:
        return threading.current_thread() is self._thread

    def register(self, sock: socket.socket, events: int, handler: Handler) -> None:
        """Also changes an earlier registration. Any thread."""
        with self._lock:
            try:
                self._selector.modify(sock, events, handler)
            except KeyError:
                self._selector.register(sock, events, handler)
        self.wake()

    def unregister(self, sock: socket.socket) -> None:
        with self._lock, contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(sock)

    def call_at(self, when: float, call: Callable[[], None]) -> None:
        """`when` is on the clock of `time.monotonic`. Any thread."""
        with self._lock:
            heapq.heappush(self._timers, (when, next(self._order), call))
        if when < self._until:
            self.wake()

    def wake(self) -> None:
        """Have a round soon. Any thread; cheap when it was woken already."""
        if self._woken or self.inside():
            return
        self._woken = True
        with contextlib.suppress(BlockingIOError, OSError):
            self._wake_write.send(b"\0")

    def stop(self) -> None:
        """Ends the thread after the present round, and waits for that."""
        self._stopping = True
        self._woken = False
        self.wake()
        if not self.inside() and self._thread.is_alive():
            self._thread.join(10)

    def abandon(self) -> None:
        """In a forked child, where the thread does not exist: let go of the descriptors."""
        self._selector.close()
        self._wake_read.close()
        self._wake_write.close()

    def _on_wake(self, _: int) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake_read.recv(4096)

    def _run(self) -> None:
        timeout: float | None = 0.0
        while not self._stopping:
            ready = self._select(timeout)
            self._woken = False
            for handler, mask in ready:
                self._guarded(handler, mask)
            for call in self._due():
                self._guarded(call)
            timeout = self._guarded(self._after)
        self.abandon()

    def _select(self, timeout: float | None) -> list[tuple[Handler, int]]:
        with self._lock:
            now = time.monotonic()
            until = float("inf") if timeout is None else now + timeout
            if self._timers:
                until = min(until, self._timers[0][0])
            self._until = until
        limit = None if until == float("inf") else max(0.0, until - now)
        try:
            return [(key.data, mask) for key, mask in self._selector.select(limit)]
        finally:
            self._until = 0.0

    def _due(self) -> list[Callable[[], None]]:
        due: list[Callable[[], None]] = []
        if self._timers:
            now = time.monotonic()
            with self._lock:
                while self._timers and self._timers[0][0] <= now:
                    due.append(heapq.heappop(self._timers)[2])
        return due

    def _guarded(self, call: Callable[..., Any], *args: Any) -> Any:
        try:
            return call(*args)
        except Exception:
            # One broken handler must not end the thread that all tasks depend on.
            log.exception("an unexpected error in orion's loop; please report it")
            return AFTER_ERROR
