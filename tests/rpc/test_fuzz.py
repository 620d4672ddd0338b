"""Whatever comes over the socket: a clear refusal, and the runtime lives on."""

from __future__ import annotations

import os
import queue
import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import grpc
import pytest

from orion_nb.client import Call
from orion_nb.client.finding import Fixed
from orion_nb.client.socket_session import SocketSession
from orion_nb.core.model import CacheMode, ObjectRef, Policy
from orion_nb.detached import connection, orders, service
from orion_nb.detached.server import Server
from orion_nb.local.runtime import Runtime
from orion_nb.rpc import serving
from orion_nb.rpc.generated import runtime_pb2, stream_pb2, tasks_pb2
from orion_nb.rpc.limits import MESSAGE
from orion_nb.rpc.metadata import PROTOCOL, credentials

TOKEN = "right"
CONNECT = "/orion.v1.Runtime/Connect"
HELLO = stream_pb2.ToRuntime(
    hello=stream_pb2.Hello(protocol=PROTOCOL, session="fuzz", client="fuzz")
)
Status = grpc.StatusCode


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("fuzz")
    with Runtime(1, cache_dir=folder / "cache", preload=["cloudpickle"]) as runtime:
        shutdowns: list[None] = []
        with Server(
            runtime, f"unix:{folder}/socket", TOKEN, on_shutdown=lambda: shutdowns.append(None)
        ) as made:
            yield made
        assert not shutdowns  # nobody in here may ask for that
        runtime.shutdown(cancel=True)


@pytest.fixture(autouse=True)
def lives_on(server: Server) -> Iterator[None]:
    """After each attack a plain task runs."""
    yield
    session = SocketSession(Fixed(server.address, TOKEN), "after")
    (task,) = session.submit([Call(max, (1, 2), policy=Policy(cache=CacheMode.OFF))])
    assert session.result(ObjectRef(task), 30) == 2
    session.detach()


def raw(data: bytes) -> bytes:
    return data


class Attacker:
    """Speaks gRPC, and says anything."""

    def __init__(self, server: Server, token: str = TOKEN) -> None:
        self.channel = grpc.insecure_channel(server.address, [("grpc.max_send_message_length", -1)])
        self.metadata = credentials(token, "fuzz")
        self.outgoing: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()

    def connect(self, *messages: Any) -> Any:
        for message in messages:
            self.say(message)
        call = self.channel.stream_stream(CONNECT, raw, stream_pb2.FromRuntime.FromString)
        return call(iter(self.outgoing.get, None), metadata=self.metadata)

    def say(self, message: Any) -> None:
        data = message if isinstance(message, bytes) else message.SerializeToString()
        self.outgoing.put(data)

    def ask(self, method: str, data: bytes) -> bytes:
        call = self.channel.unary_unary(f"/orion.v1.Runtime/{method}", raw, raw)
        answer: bytes = call(data, metadata=self.metadata, timeout=20)
        return answer

    def close(self) -> None:
        self.outgoing.put(None)
        self.channel.close()


@pytest.fixture
def attacker(server: Server) -> Iterator[Attacker]:
    made = Attacker(server)
    yield made
    made.close()


def status(call: Callable[[], Any]) -> grpc.StatusCode:
    with pytest.raises(grpc.RpcError) as caught:
        call()
    code: grpc.StatusCode = caught.value.code()
    return code


def refusal(call: Any, request: int) -> stream_pb2.Error:
    """The error that a request was answered with."""
    for message in call:
        for ack in message.acks:
            if ack.request == request:
                error: stream_pb2.Error = ack.error
                return error
    raise AssertionError("the stream ended")


def submit(request: int, *tasks: stream_pb2.PackedTask, **more: Any) -> stream_pb2.ToRuntime:
    order = stream_pb2.ToRuntime(request=request)
    tables = tasks_pb2.Tables(strings=["name"], policies=[tasks_pb2.Policy()])
    order.submit.CopyFrom(stream_pb2.Submit(tasks=tasks, tables=tables, **more))
    return order


def packed(id: str, **code: Any) -> stream_pb2.PackedTask:
    return stream_pb2.PackedTask(task=tasks_pb2.Task(id=id), **code)


def test_without_the_token_nothing_is_answered(server: Server) -> None:
    attacker = Attacker(server, "wrong")
    assert status(lambda: next(attacker.connect(HELLO))) is Status.UNAUTHENTICATED
    for method in ("Overview", "Shutdown", "Notes", "CacheClear"):
        assert status(lambda m=method: attacker.ask(m, b"")) is Status.UNAUTHENTICATED
    attacker.metadata = ()
    assert status(lambda: attacker.ask("Overview", b"")) is Status.UNAUTHENTICATED
    attacker.close()


