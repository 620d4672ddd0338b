"""What is said of a cell, from what the feed has told."""

from __future__ import annotations

from typing import Any

import pytest

from orion_nb.core.commands import Change
from orion_nb.core.model import ActionResult, Frame, Progress, TaskError, TaskState
from orion_nb.magics.tracking import Track, Tracker
from orion_nb.magics.wording import seconds, size, words_for

S = TaskState


def told(*changes: tuple[Any, ...], task: str = "t") -> Track:
    """The track of a task after (at, old, new, why, detail) changes."""
    tracker = Tracker()
    for number, (at, old, new, why, *rest) in enumerate(changes):
        detail = rest[0] if rest else {}
        worker = "p1" if why in ("dispatched", "started") else ""
        tracker.apply(Change(number, at, task, old, new, why, detail.pop("n", 1), worker, detail))
    return tracker[task]


SUBMITTED = (0.0, None, S.READY, "queued")
STARTED = (1.0, S.READY, S.RUNNING, "started")


def test_one_task() -> None:
    assert words_for([told(SUBMITTED)], 0.0).text == "queued"
    assert words_for([told((0.0, None, S.WAITING, "submitted"))], 0.0, waits_for="load").text == (
        "waiting for load"
    )
    running = told(SUBMITTED, STARTED)
    assert words_for([running], 4.5).text == "running 3.5 s · p1"
    running.more().progress = Progress("t", 1, 1, 4, "reading")
    assert words_for([running], 4.5).text == "running 3.5 s · p1 · 25 % reading"
    done = told(SUBMITTED, STARTED, (3.0, S.RUNNING, S.DONE, "finished", {"duration": 1.5}))
    assert words_for([done], 9.0) == ("✓", "#2e8b3d", "done in 1.5 s", "done")
    assert words_for([done], 9.0, again=True).text == "unchanged, already done · 1.5 s"
    assert "stale: x has changed" in words_for([done], 9.0, stale="x has changed").text


def test_a_hit_tells_what_it_saved() -> None:
    result = ActionResult("k", {}, 12.0)
    hit = told(SUBMITTED, (0.1, S.PROBING, S.DONE, "hit", {"hit": result}))
    assert words_for([hit], 1.0).text == "cache hit · 12 s saved"
    hit.more().frames = [Frame("t", 0, 0, "stream", {"name": "stdout", "text": "x"})]
    assert words_for([hit], 1.0).text.endswith("output replayed")


def test_failures_and_retries() -> None:
    error = TaskError("exception", "ValueError", "first line\nsecond line")
    failed = told(SUBMITTED, STARTED, (2.0, S.RUNNING, S.FAILED, "failed", {"error": error}))
    assert words_for([failed], 2.0).text == "failed: ValueError: first line"
    later = told(SUBMITTED, STARTED, (2.0, S.RUNNING, S.BACKOFF, "retry-later", {"error": error}))
    assert words_for([later], 2.0).state == "backoff"
    blamed = told(
        (0.0, None, S.WAITING, "submitted"), (1.0, S.WAITING, S.UPSTREAM_FAILED, "upstream-failed")
    )
    assert words_for([blamed], 2.0, blames="load").text == "not run: load failed"


def test_many_tasks_are_counted() -> None:
    done = told(SUBMITTED, STARTED, (3.0, S.RUNNING, S.DONE, "finished", {"duration": 2.0}))
    hit = told(SUBMITTED, (0.1, S.PROBING, S.DONE, "hit"))
    words = words_for([done, hit, told(SUBMITTED, STARTED), told(SUBMITTED)], 4.0)
    assert words.text == "2/4 done · 1 cache hit · 1 running · 1 queued"
    assert words.state == "running"
    assert words_for([done, done], 9.0).text == "2/2 done · in 2.0 s"
    assert words_for([hit, hit], 9.0).state == "hit"
    assert words_for([], 0.0).state == "done"


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "1 ms"), (0.03, "30 ms"), (4.24, "4.2 s"), (185, "3 min 05 s"), (4321, "1 h 12 min")],
)
def test_seconds(value: float, text: str) -> None:
    assert seconds(value) == text


def test_sizes() -> None:
    assert [size(n) for n in (12, 34_500, 2.5e9)] == ["12 B", "34.5 KB", "2.5 GB"]
