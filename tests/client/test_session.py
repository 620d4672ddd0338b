"""The contract of a session, kept by every kind of it."""

from __future__ import annotations

import os
import platform
import threading
from typing import Any

import pytest

from orion_nb import progress
from orion_nb.client import Call, travel
from orion_nb.client.session import Session
from orion_nb.core.action import action_key
from orion_nb.core.commands import Change
from orion_nb.core.model import (
    Component,
    KeyRecipe,
    ObjectRef,
    Policy,
    Progress,
    TaskState,
    WorkerKind,
)
from orion_nb.exceptions import (
    NotPicklable,
    ObjectUnavailable,
    TaskCancelled,
    TaskFailed,
    UnknownDependency,
    UsageError,
)


def add(a: int, b: int) -> int:
    print(a, "+", b)
    return a + b


def both(a: int) -> dict[str, int]:
    return {"one": a, "two": a + 1}


def busy() -> None:
    threading.Event().wait()


def halves() -> None:
    progress(1, 2, "half")


def fails() -> None:
    raise KeyError("missing")


def recipe(*parts: str) -> KeyRecipe:
    return KeyRecipe(tuple(Component("code", part, "0" * 64) for part in parts))


def printed(session: Session, task: str) -> str:
    """It may arrive in several pieces."""
    return "".join(frame.data["text"] for frame in session.frames(task))


def test_a_graph_of_calls_with_named_outputs(session: Session) -> None:
    first, second = session.new_task_id("first"), session.new_task_id("second")
    calls = [
        Call(add, (ObjectRef(second, "one"), ObjectRef(second, "two")), id=first),
        Call(both, (4,), id=second, outputs=("one", "two")),
    ]
    assert session.submit(calls) == [first, second]
    assert session.result(ObjectRef(first), 30) == 9
    report = session.report(first)
    assert report is not None
    assert report.state is TaskState.DONE
    assert [ref for _, ref in report.task.inputs] == [
        ObjectRef(second, "one"),
        ObjectRef(second, "two"),
    ]
    assert printed(session, first) == "4 + 5\n"
    session.forget([first, second])
    assert session.report(first) is None
    assert session.frames(first) == []


def test_nothing_is_half_submitted(session: Session) -> None:
    good = session.new_task_id("good")
    with pytest.raises(UnknownDependency):
        session.submit([Call(add, (1, 2), id=good), Call(add, (ObjectRef("nowhere"), 1))])
    with pytest.raises(NotPicklable):
        session.submit([Call(add, (1, 2), id=good), Call(add, (threading.Lock(), 1))])
    assert session.report(good) is None


def test_the_feed_tells_everything_in_order(session: Session) -> None:
    items: list[Any] = []
    ended = threading.Event()

    def listen(batch: Any) -> None:
        items.extend(batch)
        if any(isinstance(item, Change) and item.new.final for item in batch):
            ended.set()

    watch = session.watch(listen)
    (task,) = session.submit([Call(halves)])
    assert ended.wait(30)
    watch.close()
    mine = [item for item in items if item.task == task]
    assert mine[0].detail["task"].id == task
    assert [p.message for p in mine if isinstance(p, Progress)] == ["half"]
    assert mine[-1].new is TaskState.DONE
    assert mine[0].at <= session.clock()


def test_hits_keys_and_history(session: Session) -> None:
    call = Call(add, (1, 2), name="sum", group="sums", recipe=recipe("sum"))
    (first,) = session.submit([call])
    assert session.result(ObjectRef(first), 30) == 3
    report = session.report(first)
    assert report is not None
    assert report.key is not None
    assert session.probe([report.key])[report.key] is not None
    (second,) = session.submit([call])
    assert session.result(ObjectRef(second), 30) == 3
    again = session.report(second)
    assert again is not None
    assert again.hit is not None
    assert printed(session, second) == "1 + 2\n"
    assert [used.key for used in session.earlier_keys("sum")] == [report.key]
    assert session.cache_report().entries == 1
    assert [entry.name for entry in session.cache_list()] == ["sum"]
    assert session.cache_clear() == 1
    assert session.probe([report.key]) == {report.key: None}


