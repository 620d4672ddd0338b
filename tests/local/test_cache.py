"""Results that are not computed twice, and values that are lost."""

from __future__ import annotations

import os
import pathlib
import sys
import time

import numpy as np
import pytest

import orion_nb
from orion_nb.exceptions import ObjectUnavailable, TaskFailed
from orion_nb.local.runtime import Runtime
from orion_nb.store import paths

from .conftest import LIMIT, Watcher, text_of


def count_and(value, log):
    with open(log, "a") as stream:
        stream.write("x")
    print("computed")
    return value


def runs(log) -> int:
    return len(log.read_text()) if log.exists() else 0


def compute_slowly(path, gate):
    print("computing")
    with open(path, "a") as runs:
        runs.write("x")
    while not gate.exists():
        time.sleep(0.005)
    return 7


def test_the_same_at_the_same_moment_is_computed_once(runtime, tmp_path):
    path, gate = tmp_path / "runs", tmp_path / "gate"
    watcher = Watcher(runtime)
    first = runtime.submit(compute_slowly, path, gate, cache="default")
    watcher.wait_change(first.task, "dispatched")
    others = [runtime.submit(compute_slowly, path, gate, cache="default") for _ in range(3)]
    watcher.wait_change(others[-1].task, "joined")
    gate.touch()
    assert runtime.get([first, *others]) == [7] * 4
    assert path.read_text() == "x"
    assert all(runtime.info(ref).hit is not None for ref in others)
    assert text_of(runtime.frames(others[0])) == "computing\n"


def test_a_second_submission_is_a_hit_with_its_output(runtime, tmp_path):
    log = tmp_path / "log"
    first = runtime.submit(count_and, {"a": 1}, str(log), cache="default")
    assert runtime.get(first, timeout=LIMIT) == {"a": 1}
    second = runtime.submit(count_and, {"a": 1}, str(log), cache="default")
    assert runtime.get(second, timeout=LIMIT) == {"a": 1}
    assert runs(log) == 1
    assert runtime.info(second).hit is not None
    assert text_of(runtime.frames(second)) == "computed\n"
    third = runtime.submit(count_and, {"a": 2}, str(log), cache="default")
    runtime.get(third, timeout=LIMIT)
    assert runs(log) == 2


def test_hits_survive_the_runtime_and_chains_are_hits_too(tmp_path):
    log = tmp_path / "log"
    for expected in (2, 2):
        with Runtime(1, cache_dir=tmp_path / "c") as runtime:
            a = runtime.submit(count_and, 10, str(log), cache="default")
            b = runtime.submit(count_and, a, str(log), cache="default")
            assert runtime.get(b, timeout=LIMIT) == 10
        assert runs(log) == expected


def test_recompute_writes_and_off_does_neither(runtime, tmp_path):
    log = tmp_path / "log"
    for mode, expected in (
        ("off", 1),
        ("recompute", 2),
        ("recompute", 3),
        ("default", 3),
        (None, 4),
    ):
        runtime.get(runtime.submit(count_and, 1, str(log), cache=mode), timeout=LIMIT)
        assert runs(log) == expected, mode


def test_failures_are_not_remembered(runtime, tmp_path):
    log = tmp_path / "log"

    def work():
        with open(log, "a") as stream:
            stream.write("x")
        raise ValueError

    for _ in range(2):
        with pytest.raises(TaskFailed):
            runtime.get(runtime.submit(work, cache="default"), timeout=LIMIT)
    assert runs(log) == 2


def test_declared_files_are_looked_at_on_a_hit(runtime, tmp_path):
    log, data = tmp_path / "log", tmp_path / "data.csv"
    data.write_text("1,2,3")

    def submit():
        return runtime.submit(count_and, 1, str(log), cache="default", files=[data])

    for content, expected in (("1,2,3", 1), ("1,2,3", 1), ("4,5,6,7", 2)):
        data.write_text(content)
        runtime.get(submit(), timeout=LIMIT)
        runtime.flush_cache()  # the file is looked at once more before the result is kept
        assert runs(log) == expected


def test_what_has_no_key_is_computed_and_says_why(runtime):
    generator = (i for i in ())
    with pytest.raises(orion_nb.NotPicklable):
        runtime.submit(list, generator, cache="default")

    class Odd:
        def __reduce__(self):
            return (int, (7,))

    odd = Odd()
    odd.handle = sys.stdin
    ref = runtime.submit(str, odd, cache="default")
    runtime.get(ref, timeout=LIMIT)
    task = runtime.info(ref).task
    assert (task.recipe is None) == bool(task.uncached_because)


