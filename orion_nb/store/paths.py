"""Where the cache lives on this machine, and how big it may grow."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ..exceptions import UsageError

CACHE_DIR_VARIABLE = "ORION_CACHE_DIR"
CACHE_LIMIT_VARIABLE = "ORION_CACHE_LIMIT"

GIB = 1 << 30
DEFAULT_LIMIT = 10 * GIB
SHARE_OF_FREE_DISK = 0.2
SMALLEST_DEFAULT_LIMIT = GIB

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": GIB, "T": 1 << 40}


def default_cache_dir() -> Path:
    """``$ORION_CACHE_DIR``, else the user's cache directory of this platform."""
    chosen = os.environ.get(CACHE_DIR_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    from platformdirs import user_cache_path

    return user_cache_path("orion_nb", appauthor=False)


def blobs_dir(cache_dir: Path) -> Path:
    return cache_dir / "blobs"


def actions_file(cache_dir: Path) -> Path:
    return cache_dir / "actions.sqlite"


def default_limit(root: Path, used: int = 0) -> int:
    """Bytes that the blobs below `root` may take.

    ``$ORION_CACHE_LIMIT`` (``500M``, ``20G``), else 10 GiB, but at most 20 % of the disk space
    that would be free without the `used` bytes of the store, and at least 1 GiB.

    :raises UsageError: the variable makes no sense.
    """
    chosen = os.environ.get(CACHE_LIMIT_VARIABLE)
    if chosen:
        return parse_size(chosen)
    free = shutil.disk_usage(root).free + used
    return max(SMALLEST_DEFAULT_LIMIT, min(DEFAULT_LIMIT, int(free * SHARE_OF_FREE_DISK)))


def parse_size(text: str) -> int:
    """Bytes from ``500M``, ``1.5G``, ``10GiB`` or a plain number.

    :raises UsageError: not a size.
    """
    number = text.strip().upper().removesuffix("IB").removesuffix("B")
    unit = number[-1:] if number[-1:] in _UNITS else ""
    try:
        size = int(float(number.removesuffix(unit)) * _UNITS[unit])
    except ValueError:
        size = -1
    if size <= 0:
        raise UsageError(f"{text!r} is not a size; write it as 500M, 20G or a number of bytes")
    return size


def make_private(path: Path) -> Path:
    """Create the directory with its parents; only the user may look into it."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path
