"""loky's reusable executor, and `joblib.Memory` for the cache cases."""

from __future__ import annotations

import statistics
import time

import joblib
import loky

from .. import work
from .base import WORKERS, Peer
from .futures_peer import ExecutorPeer


class LokyPeer(ExecutorPeer):
    def version(self) -> str:
        return f"loky {loky.__version__}, joblib {joblib.__version__}"

    def start(self) -> None:
        self.pool = loky.get_reusable_executor(max_workers=WORKERS)

    def hits(self, folder: str, n: int) -> dict[str, float]:
        self._square(folder, range(n))
        many = self._square(folder, range(n))
        return {"hits": sum(many), "hit": statistics.median(many)}

    def _square(self, folder: str, items: range) -> list[float]:
        square = joblib.Memory(folder, verbose=0).cache(work.small_result)
        times = []
        for i in items:
            began = time.perf_counter()
            assert square(i) == i * i
            times.append(time.perf_counter() - began)
        return times

    def array_hit(self, folder: str, elements: int, tries: int) -> float:
        array = work.make_array(elements)
        length = joblib.Memory(folder, verbose=0).cache(work.length)
        length(array)
        times = []
        for _ in range(tries):
            began = time.perf_counter()
            length(array)
            times.append(time.perf_counter() - began)
        return statistics.median(times)


def make() -> Peer:
    return LokyPeer()
