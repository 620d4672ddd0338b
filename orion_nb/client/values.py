"""Large values between a session and the runtime's store: by file where the disk is the same one, in
chunks where it is not."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from orion_nb.core.model import Digest, Output
from orion_nb.exceptions import ObjectUnavailable, OrionError
from orion_nb.rpc.generated import runtime_pb2, stream_pb2
from orion_nb.rpc.limits import CHUNK
from orion_nb.store import Blob, CasStore, Encoded, paths

from .link import Link


class Values(Protocol):
    """What a session needs of a store."""

    def put(self, data: Encoded) -> Output:
        """:raises StoreError: :raises RuntimeUnreachable:"""

    def open(self, digest: Digest) -> Blob:
        """The encoded value, private and writable. :raises ObjectUnavailable: :raises CorruptBlob:"""


class Files:
    """The runtime's own store, on the disk that both share: no byte goes through a socket."""

    def __init__(self, store: CasStore) -> None:
        self._store = store

    def put(self, data: Encoded) -> Output:
        return self._store.put(data)

    def open(self, digest: Digest) -> Blob:
        return self._store.open(digest)


class Chunks:
    """Over the connection."""

    def __init__(self, link: Link) -> None:
        self._link = link

    def put(self, data: Encoded) -> Output:
        answer = self._link.ask("Write", _Upload(data), timeout=None)
        return Output(answer.digest, answer.size)

    def open(self, digest: Digest) -> Blob:
        request = runtime_pb2.Digest(digest=digest)
        answers = self._link.ensure().channel.ask_many("Read", request)
        first = next(answers, None)
        if first is None or not first.total:
            raise ObjectUnavailable(f"blob {digest[:12]}…: the runtime sent nothing")
        buffer = mmap.mmap(-1, first.total)  # filled as it comes: there is no second copy
        buffer.write(first.data)
        for chunk in answers:
            buffer.write(chunk.data)
        if buffer.tell() != first.total:
            raise ObjectUnavailable(f"blob {digest[:12]}…: the runtime sent only a part of it")
        return Blob(digest, buffer)


class _Upload:
    """The chunks of a value; an iterable, so that a repeated request begins anew."""

    def __init__(self, data: Encoded) -> None:
        self._data = data

    def __iter__(self) -> Iterator[runtime_pb2.Chunk]:
        total = self._data.size
        for segment in self._data.segments:
            with memoryview(segment) as view:
                for start in range(0, len(view), CHUNK):
                    yield runtime_pb2.Chunk(data=bytes(view[start : start + CHUNK]), total=total)
                    total = 0


def values_for(welcome: stream_pb2.Welcome, link: Link, direct: bool) -> Values:
    """By file, if this process finds what the runtime has left in its cache directory."""
    if direct and welcome.cache_dir:
        folder = Path(welcome.cache_dir)
        name, _, mark = welcome.cache_mark.partition(":")
        try:
            same = (folder / name).read_text(encoding="ascii") == mark
        except (OSError, ValueError):
            same = False
        if same:
            try:
                return Files(
                    CasStore(
                        paths.blobs_dir(folder),
                        limit=welcome.cache_limit or None,
                        trust_since=welcome.cache_since,
                    )
                )
            except OrionError:
                return Chunks(link)  # not allowed to, maybe
    return Chunks(link)
