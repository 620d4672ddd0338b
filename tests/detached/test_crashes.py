"""The runtime is killed (SIGKILL), in every phase of a task's life: nothing that was acknowledged is
lost, nothing that was done is done again, and it comes back by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from orion_nb.client import Call
from orion_nb.client.connect import Finder
from orion_nb.client.socket_session import SocketSession
from orion_nb.core.commands import Change
from orion_nb.core.model import CacheMode, Component, KeyRecipe, ObjectRef, Policy, TaskState
from orion_nb.exceptions import TaskFailed

from .processes import LIMIT, Yard, needs_proc, wait_for

CACHED = Policy()
UNCACHED = Policy(cache=CacheMode.OFF)


def tick(book: str, word: Any) -> Any:
    """A task that says in a file that it was executed."""
    with open(book, "a") as file:
        file.write(f"{word}\n")
    print("ticked", word)
    return word


def wait_at(book: str, gate: str, word: str) -> str:
    import time
    from pathlib import Path

    with open(book, "a") as file:
        file.write(f"{word}\n")
    while not Path(gate).exists():
        time.sleep(0.01)
    return word


def parent_of_a_child(book: str, word: str) -> None:
    import subprocess

    with open(book, "a") as file:
        file.write(f"{word}\n")
    subprocess.run(["sleep", "1000"])


def fail(book: str) -> None:
    tick(book, "failed")
    raise ValueError("as it should")


class Book:
    """What tasks have said, and a gate that lets waiting ones go on."""

    def __init__(self, folder: Path) -> None:
        self.path = str(folder / "book")
        self.gate = str(folder / "gate")
        Path(self.path).touch()

    def words(self) -> list[str]:
        return Path(self.path).read_text().split()

    def wait_for(self, *words: str) -> None:
        wait_for(lambda: set(words) <= set(self.words()), lambda: str(self.words()))

    def open(self) -> None:
        Path(self.gate).touch()


@pytest.fixture
def book(tmp_path: Path) -> Book:
    return Book(tmp_path)


@pytest.fixture
def session(yard: Yard) -> Iterator[SocketSession]:
    made = SocketSession(Finder(yard.place, say=print), "nb")
    yield made
    made.detach()


def kill(yard: Yard) -> None:
    """And wait until its workers are gone too: they would write into books still."""
    contact = Finder(yard.place).living()
    assert contact is not None
    os.kill(contact.pid, signal.SIGKILL)
    yard.wait_until_over()


def task(fn: Any, *args: Any, policy: Policy = UNCACHED, **options: Any) -> Call:
    recipe = None
    if policy is CACHED:
        recipe = KeyRecipe((Component("code", fn.__name__, "a" * 64),))
    return Call(fn, args, policy=policy, recipe=recipe, **options)


def test_finished_tasks_are_not_executed_again(
    yard: Yard, session: SocketSession, book: Book
) -> None:
    uncached, cached, big, failed, cancelled = session.submit(
        [
            task(tick, book.path, "uncached"),
            task(tick, book.path, "cached", policy=CACHED),
            task(tick, book.path, "big" * 100_000),
            task(fail, book.path),
            task(wait_at, book.path, book.gate, "cancelled"),
        ]
    )
    (given,) = session.submit([task(tick, book.path, session.put("value", [1, 2]))])
    victim = session.submit([task(tick, book.path, ObjectRef(failed))])[0]
    for done in (uncached, cached, big, given):
        session.result(ObjectRef(done), LIMIT)
    for lost in (failed, victim):
        with pytest.raises(TaskFailed):
            session.result(ObjectRef(lost), LIMIT)
    book.wait_for("cancelled")
    session.cancel([cancelled])
    before = [session.report(id) for id in (uncached, cached, big, given, failed, victim)]
    wait_for(lambda: session.report(cancelled).state is TaskState.CANCELLED)
    written = sorted(book.words())

    kill(yard)
    assert session.result(ObjectRef(uncached), LIMIT) == "uncached"
    assert session.result(ObjectRef(cached), LIMIT) == "cached"
    assert session.result(ObjectRef(big), LIMIT) == "big" * 100_000
    assert session.result(ObjectRef(given), LIMIT) == [1, 2]
    with pytest.raises(TaskFailed) as raised:
        session.result(ObjectRef(failed), LIMIT)
    assert isinstance(raised.value.__cause__, ValueError)
    for old in before:
        new = session.report(old.task.id)
        assert (new.task, new.state, new.outputs, new.error) == (
            old.task, old.state, old.outputs, old.error,
        )  # fmt: skip
        assert [change.why for change in new.story][: len(old.story)] == [
            change.why for change in old.story
        ]
    assert session.report(cancelled).state is TaskState.CANCELLED
    text = "".join(frame.data["text"] for frame in session.frames(uncached))
    assert text == "ticked uncached\n"
    # What is built on them is computed with what there is.
    (later,) = session.submit([task(tick, book.path, ObjectRef(uncached))])
    assert session.result(ObjectRef(later), LIMIT) == "uncached"
    assert sorted(book.words()) == sorted([*written, "uncached"])
    (event,) = [text for text in session.overview().events if "restarted after a crash" in text]
    assert event.endswith("8 finished kept, 0 started again")


def test_running_and_queued_tasks_start_again(
    yard: Yard, session: SocketSession, book: Book
) -> None:
    running = session.submit([task(wait_at, book.path, book.gate, f"w{n}") for n in range(2)])
    queued = session.submit([task(tick, book.path, ObjectRef(id)) for id in running])
    book.wait_for("w0", "w1")
    kill(yard)
    book.open()
    assert [session.result(ObjectRef(id), LIMIT) for id in queued] == ["w0", "w1"]
    # Both were started twice; what comes after them once.
    assert sorted(book.words()) == ["w0", "w0", "w0", "w1", "w1", "w1"]
    assert "0 finished kept, 4 started again" in session.overview().events[-1]


def test_an_orderly_end_goes_on_in_the_next_runtime(
    yard: Yard, session: SocketSession, book: Book
) -> None:
    (running,) = session.submit([task(wait_at, book.path, book.gate, "w")])
    book.wait_for("w")
    os.kill(session.overview().pid, signal.SIGTERM)
    yard.wait_until_over()
    book.open()
    assert session.result(ObjectRef(running), LIMIT) == "w"
    events = session.overview().events
    assert [event.split(" ", 2)[2] for event in events] == [
        "ended: signal SIGTERM",
        "started again: 0 finished kept, 1 started again",
    ]


@needs_proc
def test_a_shutdown_that_was_asked_for_cancels_and_leaves_nothing(
    yard: Yard, session: SocketSession, book: Book
) -> None:
    (running,) = session.submit([task(parent_of_a_child, book.path, "busy")])
    book.wait_for("busy")
    session.shutdown()
    yard.wait_until_empty()
    again = SocketSession(Finder(yard.place, say=print), "nb")
    report = again.report(running)
    assert report is not None
    assert report.state is TaskState.CANCELLED
    again.shutdown()
    yard.wait_until_empty()
    assert book.words() == ["busy"]


@needs_proc
def test_workers_and_their_children_are_gone(
    yard: Yard, session: SocketSession, book: Book
) -> None:
    session.submit([task(parent_of_a_child, book.path, "busy")])
    book.wait_for("busy")
    wait_for(lambda: any("sleep 1000" in line for line in yard.processes().values()))
    old = set(yard.processes())
    session.detach()
    kill(yard)
    wait_for(lambda: not old & set(yard.processes()), lambda: str(yard.processes()))


_SUBMITS = """
import sys
from pathlib import Path
from orion_nb.client import Call
from orion_nb.client.connect import Finder
from orion_nb.client.socket_session import SocketSession
from orion_nb.local.place import place_of
from tests.detached.test_crashes import tick, task
session = SocketSession(Finder(place_of(Path(sys.argv[1])), say=print), "nb")
for number in range(10**6):
    calls = [task(tick, sys.argv[2], f"{number}.{item}") for item in range(20)]
    ids = session.submit(calls)
    session.note("last", str(number).encode())  # acknowledged after all that came before
    print(number, *ids, flush=True)
