"""What only a session over a socket has to get right: large values, lost connections, other clients."""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from orion_nb.client import Call
from orion_nb.client import ends as ends_module
from orion_nb.client.finding import Contact, Fixed
from orion_nb.client.socket_session import SocketSession
from orion_nb.core.commands import Change
from orion_nb.core.model import CacheMode, Frame, ObjectRef, Policy, TaskState, WorkerKind
from orion_nb.detached import kernel_workers, questions, ring, sending
from orion_nb.detached.server import Server
from orion_nb.exceptions import (
    RuntimeClosed,
    RuntimeMismatch,
    RuntimeUnreachable,
    TaskFailed,
    UnknownDependency,
    UsageError,
)
from orion_nb.local.runtime import Runtime

from .conftest import TOKEN

UNCACHED = Policy(cache=CacheMode.OFF)
THREAD = Policy(cache=CacheMode.OFF, kind=WorkerKind.THREAD)

Connect = Callable[..., SocketSession]


def double(value: Any) -> Any:
    return value * 2


def wait_for_file(path: str) -> str:
    while not Path(path).exists():
        time.sleep(0.01)
    return "seen"


def say(text: str) -> None:
    print(text)


class Finder:
    """A runtime that moves."""

    def __init__(self) -> None:
        self.contact: Contact | None = None

    def __call__(self) -> Contact:
        if self.contact is None:
            raise RuntimeUnreachable("it is away")
        return self.contact

    def living(self) -> Contact | None:
        return self.contact


class Listener:
    """Collects the feed; `until` waits for something in it."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._arrived: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def __call__(self, items: Any) -> None:
        for item in items:
            self._arrived.put(item)

    def until(self, wanted: Callable[[Any], bool]) -> list[Any]:
        while True:
            self.items.append(self._arrived.get(timeout=30))
            if wanted(self.items[-1]):
                return self.items


def done(task: str) -> Callable[[Any], bool]:
    return lambda item: isinstance(item, Change) and item.task == task and item.new.final


@pytest.mark.parametrize("direct", [True, False])
def test_large_values_both_ways(connect: Connect, direct: bool) -> None:
    session = connect(direct=direct)
    array = np.arange(400_000, dtype=np.int64) + direct
    (task,) = session.submit([Call(double, (array,), policy=UNCACHED)])
    result = session.result(ObjectRef(task), 30)
    assert np.array_equal(result, array * 2)
    result[0] = -1  # writable, and nobody else's
    assert session.result(ObjectRef(task), 30)[0] == 2 * direct
    ref = session.put("array", array)
    (other,) = session.submit([Call(double, (ref,), policy=UNCACHED)])
    assert np.array_equal(session.result(ObjectRef(other), 30), array * 2)
    middle = session.put("middle", bytes(50_000))  # too big to be pushed, too small for a file
    assert session.result(middle, 30) == bytes(50_000)
    assert session.inputs(task)[0][0][5] == array[5]


def test_a_lost_value_is_made_again(connect: Connect, runtime: Runtime) -> None:
    session = connect()
    (task,) = session.submit([Call(double, (np.ones(200_000),), policy=UNCACHED)])
    assert session.result(ObjectRef(task), 30)[0] == 2
    report = session.report(task)
    assert report is not None
    assert runtime.store.delete(report.outputs["value"].digest)
    assert session.result(ObjectRef(task), 30)[0] == 2


def test_what_is_kept_of_small_results_is_bounded(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ends_module, "KEEP", 5_000)
    session = connect()
    tasks = session.submit([Call(double, ("x" * 500,), policy=UNCACHED) for _ in range(20)])
    assert [session.result(ObjectRef(task), 30) for task in tasks] == ["x" * 1000] * 20


def test_graphs_larger_than_a_message(connect: Connect) -> None:
    session = connect()
    text = "y" * 60_000
    first = [Call(double, (text + str(i),), id=session.new_task_id("d")) for i in range(120)]
    last = Call(len, ([ObjectRef(call.id) for call in first],), policy=UNCACHED)
    tasks = session.submit([*first, last])
    assert session.result(ObjectRef(tasks[-1]), 60) == 120


def test_what_the_runtime_refuses(connect: Connect) -> None:
    session = connect()
    with pytest.raises(UnknownDependency):
        session.submit([Call(double, (ObjectRef("nobody"),))])
    with pytest.raises(UnknownDependency):
        session.result(ObjectRef("nobody"), 30)
    (task,) = session.submit([Call(double, (1,))])
    with pytest.raises(UsageError, match="no output"):
        session.result(ObjectRef(task, "other"), 30)
    (middle,) = session.submit([Call(double, ("z" * 5_000,))])
    with pytest.raises(UsageError, match="no output"):
        session.result(ObjectRef(middle, "other"), 30)
    with pytest.raises(TimeoutError):
        session.result(ObjectRef(session.submit([Call(time.sleep, (60,))])[0]), 0.1)
    session.cancel_all()


@pytest.fixture
def interruptible() -> Iterator[None]:
    """A program that a shell has put into the background ignores interrupts from its start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_stops_only_the_waiting(connect: Connect, tmp_path: Path) -> None:
    session = connect()
    (task,) = session.submit([Call(wait_for_file, (str(tmp_path / "go"),), policy=UNCACHED)])
    waiting = threading.Timer(0.3, signal.raise_signal, (signal.SIGINT,))
    waiting.start()
    with pytest.raises(KeyboardInterrupt):
        session.result(ObjectRef(task), 30)
    (tmp_path / "go").touch()
    assert session.result(ObjectRef(task), 30) == "seen"


