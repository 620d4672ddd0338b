"""A durable log outside: what it is told, what is held back for it, and what comes back from it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from orion_nb.core.commands import Change
from orion_nb.core.model import ObjectRef, Policy, TaskState
from orion_nb.exceptions import TaskFailed, UnknownDependency, UsageError
from orion_nb.local import Call
from orion_nb.local.runtime import Runtime

from .conftest import Watcher, text_of
from .journals import MemoryJournal
from .test_packed import packed


def add(a, b):
    return a + b


def big(n):
    return b"x" * n


def say(text):
    print(text)
    return text


def fail_unless(path):
    if not Path(path).exists():
        raise ValueError("not yet")
    return "now"


@pytest.fixture
def journal() -> MemoryJournal:
    return MemoryJournal()


@pytest.fixture
def runtime(tmp_path: Path, journal: MemoryJournal) -> Iterator[Runtime]:
    made = Runtime(2, cache_dir=tmp_path / "cache", journal=journal)
    yield made
    made.shutdown(wait=False, cancel=True)


def start(runtime: Runtime, *calls: Call) -> None:
    runtime.submit_packed(packed(runtime, *calls))


def away(runtime: Runtime, *tasks: str) -> None:
    """Archive them, and wait until they are gone."""
    watcher = Watcher(runtime)
    runtime.archive(tasks)
    for task in tasks:
        watcher.wait_change(task, "archived")
        assert task not in runtime.tasks()
    watcher.subscription.close()


def test_the_journal_hears_of_everything_in_order(runtime, journal, tmp_path):
    flag = tmp_path / "flag"
    start(runtime, Call(fail_unless, (str(flag),), id="a"), Call(len, (ObjectRef("a"),), id="b"))
    runtime.wait([ObjectRef("b")])
    flag.touch()
    runtime.retry("a")
    assert runtime.get(ObjectRef("b")) == 3
    runtime.forget(["a", "b"])
    journal.wait_for("forgotten", "b")
    assert [what for what, task in journal.told if task == "a"] == [
        "submitted", "over", "reopened", "over", "forgotten",
    ]  # fmt: skip
    assert runtime.tasks() == ()


def test_what_is_over_is_not_known_before_it_is_durable(runtime, journal):
    watcher = Watcher(runtime)
    start(runtime, Call(say, ("hello",), id="a"))
    runtime.get(ObjectRef("a"))  # workers are warm
    journal.slow = True
    submitting = threading.Thread(
        target=start,
        args=(runtime, Call(say, ("hi",), id="b"), Call(len, (ObjectRef("b"),), id="c")),
    )
    submitting.start()
    journal.wait_for("over", "c")  # the machine goes on: what depends on it has run
    assert submitting.is_alive()  # not acknowledged yet
    with pytest.raises(TimeoutError):
        runtime.get(ObjectRef("b"), timeout=0)
    assert not [
        i for i in watcher.items if isinstance(i, Change) and (i.task, i.why) == ("b", "finished")
    ]
    late = Watcher(runtime, replay=True)
    late.wait_change("a", "finished")
    while submitting.is_alive():
        journal.write()
    submitting.join()
    assert runtime.get([ObjectRef("b"), ObjectRef("c")]) == ["hi", 2]
    for each in (watcher, late):
        each.wait_change("c", "finished")
        seqs = [item.seq for item in each.items if isinstance(item, Change)]
        assert seqs == sorted(set(seqs))
    journal.slow = False
    journal.write()


def test_a_retry_overtakes_the_news_of_the_end(runtime, journal, tmp_path):
    """Over, but not durable yet, and running again: nobody hears of the first end."""
    flag = tmp_path / "flag"
    start(runtime, Call(int, (1,), id="warm"))
    runtime.get(ObjectRef("warm"))
    graph = packed(runtime, Call(fail_unless, (str(flag),), id="a"))
    journal.slow = True
    runtime.submit_packed(graph, logged=True)
    journal.wait_for("over", "a")
    flag.touch()
    runtime.retry("a")
    journal.wait_for("over", "a", times=2)
    journal.slow = False
    journal.write()
    assert runtime.get(ObjectRef("a")) == "now"
    assert ("submitted", "a") not in journal.told  # logged: it was known


@pytest.mark.parametrize("size", [10, 300_000])
def test_archived_tasks_come_back_when_they_are_needed(runtime, journal, size):
    start(runtime, Call(big, (size,), id="a"), Call(say, ("hi",), id="s"))
    runtime.wait([ObjectRef("a"), ObjectRef("s")])
    away(runtime, "a", "s")
    start(runtime, Call(len, (ObjectRef("a"),), id="b"))  # a new task depends on it
    assert runtime.get(ObjectRef("b")) == size
    assert text_of(runtime.frames("s")) == "hi\n"  # somebody looks
    assert runtime.info("s").state is TaskState.DONE
    away(runtime, "a", "b", "s")
    assert runtime.get(ObjectRef("a")) == b"x" * size
    assert [change.why for change in runtime.story("b")][-1] == "restored"
    assert journal.found == ["a", "s", "a", "b"]
    runtime.forget("a")
    journal.wait_for("forgotten", "a")
    with pytest.raises(UnknownDependency):
        runtime.get(ObjectRef("a"))


def test_a_lost_value_is_made_again_from_the_archive(runtime, journal):
    start(
        runtime,
        Call(big, (200_000,), id="a"),
        Call(add, (ObjectRef("a"), b"y" * 200_000), id="b"),
        Call(len, (ObjectRef("b"),), id="c"),
    )
    assert runtime.get(ObjectRef("c")) == 400_000
    lost = [runtime.info(task).outputs["value"].digest for task in "ab"]
    away(runtime, "a", "b")
    for digest in lost:
        assert runtime.store.discard(digest)
    start(runtime, Call(len, (ObjectRef("b"),), id="d"))
    assert runtime.get(ObjectRef("d")) == 400_000
    assert runtime.info("a").attempts == 2
    assert [task for what, task in journal.told if what == "reopened"] == ["b", "a"]


def test_a_failed_task_is_retried_from_the_archive_with_what_it_needs(runtime, journal, tmp_path):
    flag = tmp_path / "flag"
    start(runtime, Call(fail_unless, (str(flag),), id="a"), Call(len, (ObjectRef("a"),), id="b"))
    runtime.wait([ObjectRef("b")])
    away(runtime, "b", "a")
    flag.touch()
    runtime.retry("b")
    assert runtime.get(ObjectRef("b")) == 3


def test_another_runtime_goes_on_where_one_was_killed(tmp_path, journal):
    first = Runtime(1, cache_dir=tmp_path / "cache", journal=journal)
    gate = tmp_path / "gate"
    start(
        first,
        Call(say, ("once",), id="a"),
        Call(big, (300_000,), id="large"),
        Call(fail_unless, (str(tmp_path / "never"),), id="f"),
        Call(fail_unless, (str(gate),), id="open", policy=Policy(retries=1)),
        Call(add, (ObjectRef("a"), ObjectRef("open")), id="sum"),
    )
    first.wait([ObjectRef("a"), ObjectRef("large"), ObjectRef("f")])
    journal.wait_for("over", "f")
    digest = first.info("large").outputs["value"].digest
    first.store.pin(digest)  # as a log does
    first.shutdown(wait=False)
    assert set(journal.ends) == {"a", "large", "f"}
    gate.touch()
    told = len(journal.told)
    with Runtime(1, cache_dir=tmp_path / "cache", journal=journal) as second:
        second.restore([journal.ends[task] for task in ("f", "a")])
        unfinished = [call for task, call in journal.calls.items() if task not in journal.ends]
        second.submit_packed(unfinished, logged=True)
        assert second.get(ObjectRef("sum")) == "oncenow"
        assert second.info("a").attempts == 1
        assert text_of(second.frames("a")) == "once\n"
        with pytest.raises(TaskFailed, match="not yet"):
            second.get(ObjectRef("f"))
        assert second.get(ObjectRef("large")) == b"x" * 300_000  # from the archive
        with pytest.raises(UsageError):
            second.restore([journal.ends["a"]])
        assert {what for what, _ in journal.told[told:]} == {"over"}


def test_without_a_journal_the_caller_is_the_archive(tmp_path):
    with Runtime(1, cache_dir=tmp_path / "cache") as runtime:
        start(runtime, Call(say, ("hi",), id="a"), Call(len, (ObjectRef("a"),), id="b"))
        runtime.wait([ObjectRef("b")])
        kept = [runtime.remains(task) for task in ("a", "b")]
        away(runtime, "a", "b")
        with pytest.raises(UnknownDependency):
            runtime.get(ObjectRef("a"))
        runtime.restore(kept)
        assert runtime.get([ObjectRef("a"), ObjectRef("b")]) == ["hi", 2]
        assert text_of(runtime.frames("a")) == "hi\n"
        start(runtime, Call(fail_unless, ("/nowhere",), id="slow", policy=Policy(retries=3)))
        with pytest.raises(UsageError, match="not over"):
            runtime.remains("slow")
        runtime.cancel("slow")


def test_put_is_journaled_like_any_task(runtime, journal):
    ref = runtime.put("text", name="t")
    assert runtime.get(ref) == "text"
    away(runtime, ref.task)
    assert runtime.get(runtime.submit(len, ref)) == 4
    assert ("submitted", ref.task) in journal.told
