"""`concurrent.futures.ProcessPoolExecutor`, and any other `Executor`. No dependencies."""

from __future__ import annotations

import concurrent.futures
import platform
from collections.abc import Callable, Sequence
from typing import Any

from .base import WORKERS, Peer


class ExecutorPeer(Peer):
    def submit(self, fn: Callable[..., Any], *args: Any) -> Any:
        values = [a.result() if isinstance(a, concurrent.futures.Future) else a for a in args]
        return self.pool.submit(fn, *values)

    def results(self, refs: Sequence[Any]) -> list[Any]:
        return [ref.result() for ref in refs]

    def wait(self, ref: Any) -> None:
        concurrent.futures.wait([ref])

    def stop(self) -> None:
        self.pool.shutdown()

    pool: concurrent.futures.Executor


class FuturesPeer(ExecutorPeer):
    def version(self) -> str:
        return f"concurrent.futures of Python {platform.python_version()}"

    def start(self) -> None:
        self.pool = concurrent.futures.ProcessPoolExecutor(WORKERS)


def make() -> Peer:
    return FuturesPeer()
