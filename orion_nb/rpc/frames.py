"""The control stream over a plain Unix socket: each message after its length.

The same messages as over gRPC, which takes three times as long for a short one: it hands each over
between three threads, and dresses it for HTTP/2. Here whoever has something to say writes it.
"""

from __future__ import annotations

import logging
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress

from .limits import MESSAGE

log = logging.getLogger(__name__)

SUFFIX = "~"
"""After the path of the gRPC socket."""
_LENGTH = struct.Struct("<I")
_RECEIVE = 1 << 18
_NOW = getattr(socket, "MSG_DONTWAIT", 0)


class TooLarge(ConnectionError):
    """The peer announces a message that is larger than any may be."""


def frame(data: bytes) -> bytes:
    return _LENGTH.pack(len(data)) + data


class Pipe:
    """One connected socket. Reading is for one thread, everything else for any."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._lock = threading.Condition()
        self._backlog: deque[bytes] = deque()
        self._writer: threading.Thread | None = None
        self._closed = False

    def try_send(self, data: bytes) -> bool:
        """A whole message, if the socket takes some of it now; then the rest follows by itself.
        False: nothing was sent. Never blocks. :raises OSError: the connection is lost."""
        data = frame(data)
        with self._lock:
            if self._backlog:
                return False
            try:
                sent = self._socket.send(data, _NOW)
            except BlockingIOError:
                return False
            if sent < len(data):
                self._keep(data[sent:])
            return True

    def post(self, data: bytes) -> None:
        """Send now what can be, the rest by a thread of its own. Never blocks.

        :raises OSError: the connection is lost.
        """
        if not self.try_send(data):
            with self._lock:
                self._keep(frame(data))

    def send(self, data: bytes) -> None:
        """Block until the socket has taken all of it. :raises OSError: the connection is lost."""
        self.post(data)
        with self._lock:
            while self._backlog and not self._closed:
                self._lock.wait()
            if self._closed:
                raise ConnectionError("the connection is closed")

    def _keep(self, data: bytes) -> None:
        """With the lock."""
        self._backlog.append(data)
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="orion-frames", daemon=True)
            self._writer.start()

    def _write(self) -> None:
        """Until the backlog is empty."""
        while True:
            with self._lock:
                if not self._backlog or self._closed:
                    self._writer = None
                    self._lock.notify_all()
                    return
                data = self._backlog[0]
            try:
                self._socket.sendall(data)
            except OSError as error:
                log.debug("a connection was lost while writing: %s", error)
                self.close()
                continue
            with self._lock:
                if self._backlog:
                    self._backlog.popleft()

    def within(self, seconds: float | None) -> None:
        """Have reading fail with `TimeoutError` after so many seconds without a byte; None: never."""
        self._socket.settimeout(seconds)

    def messages(self) -> Iterator[bytes]:
        """Until the peer has closed. :raises TooLarge: :raises OSError: the connection is lost."""
        buffer = bytearray()
        receive = self._socket.recv
        while True:
            start, size = 0, len(buffer)
            while size - start >= 4:
                (length,) = _LENGTH.unpack_from(buffer, start)
                if length > MESSAGE:
                    raise TooLarge(f"a message of {length:,} bytes; at most {MESSAGE:,}")
                end = start + 4 + length
                if size < end:
                    break
                yield bytes(memoryview(buffer)[start + 4 : end])
                start = end
            if start:
                del buffer[:start]
            data = receive(_RECEIVE)
            if not data:
                return
            buffer += data

    def close(self) -> None:
        """Ends reading and writing, on both sides."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            self._lock.notify_all()
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError as error:
            log.debug("closed already: %s", error)
        self._socket.close()


class Listener:
    """Accepts connections on a path, each served on a thread of its own, until `stop`.

    :param serve: called with each; the connection is closed when it returns.
    :raises OSError: the path cannot be used.
    """

    def __init__(self, path: str, serve: Callable[[Pipe], None]) -> None:
        self.path = path
        self._serve = serve
        self._stopping = False
        self._pipes: set[Pipe] = set()
        self._lock = threading.Lock()
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            self._socket.bind(path)
            self._socket.listen(64)
        except BaseException:
            self._socket.close()
            raise
        self._thread = threading.Thread(target=self._accept, name="orion-accept", daemon=True)
        self._thread.start()

    def _accept(self) -> None:
        while True:
            sock, _ = self._socket.accept()
            if self._stopping:
                sock.close()
                self._socket.close()
                return
            threading.Thread(
                target=self._run, args=(Pipe(sock),), name="orion-frames", daemon=True
            ).start()

    def _run(self, pipe: Pipe) -> None:
        with self._lock:
            self._pipes.add(pipe)
        try:
            self._serve(pipe)
        except OSError as error:
            log.debug("a connection was lost: %s", error)
        except Exception:
            log.exception("a connection could not be served")
        finally:
            pipe.close()
            with self._lock:
                self._pipes.discard(pipe)

    def stop(self) -> None:
        """No new connections; those that are open end."""
        self._stopping = True
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
            caller.connect(
                self.path
            )  # wakes the accepting thread, which closing does not everywhere
        self._thread.join(5)
        with self._lock:
            pipes = tuple(self._pipes)
        for pipe in pipes:
            pipe.close()
