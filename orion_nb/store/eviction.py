"""Keeping a directory of blobs below its limit: pins, least recently used, what crashes left.

Every process that pins keeps one file in ``pins/``: a log of ``+digest`` and ``-digest``
lines, locked as long as the process lives. A crashed process loses its lock and so its
pins; nothing has to be cleaned up by anyone in particular. Pinning and evicting exclude each
other through ``evict.lock``, so a pin that was granted holds.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..core.model import Digest
from ..exceptions import StoreFull
from .filelock import locked, try_lock

EVICT_TO = 0.9
"""Once the limit is passed, evict down to this share, so that not every put evicts."""

TEMP_GRACE = 60.0
"""Seconds after which a temporary file that nobody holds locked was left by a crash."""

QUARANTINE_FILES = 8
"""Damaged files kept for people to look at; older ones go."""

_COMPACT_FROM = 64 * 1024  # bytes of pin log


class Entry(NamedTuple):
    """One blob's file, as the evictor sees it."""

    used: int  # ns since the epoch, of the last read or write
    size: int
    digest: Digest
    path: Path


class Pins:
    """This process's pins in a shared directory."""

    def __init__(self, directory: Path, lock: Path) -> None:
        self._directory = directory
        self._lock_path = lock
        self._mutex = threading.Lock()
        self._counts: Counter[Digest] = Counter()
        self._fd = -1
        self._pid = 0

    def add(self, digest: Digest, blob: Path) -> bool:
        """Pin, unless the blob's file is gone."""
        with self._mutex:
            self._own()
            if self._counts[digest] == 0:
                with locked(self._lock_path):
                    if not blob.exists():
                        del self._counts[digest]
                        return False
                    os.write(self._fd, f"+{digest}\n".encode())
            self._counts[digest] += 1
            return True

    def remove(self, digest: Digest) -> None:
        with self._mutex:
            self._own()
            if self._counts[digest] <= 0:
                return
            self._counts[digest] -= 1
            if self._counts[digest]:
                return
            del self._counts[digest]
            if not self._counts:
                os.ftruncate(self._fd, 0)
            elif os.fstat(self._fd).st_size > _COMPACT_FROM:
                self._compact()
            else:
                os.write(self._fd, f"-{digest}\n".encode())

    def close(self) -> None:
        """Drop all pins of this process."""
        with self._mutex:
            self._counts.clear()
            if self._fd >= 0:
                if self._pid == os.getpid():
                    os.ftruncate(self._fd, 0)
                os.close(self._fd)
            self._fd = -1

    def _own(self) -> None:
        """Make sure that the log is this process's own: a fork inherits its parent's."""
        if self._fd >= 0 and self._pid == os.getpid():
            return
        if self._fd >= 0:
            os.close(self._fd)
            self._counts.clear()
        self._pid = os.getpid()
        path = self._directory / f"{self._pid}-{uuid.uuid4().hex[:8]}"
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600)
        try_lock(self._fd)

    def _compact(self) -> None:
        with locked(self._lock_path):  # a reader between the two steps would see no pins
            os.ftruncate(self._fd, 0)
            os.write(self._fd, "".join(f"+{digest}\n" for digest in self._counts).encode())


def pinned(directory: Path) -> set[Digest]:
    """What living processes have pinned; the logs of dead ones are removed. Hold the lock."""
    result: set[Digest] = set()
    for path in list(directory.iterdir()):
        if remove_if_abandoned(path, grace=0.0 if path.stat().st_size else TEMP_GRACE):
            continue
        counts: Counter[str] = Counter()
        for line in path.read_text("ascii", "replace").splitlines():
            counts[line[1:]] += 1 if line.startswith("+") else -1
        result.update(digest for digest, count in counts.items() if count > 0)
    return result


def entries(objects: Path) -> list[Entry]:
    """All blobs, least recently used first."""
    found = list(_walk(objects))
    found.sort()
    return found


def _walk(objects: Path) -> Iterator[Entry]:
    with os.scandir(objects) as folders:
        for folder in folders:
            with os.scandir(folder.path) as files:
                for file in files:
                    try:
                        stat = file.stat()
                    except FileNotFoundError:  # evicted or deleted meanwhile
                        continue
                    yield Entry(stat.st_atime_ns, stat.st_size, file.name, Path(file.path))


def make_room(
    objects: Path, pins: Path, lock: Path, *, limit: int, incoming: int, to: float = EVICT_TO
) -> int:
    """Evict until `incoming` more bytes fit below `limit`.

    :return: bytes in use afterwards (without `incoming`).
    :raises StoreFull: what is pinned leaves no room; nothing was added.
    """
    with locked(lock):
        blobs = entries(objects)
        used = sum(entry.size for entry in blobs)
        if used + incoming <= limit:
            return used
        kept = pinned(pins)
        target = max(int(limit * to) - incoming, 0)
        for entry in blobs:
            if used <= target:
                break
            if entry.digest not in kept and remove(entry.path):
                used -= entry.size
    if used + incoming > limit:
        raise StoreFull(
            f"{incoming:,} bytes do not fit: the cache may hold {limit:,} bytes and "
            f"{used:,} of them are in use. Raise the limit (ORION_CACHE_LIMIT), or let "
            f"running work end"
        )
    return used


def remove(path: Path) -> bool:
    """Delete a file; False if it is gone, or (on Windows) mapped by somebody."""
    try:
        path.unlink()
    except (FileNotFoundError, PermissionError):
        return False
    return True


def remove_if_abandoned(path: Path, *, grace: float) -> bool:
    """Delete a file that its owner would hold locked if it lived."""
    try:
        fd = os.open(path, os.O_RDWR)
    except (FileNotFoundError, PermissionError):
        return False
    try:
        old = time.time() - os.fstat(fd).st_mtime >= grace
        abandoned = old and try_lock(fd)
    finally:
        os.close(fd)
    return abandoned and remove(path)


def trim_quarantine(directory: Path) -> None:
    """Keep the newest damaged files only."""
    files = sorted(directory.iterdir(), key=lambda path: path.stat().st_mtime_ns)
    for path in files[:-QUARANTINE_FILES]:
        remove(path)
