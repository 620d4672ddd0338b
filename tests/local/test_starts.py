"""A new runtime's first task, again and again: nothing may be missed while everything starts."""

from __future__ import annotations

import os
import threading
import time

import pytest

from orion_nb.local.runtime import Runtime

from .conftest import LIMIT
from .test_processes import gone


def pid_of(_):
    return os.getpid()


def first_by_submit(runtime):
    return runtime.get(runtime.submit(pid_of, 0), timeout=LIMIT)


def first_by_started_workers(runtime):
    runtime.start()
    return first_by_submit(runtime)


def first_by_many_threads(runtime):
    """All submit at the moment in which the workers start."""
    ready = threading.Barrier(4)
    pids = []

    def go():
        ready.wait()
        pids.append(first_by_submit(runtime))

    threads = [threading.Thread(target=go) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LIMIT)
    assert len(pids) == 4
    return pids[0]


def first_by_cache(runtime):
    return runtime.get(runtime.submit(pid_of, 0, cache="default"), timeout=LIMIT)


@pytest.mark.parametrize(
    "first", [first_by_submit, first_by_started_workers, first_by_many_threads, first_by_cache]
)
def test_the_first_task_of_a_new_runtime_runs(tmp_path, first):
    with Runtime(2, cache_dir=tmp_path / "cache") as runtime:
        pid = first(runtime)
        assert pid != os.getpid()
        workers = [worker.pid for worker in runtime.workers() if worker.pid]
    deadline = time.monotonic() + LIMIT
    while not all(map(gone, workers)):
        assert time.monotonic() < deadline, workers
        time.sleep(0.01)
