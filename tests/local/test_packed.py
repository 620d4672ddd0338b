"""Graphs that were packed elsewhere, as a server of the runtime submits them."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from orion_nb.core.model import Component, KeyRecipe, ObjectRef, Task, TaskState
from orion_nb.exceptions import CyclicGraph, DuplicateTask, UnknownDependency
from orion_nb.local import Call
from orion_nb.local.calls import Watcher, prepare
from orion_nb.local.packed import PackedCall
from orion_nb.local.runtime import Runtime
from orion_nb.store import codec

from .conftest import text_of

HERE = Watcher().now()


def packed(runtime: Runtime, *calls: Call) -> list[PackedCall]:
    return [PackedCall(*prepare(call, lambda: runtime.store), HERE) for call in calls]


def add(a, b):
    return a + b


def say(text):
    print(text)


def test_a_packed_graph_runs_in_any_order_of_its_tasks(shared):
    graph = packed(
        shared,
        Call(add, (ObjectRef("p-a"), ObjectRef("p-b")), id="p-sum"),
        Call(int, (3,), id="p-a"),
        Call(int, (4,), id="p-b"),
    )
    shared.submit_packed(graph)
    assert shared.get(ObjectRef("p-sum")) == 7
    with pytest.raises(DuplicateTask):
        shared.submit_packed(packed(shared, Call(int, id="p-new"), Call(int, id="p-a")))
    with pytest.raises(UnknownDependency):
        shared.submit_packed(packed(shared, Call(int, id="p-new"), Call(int, (ObjectRef("p-x"),))))
    with pytest.raises(CyclicGraph):
        shared.submit_packed(
            packed(
                shared,
                Call(int, (ObjectRef("p-2"),), id="p-1"),
                Call(int, (ObjectRef("p-1"),), id="p-2"),
            )
        )
    assert "p-new" not in shared.tasks()


def test_nothing_is_unpickled_in_the_host(shared, monkeypatch):
    recipe = KeyRecipe((Component("code", "say", "5" * 64),))
    said = Call(say, ("hello",), id="said", recipe=recipe)
    shared.submit_packed(packed(shared, said))
    shared.wait([ObjectRef("said")])
    graph = packed(
        shared,
        Call(add, (1, 2), id="q-1"),
        Call(add, (ObjectRef("q-1"), 1), id="q-2"),
        replace(said, id="said again"),
    )

    def refuse(*args):
        raise AssertionError("the host has unpickled something")

    with monkeypatch.context() as patch:
        patch.setattr(codec, "decode", refuse)
        patch.setattr(codec, "decode_call", refuse)
        shared.submit_packed(graph)
        shared.wait([ObjectRef("q-2"), ObjectRef("said again")])
        assert shared.info("said again").hit is not None
        assert text_of(shared.frames("said again")) == "hello\n"
    assert shared.get(ObjectRef("q-2")) == 4


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_given_value_is_an_input_like_any_other(shared, size):
    encoded = codec.encode("x" * size)
    small = size < 1000
    output = encoded.output if small else shared.store.put(encoded)
    recipe = KeyRecipe((Component("value", "text", output.digest),))
    name = f"given-{size}"
    value = PackedCall(
        Task(name, "text", recipe=recipe),
        b"",
        given=output,
        inline={output.digest: encoded.to_bytes()} if small else {},
    )
    length = packed(shared, Call(len, (ObjectRef(name),), id=f"length-{size}"))
    shared.submit_packed([*length, value])
    assert shared.get(ObjectRef(f"length-{size}")) == size
    assert shared.info(name).state is TaskState.DONE
    assert shared.get(ObjectRef(name)) == "x" * size


def test_a_batch_of_ten_thousand_is_submitted_quickly(shared):
    one = packed(shared, Call(int, (1,)))[0]
    graph = [one._replace(task=Task(f"many-{i}", "int")) for i in range(10_000)]
    start = time.perf_counter()
    shared.submit_packed(graph)
    assert time.perf_counter() - start < 3.0  # 0.2 s on a quiet machine
    shared.cancel([call.task.id for call in graph])
    shared.wait([ObjectRef(call.task.id) for call in graph])
    shared.forget([call.task.id for call in graph])


def test_a_notebook_with_a_thousand_tasks_does_not_starve_one_with_five(shared):
    one = packed(shared, Call(int, (1,)))[0]
    crowd = [one._replace(task=Task(f"crowd-{i}", "int", session="a")) for i in range(1000)]
    few = [one._replace(task=Task(f"few-{i}", "int", session="b")) for i in range(5)]
    shared.submit_packed(crowd)
    shared.submit_packed(few)
    shared.wait([ObjectRef(call.task.id) for call in few])
    shared.wait([ObjectRef(call.task.id) for call in crowd])

    def at(call, why):
        return next(c.seq for c in shared.story(call.task.id) if c.why == why)

    came = at(few[0], "queued")
    served = max(at(call, "dispatched") for call in few)
    turns = sum(came < at(call, "dispatched") < served for call in crowd)
    waited = sum(at(call, "dispatched") > served for call in crowd)
    assert turns <= 5 < waited
    shared.forget([call.task.id for call in crowd + few])
