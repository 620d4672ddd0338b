"""Messages between a host and a worker process: length-framed batches of plain tuples.

Both ends are the same interpreter on the same machine and one made the other, so the
bodies are `marshal`: faster than pickle for the numbers, strings and bytes that they hold,
and unable to carry an object. Values travel as opaque `bytes`.

Two sockets join them. On the *task* socket the host sends work and the worker answers; the
worker's main thread reads it itself, without a hop between threads. The *control* socket carries
what must be heard while the main thread is busy: steal, cancel, and the end of the host.
"""

from __future__ import annotations

import marshal
import socket
import struct
from collections.abc import Iterable
from typing import Any

Message = tuple[Any, ...]
"""`(tag, …)`. A `number` in it is the run's number: counted per worker from 1, in the order sent."""

RawFrame = tuple[str, Any, float]
"""Kind, data and time (seconds since the epoch) of a piece of output."""

# host → worker, task socket
RUN = 1  # (RUN, number, Assignment fields…); see `Assignment`
SETUP = 2  # (SETUP, directory, import path, environment, where the store is); before a RUN

# host → worker, control socket
STEAL = 10  # (STEAL, number) → STOLEN
CANCEL = 11  # (CANCEL, number) → DONE | FAILED | ABANDONED

# worker → host, task socket
READY = 20  # (READY, pid)
DONE = 21  # (DONE, number, ((name, digest, size, inline | None), …), seconds, changed arguments)
FAILED = 22  # (FAILED, number, TaskError as tuple, pickled exception | None)
ABANDONED = 23  # (ABANDONED, number): it does not run, and never will
STOLEN = 24  # (STOLEN, number, released)
FRAMES = 25  # (FRAMES, number, ((kind, data, at), …))
PROGRESS = 26  # (PROGRESS, number, done, total, message, at)
LOST = 27  # (LOST, number, digest, why): an input cannot be read; the run did not start

# inside the host
NEWS = 40  # (NEWS, call): a worker process has said something; whoever has the turn calls
GONE = 41  # (GONE,): its connection has closed

_LENGTH = struct.Struct("<I")
MAX_FRAME = 1 << 30
"""Bytes; a longer frame means a broken peer. Large values are in the store, not in frames."""
RECEIVE = 1 << 16
"""Bytes asked of the socket at once. Python allocates them before it receives, and from 128 KiB
on that is a new mapping each time: 22 µs instead of 3, twice a task."""


def pack(messages: Iterable[Message]) -> bytes:
    """One frame."""
    body = marshal.dumps(tuple(messages))
    return _LENGTH.pack(len(body)) + body


class FrameReader:
    """Cuts a stream of bytes into messages. Feed it what arrived; it gives what is complete."""

    __slots__ = ("_buffer",)

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """:raises ConnectionError: the peer sends nonsense."""
        buffer = self._buffer
        if not buffer and len(data) >= 4 and _LENGTH.unpack_from(data)[0] == len(data) - 4:
            return list(marshal.loads(data[4:]))  # by far the most usual: one whole frame
        buffer += data
        messages: list[Message] = []
        start = 0
        while len(buffer) - start >= 4:
            (length,) = _LENGTH.unpack_from(buffer, start)
            if length > MAX_FRAME:
                raise ConnectionError(f"a frame of {length} bytes announced; at most {MAX_FRAME}")
            end = start + 4 + length
            if len(buffer) < end:
                break
            with memoryview(buffer) as view:
                messages.extend(marshal.loads(view[start + 4 : end]))
            start = end
        if start:
            del buffer[:start]
        return messages


def send_all(sock: socket.socket, messages: Iterable[Message]) -> None:
    """Blocks until the peer's buffer has taken all of it."""
    sock.sendall(pack(messages))


def receive(sock: socket.socket, reader: FrameReader) -> list[Message] | None:
    """Blocks for at least one message; None when the peer is gone."""
    while True:
        try:
            data = sock.recv(RECEIVE)
        except (ConnectionResetError, BrokenPipeError):
            return None
        if not data:
            return None
        messages = reader.feed(data)
        if messages:
            return messages
