"""Large results that no cache keeps: their files live as long as somebody can ask for them."""

from __future__ import annotations

from pathlib import Path

import pytest

import orion_nb
from orion_nb.exceptions import ObjectUnavailable

LARGE = 1 << 20


def make(letter: str) -> bytes:
    return letter.encode() * LARGE


def size(data: bytes) -> int:
    return len(data)


def blobs(runtime: orion_nb.Runtime) -> int:
    """Large values on disk, after everything that was asked for is done."""
    assert runtime.get(runtime.submit(size, b"")) == 0  # gives the loop something to do
    runtime.flush_cache()
    return len(list(runtime.store.digests()))


def settle(runtime: orion_nb.Runtime, expected: int) -> None:
    """A dropped ref is noticed in the loop's next rounds, not at once."""
    for _ in range(200):
        if blobs(runtime) == expected:
            return
    assert blobs(runtime) == expected


@pytest.fixture
def runtime(tmp_path: Path):
    with orion_nb.Runtime(workers=1, cache_dir=tmp_path) as runtime:
        yield runtime


def test_a_file_goes_with_the_last_ref(runtime: orion_nb.Runtime) -> None:
    ref = runtime.submit(make, "a")
    value = runtime.get(ref)
    assert blobs(runtime) == 1
    del ref
    settle(runtime, 0)
    assert value == make("a")


def test_an_input_is_kept_until_its_reader_is_done(runtime: orion_nb.Runtime) -> None:
    ref = runtime.submit(make, "b")
    length = runtime.submit(size, ref)
    del ref
    assert runtime.get(length) == LARGE
    settle(runtime, 0)


def test_a_cached_result_of_the_same_content_is_kept(runtime: orion_nb.Runtime) -> None:
    cached = runtime.submit(make, "c", cache="default")
    scratch = runtime.submit(make, "c")
    runtime.wait([cached, scratch])
    del cached, scratch
    again = runtime.submit(make, "c", cache="default")
    assert runtime.get(again) == make("c")
    settle(runtime, 1)


def test_shutdown_deletes_them_and_says_so(tmp_path: Path) -> None:
    with orion_nb.Runtime(workers=1, cache_dir=tmp_path) as runtime:
        ref = runtime.submit(make, "d")
        value = runtime.get(ref)
    assert not [path for path in (tmp_path / "blobs" / "objects").rglob("*") if path.is_file()]
    assert value == make("d")
    with pytest.raises(ObjectUnavailable, match="deleted at shutdown"):
        runtime.get(ref)
