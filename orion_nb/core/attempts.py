"""Rules about attempts and workers: what each fact from a worker, the cache or a timer means.

A fact about an attempt that the machine has given up changes nothing. A fact that cannot be
true (an attempt that was never dispatched, an answer to an order never given) is a bug of the host
and raises :class:`InvalidTransition` before anything has changed.
"""

from __future__ import annotations

from .commands import StartTimer
from .events import (
    Abandoned,
    CacheAnswered,
    Failed,
    Finished,
    Started,
    StealConfirmed,
    TimerFired,
    WorkerDraining,
    WorkerJoined,
    WorkerLost,
)
from .graph import Attempt, Node
from .lineage import propagate, wait_again
from .machine import CHECK, CLONE, NOTHING, Machine, dead_letter, is_live
from .model import TaskError, TaskId, WorkerId
from .placement import Worker
from .sharing import joined_after_miss, lead
from .speculation import may_straggle
from .transitions import BACKOFF, PROBING, RUNNING, WAITING

_NOT_HIS_FAULT = frozenset({"lost-worker", "lost-object"})
"""Kinds of error that count against `Policy.lost_worker_retries`."""


def find(machine: Machine, task: TaskId, number: int, worker: WorkerId) -> Attempt | None:
    """The attempt that a fact speaks of; None when it is over (the fact is late)."""
    node = machine.nodes.get(task)
    if node is None:
        return None
    for attempt in node.attempts:
        if attempt.number == number:
            if attempt.worker.id != worker:
                raise machine.invalid(
                    node, f"attempt {number} is with {attempt.worker.id!r}, not {worker!r}"
                )
            return attempt
    if not 0 < number <= node.number:
        raise machine.invalid(node, f"attempt {number} was never dispatched")
    return None


def on_started(machine: Machine, event: Started) -> None:
    attempt = find(machine, event.task, event.attempt, event.worker)
    if attempt is None or attempt.started_at is not None or attempt.stopping:
        return
    attempt.started_at = attempt.worker.heard_at = now = machine.now
    node = attempt.node
    policy = node.task.policy
    machine.move(node, "started", attempt.number, event.worker, CLONE if attempt.clone else NOTHING)
    if policy.timeout is not None:
        attempt.deadline = now + policy.timeout
        timer = StartTimer(f"run:{attempt.number}:{node.id}", policy.timeout)
        machine.commands.append(timer)
    if not machine.checking and may_straggle(policy, node.group):
        machine.start_checking()


def on_finished(machine: Machine, event: Finished) -> None:
    _, task, number, worker, outputs, duration = event
    attempt = find(machine, task, number, worker)
    if attempt is None:
        return
    node = attempt.node
    for name in node.task.outputs:
        if name not in outputs:
            message = f"the attempt brought no output {name!r}"
            error = TaskError("exception", "", message, retryable=False)
            on_failed(machine, Failed(event.now, task, number, worker, error))
            return
    machine.end(attempt)
    if not attempt.stopping:
        machine.accept(node, attempt, outputs, duration)


def on_failed(machine: Machine, event: Failed) -> None:
    attempt = find(machine, event.task, event.attempt, event.worker)
    if attempt is None:
        return
    machine.end(attempt)
    if not attempt.stopping:
        _attempt_failed(machine, attempt, event.error)


def on_abandoned(machine: Machine, event: Abandoned) -> None:
    attempt = find(machine, event.task, event.attempt, event.worker)
    if attempt is None:
        return
    if not attempt.stopping:
        raise machine.invalid(attempt.node, f"nobody abandoned attempt {attempt.number}")
    machine.end(attempt)


def on_steal_confirmed(machine: Machine, event: StealConfirmed) -> None:
    attempt = find(machine, event.task, event.attempt, event.worker)
    if attempt is None:
        return
    if not attempt.asked:
        raise machine.invalid(attempt.node, f"nobody asked attempt {attempt.number} back")
    if event.released:
        machine.end(attempt, ran=False)
        if not attempt.stopping:
            _requeue(machine, attempt, "stolen")
    elif attempt.stealing:
        attempt.stealing = False
        attempt.worker.stealing -= 1


def _requeue(machine: Machine, attempt: Attempt, why: str) -> None:
    """An attempt ended before it began: no budget pays for it."""
    node = attempt.node
    if is_live(node):
        machine.move(node, "attempt-failed", attempt.number, attempt.worker.id, CLONE)
    elif node.unmet:
        wait_again(machine, node)
    else:
        machine.move(node, why, attempt.number, attempt.worker.id)
        machine.enqueue(node, front=True)


def _attempt_failed(machine: Machine, attempt: Attempt, error: TaskError) -> None:
    """Decide between another attempt, the one that still runs, and a dead letter."""
    node = attempt.node
    policy, config = node.task.policy, machine.config
    live = is_live(node)
    if attempt.clone and live:
        # Nobody asked for the clone: its trouble costs nothing, and it is not tried again.
        node.no_clone = True
        detail = {"error": error, "clone": True}
        machine.move(node, "attempt-failed", attempt.number, attempt.worker.id, detail)
        return
    lost = error.kind in _NOT_HIS_FAULT
    if lost:
        node.losses += 1
        over = node.losses > policy.lost_worker_retries
    else:
        node.failures += 1
        over = node.failures > policy.retries or not error.retryable
    node.error = error
    # A task that loses workers may still be saved by its clone; its own error would repeat there.
    if over and not (lost and live):
        dead_letter(machine, node, "failed", error, attempt.number)
        propagate(machine, node)
    elif live:
        machine.move(node, "attempt-failed", attempt.number, attempt.worker.id, {"error": error})
    elif node.unmet:
        wait_again(machine, node)
    else:
        delay = config.lost_retry_delay(node.losses) if lost else config.retry_delay(node.failures)
        detail = {"error": error, "delay": delay}
        if delay > 0.0:
            machine.move(node, "retry-later", attempt.number, attempt.worker.id, detail)
            machine.timer("backoff", node, delay)
        else:
            machine.move(node, "retry-now", attempt.number, attempt.worker.id, detail)
            machine.enqueue(node, front=True)


