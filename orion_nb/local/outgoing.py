"""What a worker process has to say, in order, in as few messages as its host allows.

While more work waits in the worker, results are held back to travel together; output is
gathered likewise. Nothing is held for longer than `TICK`: whoever leaves something
unsent makes sure that the attendant ticks, and the attendant sends what it finds.
"""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from . import wire

TICK = 0.01  # seconds
TEXT_AT_ONCE = 1 << 14  # characters of unsent output that do not wait for a tick
PROGRESS_EVERY = 0.1  # seconds between two progress messages
MAX_OUTPUT = 32 << 20  # characters of output that one attempt may send
MAX_DISPLAY = 64 << 20  # bytes of one display frame


class Shield:
    """A re-entrant lock, inside which the main thread is not interrupted half-way.

    A KeyboardInterrupt in the middle of a send would leave half a message on the wire. While
    the main thread is inside, the interrupt handler only makes a note (`deferred`), and the
    interrupt comes when the outermost block ends.
    """

    __slots__ = ("_lock", "_main", "deferred", "depth")

    def __init__(self) -> None:
        # Re-entrant: a signal handler or a destructor may print while the main thread sends.
        self._lock = threading.RLock()
        self._main = threading.main_thread().ident
        self.depth = 0  # of the main thread; no other thread touches it
        self.deferred = False

    def __enter__(self) -> None:
        if threading.get_ident() == self._main:
            self.depth += 1  # before the lock: an interrupt must not come between the two
        self._lock.acquire()

    def __exit__(self, *exc: object) -> None:
        self._lock.release()
        if threading.get_ident() == self._main:
            self.depth -= 1
            if self.deferred and not self.depth:
                self.deferred = False
                raise KeyboardInterrupt


class Outgoing:
    """The worker's side of the task socket. Thread-safe; order of calls is order on the wire."""

    def __init__(self, task_socket: socket.socket, wake_attendant: Callable[[], None]) -> None:
        self._socket = task_socket
        self._wake = wake_attendant
        self.lock = Shield()
        self._messages: list[wire.Message] = []
        self._number = 0  # the run that output belongs to
        self._frames: list[tuple[str, Any, float]] = []
        self._texts: list[str] = []  # of the stream frame that is still growing
        self._text_name = ""
        self._text_size = 0
        self._text_at = 0.0
        self._sent_size = 0  # of this run
        self._progress: wire.Message | None = None
        self._progress_sent = 0.0
        self._sending = False
        self.ticking = False

    @property
    def number(self) -> int:
        return self._number

    def begin(self, number: int) -> None:
        """Output from now on belongs to this run."""
        self._number = number
        self._sent_size = 0
        self._progress_sent = 0.0

    def post(self, message: wire.Message) -> None:
        """Say it with the next flush."""
        with self.lock:
            self._messages.append(message)

    def end(self, message: wire.Message) -> None:
        """The run is over: its last output, then its result. Not flushed."""
        with self.lock:
            if self._progress is not None:
                self._messages.append(self._progress)
                self._progress = None
            if self._texts or self._frames:
                self._gather()
            self._messages.append(message)
            self._number = 0

    def text(self, name: str, text: str) -> None:
        """Something was written to `stdout` or `stderr`."""
        if not text or not self._number:
            return
        with self.lock:
            if name != self._text_name:
                self._close_text()
                self._text_name = name
            if self._sent_size > MAX_OUTPUT:
                return
            self._sent_size += len(text)
            if self._sent_size > MAX_OUTPUT:
                text += f"\n… more than {MAX_OUTPUT >> 20} MiB of output: the rest is dropped.\n"
            if not self._texts:
                self._text_at = time.time()
            self._texts.append(text)
            self._text_size += len(text)
            if self._text_size > TEXT_AT_ONCE:
                self.flush()
        self.tick()

    def frame(self, kind: str, data: Mapping[str, Any]) -> None:
        """:raises TypeError: `data` is not JSON-able."""
        if not self._number:
            return
        plain = json.loads(json.dumps(data))  # only exact built-in types can travel
        with self.lock:
            self._close_text()
            self._frames.append((kind, plain, time.time()))
        self.tick()

    def progress(self, done: float, total: float, message: str) -> None:
        now = time.time()
        with self.lock:
            if self._number:
                self._progress = (wire.PROGRESS, self._number, done, total, message, now)
        if now - self._progress_sent >= PROGRESS_EVERY:
            self.flush()
        else:
            self.tick()

    def tick(self) -> None:
        """Something is left unsent: the attendant shall look in a while."""
        if not self.ticking:
            self.ticking = True
            self._wake()

    def pending(self) -> bool:
        return bool(self._messages or self._texts or self._frames or self._progress)

    def flush(self) -> None:
        """Send everything; blocks while the host's buffer is full.

        :raises OSError: the host is gone."""
        with self.lock:
            if self._sending:
                return  # re-entered from a signal handler: the outer call sends it
            if self._progress is not None:
                now = time.time()
                if now - self._progress_sent >= PROGRESS_EVERY:
                    self._messages.append(self._progress)
                    self._progress = None
                    self._progress_sent = now
            if self._texts or self._frames:
                self._gather()
            self._sending = True
            try:
                while self._messages:
                    messages, self._messages = self._messages, []
                    self._socket.sendall(wire.pack(messages))
            finally:
                self._sending = False

    def _close_text(self) -> None:
        if self._texts:
            text = "".join(self._texts)
            self._frames.append(("stream", {"name": self._text_name, "text": text}, self._text_at))
            self._texts = []
            self._text_size = 0

    def _gather(self) -> None:
        self._close_text()
        self._messages.append((wire.FRAMES, self._number, tuple(self._frames)))
        self._frames = []
