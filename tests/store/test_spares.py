"""Files that are written over: never one that somebody reads, and never more than allowed."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from orion_nb.exceptions import CorruptBlob, ObjectUnavailable
from orion_nb.store import CasStore, codec, filelock, spares
from orion_nb.store import cas as cas_module
from orion_nb.store.digests import CHUNK, SHA256_TAG, chunk_digests, manifest

pytestmark = pytest.mark.skipif(not filelock.CAN_SHARE, reason="nothing is written over there")

MB = 1 << 20


def array(seed: int, size: int = 5 * MB) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 1 << 60, size // 8)


def put(store, value):
    return store.put(codec.encode(value)).digest


def inode(store, digest):
    return store.path(digest).stat().st_ino


@pytest.mark.parametrize("size", [5 * MB, 8 * MB, 4 * MB + 8], ids=["equal", "longer", "shorter"])
def test_the_next_large_value_is_written_into_the_file_of_one_that_went(tmp_path, size):
    store = CasStore(tmp_path)
    old = put(store, array(0))
    file = inode(store, old)
    assert store.discard(old)
    assert not store.has(old)
    new = put(store, array(1, size))
    assert inode(store, new) == file
    assert oct(store.path(new).stat().st_mode & 0o777) == "0o400"
    blob = store.open(new)
    assert np.array_equal(codec.decode(blob.buffer), array(1, size))
    assert not list((tmp_path / "spare").iterdir())
    CasStore(tmp_path, trust_since=store.path(new).stat().st_mtime + 1).open(new)  # hashed anew


def test_a_file_that_is_read_is_left_alone_until_it_is_let_go(tmp_path):
    store = CasStore(tmp_path)
    old = put(store, array(0))
    file = inode(store, old)
    value = codec.decode(store.open(old).buffer)
    part = value[-10:]
    store.discard(old)
    new = put(store, array(1))
    assert inode(store, new) != file
    assert np.array_equal(value, array(0))
    del value
    assert inode(store, put(store, array(2))) != file, "a part of it is still in use"
    assert np.array_equal(part, array(0)[-10:])
    del part
    assert inode(store, put(store, array(3))) == file


def test_a_reader_in_another_process_counts_until_it_dies(tmp_path):
    store = CasStore(tmp_path)
    old = put(store, array(0))
    file = inode(store, old)
    script = """
import sys
from orion_nb.store import CasStore, codec
value = codec.decode(CasStore(sys.argv[1]).open(sys.argv[2]).buffer)
for _ in sys.stdin:
    print(int(value.sum()), flush=True)
