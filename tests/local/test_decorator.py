"""`@orion_nb.task`, the default runtime, and the examples."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import orion_nb
from orion_nb.local.runtime import Runtime

from .conftest import LIMIT

EXAMPLES = Path(__file__).parents[2] / "examples"


@orion_nb.task
def square(x):
    """Squares."""
    return x * x


@orion_nb.task(retries=1, name="sum of squares")
def sum_squares(a, b):
    return square(a) + square(b)  # inside a task: plain calls


@pytest.fixture
def active(tmp_path):
    with Runtime(2, cache_dir=tmp_path) as runtime:
        yield runtime


def test_a_call_is_a_task_in_the_surrounding_runtime(active):
    ref = square(7)
    assert isinstance(ref, orion_nb.ObjectRef)
    assert orion_nb.get(ref, LIMIT) == active.get(ref) == 49
    total = sum_squares(square(1), square(2))
    assert orion_nb.get(total, LIMIT) == 17
    assert active.info(total).task.name == "sum of squares"
    assert square.plain(3) == 9 and square.__doc__ == "Squares."


def test_calls_are_cached_by_default(active):
    orion_nb.get(square(5), LIMIT)
    again = square(5)
    orion_nb.get(again, LIMIT)
    assert active.info(again).hit is not None
    assert orion_nb.wait(square.map([1, 2]), LIMIT)[1] == []


def test_submitting_inside_a_task_is_a_clear_error(active):
    @orion_nb.task
    def outer():
        return square.submit(3)

    with pytest.raises(orion_nb.TaskFailed, match="tasks do not submit tasks"):
        orion_nb.get(outer(), LIMIT)


def test_the_default_runtime_comes_and_goes(monkeypatch, tmp_path):
    monkeypatch.setenv("ORION_CACHE_DIR", str(tmp_path))
    assert orion_nb.get(square(6), LIMIT) == 36
    runtime = orion_nb.default_runtime()
    orion_nb.shutdown()
    assert runtime.closed


@pytest.mark.parametrize(
    ("name", "output"),
    [("square.py", "7 squared is 49\n"), ("two_tasks.py", "A = 10, B = A + 32 = 42\n")],
)
def test_examples_run(name, output, tmp_path, monkeypatch):
    monkeypatch.setenv("ORION_CACHE_DIR", str(tmp_path))
    for _ in range(2):  # the second time from the cache
        done = subprocess.run(
            [sys.executable, EXAMPLES / name],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        assert done.stdout == output and done.stderr == ""
