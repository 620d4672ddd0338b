"""The connection of a session: it comes back, and repeats what was not acknowledged."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Any

from orion_nb import __version__
from orion_nb.exceptions import OrionError, RuntimeClosed, RuntimeMismatch, RuntimeUnreachable
from orion_nb.rpc import errors
from orion_nb.rpc.connecting import ControlStream, open_stream
from orion_nb.rpc.generated import stream_pb2
from orion_nb.rpc.metadata import PROTOCOL

from .finding import Contact, Finding

log = logging.getLogger(__name__)

COME_BACK = (0.05, 0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds between attempts to find a lost runtime again; the last one for ever."""
LEAVE_WITHIN = 5.0
"""Seconds that leaving waits for what was submitted a moment ago to be acknowledged."""
ANSWER_WITHIN = 60.0
"""Seconds for a question that does not wait for a task."""

Messages = Sequence[stream_pb2.ToRuntime]


class Request:
    """Orders that are acknowledged together: by the request number of the last one."""

    __slots__ = ("_again", "_bolt", "_messages", "_on_done", "error")

    def __init__(
        self,
        messages: Messages,
        on_done: Callable[[Request], None] | None,
        again: Callable[[Messages], None],
    ) -> None:
        self._messages = messages
        self._on_done = on_done
        self._again = again
        self.error: Exception | None = None
        # A bare lock, held until it is done: an Event costs several times as much.
        self._bolt = threading.Lock()
        self._bolt.acquire()

    def send_again(self, stream: ControlStream) -> None:
        """All of it, on a stream that has not seen it."""
        self._again(self._messages)
        stream.send(self._messages)

    def finish(self, error: Exception | None) -> None:
        self.error = error
        if self._on_done is not None:
            self._on_done(self)
        self._bolt.release()

    def settle(self, timeout: float) -> None:
        """Until it is acknowledged or refused, or not in time."""
        if self._bolt.acquire(timeout=timeout):
            self._bolt.release()

    def wait(self, timeout: float | None = None) -> None:
        """Until it is acknowledged. :raises OrionError: it was refused. :raises TimeoutError:"""
        if not self._bolt.acquire(timeout=-1 if timeout is None else timeout):
            raise TimeoutError("the runtime has not acknowledged a request in time")
        self._bolt.release()
        if self.error is not None:
            raise self.error


