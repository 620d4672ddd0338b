"""When a runtime ends by itself, and what it lets go of before: decisions, without processes."""

from __future__ import annotations

import math
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from orion_nb.core.model import Output, Task, TaskError, TaskState
from orion_nb.core.remains import Ended
from orion_nb.detached import textlog
from orion_nb.detached.archive import Archive
from orion_nb.detached.idle import DEFAULT_TIMEOUT, Idle, timeout_from
from orion_nb.exceptions import UsageError


def test_idle_is_counted_from_the_last_need() -> None:
    idle = Idle(10.0, now=0.0)
    assert not idle.is_over(9.0, clients=0, unfinished=0)
    assert not idle.is_over(20.0, clients=1, unfinished=0)
    assert not idle.is_over(29.0, clients=0, unfinished=3)
    assert not idle.is_over(38.9, clients=0, unfinished=0)
    assert idle.is_over(39.0, clients=0, unfinished=0)


def test_the_time_of_the_environment() -> None:
    assert timeout_from(None) == timeout_from("") == DEFAULT_TIMEOUT
    assert timeout_from("2.5") == 2.5
    assert timeout_from("never") == math.inf
    for nonsense in ("soon", "0", "-1", "nan"):
        with pytest.raises(UsageError, match="ORION_IDLE_TIMEOUT"):
            timeout_from(nonsense)


def test_a_grown_text_log_keeps_its_end_and_its_writers(tmp_path: Path) -> None:
    path = tmp_path / "runtime.log"
    with open(path, "ab", buffering=0) as writer:
        writer.write(b"a" * 500 + b"b" * 600)
        textlog.bound(path, limit=1000)
        writer.write(b"more")
        textlog.bound(path, limit=1000)
    assert path.read_bytes() == b"more"
    assert (tmp_path / "runtime.log.1").read_bytes() == b"b" * 500


def ended(id: str, state: TaskState = TaskState.DONE) -> Ended:
    done = state is TaskState.DONE
    error = None if done else TaskError("exception", "ValueError", "no")
    return Ended(Task(id, id), state, {"value": Output("a" * 64, 1)} if done else None, error)


def test_the_oldest_finished_tasks_are_let_go_after_they_are_durable() -> None:
    archive = Archive(keep=3, slack=2, grace=0.0)
    order: list[object] = []
    gone = threading.Event()

    def let_go(tasks: Sequence[str]) -> list[str]:
        order.append(tasks)
        gone.set()
        return []

    thread = threading.Thread(target=archive.run, args=(lambda: order.append("sync"), let_go))
    thread.start()
    archive.over(ended(f"f-{n}", TaskState.FAILED) for n in range(5))
    archive.over(ended(f"t-{n}") for n in range(5))
    archive.gone(["t-1"])
    archive.over([ended("t-0")])  # again: now the newest
    archive.over([ended("t-5")])
    assert not order
    archive.over([ended("t-6")])
    assert gone.wait(10)
    archive.close()
    thread.join(10)
    assert order == ["sync", ["t-2", "t-3", "t-4", "f-0", "f-1"]]
