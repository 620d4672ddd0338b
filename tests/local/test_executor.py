"""`Runtime.executor()` behaves as the executors of the standard library."""

from __future__ import annotations

import concurrent.futures as futures
import threading
import time

import pytest

from orion_nb.local.runtime import Runtime

from .conftest import LIMIT


def wait_for_file(path):
    import os

    while not os.path.exists(path):
        time.sleep(0.005)


@pytest.fixture
def executor(shared):
    with shared.executor() as made:
        yield made


def test_submit_result_exception_and_callbacks(executor):
    future = executor.submit(pow, 2, 5)
    assert future.result(LIMIT) == 32 and future.exception() is None and future.done()
    bad = executor.submit(int, "x")
    with pytest.raises(ValueError, match="invalid literal"):
        bad.result(LIMIT)
    called = threading.Event()
    executor.submit(pow, 2, 2).add_done_callback(lambda future: called.set())
    assert called.wait(LIMIT)


def test_map_in_order_with_chunks_and_several_iterables(executor):
    assert list(executor.map(pow, range(20), [2] * 20)) == [i * i for i in range(20)]
    assert list(executor.map(pow, range(20), [2] * 20, chunksize=7)) == [i * i for i in range(20)]
    with pytest.raises(ZeroDivisionError):
        list(executor.map(lambda i: 1 // i, [1, 0]))
    with pytest.raises(ValueError, match="chunksize"):
        executor.map(abs, [1], chunksize=0)


def test_callbacks_run_on_the_loop_not_in_a_submit_that_may_hold_their_lock(shared):
    lock, done, threads = threading.Lock(), threading.Semaphore(0), set()

    def over(_):
        with lock:
            threads.add(threading.current_thread().name)
        done.release()

    count = 300
    for i in range(count):
        with lock:
            ref = shared.submit(abs, i)
        shared.when_over(ref, over)
    for _ in range(count):
        assert done.acquire(timeout=LIMIT)
    assert threads <= {"orion-loop", threading.main_thread().name}


def test_map_times_out(executor):
    with pytest.raises(TimeoutError):
        list(executor.map(time.sleep, [0, 30], timeout=0.1))


def test_wait_and_as_completed(executor):
    made = [executor.submit(abs, -i) for i in range(5)]
    assert futures.wait(made, LIMIT).not_done == set()
    assert sorted(f.result() for f in futures.as_completed(made, LIMIT)) == [0, 1, 2, 3, 4]


def test_cancel_stops_also_what_runs(executor, shared):
    future = executor.submit(time.sleep, 60)
    deadline = time.monotonic() + LIMIT
    while not future.running() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert future.cancel() and future.cancelled() and future.done()
    with pytest.raises(futures.CancelledError):
        future.result()
    assert futures.wait([future], LIMIT).done == {future}
    done = executor.submit(int)
    done.result(LIMIT)
    assert not done.cancel()


def test_shutdown(shared, tmp_path):
    executor = shared.executor()
    running = [executor.submit(wait_for_file, tmp_path / "gate") for _ in range(2)]
    queued = [executor.submit(int) for _ in range(20)]
    while not all(future.running() for future in running):
        time.sleep(0.01)
    executor.shutdown(wait=False, cancel_futures=True)
    assert all(future.cancelled() for future in queued)
    with pytest.raises(RuntimeError, match="after shutdown"):
        executor.submit(int)
    (tmp_path / "gate").touch()
    assert [future.result(LIMIT) for future in running] == [None, None]
    assert shared.get(shared.submit(int)) == 0


def test_the_end_of_the_runtime_cancels_futures(tmp_path):
    runtime = Runtime(1, cache_dir=tmp_path)
    future = runtime.executor().submit(time.sleep, 60)
    runtime.shutdown(cancel=True)
    with pytest.raises((futures.CancelledError, RuntimeError)):
        future.result(LIMIT)
