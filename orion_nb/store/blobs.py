"""Blobs: immutable bytes known by their digest, behind one small protocol."""

from __future__ import annotations

import mmap
import re
import threading
from collections import Counter
from contextlib import suppress
from typing import Protocol, runtime_checkable

from ..core.model import Digest, Output
from ..exceptions import ObjectUnavailable, UsageError
from .codec.layout import Encoded
from .digests import Buffer, is_manifest

INLINE_LIMIT = 100 * 1024
"""Bytes. An encoded value up to this travels inside messages and lies in the action cache's
database; a bigger one is a file of its own."""

_DIGEST = re.compile(r"[0-9a-f]{64}")


class Blob:
    """One blob, opened: its digest and its bytes.

    `buffer` is a private, writable image of the blob (a copy-on-write mapping of its file, or
    memory of its own: what is written stays in this process), or `bytes`. `codec.decode(blob.buffer)` gives the value. The mapping lives as
    long as anything, such as an array, refers to it, also after the blob was deleted.
    """

    __slots__ = ("buffer", "digest")

    def __init__(self, digest: Digest, buffer: bytes | memoryview | mmap.mmap) -> None:
        self.digest = digest
        self.buffer = buffer

    @property
    def size(self) -> int:
        return len(self.buffer)

    def view(self) -> memoryview:
        return memoryview(self.buffer)

    def __enter__(self) -> Blob:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the mapping now, if no value lies in it; otherwise it goes with the value."""
        if isinstance(self.buffer, mmap.mmap):
            with suppress(BufferError):  # arrays still lie in it
                self.buffer.close()
            self.buffer = b""

    def __repr__(self) -> str:
        return f"<Blob {self.digest[:12]} {self.size:,} bytes>"


@runtime_checkable
class BlobStore(Protocol):
    """What every store of blobs can do; one test suite runs on all of them.

    Any number of threads may use one store, and of processes where it says so.
    """

    def put(self, data: Encoded | bytes) -> Output:
        """Store a blob, atomically; storing it again costs little and changes nothing.

        :raises StoreFull: no room even after eviction. :raises StoreError: the disk failed.
        """
        ...

    def open(self, digest: Digest) -> Blob:
        """The blob, its bytes proven to match the digest.

        :raises ObjectUnavailable: not there. :raises CorruptBlob: it was damaged; it has been set
            aside and from now on is not there. :raises StoreError: the disk failed.
        """
        ...

    def has(self, digest: Digest) -> bool:
        """Whether the blob is there. Says nothing of its health: only `open` reads it."""
        ...

    def delete(self, digest: Digest) -> bool:
        """Forget the blob; False if it was not there. Blobs open now stay readable."""
        ...

    def pin(self, digest: Digest) -> bool:
        """Keep the blob from eviction until `unpin`, counted. False: not there, nothing pinned."""
        ...

    def unpin(self, digest: Digest) -> None:
        """Take one `pin` back."""
        ...


def check_digest(digest: Digest) -> Digest:
    """The digest itself, if it is one: it becomes part of a path.

    :raises UsageError: not 64 lower-case hexadecimal digits.
    """
    if not _DIGEST.fullmatch(digest):
        raise UsageError(f"{digest!r:.80} is not a digest (64 lower-case hexadecimal digits)")
    return digest


def as_encoded(data: Encoded | Buffer) -> Encoded:
    """What `put` was given, as `Encoded`.

    :raises UsageError: bytes that could be mistaken for another blob's manifest.
    """
    if isinstance(data, Encoded):
        return data
    if is_manifest(data):
        raise UsageError("a blob may not begin like a manifest of chunks")
    return Encoded((data,), len(data))


def unavailable(digest: Digest, why: str = "it is not in the store") -> ObjectUnavailable:
    return ObjectUnavailable(f"blob {digest[:12]}…: {why}")


class MemoryBlobs:
    """A `BlobStore` in this process's memory: small values, thread workers, tests. No limit."""

    def __init__(self) -> None:
        self._blobs: dict[Digest, bytes] = {}
        self._pins: Counter[Digest] = Counter()
        self._lock = threading.Lock()

    def put(self, data: Encoded | bytes) -> Output:
        encoded = as_encoded(data)
        output = encoded.output
        if output.digest not in self._blobs:
            self._blobs[output.digest] = encoded.to_bytes()
        return output

    def open(self, digest: Digest) -> Blob:
        data = self._blobs.get(check_digest(digest))
        if data is None:
            raise unavailable(digest)
        return Blob(digest, data)

    def has(self, digest: Digest) -> bool:
        return check_digest(digest) in self._blobs

    def delete(self, digest: Digest) -> bool:
        return self._blobs.pop(check_digest(digest), None) is not None

    def pin(self, digest: Digest) -> bool:
        with self._lock:
            if not self.has(digest):
                return False
            self._pins[digest] += 1
            return True

    def unpin(self, digest: Digest) -> None:
        with self._lock:
            self._pins[digest] -= 1
            self._pins += Counter()  # drops what is no longer pinned

    def __len__(self) -> int:
        return len(self._blobs)
