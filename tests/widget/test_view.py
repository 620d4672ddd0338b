"""What a feed looks like: states, numbers, piles, and the law of snapshots and deltas."""

from __future__ import annotations

import copy
import gc
import json
import sys
import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from orion_nb.core.commands import Change
from orion_nb.core.model import ActionResult, Frame, ObjectRef, Progress, Task, TaskState
from orion_nb.widget.merge import merge
from orion_nb.widget.view import GraphView

from .fake_feed import Item, Run, demo, folded, layers, until

S = TaskState


def shown(feed: list[Item], **options: Any) -> GraphView:
    view = GraphView(**options)
    view.update(feed)
    return view


def test_a_whole_run_adds_up() -> None:
    snapshot = shown(demo(), title="flights").snapshot()
    run, nodes = snapshot["run"], snapshot["nodes"]
    assert run["finished"]
    assert run["counts"] == {"done": 14, "hit": 1}
    assert (run["hits"], run["saved"]) == (1, 6.4)
    assert (run["wins"], run["retries"]) == (1, 1)
    assert run["won"] == pytest.approx(6.9)
    assert run["workers"] == ["w0", "w1", "w2", "w3"]
    assert nodes["load-1"]["state"] == "hit"
    assert nodes["load-1"]["saved"] == 6.4
    assert nodes["model-4"]["won"] == pytest.approx(6.9)
    assert nodes["weather-1"]["retries"] == 1
    assert ["features-1", "model-3"] in snapshot["edges"]
    outcomes = sorted(row[5] for row in snapshot["spans"])
    assert outcomes.count("lost") == 1
    assert outcomes.count("won") == 1
    assert outcomes.count("hit") == 1
    assert outcomes.count("failed") == 1
    assert json.loads(json.dumps(snapshot)) == snapshot


def test_a_running_task_shows_progress_estimate_and_its_clone() -> None:
    nodes = shown(until(demo(), 14.0)).snapshot()["nodes"]
    straggler = nodes["model-4"]
    assert straggler["state"] == "running"
    assert straggler["worker"] == "w1"
    assert straggler["clone"]["worker"] == "w2"
    assert straggler["progress"][1] == 210
    assert straggler["estimate"] == pytest.approx(2.65, abs=0.5)  # learned from the other models
    assert nodes["compare-1"]["waits"] == 1


def test_trouble_names_its_cause() -> None:
    view = shown(demo(troubled=True))
    nodes = view.snapshot()["nodes"]
    assert nodes["model-7"]["error"] == "ValueError: Input X contains NaN: 212 rows"
    assert nodes["model-5"]["state"] == "cancelled"
    assert nodes["plot-1"] == {
        "id": "plot-1", "kind": "task", "name": "plot", "state": "upstream_failed",
        "root": "fit k-nearest",
    }  # fmt: skip
    detail = view.detail("model-7")
    assert detail is not None
    assert "Cell" in detail["traceback"]
    assert detail["attempts"][0]["outcome"] == "failed"
    assert detail["needs"] == [["features-1", "features"]]
    assert view.detail("nobody") is None


def change(
    task: str, old: TaskState | None, new: TaskState, why: str, seq: int, **more: Any
) -> Change:
    return Change(seq, float(seq), task, old, new, why, **more)


def test_a_dispatched_attempt_waits_at_its_worker_until_it_starts() -> None:
    view = GraphView()
    ready, running = TaskState.READY, TaskState.RUNNING
    view.apply(change("t", None, ready, "queued", 1))
    view.apply(change("t", ready, running, "dispatched", 2, attempt=1, worker="w0"))
    assert view.snapshot()["nodes"]["t"]["state"] == "ready"
    assert view.snapshot()["spans"] == []
    view.apply(change("t", running, ready, "stolen", 3, attempt=1, worker="w0"))
    view.apply(change("t", ready, running, "dispatched", 4, attempt=2, worker="w1"))
    view.apply(change("t", running, running, "started", 7, attempt=2, worker="w1"))
    assert view.snapshot()["nodes"]["t"]["since"] == 7
    # Very short tasks end without having been seen to start.
    view.apply(change("u", None, ready, "queued", 8))
    view.apply(change("u", ready, running, "dispatched", 9, attempt=1, worker="w0"))
    finished = {"attempt": 1, "worker": "w0", "detail": {"duration": 0.5}}
    view.apply(change("u", running, TaskState.DONE, "finished", 10, **finished))
    assert [row[2:6] for row in view.snapshot()["spans"]] == [
        ["w1", 7.0, None, "running"],
        ["w0", 9.5, 10.0, "done"],
    ]


