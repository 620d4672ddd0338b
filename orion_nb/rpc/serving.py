"""A gRPC server for the service: methods by name, the token checked before anything else.

Handlers are plain functions ``(request, Caller) -> answer`` (or iterators of them) that raise
Orion's exceptions; what goes wrong reaches the client as its own type. Threads, not asyncio: the runtime
behind it has threads anyway, and handing over to a loop and back costs more than a thread (ADR 0024).
"""

from __future__ import annotations

import logging
import os
import stat as modes
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import grpc

from ..exceptions import RuntimeUnreachable
from . import metadata, status
from .limits import CONNECTIONS, QUESTIONS, channel_options
from .methods import METHODS, SERVICE

log = logging.getLogger(__name__)

UNIX = "unix:"


class Caller(NamedTuple):
    """Who makes a call."""

    session: str
    context: Any
    """grpc's: `is_active`, `add_callback`."""


Handler = Callable[[Any, Caller], Any]


class RpcServer:
    """Serves until `stop`.

    :param address: ``unix:/path`` (made private; a socket that nobody serves is replaced), or
        ``127.0.0.1:port`` (0: any free one).
    :param token: a call without it is refused.
    :param handlers: by method name; a method without one is answered with UNIMPLEMENTED.
    :raises RuntimeUnreachable: the address cannot be served.
    """

    def __init__(self, address: str, token: str, handlers: Mapping[str, Handler]) -> None:
        if not token:
            raise ValueError("a server needs a token")
        self._token = token
        threads = ThreadPoolExecutor(CONNECTIONS + QUESTIONS, thread_name_prefix="orion-rpc")
        self._server = grpc.server(
            threads,
            options=channel_options(),
            maximum_concurrent_rpcs=CONNECTIONS + QUESTIONS,
        )
        made = {
            name: self._handler(handlers[name], *description)
            for name, description in METHODS.items()
            if name in handlers
        }
        self._server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(SERVICE, made),)
        )
        self.address = self._bind(address)
        self._server.start()

    def _bind(self, address: str) -> str:
        path = address.removeprefix(UNIX)
        if address.startswith(UNIX):
            _remove_socket(path)
        # The socket must never be there with wider rights, not even for a moment.
        before = os.umask(0o177)
        try:
            port = self._server.add_insecure_port(address)
        except RuntimeError as error:
            raise RuntimeUnreachable(f"{address} cannot be served: {error}") from error
        finally:
            os.umask(before)
        if not port:
            raise RuntimeUnreachable(f"{address} cannot be served")
        if address.startswith(UNIX):
            return address
        return f"{address.rpartition(':')[0]}:{port}"

    def stop(self, grace: float = 1.0) -> None:
        """No new calls; those under way get `grace` seconds. The socket's file goes."""
        self._server.stop(grace).wait(grace + 5)
        if self.address.startswith(UNIX):
            _remove_socket(self.address.removeprefix(UNIX))

    def _handler(
        self, handler: Handler, request: Any, answer: Any, many_requests: bool, many_answers: bool
    ) -> Any:
        kinds = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }
        make: Callable[..., Any] = kinds[many_requests, many_answers]
        behave = self._many(handler) if many_answers else self._one(handler)
        return make(
            behave,
            request_deserializer=request.FromString,
            response_serializer=answer.SerializeToString,
        )

    def _one(self, handler: Handler) -> Callable[[Any, Any], Any]:
        def behave(request: Any, context: Any) -> Any:
            caller = self._checked(context)
            try:
                return handler(request, caller)
            except grpc.RpcError:
                raise  # the client is gone
            except Exception as error:  # noqa: BLE001  (translated; a bug is logged and told as one)
                return status.abort(context, error)

        return behave

    def _many(self, handler: Handler) -> Callable[[Any, Any], Iterator[Any]]:
        def behave(request: Any, context: Any) -> Iterator[Any]:
            caller = self._checked(context)
            try:
                yield from handler(request, caller)
            except grpc.RpcError:
                raise  # the client is gone
            except Exception as error:  # noqa: BLE001  (as above)
                status.abort(context, error)

        return behave

    def _checked(self, context: Any) -> Caller:
        sent = context.invocation_metadata()
        if not metadata.is_welcome(sent, self._token):
            context.abort(grpc.StatusCode.UNAUTHENTICATED, "the token is missing or wrong")
        return Caller(metadata.session_of(sent), context)


def _remove_socket(path: str) -> None:
    try:
        if modes.S_ISSOCK(os.stat(path).st_mode):
            os.unlink(path)
    except FileNotFoundError:
        pass
