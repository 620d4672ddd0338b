"""Who runs what: worker slots, prefetch, and what to steal.

A worker holds its attempts in the order in which it got them: the first `slots` run (or are
about to), the others are prefetched so that a short task never waits for a round trip. Only work
that is known to be short is prefetched; `Pool.steal` gives it back when that was wrong.

All choices look at a bounded number of workers: a queue may hold workers that no longer
qualify, and they are dropped when they come up.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from typing import TYPE_CHECKING

from .model import WorkerId, WorkerKind
from .policies import SchedulerConfig
from .queueing import Queue

if TYPE_CHECKING:
    from .graph import Attempt, Node

_LOOK_AT = 8  # how many candidates a choice compares


class Worker:
    """One process, thread or node that runs `slots` attempts at a time."""

    __slots__ = (
        "attempts",
        "backlog",
        "draining",
        "heard_at",
        "host",
        "id",
        "in_idle",
        "in_room",
        "kind",
        "slots",
        "stealing",
        "stuck",
    )

    def __init__(self, id: WorkerId, kind: WorkerKind, host: str, slots: int, now: float) -> None:
        self.id = id
        self.kind = kind
        self.host = host  # the node it belongs to; "" on one machine
        self.slots = slots
        self.attempts: dict[Attempt, None] = {}
        self.backlog = 0.0  # seconds of work that it holds, by estimate
        self.stealing = 0  # attempts that were asked back
        self.heard_at = now  # last fact about an attempt of it, or first work after idleness
        self.stuck = False  # its task turned out long: nothing more is queued behind it
        self.draining = False  # gets no more work: lost, or about to leave
        self.in_idle = False  # in Pool.idle
        self.in_room = False  # in Pool.room


class Pool:
    """The workers of one kind and the tasks that wait for them."""

    __slots__ = (
        "clones",
        "idle",
        "kind",
        "least",
        "limit",
        "most",
        "queue",
        "room",
        "slots",
        "victims",
        "wanted",
        "workers",
    )

    def __init__(self, kind: WorkerKind, config: SchedulerConfig) -> None:
        self.kind = kind
        self.most = config.prefetch_max
        self.limit = config.prefetch_seconds
        self.least = config.steal_min_seconds
        self.workers: dict[WorkerId, Worker] = {}
        self.slots = 0
        self.idle: deque[Worker] = deque()  # may have a free slot
        self.room: deque[Worker] = deque()  # may take a prefetched attempt
        self.victims: dict[Worker, None] = {}  # hold attempts beyond their slots
        self.queue = Queue()  # of ready tasks
        self.wanted: deque[Node] = deque()  # stragglers that wait for a worker for a clone
        self.clones = 0  # with workers

    # -- workers -----------------------------------------------------------------------------

    def add(self, worker: Worker) -> None:
        self.workers[worker.id] = worker
        self.slots += worker.slots
        self.offer(worker)

    def remove(self, worker: Worker) -> None:
        """The worker is gone."""
        del self.workers[worker.id]
        self.slots -= worker.slots
        self.retire(worker)

    def retire(self, worker: Worker) -> None:
        """The worker gets no more work."""
        worker.draining = True
        self.victims.pop(worker, None)
        # O(workers), but rare; left inside, dead workers would pile up below the live ones.
        if worker.in_idle:
            self.idle.remove(worker)
        if worker.in_room:
            self.room.remove(worker)
        worker.in_idle = worker.in_room = False

    def offer(self, worker: Worker) -> None:
        """After its load has sunk: list the worker where it qualifies."""
        held, slots = len(worker.attempts), worker.slots
        if held < slots:
            if not worker.in_idle:
                worker.in_idle = True
                self.idle.append(worker)
        elif (
            not worker.in_room
            and held < self.most + slots
            and worker.backlog < self.limit * slots
            and not worker.stuck
        ):
            worker.in_room = True
            self.room.append(worker)

    def idle_worker(self) -> Worker | None:
        """A worker with a free slot: the one that was busy last, whose caches are warm."""
        idle = self.idle
        while idle:
            worker = idle[-1]
            if len(worker.attempts) < worker.slots:
                return worker
            idle.pop()
            worker.in_idle = False
        return None

    def worker_with_room(self, estimate: float) -> Worker | None:
        """A busy worker that may queue another attempt of about so many seconds."""
        if estimate > self.limit:
            return None
        room = self.room
        while room:
            worker = room.popleft()  # `assign` lists it again, last, if it still has room
            worker.in_room = False
            held, slots = len(worker.attempts), worker.slots
            if (
                slots <= held < self.most + slots
                and worker.backlog + estimate <= self.limit * slots
                and not worker.stuck
            ):
                if not room or room[0].backlog >= worker.backlog:
                    return worker
                # The less loaded of two: stolen work must not go back to its victim. The other
                # one is looked at again, so a worker that no longer qualifies drops out.
                room.insert(1, worker)
                worker.in_room = True
        return None

    def worker_for_clone(self, node: Node) -> Worker | None:
        """An idle worker that does not run `node` already; on another host if there is one."""
        used = {attempt.worker for attempt in node.attempts}
        hosts = {worker.host for worker in used}
        second: Worker | None = None
        for worker in islice(reversed(self.idle), _LOOK_AT):
            if worker in used or len(worker.attempts) >= worker.slots:
                continue
            if worker.host not in hosts:
                return worker
            second = second or worker
        return second

    def assign(self, worker: Worker, attempt: Attempt, now: float) -> None:
        attempts = worker.attempts
        if not attempts:
            worker.heard_at = now
        attempts[attempt] = None
        worker.backlog += attempt.estimate
        if len(attempts) > worker.slots:
            self.victims[worker] = None
        self.offer(worker)

    def release(self, worker: Worker, attempt: Attempt, now: float, ran: bool = True) -> None:
        """The attempt is over; its slot, or (`ran` False) its place in the queue, is free."""
        attempts = worker.attempts
        del attempts[attempt]
        if attempt.stealing:
            worker.stealing -= 1
        if ran:
            worker.heard_at = now
            worker.stuck = False
        held = len(attempts)
        # Start from zero again when we can: sums of floats drift.
        worker.backlog = worker.backlog - attempt.estimate if held else 0.0
        if held <= worker.slots and worker in self.victims:
            del self.victims[worker]
        if not worker.draining:
            self.offer(worker)

    # -- stealing ----------------------------------------------------------------------------

    def stealable(self, worker: Worker) -> list[Attempt]:
        """Attempts queued behind those that run, oldest first."""
        return [
            attempt
            for attempt in islice(worker.attempts, worker.slots, None)
            if attempt.started_at is None and not attempt.stealing and not attempt.stopping
        ]

    def steal(self) -> list[Attempt]:
        """For an idle worker: the younger half of the longest queue, if that is worth a message."""
        best: list[Attempt] = []
        most = self.least
        for worker in islice(self.victims, _LOOK_AT):
            # One steal at a time per victim: its answer tells how wrong the estimates were.
            if worker.stealing or worker.backlog < most:
                continue
            queued = self.stealable(worker)
            seconds = sum(attempt.estimate for attempt in queued)
            if seconds >= most:
                best, most = queued, seconds
        return best[len(best) // 2 :]