def test_one_of_two_attempts_may_die() -> None:
    view = GraphView()
    ready, running = TaskState.READY, TaskState.RUNNING
    view.apply(change("t", None, ready, "queued", 1))
    view.apply(change("t", ready, running, "dispatched", 2, attempt=1, worker="w0"))
    view.apply(change("t", running, running, "started", 3, attempt=1, worker="w0"))
    view.apply(change("t", running, running, "cloned", 4, attempt=2, worker="w1"))
    view.apply(change("t", running, running, "started", 5, attempt=2, worker="w1"))
    view.apply(change("t", running, running, "attempt-failed", 6, attempt=1, worker="w0"))
    node = view.snapshot()["nodes"]["t"]
    assert (node["worker"], node["since"]) == ("w1", 5.0)
    assert [row[5] for row in view.snapshot()["spans"]] == ["failed", "running"]


def test_what_is_seen_twice_or_not_drawn_does_no_harm() -> None:
    feed = [item for item in demo() if isinstance(item, Change)]
    view = shown(feed)
    before = view.snapshot()
    assert not view.update(feed)
    assert not view.apply(Frame("clean-1", 1, 0, "stream", {"name": "stdout", "text": "x"}))
    assert not view.apply(Progress("nobody", 1, 1, 2))
    assert not view.apply("a marker")
    assert view.snapshot() == before


def test_a_rerun_cell_takes_the_place_of_the_old_one() -> None:
    view = shown(demo())
    view.mark_stale(["compare-1", "plot-1"])
    assert view.snapshot()["run"]["stale"] == 2
    view.supersede("clean-1", "clean-2")
    late = change("clean-1", TaskState.DONE, TaskState.DONE, "forgotten", 9_000)
    assert not view.apply(late)
    view.apply(change("clean-2", None, TaskState.READY, "queued", 9_001))
    snapshot = view.snapshot()
    assert "clean-1" not in snapshot["nodes"]
    assert ["clean-2", "join-1"] in snapshot["edges"]
    assert not snapshot["run"]["finished"]
    view.forget(["clean-2", "plot-1"])
    assert view.finished
    assert view.snapshot()["run"]["stale"] == 1
    first = next(item for item in demo() if item.task == "plot-1")
    assert not view.apply(first)  # an old batch that arrives again does not bring it back


def test_piles_stand_for_their_tasks_and_open() -> None:
    view = shown(until(folded(), 4.0))
    snapshot = view.snapshot()
    assert snapshot["boxes"] == [
        "load", "split", "group:parse", "group:score", "group:embed", "reduce", "publish",
    ]  # fmt: skip
    assert ["group:parse", "group:score"] in snapshot["edges"]
    pile = snapshot["nodes"]["group:score"]
    assert pile["total"] == sum(pile["counts"].values()) == 332
    assert pile["state"] == "running"
    assert len(view.members("score")) == 332
    assert len(json.dumps(snapshot["nodes"])) < 3_000
    assert view.open_group("parse")
    assert len(view.shape()[0]) == 6 + 332
    assert not view.open_group("embed")  # too many boxes
    assert view.open_group("parse", opened=False)
    assert len(view.shape()[0]) == 7


def test_what_earlier_runs_know_is_the_first_estimate() -> None:
    run = Run(workers=1)
    run.task("a", group="fit", seconds=4)
    view = shown(until(run.feed(), 1.0), history={"fit": 3.5}.get)
    assert view.snapshot()["nodes"]["a"]["estimate"] == 3.5


