"""Everything that travels arrives as it was; nothing malformed gets in."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orion_nb import exceptions
from orion_nb.core.commands import Change
from orion_nb.core.model import (
    ActionResult,
    CacheMode,
    Component,
    Frame,
    KeyRecipe,
    ObjectRef,
    Output,
    Policy,
    Progress,
    Task,
    TaskError,
    TaskState,
    WorkerKind,
)
from orion_nb.core.reports import (
    CacheEntry,
    CacheReport,
    KeyUse,
    RuntimeReport,
    SessionReport,
    TaskReport,
    WorkerReport,
)
from orion_nb.rpc import errors, metadata, reports
from orion_nb.rpc.events import item_from, write_item
from orion_nb.rpc.generated import runtime_pb2, stream_pb2, tasks_pb2
from orion_nb.rpc.surroundings import surroundings_from, surroundings_message
from orion_nb.rpc.tables import Malformed, TableReader, TableWriter, clean

DIGEST = "ab" * 32
TASK = Task(
    "clean-1",
    "clean",
    (("0", ObjectRef("load-1")), ("1", ObjectRef("split-2", "left"))),
    ("before-3",),
    ("one", "two"),
    "group",
    KeyRecipe((Component("code", "clean", DIGEST, "at line 7"),), ("frame",)),
    "because",
    Policy(CacheMode.OFF, 3, 4, 1.5, 2.5, 3.5, True, WorkerKind.THREAD, -2),
    "a notebook.ipynb",
    {"cell": "c1", "index": "3"},
)
HIT = ActionResult(DIGEST, {"value": Output(DIGEST, 7)}, 1.25, DIGEST, "user@host", 12.5)
ERROR = TaskError("exception", "ValueError", "no \udc80", "Traceback …", DIGEST, False)
PLAIN_ERROR = ERROR._replace(message="no \\udc80")

texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
any_text = st.text(max_size=20)


def through_tables(task: Task) -> Task:
    writer, message = TableWriter(), tasks_pb2.Task()
    writer.task(task, message)
    tables = tasks_pb2.Tables.FromString(writer.tables.SerializeToString())
    return TableReader(tables).task(tasks_pb2.Task.FromString(message.SerializeToString()))


def through_feed(item: Any) -> Any:
    writer, message = TableWriter(), stream_pb2.Item()
    write_item(item, message, writer)
    read = stream_pb2.Item.FromString(message.SerializeToString())
    return item_from(read, TableReader(writer.tables))


def test_tasks() -> None:
    assert through_tables(TASK) == TASK
    assert through_tables(Task("t", "")) == Task("t", "")


@given(name=texts, group=texts, labels=st.dictionaries(texts, texts, max_size=3))
def test_any_names(name: str, group: str, labels: dict[str, str]) -> None:
    task = Task("t", name, group=group, labels=labels, outputs=(name or "value",))
    assert through_tables(task) == task


@given(any_text)
def test_text_that_is_no_utf_8_is_written_out(text: str) -> None:
    told = clean(text).encode().decode()
    if not any("\ud800" <= char <= "\udfff" for char in text):
        assert told == text


@pytest.mark.parametrize(
    "item",
    [
        Change(7, 1.5, "t", None, TaskState.WAITING, "submitted", detail={"task": TASK}),
        Change(8, 2.5, "t", TaskState.PROBING, TaskState.DONE, "hit", detail={"hit": HIT}),
        Change(
            9,
            3.5,
            "t",
            TaskState.RUNNING,
            TaskState.DONE,
            "finished",
            2,
            "p1",
            {
                "outputs": {"value": Output(DIGEST, 7)},
                "duration": 1.5,
                "clone": True,
                "count": 4,
                "root": "load-1",
                "names": ("a", "b"),
            },
        ),
        Frame("t", 1, 0, "stream", {"name": "stdout", "text": "é\udc80\n"}, 5.5),
        Progress("t", 1, 1.0, 3.0, "half", 6.5),
    ],
    ids=lambda item: getattr(item, "why", type(item).__name__),
)
def test_the_feed(item: Any) -> None:
    assert through_feed(item) == item


def test_errors_in_changes() -> None:
    change = Change(
        1, 1.0, "t", TaskState.RUNNING, TaskState.FAILED, "failed", detail={"error": ERROR}
    )
    assert through_feed(change).detail == {"error": PLAIN_ERROR}


def test_reports() -> None:
    story = (Change(1, 1.0, "t", None, TaskState.WAITING, "submitted", detail={"task": TASK}),)
    task = TaskReport(
        TASK, TaskState.DONE, DIGEST, {"one": Output(DIGEST, 1)}, None, HIT, "", story
    )
    failed = TaskReport(TASK, TaskState.FAILED, None, {}, PLAIN_ERROR, None, "load-1", ())
    assert reports.task_reports_from(reports.task_reports([task, failed])) == [task, failed]
    uses = (KeyUse(DIGEST, TASK.recipe.components if TASK.recipe else (), 2.5),)
    assert reports.key_uses_from(reports.key_uses(uses)) == uses
    cache = CacheReport(3, 400, None, "/cache")
    assert reports.cache_state_from(reports.cache_state(cache)) == cache
    entries = [CacheEntry(DIGEST, "clean", 12, 1.5, 2.5)]
    assert reports.cache_entries_from(reports.cache_entries(entries)) == entries
    runtime = RuntimeReport(
        "detached",
        12,
        "0.1",
        "3.11.2",
        1.5,
        "/cache",
        "/log",
        (WorkerReport("p1", "process", "t"),),
        ("restarted",),
        (SessionReport("nb", True, 1, 2, 3, 4),),
    )
    assert reports.runtime_state_from(reports.runtime_state(runtime)) == runtime


@given(st.text(max_size=10), st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3))
def test_surroundings_hold_any_text(directory: str, environment: dict[str, str]) -> None:
    told = (directory, (directory, "b"), environment)
    message = surroundings_message(*told)
    read = stream_pb2.Surroundings.FromString(message.SerializeToString())
    assert surroundings_from(read) == told


def test_every_exception_travels_as_itself() -> None:
    for name in vars(exceptions):
        cls = getattr(exceptions, name)
        if isinstance(cls, type) and issubclass(cls, exceptions.OrionError):
            told = errors.error_message(cls("words"))
            again = errors.error_from(told.type, told.message)
            assert type(again) is cls
            assert str(again) == "words"
    assert type(errors.error_from("FromTheFuture", "words")) is exceptions.OrionError
    bug = errors.error_message(ZeroDivisionError("oh"))
    assert bug.type == "OrionBug"
    assert "ZeroDivisionError: oh" in bug.message


def test_malformed_tasks_are_refused() -> None:
    reader = TableReader(tasks_pb2.Tables(strings=["a"], policies=[tasks_pb2.Policy()]))
    for wrong in (
        tasks_pb2.Task(id="t", name=5),
        tasks_pb2.Task(id="t", policy=1),
        tasks_pb2.Task(id="t", outputs=[9]),
        tasks_pb2.Task(id="t", labels=[0]),
        tasks_pb2.Task(id="t", recipe=tasks_pb2.Recipe(components=[0])),
    ):
        with pytest.raises(Malformed):
            reader.task(wrong)
    for tables in (
        tasks_pb2.Tables(policies=[tasks_pb2.Policy(cache=9)]),
        tasks_pb2.Tables(policies=[tasks_pb2.Policy(kind=9)]),
    ):
        with pytest.raises(Malformed):
            TableReader(tables)
    with pytest.raises(Malformed):
        item_from(stream_pb2.Item(change=tasks_pb2.Change(task="t")), reader)
    with pytest.raises(Malformed):
        item_from(stream_pb2.Item(frame=tasks_pb2.Frame(task="t", data=b"{")), reader)
    with pytest.raises(Malformed):
        item_from(stream_pb2.Item(frame=tasks_pb2.Frame(task="t", data=b"[]")), reader)
    assert item_from(stream_pb2.Item(), reader) is None
    with pytest.raises(Malformed):
        reports.task_reports_from(runtime_pb2.TaskReports(reports=[runtime_pb2.TaskReport()]))
    with pytest.raises(Malformed):
        surroundings_from(stream_pb2.Surroundings(environment=[b"odd"]))


def test_credentials() -> None:
    sent = metadata.credentials("secret", "Flüge \udc80.ipynb")
    assert all(value.isascii() for _, value in sent)
    assert metadata.session_of(sent) == "Flüge \\udc80.ipynb"
    assert metadata.is_welcome(sent, "secret")
    assert not metadata.is_welcome(sent, "other")
    assert not metadata.is_welcome((), "secret")


def test_generated_code_is_what_the_protocol_says() -> None:
    pytest.importorskip("grpc_tools")
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, "-m", "orion_tools.protos", "--check"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=root)
    assert run.returncode == 0, run.stderr
