"""`ObjectStore`: which value each `ObjectRef` has, on this side of the machine.

It keeps digests and small values; big values stay in the blob store, and are mapped when
they are asked for. It does not pin: a blob that was evicted raises `ObjectUnavailable`,
and the host has it recomputed.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from ..core.model import ObjectRef, Output
from ..exceptions import ObjectUnavailable
from . import codec
from .blobs import INLINE_LIMIT, Blob, BlobStore

log = logging.getLogger(__name__)

OnPut = Callable[[ObjectRef, Output], None]


class ObjectStore:
    """References to values; safe for any number of threads.

    :param blobs: where values above `INLINE_LIMIT` are.
    """

    def __init__(self, blobs: BlobStore) -> None:
        self.blobs = blobs
        self._outputs: dict[ObjectRef, Output] = {}
        self._inline: dict[ObjectRef, bytes] = {}
        self._arrived = threading.Condition()
        self._callbacks: list[OnPut] = []

    def put(self, ref: ObjectRef, output: Output, inline: bytes | None = None) -> None:
        """Say which blob `ref` is; `inline`: its bytes, if they came along.

        A second put for the same ref replaces the first (a recomputation). Callbacks run on this
        thread, then waiting threads go on.
        """
        with self._arrived:
            self._outputs[ref] = output
            if inline is not None:
                self._inline[ref] = inline
            else:
                self._inline.pop(ref, None)
            callbacks = tuple(self._callbacks)
            self._arrived.notify_all()
        for callback in callbacks:
            try:
                callback(ref, output)
            except Exception:
                log.exception("a callback on the arrival of %s failed", ref.id)

    def put_value(self, ref: ObjectRef, value: Any) -> Output:
        """Encode and store a value under `ref`.

        :raises NotPicklable: it cannot be encoded. :raises StoreError: it cannot be stored.
        """
        encoded = codec.encode(value, label=ref.id)
        if encoded.size <= INLINE_LIMIT:
            self.put(ref, encoded.output, encoded.to_bytes())
            return encoded.output
        output = self.blobs.put(encoded)
        self.put(ref, output)
        return output

    def get(self, ref: ObjectRef) -> Any:
        """The value, decoded anew: the caller's own to change.

        :raises ObjectUnavailable: not put yet, or its blob is gone.
        :raises StoreError: its blob is damaged or cannot be decoded here.
        """
        return codec.decode(self.open(ref).buffer)

    def get_blocking(self, ref: ObjectRef, timeout: float | None = None) -> Any:
        """As `get`, but waits until it has been put.

        :param timeout: seconds; None: for ever.
        :raises TimeoutError: it was not put in time.
        """
        self.wait(ref, timeout)
        return self.get(ref)

    def wait(self, ref: ObjectRef, timeout: float | None = None) -> Output:
        """Wait until `ref` has been put.

        :raises TimeoutError: it was not put within `timeout` seconds.
        """
        end = None if timeout is None else time.monotonic() + timeout
        with self._arrived:
            while ref not in self._outputs:
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    raise TimeoutError(f"{ref.id} did not arrive within {timeout} s")
                self._arrived.wait(left)
            return self._outputs[ref]

    def open(self, ref: ObjectRef) -> Blob:
        """The encoded value.

        :raises ObjectUnavailable: not put yet, or gone. :raises CorruptBlob: damaged.
        """
        with self._arrived:
            output = self._outputs.get(ref)
            inline = self._inline.get(ref)
        if output is None:
            raise ObjectUnavailable(f"{ref.id} has no value yet")
        if inline is not None:
            return Blob(output.digest, inline)
        return self.blobs.open(output.digest)

    def output(self, ref: ObjectRef) -> Output | None:
        """Digest and size, if `ref` has been put."""
        return self._outputs.get(ref)

    def inline(self, ref: ObjectRef) -> bytes | None:
        """The encoded bytes, if they are kept here."""
        return self._inline.get(ref)

    def discard(self, ref: ObjectRef) -> None:
        """Forget `ref`. The blob stays until it is evicted."""
        with self._arrived:
            self._outputs.pop(ref, None)
            self._inline.pop(ref, None)

    def on_put(self, callback: OnPut) -> Callable[[], None]:
        """Call `callback(ref, output)` after every put, on the putting thread.

        :return: call it to stop. A failing callback is logged, the others still run.
        """
        with self._arrived:
            self._callbacks.append(callback)

        def stop() -> None:
            with self._arrived:
                if callback in self._callbacks:
                    self._callbacks.remove(callback)

        return stop

    def __contains__(self, ref: object) -> bool:
        return ref in self._outputs

    def __len__(self) -> int:
        return len(self._outputs)

    def __iter__(self) -> Iterator[ObjectRef]:
        return iter(tuple(self._outputs))
