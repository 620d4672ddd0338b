"""Orion: `Runtime(workers=2)` with its defaults, in a cache folder of its own."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import orion_nb

from .. import work
from .base import WORKERS, Peer

LOAD = """
import time
from ipykernel.zmqshell import ZMQInteractiveShell
shell = ZMQInteractiveShell.instance()
began = time.perf_counter()
import orion_nb
shell.run_line_magic("load_ext", "orion_nb")
print(time.perf_counter() - began)
"""


class OrionPeer(Peer):
    def version(self) -> str:
        return f"Orion {orion_nb.__version__}"

    def start(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.runtime = orion_nb.Runtime(workers=WORKERS, cache_dir=self._folder.name)

    def stop(self) -> None:
        self.runtime.shutdown()
        self._folder.cleanup()

    def submit(self, fn: Callable[..., Any], *args: Any) -> Any:
        return self.runtime.submit(fn, *args)

    def results(self, refs: Sequence[Any]) -> list[Any]:
        return self.runtime.get(list(refs))

    def wait(self, ref: Any) -> None:
        self.runtime.wait([ref])

    def hits(self, folder: str, n: int) -> dict[str, float]:
        with orion_nb.Runtime(workers=WORKERS, cache_dir=folder) as runtime:
            runtime.get([self._cached(runtime, work.small_result, i) for i in range(n)])
        with orion_nb.Runtime(workers=WORKERS, cache_dir=folder) as runtime:
            began = time.perf_counter()
            squares = runtime.get([self._cached(runtime, work.small_result, i) for i in range(n)])
            many = time.perf_counter() - began
            assert squares == [i * i for i in range(n)]
        with orion_nb.Runtime(workers=WORKERS, cache_dir=folder) as runtime:
            alone = []
            for i in range(n):
                began = time.perf_counter()
                runtime.get(self._cached(runtime, work.small_result, i))
                alone.append(time.perf_counter() - began)
        return {"hits": many, "hit": statistics.median(alone)}

    def array_hit(self, folder: str, elements: int, tries: int) -> float:
        with orion_nb.Runtime(workers=WORKERS, cache_dir=folder) as runtime:
            made = self._cached(runtime, work.make_array, elements)
            runtime.get(self._cached(runtime, work.length, made))
        with orion_nb.Runtime(workers=WORKERS, cache_dir=folder) as runtime:
            made = self._cached(runtime, work.make_array, elements)
            runtime.wait([made])
            times = []
            for _ in range(tries):
                began = time.perf_counter()
                runtime.get(self._cached(runtime, work.length, made))
                times.append(time.perf_counter() - began)
        return statistics.median(times)

    def _cached(self, runtime: orion_nb.Runtime, fn: Callable[..., Any], *args: Any) -> Any:
        return runtime.submit(fn, *args, cache="default")

    def load_extension(self) -> float:
        """In a fresh process that has loaded what a kernel has loaded by then."""
        run = subprocess.run(
            [sys.executable, "-c", LOAD], capture_output=True, text=True, check=True
        )
        return float(run.stdout.splitlines()[-1])

    def quickstart(self) -> tuple[float, float]:
        os.environ["ORION_RUNTIME"] = "inprocess"
        return quickstart_twice()


def quickstart_twice() -> tuple[float, float]:
    """Seconds of the first and of the second run; the second one must be all hits."""
    from orion_tools.demo import run_twice

    with tempfile.TemporaryDirectory() as folder:
        first, second = run_twice(Path(folder), quiet=True)
    if second.story.hits < second.story.tasks:
        raise AssertionError(f"{second.story.hits} hits of {second.story.tasks} tasks")
    return first.seconds, second.seconds


def make() -> Peer:
    return OrionPeer()