"""
    reader = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), old],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )

    def total():
        reader.stdin.write(b"\n")
        reader.stdin.flush()
        return int(reader.stdout.readline())

    expected = int(array(0).sum())
    assert total() == expected
    store.discard(old)
    assert inode(store, put(store, array(1))) != file
    assert total() == expected
    reader.kill()
    reader.communicate()
    assert inode(store, put(store, array(2))) == file


def test_a_reader_that_comes_too_late_reads_nothing(tmp_path, monkeypatch):
    store = CasStore(tmp_path)
    old = put(store, array(0))

    def late(fd):
        store.discard(old)
        put(CasStore(tmp_path), array(1))
        return filelock.share(fd)

    monkeypatch.setattr(cas_module, "share", late)
    with pytest.raises(ObjectUnavailable, match="deleted just now"):
        store.open(old)


def test_while_somebody_writes_nobody_reads(tmp_path, monkeypatch):
    store = CasStore(tmp_path)
    old = put(store, array(0))
    real = cas_module.share
    held = []

    def busy(fd):
        store.discard(old)
        held.append(store._spares.take(5 * MB, tmp_path / "tmp" / "half"))
        return real(fd)

    monkeypatch.setattr(cas_module, "share", busy)
    with pytest.raises(ObjectUnavailable):
        store.open(old)
    os.close(held[0])


def test_spare_files_are_few_and_the_first_to_go(tmp_path, monkeypatch):
    store = CasStore(tmp_path, limit=100 * MB)
    digests = [put(store, array(seed)) for seed in range(4)]
    small = put(store, array(9, MB))
    for digest in (*digests, small):
        store.discard(digest)
    spare = tmp_path / "spare"
    assert len(list(spare.iterdir())) == 2, "an eighth of the limit"
    assert store._spares.usage() <= 100 * MB * spares.SHARE
    CasStore(tmp_path, limit=12 * MB).put(bytes(3 * MB))
    assert not list(spare.iterdir()), "room was needed"

    monkeypatch.setattr(spares, "LONGEST", -1.0)
    for seed in range(2):
        store.discard(put(store, array(seed)))
    assert len(list(spare.iterdir())) == 1, "the older one is of no use any more"
    store.clear()
    assert not list(spare.iterdir())
    store.discard(put(store, array(0)))
    store.close()
    assert not list(spare.iterdir())


def test_what_is_not_used_soon_goes_by_itself(tmp_path, monkeypatch):
    timers = []

    class Timer:
        daemon = False

        def __init__(self, seconds, call):
            self.seconds, self.call = seconds, call

        def start(self):
            assert self.daemon
            timers.append(self)

    monkeypatch.setattr(spares.threading, "Timer", Timer)
    store = CasStore(tmp_path)
    for digest in [put(store, array(seed)) for seed in range(2)]:
        store.discard(digest)
    (timer,) = timers
    assert timer.seconds > spares.LONGEST
    timer.call()
    assert len(list((tmp_path / "spare").iterdir())) == 2, "they are young still"
    monkeypatch.setattr(spares, "LONGEST", -1.0)
    timers[1].call()
    assert not list((tmp_path / "spare").iterdir())
    assert len(timers) == 2


def test_a_writer_killed_over_a_spare_file_leaves_no_blob(tmp_path):
    script = """
import os, signal, sys
from orion_nb.store import CasStore, cas
store = CasStore(sys.argv[1])
store.discard(store.put(bytes(5_000_000)).digest)
def dies(segments, size, write):
    write(segments[0][:1000], 0)
    os.kill(os.getpid(), signal.SIGKILL)
cas.segments_digest = dies
store.put(b"x" * 5_000_000)
"""
    assert subprocess.run([sys.executable, "-c", script, str(tmp_path)]).returncode == -9
    (rest,) = (tmp_path / "tmp").iterdir()
    os.utime(rest, (0, 0))
    store = CasStore(tmp_path)
    put(store, array(0))
    assert not rest.exists()
    assert store.usage().blobs == 1


def test_many_processes_read_discard_and_write_over_at_once(tmp_path):
    script = """
import random, sys
import numpy as np
from orion_nb.exceptions import ObjectUnavailable
from orion_nb.store import CasStore, codec, spares
spares.SMALLEST = 1 << 20
store = CasStore(sys.argv[1], trust_since=0)
rng = random.Random(int(sys.argv[2]))
make = lambda seed: np.random.default_rng(seed).integers(0, 1 << 60, 150_000 + seed)
held = []
for _ in range(150):
    seed = rng.randrange(6)
    digest = store.put(codec.encode(make(seed))).digest
    try:
        held.append((seed, codec.decode(store.open(digest).buffer)))
    except ObjectUnavailable:
        pass
    store.discard(digest)
    if len(held) > 3:
        seed, value = held.pop(rng.randrange(len(held)))
        assert np.array_equal(value, make(seed)), "written over while it was read"
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(seed)])
        for seed in range(3)
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    assert not list((tmp_path / "quarantine").iterdir())
    assert not list((tmp_path / "tmp").iterdir())


def test_a_name_of_the_earlier_kind_still_proves_a_blob(tmp_path):
    import hashlib

    store = CasStore(tmp_path)
    data = array(0, 3 * CHUNK + 8).tobytes()
    chunks = chunk_digests((data,), hash=hashlib.sha256)
    earlier = hashlib.sha256(manifest(len(data), chunks, SHA256_TAG)).hexdigest()
    path = store.path(earlier)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    assert bytes(store.open(earlier).view()) == data
    path.write_bytes(data[:-1] + b"!")
    with pytest.raises(CorruptBlob):
        store.open(earlier)
