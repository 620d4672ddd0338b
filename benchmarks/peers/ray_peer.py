"""Ray on this machine with two CPUs, without its dashboard."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from typing import Any

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")

import ray

from .base import WORKERS, Peer


class RayPeer(Peer):
    def __init__(self) -> None:
        self._remote: dict[Callable[..., Any], Any] = {}

    def version(self) -> str:
        return f"Ray {ray.__version__}"

    def start(self) -> None:
        ray.init(
            num_cpus=WORKERS,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.CRITICAL,
            object_store_memory=2_000_000_000,
        )

    def stop(self) -> None:
        ray.shutdown()

    def submit(self, fn: Callable[..., Any], *args: Any) -> Any:
        remote = self._remote.get(fn)
        if remote is None:
            remote = self._remote[fn] = ray.remote(fn)
        return remote.remote(*args)

    def results(self, refs: Sequence[Any]) -> list[Any]:
        return ray.get(list(refs))

    def wait(self, ref: Any) -> None:
        ray.wait([ref], fetch_local=False)


def make() -> Peer:
    return RayPeer()