@pytest.fixture
def big() -> np.ndarray:
    return np.arange(3_000_000, dtype=np.float64)  # 24 MB


def test_large_values_are_mapped_private_and_writable(runtime, big):
    def double(array):
        array *= 2  # the task's own copy
        return array

    source = runtime.submit(lambda array: array + 0, big)
    doubled = [runtime.submit(double, source) for _ in range(2)]
    for result in runtime.get(doubled, timeout=LIMIT):
        assert result[-1] == 2 * big[-1]
        result[:] = 0
    original = runtime.get(source)
    assert original[-1] == big[-1] and original.flags.writeable
    output = runtime.info(source).outputs["value"]
    assert runtime.store.has(output.digest) and output.size > big.nbytes


def test_a_lost_value_is_made_again_where_it_is_needed(runtime, tmp_path, big):
    log = tmp_path / "log"
    source = runtime.submit(count_and, big, str(log))
    runtime.get(source, timeout=LIMIT)
    digest = runtime.info(source).outputs["value"].digest
    path = runtime.store.path(digest)
    os.unlink(path)
    assert runtime.get(runtime.submit(len, source), timeout=LIMIT) == len(big)
    assert runs(log) == 2
    os.unlink(path)
    assert runtime.get(source, timeout=LIMIT)[-1] == big[-1]
    assert runs(log) == 3


def test_a_damaged_file_is_never_a_result(runtime, tmp_path, big):
    log = tmp_path / "log"
    source = runtime.submit(count_and, big, str(log), cache="default")
    runtime.get(source, timeout=LIMIT)
    path = runtime.store.path(runtime.info(source).outputs["value"].digest)
    runtime.shutdown()
    os.chmod(path, 0o600)
    with open(path, "r+b") as stream:
        stream.seek(1000)
        stream.write(b"damaged")
    with Runtime(1, cache_dir=paths.blobs_dir(tmp_path / "cache").parent) as again:
        ref = again.submit(count_and, big, str(log), cache="default")
        assert (again.get(ref, timeout=LIMIT) == big).all()
    assert runs(log) == 2


def test_a_stored_value_that_is_lost_says_so(runtime, big):
    ref = runtime.put(big)
    os.unlink(runtime.store.path(runtime.info(ref).outputs["value"].digest))
    with pytest.raises((ObjectUnavailable, TaskFailed)):
        runtime.get(runtime.submit(len, ref), timeout=LIMIT)


@pytest.mark.parametrize("megabytes", [200])
def test_200_mb_pass_between_workers_and_to_the_caller(runtime, megabytes):
    def make():
        return np.ones(megabytes << 17)

    made = runtime.submit(make)
    assert (
        runtime.get(runtime.submit(lambda array: float(array.sum()), made), timeout=60)
        == megabytes << 17
    )
    assert runtime.get(made)[-1] == 1


def test_a_record_says_what_it_was_computed_from_and_how_long_it_took(tmp_path):
    log = str(tmp_path / "log")
    with Runtime(1, cache_dir=tmp_path / "c") as runtime:
        a = runtime.submit(count_and, 10, log, cache="default")
        b = runtime.submit(count_and, a, log, name="b", cache="default")
        runtime.get(b, timeout=LIMIT)
        runtime.flush_cache()
        (used,) = runtime.cache.latest("b")
        inputs = [(one.name, one.digest) for one in used.components if one.kind == "input"]
        assert inputs[-1] == ("0", runtime.info(a).outputs["value"].digest)
        assert len(runtime.cache.history(runtime.info(b).task.group)) == 2


def read_when_told(path, go):
    print("begun", flush=True)
    while not os.path.exists(go):
        time.sleep(0.005)
    return pathlib.Path(path).read_text()


def test_a_file_that_changes_while_it_is_read_leaves_no_result(runtime, watch, tmp_path):
    data, go = tmp_path / "data.txt", tmp_path / "go"

    def submit():
        return runtime.submit(read_when_told, str(data), str(go), cache="default", files=[data])

    data.write_text("first")
    racing = submit()
    watch.wait_text(racing.task, "begun")
    data.write_text("second")
    go.touch()
    assert runtime.get(racing, timeout=LIMIT) == "second"
    data.write_text("first")
    again = submit()
    assert runtime.get(again, timeout=LIMIT) == "first"
    assert runtime.info(again).hit is None
    third = submit()
    assert runtime.get(third, timeout=LIMIT) == "first"
    assert runtime.info(third).hit is not None
