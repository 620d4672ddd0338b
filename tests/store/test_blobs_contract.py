"""One suite for every `BlobStore`: what a caller may rely on whichever it holds."""

from __future__ import annotations

import gc
import hashlib
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from blake3 import blake3

from orion_nb.exceptions import ObjectUnavailable, UsageError
from orion_nb.store import BlobStore, CasStore, MemoryBlobs, codec
from orion_nb.store.digests import CHUNK, MANIFEST_TAG, blob_digest

SIZES = [0, 1, 100, 100_000, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 9 * CHUNK + 17]


@pytest.fixture(params=["memory", "files", "durable files"])
def store(request, tmp_path):
    if request.param == "memory":
        yield MemoryBlobs()
        return
    cas = CasStore(tmp_path, durable=request.param.startswith("durable"))
    yield cas
    cas.close()
    assert not list((tmp_path / "tmp").iterdir()), "nothing half-written is left"


def content(size: int) -> bytes:
    return np.random.default_rng(size).bytes(size)


def test_it_is_a_blob_store(store):
    assert isinstance(store, BlobStore)


@pytest.mark.parametrize("size", SIZES)
def test_what_was_put_is_read_back(store, size):
    data = content(size)
    output = store.put(data)
    assert output == (blob_digest(data), size)
    with store.open(output.digest) as blob:
        assert blob.size == size
        assert bytes(blob.view()) == data


def test_small_blobs_are_named_by_their_plain_sha256_and_big_ones_by_their_manifests(store):
    small, big = content(1000), content(2 * CHUNK + 5)
    assert store.put(small).digest == hashlib.sha256(small).hexdigest()
    chunks = [blake3(big[at : at + CHUNK]).digest() for at in (0, CHUNK, 2 * CHUNK)]
    manifest = MANIFEST_TAG + b"%d %d\n" % (len(big), CHUNK) + b"".join(chunks)
    assert store.put(big).digest == hashlib.sha256(manifest).hexdigest()
    with pytest.raises(UsageError):
        store.put(manifest)


def test_however_the_pieces_are_cut_the_digest_is_the_same(store):
    data = content(5 * CHUNK + 3)
    expected = store.put(data).digest
    for cuts in ([1], [CHUNK], [CHUNK + 1, 2 * CHUNK], list(range(0, len(data), 700_001))):
        edges = [0, *cuts, len(data)]
        pieces = [memoryview(data)[a:b] for a, b in pairwise(edges)]
        assert store.put(codec.Encoded(pieces, len(data))).digest == expected


def test_putting_twice_changes_nothing(store):
    data = content(200_000)
    assert store.put(data) == store.put(data)
    assert bytes(store.open(store.put(data).digest).view()) == data


def test_has_delete_and_what_is_not_there(store):
    output = store.put(content(10))
    assert store.has(output.digest)
    assert store.delete(output.digest)
    assert not store.delete(output.digest)
    assert not store.has(output.digest)
    with pytest.raises(ObjectUnavailable):
        store.open(output.digest)


@pytest.mark.parametrize("bad", ["", "abc", "../../etc/passwd", "A" * 64, "0" * 63 + "/"])
def test_a_digest_is_checked_before_it_becomes_a_path(store, bad):
    for method in (store.open, store.has, store.delete):
        with pytest.raises(UsageError):
            method(bad)


@pytest.mark.parametrize("items", [10, 20_000, 500_000])
def test_values_are_writable_and_private(store, items):
    digest = store.put(codec.encode(np.zeros(items))).digest
    first, second = (codec.decode(store.open(digest).buffer) for _ in range(2))
    first[:] = 5
    assert second.sum() == 0
    second[0] = 3
    assert first[0] == 5
    assert codec.decode(store.open(digest).buffer).sum() == 0


def test_a_value_outlives_its_blob_and_the_store_entry(store):
    digest = store.put(codec.encode(np.arange(500_000))).digest
    with store.open(digest) as blob:
        value = codec.decode(blob.buffer)
    del blob
    store.delete(digest)
    gc.collect()
    assert value.sum() == 499_999 * 250_000


def test_pins(store):
    output = store.put(content(10))
    assert store.pin(output.digest)
    assert store.pin(output.digest)
    store.unpin(output.digest)
    store.unpin(output.digest)
    store.delete(output.digest)
    assert not store.pin(output.digest)


def test_many_threads(store):
    blobs = [content(size) for size in (100, 150_000, 2 * CHUNK)] * 8

    def work(data):
        return bytes(store.open(store.put(data).digest).view()) == data

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, blobs))
