"""What the feed tells, also when it tells it again: after a crash of the runtime, or a gap."""

from __future__ import annotations

import pytest

from orion_nb.core.commands import Change
from orion_nb.core.model import Frame, Task, TaskState
from orion_nb.magics.cell_table import CellTable
from orion_nb.magics.incoming import Incoming
from orion_nb.widget.view import GraphView

READY, RUNNING, DONE = TaskState.READY, TaskState.RUNNING, TaskState.DONE


def life(
    task: str, *, ends: bool = True, first: int = 1, at: float = 0.0, attempt: int = 1
) -> list[Change]:
    """The changes of a task that runs once."""
    detail = {"task": Task(task, task, outputs=("x",))}
    changes = [
        Change(first, at, task, None, READY, "queued", detail=detail),
        Change(first + 1, at, task, READY, RUNNING, "started", attempt, "p1"),
    ]
    end = Change(first + 2, at + 1, task, RUNNING, DONE, "finished", attempt, "p1", {"duration": 1})
    return [*changes, end] if ends else changes


def said(task: str, *texts: str, attempt: int = 1) -> list[Frame]:
    return [
        Frame(task, attempt, seq, "stream", {"name": "stdout", "text": text})
        for seq, text in enumerate(texts)
    ]


def reset(task: str) -> Frame:
    return Frame(task, 1, 0, "reset", {})


class Told:
    """A table with one task, and what it has been told."""

    def __init__(self) -> None:
        self.table = CellTable()
        self.view = GraphView()
        self.incoming = Incoming(self.table, lambda: self.view)
        self.table.tracker.get("t")

    def take(self, *items: object) -> list[object]:
        return self.incoming.take(items)[0]

    @property
    def text(self) -> str:
        frames = self.table.tracker["t"].frames
        return "".join(frame.data["text"] for frame in frames if frame.kind == "stream")

    @property
    def state(self) -> TaskState:
        return self.table.tracker["t"].state


@pytest.fixture
def told() -> Told:
    return Told()


def test_only_introduced_tasks_are_followed(told: Told) -> None:
    assert told.take(*life("other"), *said("other", "x")) == []
    assert set(told.table.tracker.tracks) == {"t"}
    assert len(told.view.cards()) == 0


def test_what_had_ended_is_not_shown_again(told: Told) -> None:
    told.take(*life("t", ends=False), *said("t", "a", "b"), life("t")[2])
    restored = Change(1, 50.0, "t", None, DONE, "restored", detail={"task": Task("t", "t")})
    news = told.take(*life("t"), restored, reset("t"), *said("t", "a", "b"))
    assert news == []
    assert told.text == "ab"
    assert told.table.tracker["t"].ended == 1.0  # on the clock that showed it
    again = [
        Change(9, 60.0, "t", DONE, TaskState.WAITING, "recompute"),
        *life("t", ends=False, first=10, at=60.0)[1:],
    ]
    told.take(*again, reset("t"), *said("t", "c"))
    assert (told.state, told.text) == (RUNNING, "c")


def test_what_ran_starts_again(told: Told) -> None:
    told.take(*life("t", ends=False), *said("t", "old", "older"))
    told.take(life("t", at=50.0)[0])
    assert (told.state, told.text) == (READY, "")
    told.take(*life("t", at=50.0)[1:2], *said("t", "new"), life("t", at=50.0)[2])
    assert (told.state, told.text) == (DONE, "new")
    assert told.view.finished


def test_what_has_failed_meanwhile_is_news(told: Told) -> None:
    told.take(*life("t"))
    failed = Change(7, 50.0, "t", None, TaskState.FAILED, "restored-failed")
    assert told.take(failed) == [failed]
    assert told.state is TaskState.FAILED


def test_how_the_runtime_keeps_a_task_is_no_news(told: Told) -> None:
    told.take(*life("t"))
    assert told.take(Change(4, 9.0, "t", DONE, DONE, "archived")) == []
    assert told.table.tracker["t"].ended == 1.0


def test_a_frame_is_taken_once(told: Told) -> None:
    told.take(*life("t", ends=False), *said("t", "a", "b"))
    told.take(*said("t", "a", "b", "c"))
    assert told.text == "abc"
