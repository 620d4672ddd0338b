"""The name of a blob: content only, the same on every machine, computed by all cores at once.

* A blob of at most one `CHUNK` is named by the plain SHA-256 of its bytes.
* A longer blob is named by the SHA-256 of its *manifest*: a line of text that no other blob
  may begin with (`put` refuses it), its size, then the BLAKE3 digest of every chunk.

BLAKE3 is as strong as SHA-256 and costs half of it or less where SHA-256 has instructions of
its own, an eighth where it has none. Chunks are independent, so two threads hash twice as
fast (both let go of the GIL); and hashing runs chunk by chunk beside writing, while the chunk
is still in the processor's cache. The domain is separated by the manifest's first line.

Before, a manifest held the plain SHA-256 of every chunk (`SHA256_TAG`). Such a name still
proves a blob: old caches keep their worth, and a store that speaks SHA-256 only can be served.
"""

from __future__ import annotations

import hashlib
import os
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Protocol

from blake3 import blake3

from ..core.model import Digest

Buffer = bytes | bytearray | memoryview
"""What a blob's bytes arrive in; memoryviews are flat (format ``B``)."""

CHUNK = 1 << 20
"""Bytes. Part of the definition of a digest: changing it renames every blob above 1 MiB."""

MANIFEST_TAG = b"orion manifest 2 blake3\n"
SHA256_TAG = b"orion manifest 1\n"

MAX_THREADS = 4
"""More writers than this gain nothing: memory bandwidth is the limit."""

_PARALLEL_FROM = 4 * CHUNK  # below, starting a thread costs more than it saves
_TAGS = b"orion manifest "


class Hasher(Protocol):
    """What `hashlib` and `blake3` make."""

    def update(self, data: Buffer, /) -> object: ...

    def digest(self) -> bytes: ...


def blob_digest(data: Buffer) -> Digest:
    """The digest of a blob that lies in one piece."""
    if len(data) <= CHUNK:
        return hashlib.sha256(data).hexdigest()
    return segments_digest((memoryview(data),), len(data))


def proves(data: Buffer, digest: Digest) -> bool:
    """Whether these bytes are the blob of that name, of today's kind or the earlier one."""
    if blob_digest(data) == digest:
        return True
    if len(data) <= CHUNK:
        return False
    chunks = chunk_digests((memoryview(data),), hash=hashlib.sha256)
    return hashlib.sha256(manifest(len(data), chunks, SHA256_TAG)).hexdigest() == digest


def is_manifest(data: Buffer) -> bool:
    """Whether these bytes could be mistaken for the manifest of another blob."""
    return len(data) <= CHUNK and bytes(data[: len(_TAGS)]) == _TAGS


def manifest(size: int, chunks: Iterable[bytes], tag: bytes = MANIFEST_TAG) -> bytes:
    """The manifest of a blob of `size` bytes whose chunks have these raw digests."""
    return b"".join((tag, b"%d %d\n" % (size, CHUNK), *chunks))


def chunk_digests(
    segments: Sequence[Buffer],
    write: Callable[[Buffer, int], None] | None = None,
    hash: Callable[[], Hasher] = blake3,
) -> list[bytes]:
    """The raw digest of every chunk of the concatenated `segments`, in order.

    `write(piece, offset)` is called once for every piece of every chunk, from several
    threads and in any order, just before the piece is hashed. The first error of any thread
    is raised after all have stopped.
    """
    views = [memoryview(segment) for segment in segments if len(segment)]
    ends = list(accumulate(len(view) for view in views))
    size = ends[-1] if ends else 0
    digests: list[bytes] = [b""] * ((size + CHUNK - 1) // CHUNK)
    todo = iter(range(len(digests)))
    lock = threading.Lock()
    errors: list[BaseException] = []

    def one(index: int) -> bytes:
        hasher = hash()
        offset, end = index * CHUNK, min((index + 1) * CHUNK, size)
        segment = bisect_right(ends, offset)
        while offset < end:
            start = ends[segment] - len(views[segment])
            stop = min(end, ends[segment])
            piece = views[segment][offset - start : stop - start]
            if write is not None:
                write(piece, offset)
            hasher.update(piece)
            offset, segment = stop, segment + 1
        return hasher.digest()

    def work() -> None:
        try:
            while not errors:
                with lock:
                    index = next(todo, None)
                if index is None:
                    return
                digests[index] = one(index)
        except BaseException as error:  # noqa: BLE001  raised below, on the caller's thread
            errors.append(error)

    helpers = [
        threading.Thread(target=work, name="orion-hash", daemon=True)
        for _ in range(_threads(size) - 1)
    ]
    for thread in helpers:
        thread.start()
    work()
    for thread in helpers:
        thread.join()
    if errors:
        raise errors[0]
    return digests


def segments_digest(
    segments: Sequence[Buffer], size: int, write: Callable[[Buffer, int], None] | None = None
) -> Digest:
    """The digest of the concatenated `segments` (`size` bytes in all).

    `write` as in `chunk_digests`: hash and store in one pass.
    """
    if size > CHUNK:
        return hashlib.sha256(manifest(size, chunk_digests(segments, write))).hexdigest()
    hasher = hashlib.sha256()
    offset = 0
    for segment in segments:
        if write is not None:
            write(segment, offset)
        hasher.update(segment)
        offset += len(segment)
    return hasher.hexdigest()


def _threads(size: int) -> int:
    if size < _PARALLEL_FROM:
        return 1
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return min(cores, MAX_THREADS)
