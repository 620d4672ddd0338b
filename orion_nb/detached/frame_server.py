"""Serves control streams over a plain Unix socket (`rpc.frames`), beside those over gRPC."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

from google.protobuf.message import DecodeError

from ..exceptions import RuntimeMismatch, RuntimeUnreachable, UsageError
from ..rpc import errors, frames, metadata
from ..rpc.generated import stream_pb2
from ..rpc.limits import HELLO_WITHIN
from ..rpc.serving import UNIX, Caller
from .service import Service


class FrameServer:
    """Serves from the moment it is made.

    :param address: of the gRPC server, ``unix:/path``.
    :raises RuntimeUnreachable: the path cannot be used.
    """

    def __init__(self, service: Service, address: str, token: str) -> None:
        self._service = service
        self._token = token
        path = address.removeprefix(UNIX) + frames.SUFFIX
        with suppress(FileNotFoundError):
            os.unlink(path)
        before = os.umask(0o177)  # never there with wider rights, not even for a moment
        try:
            self._listener = frames.Listener(path, self._serve)
        except OSError as error:
            raise RuntimeUnreachable(f"{path} cannot be served: {error}") from error
        finally:
            os.umask(before)

    def stop(self) -> None:
        self._listener.stop()
        with suppress(FileNotFoundError):
            os.unlink(self._listener.path)

    def _serve(self, pipe: frames.Pipe) -> None:
        """One connection, to its end."""
        try:
            pipe.within(HELLO_WITHIN)
            requests = self._requests(pipe)
            first = next(requests, None)
            if first is None:
                return
            if not metadata.is_welcome(((metadata.TOKEN, first.hello.token),), self._token):
                raise RuntimeMismatch("the token is missing or wrong")
            pipe.within(None)
            caller = Caller(first.hello.session, _Call(pipe))
            for message in self._service.connect(_again(first, requests), caller, _sender(pipe)):
                pipe.send(message.SerializeToString())
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001  (translated; a bug is logged and told as one)
            refusal = stream_pb2.FromRuntime(refusal=errors.error_message(error))
            pipe.send(refusal.SerializeToString())

    @staticmethod
    def _requests(pipe: frames.Pipe) -> Iterator[stream_pb2.ToRuntime]:
        for data in pipe.messages():
            try:
                yield stream_pb2.ToRuntime.FromString(data)
            except DecodeError as error:
                raise UsageError(f"bytes that are no message: {error}") from error


class _Call:
    """What `service.Connection` asks of a call, whatever carries it."""

    def __init__(self, pipe: frames.Pipe) -> None:
        self._pipe = pipe

    def cancel(self) -> None:
        self._pipe.close()

    def add_callback(self, callback: Callable[[], None]) -> bool:
        """Not needed: reading ends when the connection does."""
        return True


def _again(
    first: stream_pb2.ToRuntime, rest: Iterator[stream_pb2.ToRuntime]
) -> Iterator[stream_pb2.ToRuntime]:
    yield first
    yield from rest


def _sender(pipe: frames.Pipe) -> Callable[[stream_pb2.FromRuntime], bool]:
    def try_send(message: stream_pb2.FromRuntime) -> bool:
        try:
            return pipe.try_send(message.SerializeToString())
        except OSError:
            return True  # nobody will hear it; who reads will notice

    return try_send
