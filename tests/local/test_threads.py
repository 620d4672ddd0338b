"""Worker threads: shared arguments, output, interrupts."""

from __future__ import annotations

import sys
import threading
import time

import pytest

import orion_nb
from orion_nb.core.model import ObjectRef
from orion_nb.exceptions import TaskCancelled, TaskFailed
from orion_nb.local import thread_workers
from orion_nb.local.runtime import Runtime

from .conftest import LIMIT, Watcher, text_of


@pytest.fixture
def threads(tmp_path):
    with Runtime(2, kind="thread", cache_dir=tmp_path) as runtime:
        yield runtime
        runtime.shutdown(wait=False, cancel=True)


def test_arguments_need_not_travel(threads):
    lock = threading.Lock()
    one = threads.submit(lambda: 1)
    ref = threads.submit(lambda lock, items: (lock.locked(), items), lock, [one, {"k": one}])
    assert threads.get(ref, timeout=LIMIT) == (False, [1, {"k": 1}])
    assert [worker.kind for worker in threads.workers()] == ["thread", "thread"]


def test_a_changed_argument_is_named_and_not_cached(threads):
    rows = [1]

    def grow(rows):
        rows.append(2)
        return len(rows)

    ref = threads.submit(grow, rows, cache="default")
    assert threads.get(ref, timeout=LIMIT) == 2
    assert "changed its argument rows in place" in text_of(threads.frames(ref), "stderr")
    again = threads.submit(grow, [1], cache="default")
    threads.get(again, timeout=LIMIT)
    assert threads.info(again).hit is None


def test_output_is_the_tasks_own_and_other_threads_print_as_before(threads, capsys):
    both = threading.Barrier(2)

    def work(name):
        print(name, "begins")
        both.wait(LIMIT)
        print(name, "ends", file=sys.stderr)

    refs = [threads.submit(work, name) for name in "ab"]
    threads.get(refs, timeout=LIMIT)
    print("here")
    assert text_of(threads.frames(refs[0])) == "a begins\na ends\n"
    assert text_of(threads.frames(refs[1])) == "b begins\nb ends\n"


def test_the_streams_are_given_back(tmp_path):
    before = sys.stdout
    with Runtime(1, kind="thread", cache_dir=tmp_path) as runtime:
        runtime.get(runtime.submit(int))
    assert sys.stdout is before


def test_failures_and_progress(threads):
    watcher = Watcher(threads)

    def work():
        orion_nb.progress(1, 1, "all")
        raise KeyError("missing")

    ref = threads.submit(work)
    with pytest.raises(TaskFailed) as caught:
        threads.get(ref, timeout=LIMIT)
    assert type(caught.value.__cause__) is KeyError
    watcher.wait_change(ref.task, "failed")
    assert threads.progress(ref).message == "all"


def test_cancel_interrupts_python_code(threads):
    def spin():
        while True:
            pass

    watcher = Watcher(threads)
    ref = threads.submit(spin)
    watcher.wait_change(ref.task, "started")
    threads.cancel(ref)
    with pytest.raises(TaskCancelled):
        threads.get(ref, timeout=LIMIT)
    assert threads.get(threads.map(abs, range(8)), timeout=LIMIT) == list(range(8))


def test_a_thread_that_cannot_be_interrupted_is_given_up(threads, monkeypatch):
    monkeypatch.setattr(thread_workers, "GRACE", 0.2)
    release = threading.Event()
    watcher = Watcher(threads)
    refs = [threads.submit(release.wait, LIMIT) for _ in range(2)]
    for ref in refs:
        watcher.wait_change(ref.task, "started")
    threads.cancel(refs)
    assert threads.get(threads.map(abs, range(8)), timeout=LIMIT) == list(range(8))
    release.set()


def test_both_kinds_in_one_runtime(tmp_path):
    with Runtime(1, cache_dir=tmp_path) as runtime:
        lock = threading.Lock()
        shared = runtime.submit(lambda lock: lock.locked(), lock, kind="thread")
        isolated = runtime.submit(lambda value: not value, shared)
        assert runtime.get([shared, isolated], timeout=LIMIT) == [False, True]
        assert {worker.kind for worker in runtime.workers()} == {"process", "thread"}


def test_a_timeout_of_a_thread(threads):
    ref = threads.submit(lambda: [time.sleep(0.01) for _ in range(5000)], timeout=0.1)
    with pytest.raises(orion_nb.TaskTimeout):
        threads.get(ref, timeout=LIMIT)
    assert isinstance(ref, ObjectRef)
