"""`CasStore`: damage, crashes, limits, and many processes at once."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from orion_nb.exceptions import CorruptBlob, ObjectUnavailable, StoreError, StoreFull
from orion_nb.store import CasStore, codec, eviction
from orion_nb.store import cas as cas_module

MB = 1 << 20


def content(seed: int, size: int = 2 * MB) -> bytes:
    return np.random.default_rng(seed).bytes(size)


def rewrite(path, change):
    """Damage a file as a stray program would."""
    os.chmod(path, 0o600)
    with open(path, "r+b") as file:
        change(file)


def flip(file):
    file.seek(1000)
    byte = file.read(1)
    file.seek(1000)
    file.write(bytes([byte[0] ^ 1]))


@pytest.mark.parametrize("size", [150_000, 2 * MB])
@pytest.mark.parametrize(
    "damage",
    [
        flip,
        lambda file: file.truncate(2000),
        lambda file: file.truncate(0),
        lambda file: (file.seek(0, 2), file.write(b"x")),
    ],
    ids=["flipped bit", "truncated", "emptied", "longer"],
)
def test_damage_is_detected_set_aside_and_healed_by_the_next_put(tmp_path, size, damage):
    store = CasStore(tmp_path)
    data = content(1, size)
    digest = store.put(data).digest
    rewrite(store.path(digest), damage)
    with pytest.raises(CorruptBlob, match="set aside"):
        store.open(digest)
    assert not store.has(digest)
    assert len(list((tmp_path / "quarantine").iterdir())) == 1
    with pytest.raises(ObjectUnavailable):
        store.open(digest)
    assert store.put(data).digest == digest
    assert bytes(store.open(digest).view()) == data


def test_putting_over_an_undetected_damage_heals_it(tmp_path):
    store = CasStore(tmp_path)
    data = content(1)
    digest = store.put(data).digest
    rewrite(store.path(digest), flip)
    store.put(data)
    assert bytes(store.open(digest).view()) == data


def test_damage_that_kept_the_time_is_found_by_the_next_session(tmp_path):
    digest = CasStore(tmp_path).put(content(1)).digest
    path = CasStore(tmp_path).path(digest)
    stat = path.stat()
    rewrite(path, flip)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    with pytest.raises(CorruptBlob):
        CasStore(tmp_path, trust_since=time.time() + 1).open(digest)


def test_a_blob_is_hashed_once_per_session_not_by_every_reader(tmp_path, monkeypatch):
    hashed = []
    real = cas_module.proves
    monkeypatch.setattr(
        cas_module, "proves", lambda data, digest: hashed.append(len(data)) or real(data, digest)
    )
    now = time.time()
    digest = CasStore(tmp_path, trust_since=now).put(content(1)).digest
    CasStore(tmp_path, trust_since=now).open(digest)
    assert hashed == [], "written in this session, by whichever process"
    old = now - 3600
    cas_module.set_seal(CasStore(tmp_path).path(digest), digest, 2 * MB, now=old)
    CasStore(tmp_path, trust_since=now).open(digest)
    CasStore(tmp_path, trust_since=now).open(digest)
    assert len(hashed) == 1, "found from an earlier session: the first reader hashes"


def test_a_file_system_with_coarse_times_is_verified_once_per_process(tmp_path, monkeypatch):
    def coarse(path, digest, size, now=None):
        os.utime(path, (1e9, 1e9))

    monkeypatch.setattr(cas_module, "set_seal", coarse)
    store = CasStore(tmp_path)
    digest = store.put(content(1)).digest
    monkeypatch.setattr(cas_module, "proves", lambda *_: pytest.fail("hashed again"))
    store.open(digest)
    with pytest.raises(pytest.fail.Exception):
        CasStore(tmp_path).open(digest)


def test_a_writer_killed_in_the_middle_leaves_no_blob_and_its_rest_is_removed(tmp_path):
    script = """
import os, signal, sys
from orion_nb.store import CasStore, cas
def dies(segments, size, write):
    write(segments[0][:1000], 0)
    print("half", flush=True)
    sys.stdin.read()
cas.segments_digest = dies
CasStore(sys.argv[1]).put(bytes(3_000_000))
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"half\n"
    (rest,) = (tmp_path / "tmp").iterdir()
    os.utime(rest, (0, 0))
    CasStore(tmp_path).put(content(1))
    assert rest.exists(), "its writer lives"
    process.kill()
    process.communicate()
    assert CasStore(tmp_path).usage().blobs == 1
    CasStore(tmp_path).put(content(2))
    assert not rest.exists()


