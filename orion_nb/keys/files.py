"""Declared input files: by their content, read again only when their times or size change."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from hashlib import sha256

from ..core.action import hash_parts
from ..core.model import Component, Digest
from ..exceptions import UsageError
from .buffers import StreamDigest

FILE = "file"

_RACY = 0.1  # seconds; see `modules`
_BLOCK = 1 << 20
_Stamp = tuple[int, int, int, int]

_seen: dict[str, tuple[_Stamp, Digest]] = {}
_MAX_SEEN = 4096


def file_component(path: str | os.PathLike[str]) -> Component:
    """The component for a file or a folder (all files in it), under the name as it was given,
    so that a moved project keeps its keys. Raises `UsageError` if it cannot be read."""
    name = os.fspath(path)
    return Component(FILE, name, file_digest(name), f"file {name}")


def file_digest(path: str | os.PathLike[str]) -> Digest:
    """The digest of a file's content, or of a folder's names and contents."""
    name = os.fspath(path)
    try:
        if os.path.isdir(name):
            return _folder_digest(name)
        return _digest(os.path.abspath(name))
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"the input file {name} cannot be read: {reason}") from None


def changed_files(components: Iterable[Component]) -> list[str]:
    """Names of the declared files that are not what these components say: a hit that depends
    on one is a miss. A file that is gone counts as changed."""
    changed = []
    for kind, name, digest, _ in components:
        if kind == FILE:
            try:
                same = file_digest(name) == digest
            except UsageError:
                same = False
            if not same:
                changed.append(name)
    return changed


def _folder_digest(folder: str) -> Digest:
    parts: list[str] = []
    for parent, folders, files in os.walk(folder, onerror=_raise):
        folders.sort()
        for file in sorted(files):
            path = os.path.join(parent, file)
            parts += (
                os.path.relpath(path, folder).replace(os.sep, "/"),
                _digest(os.path.abspath(path)),
            )
    return hash_parts("folder", *parts)


def _raise(error: OSError) -> None:
    raise error


def _digest(path: str) -> Digest:
    stat = os.stat(path)
    stamp = (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino)
    seen = _seen.get(path)
    if seen is not None and seen[0] == stamp:
        return seen[1]
    content = StreamDigest()
    with open(path, "rb", buffering=0) as stream:
        while block := stream.read(_BLOCK):
            content.write(block)
    digest = sha256(b"file" + content.digest()).hexdigest()
    if time.time_ns() - max(stamp[0], stamp[1]) > _RACY * 1e9:
        if len(_seen) >= _MAX_SEEN:
            _seen.clear()
        _seen[path] = (stamp, digest)
    return digest
