"""Submitting, dependencies, values, errors."""

from __future__ import annotations

import gc
import os
import pickle
import sys
import threading
import time

import pytest

import orion_nb
from orion_nb.core.model import ObjectRef, TaskState
from orion_nb.exceptions import (
    CyclicGraph,
    DuplicateTask,
    NotPicklable,
    RuntimeClosed,
    TaskCancelled,
    TaskFailed,
    TaskTimeout,
    UnknownDependency,
    UpstreamFailed,
    UsageError,
)
from orion_nb.local import Call
from orion_nb.local.ledger import KEEP_FINISHED
from orion_nb.local.runtime import FIRST_COMPLETED, FIRST_EXCEPTION, Runtime

from .conftest import LIMIT, Watcher


def add(a, b):
    return a + b


def fail(*args):
    raise ValueError("boom")


def wait_for_file(path, then=None):
    while not os.path.exists(path):
        time.sleep(0.005)
    return then


def test_the_examples_of_the_readme(shared):
    assert shared.get(shared.submit(lambda x: x * x, 7)) == 49
    a = shared.submit(lambda: 10)
    b = shared.submit(lambda a: a + 32, a)
    assert shared.get([a, b]) == [10, 42]


def test_refs_anywhere_in_the_arguments_are_dependencies(shared):
    one, two = shared.submit(int, 1), shared.submit(int, 2)
    ref = shared.submit(
        lambda items, *, extra: (items, extra), [one, (two, {"k": one})], extra={"deep": [two]}
    )
    assert shared.get(ref) == ([1, (2, {"k": 1})], {"deep": [2]})
    assert shared.info(ref).task.inputs == (("0", one), ("1", two))


def test_map_keeps_order_and_get_takes_a_list(shared):
    refs = shared.map(add, range(50), range(50))
    assert shared.get(refs) == [2 * i for i in range(50)]
    assert shared.get([]) == []


def test_arguments_are_taken_as_they_are_at_the_submission(shared):
    rows = [1]
    ref = shared.submit(len, rows)
    rows.append(2)
    assert shared.get(ref) == 1


def test_a_value_is_the_callers_own(shared):
    ref = shared.submit(list, "ab")
    shared.get(ref).append("c")
    assert shared.get(ref) == ["a", "b"]


def test_put_gives_a_ref_to_a_value(shared):
    ref = shared.put({"a": 1}, name="settings")
    assert shared.get(shared.submit(lambda d: d["a"], ref)) == 1
    assert shared.get(ref) == {"a": 1}


def test_deps_order_without_passing_a_value(shared, tmp_path):
    path = tmp_path / "made"
    first = shared.submit(lambda: path.write_text("x"))
    assert shared.get(shared.submit(lambda: path.read_text(), deps=[first])) == "x"


def test_a_failure_has_the_original_exception_and_its_traceback(shared):
    with pytest.raises(TaskFailed, match="ValueError: boom") as caught:
        shared.get(shared.submit(fail, name="bad"))
    cause = caught.value.__cause__
    assert type(cause) is ValueError and cause.args == ("boom",)
    note = cause.__notes__[0]
    assert "in fail" in note and "orion_nb/local" not in note
    assert [change.why for change in caught.value.story][-1] == "failed"


def test_what_depends_on_a_failure_names_the_root(shared):
    bad = shared.submit(fail, name="bad")
    child = shared.submit(add, shared.submit(add, bad, 1), 1, name="grandchild")
    with pytest.raises(UpstreamFailed, match=bad.task):
        shared.get(child)


class Unfriendly(Exception):
    def __init__(self, a, b):  # cannot be rebuilt from `args`
        super().__init__(f"{a} and {b}")


def test_an_exception_that_cannot_travel_is_told_in_words(shared):
    def task():
        raise Unfriendly(1, threading.Lock())

    with pytest.raises(TaskFailed, match="Unfriendly: 1 and "):
        shared.get(shared.submit(task))


def test_what_cannot_travel_is_named(shared):
    with pytest.raises(NotPicklable, match="argument 1 of len"):
        shared.submit(len, [threading.Lock()])
    with pytest.raises(TaskFailed, match="lock"):
        shared.get(shared.submit(lambda: {"lock": threading.Lock()}))


def test_system_exit_fails_the_task_only(shared):
    with pytest.raises(TaskFailed, match="SystemExit: 3"):
        shared.get(shared.submit(lambda: sys.exit(3)))
    assert shared.get(shared.submit(int)) == 0


def test_get_with_a_timeout(shared, tmp_path):
    gate = tmp_path / "gate"
    ref = shared.submit(wait_for_file, gate, "done")
    with pytest.raises(TimeoutError, match=ref.task):
        shared.get(ref, timeout=0.05)
    gate.touch()
    assert shared.get(ref, timeout=LIMIT) == "done"


