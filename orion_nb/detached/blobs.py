"""Large values on their way between the store and a client that does not share its disk."""

from __future__ import annotations

import mmap
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

from ..core.model import Output
from ..exceptions import StoreFull, UsageError
from ..rpc.generated import runtime_pb2, tasks_pb2
from ..rpc.limits import CHUNK
from ..rpc.serving import Caller
from ..store import CasStore, Encoded
from ..store.digests import is_manifest


class Blobs:
    """Any thread.

    :param store: gives the store; it may raise `StoreError`.
    """

    def __init__(self, store: Callable[[], CasStore]) -> None:
        self._store = store

    def read(self, request: runtime_pb2.Digest, caller: Caller) -> Iterator[runtime_pb2.Chunk]:
        with self._store().open(request.digest) as blob, blob.view() as view:
            total = len(view)
            for start in range(0, total, CHUNK):
                data = bytes(view[start : start + CHUNK])
                yield runtime_pb2.Chunk(data=data, total=total if start == 0 else 0)

    def write(self, requests: Iterator[runtime_pb2.Chunk], caller: Caller) -> tasks_pb2.Output:
        """Gathered in a file, never in memory, for they may be huge and many at a time."""
        store = self._store()
        first = next(requests, None)
        total = first.total if first is not None else 0
        if first is None or not total:
            raise UsageError("an upload begins with its size")
        if total > store.limit:
            raise StoreFull(f"{total:,} bytes are more than the cache may hold ({store.limit:,})")
        with tempfile.TemporaryFile(dir=store.root) as file:
            chunk: runtime_pb2.Chunk | None = first
            left = total
            while chunk is not None:
                left -= len(chunk.data)
                if left < 0:
                    raise UsageError("an upload has more bytes than it said")
                file.write(chunk.data)
                chunk = next(requests, None)
            if left:
                raise UsageError(f"an upload ended {left:,} bytes too early")
            file.flush()
            output = _stored(store, file.fileno(), total)
        return tasks_pb2.Output(digest=output.digest, size=output.size)

    def handlers(self) -> dict[str, Callable[[Any, Caller], Any]]:
        return {"Read": self.read, "Write": self.write}


def _stored(store: CasStore, fd: int, size: int) -> Output:
    with closing(mmap.mmap(fd, size, access=mmap.ACCESS_READ)) as image, memoryview(image) as view:
        if is_manifest(view):
            raise UsageError("a blob may not begin like a manifest of chunks")
        return store.put(Encoded((view,), size))