def test_a_session_begins_with_hello(attacker: Attacker) -> None:
    first = submit(1, packed("t", call=b"x"))
    assert status(lambda: next(attacker.connect(first))) is Status.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("hello", "code"),
    [
        (stream_pb2.Hello(protocol=99, client="c"), Status.FAILED_PRECONDITION),
        (stream_pb2.Hello(protocol=PROTOCOL), Status.INVALID_ARGUMENT),
        (stream_pb2.Hello(protocol=PROTOCOL, client="c" * 9999), Status.INVALID_ARGUMENT),
        (stream_pb2.Hello(protocol=PROTOCOL, client="c", session="s" * 9999), Status.INVALID_ARGUMENT),
    ],
)  # fmt: skip
def test_greetings_that_are_none(attacker: Attacker, hello: Any, code: Any) -> None:
    assert status(lambda: next(attacker.connect(stream_pb2.ToRuntime(hello=hello)))) is code


def test_bytes_that_are_no_message(attacker: Attacker) -> None:
    call = attacker.connect(HELLO)
    assert next(call).HasField("welcome")
    attacker.say(b"\xff\xff\xff\xff")  # before, it could have ended the call without a welcome
    assert status(lambda: list(call)) in (Status.INTERNAL, Status.UNKNOWN)
    for method in ("Report", "Frames", "Accept", "Note"):
        assert status(lambda m=method: attacker.ask(m, b"\x07\xff")) is Status.INTERNAL


def test_messages_that_are_too_large(attacker: Attacker) -> None:
    huge = submit(1, packed("t", call=bytes(MESSAGE + 1)))
    call = attacker.connect(HELLO, huge)
    assert status(lambda: list(call)) is Status.RESOURCE_EXHAUSTED
    note = runtime_pb2.NoteText(key="k", data=bytes(MESSAGE)).SerializeToString()
    assert status(lambda: attacker.ask("Note", note)) is Status.RESOURCE_EXHAUSTED
    note = runtime_pb2.NoteText(key="k", data=bytes(2 << 20)).SerializeToString()
    assert status(lambda: attacker.ask("Note", note)) is Status.INVALID_ARGUMENT


@pytest.mark.parametrize(
    ("task", "words"),
    [
        (packed("t"), "no code"),
        (packed("", call=b"x"), "id has"),
        (packed("t" * 999, call=b"x"), "id has"),
        (packed("t", blob="../../etc/passwd"), "no digest"),
        (packed("t", given=stream_pb2.Given(digest="x")), "no digest"),
        (packed("t", kept=True), "thread"),
        (
            stream_pb2.PackedTask(task=tasks_pb2.Task(id="t", name=7), call=b"x"),
            "malformed",
        ),
        (
            stream_pb2.PackedTask(
                task=tasks_pb2.Task(id="t", inputs=[tasks_pb2.Ref(task="t")]), call=b"x"
            ),
            "t",
        ),
    ],
)
def test_tasks_that_make_no_sense(attacker: Attacker, task: Any, words: str) -> None:
    call = attacker.connect(HELLO, submit(7, task))
    error = refusal(call, 7)
    assert error.type in ("UsageError", "CyclicGraph", "UnknownDependency")
    assert words in error.message


def test_a_refused_part_refuses_the_graph(attacker: Attacker) -> None:
    parts = [
        submit(0, packed("good-1", call=b"x"), more=True),
        submit(0, packed("bad"), more=True),
        submit(0, packed("good-2", call=b"x"), more=True),
        submit(3, packed("good-3", call=b"x")),
    ]
    call = attacker.connect(HELLO, *parts)
    assert "no code" in refusal(call, 3).message
    report = runtime_pb2.TaskName(name="good-1").SerializeToString()
    assert not runtime_pb2.TaskReports.FromString(attacker.ask("Report", report)).reports


def test_code_that_is_none_fails_only_its_task(attacker: Attacker) -> None:
    call = attacker.connect(HELLO, submit(1, packed("junk", call=os.urandom(300))))
    for message in call:
        if message.ended:
            assert message.ended[0].state == tasks_pb2.FAILED
            return


