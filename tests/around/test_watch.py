"""What the demo says of a run, from the changes that were recorded."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from orion_tools.watch import Tail, story_of


def change(task: str, state: str, why: str, **facts: object) -> str:
    fields = {
        "at": 0.0,
        "task": task,
        "name": task,
        "state": state,
        "why": why,
        "worker": "",
        **facts,
    }
    return json.dumps(fields) + "\n"


@pytest.fixture
def events(tmp_path: Path) -> Path:
    path = tmp_path / "run.jsonl"
    path.write_text(
        change("a", "ready", "queued")
        + change("a", "running", "started", worker="p1")
        + change("a", "done", "finished", duration=2.0)
        + change("b", "done", "hit")
        + change("c", "running", "started", worker="p1")
        + change("c", "running", "cloned", worker="p2")
        + change("c", "done", "finished", duration=1.5, clone=True)
        + change("d", "running", "started", worker="p1")
    )
    return path


def test_a_story_counts_tasks_work_hits_and_clones(events: Path) -> None:
    story = story_of(events)
    assert (story.tasks, story.done, story.hits, story.workers) == (4, 3, 1, 2)
    assert story.work == 3.5
    assert story.running == ["d"]
    assert story.won_by_clones() == ["a clone of the straggler 'c' won"]


def test_a_half_written_line_is_read_when_it_is_whole(
    events: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = change("d", "done", "finished", duration=0.5)
    with events.open("a") as file:
        file.write(line[:10])
    tail = Tail(events, "first run")
    tail.tick()
    assert "3 of 4 tasks done   d" in capsys.readouterr().out
    with events.open("a") as file:
        file.write(line[10:])
    assert tail.finish().done == 4
    assert "4 of 4 tasks done" in capsys.readouterr().out
