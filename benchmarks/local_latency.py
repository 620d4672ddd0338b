"""Where the local runtime's time goes: for tuning, in seconds of the clock and of this process's CPU.

    python benchmarks/local_latency.py [--peer] [CASE …]

`--peer` runs the cases with `concurrent.futures.ProcessPoolExecutor` (and `joblib.Memory` for the
hits) beside it, in turns. On a busy machine compare the CPU columns: they are the host's own work,
workers not counted. The table for people is made by `benchmarks/run.py`.
"""

from __future__ import annotations

import argparse
import concurrent.futures
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

WORKERS = 2
TASKS = 10_000


def noop(*args: Any) -> None:
    return None


def one(*args: Any) -> int:
    return 1


def increment(x: int, y: int = 0) -> int:
    return x + 1


class Clock:
    """Seconds of wall time and of CPU time since it was made."""

    def __init__(self) -> None:
        self.wall, self.cpu = time.perf_counter(), time.process_time()

    def read(self) -> tuple[float, float]:
        return time.perf_counter() - self.wall, time.process_time() - self.cpu


Submit = Callable[..., Any]
Get = Callable[[Any], Any]


def latency(submit: Submit, get: Get) -> tuple[float, float]:
    """One no-op, there and back; the mean of 500."""
    for _ in range(50):
        get(submit(noop))
    clock = Clock()
    for _ in range(500):
        get(submit(noop))
    wall, cpu = clock.read()
    return wall / 500, cpu / 500


def submitting(submit: Submit, get: Get) -> tuple[float, float]:
    """How long a loop that submits 10,000 no-ops blocks its thread."""
    clock = Clock()
    made = [submit(noop) for _ in range(TASKS)]
    taken = clock.read()
    for each in made:
        get(each)
    return taken


def fan_out(submit: Submit, get: Get) -> tuple[float, float]:
    """10,000 no-ops and all results."""
    clock = Clock()
    for each in [submit(noop) for _ in range(TASKS)]:
        get(each)
    return clock.read()


def chain(submit: Submit, get: Get) -> tuple[float, float]:
    """500 tasks, each with the result of the one before."""
    clock = Clock()
    last = submit(one)
    for _ in range(499):
        last = submit(one, last)
    get(last)
    return clock.read()


def layers(submit: Submit, get: Get) -> tuple[float, float]:
    """20 layers of 50 tasks, each with 3 parents."""
    choose = random.Random(1)
    clock = Clock()
    layer = [submit(one) for _ in range(50)]
    for _ in range(19):
        layer = [submit(one, *choose.sample(layer, 3)) for _ in range(50)]
    for each in layer:
        get(each)
    return clock.read()


def hits(submit: Submit, get: Get) -> tuple[float, float]:
    """1,000 cache hits with small arguments, one after the other."""
    for each in [submit(increment, i) for i in range(1000)]:
        get(each)
    clock = Clock()
    for i in range(1000):
        get(submit(increment, i))
    return clock.read()


CASES = {f.__name__: f for f in (latency, submitting, fan_out, chain, layers, hits)}
GRAPHS = {"chain", "layers"}


@contextmanager
def orion(case: str) -> Iterator[tuple[Submit, Get]]:
    from orion_nb.local.runtime import Runtime

    folder = tempfile.mkdtemp()
    try:
        with Runtime(WORKERS, cache_dir=folder) as runtime:
            submit: Submit = runtime.submit
            if case == "hits":

                def submit(fn: Any, *args: Any) -> Any:
                    return runtime.submit(fn, *args, cache="default")

            yield submit, runtime.get
    finally:
        shutil.rmtree(folder)


@contextmanager
def peer(case: str) -> Iterator[tuple[Submit, Get]]:
    if case == "hits":
        import joblib

        folder = tempfile.mkdtemp()
        try:
            cached = joblib.Memory(folder, verbose=0).cache(increment)
            yield (lambda fn, *args: cached(*args)), (lambda value: value)
        finally:
            shutil.rmtree(folder)
        return
    with concurrent.futures.ProcessPoolExecutor(WORKERS) as pool:
        yield pool.submit, lambda future: future.result()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer", action="store_true")
    parser.add_argument("cases", nargs="*", default=[])
    chosen = parser.parse_args()
    print(f"{'case':12} {'what':6} {'wall':>12} {'host CPU':>12}")
    for name in chosen.cases or CASES:
        for what, setting in (("orion", orion), ("peer", peer)):
            if what == "peer" and (not chosen.peer or name in GRAPHS):
                continue
            with setting(name) as (submit, get):
                get(
                    submit(noop if name != "hits" else increment, *([] if name != "hits" else [-1]))
                )
                best = min(CASES[name](submit, get) for _ in range(3))
            print(f"{name:12} {what:6} {best[0] * 1e3:9.3f} ms {best[1] * 1e3:9.3f} ms", flush=True)


if __name__ == "__main__":
    main()