def test_graphs_without_end(attacker: Attacker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(orders, "GRAPH", 1 << 20)
    monkeypatch.setattr(orders, "GRAPH_TASKS", 500)
    call = attacker.connect(HELLO)
    for _ in range(30):
        attacker.say(submit(0, packed("t", call=bytes(100_000)), more=True))
    attacker.say(submit(1, packed("t", call=b"x")))
    assert "refused" in refusal(call, 1).message
    many = [packed(f"t-{n}", call=b"x") for n in range(501)]
    attacker.say(submit(2, *many))
    assert "refused" in refusal(call, 2).message


def test_orders_that_are_none(attacker: Attacker) -> None:
    nobody = stream_pb2.Tasks(tasks=["nobody"] * 1000)
    call = attacker.connect(
        HELLO,
        stream_pb2.ToRuntime(request=1),
        stream_pb2.ToRuntime(request=2, forget=nobody),
        stream_pb2.ToRuntime(request=3, cancel=stream_pb2.Cancel(tasks=["nobody"])),
        stream_pb2.ToRuntime(request=4, retry=stream_pb2.Retry(tasks=["nobody"])),
        stream_pb2.ToRuntime(request=5, seen=stream_pb2.Seen(items=1 << 60)),
        stream_pb2.ToRuntime(request=6, news=stream_pb2.WorkerNews(worker="p1", number=1)),
        stream_pb2.ToRuntime(request=7, watch=stream_pb2.Watch(epoch="other", seq=1 << 60)),
        stream_pb2.ToRuntime(request=8, hello=HELLO.hello),
    )
    assert refusal(call, 1).type == "UsageError"
    assert refusal(call, 8).type == "UsageError"


@pytest.mark.parametrize(
    ("method", "request_", "code"),
    [
        ("Failure", runtime_pb2.TaskName(name="nobody"), Status.NOT_FOUND),
        ("Call", runtime_pb2.TaskName(name="nobody"), Status.NOT_FOUND),
        ("Locate", runtime_pb2.Wanted(task="nobody"), Status.NOT_FOUND),
        ("Accept", runtime_pb2.Acceptance(task="nobody"), Status.NOT_FOUND),
        ("Resize", runtime_pb2.Count(count=0), Status.INVALID_ARGUMENT),
        ("Note", runtime_pb2.NoteText(), Status.INVALID_ARGUMENT),
    ],
)
def test_questions_about_nothing(attacker: Attacker, method: str, request_: Any, code: Any) -> None:
    assert status(lambda: attacker.ask(method, request_.SerializeToString())) is code


def test_blobs_are_only_blobs(attacker: Attacker) -> None:
    read = attacker.channel.unary_stream("/orion.v1.Runtime/Read", raw, raw)
    for digest in ("../../../etc/passwd", "", "a" * 64):
        request = runtime_pb2.Digest(digest=digest).SerializeToString()
        code = status(lambda r=request: list(read(r, metadata=attacker.metadata)))
        assert code in (Status.INVALID_ARGUMENT, Status.NOT_FOUND)
    write = attacker.channel.stream_unary("/orion.v1.Runtime/Write", raw, raw)
    for chunks in (
        [],
        [runtime_pb2.Chunk(data=b"abc")],
        [runtime_pb2.Chunk(data=b"abc", total=9)],
        [runtime_pb2.Chunk(data=b"abc", total=2)],
        [runtime_pb2.Chunk(data=b"abc", total=1 << 60)],
    ):
        sent = [chunk.SerializeToString() for chunk in chunks]
        code = status(lambda s=sent: write(iter(s), metadata=attacker.metadata))
        assert code in (Status.INVALID_ARGUMENT, Status.RESOURCE_EXHAUSTED)


def test_half_open_and_broken_connections(server: Server) -> None:
    path = server.address.removeprefix("unix:")
    chance = random.Random(7)
    for _ in range(20):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as plain:
            plain.connect(path)
            plain.sendall(chance.randbytes(chance.randrange(1, 3_000)))
    silent = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    silent.connect(path)
    with silent:
        attacker = Attacker(server)
        assert next(attacker.connect(HELLO)).HasField("welcome")
        attacker.close()


def test_who_says_nothing_is_shown_out(attacker: Attacker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HELLO_WITHIN", 0.2)
    assert status(lambda: next(attacker.connect())) is Status.CANCELLED


def test_too_many_clients(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    while server.connected:  # earlier ones are still being shown out
        time.sleep(0.01)
    monkeypatch.setattr(service, "CONNECTIONS", 2)
    attackers = [Attacker(server) for _ in range(3)]
    calls = [attacker.connect(HELLO) for attacker in attackers[:2]]
    assert all(next(call).HasField("welcome") for call in calls)
    assert status(lambda: next(attackers[2].connect(HELLO))) is Status.INVALID_ARGUMENT
    for attacker in attackers:
        attacker.close()


def test_noise(server: Server) -> None:
    """Valid messages with random bits turned, from a seed."""
    chance = random.Random(20_24)
    models = [
        submit(1, packed("n-1", call=b"abc"), packed("n-2", blob="a" * 64)),
        stream_pb2.ToRuntime(request=2, watch=stream_pb2.Watch(everything=True)),
        stream_pb2.ToRuntime(request=3, follow=stream_pb2.Tasks(tasks=["n-1", "x"])),
        stream_pb2.ToRuntime(request=4, offer=stream_pb2.Tasks(tasks=["n-1"])),
        stream_pb2.ToRuntime(
            request=5,
            news=stream_pb2.WorkerNews(worker="t1", number=1, done=stream_pb2.Made(seconds=1)),
        ),
    ]
    for _ in range(40):
        attacker = Attacker(server)
        call = attacker.connect(HELLO)
        assert next(call).HasField("welcome")
        for _ in range(10):
            data = bytearray(chance.choice(models).SerializeToString())
            for _ in range(chance.randrange(4)):
                data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            attacker.say(
                bytes(data[: chance.randrange(len(data) + 1)] if chance.random() < 0.3 else data)
            )
        done = threading.Timer(0.05, attacker.close)
        done.start()
        with suppress(grpc.RpcError):
            list(call)
        done.join()


def test_the_socket_is_private(server: Server) -> None:
    mode = os.stat(server.address.removeprefix("unix:")).st_mode
    assert mode & 0o077 == 0
    assert serving.UNIX == "unix:"
