"""When a run will end, and which chain of tasks decides that."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orion_nb.widget import horizon
from orion_nb.widget.outlook import Job, longest, simulate
from orion_nb.widget.view import GraphView

from .fake_feed import Item, Run, demo, folded, until


def shown(feed: list[Item], **options: object) -> GraphView:
    view = GraphView(**options)  # type: ignore[arg-type]
    view.update(feed)
    return view


# -------------------------------------------------------------------------- jobs


def test_tasks_are_played_on_the_workers() -> None:
    fan = [Job(1.0, 1), *[Job(2.0, 1, needs=(0,))] * 5, Job(0.5, 1, needs=(1, 2, 3, 4, 5))]
    assert simulate(fan, 1).seconds == pytest.approx(11.5)
    assert simulate(fan, 2).seconds == pytest.approx(1 + 6 + 0.5)
    assert simulate(fan, 100).seconds == pytest.approx(3.5)
    # What runs holds its worker; what is done holds nobody.
    assert simulate([Job(9.0), Job(1.0, 2, (4.0,), (0,))], 2).seconds == pytest.approx(4.0)
    assert simulate([Job(running=(3.0, 5.0))], 1).seconds == pytest.approx(5.0)
    assert simulate([], 2).seconds == 0.0


def test_a_pile_is_played_in_rounds() -> None:
    many = [Job(0.1, 100_000), Job(1.0, 1, needs=(0,))]
    begun = time.perf_counter()
    assert simulate(many, 8).seconds == pytest.approx(100_000 * 0.1 / 8 + 1)
    assert time.perf_counter() - begun < 0.5
    assert simulate([Job(2.0, 7)], 2).seconds == pytest.approx(8.0)


def test_piles_that_need_each_other_are_played_all_the_same() -> None:
    circle = [Job(1.0, 2, needs=(1,)), Job(1.0, 2, needs=(0,)), Job(1.0, 1, needs=(1,))]
    assert simulate(circle, 2).seconds >= 2.0
    assert longest(circle, [1.0] * 3) == (0.0, [])


@st.composite
def graphs(draw: st.DrawFn) -> list[Job]:
    jobs = []
    for number in range(draw(st.integers(1, 12))):
        needs = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        # What needs an open job is open.
        done = draw(st.booleans()) and not any(jobs[need].open for need in needs)
        tasks = 0 if done else draw(st.integers(1, 9))
        jobs.append(Job(draw(st.floats(0.125, 4)), tasks, (), tuple(sorted(needs))))
    return jobs


@settings(max_examples=100, deadline=None)
@given(jobs=graphs(), workers=st.integers(1, 5))
def test_no_run_beats_its_path_or_its_workers_and_greed_is_not_far(
    jobs: list[Job], workers: int
) -> None:
    rest = simulate(jobs, workers).seconds
    work = sum(job.seconds * job.tasks for job in jobs)
    path, chain = longest(jobs, [job.seconds for job in jobs])  # of one task of each
    if any(job.open for job in jobs):
        assert rest >= max(path, work / workers) - 1e-6
        most = sum(job.seconds for job in jobs if job.open)
        assert rest <= work / workers + most + 1e-6  # Graham's bound, and a round of each job
    for tail, head in pairwise(chain):
        assert tail in jobs[head].needs


def test_the_path_is_what_holds_up_the_end() -> None:
    #      0 ── 1 (done, long) ── 3
    #      └─── 2 (open) ─────────┘
    jobs = [Job(1.0), Job(9.0, needs=(0,)), Job(2.0, 1, needs=(0,)), Job(1.0, 1, needs=(1, 2))]
    assert longest(jobs, [1.0, 9.0, 2.0, 1.0]) == (3.0, [0, 2, 3])
    done = [job._replace(tasks=0) for job in jobs]
    assert longest(done, [1.0, 9.0, 2.0, 1.0]) == (11.0, [0, 1, 3])
    assert longest(done, [0.0, 9.0, 2.0, 1.0])[1] == [1, 3]  # a hit takes no time


# -------------------------------------------------------------------------- views


def test_without_history_nothing_is_foreseen() -> None:
    run = Run(workers=2)
    run.task("a", seconds=5)
    run.task("b", "a", seconds=5)
    run.task("c", "a", seconds=5)
    view = shown(until(run.feed(), 2.0))
    assert not view.foresee(view.latest + 1, 2)
    assert view.outlook == {}


def test_history_foresees_the_end_and_what_runs_corrects_it() -> None:
    run = Run(workers=2)
    run.task("load", seconds=4)
    for i in range(6):
        run.task(f"fit-{i}", "load", group="fit", seconds=3)
    run.task("plot", *[f"fit-{i}" for i in range(6)], seconds=1)
    run.task("other", "load", seconds=1)
    feed, usual = run.feed(), {"load": 4.0, "fit": 3.0, "plot": 1.0, "other": 1.0}
    view = shown(until(feed, 0.5), history=usual.get)
    assert view.foresee(101.0, 2)
    # `other` is ready with the fits: 19 s of work on two workers, then the plot.
    assert view.outlook["end"] == pytest.approx(101 + 3 + 10 + 1, abs=1.1)
    assert view.outlook["path"][0] == "load"
    assert view.outlook["path"][-1] == "plot"
    assert not view.foresee(101.05, 2)  # still true: nothing is sent
    later = shown(until(feed, 8.0), history=usual.get)
    later.foresee(108.0, 2)
    assert later.outlook["end"] == pytest.approx(feed[-1].at, abs=1.6)
    assert "least" not in later.outlook
    late = shown(until(feed, 2.0), history=usual.get)
    late.foresee(110.0, 2)  # it overruns: what usually takes 4 s has taken 10
    assert late.outlook["end"] > 110 + 10


def test_what_never_ran_makes_it_at_least() -> None:
    view = shown(until(demo(), 13.0))
    assert view.foresee(view.latest, 4)
    assert view.outlook["least"]
    assert "model-4" in view.outlook["path"]  # the straggler reports its progress


def test_a_folded_graph_is_foreseen_by_its_piles() -> None:
    feed = folded(1000)
    view = shown(until(feed, 9.0))
    view.foresee(view.latest, 8)
    whole, now = feed[-1].at, view.latest
    assert view.outlook["end"] == pytest.approx(whole, abs=0.35 * (whole - now))
    assert "path" not in view.outlook  # its piles are one chain


def test_a_finished_run_has_the_path_that_took_longest() -> None:
    view = shown(demo())
    snapshot = view.snapshot()
    assert snapshot["outlook"]["path"] == [
        "clean-1", "join-1", "features-1", "model-7", "compare-1", "plot-1",
    ]  # fmt: skip
    assert snapshot["outlook"]["length"] == pytest.approx(10.85, abs=0.01)
    assert not view.foresee(view.latest, 4)
    chain = Run()
    chain.task("a")
    chain.task("b", "a")
    assert shown(chain.feed()).snapshot()["outlook"] == {}  # there was only one way


def test_looking_ahead_costs_little_even_with_two_thousand_boxes() -> None:
    run = Run(workers=8)
    for i in range(2000):
        layer, column = divmod(i, 100)
        needs = [f"t{(layer - 1) * 100 + (column + k) % 100}" for k in (0, 3)] if layer else []
        run.task(f"t{i}", *needs, name=f"unit {i} x", seconds=1.0)
    view = shown(until(run.feed(), 5.0), history=lambda group: 1.0)
    view.foresee(view.latest, 8)
    assert len(view.shape()[0]) == 2000
    begun = time.perf_counter()
    horizon.ahead(view._boxes, view.latest + 5, 8)
    assert time.perf_counter() - begun < 0.5  # 0.02 s on a quiet machine
