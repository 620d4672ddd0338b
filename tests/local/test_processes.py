"""Worker processes that die, that will not stop, and that must not be left behind."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from orion_nb.core.model import TaskState
from orion_nb.exceptions import OrionError, TaskCancelled, WorkerDied
from orion_nb.local import process_workers
from orion_nb.local.runtime import Runtime

from .conftest import LIMIT, Watcher, kinds_of, text_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


def gone(pid: int) -> bool:
    """No such process, or only its entry until its parent looks."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return not Path("/proc").exists() and False


def wait_until(condition) -> None:
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def once(path, act):
    """Do something terrible the first time, and return the next."""
    if not os.path.exists(path):
        Path(path).touch()
        act()
        time.sleep(60)
    return os.getpid()


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "SIGKILL"),
        (lambda: ctypes.string_at(0), "SIGSEGV"),
        (lambda: os._exit(7), "exit code 7"),
    ],
    ids=["SIGKILL", "segfault", "exit"],
)
def test_a_dead_worker_is_replaced_and_its_task_run_again(runtime, tmp_path, act, words):
    first = runtime.submit(once, tmp_path / "tried", act)
    others = runtime.map(abs, range(20))
    assert runtime.get(first, timeout=LIMIT) > 0
    assert runtime.get(others, timeout=LIMIT) == list(range(20))
    lost = [c for c in runtime.story(first) if c.why == "retry-now"]
    assert words in lost[0].detail["error"].message
    assert len(runtime.workers()) == 2


def test_a_task_that_kills_every_worker_fails_by_name(runtime):
    from orion_nb.core.model import Policy
    from orion_nb.local import Call

    ref = runtime.submit_call(
        Call(os._exit, (9,), name="killer", policy=Policy(lost_worker_retries=1))
    )
    with pytest.raises(WorkerDied, match=r"'killer'.*exit code 9"):
        runtime.get(ref, timeout=LIMIT)
    assert runtime.get(runtime.submit(int), timeout=LIMIT) == 0


def spin():
    while True:
        pass


def run_child(path):
    """Starts a child program and waits for it."""
    child = subprocess.Popen(["sleep", "300"])
    Path(path).write_text(str(child.pid))
    child.wait()


@pytest.mark.parametrize("task", [lambda: time.sleep(60), spin], ids=["sleep", "busy"])
def test_cancel_interrupts_running_code_and_keeps_the_worker(runtime, watch, task):
    ref = runtime.submit(task)
    watch.wait_change(ref.task, "started")
    pids = {worker.pid for worker in runtime.workers()}
    runtime.cancel(ref)
    with pytest.raises(TaskCancelled):
        runtime.get(ref, timeout=LIMIT)
    wait_until(lambda: not any(worker.running for worker in runtime.workers()))
    assert {worker.pid for worker in runtime.workers()} == pids
    assert runtime.get(runtime.map(abs, range(8)), timeout=LIMIT) == list(range(8))


def test_cancel_reaches_child_programs(runtime, watch, tmp_path):
    ref = runtime.submit(run_child, tmp_path / "pid")
    wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    runtime.cancel(ref)
    child = int((tmp_path / "pid").read_text())
    wait_until(lambda: gone(child))


def test_what_ignores_the_interrupt_is_killed_with_its_children(
    runtime, watch, tmp_path, monkeypatch
):
    monkeypatch.setattr(process_workers, "GRACE", 0.3)

    def stubborn(path):
        child = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import signal, time; signal.signal(2, signal.SIG_IGN); time.sleep(300)",
            ]
        )
        Path(path).write_text(str(child.pid))
        while True:
            with contextlib.suppress(KeyboardInterrupt):
                time.sleep(300)

    ref = runtime.submit(stubborn, tmp_path / "pid")
    wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    watch.wait_change(ref.task, "started")
    pids = {worker.pid for worker in runtime.workers()}
    runtime.cancel(ref)
    child = int((tmp_path / "pid").read_text())
    wait_until(lambda: gone(child))
    wait_until(lambda: {w.pid for w in runtime.workers() if w.pid} - pids)
    assert runtime.get(runtime.map(abs, range(8)), timeout=LIMIT) == list(range(8))


def test_cancel_of_a_waiting_task_and_of_what_needs_it(runtime, watch, tmp_path):
    runner = runtime.submit(time.sleep, 60)
    child = runtime.submit(lambda _: 1, runner)
    grandchild = runtime.submit(lambda _: 1, child)
    runtime.cancel(child)
    for ref in (child, grandchild):
        with pytest.raises(OrionError):
            runtime.get(ref, timeout=LIMIT)
    watch.wait_change(runner.task, "started")
    assert runtime.info(runner).state is TaskState.RUNNING
    runtime.cancel([runner])


def test_a_cancelled_task_can_be_retried(runtime, watch, tmp_path):
    ref = runtime.submit(once, tmp_path / "tried", int)
    watch.wait_change(ref.task, "started")
    wait_until((tmp_path / "tried").exists)
    runtime.cancel(ref)
    with pytest.raises(TaskCancelled):
        runtime.get(ref, timeout=LIMIT)
    runtime.retry(ref)
    assert runtime.get(ref, timeout=LIMIT) > 0


