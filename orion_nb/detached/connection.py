"""The control stream of one client: its first word, then orders in and news out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ..exceptions import RuntimeMismatch, UsageError
from ..local.runtime import Runtime
from ..rpc.generated import stream_pb2
from ..rpc.limits import HELLO_WITHIN, NAME
from ..rpc.metadata import PROTOCOL
from .orders import Orders
from .sending import Outbox

log = logging.getLogger(__name__)


class Connection:
    """Lives as long as the call."""

    def __init__(self, runtime: Runtime, requests: Iterator[stream_pb2.ToRuntime], rpc: Any):
        """:param rpc: grpc's context of the call."""
        self._requests = requests
        self._rpc = rpc
        self.session = ""
        self.client = ""
        self._outbox: Outbox | None = None

    def hello(self, version: str) -> stream_pb2.Hello:
        """The client's first word.

        :raises RuntimeMismatch: it speaks another protocol. :raises UsageError: it is no greeting.
        """
        timer = threading.Timer(HELLO_WITHIN, self._rpc.cancel)
        timer.daemon = True
        timer.start()
        try:
            first = self._next()
        finally:
            timer.cancel()
        if first is None or first.WhichOneof("order") != "hello":
            raise UsageError("a session begins with Hello")
        hello = first.hello
        if hello.protocol != PROTOCOL:
            raise RuntimeMismatch(
                f"this runtime is Orion {version} and speaks protocol {PROTOCOL}; the client is "
                f"Orion {hello.version or 'of an unknown version'} with protocol {hello.protocol}"
            )
        if not 0 < len(hello.client) <= NAME or len(hello.session) > NAME:
            raise UsageError(f"a client's name has 1 to {NAME} characters, a session's at most so")
        self.session, self.client = hello.session, hello.client
        return hello

    def serve(
        self, orders: Orders, outbox: Outbox, welcome: stream_pb2.Welcome
    ) -> Iterator[stream_pb2.FromRuntime]:
        """Take orders on a thread of its own, and tell news on this one."""
        self._outbox = outbox
        if not self._rpc.add_callback(outbox.close):
            return  # gone already
        reader = threading.Thread(
            target=self._read, args=(orders.take, outbox), name="orion-orders", daemon=True
        )
        reader.start()
        try:
            yield from outbox.messages(welcome)
        finally:
            outbox.close()

    def close(self, farewell: str) -> None:
        """The last word; the stream ends."""
        if self._outbox is not None:
            self._outbox.close(farewell)

    def _read(self, take: Callable[[stream_pb2.ToRuntime], None], outbox: Outbox) -> None:
        try:
            while (message := self._next()) is not None:
                take(message)
        except Exception:
            # The client hears that its connection is lost, and comes back.
            log.exception("an order of %s could not be taken", self.session)
        finally:
            outbox.close()

    def _next(self) -> stream_pb2.ToRuntime | None:
        """None: the client has left, or sends what is no message."""
        try:
            return next(self._requests, None)
        except Exception as error:  # noqa: BLE001  (grpc raises a bare Exception for a lost call)
            log.debug("the connection of %s ended: %r", self.session, error)
            return None
