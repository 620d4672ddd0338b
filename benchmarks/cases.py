"""What is measured. A case runs with any peer and returns seconds by row of the table.

A case raises `Unsupported` where an engine has nothing of the kind.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass

from . import work
from .peers.base import WORKERS, Peer

Rows = dict[str, float]


@dataclass(frozen=True)
class Limit:
    """Orion's time must be at most `factor` × a peer's in the same row, or its own in `row`.

    With neither, `factor` is seconds. `only`: for one of the two Orions, else for both.
    """

    factor: float
    peer: str = ""
    row: str = ""
    only: str = ""


@dataclass(frozen=True)
class Case:
    """One measurement. `size` is given to `run`; a quick run takes `quick` instead."""

    name: str
    run: Callable[[Peer, int], Rows]
    rows: dict[str, str]  # row → its title
    limits: dict[str, tuple[Limit, ...]]
    size: int = 0
    quick: int = 0
    once: bool = False  # too long to repeat
    alone: bool = False  # starts what it needs by itself; the peer is not started for it


def latency(peer: Peer, repeats: int) -> Rows:
    times = []
    for i in range(repeats):
        began = time.perf_counter()
        peer.results([peer.submit(work.noop, i)])
        times.append(time.perf_counter() - began)
    return {"latency": statistics.median(times)}


def fan_out(peer: Peer, n: int) -> Rows:
    began = time.perf_counter()
    assert peer.results(peer.submit_many(work.noop, ((i,) for i in range(n)))) == list(range(n))
    return {f"fan_out_{n}": time.perf_counter() - began}


def chain(peer: Peer, n: int) -> Rows:
    began = time.perf_counter()
    with peer.whole_graph():
        ref = peer.submit(work.inc, 0)
        for _ in range(n - 1):
            ref = peer.submit(work.inc, ref)
    assert peer.results([ref]) == [n]
    return {"chain": time.perf_counter() - began}


def layers(peer: Peer, n: int) -> Rows:
    width = 50
    began = time.perf_counter()
    with peer.whole_graph():
        layer = [peer.submit(work.noop, i) for i in range(width)]
        for _ in range(n - 1):
            layer = [
                peer.submit(work.add3, layer[i], layer[(i + 1) % width], layer[(i + 7) % width])
                for i in range(width)
            ]
    assert sum(peer.results(layer)) == 3 ** (n - 1) * sum(range(width))
    return {"layers": time.perf_counter() - began}


def submitting(peer: Peer, n: int) -> Rows:
    began = time.perf_counter()
    refs = peer.submit_many(work.noop, ((i,) for i in range(n)))
    blocked = time.perf_counter() - began
    peer.results(refs)
    return {"submitting": blocked}


def big_between(peer: Peer, tries: int) -> Rows:
    peer.everywhere(work.load_numpy)
    times = []
    for i in range(tries):
        seconds, maker, taker = peer.hand_over(i)
        assert maker != taker
        times.append(seconds)
    return {"big_between": statistics.median(times)}


def big_to_caller(peer: Peer, tries: int) -> Rows:
    peer.everywhere(work.load_numpy)
    work.load_numpy(0)
    times = []
    for i in range(tries):
        ref = peer.submit(work.make_big, i)
        [array] = peer.results([ref])
        times.append(work.take_big(array)[0])
        peer.drop(ref)
        del array, ref
    return {"big_to_caller": statistics.median(times)}


def hits(peer: Peer, n: int) -> Rows:
    with tempfile.TemporaryDirectory() as folder:
        return peer.hits(folder, n)


def big_hit(peer: Peer, tries: int) -> Rows:
    rows = {}
    for row, elements in (("small_hit", 10), ("big_hit", work.BIG)):
        with tempfile.TemporaryDirectory() as folder:
            rows[row] = peer.array_hit(folder, elements, tries)
    return rows


def straggler(peer: Peer, n: int) -> Rows:
    rows = {}
    for row, slow in (("even", 0.0), ("straggler", 10.0)):
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            refs = [peer.submit(work.brief, i, 0.2, slow, folder) for i in range(n)]
            assert peer.results(refs) == list(range(n))
            rows[row] = time.perf_counter() - began
    return rows


def killed(peer: Peer, n: int) -> Rows:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        refs = [peer.submit(work.mortal, i, 0.5, folder) for i in range(n)]
        assert peer.results(refs) == list(range(n))
        return {"killed": time.perf_counter() - began}


def busy_kernel(peer: Peer, n: int) -> Rows:
    """Until the last task's end, as it says itself: nobody can ask before the kernel is free."""
    ideal = n * 0.05 / WORKERS
    rows = {}
    for row, meanwhile in (
        ("kernel_idle", time.sleep),
        ("kernel_loop", work.spin),
        ("kernel_call", work.hold_interpreter),
    ):
        began = time.time()
        refs = peer.submit_many(work.moment, ((i, 0.05) for i in range(n)))
        meanwhile(1.3 * ideal)
        rows[row] = max(peer.results(refs)) - began
    return rows


