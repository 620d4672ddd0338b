"""The durable log: what was noted is there after a crash, and damage is said, never guessed over."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from orion_nb.core.commands import Change
from orion_nb.core.model import (
    ActionResult,
    CacheMode,
    Component,
    KeyRecipe,
    ObjectRef,
    Output,
    Policy,
    Task,
    TaskError,
    TaskState,
    WorkerKind,
)
from orion_nb.core.remains import Ended
from orion_nb.detached.log import Log
from orion_nb.detached.reading import Reader
from orion_nb.local.calls import Surroundings
from orion_nb.local.packed import PackedCall, RestoredTask

HERE = Surroundings("/work", ("/lib", ""), {"HOME": "/home/me", "ODD": "\udcff"})
A, B, C = ("a" * 64, "b" * 64, "c" * 64)

FULL = Task(
    "clean-1",
    "clean",
    (("x", ObjectRef("load-1")), ("y", ObjectRef("load-1", "rest"))),
    ("first-1",),
    ("value", "other"),
    "cells.clean",
    KeyRecipe((Component("code", "clean", A, "Cell In[1]"),), ("conn",)),
    "because",
    Policy(CacheMode.RECOMPUTE, retries=2, timeout=1.5, kind=WorkerKind.THREAD, impure=True),
    "analysis.ipynb",
    {"cell": "12", "ü": "\udcff"},
)


def call(id: str, packed: bytes | str = b"call", session: str = "nb") -> PackedCall:
    return PackedCall(Task(id, id.split("-")[0], session=session), packed, HERE)


def done(id: str, size: int = 5) -> RestoredTask:
    made = call(id)
    over = Ended(made.task, TaskState.DONE, {"value": Output(A, size)}, attempts=1)
    return RestoredTask(made, over, {A: b"v" * size}, attempt=1)


@pytest.fixture
def open_log(tmp_path: Path) -> Iterator[Callable[..., Log]]:
    """Opens the log of this test; the one before is closed first."""
    logs: list[Log] = []

    def open_it(**options: object) -> Log:
        if logs:
            logs[-1].close()
        logs.append(Log(tmp_path / "tasks.sqlite", **options))
        return logs[-1]

    yield open_it
    logs[-1].close()


def test_a_task_is_read_back_as_it_was(open_log: Callable[..., Log]) -> None:
    submitted = PackedCall(FULL, b"call", HERE)
    given = PackedCall(Task("x-1", "x"), b"", HERE, Output(B, 3), {B: b"xyz"})
    error = TaskError("exception", "ValueError", "no", "Traceback …", None, False)
    story = (
        Change(1, 10.0, "clean-1", None, TaskState.READY, "queued", detail={"task": FULL}),
        Change(3, 10.5, "clean-1", TaskState.DONE, TaskState.WAITING, "recompute", detail={"outputs": ("value",)}),
        Change(2, 11.5, "clean-1", TaskState.RUNNING, TaskState.FAILED, "failed", 3, "w-1", {"error": error}),
    )  # fmt: skip
    ended = Ended(
        FULL,
        TaskState.FAILED,
        {"value": Output(C, 7), "other": Output(A, 1)},
        error,
        "clean-1",
        B,
        ActionResult(A, {"value": Output(C, 7)}, 1.5, B, "me", 99.0),
        3,
        frozenset({"other"}),
        story,
    )
    frames = (("stream", {"name": "stdout", "text": "hi\n" * 5000}, 12.0),)
    failed = RestoredTask(submitted, ended, {A: b"x"}, b"pickled", frames, 3)
    log = open_log()
    log.submitted([submitted, given])
    log.over([failed])
    reader = Reader(open_log())
    assert [logged.call for logged in reader.open()] == [given]
    (found,) = reader.find(["clean-1", "unknown"]).values()
    assert found.call == submitted
    assert found.over is not None
    again = found.over.ended
    assert found.over._replace(ended=ended) == failed
    assert replace(again, story=()) == replace(ended, story=())
    for before, after in zip(story, again.story, strict=True):
        assert after == before._replace(at=pytest.approx(before.at, abs=1.0))


def test_what_is_over_open_again_or_forgotten(open_log: Callable[..., Log]) -> None:
    log = open_log()
    log.submitted([call("a-1"), call("b-1"), call("c-1")])
    log.over([done("a-1"), done("b-1"), done("never-submitted")])
    log.reopened(["b-1"])
    log.forgotten(["c-1"])
    reader = Reader(open_log())
    assert [logged.call.task.id for logged in reader.open()] == ["b-1"]
    assert reader.recent(10) == [done("a-1")]
    assert reader.find(["c-1"]) == {}
    assert reader.of_session("nb") == ["a-1", "b-1"]
    assert reader.sessions() == {"nb": {"": 1, "done": 1}}
    assert reader.find(["a-1"])["a-1"].over == done("a-1")


def test_large_blobs_are_pinned_while_a_row_refers_to_them(open_log: Callable[..., Log]) -> None:
    pinned: list[str] = []

    def opened() -> Log:
        return open_log(pin=pinned.append, release=pinned.remove)

    log = opened()
    log.submitted([call("a-1", A), call("b-1", B)])
    large = Ended(call("a-1").task, TaskState.DONE, {"value": Output(C, 1 << 20)})
    log.over([RestoredTask(call("a-1", A), large)])
    log.forgotten(["b-1"])
    assert log.sync(10)
    assert sorted(pinned) == [A, C]
    pinned.clear()
    log = opened()
    log.pin_all()
    assert log.sync(10)
    assert sorted(pinned) == [A, C]


def test_notes_and_events(open_log: Callable[..., Log]) -> None:
    log = open_log()
    log.note("nb", "names", b"1")
    log.note("nb", "names", b"2")
    log.note("nb", "gone", b"3")
    log.note("other", "names", b"4")
    log.note("nb", "gone", None)
    for number in range(300):
        log.event(f"event {number}")
    reader = Reader(open_log())
    assert reader.notes("nb") == {"names": b"2"}
    events = [text for _, text in reader.events()]
    assert (len(events), events[-1]) == (200, "event 299")


def test_a_callback_comes_after_the_commit(open_log: Callable[..., Log]) -> None:
    log = open_log()
    reader = Reader(log)
    seen: list[int] = []
    told = threading.Event()

    def look() -> None:
        seen.append(len(reader.open()))
        told.set()

    log.submitted([call("a-1")])
    log.after(look)
    assert told.wait(10)
    log.after(look)  # nothing waits: at once, here
    assert seen == [1, 1]


def test_many_notes_are_few_commits(open_log: Callable[..., Log]) -> None:
    log = open_log()
    commits: list[str] = []
    with log.mutex:  # the thread waits at its first transaction, and more gathers
        log.connection.set_trace_callback(lambda sql: commits.append(sql))
        for number in range(1000):
            log.submitted([call(f"t-{number}")])
    assert log.sync(30)
    assert 1 <= commits.count("COMMIT") <= 2


def test_old_and_many_tasks_are_dropped_and_that_is_said(open_log: Callable[..., Log]) -> None:
    log = open_log()
    needs = PackedCall(Task("use-1", "use", (("x", ObjectRef("old-2")),)), b"call", HERE)
    log.submitted([call("old-1"), call("old-2"), needs, *(call(f"t-{n}") for n in range(600))])
    log.over([done("old-1"), done("old-2")])
    log.over([done(f"t-{n}", 9_000) for n in range(600)])
    assert log.sync(30)
    with log.mutex:
        log.connection.execute("UPDATE outcomes SET ended = 1.0 WHERE number <= 2")
    log.trim(max_age=3600.0, max_bytes=1 << 40)
    reader = Reader(log)
    assert log.sync(30)
    assert set(reader.find(["old-1", "old-2", "t-0"])) == {"old-2", "t-0"}  # one is needed
    log.trim(max_age=1e12, max_bytes=2 << 20, keep=["t-0"])
    assert log.sync(30)
    assert set(reader.find(["t-0", "t-1", "t-599"])) == {"t-0", "t-599"}
    texts = [text for _, text in reader.events()]
    assert texts[0].startswith("dropped 1 tasks that ended")
    assert "oldest finished tasks: the log was over 2 MiB" in texts[1]


def test_a_damaged_log_is_set_aside_and_that_is_said(
    open_log: Callable[..., Log], tmp_path: Path
) -> None:
    log = open_log()
    log.submitted([call(f"t-{n}", b"x" * 1000) for n in range(200)])
    log.close()
    path = tmp_path / "tasks.sqlite"
    path.write_bytes(path.read_bytes()[:4096] + os.urandom(100_000))
    log = open_log()
    log.submitted([call("new-1")])
    assert log.sync(10)
    reader = Reader(log)
    assert [logged.call.task.id for logged in reader.open()] == ["new-1"]
    assert "set aside" in reader.events()[0][1]
    assert list(tmp_path.glob("tasks.sqlite-damaged-*"))


def test_when_the_disk_refuses_work_goes_on_and_that_is_said(open_log: Callable[..., Log]) -> None:
    log = open_log()
    assert log.sync(10)
    with log.mutex:
        (pages,) = log.connection.execute("PRAGMA page_count").fetchone()
        log.connection.execute(f"PRAGMA max_page_count={pages}").fetchall()
    log.submitted([call("a-1", b"x" * 10_000_000)])
    assert log.sync(10)
    assert "would be lost" in log.trouble
    with log.mutex:
        log.connection.execute(f"PRAGMA max_page_count={pages + 10_000}").fetchall()
    log.submitted([call("b-1")])
    assert log.sync(10)
    assert log.trouble == ""


_CRASHES = """
import sys
from pathlib import Path
from orion_nb.core.model import Task
from orion_nb.core.remains import Ended
from orion_nb.detached.log import Log
from orion_nb.local.packed import PackedCall
log = Log(Path(sys.argv[1]))
for number in range(10**6):
    log.submitted([PackedCall(Task(f"t-{number}", "t"), b"call")])
    if number % 50 == 0:
        assert log.sync(30)
        print(number, flush=True)
"""


def test_what_was_acknowledged_is_there_after_a_kill(
    open_log: Callable[..., Log], tmp_path: Path
) -> None:
    command = [sys.executable, "-c", _CRASHES, str(tmp_path / "tasks.sqlite")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = -1
        for line in process.stdout:
            acknowledged = int(line)
            if acknowledged >= 500:
                process.send_signal(getattr(signal, "SIGKILL", signal.SIGTERM))
                break
        for line in process.stdout:  # said before the signal arrived
            acknowledged = int(line)
    numbers = [int(logged.call.task.id[2:]) for logged in Reader(open_log()).open()]
    assert numbers == list(range(len(numbers)))
    assert len(numbers) > acknowledged
