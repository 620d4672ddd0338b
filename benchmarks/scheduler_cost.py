"""What one task costs in the pure scheduler, and that the cost does not grow with the graph.

    python benchmarks/scheduler_cost.py [--sizes 1000 10000 100000] [--workers 4] [--rounds 5]

Prints a Markdown table: microseconds of Python per task, all steps together (its share of the
submission, the dispatch, `Started`, `Finished`, and making the events themselves), for a wide
fan-out, chains, and layers in which every task reads three. "growth" is the cost at the largest
size over the cost at the smallest. Medians of several rounds, processor time, with the garbage
collector off, as in `timeit`: its passes over *all* objects of the process grow with whatever
the host keeps. The last column is the largest size once more with the collector on.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import time
from collections import deque
from collections.abc import Callable, Iterable

from orion_nb.core.commands import AbandonTask, Command, ProbeCache, RunTask, StealTask
from orion_nb.core.events import (
    Abandoned,
    CacheAnswered,
    Event,
    Finished,
    Started,
    StealConfirmed,
    Submitted,
    WorkerJoined,
)
from orion_nb.core.model import Component, KeyRecipe, ObjectRef, Output, Task
from orion_nb.core.scheduler import Scheduler

OUTPUTS = {"value": Output("0" * 64, 10)}
RECIPE = (Component("code", "f", "1" * 64), Component("env", "", "2" * 64))
CHAIN = 100  # length of one chain
WIDTH = 50  # of one layer


def fan_out(count: int) -> list[Task]:
    return [Task(f"t{i}", "noop", group="noop") for i in range(count)]


def cached_fan_out(count: int) -> list[Task]:
    # Each its own key: of equal ones only one would run.
    keys = [Component("input", "0", f"{i:064x}") for i in range(count)]
    return [
        Task(f"t{i}", "noop", group="noop", recipe=KeyRecipe((*RECIPE, key)))
        for i, key in enumerate(keys)
    ]


def chains(count: int) -> list[Task]:
    return [
        Task(f"t{i}", "link", inputs=_reads(i - 1) if i % CHAIN else (), group="link")
        for i in range(count)
    ]


def layers(count: int) -> list[Task]:
    tasks = []
    for i in range(count):
        layer, column = divmod(i, WIDTH)
        first = (layer - 1) * WIDTH
        parents = [first + (column + shift) % WIDTH for shift in range(3)] if layer else []
        tasks.append(Task(f"t{i}", "cell", inputs=_reads(*parents), group="cell"))
    return tasks


def _reads(*parents: int) -> tuple[tuple[str, ObjectRef], ...]:
    return tuple((f"x{n}", ObjectRef(f"t{parent}")) for n, parent in enumerate(parents))


SHAPES: dict[str, Callable[[int], list[Task]]] = {
    "fan-out": fan_out,
    "fan-out, cache asked": cached_fan_out,
    f"chains of {CHAIN}": chains,
    f"layers of {WIDTH}, 3 parents": layers,
}


def drive(tasks: Iterable[Task], workers: int, batch: int = 32) -> float:
    """Run the tasks on an ideal host that answers at once; seconds of processor time spent in `step_many`.

    Events are fed in batches, as a host that drains its pipes does.
    """
    scheduler = Scheduler()
    pending: deque[Event] = deque(WorkerJoined(0.0, f"w{i}") for i in range(workers))
    pending.append(Submitted(0.0, tuple(tasks)))
    spent, clock, now = 0.0, time.process_time, 0.0
    while pending:
        events = [pending.popleft() for _ in range(min(batch, len(pending)))]
        begin = clock()
        effects = scheduler.step_many(events)
        spent += clock() - begin
        now += 0.0001
        for command in effects.commands:
            pending.extend(_answers(command, now))
    assert not scheduler.unfinished()
    return spent


def _answers(command: Command, now: float) -> tuple[Event, ...]:
    match command:
        case RunTask(task, attempt, worker):
            return (
                Started(now, task, attempt, worker),
                Finished(now, task, attempt, worker, OUTPUTS, 0.0001),
            )
        case ProbeCache(task):
            return (CacheAnswered(now, task, None),)
        case AbandonTask(task, attempt, worker):
            return (Abandoned(now, task, attempt, worker),)
        case StealTask(task, attempt, worker):
            return (StealConfirmed(now, task, attempt, worker, False),)
        case _:
            return ()


def measure(shape: Callable[[int], list[Task]], count: int, workers: int, collect: bool) -> float:
    """Microseconds per task, over as many fresh graphs as make 10,000 tasks or more."""
    graphs = max(1, 10_000 // count)
    spent = 0.0
    for _ in range(graphs):
        tasks = shape(count)
        gc.collect()
        if not collect:
            gc.disable()
        spent += drive(tasks, workers)
        gc.enable()
    return spent / (graphs * count) * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    sizes, workers = options.sizes, options.workers
    titles = [*(f"{size:,}" for size in sizes), "growth", "with collector"]
    print(f"| µs per task | {' | '.join(titles)} |")
    print("|---|" + "---:|" * len(titles))
    for name, shape in SHAPES.items():
        # All sizes in turn, several times: what else the machine does meets them all alike.
        rounds = [
            [measure(shape, size, workers, collect=False) for size in sizes]
            for _ in range(options.rounds)
        ]
        cells = [f"{statistics.median(costs):.1f}" for costs in zip(*rounds, strict=True)]
        growth = statistics.median(costs[-1] / costs[0] for costs in rounds)
        real = measure(shape, sizes[-1], workers, collect=True)
        print(f"| {name} | {' | '.join(cells)} | × {growth:.2f} | {real:.1f} |", flush=True)


if __name__ == "__main__":
    main()
