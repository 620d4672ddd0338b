"""`ActionCache`: hits only of what can be had, damage costs only recomputation, many processes."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys

import numpy as np
import pytest

from orion_nb.core.model import ActionResult, Component, Output
from orion_nb.store import ActionCache, CasStore, MemoryBlobs, Record, codec


def key(text) -> str:
    return hashlib.sha256(str(text).encode()).hexdigest()


SMALL = codec.encode({"answer": 42})
INLINE = {SMALL.digest: SMALL.to_bytes()}
PARTS = (
    Component("code", "f", key("code")),
    Component("file", "data.csv", key("content"), "12 kB"),
)


def result(of, outputs=None, **more) -> ActionResult:
    return ActionResult(key(of), outputs or {"value": SMALL.output}, 1.5, **more)


@pytest.fixture
def cache(tmp_path):
    cache = ActionCache(tmp_path / "cache" / "actions.sqlite", MemoryBlobs())
    yield cache
    cache.close()


def damage(cache, sql, *values):
    with sqlite3.connect(cache.path) as db:
        db.execute(sql, values)
    db.close()


def test_a_recorded_result_is_a_hit_with_its_small_values(cache):
    assert cache.probe(key(1)).why == "never computed"
    transcript = codec.encode(["printed"])
    recorded = result(1, transcript=transcript.digest, origin="me", created=12.0)
    cache.record(
        recorded, components=PARTS, inline={**INLINE, transcript.digest: transcript.to_bytes()}
    )
    probe = cache.probe(key(1))
    assert probe.result == recorded
    assert codec.decode(probe.inline[SMALL.digest]) == {"answer": 42}
    assert codec.decode(probe.inline[transcript.digest]) == ["printed"]
    assert cache.components(key(1)) == PARTS
    assert cache.components(key(2)) is None


def test_many_at_once(cache):
    cache.record_many(Record(result(n), inline=INLINE) for n in range(1200))
    probes = cache.probe_many([key(n) for n in range(1100, 1300)])
    hits = [probe.result is not None for probe in probes.values()]
    assert hits == [True] * 100 + [False] * 100


def test_a_hit_whose_blobs_are_gone_is_a_miss_that_says_which(tmp_path):
    blobs = CasStore(tmp_path / "blobs")
    cache = ActionCache(tmp_path / "a.sqlite", blobs)
    big = blobs.put(codec.encode(np.zeros(100_000)))
    cache.record(result(1, {"df": big, "value": SMALL.output}), inline=INLINE)
    assert cache.probe(key(1)).result.outputs["df"] == big
    blobs.delete(big.digest)
    assert cache.probe(key(1)) == (None, "output 'df' is no longer in the store", {})
    cache.record(result(2, transcript=big.digest), inline=INLINE)
    assert cache.probe(key(2)).why == "its printed output is no longer in the store"


def test_declared_files_are_looked_at_again_on_a_hit(tmp_path):
    changed = []
    cache = ActionCache(
        tmp_path / "a.sqlite",
        file_check=lambda part: "".join(changed) and f"file {part.name} changed",
    )
    cache.record(result(1), components=PARTS, inline=INLINE)
    assert cache.probe(key(1)).result
    changed.append("yes")
    assert cache.probe(key(1)).why == "file data.csv changed"


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE outputs SET digest = replace(digest, substr(digest, 1, 4), 'ffff')",
        "UPDATE outputs SET name = 'other'",
        "UPDATE outputs SET size = size + 1",
        "UPDATE actions SET components = '[' || components",
        "UPDATE actions SET duration = 0.001",
        "UPDATE actions SET key = substr(key, 1, 63) || 'z'",
        "UPDATE blobs SET data = x'4f524e42'",
        "UPDATE blobs SET data = zeroblob(length(data))",
        "DELETE FROM blobs",
        "DELETE FROM outputs",
    ],
)
def test_a_damaged_entry_is_a_miss_and_can_be_recorded_anew(cache, sql):
    cache.record(result(1), components=PARTS, inline=INLINE)
    damage(cache, sql)
    probe = cache.probe(key(1))
    assert probe.result is None
    assert probe.why
    cache.record(result(1), components=PARTS, inline=INLINE)
    assert cache.probe(key(1)).result


@pytest.mark.parametrize("how", ["garbage", "header", "middle", "truncated", "empty", "version"])
@pytest.mark.parametrize("open_before", [False, True])
def test_a_damaged_database_is_set_aside(tmp_path, how, open_before):
    path = tmp_path / "a.sqlite"
    writer = ActionCache(path)
    writer.record_many(Record(result(n), "n", inline=INLINE) for n in range(500))
    writer.close()
    reader = ActionCache(path)
    if open_before:
        assert reader.probe(key(1)).result
        reader.close()
    data = bytearray(path.read_bytes())
    if how == "garbage":
        data[:] = os.urandom(len(data))
    elif how == "header":
        data[:100] = bytes(100)
    elif how == "middle":
        data[4096:-4096] = os.urandom(len(data) - 8192)
    elif how == "truncated":
        del data[len(data) // 2 :]
    elif how == "empty":
        data.clear()
    else:
        data[60:64] = (999).to_bytes(4, "big")
    path.write_bytes(data)
    for probe in reader.probe_many([key(1), key(250), key(499)]).values():
        assert probe.result is None or probe.result.outputs == {"value": SMALL.output}
    reader.record(result("new"), inline=INLINE)
    assert reader.probe(key("new")).result
    assert ActionCache(path).probe(key("new")).result
    if how != "empty":
        assert list((tmp_path / "quarantine").iterdir())


def test_damage_under_an_open_connection(cache):
    cache.record_many(Record(result(n), "n", "g", PARTS, INLINE) for n in range(2000))
    with open(cache.path, "r+b") as file:
        file.seek(0)
        file.write(os.urandom(os.path.getsize(cache.path)))
    wal = f"{cache.path}-wal"
    with open(wal, "r+b") as file:
        file.write(os.urandom(os.path.getsize(wal)))
    other = ActionCache(cache.path)
    other.record(result("new"), inline=INLINE)
    for n in range(0, 2000, 100):
        probe = cache.probe(key(n))
        assert probe.result is None or probe.result.outputs == {"value": SMALL.output}
    assert ActionCache(cache.path).probe(key("new")).result


def test_latest_keys_of_a_name_newest_first(cache):
    for n in range(8):
        parts = (Component("code", "", key(n)),)
        cache.record(result(n), name="nb:clean", components=parts, inline=INLINE)
    cache.record(
        result(5), name="nb:clean", components=(Component("code", "", key(5)),), inline=INLINE
    )
    used = cache.latest("nb:clean")
    assert [item.key for item in used] == [key(n) for n in (5, 7, 6, 4, 3)]
    assert used[0].components == (Component("code", "", key(5)),)
    assert cache.latest("other") == ()


def test_run_times_of_a_group(cache):
    assert cache.history("g") == ()
    for n in range(150):
        cache.observe("g", n)
    cache.observe("h", 0.5)
    assert cache.history("g") == tuple(range(50, 150))
    cache.close()
    assert cache.history("g") == tuple(range(50, 150))
    assert cache.history("h") == (0.5,)


def test_list_size_remove_clear(cache):
    big = Output(key("big"), 10**9)
    cache.record(result(1, {"df": big}), name="a", inline={})
    cache.record(result(2), name="b", inline=INLINE)
    assert [(e.name, e.size) for e in cache.list()] == [("b", SMALL.size), ("a", 10**9)]
    assert [e.name for e in cache.list(name="a")] == ["a"]
    size = cache.size()
    assert (size.entries, size.inline, size.referenced) == (2, SMALL.size, 10**9)
    assert cache.remove([key(2), key(3)]) == 1
    assert cache.size().inline == 0
    assert cache.clear() == 1
    assert cache.list() == ()


def test_the_least_recently_used_are_forgotten_first(cache, monkeypatch):
    clock = iter(range(1000, 2000))
    monkeypatch.setattr("orion_nb.store.actions.time.time", lambda: float(next(clock)))
    for n in range(6):
        value = codec.encode(bytes([n]) * 1000)
        cache.record(result(n, {"value": value.output}), inline={value.digest: value.to_bytes()})
    assert cache.probe(key(0)).result
    assert cache.evict(max_bytes=5000) == 3
    assert [cache.probe(key(n)).result is not None for n in range(6)] == [
        True,
        False,
        False,
        False,
        True,
        True,
    ]


def test_the_database_stays_below_its_limit(tmp_path):
    cache = ActionCache(tmp_path / "a.sqlite", limit=2_000_000)
    for start in range(0, 2000, 100):
        values = [codec.encode(os.urandom(5000)) for _ in range(100)]
        cache.record_many(
            Record(result(start + n, {"value": v.output}), inline={v.digest: v.to_bytes()})
            for n, v in enumerate(values)
        )
    assert cache.size().inline < 3_000_000
    assert cache.probe(key(1999)).result


def test_many_processes_at_once(tmp_path):
    script = """
import sys, hashlib
from orion_nb.core.model import ActionResult
from orion_nb.store import ActionCache, codec
cache = ActionCache(sys.argv[1])
value = codec.encode(42)
for n in range(150):
    key = hashlib.sha256(str(n % 50).encode()).hexdigest()
    hit = cache.probe(key).result
    assert hit is None or hit.outputs == {"value": value.output}
    cache.record(ActionResult(key, {"value": value.output}, 1.0), name="x", inline={value.digest: value.to_bytes()})
    cache.observe("g", n)
cache.close()
"""
    path = tmp_path / "a.sqlite"
    processes = [subprocess.Popen([sys.executable, "-c", script, str(path)]) for _ in range(4)]
    assert [process.wait() for process in processes] == [0] * 4
    cache = ActionCache(path)
    assert cache.size().entries == 50
    assert len(cache.history("g")) == 100
    assert not (tmp_path / "quarantine").exists()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_uses_a_connection_of_its_own(cache):
    cache.record(result(1), inline=INLINE)
    child = os.fork()
    if child == 0:
        cache.record(result(2), inline=INLINE)
        os._exit(0 if cache.probe(key(1)).result else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert cache.probe(key(2)).result