def test_wait_returns_what_is_over(shared, tmp_path):
    gate = tmp_path / "gate"
    slow, fast = shared.submit(wait_for_file, gate), shared.submit(int)
    assert shared.wait([slow, fast], LIMIT, FIRST_COMPLETED) == ([fast], [slow])
    assert shared.wait([slow], timeout=0.01) == ([], [slow])
    bad = shared.submit(fail)
    assert bad in shared.wait([slow, bad], LIMIT, FIRST_EXCEPTION)[0]
    gate.touch()
    assert shared.wait([slow, fast, bad], LIMIT) == ([slow, fast, bad], [])


def test_retries_run_again_with_their_own_budget(runtime, tmp_path, watch):
    def flaky(path):
        with open(path, "a") as log:
            log.write("x")
        if os.path.getsize(path) < 3:
            raise OSError("not yet")
        return os.path.getsize(path)

    ref = runtime.submit(flaky, tmp_path / "tries", retries=2)
    assert runtime.get(ref, timeout=LIMIT) == 3
    assert [c.why for c in runtime.story(ref)].count("retry-later") == 2


def test_a_timeout_stops_the_code_and_frees_the_worker(runtime):
    ref = runtime.submit(time.sleep, 60, timeout=0.1)
    with pytest.raises(TaskTimeout, match=r"0\.1 s"):
        runtime.get(ref, timeout=LIMIT)
    assert runtime.get(runtime.map(add, range(4), range(4)), timeout=LIMIT) == [0, 2, 4, 6]


def test_retry_starts_a_failed_task_and_what_failed_with_it(runtime, tmp_path):
    path = tmp_path / "data"
    read = runtime.submit(lambda: path.read_text())
    both = runtime.submit(lambda text: text * 2, read)
    with pytest.raises(UpstreamFailed):
        runtime.get(both)
    path.write_text("ab")
    runtime.retry(read)
    assert runtime.get(both, timeout=LIMIT) == "abab"


def test_a_batch_is_taken_whole_and_may_refer_to_itself(runtime):
    calls = [
        Call(
            lambda x: {"low": min(x), "high": max(x)},
            ([3, 1, 2],),
            id="ends",
            outputs=("low", "high"),
        ),
        Call(add, (ObjectRef("ends", "low"), ObjectRef("ends", "high")), id="sum", name="sum"),
    ]
    assert runtime.submit_calls(calls[::-1]) == ["sum", "ends"]
    assert runtime.get(ObjectRef("sum"), timeout=LIMIT) == 4
    assert runtime.get(ObjectRef("ends", "high")) == 3
    with pytest.raises(UsageError, match="no output 'middle'"):
        runtime.get(ObjectRef("ends", "middle"))


def test_a_batch_that_makes_no_sense_leaves_nothing(runtime):
    fine = Call(int, id="fine")
    with pytest.raises(UnknownDependency, match="nowhere"):
        runtime.submit_calls([fine, Call(int, (ObjectRef("nowhere"),), id="x")])
    with pytest.raises(CyclicGraph):
        runtime.submit_calls(
            [fine, Call(int, (ObjectRef("b"),), id="a"), Call(int, (ObjectRef("a"),), id="b")]
        )
    assert runtime.tasks() == ()
    runtime.submit_calls([fine])
    with pytest.raises(DuplicateTask):
        runtime.submit_calls([fine])
    assert runtime.get(ObjectRef("fine")) == 0


def test_wrong_outputs_are_an_error_of_the_task(runtime):
    runtime.submit_calls([Call(dict, id="none", outputs=("a",))])
    with pytest.raises(TaskFailed, match="did not make its output a"):
        runtime.get(ObjectRef("none"), timeout=LIMIT)


def test_refs_of_another_runtime_are_refused(runtime):
    with pytest.raises(UnknownDependency, match="nothing was submitted"):
        runtime.submit(add, ObjectRef("stranger"), 1)


def test_refs_travel_as_plain_refs(runtime):
    ref = runtime.submit(int)
    copy = pickle.loads(pickle.dumps(ref))
    assert copy == ref and runtime.get(copy) == 0


def test_after_shutdown_everything_says_so(tmp_path):
    runtime = Runtime(1, cache_dir=tmp_path)
    runtime.shutdown()
    runtime.shutdown()
    with pytest.raises(RuntimeClosed):
        runtime.submit(int)


def test_leaving_the_block_waits_for_the_tasks(tmp_path):
    path = tmp_path / "done"
    with Runtime(1, cache_dir=tmp_path / "c") as runtime:
        runtime.submit(lambda: (time.sleep(0.2), path.touch()))
    assert path.exists()


def test_leaving_the_block_by_an_exception_cancels(tmp_path):
    start = time.monotonic()

    def leave() -> None:
        with Runtime(1, cache_dir=tmp_path) as runtime:
            runtime.submit(time.sleep, 60)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        leave()
    assert time.monotonic() - start < LIMIT