def test_two_kernels_of_one_notebook_and_another_notebook(connect: Connect) -> None:
    first, second, other = connect("one"), connect("one"), connect("two")
    mine, everything = Listener(), Listener()
    watches = [second.watch(mine), other.watch(everything, everything=True)]
    (task,) = first.submit([Call(say, ("hello",), name="said", policy=UNCACHED)])
    assert first.result(ObjectRef(task), 30) is None
    assert second.result(ObjectRef(task), 30) is None  # by another client
    assert task in [report.task.id for report in second.earlier()]
    assert task not in [report.task.id for report in first.earlier()]
    assert other.earlier() == []
    mine.until(done(task))
    seen = [item for item in everything.until(done(task)) if item.task == task]
    assert seen[0].detail["task"].session == "one"
    (theirs,) = other.submit([Call(say, ("no",), policy=UNCACHED)])
    everything.until(done(theirs))
    (last,) = first.submit([Call(say, ("end",), policy=UNCACHED)])
    assert all(item.task != theirs for item in mine.until(done(last)))
    for watch in watches:
        watch.close()
    report = {each.name: each for each in other.overview().sessions}
    assert report["one"].done >= 2
    assert report["two"].connected


def test_notes_are_the_notebooks(connect: Connect) -> None:
    connect("left").note("k", b"1")
    assert connect("left").notes() == {"k": b"1"}
    assert connect("right").notes() == {}


