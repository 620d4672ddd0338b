"""A client's way to a runtime: questions, and the control stream. Errors are Orion's own."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import grpc

from ..exceptions import RuntimeUnreachable
from . import status
from .generated import stream_pb2
from .limits import WELCOME_WITHIN, channel_options
from .metadata import credentials
from .methods import METHODS, SERVICE

_LOCAL = ("unix:", "127.0.0.1:", "localhost:", "[::1]:")


class Channel:
    """One connection, for any number of calls at once. Close it.

    :param address: ``unix:/path`` or ``127.0.0.1:port``: without encryption nothing leaves this
        machine.
    """

    def __init__(self, address: str, token: str, session: str) -> None:
        if not address.startswith(_LOCAL):
            raise ValueError(f"{address!r} is not on this machine")
        self._metadata = credentials(token, session)
        options = [*channel_options(), ("grpc.use_local_subchannel_pool", 1)]
        self._channel = grpc.insecure_channel(address, options)
        self._methods: dict[str, Callable[..., Any]] = {}

    def ask(self, method: str, request: Any, timeout: float | None = None) -> Any:
        """One answer. `request`: a message, or an iterable of them where the method takes many.

        :raises RuntimeUnreachable: the connection is lost, or closed. And what the runtime raises.
        """
        given = iter(request) if METHODS[method][2] else request
        with _Translated():
            return self._method(method)(given, metadata=self._metadata, timeout=timeout)

    def ask_many(self, method: str, request: Any) -> Iterator[Any]:
        """Many answers; as `ask`. An iterator that is dropped ends the call."""
        with _Translated():
            call = self._method(method)(request, metadata=self._metadata)
            try:
                yield from call
            finally:
                call.cancel()

    def open(self, outgoing: Iterator[stream_pb2.ToRuntime]) -> Any:
        """The control stream, as grpc has it."""
        return self._method("Connect")(outgoing, metadata=self._metadata)

    def _method(self, name: str) -> Callable[..., Any]:
        method = self._methods.get(name)
        if method is None:
            method = self._methods[name] = self._make(name)
        return method

    def _make(self, name: str) -> Callable[..., Any]:
        request, answer, many_requests, many_answers = METHODS[name]
        kinds: dict[tuple[bool, bool], Any] = {
            (False, False): self._channel.unary_unary,
            (False, True): self._channel.unary_stream,
            (True, False): self._channel.stream_unary,
            (True, True): self._channel.stream_stream,
        }
        made: Callable[..., Any] = kinds[many_requests, many_answers](
            f"/{SERVICE}/{name}",
            request_serializer=request.SerializeToString,
            response_deserializer=answer.FromString,
        )
        return made

    def close(self) -> None:
        """Ends every call that is under way."""
        self._channel.close()


class Stream:
    """The control stream, from its welcome on.

    :raises RuntimeUnreachable: (`RuntimeMismatch`) there is no welcome.
    """

    def __init__(self, channel: Channel, hello: stream_pb2.Hello) -> None:
        self.channel = channel
        self.lost = threading.Event()
        self._outgoing: queue.SimpleQueue[stream_pb2.ToRuntime | None] = queue.SimpleQueue()
        self._outgoing.put(stream_pb2.ToRuntime(hello=hello))
        self._call = channel.open(iter(self._outgoing.get, None))
        timer = threading.Timer(WELCOME_WITHIN, self._call.cancel)
        timer.daemon = True
        timer.start()
        try:
            first = next(self.messages(), None)
            if first is None or not first.HasField("welcome"):
                raise RuntimeUnreachable("the runtime does not answer")
        except BaseException:
            self.close()
            raise
        finally:
            timer.cancel()
        self.welcome: stream_pb2.Welcome = first.welcome

    def send(self, messages: Iterable[stream_pb2.ToRuntime]) -> None:
        """Any thread; returns at once."""
        for message in messages:
            self._outgoing.put(message)

    def messages(self) -> Iterator[stream_pb2.FromRuntime]:
        """Until either side ends it. :raises RuntimeUnreachable: the connection is lost."""
        with _Translated():
            while True:
                try:
                    message = next(self._call)
                except StopIteration:
                    return
                yield message

    def close(self) -> None:
        """The channel too."""
        self.lost.set()
        self._outgoing.put(None)
        self._call.cancel()
        self.channel.close()


class _Translated:
    """grpc's errors become ours."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, grpc.RpcError):
            raise status.raised(error) from None
        if isinstance(error, ValueError) and "closed channel" in str(error):
            raise RuntimeUnreachable("the connection is closed") from None