class Link:
    """Any thread.

    :param hear: called with every message, on the thread that reads the stream; never by two at once.
    :param introduce: given the runtime's welcome on a new stream: orders to be sent before those that
        are repeated, and after them.
    :param told_end: called when the runtime has ended on purpose, with its words.
    """

    def __init__(
        self,
        find: Finding,
        session: str,
        client: str,
        hear: Callable[[stream_pb2.FromRuntime], None],
        introduce: Callable[[stream_pb2.Welcome], tuple[Messages, Messages]],
        told_end: Callable[[str], None],
        frames: bool = True,
    ) -> None:
        self._find = find
        self._session = session
        self._client = client
        self._hear = hear
        self._introduce = introduce
        self._told_end = told_end
        self._frames = frames
        self._pid = os.getpid()
        self._lock = threading.Lock()  # of what follows; taken shortly
        self._stream: ControlStream | None = None
        self._requests: dict[int, Request] = {}
        self._number = 0
        self._connecting = threading.Lock()
        self._closed = threading.Event()
        self._returning: threading.Thread | None = None

    # -- orders and questions -------------------------------------------------------------------

    def request(
        self,
        orders: Callable[[ControlStream], Iterable[stream_pb2.ToRuntime]],
        on_done: Callable[[Request], None] | None = None,
        again: Callable[[Messages], None] = lambda messages: None,
    ) -> Request:
        """Send orders that belong together, each as soon as it is made. What is not acknowledged is
        sent again on the next connection. Returns without waiting, if there is a connection.

        :param orders: makes them, at least one, for a stream. :param again: called before they are
            sent on another one.
        :raises RuntimeUnreachable: :raises RuntimeClosed: and what `orders` raises.
        """
        stream = self.ensure()
        made: list[stream_pb2.ToRuntime] = []
        for message in orders(stream):
            if made:
                stream.send(made[-1:])  # not the last one, which completes them
            made.append(message)
        request = Request(made, on_done, again)
        with self._lock:
            self._number += 1
            made[-1].request = self._number
            self._requests[self._number] = request
            if self._stream is stream:
                stream.send(made[-1:])
            elif self._stream is not None:
                request.send_again(self._stream)
        return request

    def post(self, message: stream_pb2.ToRuntime) -> None:
        """Send one order, now or when there is a connection again; none is made for it."""
        request = Request((message,), None, lambda messages: None)
        with self._lock:
            self._number += 1
            message.request = self._number
            self._requests[self._number] = request
            if self._stream is not None:
                self._stream.send((message,))

    def tell(self, message: stream_pb2.ToRuntime) -> None:
        """Send something that means nothing on another connection."""
        with self._lock:
            if self._stream is not None:
                self._stream.send([message])

    def ask(self, method: str, request: Any, timeout: float | None = ANSWER_WITHIN) -> Any:
        """One question, one answer, about how things are after all orders so far; asked again if the
        connection is lost meanwhile.

        :raises RuntimeUnreachable: :raises RuntimeClosed: and what the runtime raises.
        """
        return self._again(lambda channel: channel.ask(method, request, timeout))

    def ask_once(self, method: str, request: Any) -> None:
        """A question to the runtime that is connected, and to no other: none is started for it. That
        the connection ends with the answer, or instead of it, is all right."""
        stream = self._stream
        if stream is not None:
            with suppress(RuntimeUnreachable):
                stream.channel.ask(method, request, ANSWER_WITHIN)

    def ask_many(self, method: str, request: Any) -> list[Any]:
        """All answers of a question with several. As `ask`."""
        answers: list[Any] = self._again(lambda channel: list(channel.ask_many(method, request)))
        return answers

    def _again(self, call: Callable[[Any], Any]) -> Any:
        stream = self.ensure()
        with self._lock:
            newest = next(reversed(self._requests.values()), None)
        if newest is not None:
            newest.settle(ANSWER_WITHIN)
        try:
            return call(stream.channel)
        except RuntimeUnreachable:
            stream.lost.wait(1.0)
        return call(self.ensure().channel)

    # -- being connected ------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        return self._stream is not None

    def ensure(self) -> ControlStream:
        """Connect, unless it is; a runtime that is not there is started.

        :raises RuntimeUnreachable: :raises RuntimeClosed: this session was closed.
        """
        stream = self._stream
        if stream is not None and not self._closed.is_set() and os.getpid() == self._pid:
            return stream
        return self._connect(start=True)

    def _connect(self, start: bool) -> ControlStream:
        if os.getpid() != self._pid:
            raise RuntimeClosed("a forked child has no session; open one of its own")
        with self._connecting:
            if self._closed.is_set():
                raise RuntimeClosed("this session has been closed")
            if self._stream is not None:
                return self._stream
            stream = self._find_and_open() if start else self._open(self._find.living())
            try:
                before, after = self._introduce(stream.welcome)
                with self._lock:
                    stream.send(before)
                    for request in self._requests.values():
                        request.send_again(stream)
                    stream.send(after)
                    self._stream = stream
            except BaseException:
                stream.close()
                raise
            threading.Thread(
                target=self._read, args=(stream,), name="orion-session", daemon=True
            ).start()
            return stream

    def _find_and_open(self) -> ControlStream:
        """One that has just been found may be ending, or have been killed a moment ago: then it is
        looked for again, and another one is started."""
        for pause in (*COME_BACK[:4], None):
            try:
                return self._open(self._find())
            except RuntimeMismatch:
                raise
            except RuntimeUnreachable as error:
                if pause is None or self._closed.wait(pause):
                    raise
                log.debug("what was found does not answer: %s", error)
        raise AssertionError("the last try raises")

    def _open(self, contact: Contact | None) -> ControlStream:
        if contact is None:
            raise RuntimeUnreachable("no runtime lives here")
        hello = stream_pb2.Hello(
            protocol=PROTOCOL,
            version=__version__,
            session=self._session,
            client=self._client,
            pid=os.getpid(),
        )
        return open_stream(
            contact.address, contact.token, self._session, hello, frames_too=self._frames
        )

    def settle(self, timeout: float) -> None:
        """Until all that was sent is acknowledged, as long as there is a connection, and no longer
        than so many seconds."""
        deadline = time.monotonic() + timeout
        with self._lock:
            requests = list(self._requests.values()) if self._stream is not None else []
        for request in requests:
            request.settle(max(0.0, deadline - time.monotonic()))

    def close(self) -> None:
        """Leave. What was not acknowledged may or may not have been taken."""
        self._closed.set()
        with self._lock:
            stream, self._stream = self._stream, None
            requests, self._requests = self._requests, {}
        if stream is not None:
            stream.close()
        for request in requests.values():
            request.finish(RuntimeClosed("this session has been closed"))

    # -- the reading thread ---------------------------------------------------------------------

    def _read(self, stream: ControlStream) -> None:
        farewell = ""
        try:
            for message in stream.messages():
                farewell = message.farewell or farewell
                self._hear(message)
                for ack in message.acks:
                    self._acknowledged(ack)
        except RuntimeUnreachable as error:
            log.debug("connection lost: %s", error)
        except Exception:
            # Without this thread nothing works: begin anew, on another connection.
            log.exception("what the runtime said could not be dealt with")
        self._lose(stream, farewell)

    def _acknowledged(self, ack: stream_pb2.Ack) -> None:
        with self._lock:
            request = self._requests.pop(ack.request, None)
        if request is not None:
            wrong = errors.error_from(ack.error.type, ack.error.message)
            request.finish(wrong if ack.HasField("error") else None)

    def _lose(self, stream: ControlStream, farewell: str) -> None:
        with self._lock:
            if self._stream is stream:
                self._stream = None
        stream.close()
        if self._closed.is_set():
            return
        if farewell:
            with self._lock:
                requests, self._requests = self._requests, {}
            for request in requests.values():
                request.finish(RuntimeClosed(farewell))
            self._told_end(farewell)
            return
        with self._lock:
            if self._returning is None:
                self._returning = threading.Thread(
                    target=self._return, name="orion-return", daemon=True
                )
                self._returning.start()

    def _return(self) -> None:
        """Find it again: it may only have been restarted. Starts none by itself, unless somebody
        waits for an acknowledgement."""
        attempt = 0
        while not self._closed.wait(COME_BACK[min(attempt, len(COME_BACK) - 1)]):
            attempt += 1
            if self.connected:
                break
            try:
                self._connect(start=bool(self._requests))
                break
            except OrionError as error:
                log.debug("no way back yet: %s", error)
        with self._lock:
            self._returning = None
