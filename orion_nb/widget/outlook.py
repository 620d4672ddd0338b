"""When a graph will be done, and which chain of tasks decides that. Pure.

`simulate` plays the rest of a run: tasks in the order in which they become ready, each on the
worker that is free first. `longest` finds the critical path. Both speak of jobs: a task, or
a pile of equal ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush, heapreplace
from typing import NamedTuple

_ROUNDS = 4
"""Rounds of a large pile that are played task by task; those before are counted at once."""


class Job(NamedTuple):
    """Work of one box of the graph: what is left of it, or what it has taken."""

    seconds: float = 0.0
    """Of each task that has not begun; of a finished job: what it has taken."""
    tasks: int = 0
    """Tasks that have not begun."""
    running: tuple[float, ...] = ()
    """Seconds left of those that run."""
    needs: tuple[int, ...] = ()
    """Indexes of jobs that must be done first."""

    @property
    def open(self) -> bool:
        return bool(self.tasks or self.running)


@dataclass(frozen=True, slots=True)
class Rest:
    """The rest of a run as it was played."""

    seconds: float
    """From now to the end."""
    finish: tuple[float, ...]
    """Seconds from now to the end of each job; 0 for a finished one."""


def simulate(jobs: Sequence[Job], workers: int) -> Rest:
    """Play what is left on so many workers (at least those that run something).

    Jobs that need each other, as folded piles may, are begun as if they did not. Costs what
    the jobs are, not what their tasks are.
    """
    busy = sorted(left for job in jobs for left in job.running)
    free = [*busy, *[0.0] * max(0, max(1, workers) - len(busy))]
    heapify(free)
    finish = [max(job.running, default=0.0) for job in jobs]
    feeds: list[list[int]] = [[] for _ in jobs]
    waits = [0] * len(jobs)
    for number, job in enumerate(jobs):
        for need in job.needs:
            if jobs[need].open:
                feeds[need].append(number)
                waits[number] += 1
    begin = [0.0] * len(jobs)
    ready = [(0.0, number) for number, job in enumerate(jobs) if job.open and not waits[number]]
    heapify(ready)
    done: set[int] = set()
    left = {number for number, job in enumerate(jobs) if job.open}
    while left:
        if not ready:  # a circle: somebody has to begin
            number = min(left)
            waits[number] = 0
            ready.append((begin[number], number))
        _, number = heappop(ready)
        if number in done:
            continue
        done.add(number)
        left.discard(number)
        finish[number] = max(finish[number], _play(jobs[number], begin[number], free))
        for other in feeds[number]:
            begin[other] = max(begin[other], finish[number])
            waits[other] -= 1
            if waits[other] == 0:
                heappush(ready, (begin[other], other))
    return Rest(max(finish, default=0.0), tuple(finish))


def _play(job: Job, begin: float, free: list[float]) -> float:
    """Put the tasks of a job on the workers; when the last of them ends."""
    count, end = job.tasks, begin
    if count > _ROUNDS * len(free):
        rounds = count // len(free) - _ROUNDS
        count -= rounds * len(free)
        free[:] = [max(at, begin) + rounds * job.seconds for at in free]
        heapify(free)
    for _ in range(count):
        at = max(free[0], begin) + job.seconds
        heapreplace(free, at)
        end = max(end, at)
    return end


def longest(jobs: Sequence[Job], lengths: Sequence[float]) -> tuple[float, list[int]]:
    """The critical path: the chain of jobs that no number of workers makes shorter. Seconds, and
    the jobs from first to last.

    While something is left, the chain is that which holds up the end: the longest of what is
    left, with the longest of what came before it. `lengths`: seconds of each job.
    """
    order = _ordered(jobs)
    head = [0.0] * len(jobs)  # the longest that comes before, itself included
    before: list[int | None] = [None] * len(jobs)
    tail = [0.0] * len(jobs)  # the longest that is left from its beginning on
    after: list[int | None] = [None] * len(jobs)
    for number in order:
        best = max(jobs[number].needs, key=head.__getitem__, default=None)
        before[number] = best if best is not None and head[best] else None  # it took no time
        head[number] = lengths[number] + (0.0 if best is None else head[best])
    for number in reversed(order):
        if jobs[number].open:
            tail[number] += lengths[number]
            for need in jobs[number].needs:
                if tail[number] > tail[need] or after[need] is None:
                    tail[need], after[need] = tail[number], number
    begun = [n for n in order if jobs[n].open and not any(jobs[m].open for m in jobs[n].needs)]
    ahead: list[int] = []
    if begun:
        here = max(begun, key=tail.__getitem__)
        seconds, step = tail[here], after[here]
        while step is not None:
            ahead.append(step)
            step = after[step]
    elif order:
        here = max(order, key=head.__getitem__)
        seconds = head[here]
    else:
        return 0.0, []
    path, back = [here], before[here]
    while back is not None:
        path.append(back)
        back = before[back]
    return seconds, [*reversed(path), *ahead]


def _ordered(jobs: Sequence[Job]) -> list[int]:
    """Needs first. Without jobs that need each other, and what hangs on them: they have no path."""
    waits = [len(job.needs) for job in jobs]
    feeds: list[list[int]] = [[] for _ in jobs]
    for number, job in enumerate(jobs):
        for need in job.needs:
            feeds[need].append(number)
    todo = [number for number in reversed(range(len(jobs))) if not waits[number]]
    order: list[int] = []
    while todo:
        number = todo.pop()
        order.append(number)
        for other in feeds[number]:
            waits[other] -= 1
            if not waits[other]:
                todo.append(other)
    return order