def test_a_notebook_has_room_for_many_notes_but_not_for_any_number(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(questions, "NOTES", 3)
    session = connect("noted")
    for key in "abc":
        session.note(key, b"1")
    session.note("c", b"2")
    with pytest.raises(UsageError, match="at most 3 notes"):
        session.note("d", b"1")
    session.note("d", None)
    session.note("a", None)
    session.note("d", b"3")
    assert session.notes() == {"b": b"1", "c": b"2", "d": b"3"}


@pytest.fixture
def moving(
    tmp_path: Path,
) -> Iterator[tuple[Runtime, Finder, Callable[[], Server], SocketSession]]:
    """A runtime whose server can be stopped and started elsewhere."""
    finder = Finder()
    servers: list[Server] = []
    with Runtime(1, cache_dir=tmp_path / "cache", preload=["cloudpickle"]) as runtime:

        def serve() -> Server:
            servers.append(Server(runtime, f"unix:{tmp_path}/{len(servers)}", TOKEN))
            finder.contact = Fixed(servers[-1].address, TOKEN)
            return servers[-1]

        serve()
        session = SocketSession(finder, "nb")
        yield runtime, finder, serve, session
        session.detach()
        servers[-1].stop()
        runtime.shutdown(cancel=True)


def test_a_lost_connection_comes_back_with_what_was_missed(moving: Any, tmp_path: Path) -> None:
    runtime, finder, serve, session = moving
    heard = Listener()
    session.watch(heard)
    (task,) = session.submit([Call(wait_for_file, (str(tmp_path / "go"),), policy=UNCACHED)])
    heard.until(lambda item: isinstance(item, Change) and item.why == "dispatched")
    # The connection breaks without a farewell, as when a process is killed.
    server = serve()
    server.stop()
    finder.contact = None
    old = session._link._stream
    old.close()
    (tmp_path / "go").touch()
    assert runtime.get(ObjectRef(task), 30) == "seen"
    serve()
    assert session.result(ObjectRef(task), 30) == "seen"
    items = heard.until(done(task))
    mine = [item for item in items if isinstance(item, Change)]
    assert mine[0].old is None
    assert [item.new for item in mine if item.new.final] == [TaskState.DONE]
    (after,) = session.submit([Call(double, (21,), policy=UNCACHED)])
    assert session.result(ObjectRef(after), 30) == 42
    heard.until(done(after))


def test_orders_that_were_not_acknowledged_are_repeated(moving: Any) -> None:
    runtime, _, _, session = moving
    stream = session._link.ensure()
    stream.send = lambda messages: None  # they get lost on the way
    (task,) = session.submit([Call(double, (4,), policy=UNCACHED)])
    assert task not in runtime.tasks()
    stream.close()
    assert session.result(ObjectRef(task), 30) == 8


def test_a_runtime_that_stops_on_purpose_says_so(moving: Any, tmp_path: Path) -> None:
    _, finder, serve, session = moving
    (task,) = session.submit([Call(wait_for_file, (str(tmp_path / "go"),), policy=UNCACHED)])
    assert session.report(task) is not None
    server = serve()  # the next one
    first = finder.contact
    stopped = threading.Thread(
        target=lambda: server.stop(farewell="it was idle"),
    )
    session._link._stream.close()  # the session goes to the new one
    assert session.report(task) is not None
    stopped.start()
    with pytest.raises(RuntimeClosed, match="it was idle"):
        session.result(ObjectRef(task), 30)
    stopped.join()
    assert finder.contact is first
    with pytest.raises(RuntimeUnreachable):
        session.workers()
    serve()
    (tmp_path / "go").touch()
    assert len(session.workers()) == 1  # the next use finds the next runtime


def test_a_client_that_falls_behind_is_told_how_things_are(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ring, "FEED_ITEMS", 40)
    session = connect("slow")
    go = threading.Event()
    heard = Listener()

    def slow(items: Any) -> None:
        go.wait(30)
        heard(items)

    monkeypatch.setattr(sending, "WINDOW", 10)
    watch = session.watch(slow)
    tasks = session.submit([Call(say, (f"line {i}",), policy=UNCACHED) for i in range(60)])
    for task in tasks:
        session.result(ObjectRef(task), 30)
    go.set()
    (last,) = session.submit([Call(say, ("last",), policy=UNCACHED)])
    items = heard.until(done(last))
    watch.close()
    for task in tasks:
        states = [i.new for i in items if isinstance(i, Change) and i.task == task]
        assert states[-1] is TaskState.DONE
        assert states.count(TaskState.DONE) == 1
        frames = [i for i in items if isinstance(i, Frame) and i.task == task]
        resets = [n for n, frame in enumerate(frames) if frame.kind == "reset"]
        shown = frames[resets[-1] + 1 :] if resets else frames
        assert "".join(f.data["text"] for f in shown) == f"line {tasks.index(task)}\n"


def test_thread_tasks_run_where_their_objects_are(connect: Connect) -> None:
    session, other = connect("threads"), connect("threads")
    shared: list[Any] = []
    lock = threading.Lock()  # it could not travel

    def add(value: int) -> int:
        with lock:
            shared.append(threading.current_thread().name)
        print("added")
        return value + 1

    (first,) = session.submit([Call(add, (1,), policy=THREAD)])
    (second,) = session.submit([Call(add, (ObjectRef(first),), policy=THREAD)])
    (process,) = session.submit([Call(double, (ObjectRef(second),), policy=UNCACHED)])
    assert session.result(ObjectRef(process), 30) == 6
    assert len(shared) == 2
    assert "".join(f.data["text"] for f in other.frames(first)) == "added\n"
    (bad,) = session.submit([Call(lambda: 1 / 0, (), policy=THREAD)])
    with pytest.raises(TaskFailed) as caught:
        session.result(ObjectRef(bad), 30)
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    stop = threading.Event()
    (long,) = session.submit([Call(lambda: stop.wait(0.01) or stop.wait(60), (), policy=THREAD)])
    session.cancel([long])
    session.forget([bad])


def test_thread_tasks_of_a_kernel_that_is_gone(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kernel_workers, "COME_BACK", 0.2)
    session, other = connect("gone"), connect("gone")
    begun, stop = threading.Event(), threading.Event()

    def wait() -> None:
        begun.set()
        stop.wait(60)

    (task,) = session.submit([Call(wait, (), name="shares", policy=THREAD)])
    assert begun.wait(30)
    session.detach()
    with pytest.raises(TaskFailed, match="run its cell again"):
        other.result(ObjectRef(task), 30)
    stop.set()


def test_a_wrong_token_and_nobody_there(server: Server, tmp_path: Path) -> None:
    with pytest.raises(RuntimeMismatch, match="token"):
        SocketSession(Fixed(server.address, "guessed"), "nb")
    with pytest.raises(RuntimeUnreachable):
        SocketSession(Fixed(f"unix:{tmp_path}/nothing", TOKEN), "nb")


def test_over_loopback(runtime: Runtime) -> None:
    asked: list[bool] = []
    with Server(runtime, "127.0.0.1:0", TOKEN, on_shutdown=lambda: asked.append(True)) as server:
        session = SocketSession(Fixed(server.address, TOKEN), "nb")
        (task,) = session.submit([Call(double, (5,), policy=UNCACHED)])
        assert session.result(ObjectRef(task), 30) == 10
        session.shutdown()
        assert asked == [True]
        with pytest.raises(RuntimeClosed):
            session.workers()
