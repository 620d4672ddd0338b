"""SHA-256 of large memory at the speed of the machine: no copy, and more than one core.

A buffer longer than `CHUNK` is hashed as the SHA-256 over the digests of its chunks (and its
size), so that threads can share the work (hashlib lets go of the GIL). The result does not
depend on the number of threads.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from hashlib import sha256

CHUNK = 1 << 20
"""Bytes. Part of the definition of a digest: changing it changes the hash of all larger values."""

MAX_THREADS = 4
"""More gain nothing: the bandwidth of the memory is the limit."""

_PARALLEL_FROM = 4 * CHUNK  # below, starting threads costs more than it saves


def buffer_digest(data: bytes | bytearray | memoryview) -> bytes:
    """32 bytes that name the content of a buffer (C-contiguous if it is a memoryview)."""
    view = memoryview(data)
    if view.nbytes <= CHUNK:
        return sha256(view).digest()
    view = view.cast("B")
    threads = min(MAX_THREADS, _cores()) if view.nbytes >= _PARALLEL_FROM else 1
    if threads == 1:
        digests = [sha256(chunk).digest() for chunk in _chunks(view)]
    else:
        from concurrent.futures import ThreadPoolExecutor  # brings logging along

        with ThreadPoolExecutor(threads, thread_name_prefix="orion-hash") as pool:
            # Sixteen chunks a call: the pool's own cost stays far below that of hashing.
            step = 16 * CHUNK
            parts = [view[at : at + step] for at in range(0, view.nbytes, step)]
            digests = [digest for some in pool.map(_digests, parts) for digest in some]
    return _tree(view.nbytes, digests)


class StreamDigest:
    """The same digest for content that arrives in pieces; a file object to write to."""

    closed = False

    def __init__(self) -> None:
        self._size = 0
        self._digests: list[bytes] = []
        self._current = sha256()
        self._room = CHUNK

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | memoryview) -> int:
        view = memoryview(data).cast("B")
        size = view.nbytes
        while view.nbytes:
            if not self._room:
                self._digests.append(self._current.digest())
                self._current, self._room = sha256(), CHUNK
            piece = view[: self._room]
            self._current.update(piece)
            self._room -= piece.nbytes
            view = view[piece.nbytes :]
        self._size += size
        return size

    def flush(self) -> None:
        """Nothing is kept back."""

    def digest(self) -> bytes:
        last = self._current.digest()
        if self._size <= CHUNK:
            return last
        return _tree(self._size, [*self._digests, last])


def _chunks(view: memoryview) -> Iterator[memoryview]:
    return (view[at : at + CHUNK] for at in range(0, view.nbytes, CHUNK))


def _digests(view: memoryview) -> list[bytes]:
    return [sha256(chunk).digest() for chunk in _chunks(view)]


def _tree(size: int, digests: list[bytes]) -> bytes:
    return sha256(b"orion chunks %d\n" % size + b"".join(digests)).digest()


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
