"""The line of `%%orion_task`: what it means, and what it refuses in one line."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError as IPythonUsageError

from orion_nb.core.model import CacheMode, Policy, WorkerKind
from orion_nb.exceptions import UsageError
from orion_nb.magics.options import MapClause, TaskOptions, parse_task_line


def test_nothing_stated() -> None:
    assert parse_task_line("") == TaskOptions()


def test_everything_stated() -> None:
    options = parse_task_line(
        "clean --deps raw,planes --deps weather --out df, rows --after load "
        "--cache recompute --version 'v 2' --retries 3 --timeout 5m --speculate-after 2.5 "
        "--impure --wait"
    )
    assert options.name == "clean"
    assert options.deps == ("raw", "planes", "weather")
    assert options.out == ("df", "rows")
    assert options.after == ("load",)
    assert options.version == "v 2"
    assert options.wait
    assert options.policy == Policy(
        cache=CacheMode.RECOMPUTE, retries=3, timeout=300.0, speculate_after=2.5, impure=True
    )


def test_threads() -> None:
    assert parse_task_line("--kind thread").policy.kind is WorkerKind.THREAD


@pytest.mark.parametrize(
    ("line", "clause", "retries"),
    [
        ("m --map n in [1, 2, 3] --retries 2", MapClause(("n",), "[1, 2, 3]"), 2),
        ("--map depth in range(2, 10)", MapClause(("depth",), "range(2, 10)"), 0),
        ("--map a, b in zip('x y', [1])", MapClause(("a", "b"), "zip('x y', [1])"), 0),
        ("--map (a, b) in pairs --retries 1", MapClause(("a", "b"), "pairs"), 1),
        ("--retries 1 --map s in ['--out', 'q r']", MapClause(("s",), "['--out', 'q r']"), 1),
        ("--map x in [i for i in y if i > 1]", MapClause(("x",), "[i for i in y if i > 1]"), 0),
    ],
)
def test_map(line: str, clause: MapClause, retries: int) -> None:
    options = parse_task_line(line)
    assert options.map == clause
    assert options.policy.retries == retries


@pytest.mark.parametrize(
    "line",
    [
        "--map n",
        "--map n in",
        "--map n in [1, 2",
        "--timeout soon",
        "--timeout 0",
        "--retries -1",
        "two words",
        "--cache never",
        "--out 3x",
        "--kind thread --timeout 3",
        "--no-such-option",
        "a/b",
    ],
)
def test_refused_in_one_line(line: str) -> None:
    with pytest.raises((UsageError, IPythonUsageError)) as caught:
        parse_task_line(line)
    assert str(caught.value)
    assert "\n" not in str(caught.value).strip()
