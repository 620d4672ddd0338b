"""Sessions of every kind: one in this process, and two served over a socket."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from orion_nb.client.finding import Fixed
from orion_nb.client.local_session import LocalSession
from orion_nb.client.session import Session
from orion_nb.client.socket_session import SocketSession
from orion_nb.detached.server import Server
from orion_nb.local.runtime import Runtime

TOKEN = "a token"


@pytest.fixture(scope="module")
def runtime(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    with Runtime(2, cache_dir=tmp_path_factory.mktemp("cache"), preload=["cloudpickle"]) as made:
        yield made
        made.shutdown(cancel=True)


@pytest.fixture(scope="module")
def server(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    socket = tmp_path_factory.mktemp("run") / "socket"
    with Server(runtime, f"unix:{socket}", TOKEN) as made:
        yield made


@pytest.fixture(scope="module")
def connect(server: Server) -> Iterator[Callable[..., SocketSession]]:
    """Opens sessions, and leaves them in the end."""
    made: list[SocketSession] = []

    def open_one(name: str = "a notebook", direct: bool = True) -> SocketSession:
        where = Fixed(server.address, TOKEN)
        made.append(SocketSession(where, name, direct=direct, frames=direct))
        return made[-1]

    yield open_one
    for session in made:
        session.detach()


@pytest.fixture(scope="module", params=["in-process", "direct", "grpc"])
def session(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Session]:
    """The one contract, kept by each of them; with a runtime and a cache of its own."""
    folder = tmp_path_factory.mktemp("session")
    runtime = Runtime(2, cache_dir=folder / "cache", preload=["cloudpickle"])
    try:
        if request.param == "in-process":
            yield LocalSession(runtime, "a notebook")
            return
        with Server(runtime, f"unix:{folder}/socket", TOKEN) as server:
            where = Fixed(server.address, TOKEN)
            direct = request.param == "direct"  # the other one uses nothing but gRPC
            made = SocketSession(where, "a notebook", direct=direct, frames=direct)
            yield made
            made.detach()
    finally:
        runtime.shutdown(cancel=True)
