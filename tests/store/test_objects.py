"""`ObjectStore`: values by reference, waiting, notification."""

from __future__ import annotations

import logging
import threading

import numpy as np
import pytest

from orion_nb.core.model import ObjectRef
from orion_nb.exceptions import NotPicklable, ObjectUnavailable
from orion_nb.store import INLINE_LIMIT, CasStore, MemoryBlobs, ObjectStore, codec

A = ObjectRef("a")


@pytest.fixture
def store():
    return ObjectStore(MemoryBlobs())


def test_small_values_stay_here_and_big_ones_go_to_the_blobs(store):
    small = store.put_value(A, [1, 2])
    big = store.put_value(ObjectRef("b"), np.zeros(INLINE_LIMIT))
    assert store.get(A) == [1, 2]
    assert store.inline(A) is not None
    assert store.get(ObjectRef("b")).sum() == 0
    assert store.inline(ObjectRef("b")) is None
    assert not store.blobs.has(small.digest)
    assert store.blobs.has(big.digest)
    assert store.output(A) == small


def test_every_get_is_a_value_of_its_own(store):
    store.put_value(A, {"rows": [1]})
    store.get(A)["rows"].append(2)
    assert store.get(A) == {"rows": [1]}


def test_get_before_put_and_after_discard(store):
    with pytest.raises(ObjectUnavailable, match="no value yet"):
        store.get(A)
    store.put_value(A, 1)
    assert A in store
    assert list(store) == [A]
    store.discard(A)
    assert A not in store
    with pytest.raises(ObjectUnavailable):
        store.get(A)


def test_get_blocking_waits_for_the_put(store):
    got = []
    waiting = threading.Thread(target=lambda: got.append(store.get_blocking(A, timeout=30)))
    waiting.start()
    store.put_value(ObjectRef("other"), 1)
    store.put_value(A, "here")
    waiting.join(30)
    assert got == ["here"]
    with pytest.raises(TimeoutError, match="later did not arrive"):
        store.get_blocking(ObjectRef("later"), timeout=0.01)


def test_put_notifies_everybody_even_after_a_failing_callback(store, caplog):
    seen = []

    def fails(ref, output):
        raise RuntimeError("mine")

    store.on_put(fails)
    stop = store.on_put(lambda ref, output: seen.append((ref, output)))
    with caplog.at_level(logging.ERROR):
        output = store.put_value(A, 1)
    assert seen == [(A, output)]
    assert "callback" in caplog.text
    stop()
    store.put_value(A, 2)
    assert len(seen) == 1
    assert store.get(A) == 2


def test_an_evicted_blob_is_unavailable(tmp_path):
    store = ObjectStore(CasStore(tmp_path))
    output = store.put_value(A, np.zeros(100_000))
    store.blobs.delete(output.digest)
    with pytest.raises(ObjectUnavailable, match="not in the store"):
        store.get(A)


def test_a_value_that_cannot_travel_is_named_and_not_put(store):
    with pytest.raises(NotPicklable, match=r"a\[0\]"):
        store.put_value(A, [threading.Lock()])
    assert A not in store


def test_bytes_that_came_along_are_used_without_the_blob_store(store):
    encoded = codec.encode("hello")
    store.put(A, encoded.output, encoded.to_bytes())
    assert store.get(A) == "hello"
