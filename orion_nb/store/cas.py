"""`CasStore`: blobs as files, shared by any number of processes.

::

    root/objects/ab/abcdef…   one blob, read-only, named by its digest
    root/tmp/                 being written; renamed when complete
    root/spare/               files of large values that went, to be written over (see `spares`)
    root/pins/                who needs what (see `eviction`)
    root/quarantine/          damaged files, set aside

A file appears under its name only when it is complete and hashed, so a process killed at
any moment leaves at most a temporary file. Plain writes go to the page cache, which is as
fast as shared memory here and survives the processes. Nothing is flushed to the disk by
default: after a power cut a blob may be missing or damaged, which is noticed (see `seal`) and
costs a recomputation. `durable=True` flushes file and directory before `put` returns.
"""

from __future__ import annotations

import errno
import mmap
import os
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from ..core.model import Digest, Output
from ..exceptions import CorruptBlob, StoreError, StoreFull
from . import eviction, paths, spares
from .blobs import Blob, as_encoded, check_digest, unavailable
from .codec.layout import ALIGN, Encoded
from .digests import Buffer, proves, segments_digest
from .filelock import locked, share, try_lock
from .seal import boot_time, sealed, set_seal

MAP_FROM = 1 << 20
"""Bytes. A smaller file is read into memory: as fast, and holds no descriptor open."""

USED_EVERY = 1_000_000_000
"""ns. How exactly the time of the last use is kept, for eviction."""

_SESSION = time.time()
_FULL = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))


class Usage(NamedTuple):
    """How full a store is."""

    blobs: int
    size: int  # bytes
    limit: int  # bytes


