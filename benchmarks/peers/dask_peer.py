"""Dask's distributed scheduler, a `LocalCluster` of two processes with one thread each."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

import dask
import distributed

from .. import work
from .base import WORKERS, Peer


class DaskPeer(Peer):
    def version(self) -> str:
        return f"Dask {dask.__version__}"

    def start(self) -> None:
        self.cluster = distributed.LocalCluster(
            n_workers=WORKERS,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=logging.CRITICAL,
        )
        self.client = distributed.Client(self.cluster)

    def stop(self) -> None:
        self.client.close()
        self.cluster.close()

    def submit(self, fn: Callable[..., Any], *args: Any) -> Any:
        return self.client.submit(fn, *args, pure=False)

    def results(self, refs: Sequence[Any]) -> list[Any]:
        return self.client.gather(list(refs))

    def hand_over(self, i: int) -> tuple[float, int, int]:
        one, other = sorted(self.client.scheduler_info()["workers"])[:2]
        made = self.client.submit(work.make_big, i, pure=False, workers=[one])
        return self.client.submit(work.take_big, made, pure=False, workers=[other]).result()


def make() -> Peer:
    return DaskPeer()
