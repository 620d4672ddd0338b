"""Read-only snapshots of the machine, for hosts and people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..exceptions import UsageError
from .commands import AbandonTask, Command, ProbeCache, RunTask, StartTimer, StealTask
from .graph import BROKEN, Attempt, Node
from .machine import CHECK, Machine
from .model import (
    ActionResult,
    Digest,
    Output,
    Task,
    TaskError,
    TaskId,
    TaskState,
    WorkerId,
    WorkerKind,
)
from .remains import Ended
from .transitions import BACKOFF, DONE, PROBING, WAITING


@dataclass(frozen=True, slots=True)
class RunningAttempt:
    """An attempt that is with a worker."""

    attempt: int
    worker: WorkerId
    started_at: float | None  # None: queued at its worker
    clone: bool
    stopping: str = ""  # why it was abandoned; "" while its result would be accepted


@dataclass(frozen=True, slots=True)
class TaskInfo:
    """What the machine knows of one task at one moment."""

    task: Task
    state: TaskState
    attempts: int  # dispatched so far, stolen ones included; also the number of the newest
    failures: int  # of its own since it was submitted or retried
    losses: int  # of workers or inputs under it
    running: tuple[RunningAttempt, ...]
    outputs: Mapping[str, Output] | None  # of the accepted result
    lost: frozenset[str]  # outputs that can no longer be read
    error: TaskError | None  # of the last failed attempt, or why it will never run
    root: TaskId  # the root cause, when it is FAILED, CANCELLED or UPSTREAM_FAILED
    key: Digest | None  # its action key, once its inputs are known
    hit: ActionResult | None  # what the cache served instead of a run


@dataclass(frozen=True, slots=True)
class WorkerLoad:
    """What one worker holds."""

    kind: WorkerKind
    node: str
    slots: int
    draining: bool
    running: tuple[TaskId, ...]  # at most `slots`, oldest first; started or about to be
    queued: tuple[TaskId, ...]  # prefetched behind them


def task_info(node: Node) -> TaskInfo:
    assert node.state is not None
    return TaskInfo(
        task=node.task,
        state=node.state,
        attempts=node.number,
        failures=node.failures,
        losses=node.losses,
        running=tuple(_running(attempt) for attempt in node.attempts),
        outputs=node.outputs,
        lost=node.lost or frozenset(),
        error=node.error,
        root=node.root,
        key=node.key,
        hit=node.hit,
    )


def ended(node: Node) -> Ended:
    """What is left of a task that is over."""
    state = node.state
    assert state is not None
    if not state.final:
        raise UsageError(f"{node.id!r} is {state}: it is not over")
    return Ended(
        node.task,
        state,
        node.outputs,
        node.error,
        node.root,
        node.key,
        node.hit,
        node.number,
        node.lost or frozenset(),
        node.changes(),
    )


def absent(machine: Machine, tasks: Iterable[TaskId]) -> set[TaskId]:
    """Tasks that are not known and that would be needed to run these final tasks again."""
    found: set[TaskId] = set()
    seen: set[Node] = set()
    stack = [node for task in tasks if (node := machine.nodes.get(task)) is not None]
    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        for dep in node.unsatisfied():
            if dep.dropped:
                found.add(dep.id)
            elif dep.state is DONE or dep.state in BROKEN:
                stack.append(dep)
    return found


def _running(attempt: Attempt) -> RunningAttempt:
    return RunningAttempt(
        attempt.number, attempt.worker.id, attempt.started_at, attempt.clone, attempt.stopping
    )


def worker_load(machine: Machine) -> dict[WorkerId, WorkerLoad]:
    load: dict[WorkerId, WorkerLoad] = {}
    for worker in machine.workers.values():
        held = tuple(attempt.node.id for attempt in worker.attempts)
        load[worker.id] = WorkerLoad(
            worker.kind,
            worker.host,
            worker.slots,
            worker.draining,
            held[: worker.slots],
            held[worker.slots :],
        )
    return load


_TIMER_IN: dict[TaskState | None, str] = {BACKOFF: "backoff:", WAITING: "wait:"}


def outstanding(machine: Machine) -> tuple[Command, ...]:
    """Every order that waits for its answer, probes and timers first."""
    orders: list[Command] = []
    if machine.checking:
        orders.append(StartTimer(CHECK, machine.config.check_every))
    for node in machine.nodes.values():
        if node.state is PROBING and node.key is not None:
            orders.append(ProbeCache(node.id, node.key))
        elif node.timer.startswith(_TIMER_IN.get(node.state, "none")):
            orders.append(StartTimer(node.timer, max(0.0, node.due - machine.now)))
    for worker in machine.workers.values():
        for attempt in worker.attempts:
            orders.extend(_orders_of(machine, attempt))
    return tuple(orders)


def _orders_of(machine: Machine, attempt: Attempt) -> list[Command]:
    node, number, worker = attempt.node, attempt.number, attempt.worker.id
    if attempt.stopping:
        return [AbandonTask(node.id, number, worker, attempt.stopping)]
    orders: list[Command] = [RunTask(node.id, number, worker, attempt.inputs, attempt.clone)]
    if attempt.stealing:
        orders.append(StealTask(node.id, number, worker))
    if attempt.deadline is not None:
        delay = max(0.0, attempt.deadline - machine.now)
        orders.append(StartTimer(f"run:{number}:{node.id}", delay))
    return orders
