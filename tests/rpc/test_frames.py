"""The quicker carrier: pieces, limits, strangers; and that it never waits where it must not."""

from __future__ import annotations

import os
import random
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from orion_nb.client import Call
from orion_nb.client.finding import Fixed
from orion_nb.client.socket_session import SocketSession
from orion_nb.core.model import CacheMode, ObjectRef, Policy
from orion_nb.detached import frame_server
from orion_nb.detached.server import Server
from orion_nb.local.runtime import Runtime
from orion_nb.rpc import frames
from orion_nb.rpc.frames import Pipe, TooLarge, frame
from orion_nb.rpc.generated import stream_pb2
from orion_nb.rpc.limits import MESSAGE
from orion_nb.rpc.metadata import PROTOCOL

TOKEN = "right"


def pair() -> tuple[Pipe, socket.socket]:
    mine, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    other.settimeout(30)
    return Pipe(mine), other


def test_messages_arrive_whole_however_they_are_cut() -> None:
    pipe, other = pair()
    sent = [os.urandom(size) for size in (0, 1, 5, 300_000, 70)]
    data = b"".join(map(frame, sent))
    chance = random.Random(3)

    def send() -> None:
        rest = data
        while rest:
            cut = chance.choice((1, 3, 1000, 100_000))
            other.sendall(rest[:cut])
            rest = rest[cut:]
        other.close()

    threading.Thread(target=send).start()
    assert list(pipe.messages()) == sent
    pipe.close()


def test_a_length_that_no_message_has() -> None:
    pipe, other = pair()
    other.sendall(struct.pack("<I", MESSAGE + 1))
    with pytest.raises(TooLarge):
        next(pipe.messages())
    other.close()
    pipe.close()


def test_posting_never_waits_and_keeps_the_order() -> None:
    pipe, other = pair()
    sent = [bytes([number]) * 200_000 for number in range(20)]
    for data in sent:
        pipe.post(data)  # far more than the socket holds, and nobody reads yet
    assert not pipe.try_send(b"now")
    assert [data for _, data in zip(sent, Pipe(other).messages(), strict=False)] == sent
    pipe.send(b"last")
    pipe.close()
    pipe.close()
    with pytest.raises(OSError, match=r"closed|descriptor"):
        pipe.send(b"after")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("frames")
    with Runtime(1, cache_dir=folder / "cache", preload=["cloudpickle"]) as runtime:
        with Server(runtime, f"unix:{folder}/socket", TOKEN) as made:
            yield made
        assert not Path(f"{folder}/socket{frames.SUFFIX}").exists()
        runtime.shutdown(cancel=True)


@pytest.fixture
def stranger(server: Server) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        made.settimeout(30)
        made.connect(server.address.removeprefix("unix:") + frames.SUFFIX)
        yield made
    session = SocketSession(Fixed(server.address, TOKEN), "after")
    (task,) = session.submit([Call(max, (1, 2), policy=Policy(cache=CacheMode.OFF))])
    assert session.result(ObjectRef(task), 30) == 2  # the runtime lives on
    session.detach()


def hello(token: str = TOKEN, protocol: int = PROTOCOL) -> bytes:
    told = stream_pb2.Hello(protocol=protocol, client="c", session="s", token=token)
    return frame(stream_pb2.ToRuntime(hello=told).SerializeToString())


def answers(sock: socket.socket) -> list[stream_pb2.FromRuntime]:
    """All that is said until the connection is closed."""
    return [stream_pb2.FromRuntime.FromString(data) for data in Pipe(sock).messages()]


@pytest.mark.parametrize(
    ("said", "type_", "words"),
    [
        (hello("wrong"), "RuntimeMismatch", "token"),
        (hello(""), "RuntimeMismatch", "token"),
        (hello(protocol=99), "RuntimeMismatch", "protocol"),
        (frame(b""), "RuntimeMismatch", "token"),
        (frame(b"\xff\xff\xff"), "UsageError", "no message"),
    ],
)
def test_who_is_not_let_in(stranger: socket.socket, said: bytes, type_: str, words: str) -> None:
    stranger.sendall(said)
    (answer,) = answers(stranger)
    assert answer.refusal.type == type_
    assert words in answer.refusal.message


@pytest.mark.parametrize(
    "noise",
    [frame(b"\xff\xff"), struct.pack("<I", MESSAGE + 1), b"\x10\x00\x00\x00abc"],
    ids=["no message", "too large", "cut off"],
)
def test_noise_after_the_greeting_ends_only_this_connection(
    stranger: socket.socket, noise: bytes
) -> None:
    stranger.sendall(hello())
    said = Pipe(stranger).messages()
    assert stream_pb2.FromRuntime.FromString(next(said)).HasField("welcome")
    stranger.sendall(noise)
    stranger.shutdown(socket.SHUT_WR)
    list(said)  # the connection ends


def test_who_says_nothing_is_shown_out(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_server, "HELLO_WITHIN", 0.1)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as silent:
        silent.settimeout(30)
        silent.connect(server.address.removeprefix("unix:") + frames.SUFFIX)
        silent.sendall(b"\x08")
        assert answers(silent) == []


def test_the_socket_is_private(server: Server) -> None:
    mode = os.stat(server.address.removeprefix("unix:") + frames.SUFFIX).st_mode
    assert mode & 0o077 == 0


def test_connecting_needs_no_grpc() -> None:
    probe = (
        "import sys, orion_nb.client.socket_session, orion_nb.client.connect\n"
        "assert 'grpc' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", probe], check=True)
