"""Files of large values that nobody needs any more, kept a while to be written over.

Fresh memory costs more than what is written into it: the system has to find, clear and map
every page. A program that makes one large result after another gives each back soon, so
its file is set aside here and the next large blob is written into the same pages.

**A file that somebody reads is never written over.** Whoever maps a blob holds a shared lock
on it as long as the mapping lives (`filelock.share`; a mapping keeps its file open, so the
system drops the lock with the last of the two, also when the process dies). Only who gets
the exclusive lock may write. A reader that opened the file before it was set aside and locks it
afterwards finds that it no longer has its name (`is_named`), and reads nothing.
"""

from __future__ import annotations

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from . import filelock
from .paths import make_private

SMALLEST = 4 << 20
"""Bytes. The pages of a smaller blob cost less than looking for a spare file."""

SHARE = 1 / 8
"""Of the store's limit: what spare files may take of it. They are the first to go."""

LONGEST = 30.0
"""Seconds. By then the system begins to write the pages to the disk, which costs more than
they are worth."""

_FIT = 2.0
"""A spare may be so many times larger than the blob, or smaller."""


class _Spare(NamedTuple):
    since: float  # seconds since the epoch
    size: int
    path: Path

    def is_old(self) -> bool:
        return time.time() - self.since > LONGEST


class Spares:
    """The spare files of one directory; any number of processes and threads."""

    def __init__(self, directory: Path) -> None:
        self._directory = make_private(directory)
        self._mutex = threading.Lock()
        self._timer: threading.Timer | None = None

    def keep(self, blob: Path, *, at_most: int) -> bool:
        """Set a blob's file aside: it loses its name. False: of no use, still there.

        :param at_most: bytes that all spare files may take; older ones go for it.
        """
        try:
            size = blob.stat().st_size
            if not filelock.CAN_SHARE or not SMALLEST <= size <= at_most:
                return False
            left = at_most - size
            for spare in sorted(self._all(), reverse=True):
                left -= spare.size
                if left < 0 or spare.is_old():
                    spare.path.unlink(missing_ok=True)
            os.chmod(blob, 0o600)
            os.rename(blob, self._directory / uuid.uuid4().hex)
        except FileNotFoundError:
            return False
        self._tidy_later()
        return True

    def take(self, size: int, name: Path) -> int | None:
        """A file to write `size` bytes into, now called `name`: its descriptor, locked exclusively.

        It holds at most `size` bytes, of no meaning.
        """
        if size < SMALLEST:
            return None
        fitting = [spare for spare in self._all() if size / _FIT <= spare.size <= size * _FIT]
        for spare in sorted(fitting, key=lambda spare: abs(spare.size - size)):
            fd = self._claim(spare.path, name)
            if fd is not None:
                if spare.size > size:
                    os.ftruncate(fd, size)
                return fd
        return None

    def usage(self) -> int:
        """Bytes."""
        return sum(spare.size for spare in self._all())

    def clear(self) -> int:
        """Delete all of them; bytes freed (those still mapped: when their readers let go)."""
        freed = 0
        for spare in self._all():
            spare.path.unlink(missing_ok=True)
            freed += spare.size
        return freed

    def _tidy_later(self) -> None:
        """Who has set a file aside sees to it that it does not stay."""
        with self._mutex:
            if self._timer is None:
                self._timer = threading.Timer(LONGEST + 1, self._tidy)
                self._timer.daemon = True
                self._timer.start()

    def _tidy(self) -> None:
        with self._mutex:
            self._timer = None
        with suppress(OSError):  # the directory is gone
            young = False
            for spare in self._all():
                if spare.is_old():
                    spare.path.unlink(missing_ok=True)
                else:
                    young = True
            if young:
                self._tidy_later()

    def _all(self) -> Iterator[_Spare]:
        with os.scandir(self._directory) as files:
            for file in files:
                with suppress(FileNotFoundError):
                    stat = file.stat()
                    # The time of change: when it got this name.
                    yield _Spare(stat.st_ctime, stat.st_size, Path(file.path))

    def _claim(self, spare: Path, name: Path) -> int | None:
        """Locked first, renamed then: a file in the new place is never without a lock."""
        try:
            fd = os.open(spare, os.O_RDWR)
        except FileNotFoundError:
            return None
        try:
            if filelock.try_lock(fd) and is_named(fd, spare):
                os.rename(spare, name)
                return fd
        except FileNotFoundError:
            pass  # cleared in between
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)  # somebody still reads it, or was quicker
        return None


def is_named(fd: int, path: Path) -> bool:
    """Whether the open file is the one that has this name now."""
    try:
        return os.path.samestat(os.fstat(fd), os.stat(path))
    except FileNotFoundError:
        return False