def test_cancel_retry_and_failure(session: Session) -> None:
    (task,) = session.submit([Call(busy)])
    session.cancel([task, "unknown"])
    with pytest.raises(TaskCancelled):
        session.result(ObjectRef(task), 30)
    (bad,) = session.submit([Call(fails, policy=Policy(retries=0))])
    with pytest.raises(TaskFailed) as caught:
        session.result(ObjectRef(bad), 30)
    assert isinstance(caught.value.__cause__, KeyError)
    session.retry([bad])
    with pytest.raises(TaskFailed):
        session.result(ObjectRef(bad), 30)
    report = session.report(bad)
    assert report is not None
    assert [change.why for change in report.story].count("failed") == 2


def test_stored_values_and_workers(session: Session) -> None:
    ref = session.put("big", list(range(10)))
    (task,) = session.submit([Call(len, (ref,))])
    assert session.result(ObjectRef(task), 30) == 10
    assert [worker.kind for worker in session.workers()] == ["process", "process"]
    session.resize(1)
    assert len(session.workers()) == 1
    session.resize(2)


def test_inputs_as_the_task_gets_them(session: Session) -> None:
    ref = session.put("numbers", [1, 2, 3])
    (task,) = session.submit([Call(sorted, (ref,), {"reverse": True})])
    (late,) = session.submit([Call(busy)])
    (waits,) = session.submit([Call(len, (ObjectRef(late),))])
    (shared,) = session.submit([Call(len, ([ref],), policy=Policy(kind=WorkerKind.THREAD))])
    assert session.inputs(task) == (([1, 2, 3],), {"reverse": True})
    assert session.inputs(shared) == (([[1, 2, 3]],), {})
    with pytest.raises(ObjectUnavailable):
        session.inputs(waits)
    with pytest.raises(UnknownDependency):
        session.inputs("nobody")
    session.cancel_all("somebody else")
    report = session.report(late)
    assert report is not None
    assert not report.state.final
    session.cancel_all()
    with pytest.raises(TaskCancelled):
        session.result(ObjectRef(waits), 30)


def test_a_result_accepted_under_another_key(session: Session) -> None:
    (task,) = session.submit([Call(add, (2, 3), name="sum", recipe=recipe("before"))])
    assert session.result(ObjectRef(task), 30) == 5
    edited = recipe("after")
    session.accept(task, action_key(edited), edited.components, "sum")
    (again,) = session.submit([Call(fails, name="sum", recipe=edited)])
    assert session.result(ObjectRef(again), 30) == 5
    assert printed(session, again) == "2 + 3\n"
    (bad,) = session.submit([Call(fails)])
    with pytest.raises(UsageError):
        session.accept(bad, action_key(edited), edited.components, "sum")


def test_notes_overview_and_environment(session: Session) -> None:
    session.note("cells", b"abc")
    assert session.notes() == {"cells": b"abc"}
    session.note("cells", None)
    assert session.notes() == {}
    with pytest.raises(UsageError):
        session.note("much", bytes((1 << 20) + 1))
    assert session.earlier() == []
    (task,) = session.submit([Call(add, (1, 2))])
    assert session.result(ObjectRef(task), 30) == 3  # there are workers now
    overview = session.overview()
    assert overview.kind in ("in-process", "detached")
    assert overview.pid == os.getpid()
    assert [w.kind for w in overview.workers].count("process") == 2
    assert overview.sessions[0].connected
    versions = session.environment(["numpy", "sklearn", "no_such_package"])
    assert versions["python"] == platform.python_version()
    assert versions["numpy"][0].isdigit()
    assert versions["sklearn"][0].isdigit()
    assert versions["no_such_package"] == ""
    assert versions == travel.environment(["numpy", "sklearn", "no_such_package"])