class CasStore:
    """A `BlobStore` in a directory.

    :param limit: bytes; beyond it the least recently used blobs that nobody pinned go. Each
        process counts for itself between two looks at the directory, so several writers may pass
        it for a moment. None: `paths.default_limit`.
    :param trust_since: seconds since the epoch: blobs verified before that are hashed anew
        when first opened. A runtime gives its own start to all its workers. None: the
        start of this process.
    :param durable: flush to the disk before `put` returns.
    """

    def __init__(
        self,
        root: str | os.PathLike[str],
        *,
        limit: int | None = None,
        trust_since: float | None = None,
        durable: bool = False,
    ) -> None:
        self.root = Path(root)
        self._objects = self.root / "objects"
        self._temporary = self.root / "tmp"
        self._quarantine = self.root / "quarantine"
        self._pin_logs = self.root / "pins"
        with _translated("create the cache directory"):
            for folder in (self._objects, self._temporary, self._quarantine, self._pin_logs):
                paths.make_private(folder)
            self._spares = spares.Spares(self.root / "spare")
        self._lock_path = self.root / "evict.lock"
        self._limit = limit
        self._trust = max(boot_time(), _SESSION if trust_since is None else trust_since)
        self._durable = durable
        self._pins = eviction.Pins(self._pin_logs, self._lock_path)
        self._mutex = threading.Lock()
        self._allowance = 0  # bytes that may be written before the directory is looked at again
        self._verified: dict[Digest, tuple[int, int, int]] = {}  # where seals do not hold

    @property
    def limit(self) -> int:
        """Bytes that the blobs may take."""
        if self._limit is None:
            self._limit = paths.default_limit(self.root, self._used())
        return self._limit

    def path(self, digest: Digest) -> Path:
        """Where the blob's file is, or would be."""
        return self._objects / check_digest(digest)[:2] / digest

    def put(self, data: Encoded | bytes) -> Output:
        """Store a blob: hashed while it is written, in one pass, by several threads if big."""
        encoded = as_encoded(data)
        with _translated("write to the cache"):
            if encoded.known_digest and self._present(encoded.known_digest):
                return encoded.output
            self._reserve(encoded.size)
            try:
                return self._write(encoded)
            except OSError as error:
                if error.errno not in _FULL:
                    raise
            self._free(encoded.size)  # the disk is full before the limit is: make room, once
            return self._write(encoded)

    def open(self, digest: Digest) -> Blob:
        path = self.path(digest)
        with _translated("read from the cache"):
            try:
                fd = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
            except FileNotFoundError:
                raise unavailable(digest) from None
            try:
                stat = os.fstat(fd)
                if stat.st_size >= spares.SMALLEST:  # its file may be written over, once it is free
                    if not (share(fd) and spares.is_named(fd, path)):
                        raise unavailable(digest, "it was deleted just now")
                    stat = os.fstat(fd)
                buffer = _load(fd, stat.st_size)
            finally:
                os.close(fd)
            if not self._trusted(digest, stat):
                self._verify(digest, path, buffer, stat.st_ino)
            elif time.time_ns() - stat.st_atime_ns > USED_EVERY:
                with suppress(OSError):  # another user's file, or just evicted
                    os.utime(path, ns=(time.time_ns(), stat.st_mtime_ns))
            return Blob(digest, buffer)

    def has(self, digest: Digest) -> bool:
        return self.path(digest).exists()

    def delete(self, digest: Digest) -> bool:
        self._verified.pop(digest, None)
        return eviction.remove(self.path(digest))

    def discard(self, digest: Digest) -> bool:
        """Delete the blob unless some process has pinned it. Whether it is gone.

        The file of a large one may be used again, once the last reader has let go of it.
        """
        with _translated("delete from the cache"), locked(self._lock_path):
            if digest in eviction.pinned(self._pin_logs):
                return False
            self._verified.pop(digest, None)
            path = self.path(digest)
            if not self._spares.keep(path, at_most=int(self.limit * spares.SHARE)):
                eviction.remove(path)
        return True

    def pin(self, digest: Digest) -> bool:
        with _translated("pin in the cache"):
            return self._pins.add(digest, self.path(digest))

    def unpin(self, digest: Digest) -> None:
        with _translated("unpin in the cache"):
            self._pins.remove(digest)

    def usage(self) -> Usage:
        """How much is stored now (looks at the directory)."""
        blobs = eviction.entries(self._objects)
        return Usage(len(blobs), sum(entry.size for entry in blobs), self.limit)

    def digests(self) -> Iterator[Digest]:
        """All blobs, least recently used first."""
        for entry in eviction.entries(self._objects):
            yield entry.digest

    def clear(self) -> int:
        """Delete every blob that nobody pinned; bytes freed."""
        freed = 0
        with _translated("clear the cache"), locked(self._lock_path):
            kept = eviction.pinned(self._pin_logs)
            for entry in eviction.entries(self._objects):
                if entry.digest not in kept and eviction.remove(entry.path):
                    freed += entry.size
            self._spares.clear()
        return freed

    def close(self) -> None:
        """Drop this process's pins, and files that wait to be written over. The store may be used
        again."""
        self._pins.close()
        with suppress(OSError):
            self._spares.clear()

    def _present(self, digest: Digest) -> bool:
        """Whether a good copy is there already; it then counts as just used."""
        path = self.path(digest)
        try:
            stat = path.stat()
            if not self._trusted(digest, stat):
                return False
            os.utime(path, ns=(time.time_ns(), stat.st_mtime_ns))
        except OSError:
            return False
        return True

    def _write(self, encoded: Encoded) -> Output:
        temporary = self._temporary / f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        fd = self._spares.take(encoded.size, temporary)
        if fd is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
            fd = os.open(temporary, flags, 0o600)
        try:
            try:
                try_lock(fd)  # tells the clean-up that somebody is writing
                digest = segments_digest(encoded.segments, encoded.size, _writer(fd))
                encoded.digest_is(digest)
                if self._durable:
                    _sync(fd)
            finally:
                os.close(fd)
            self._publish(temporary, digest, encoded.size)
        except BaseException:
            eviction.remove(temporary)
            raise
        return Output(digest, encoded.size)

    def _publish(self, temporary: Path, digest: Digest, size: int) -> None:
        if self._present(digest):
            eviction.remove(temporary)
            return
        set_seal(temporary, digest, size)
        if sys.platform != "win32":  # a read-only file could not be deleted there
            os.chmod(temporary, 0o400)
        final = self.path(digest)
        try:
            os.replace(temporary, final)
        except FileNotFoundError:
            paths.make_private(final.parent)
            os.replace(temporary, final)
        if self._durable:
            _sync_directory(final.parent)
        self._remember(digest, final)

    def _trusted(self, digest: Digest, stat: os.stat_result) -> bool:
        return sealed(stat, digest, self._trust) or self._verified.get(digest) == _identity(stat)

    def _verify(
        self, digest: Digest, path: Path, buffer: mmap.mmap | memoryview, inode: int
    ) -> None:
        """Hash what was read; set the file aside if it is not what its name says."""
        if not proves(memoryview(buffer), digest):
            aside = self._quarantine / f"{digest}-{time.time_ns()}"
            with suppress(OSError):  # somebody else was quicker
                if path.stat().st_ino == inode:  # not a good copy put in its place meanwhile
                    os.replace(path, aside)
                    eviction.trim_quarantine(self._quarantine)
            raise CorruptBlob(
                f"blob {digest[:12]}… does not match its digest; set aside as {aside.name}"
            )
        with suppress(OSError):  # another user's file: hash it again next time
            set_seal(path, digest, len(buffer))
            self._remember(digest, path)

    def _remember(self, digest: Digest, path: Path) -> None:
        """Where a file system does not keep exact times, keep the verdict in this process."""
        with suppress(FileNotFoundError):
            stat = path.stat()
            if not sealed(stat, digest, self._trust):
                self._verified[digest] = _identity(stat)

    def _reserve(self, size: int) -> None:
        """Look at the directory, and evict, when this process may have reached the limit."""
        with self._mutex:
            if size <= self._allowance:
                self._allowance -= size
                return
            if size > self.limit:
                raise StoreFull(f"{size:,} bytes are more than the cache may hold ({self.limit:,})")
            for path in list(self._temporary.iterdir()):
                eviction.remove_if_abandoned(path, grace=eviction.TEMP_GRACE)
            spare = self._spares.usage()
            if spare and self._used() + spare + size > self.limit:
                spare -= self._spares.clear()
            used = spare + eviction.make_room(
                self._objects, self._pin_logs, self._lock_path, limit=self.limit, incoming=size
            )
            # A quarter of what is free: other processes write too.
            self._allowance = (self.limit - used - size) // 4

    def _free(self, size: int) -> None:
        """Evict as if the limit were what is stored now, so that `size` bytes get free."""
        self._spares.clear()
        with suppress(StoreFull):
            eviction.make_room(
                self._objects,
                self._pin_logs,
                self._lock_path,
                limit=max(self._used(), 1),
                incoming=2 * size,
                to=1.0,
            )

    def _used(self) -> int:
        return sum(entry.size for entry in eviction.entries(self._objects))


