"""The text log of a runtime: what it says, and the last words of whatever it started.

Everybody appends to one file through descriptors that children inherit. So the file is not
renamed when it has grown but emptied, after a copy of its end: whoever holds it goes on.
"""

from __future__ import annotations

import contextlib
import faulthandler
import logging
import os
import sys
from pathlib import Path

LIMIT = 1 << 20
"""Bytes, beyond which the file is emptied; the copy beside it (``.1``) has the last half of them."""


def redirect(path: Path) -> None:
    """Have standard output and error of this process, of its children and of its loggers go there.

    :raises OSError: the file cannot be written."""
    bound(path)
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    for standard in (1, 2):
        os.dup2(fd, standard, inheritable=True)
    os.close(fd)
    faulthandler.enable(2)
    logging.basicConfig(
        level=logging.INFO,
        stream=sys.stderr,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        force=True,
    )


def bound(path: Path, limit: int = LIMIT) -> None:
    """Empty the file if it has grown beyond the limit; its end is kept in another."""
    with contextlib.suppress(OSError):
        if path.stat().st_size <= limit:
            return
        with open(path, "rb") as file:
            file.seek(-(limit // 2), os.SEEK_END)
            end = file.read(limit // 2)
        older = os.open(f"{path}.1", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(older, "wb") as copy:
            copy.write(end)
        os.truncate(path, 0)