def adopting(peer: Peer, n: int) -> Rows:
    return peer.adopt(n)


def importing(peer: Peer, _: int) -> Rows:
    return {"importing": peer.load_extension()}


def quickstart(peer: Peer, _: int) -> Rows:
    first, second = peer.quickstart()
    return {"first_run": first, "second_run": second}


KILLED_TASKS = 20
KILLED_IDEAL = KILLED_TASKS * 0.5 / WORKERS

_GRAPHS = (Limit(1 / 5, peer="ray"), Limit(1 / 10, peer="dask"))
_BUSY = (Limit(1.1, row="kernel_idle", only="detached"),)

CASES = [
    Case(
        "latency", latency, {"latency": "one no-op task, submit to result"},
        {
            "latency": (
                Limit(1.5, peer="futures", only="orion"),
                Limit(1 / 3, peer="ray", only="orion"),
                Limit(1 / 2, peer="ray", only="detached"),
            )
        },
        200, 50,
    ),
    Case("fan_out", fan_out, {"fan_out_1000": "fan-out of 1,000 no-ops"}, {}, 1_000, 1_000),
    Case(
        "fan_out_10000", fan_out, {"fan_out_10000": "fan-out of 10,000 no-ops"},
        {"fan_out_10000": (Limit(1, peer="futures"), *_GRAPHS)}, 10_000, 10_000,
    ),
    Case("chain", chain, {"chain": "chain of 500"}, {"chain": _GRAPHS}, 500, 500),
    Case(
        "layers", layers, {"layers": "20 layers × 50, each with 3 parents"},
        {"layers": _GRAPHS}, 20, 20,
    ),
    Case(
        "submitting", submitting, {"submitting": "submitting 10,000 tasks blocks the caller"},
        {"submitting": (Limit(1 / 4, peer="ray"),)}, 10_000, 10_000,
    ),
    Case(
        "big_between", big_between, {"big_between": "200 MB from one worker to another, read there"},
        {"big_between": (Limit(0.8, peer="ray"),)}, 5, 2,
    ),
    Case(
        "big_to_caller", big_to_caller, {"big_to_caller": "200 MB to the caller, read there"},
        {"big_to_caller": (Limit(0.8, peer="ray"),)}, 5, 2,
    ),
    Case(
        "hits", hits,
        {"hits": "1,000 cache hits, small arguments", "hit": "one such hit, alone"},
        {"hits": (Limit(0.5, peer="loky"),)}, 1_000, 1_000, alone=True,
    ),
    Case(
        "big_hit", big_hit,
        {
            "small_hit": "one cache hit, the argument a small array that a task made",
            "big_hit": "the same with an array of 200 MB",
        },
        {"big_hit": (Limit(1.5, row="small_hit"),)}, 31, 11, alone=True,
    ),
    Case(
        "straggler", straggler,
        {"even": "20 tasks of 0.2 s", "straggler": "the same, one of them takes 10 s"},
        {"straggler": (Limit(2, row="even"),)}, 20, 20,
    ),
    Case(
        "killed", killed, {"killed": "20 tasks of 0.5 s, a worker gets SIGKILL"},
        {"killed": (Limit(1.2 * KILLED_IDEAL),)}, KILLED_TASKS, KILLED_TASKS,
    ),
    Case(
        "busy_kernel", busy_kernel,
        {
            "kernel_idle": "100 tasks of 50 ms, the kernel is idle",
            "kernel_loop": "the same, the kernel runs a loop in Python",
            "kernel_call": "the same, the kernel is in one long C call",
        },
        {"kernel_loop": _BUSY, "kernel_call": _BUSY}, 100, 100,
    ),
    Case(
        "adopting", adopting,
        {
            "adopt": "a new kernel finds 1,000 finished tasks again, and a running one",
            "recover": "the same after SIGKILL of the runtime",
        },
        {}, 1_000, 1_000,
    ),
    Case(
        "importing", importing, {"importing": "`import orion_nb` and `%load_ext`, in a kernel"},
        {"importing": (Limit(0.3),)}, alone=True,
    ),
    Case(
        "quickstart", quickstart,
        {"first_run": "quickstart, first run", "second_run": "quickstart, second run, new kernel"},
        {"second_run": (Limit(1 / 20, row="first_run"),)}, once=True, alone=True,
    ),
]  # fmt: skip