def test_badges_say_what_is_special_about_a_result() -> None:
    view = shown(until(demo(), 0.5))
    labels = {"keyed by provenance": "conn"}
    task = Task(id="q", name="query", labels=labels)
    view.apply(change("q", None, TaskState.PROBING, "submitted", 9_000, detail={"task": task}))
    assert view.snapshot()["nodes"]["q"]["badges"] == {"provenance": "conn"}
    hit = ActionResult("0" * 64, {}, 2.0, transcript="1" * 64, origin="ann@box")
    view.apply(change("q", TaskState.PROBING, TaskState.DONE, "hit", 9_001, detail={"hit": hit}))
    node = view.snapshot()["nodes"]["q"]
    assert node["badges"] == {"provenance": "conn", "replayed": "ann@box"}
    view.apply(change("q", TaskState.DONE, TaskState.PROBING, "retried", 9_002))
    kept = hit._replace(origin="accepted by hand", transcript=None)
    view.apply(change("q", TaskState.PROBING, TaskState.DONE, "hit", 9_003, detail={"hit": kept}))
    assert view.snapshot()["nodes"]["q"]["badges"] == {"provenance": "conn", "accepted": ""}
    view.badge(["q", "nobody"], "accepted", None)
    assert view.snapshot()["nodes"]["q"]["badges"] == {"provenance": "conn"}
    piles = shown(folded(60), fold_above=10)
    piles.badge(["p1", "p2"], "replayed", "x")
    assert piles.snapshot()["nodes"]["group:parse"]["badges"] == {"replayed": 2}
    piles.forget(["p1"])
    assert piles.snapshot()["nodes"]["group:parse"]["badges"] == {"replayed": 1}


def test_what_was_done_before_we_listened_is_told_by_one_change() -> None:
    view = GraphView()
    detail = {"task": Task(id="t", name="fit[1]", group="fit"), "duration": 3.0}
    done = Change(0, 50.0, "t", None, TaskState.DONE, "finished", 1, "w3", detail)
    assert view.apply(done)
    node = view.snapshot()["nodes"]["t"]
    assert (node["state"], node["seconds"], node["worker"]) == ("done", 3.0, "w3")
    view.apply(change("u", None, TaskState.READY, "queued", 60, detail={"task": Task(id="u", name="fit[2]", group="fit")}))  # fmt: skip
    view.apply(change("u", TaskState.READY, TaskState.RUNNING, "started", 61, attempt=1))
    assert view.snapshot()["nodes"]["u"]["estimate"] == 3.0


def test_one_more_in_a_pile_needs_no_new_layout() -> None:
    feed = folded(60)
    view = shown(feed, fold_above=10)
    view.shape()
    before = view.topology
    ref = (("x", ObjectRef("split")),)
    for i in (100, 101):
        task = Task(id=f"p{i}", name=f"parse[{i}]", group="parse", inputs=ref)
        view.apply(change(task.id, None, TaskState.READY, "queued", 9_000 + i, detail={"task": task}))  # fmt: skip
    assert view.topology == before
    assert view.snapshot()["nodes"]["group:parse"]["total"] == 20
    odd = Task(id="p102", name="parse[102]", group="parse", inputs=(("x", ObjectRef("reduce")),))
    view.apply(change("p102", None, TaskState.WAITING, "queued", 9_103, detail={"task": odd}))
    assert view.topology > before
    assert ["reduce", "group:parse"] in view.snapshot()["edges"]


def test_a_finished_task_of_a_pile_is_small() -> None:
    count = 4_000
    tracemalloc.start()
    try:
        view = GraphView()
        before = tracemalloc.get_traced_memory()[0]
        for item in many(count):
            view.apply(item)
        gc.collect()
        each = (tracemalloc.get_traced_memory()[0] - before - _size_of_bars(view)) / count
    finally:
        tracemalloc.stop()
    assert each < 700, f"{each:.0f} bytes, its id and name included"
    assert len(json.dumps({**view.snapshot(), "spans": []})) < 2_000
    assert view.detail("score-00001") is not None


def _size_of_bars(view: GraphView) -> int:
    """The timeline keeps the latest few thousand, however many there are."""
    rows = view.snapshot()["spans"]
    return sum(sys.getsizeof(row) + sum(map(sys.getsizeof, row[3:5])) + 220 for row in rows)


def many(count: int) -> Iterator[Change]:
    """The feed of a map of `count` tasks, each on one of another; texts are made anew for each."""
    seq = 0

    def say(*told: Any, detail: dict[str, Any] | None = None) -> Change:
        nonlocal seq
        seq += 1
        return Change(seq, seq * 1e-3, *told, detail or {})

    ids = [f"{'parse' if i % 2 else 'score'}-{i // 2:05}" for i in range(count)]
    for i, task in enumerate(ids):
        group = task.partition("-")[0]
        needs = () if group == "parse" else (("x", ObjectRef(f"parse-{i // 2:05}")),)
        made = Task(id=task, name=f"{group}[{i // 2}]", group=group, inputs=needs)
        yield say(task, None, S.READY, "submitted", 0, "", detail={"task": made})
    for task in ids:
        yield say(task, S.READY, S.RUNNING, "dispatched", 1, "w1")
        yield say(task, S.RUNNING, S.RUNNING, "started", 1, "w1")
        told = {"duration": seq * 1e-4, "key": f"{seq:064x}"}
        yield say(task, S.RUNNING, S.DONE, "finished", 1, "w1", detail=told)


