"""When a file need not be hashed again: it carries a seal in its modification time.

Whoever has hashed a blob's file (its writer, or a reader that verified it) sets the file's
modification time to *the second of the verification* plus *a fraction computed from the
digest and the size*. Any later write, truncation or replacement by anyone sets another time
and so breaks the seal; every process can check it with one `stat`, and none has to be told.

A seal is trusted if it was set after `since`: the start of the session that reads, so
blobs found from earlier runs are hashed once by their first reader, and never before
the last start of the machine, when a power cut may have lost pages that were never written.
On a file system with coarse times no seal ever matches: then every process hashes once.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from ..core.model import Digest

_SECOND = 1_000_000_000
_STEP = 100  # ns; the resolution of NTFS
_CLOCK_SLACK = 2.0  # seconds that a clock may be ahead


def boot_time() -> float:
    """About when this machine started (seconds since the epoch); never too early."""
    return time.time() - time.monotonic()


def set_seal(path: Path | int, digest: Digest, size: int, *, now: float | None = None) -> None:
    """Mark the file as verified now. `path` may be a descriptor where the platform can."""
    seconds = int(time.time() if now is None else now)
    stamp = seconds * _SECOND + _fraction(digest, size)
    os.utime(path, ns=(time.time_ns(), stamp))


def sealed(stat: os.stat_result, digest: Digest, since: float) -> bool:
    """Whether the file was verified after `since` and not touched afterwards."""
    seconds, fraction = divmod(stat.st_mtime_ns, _SECOND)
    return (
        fraction == _fraction(digest, stat.st_size)
        and int(since) <= seconds <= time.time() + _CLOCK_SLACK
    )


def _fraction(digest: Digest, size: int) -> int:
    steps = _SECOND // _STEP
    return (int(digest[:15], 16) + size) % (steps - 1) * _STEP + _STEP  # never 0: a plain time
