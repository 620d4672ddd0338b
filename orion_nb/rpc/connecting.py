"""A client's control stream, over the carrier that suits the address. grpc is loaded only if needed."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Protocol

from ..exceptions import RuntimeUnreachable
from . import errors, frames
from .generated import stream_pb2
from .limits import WELCOME_WITHIN

if TYPE_CHECKING:
    from .channel import Channel

UNIX = "unix:"


class ControlStream(Protocol):
    """From its welcome on."""

    welcome: stream_pb2.Welcome
    lost: threading.Event

    @property
    def channel(self) -> Channel:
        """For questions."""

    def send(self, messages: Iterable[stream_pb2.ToRuntime]) -> None:
        """Any thread; returns at once. Whether they arrived is told by acknowledgements only."""

    def messages(self) -> Iterator[stream_pb2.FromRuntime]:
        """Until either side ends it. :raises RuntimeUnreachable: the connection is lost."""

    def close(self) -> None: ...


def open_stream(
    address: str, token: str, session: str, hello: stream_pb2.Hello, *, frames_too: bool = True
) -> ControlStream:
    """Connect, and be welcome.

    :param frames_too: False: over gRPC, also where there is the quicker carrier.
    :raises RuntimeUnreachable: (`RuntimeMismatch`) there is no welcome.
    """
    path = address.removeprefix(UNIX) + frames.SUFFIX
    if frames_too and address.startswith(UNIX) and os.path.exists(path):
        return FrameStream(path, address, token, session, hello)
    from .channel import Channel, Stream

    return Stream(Channel(address, token, session), hello)


class FrameStream:
    """Over a plain socket."""

    def __init__(
        self, path: str, address: str, token: str, session: str, hello: stream_pb2.Hello
    ) -> None:
        self._where = (address, token, session)
        self._channel: Channel | None = None
        self._lock = threading.Lock()
        self.lost = threading.Event()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(path)
        except OSError as error:
            sock.close()
            raise RuntimeUnreachable(f"the runtime does not answer ({error})") from error
        self._pipe = frames.Pipe(sock)
        self._incoming = self._pipe.messages()
        hello.token = token
        try:
            self._pipe.within(WELCOME_WITHIN)
            self.send([stream_pb2.ToRuntime(hello=hello)])
            first = next(self.messages(), None)
            self._pipe.within(None)
            if first is not None and first.HasField("refusal"):
                raise errors.error_from(first.refusal.type, first.refusal.message)
            if first is None or not first.HasField("welcome"):
                raise RuntimeUnreachable("the runtime does not answer")
        except BaseException:
            self.close()
            raise
        self.welcome: stream_pb2.Welcome = first.welcome

    @property
    def channel(self) -> Channel:
        with self._lock:
            if self.lost.is_set():
                raise RuntimeUnreachable("the connection is closed")
            if self._channel is None:
                from .channel import Channel

                self._channel = Channel(*self._where)
            return self._channel

    def send(self, messages: Iterable[stream_pb2.ToRuntime]) -> None:
        for message in messages:
            try:
                self._pipe.post(message.SerializeToString())
            except OSError:
                self._pipe.close()  # whoever reads will notice
                return

    def messages(self) -> Iterator[stream_pb2.FromRuntime]:
        while True:
            try:
                data = next(self._incoming, None)
            except OSError as error:
                raise RuntimeUnreachable(f"the connection is lost ({error})") from None
            if data is None:
                return
            yield stream_pb2.FromRuntime.FromString(data)

    def close(self) -> None:
        self.lost.set()
        self._pipe.close()
        with self._lock:
            if self._channel is not None:
                self._channel.close()