def _writer(fd: int) -> Callable[[Buffer, int], None]:
    """``write(piece, offset)`` for several threads at once."""
    if sys.platform != "win32":

        def write(piece: Buffer, offset: int) -> None:
            view = memoryview(piece)
            while view:
                done = os.pwrite(fd, view, offset)
                view, offset = view[done:], offset + done

    else:
        mutex = threading.Lock()

        def write(piece: Buffer, offset: int) -> None:
            view = memoryview(piece)
            with mutex:
                os.lseek(fd, offset, os.SEEK_SET)
                while view:
                    view = view[os.write(fd, view) :]

    return write


def _load(fd: int, size: int) -> mmap.mmap | memoryview:
    """A private, writable image of a file: mapped, or read if it is small."""
    if size >= MAP_FROM:
        try:
            return mmap.mmap(fd, size, access=mmap.ACCESS_COPY)
        except OSError as error:  # no descriptor or address space left: a copy must do
            if error.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
                raise
    import ctypes

    space = bytearray(size + ALIGN)
    start = -ctypes.addressof(ctypes.c_char.from_buffer(space)) % ALIGN
    view = memoryview(space)[start : start + size]
    with os.fdopen(os.dup(fd), "rb", buffering=0) as file:
        filled = 0
        while filled < size and (got := file.readinto(view[filled:])):
            filled += got
    return view[:filled]


def _identity(stat: os.stat_result) -> tuple[int, int, int]:
    return stat.st_ino, stat.st_size, stat.st_mtime_ns


def _sync(fd: int) -> None:
    """Flush to the disk itself: on macOS `fsync` stops at the drive's own cache."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
    else:
        os.fsync(fd)


def _sync_directory(path: Path) -> None:
    if sys.platform == "win32":  # directories cannot be flushed there; the rename is journaled
        return
    fd = os.open(path, os.O_RDONLY)
    try:
        _sync(fd)
    finally:
        os.close(fd)


@contextmanager
def _translated(doing: str) -> Iterator[None]:
    """Errors of the operating system as `StoreError`, a full disk as `StoreFull`."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFull(
                f"cannot {doing}: the disk is full; free some space or run `%orion cache clear`"
            ) from error
        raise StoreError(f"cannot {doing}: {error}") from error