"""


def test_a_kernel_and_its_runtime_die_in_the_middle_of_submitting(yard: Yard, book: Book) -> None:
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", _SUBMITS, str(yard.project), book.path]
    environment = {**os.environ, "PYTHONPATH": root}
    acknowledged: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, env=environment, cwd=root
    ) as kernel:
        assert kernel.stdout is not None
        for line in kernel.stdout:
            acknowledged += line.split()[1:]
            if len(acknowledged) >= 200:
                kill(yard)
                kernel.kill()
                break
    session = SocketSession(Finder(yard.place, say=print), "nb")
    try:
        known = {report.task.id for report in session.earlier()}
        assert known >= set(acknowledged)
        values = [session.result(ObjectRef(id), LIMIT) for id in acknowledged]
        assert values == [f"{n}.{item}" for n in range(len(values) // 20) for item in range(20)]
        assert int(session.notes()["last"]) >= len(values) // 20 - 1
    finally:
        session.shutdown()


def test_a_watcher_that_stays_sees_the_end(yard: Yard, session: SocketSession, book: Book) -> None:
    seen: list[Any] = []
    over = threading.Event()

    def hear(items: Any) -> None:
        seen.extend(items)
        for item in items:
            if isinstance(item, Change) and item.why == "finished":
                over.set()

    session.watch(hear)
    (id,) = session.submit([task(wait_at, book.path, book.gate, "w")])
    book.wait_for("w")
    kill(yard)
    book.open()
    # Nobody asks for anything; the session has something under way, so it looks by itself.
    deadline = time.monotonic() + LIMIT
    while not over.is_set() and time.monotonic() < deadline:
        session.note("alive", b"")  # what any cell does
        over.wait(0.1)
    assert over.is_set(), seen
    assert session.result(ObjectRef(id), LIMIT) == "w"
