"""What a host relies on beside the rules themselves: atomicity, batches, take-over, memory."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest

from orion_nb.core import transitions
from orion_nb.core.commands import ProbeCache, RunTask, StartTimer
from orion_nb.core.events import (
    Finished,
    Forgotten,
    RetryRequested,
    Started,
    Submitted,
    TimerFired,
    WorkerJoined,
)
from orion_nb.core.model import ObjectRef, Output, Policy, Task
from orion_nb.core.policies import SchedulerConfig
from orion_nb.core.scheduler import Scheduler
from orion_nb.exceptions import CyclicGraph, InvalidTransition, UnknownDependency, UsageError

from .language import Script

OUTPUTS = {"value": Output("0" * 64, 1)}
LIFECYCLE = Path(__file__).parents[2] / "docs" / "lifecycle.md"


def test_the_picture_in_the_docs_is_not_stale() -> None:
    assert LIFECYCLE.read_text(encoding="utf-8") == transitions.document()


def test_every_word_of_the_table_is_explained_and_every_explained_word_is_used() -> None:
    assert {why for _, why in transitions.TABLE} == set(transitions.WHY)


def test_a_refused_request_changes_nothing(script: Script) -> None:
    scheduler = script.scheduler
    script.run("submit a b(x=a)")
    before = scheduler.outstanding(), scheduler.tasks(), scheduler.story("b")
    cycle = (Task("c", "c", after=("d",)), Task("d", "d", after=("c",)))
    with pytest.raises(CyclicGraph, match="c → d → c"):
        scheduler.step(Submitted(1.0, (Task("fine", "fine"), *cycle)))
    with pytest.raises(UnknownDependency, match="nobody"):
        scheduler.step(RetryRequested(1.0, ("a", "nobody")))
    with pytest.raises(UsageError):
        scheduler.step("not an event")  # type: ignore[arg-type]
    assert (scheduler.outstanding(), scheduler.tasks(), scheduler.story("b")) == before


def test_what_cannot_be_true_is_refused_with_the_story(script: Script) -> None:
    script.run("worker w1")
    script.run("submit a")
    with pytest.raises(InvalidTransition, match="never dispatched") as refused:
        script.scheduler.step(Started(1.0, "a", 7, "w1"))
    assert [change.why for change in refused.value.story] == ["queued", "dispatched"]


def test_many_events_give_the_effects_of_each_in_order() -> None:
    events = [
        WorkerJoined(0.0, "w1"),
        Submitted(0.0, (Task("a", "a"), Task("b", "b", (("x", ObjectRef("a")),)))),
        Started(1.0, "a", 1, "w1"),
        Finished(2.0, "a", 1, "w1", OUTPUTS, 1.0),
    ]
    one_by_one, at_once = Scheduler(), Scheduler()
    steps = [one_by_one.step(event) for event in events]
    together = at_once.step_many(events)
    assert together.commands == tuple(c for step in steps for c in step.commands)
    assert together.changes == tuple(c for step in steps for c in step.changes)


def test_effects_before_a_refused_event_come_with_the_next_call() -> None:
    scheduler = Scheduler()
    good, bad = Submitted(0.0, (Task("a", "a"),)), Submitted(0.0, (Task("a", "a"),))
    with pytest.raises(UsageError):
        scheduler.step_many([good, bad])
    assert [change.task for change in scheduler.step_many(()).changes] == ["a"]
    assert scheduler.step_many(()) == ((), ())


def test_a_story_is_bounded_and_keeps_its_beginning_and_its_end() -> None:
    scheduler = Scheduler(SchedulerConfig(story_limit=8, random=lambda: 1.0))
    scheduler.step(WorkerJoined(0.0, "w1"))
    scheduler.step(Submitted(0.0, (Task("a", "a", policy=Policy(retries=50)),)))
    script = Script()
    script.scheduler = scheduler
    script._workers.update({("a", number): "w1" for number in range(60)})
    for number in range(1, 30):
        script.run("failed a again")
        scheduler.step(TimerFired(script.now, f"backoff:{number}:a"))
    story = scheduler.story("a")
    assert len(story) == 8
    assert story[0].old is None
    assert story[0].detail["task"].id == "a"
    assert story[-1].why == "dispatched"
    assert [change.seq for change in story] == sorted(change.seq for change in story)


def test_a_new_host_hears_of_all_that_is_open() -> None:
    """A queued attempt, a probe, timers; what is final asks for nothing."""
    script = Script()
    for line in (
        "worker w1",
        "submit a{timeout=5} b{cached} c(x=a){wait=9} d",
        "started a",
        "+2",
        "timer nothing",
    ):
        script.run(line)
    orders = script.scheduler.outstanding()
    assert {type(order) for order in orders} == {RunTask, ProbeCache, StartTimer}
    delays = {order.timer: order.delay for order in orders if isinstance(order, StartTimer)}
    assert delays == {"wait:1:c": 7.0, "run:1:a": 3.0}


def test_forgotten_tasks_free_their_memory_even_in_a_chain() -> None:
    scheduler = Scheduler()
    scheduler.step(WorkerJoined(0.0, "w1"))
    nodes = []
    for number in range(50):
        inputs = (("x", ObjectRef(f"t{number - 1}")),) if number else ()
        scheduler.step(Submitted(0.0, (Task(f"t{number}", "t", inputs, group="g"),)))
        scheduler.step(Finished(1.0, f"t{number}", 1, "w1", OUTPUTS, 1.0))
        nodes.append(_reference(scheduler, f"t{number}"))
        if number:
            scheduler.step(Forgotten(1.0, (f"t{number - 1}",)))
            scheduler.validate()
    gc.collect()
    assert [reference() is None for reference in nodes] == [True] * 49 + [False]
    assert list(scheduler._machine.ghosts) == ["t48"]  # for the last, should it be restored


def _reference(scheduler: Scheduler, task: str) -> weakref.ref[object]:
    """To the task itself: the machine's record of it cannot be referred to weakly."""

    class Labels(dict):  # type: ignore[type-arg]
        pass

    node = scheduler._machine.nodes[task]
    labels = Labels()
    node.task = Task(node.task.id, "t", node.task.inputs, labels=labels)
    return weakref.ref(labels)


def test_a_chain_of_many_thousands_fails_without_recursion() -> None:
    tasks = [Task("t0", "t")]
    tasks += [Task(f"t{n}", "t", (("x", ObjectRef(f"t{n - 1}")),)) for n in range(1, 5_000)]
    script = Script(after_step=lambda scheduler: None)
    script.feed(WorkerJoined(0.0, "w1"))
    script.feed(Submitted(0.0, tuple(tasks)))
    script.run("failed t0 broken")
    assert script.scheduler.unfinished() == 0
    assert script.scheduler.info("t4999").root == "t0"
    script.feed(RetryRequested(1.0, ("t4999",), downstream=False))
    assert script.scheduler.unfinished() == 5_000
    script.scheduler.validate()
