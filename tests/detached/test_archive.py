"""Few finished tasks stay in memory; the others answer as before, from the log."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from orion_nb.core.model import ObjectRef, TaskState
from orion_nb.detached import recovery
from orion_nb.detached.archive import Archive
from orion_nb.detached.journal import DurableJournal
from orion_nb.detached.log import Log
from orion_nb.detached.log_blobs import LogBlobs
from orion_nb.detached.reading import Reader
from orion_nb.exceptions import ObjectUnavailable, TaskFailed
from orion_nb.local.calls import Call, Watcher, prepare
from orion_nb.local.packed import PackedCall
from orion_nb.local.runtime import Runtime

from .processes import LIMIT, wait_for

KEEP, SLACK = 10, 5


class Hall:
    """A runtime in this process with all that a detached one has, but the server."""

    def __init__(self, folder: Path) -> None:
        blobs = LogBlobs(lambda: self.runtime)
        self.log = Log(folder / "tasks.sqlite", pin=blobs.pin, release=blobs.release)
        reader = Reader(self.log)
        self.archive = Archive(KEEP, SLACK, grace=0.0)
        self.journal = DurableJournal(self.log, reader, self.archive)
        self.runtime = Runtime(2, cache_dir=folder / "cache", journal=self.journal)
        self.log.pin_all()
        self.told = recovery.recover(self.log, reader, self.archive, self.journal, self.runtime)
        threading.Thread(
            target=self.archive.run, args=(self.log.sync, self._let_go), daemon=True
        ).start()

    def _let_go(self, tasks: Sequence[str]) -> list[str]:
        self.runtime.archive(tasks)
        known = self.runtime.tasks()
        return [task for task in tasks if task in known]

    def submit(self, *calls: Call) -> None:
        here = Watcher().now()
        store = self.runtime.store
        self.runtime.submit_packed(
            [PackedCall(*prepare(call, lambda: store), here) for call in calls]
        )

    def close(self) -> None:
        self.archive.close()
        self.runtime.shutdown(wait=False)
        self.log.close()


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    made = Hall(tmp_path)
    yield made
    made.close()


def double(n: int) -> int:
    print("doubling", n)
    return 2 * n


def fail() -> None:
    raise ValueError("no")


def test_old_finished_tasks_leave_the_memory_and_still_answer(hall: Hall) -> None:
    hall.submit(Call(fail, id="failed"))
    hall.submit(*(Call(double, (n,), id=f"t-{n}", session="nb") for n in range(100)))
    wait_for(lambda: hall.journal.unfinished == 0)  # asking for one would bring it back
    wait_for(lambda: len(hall.runtime.tasks()) <= KEEP + SLACK + 1)
    # One whose end was not public when it was its turn goes with the next ones.
    hall.submit(*(Call(double, (n,), id=f"u-{n}") for n in range(20)))
    wait_for(lambda: not {f"t-{n}" for n in range(7)} & set(hall.runtime.tasks()))

    assert hall.runtime.info("t-0").state is TaskState.DONE
    story = [change.why for change in hall.runtime.story("t-1")]
    assert story[0] == "queued"
    assert "finished" in story
    text = "".join(frame.data["text"] for frame in hall.runtime.frames("t-2"))
    assert text == "doubling 2\n"
    assert hall.runtime.get(ObjectRef("t-3")) == 6
    hall.submit(Call(double, (ObjectRef("t-4"),), id="on-top"))
    assert hall.runtime.get(ObjectRef("on-top"), LIMIT) == 16
    with pytest.raises(TaskFailed):
        hall.runtime.get(ObjectRef("failed"), LIMIT)

    hall.runtime.forget("t-5")
    hall.log.sync()
    assert Reader(hall.log).find(["t-5", "t-6"]).keys() == {"t-6"}


def test_a_finished_task_that_has_left_weighs_next_to_nothing(hall: Hall) -> None:
    def run(name: str, count: int) -> None:
        hall.submit(*(Call(double, (n,), id=f"{name}-{n}", session="nb") for n in range(count)))
        wait_for(lambda: hall.journal.unfinished == 0)
        wait_for(lambda: len(hall.runtime.tasks()) <= KEEP + SLACK + 1)
        hall.log.sync()

    def in_use() -> int:
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    run("first", 300)
    tracemalloc.start(1)
    try:
        run("warm", 1000)
        before = in_use()
        run("more", 1000)
        # What is there once cancels out. Other threads may have to let go of their last batch.
        wait_for(lambda: (in_use() - before) / 1000 <= 512, lambda: f"{in_use() - before:,} bytes")
    finally:
        tracemalloc.stop()


def big(letter: str) -> str:
    return letter * 1_000_000


def test_large_results_stay_as_long_as_the_log_refers_to_them(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    hall.submit(*(Call(big, (letter,), id=letter) for letter in "ab"))
    hall.runtime.wait([ObjectRef("a"), ObjectRef("b")], LIMIT)
    hall.log.sync()
    hall.runtime.archive(["a", "b"])
    wait_for(lambda: not hall.runtime.tasks())
    hall.runtime.store.clear()  # all that nobody has pinned
    hall.runtime.forget(["b"])
    hall.log.sync()
    wait_for(lambda: hall.runtime.store.usage().blobs == 1)
    hall.close()

    hall = Hall(tmp_path)
    try:
        hall.log.sync()
        hall.runtime.store.clear()
        assert hall.runtime.get(ObjectRef("a"), LIMIT) == big("a")
    finally:
        hall.close()

    hall = Hall(tmp_path)
    try:  # and if it is lost all the same, it is made again
        (digest,) = hall.runtime.store.digests()
        hall.runtime.store.delete(digest)
        assert hall.runtime.get(ObjectRef("a"), LIMIT) == big("a")
    finally:
        hall.close()


def test_what_needs_something_that_is_lost_fails_and_says_so(tmp_path: Path) -> None:
    first = Hall(tmp_path)
    first.submit(Call(double, (1,), id="lost"))
    first.runtime.wait([ObjectRef("lost")], LIMIT)
    first.runtime.shutdown(wait=False)  # what comes now will not run
    task, packed = prepare(Call(double, (ObjectRef("lost"),), id="needs"), lambda: None)
    first.log.submitted([PackedCall(task, packed)])
    first.log.forgotten(["lost"])
    first.close()

    second = Hall(tmp_path)
    try:
        with pytest.raises(ObjectUnavailable, match="'lost', which the log of tasks has lost"):
            second.runtime.get(ObjectRef("needs"), LIMIT)
        assert second.told.endswith(
            "0 finished kept, 0 started again, 1 could not be started again"
        )
    finally:
        second.close()