def test_a_straggler_is_overtaken_by_its_clone(runtime, watch, tmp_path):
    def work(index, path):
        print(f"attempt on {index}")
        if index == 3 and not os.path.exists(path):
            Path(path).touch()
            time.sleep(120)
        time.sleep(0.02)
        return index

    start = time.monotonic()
    refs = [runtime.submit(work, index, tmp_path / "slow") for index in range(20)]
    assert runtime.get(refs, timeout=LIMIT) == list(range(20))
    assert time.monotonic() - start < 10
    won = watch.wait_change(refs[3].task, "finished")
    assert won.detail["clone"] and won.detail["saved"] > 0.5
    # The loser's output is taken back; the winner's stands alone.
    assert text_of(runtime.frames(refs[3])) == "attempt on 3\n"
    assert kinds_of(watch.items, refs[3].task) == ["stream", "reset", "stream"]


def test_results_do_not_wait_for_a_long_task_behind_them(runtime):
    # Short tasks of one group are sent ahead in bulk; then one of them turns out long.
    def work(seconds):
        time.sleep(seconds)

    runtime.get([runtime.submit(work, 0) for _ in range(200)], timeout=LIMIT)
    refs = [runtime.submit(work, 0) for _ in range(20)]
    long = runtime.submit(work, 60)
    refs += [runtime.submit(work, 0) for _ in range(40)]
    runtime.get(refs, timeout=LIMIT)
    runtime.cancel(long)


def test_interrupts_of_the_hosts_group_do_not_reach_workers(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(
        textwrap.dedent(
            f"""
            import os, signal, time
            from orion_nb import Runtime
            # No guard: a script must not need one.
            runtime = Runtime(1, cache_dir={str(tmp_path / "c")!r})
            ref = runtime.submit(lambda: (time.sleep(0.5), "done")[1])
            while not any(worker.running for worker in runtime.workers()):
                time.sleep(0.01)
            try:
                os.killpg(0, signal.SIGINT)
                runtime.get(ref)
            except KeyboardInterrupt:
                print("interrupted")
            print(runtime.get(ref), len(runtime.story(ref)[-1].why))
            runtime.shutdown()
            """
        )
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, timeout=60, start_new_session=True
    )
    assert done.stderr == "" and done.stdout == "interrupted\ndone 8\n"


WITH_CHILDREN = """
import os, subprocess, sys, time
from orion_nb import Runtime
runtime = Runtime(2, cache_dir=sys.argv[1])
def work():
    child = subprocess.Popen(["sleep", "300"])
    print(child.pid)
    time.sleep(300)
ref = runtime.submit(work)
while not runtime.frames(ref):
    time.sleep(0.01)
pids = [w.pid for w in runtime.workers()] + [int(runtime.frames(ref)[0].data["text"])]
pids.append(runtime._processes.launcher._process.pid)
print(*pids, flush=True)
"""


@pytest.mark.parametrize(
    "ending", ["os.kill(os.getpid(), 9)", "", "runtime.shutdown(cancel=True)", "1 / 0"]
)
def test_nothing_is_left_behind(tmp_path, ending):
    done = subprocess.run(
        [sys.executable, "-c", WITH_CHILDREN + ending, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
    )
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 4, done.stderr
    for pid in pids:
        wait_until(lambda pid=pid: gone(pid))


def test_a_lost_fork_server_is_replaced(runtime):
    runtime.get(runtime.submit(int))
    old = {worker.pid for worker in runtime.workers()}
    os.kill(runtime._processes.launcher._process.pid, signal.SIGKILL)
    for pid in old:
        os.kill(pid, signal.SIGKILL)
    assert runtime.get(runtime.map(abs, range(8)), timeout=LIMIT) == list(range(8))
    wait_until(lambda: len([w for w in runtime.workers() if w.pid not in (0, *old)]) == 2)


def test_workers_that_cannot_start_are_an_error_and_not_a_hang(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONHOME", str(tmp_path))  # no interpreter starts with that
    with Runtime(1, cache_dir=tmp_path) as runtime:
        ref = runtime.submit(int)
        with pytest.raises(OrionError, match="worker"):
            runtime.get(ref, timeout=LIMIT)


def test_a_forked_child_does_not_keep_the_workers_alive(tmp_path):
    with Runtime(1, cache_dir=tmp_path) as runtime:
        runtime.get(runtime.submit(int))
        pid = os.fork()
        if pid == 0:
            try:
                runtime.submit(int)
            except OrionError:
                os._exit(0)
            os._exit(1)
        assert os.waitpid(pid, 0)[1] == 0
        assert runtime.get(runtime.submit(int, 3)) == 3


def test_spawned_workers_do_the_same(tmp_path):
    with Runtime(2, cache_dir=tmp_path, start_method="spawn") as runtime:
        assert runtime.get(runtime.map(abs, range(8)), timeout=60) == list(range(8))
        first = runtime.submit(once, tmp_path / "tried", lambda: os._exit(3))
        assert runtime.get(first, timeout=60) > 0
        watcher = Watcher(runtime)
        ref = runtime.submit(time.sleep, 60)
        watcher.wait_change(ref.task, "started")
        runtime.cancel(ref)
        with pytest.raises(TaskCancelled):
            runtime.get(ref, timeout=LIMIT)
        pids = [worker.pid for worker in runtime.workers()]
    for pid in pids:
        wait_until(lambda pid=pid: gone(pid))


def test_workers_draw_different_random_numbers(runtime):
    def draw():
        import random

        time.sleep(0.05)
        return os.getpid(), random.random()

    drawn = dict(runtime.get([runtime.submit(draw) for _ in range(8)]))
    assert len(drawn) == 2 and len(set(drawn.values())) == 2
