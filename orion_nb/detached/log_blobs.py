"""The large blobs that the log's rows refer to: kept from eviction, and let go of."""

from __future__ import annotations

import logging
from collections.abc import Callable

from ..core.model import Digest
from ..exceptions import StoreError
from ..local.runtime import Runtime

log = logging.getLogger(__name__)


class LogBlobs:
    """On the log's thread.

    :param runtime: gives the runtime, which is made after its log."""

    def __init__(self, runtime: Callable[[], Runtime]) -> None:
        self._runtime = runtime

    def pin(self, digest: Digest) -> None:
        """A row refers to it."""
        try:
            if not self._runtime().store.pin(digest):
                log.warning("blob %s, which the log refers to, is gone", digest[:12])
        except StoreError as error:
            log.warning("blob %s cannot be protected: %s", digest[:12], error)

    def release(self, digest: Digest) -> None:
        """A row does not refer to it any more. What no cached result needs either, nor another row,
        is deleted."""
        runtime = self._runtime()
        try:
            runtime.store.unpin(digest)
            if not runtime.cache.refers_to(digest):
                runtime.store.discard(digest)
        except StoreError as error:
            log.warning("blob %s cannot be let go of: %s", digest[:12], error)