def test_the_least_recently_used_go_first_and_pinned_ones_stay(tmp_path):
    store = CasStore(tmp_path, limit=10 * MB)
    digests = [store.put(content(seed)).digest for seed in range(4)]
    for age, digest in enumerate(digests):
        path = store.path(digest)
        os.utime(path, ns=(10**18 + age, path.stat().st_mtime_ns))
    store.open(digests[0])
    assert store.pin(digests[1])
    store.put(content(9, 3 * MB))
    assert [store.has(digest) for digest in digests] == [True, True, False, True]
    assert store.usage().size <= 10 * MB


def test_a_pin_of_another_process_holds_until_that_process_dies(tmp_path):
    store = CasStore(tmp_path, limit=5 * MB)
    digest = store.put(content(0)).digest
    script = """
import sys
from orion_nb.store import CasStore
store = CasStore(sys.argv[1])
print(store.pin(sys.argv[2]), flush=True)
sys.stdin.read()
"""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), digest],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout.readline() == b"True\n"
    store.put(content(1))
    with pytest.raises(StoreFull, match="in use"):
        store.put(content(2, 4 * MB))
    assert store.has(digest)
    process.kill()
    process.communicate()
    store.put(content(2, 4 * MB))
    assert not store.has(digest)


def test_pins_survive_the_compaction_of_their_log(tmp_path, monkeypatch):
    monkeypatch.setattr(eviction, "_COMPACT_FROM", 200)
    store = CasStore(tmp_path)
    keep, other = store.put(content(0)).digest, store.put(content(1)).digest
    store.pin(keep)
    for _ in range(20):
        store.pin(other)
        store.unpin(other)
    assert eviction.pinned(tmp_path / "pins") == {keep}
    store.clear()
    assert list(store.digests()) == [keep]
    store.close()
    assert eviction.pinned(tmp_path / "pins") == set()


def test_more_than_the_limit_is_refused_at_once(tmp_path):
    store = CasStore(tmp_path, limit=MB)
    with pytest.raises(StoreFull, match="more than the cache may hold"):
        store.put(content(0))
    assert store.usage().blobs == 0


def full_disk(monkeypatch, times):
    """The next `times` writes find the disk full."""
    real, left = os.pwrite, [times]

    def pwrite(fd, data, offset):
        if left[0]:
            left[0] -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data, offset)

    monkeypatch.setattr(os, "pwrite", pwrite)


@pytest.mark.skipif(sys.platform == "win32", reason="writes without pwrite there")
def test_a_full_disk_evicts_and_tries_again_then_says_so(tmp_path, monkeypatch):
    store = CasStore(tmp_path)
    old = store.put(content(0)).digest
    full_disk(monkeypatch, 1)
    new = store.put(content(1)).digest
    assert store.has(new)
    assert not store.has(old)
    full_disk(monkeypatch, 1000)
    with pytest.raises(StoreFull, match="disk is full"):
        store.put(content(2, 20 * MB))
    assert not list((tmp_path / "tmp").iterdir())
    assert store.usage().blobs <= 1


def test_other_errors_of_the_disk_are_store_errors(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="create the cache directory"):
        CasStore(tmp_path / "file")


def test_without_descriptors_a_big_blob_is_read_instead_of_mapped(tmp_path, monkeypatch):
    store = CasStore(tmp_path)
    digest = store.put(codec.encode(np.arange(500_000))).digest

    def refuses(*args, **kwargs):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(cas_module.mmap, "mmap", refuses)
    value = codec.decode(store.open(digest).buffer)
    assert value[-1] == 499_999
    value[0] = 1


def test_many_processes_write_read_and_evict_at_once(tmp_path):
    script = """
import sys, random
import numpy as np
from orion_nb.exceptions import ObjectUnavailable
from orion_nb.store import CasStore
store = CasStore(sys.argv[1], limit=12 << 20, trust_since=0)
rng = random.Random(int(sys.argv[2]))
for _ in range(60):
    data = np.random.default_rng(rng.randrange(12)).bytes(1_500_000)
    digest = store.put(data).digest
    try:
        assert bytes(store.open(digest).view()) == data
    except ObjectUnavailable:
        pass
    if store.pin(digest):
        assert bytes(store.open(digest).view()) == data
        store.unpin(digest)
"""
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path), str(seed)])
        for seed in range(3)
    ]
    assert [process.wait() for process in processes] == [0, 0, 0]
    store = CasStore(tmp_path, limit=12 * MB)
    assert store.usage().size <= 12 * MB * 1.5
    assert not list((tmp_path / "quarantine").iterdir())
    assert not list((tmp_path / "tmp").iterdir())
    store.put(content(99))
    assert store.usage().size <= 12 * MB
