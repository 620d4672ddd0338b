"""Advisory locks on open files that the kernel drops when their process dies.

On POSIX `flock`, on Windows a lock on one byte far behind the end (locks are mandatory
there, and others must be able to read); each is held by the open file, so two opens in
one process exclude each other too.

The exclusive lock is for who writes. Who only reads may share one (POSIX only).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
    import time

    CAN_SHARE = False
    _LOCKED_BYTE = 1 << 30

    def try_lock(fd: int) -> bool:
        """Lock the open file exclusively; False if someone else holds it."""
        os.lseek(fd, _LOCKED_BYTE, os.SEEK_SET)
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def share(fd: int) -> bool:
        """Locks here keep others from reading: nobody shares, and nothing is written over."""
        return True

    def _wait_lock(fd: int) -> None:
        while not try_lock(fd):  # LK_LOCK gives up after 10 s, so poll
            time.sleep(0.01)

else:
    import fcntl

    CAN_SHARE = True

    def try_lock(fd: int) -> bool:
        """Lock the open file exclusively; False if someone else holds it."""
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def share(fd: int) -> bool:
        """Lock the open file against writers, until it and every mapping of it are closed.

        False: somebody writes. Where the file system has no locks, nobody can, and it is True:
        then nobody gets the exclusive lock either.
        """
        try:
            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            return True
        return True

    def _wait_lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file `path` (created if missing) exclusively; waits for it."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        _wait_lock(fd)
        yield
    finally:
        os.close(fd)  # releases
