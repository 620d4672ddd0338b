"""After each event: give out work until nothing more fits, the fixed point of the machine.

Also the straggler check, which decides who deserves a clone and which queues are stuck. It
looks at all running attempts, so it runs on a timer, and only while one of them could qualify.
"""

from __future__ import annotations

from .commands import ReleaseObjects
from .graph import Node
from .lineage import redo
from .machine import Machine
from .placement import Pool
from .policies import UNKNOWN_SECONDS
from .sharing import ask_again, joined_instead
from .speculation import Group, clone_limit
from .transitions import RUNNING


def settle(machine: Machine) -> None:
    """Clones first, then ready tasks to free slots, then to the queues of busy workers."""
    if machine.outdated:
        redo(machine)
    if machine.suspicious:
        _check(machine)
    for pool in machine.active:
        if pool.wanted:
            _dispatch_clones(machine, pool)
        queue = pool.queue
        while queue.ready:
            worker = pool.idle_worker()
            if worker is None and not pool.room:
                break
            node = queue.peek()
            if node.cacheable:
                if node.number:
                    machine.rekey(node)  # an input may have been made anew since the last attempt
                if joined_instead(machine, node):
                    continue
            estimate = _estimate(node)
            if worker is None:
                worker = pool.worker_with_room(estimate)
                if worker is None:
                    break
                if not machine.checking:
                    machine.start_checking()
            queue.take()
            machine.dispatch(node, worker, estimate)
        if pool.victims and not queue.ready and pool.idle_worker() is not None:
            for attempt in pool.steal():
                machine.ask_back(attempt)
    if machine.relieved:
        ask_again(machine)
    if machine.released:
        machine.commands.append(ReleaseObjects(tuple(machine.released)))
        machine.released.clear()


def _estimate(node: Node) -> float:
    group = node.group
    return UNKNOWN_SECONDS if group is None else group.estimate


def _dispatch_clones(machine: Machine, pool: Pool) -> None:
    """Clones go before queued tasks: they are what everybody waits for."""
    limit = clone_limit(pool.slots, machine.config)
    for _ in range(len(pool.wanted)):
        if pool.clones >= limit or pool.idle_worker() is None:
            return
        node = pool.wanted.popleft()
        if not node.clone_wanted or not _clonable(node):
            node.clone_wanted = False
            continue
        worker = pool.worker_for_clone(node)
        if worker is None:
            pool.wanted.append(node)
            continue
        node.clone_wanted = False
        machine.dispatch(node, worker, _estimate(node), clone=True)


def _clonable(node: Node) -> bool:
    """Exactly one attempt runs, nobody stops it, and a second one would have its inputs."""
    attempts = node.attempts
    return (
        node.state is RUNNING
        and len(attempts) == 1
        and not attempts[0].stopping
        and not node.unmet
        and not node.no_clone
        and not node.task.policy.impure
    )


def _check(machine: Machine) -> None:
    """Find stragglers and stuck queues; set the timer again if there could be more."""
    machine.suspicious = False
    again = False
    for pool in machine.active:
        if len(pool.workers) > 1:
            stuck = _find_stuck(machine, pool)
            again = _find_stragglers(machine, pool) or stuck or again
    if again and not machine.checking:
        machine.start_checking()


def _find_stuck(machine: Machine, pool: Pool) -> bool:
    """Take back what waits behind a task that turned out long; True: some worker has a queue."""
    for worker in tuple(pool.victims):
        if machine.now - worker.heard_at >= machine.config.stuck_after:
            worker.stuck = True
            for attempt in pool.stealable(worker):
                machine.ask_back(attempt)
    return bool(pool.victims)


def _find_stragglers(machine: Machine, pool: Pool) -> bool:
    """List those that ran too long; True: some running task could become one."""
    found = False
    waits: dict[Group | None, float | None] = {None: None}
    for worker in pool.workers.values():
        for attempt in worker.attempts:
            node = attempt.node
            if attempt.started_at is None or not _clonable(node):
                continue
            wait = node.task.policy.speculate_after
            if wait is None:
                group = node.group
                if group is not None and group not in waits:
                    waits[group] = group.patience(machine.config)
                wait = waits[group]
            if wait is None:
                continue
            found = True
            if not node.clone_wanted and machine.now - attempt.started_at > wait:
                node.clone_wanted = True
                pool.wanted.append(node)
    return found
