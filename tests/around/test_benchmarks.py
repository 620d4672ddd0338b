"""The benchmark's table: what it says of figures, and that a case runs from end to end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.cases import CASES
from benchmarks.table import Measurements, human, markdown

ROOT = Path(__file__).resolve().parents[2]
LATENCY = next(c for c in CASES if c.name == "latency")


def measured(orion: float, **peers: float) -> Measurements:
    result = Measurements()
    for peer, seconds in {"orion": orion, **peers}.items():
        result.add(LATENCY, peer, {"rows": {"latency": seconds}, "version": peer})
    return result


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.000272, "272 µs"), (0.0107, "10.7 ms"), (0.9999, "1 s"), (1.44, "1.44 s")],
)
def test_times_are_written_for_people(seconds: float, text: str) -> None:
    assert human(seconds) == text


def test_targets_are_judged_by_medians() -> None:
    result = measured(0.2, futures=0.2, ray=1.0)
    result.add(LATENCY, "orion", {"rows": {"latency": 0.4}})
    result.add(LATENCY, "orion", {"rows": {"latency": 9.0}})
    table = markdown(result, [LATENCY], ["orion", "futures", "ray"])
    assert "| 400 ms | 200 ms | 1 s |" in table
    assert "≤ 1.5 × concurrent.futures: 2 ✗" in table
    assert "≤ 1/3 × Ray: 0.4 ✗" in table


def test_the_detached_runtime_has_a_column_and_targets_of_its_own() -> None:
    table = markdown(measured(0.2, ray=1.0, detached=0.4), [LATENCY], ["orion", "detached", "ray"])
    assert "≤ 1/3 × Ray: 0.2 ✓" in table
    assert "≤ 1/2 × Ray: detached 0.4 ✓" in table
    case = next(c for c in CASES if c.name == "chain")
    result = Measurements()
    for peer, seconds in {"orion": 0.1, "detached": 0.3, "ray": 1.0}.items():
        result.add(case, peer, {"rows": {"chain": seconds}})
    assert "≤ 1/5 × Ray: 0.1 ✓, detached 0.3 ✗" in markdown(result, [case], ["orion", "ray"])


def test_what_an_engine_cannot_do_is_said() -> None:
    result = measured(0.2)
    result.add(LATENCY, "ray", {"failed": "not installed (ray)"})
    table = markdown(result, [LATENCY], ["orion", "ray"])
    assert "not installed (ray)" in table
    assert "≤ 1/3 × Ray: not measured" in table


def test_a_case_runs_from_end_to_end(tmp_path: Path) -> None:
    figures = tmp_path / "figures.json"
    command = [
        sys.executable,
        "-m",
        "benchmarks",
        "--quick",
        "--case",
        "latency",
        "--json",
        str(figures),
    ]
    run = subprocess.run(
        [*command, "--peer", "orion", "--peer", "detached", "--peer", "futures"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "| one no-op task, submit to result |" in run.stdout
    rows = json.loads(figures.read_text())["seconds"]
    assert {row["peer"] for row in rows} == {"orion", "detached", "futures"}
    assert all(0 < row["median"] < 1 for row in rows)
