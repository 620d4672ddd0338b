"""`orion cache`: look into the action cache and the blobs, or forget them."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ..store import ActionCache, CasStore, paths


class Kept(NamedTuple):
    """The two halves of a cache folder."""

    folder: Path
    actions: ActionCache
    blobs: CasStore


@contextmanager
def opened(folder: Path | None) -> Iterator[Kept]:
    """The cache in `folder`, or the default one."""
    root = folder or paths.default_cache_dir()
    blobs = CasStore(paths.blobs_dir(root))
    actions = ActionCache(paths.actions_file(root), blobs)
    try:
        yield Kept(root, actions, blobs)
    finally:
        actions.close()
        blobs.close()


def size(kept: Kept) -> int:
    results, files = kept.actions.size(), kept.blobs.usage()
    print(f"folder   {kept.folder}")
    print(f"results  {results.entries:,}, database {human(results.file)}")
    print(f"values   {files.blobs:,} files, {human(files.size)} of at most {human(files.limit)}")
    return 0


def listing(kept: Kept, limit: int) -> int:
    entries = kept.actions.list(limit=limit)
    if not entries:
        print("nothing is cached yet")
        return 0
    print(f"{'used':16}  {'took':>9}  {'size':>9}  {'key':12}  name")
    for entry in entries:
        used = time.strftime("%Y-%m-%d %H:%M", time.localtime(entry.used))
        took = f"{entry.duration:.3g} s"
        print(
            f"{used:16}  {took:>9}  {human(entry.size):>9}  {entry.key[:12]}  {entry.name or '–'}"
        )
    return 0


def clear(kept: Kept, sure: bool) -> int:
    """Asks first, unless told not to; refuses where nobody can answer."""
    if not sure:
        if not sys.stdin.isatty():
            print("orion: not cleared; say --yes to forget every result", file=sys.stderr)
            return 1
        answer = input(f"Forget every result in {kept.folder}? [y/N] ")
        if answer.strip().lower() not in {"y", "yes"}:
            print("nothing was changed")
            return 1
    results = kept.actions.clear()
    freed = kept.blobs.clear()  # what a running notebook has pinned stays
    print(f"forgot {results:,} results; {human(freed)} of values deleted")
    return 0


def human(count: float) -> str:
    """Bytes for people: ``1.2 MiB``."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"