def test_waiting_threads_are_released_by_shutdown(tmp_path):
    runtime = Runtime(1, cache_dir=tmp_path)
    ref = runtime.submit(time.sleep, 60)
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            runtime.get(ref)
        except (RuntimeClosed, TaskCancelled) as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    runtime.shutdown(wait=False, cancel=True)
    thread.join(LIMIT)
    assert len(errors) == 1


def test_finished_tasks_that_nobody_holds_are_forgotten(runtime):
    count = 3 * KEEP_FINISHED
    for _ in range(3):
        runtime.get(runtime.map(int, range(KEEP_FINISHED)), timeout=60)
        gc.collect()
    kept = runtime.submit(int, 5)
    runtime.get([runtime.submit(int) for _ in range(300)], timeout=60)
    assert len(runtime.tasks()) < count * 0.7
    assert len(runtime._host.records) < count * 0.7
    assert runtime.get(kept) == 5


def test_forget_drops_a_batch(runtime):
    runtime.submit_calls([Call(int, id="a")])
    runtime.get(ObjectRef("a"))
    runtime.forget("a")
    assert runtime.tasks() == ()
    with pytest.raises(UnknownDependency):
        runtime.get(ObjectRef("a"))


def test_resize_up_and_down(runtime):
    runtime.resize(3)
    assert runtime.get(runtime.map(add, range(9), range(9)), timeout=LIMIT)[8] == 16
    runtime.resize(1)
    watcher = Watcher(runtime)
    deadline = time.monotonic() + LIMIT
    while len(runtime.workers()) > 1 and time.monotonic() < deadline:
        runtime.get(runtime.submit(time.sleep, 0.02))
    assert len(runtime.workers()) == 1
    watcher.subscription.close()
    assert runtime.get(runtime.map(add, range(9), range(9)), timeout=LIMIT)[8] == 16


def test_code_sees_the_callers_directory_path_and_environment(runtime, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ORION_TEST_WORD", "here")
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "their_module.py").write_text("WORD = 'first'\n")

    def look():
        import their_module

        return os.getcwd(), os.environ["ORION_TEST_WORD"], their_module.WORD

    assert runtime.get(runtime.submit(look)) == (str(tmp_path), "here", "first")
    # An edited module is imported anew, by workers that had it already.
    (tmp_path / "their_module.py").write_text("WORD = 'second edition'\n")
    assert {w for _, _, w in runtime.get([runtime.submit(look) for _ in range(8)])} == {
        "second edition"
    }
    monkeypatch.delenv("ORION_TEST_WORD")
    with pytest.raises(TaskFailed, match="KeyError"):
        runtime.get(runtime.submit(look))


def test_a_task_may_not_make_tasks(runtime):
    def nested():
        orion_nb.Runtime(1)

    with pytest.raises(TaskFailed, match="cannot make a Runtime"):
        runtime.get(runtime.submit(nested))


def test_info_and_workers(runtime, tmp_path, watch):
    ref = runtime.submit(wait_for_file, tmp_path / "gate", name="waits")
    watch.wait_change(ref.task, "started")
    assert runtime.info(ref).state is TaskState.RUNNING
    (busy,) = [w for w in runtime.workers() if w.running]
    assert busy.running == (ref.task,) and busy.kind == "process" and busy.pid > 0
    (tmp_path / "gate").touch()
    runtime.get(ref, timeout=LIMIT)
    assert runtime.info(ref).state is TaskState.DONE


def test_subscribe_tells_changes_in_order_also_the_past(runtime):
    ref = runtime.submit(add, 1, 2, name="sum")
    runtime.get(ref)
    late = Watcher(runtime, replay=True)
    late.wait_change(ref.task, "finished")
    changes = [item for item in late.items if item.task == ref.task]
    assert changes[0].old is None and changes[0].detail["task"].name == "sum"
    seqs = [change.seq for change in changes]
    assert seqs == sorted(seqs)
    late.subscription.close()


def test_the_queue_is_by_priority(tmp_path):
    order = tmp_path / "order"

    def note(word):
        with open(order, "a") as log:
            log.write(word)

    with Runtime(1, cache_dir=tmp_path / "c") as runtime:
        gate = runtime.submit(wait_for_file, tmp_path / "gate")
        low = runtime.submit(note, "low ", deps=[gate])
        high = runtime.submit(note, "high ", deps=[gate], priority=1)
        (tmp_path / "gate").touch()
        runtime.get([low, high], timeout=LIMIT)
    assert order.read_text() == "high low "


def test_importing_orion_is_light():
    import subprocess

    code = (
        "import sys, orion_nb; "
        "heavy = {'grpc', 'anywidget', 'pandas', 'IPython', 'numpy', 'ipywidgets', 'matplotlib'}; "
        "assert not heavy & set(sys.modules), heavy & set(sys.modules); "
        "orion_nb.Runtime; assert not heavy & set(sys.modules), heavy & set(sys.modules); "
        "assert set(orion_nb.__all__) >= {'Runtime', 'task', 'progress', 'ObjectRef'}; "
        "[getattr(orion_nb, name) for name in orion_nb.__all__]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
