"""A client's channel to a runtime, with every method of the service as a callable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import grpc

from .generated import _pool as generated_pool
from .limits import channel_options

SERVICE = "orion.v1.Runtime"
_pool: Any = generated_pool

METHODS: list[tuple[str, Any, Any, bool, bool]] = _pool.methods_of(
    "orion/v1/runtime.proto", "Runtime"
)

_LOCAL = ("unix:", "127.0.0.1:", "localhost:", "[::1]:")


class Channel:
    """One connection. Close it.

    :param address: ``unix:/path`` or ``127.0.0.1:port``: without encryption nothing leaves this
        machine.
    """

    def __init__(self, address: str) -> None:
        if not address.startswith(_LOCAL):
            raise ValueError(f"{address!r} is not on this machine")
        self.address = address
        options = [*channel_options(), ("grpc.use_local_subchannel_pool", 1)]
        self._channel = grpc.insecure_channel(address, options)
        self._methods: dict[str, Callable[..., Any]] = {}

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """A method of the service, e.g. ``channel.Report(request, metadata=…, timeout=…)``."""
        method = self._methods.get(name)
        if method is None:
            method = self._methods[name] = self._make(name)
        return method

    def _make(self, name: str) -> Callable[..., Any]:
        for known, request, answer, many_requests, many_answers in METHODS:
            if known == name:
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
        raise AttributeError(name)

    def close(self) -> None:
        """Ends every call that is under way."""
        self._channel.close()