# -- workers -------------------------------------------------------------------------------------


def on_worker_joined(machine: Machine, event: WorkerJoined) -> None:
    known = machine.workers.get(event.worker)
    if known is not None:
        if (known.kind, known.host, known.slots) == (event.kind, event.node, event.slots):
            return
        lose_worker(machine, known, "it joined anew")
    worker = Worker(event.worker, event.kind, event.node, event.slots, machine.now)
    machine.workers[worker.id] = worker
    pool = machine.pools[worker.kind]
    pool.add(worker)
    if pool not in machine.active:
        machine.active.append(pool)
    if not machine.checking:
        machine.suspicious = True  # a second worker makes clones and steals possible


def on_worker_draining(machine: Machine, event: WorkerDraining) -> None:
    worker = machine.workers.get(event.worker)
    if worker is not None and not worker.draining:
        pool = machine.pools[worker.kind]
        for attempt in pool.stealable(worker):
            machine.ask_back(attempt)
        pool.retire(worker)


def on_worker_lost(machine: Machine, event: WorkerLost) -> None:
    worker = machine.workers.get(event.worker)
    if worker is not None:
        lose_worker(machine, worker, event.why)


def lose_worker(machine: Machine, worker: Worker, why: str) -> None:
    """The worker is gone: its running attempts are lost, the others go back to the queue."""
    del machine.workers[worker.id]
    machine.pools[worker.kind].remove(worker)
    message = f"worker {worker.id!r} was lost" + (f": {why}" if why else "")
    error = TaskError("lost-worker", "", message)
    attempts = list(worker.attempts)
    silent = [attempt for attempt in attempts if attempt.started_at is None]
    # A task may kill its worker before the news of its start gets out; if that cost nothing, it
    # would kill one worker after the other for ever. So every slot counts as used.
    presumed = silent[: max(0, worker.slots - (len(attempts) - len(silent)))]
    # Backwards, because each goes to the front of the queue: their order is kept.
    for attempt in reversed(attempts):
        machine.end(attempt)
        if attempt.stopping:
            continue
        if attempt.started_at is not None or attempt in presumed:
            _attempt_failed(machine, attempt, error)
        else:
            _requeue(machine, attempt, "returned")


# -- the cache and the clock ---------------------------------------------------------------------


def on_cache_answered(machine: Machine, event: CacheAnswered) -> None:
    node = machine.nodes.get(event.task)
    if node is None:
        return
    if node.key is None:
        raise machine.invalid(node, "the cache answers, but was never asked")
    if node.state is not PROBING:
        return  # late: cancelled, or answered before
    result, why = event.result, event.why
    if result is not None:
        if result.key != node.key:
            return  # of an input that was recomputed meanwhile; the new answer is on its way
        absent = [name for name in node.task.outputs if name not in result.outputs]
        if not absent:
            machine.accept_hit(node, result)
            return
        why = f"the entry has no output {', '.join(absent)}"
    if node.joined:
        return  # asked before it joined, or by a new host: its leader is still at it
    if node.unmet:
        wait_again(machine, node)
    elif not joined_after_miss(machine, node):
        lead(machine, node)
        detail = {"reason": why, "key": node.key}
        machine.move(node, "missed", detail=detail, short=(why, node.key))
        machine.enqueue(node)


def on_timer(machine: Machine, event: TimerFired) -> None:
    """A timer that fires for nothing (an older one, a finished task) is ignored."""
    if event.timer == CHECK:
        machine.checking = False
        machine.suspicious = True
        return
    kind, _, rest = event.timer.partition(":")
    number, _, task = rest.partition(":")
    node = machine.nodes.get(task)
    if node is None:
        return
    if kind == "run":
        _run_timed_out(machine, node, number)
    elif event.timer != node.timer:
        return
    elif kind == "backoff" and node.state is BACKOFF:
        if node.unmet:
            wait_again(machine, node)
        else:
            machine.move(node, "backoff-over")
            machine.enqueue(node, front=True)
    elif kind == "wait" and node.state is WAITING:
        limit = node.task.policy.wait_timeout
        error = TaskError("wait-timeout", "", f"waited longer than {limit:g} s for what it needs")
        dead_letter(machine, node, "wait-timed-out", error)
        propagate(machine, node)


def _run_timed_out(machine: Machine, node: Node, number: str) -> None:
    for attempt in node.attempts:
        if str(attempt.number) == number and not attempt.stopping and node.state is RUNNING:
            limit = node.task.policy.timeout
            machine.abandon(attempt, "timeout")
            error = TaskError("timeout", "", f"ran longer than {limit:g} s")
            _attempt_failed(machine, attempt, error)
