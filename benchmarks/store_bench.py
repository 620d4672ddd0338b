"""The store's own figures, as a Markdown table: ``python benchmarks/store_bench.py``.

Two worker processes each; one makes 200 MB, the other maps and sums them; then the caller
does. Beside it Ray, where it is installed, doing the same. "kept": every result stays alive, as in
a notebook, so each needs fresh memory; "dropped": each is released before the next.
Medians, because fresh memory costs a virtual machine much more than recycled memory.
"""

from __future__ import annotations

import argparse
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection

import numpy as np

from orion_nb.core.model import ActionResult, ObjectRef
from orion_nb.store import ActionCache, CasStore, Record, codec
from orion_nb.store.digests import blob_digest

SIZE = 200_000_000


def worker(pipe: Connection, root: str, since: float) -> None:
    """Serve ``make`` and ``total`` until the pipe closes."""
    store = CasStore(root, trust_since=since, limit=1 << 40)
    while True:
        try:
            what, argument = pipe.recv()
        except EOFError:
            return
        if what == "make":
            pipe.send(store.put(codec.encode(np.full(SIZE // 8, argument))).digest)
        else:
            pipe.send(float(codec.decode(store.open(argument).buffer).sum()))


def orion_rounds(rounds: int, kept: bool) -> tuple[list[float], list[float]]:
    """Seconds of worker to worker, and worker to caller, for each round."""
    context = multiprocessing.get_context("spawn")
    since = time.time()
    between, to_caller = [], []
    with tempfile.TemporaryDirectory() as root:
        store = CasStore(root, trust_since=since)
        pipes = []
        for _ in range(2):
            ours, theirs = context.Pipe()
            context.Process(target=worker, args=(theirs, root, since), daemon=True).start()
            theirs.close()
            pipes.append(ours)
        maker, summer = pipes

        def ask(pipe: Connection, *message: object) -> object:
            pipe.send(message)
            return pipe.recv()

        for pipe in pipes:
            ask(pipe, "total", ask(pipe, "make", 0.5))
        for number in range(rounds):
            start = time.perf_counter()
            digest = ask(maker, "make", float(number))
            ask(summer, "total", digest)
            between.append(time.perf_counter() - start)
            start = time.perf_counter()
            other = str(ask(maker, "make", number + 0.25))
            value = codec.decode(store.open(other).buffer)
            value.sum()
            to_caller.append(time.perf_counter() - start)
            del value
            if not kept:
                store.delete(str(digest))
                store.delete(other)
        for pipe in pipes:
            pipe.close()
    return between, to_caller


def ray_rounds(rounds: int, kept: bool) -> tuple[list[float], list[float]]:
    """The same with Ray; empty without it."""
    try:
        import ray
    except ImportError:
        return [], []
    ray.init(num_cpus=2, include_dashboard=False, logging_level="error")
    make = ray.remote(lambda value: np.full(SIZE // 8, value))
    total = ray.remote(lambda array: float(array.sum()))
    ray.get([total.remote(make.remote(0.5)) for _ in range(2)])
    between, to_caller, refs = [], [], []
    for number in range(rounds):
        start = time.perf_counter()
        ref = make.remote(float(number))
        ray.get(total.remote(ref))
        between.append(time.perf_counter() - start)
        start = time.perf_counter()
        other = make.remote(number + 0.25)
        value = ray.get(other)
        value.sum()
        to_caller.append(time.perf_counter() - start)
        del value
        if kept:
            refs += [ref, other]
        del ref, other
    ray.shutdown()
    return between, to_caller


def per_call(work: Callable[[], object], count: int) -> float:
    """Best of three, microseconds a call."""
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        for _ in range(count):
            work()
        best = min(best, time.perf_counter() - start)
    return best / count * 1e6


def square(x: float) -> float:
    return x * x


def small_figures() -> list[tuple[str, float]]:
    """Microseconds of what happens for every small task."""
    call = codec.encode_call(square, (1,))[0].to_bytes()
    ref = ObjectRef("a")
    array = np.zeros(SIZE // 8)
    blob = codec.encode(array).to_bytes()
    figures = [
        ("encode + digest of None", per_call(lambda: codec.encode(None).digest, 20_000)),
        ("encode + digest of a list", per_call(lambda: codec.encode([1, 2]).digest, 20_000)),
        ("encode_call(f, 1)", per_call(lambda: codec.encode_call(square, (1,)), 20_000)),
        ("encode_call(f, ref)", per_call(lambda: codec.encode_call(square, (ref,)), 20_000)),
        ("decode_call", per_call(lambda: codec.decode_call(call, lambda ref: 0), 20_000)),
        ("digest of 200 MB", per_call(lambda: blob_digest(blob), 1)),
    ]
    results = [codec.encode(number) for number in range(1000)]
    with tempfile.TemporaryDirectory() as folder:
        store = CasStore(folder, limit=1 << 40)
        digest = store.put(codec.encode(array)).digest
        value = codec.decode(store.open(digest).buffer)

        def changed() -> bool:
            return codec.changed_since_load(value, store.open(digest).buffer)

        figures.append(("changed_since_load, 200 MB", per_call(changed, 1)))
        cache = ActionCache(f"{folder}/actions.sqlite")
        keys = [blob_digest(str(number).encode()) for number in range(1000)]
        records = [
            Record(
                ActionResult(key, {"value": one.output}, 1.0), inline={one.digest: one.to_bytes()}
            )
            for key, one in zip(keys, results, strict=True)
        ]
        figures += [
            ("record one of 1,000 at once", per_call(lambda: cache.record_many(records), 1) / 1000),
            ("probe one of 1,000 at once", per_call(lambda: cache.probe_many(keys), 3) / 1000),
            ("probe one alone", per_call(lambda: cache.probe(keys[7]), 500)),
        ]
        cache.close()
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-ray", action="store_true")
    options = parser.parse_args()
    print("| 200 MB, median (best) in ms | Orion | Ray | ratio |\n|---|---|---|---|")
    for kept in (True, False):
        ours = orion_rounds(options.rounds, kept)
        theirs = ([], []) if options.no_ray else ray_rounds(options.rounds, kept)
        for name, mine, other in zip(
            ("worker to worker", "to the caller"), ours, theirs, strict=True
        ):
            label = f"{name}, results {'kept' if kept else 'dropped'}"
            row = [_cell(mine), _cell(other) if other else "–"]
            ratio = f"{statistics.median(mine) / statistics.median(other):.2f}" if other else "–"
            print(f"| {label} | {row[0]} | {row[1]} | {ratio} |", flush=True)
    print("\n| small things | µs |\n|---|---|")
    for name, microseconds in small_figures():
        print(f"| {name} | {microseconds:,.1f} |")


def _cell(seconds: list[float]) -> str:
    return f"{statistics.median(seconds) * 1e3:.0f} ({min(seconds) * 1e3:.0f})"


if __name__ == "__main__":
    main()