# -------------------------------------------------------------------------- the law


FEEDS = {
    "demo": demo(),
    "troubled": demo(troubled=True),
    "layers": layers(40, width=8),
    "folded": folded(60),
}


# Without shrinking: of so long a story it takes minutes, and the first failure says enough.
@settings(max_examples=60, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(data=st.data())
def test_a_snapshot_and_its_deltas_always_equal_the_next_snapshot(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(FEEDS)))
    feed = FEEDS[name]
    view = GraphView(fold_above=data.draw(st.sampled_from([10, 300])))
    known = [view.snapshot()]
    at = 0
    while at < len(feed):
        step = data.draw(st.integers(1, max(1, len(feed) // 3)))
        view.update(feed[at : at + step])
        at += step
        ids = [card.id for card in view.cards()]
        acts = ["none", "stale", "forget", "supersede", "open", "badge", "foresee"]
        act = data.draw(st.sampled_from(acts))
        task = data.draw(st.sampled_from(ids))
        if act == "stale":
            view.mark_stale([task])
        elif act == "forget":
            view.forget([task])
        elif act == "supersede":
            view.supersede(task, data.draw(st.sampled_from(ids)))
        elif act == "open":
            view.open_group(data.draw(st.sampled_from(["score", "fit", "parse"])))
        elif act == "badge":
            view.badge([task], "accepted", data.draw(st.sampled_from(["why", None])))
        elif act == "foresee":
            view.foresee(view.latest, data.draw(st.sampled_from([None, 3])))
        now = view.snapshot()
        # From the revision before, and from one long ago.
        for old in (known[-1], data.draw(st.sampled_from(known))):
            kept = copy.deepcopy(old)
            assert merge(old, view.delta(old["rev"])) == now
            assert old == kept
        known.append(now)
        assert sum(now["run"]["counts"].values()) == now["run"]["total"] == len(view.cards())
        for node in now["nodes"].values():
            if node["kind"] == "group":
                assert sum(node["counts"].values()) == node["total"]


def test_a_gap_is_noticed() -> None:
    view = shown(demo())
    snapshot = view.snapshot()
    assert view.delta(snapshot["rev"] + 1)["full"]
    assert merge(GraphView().snapshot(), view.delta(10_000)) == snapshot
    with pytest.raises(ValueError, match="continues"):
        merge({**snapshot, "rev": 3}, view.delta(5))


def test_stories_told_one_after_the_other_are_all_followed() -> None:
    feed = [item for item in demo(troubled=True) if isinstance(item, Change)]
    stories = [c for task in sorted({c.task for c in feed}) for c in feed if c.task == task]
    whole, missed = shown(feed).snapshot(), shown(until(feed, 9.0))
    missed.update(stories)
    for told in (shown(stories), missed):
        nodes = told.snapshot()["nodes"]
        assert {i: n["state"] for i, n in nodes.items()} == {
            i: n["state"] for i, n in whole["nodes"].items()
        }
        before = told.snapshot()
        told.update(stories)
        assert told.snapshot() == before, "told twice is told once"


def test_a_runtime_that_was_started_again_counts_anew() -> None:
    first = until([c for c in demo() if isinstance(c, Change)], 14.0)
    view = shown(first)
    running = {c.task for c in first if view.snapshot()["nodes"][c.task]["state"] == "running"}
    assert running
    again = []
    for number, task in enumerate(sorted(running)):
        states = (None, S.READY, S.RUNNING, S.RUNNING, S.DONE)
        whys = ("submitted", "dispatched", "started", "finished")
        steps = zip(states, states[1:], whys, strict=False)
        for step, (old, new, why) in enumerate(steps):
            at = 200.0 + number + 0.1 * step
            again.append(Change(4 * number + step + 1, at, task, old, new, why, 1, "w9", {}))
    view.update(again)
    snapshot = view.snapshot()
    assert all(snapshot["nodes"][task]["state"] == "done" for task in running)
    assert all(snapshot["nodes"][task]["worker"] == "w9" for task in running)
    assert view.detail(min(running))["attempts"][0]["outcome"] == "moved"
