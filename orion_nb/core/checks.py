"""What must hold between two events. `Scheduler.validate` checks all of it after every core test.

Tasks
 1. `unmet` of an unfinished task is the number of its unsatisfied edges.
 2. WAITING misses something, and all that it misses is unfinished, so the wait ends.
 3. READY misses nothing; it is queued exactly once, or its former attempt is being stopped.
 4. RUNNING has one or two live attempts, on different workers, the second a clone; no other
    state has any.
 5. DONE has every output; FAILED, UPSTREAM_FAILED and CANCELLED have an error and a root cause.
Edges
 6. Edges are known at both ends; `readers` counts the unfinished dependents.
 7. A forgotten or archived task that is kept is unfinished, has unfinished readers, or is being
    stopped. A ghost (`core.ghosts`) is unknown and has known dependents; an unfinished one needs
    nothing of it.
Keys
 8. A leader is READY, RUNNING or in BACKOFF and known under the key that it leads; while it may still
    be given to a worker, that is its key. Who has joined is PROBING, has its key, and there is a
    leader of that key; nobody else follows.
Workers
 9. Task and worker agree on every attempt; numbers of attempts only grow.
10. Load, counts of clones, slots, steals and ready tasks are what a recount gives.
11. Every session's ready tasks are in its own line, and lines that hold some take turns.
12. Fixed point: no task is ready while a worker of its kind has a free slot.
13. A worker that qualifies for work is listed where work is given out.
Groups
14. Counts of members and unfinished members, and of all unfinished tasks, are what a recount
    gives.
"""

from __future__ import annotations

from collections import Counter

from ..exceptions import OrionBug
from .graph import BROKEN, Node
from .machine import Machine
from .model import TaskId
from .placement import Pool, Worker
from .sharing import LEADING
from .transitions import DONE, PROBING, READY, RUNNING, WAITING


def validate(machine: Machine) -> None:
    """:raises OrionBug: an invariant is broken; the message says which, the story how."""
    for name, node in machine.nodes.items():
        _require(node, name == node.id and not node.dropped, "is known under its id")
        _check_state(node)
        _check_edges(machine, node)
        _check_attempts(machine, node)
    for name, ghost in machine.ghosts.items():
        _check_ghost(machine, name, ghost)
    _check_sharing(machine)
    _check_groups(machine)
    if machine.unfinished != sum(map(_unfinished, machine.nodes.values())):
        raise OrionBug(f"not true that {machine.unfinished} tasks are unfinished")
    for pool in machine.pools.values():
        _check_pool(machine, pool)


def _require(node: Node, holds: bool, what: str) -> None:
    if not holds:
        raise OrionBug(
            f"task {node.id!r} ({node.state}): not true that it {what}", story=node.changes()
        )


def _require_pool(pool: Pool, holds: bool, what: str) -> None:
    if not holds:
        raise OrionBug(f"{pool.kind.value} workers: not true that {what}")


def _unfinished(node: Node) -> bool:
    return node.state is not None and not node.state.final


def _check_state(node: Node) -> None:
    missing = node.unsatisfied()
    if _unfinished(node):
        _require(node, node.unmet == len(missing), f"misses {node.unmet} of its inputs")
    if node.state is WAITING:
        _require(node, bool(missing), "misses something")
        _require(node, all(map(_unfinished, missing)), "waits only for what is unfinished")
    elif node.state is READY:
        _require(node, not missing, "misses nothing")
    elif node.state is DONE:
        outputs = node.outputs or {}
        _require(node, all(name in outputs for name in node.task.outputs), "has its outputs")
    elif node.state in BROKEN:
        _require(node, node.error is not None and node.root != "", "has an error and a root cause")


def _check_edges(machine: Machine, node: Node) -> None:
    for dep in node.deps:
        known = dep.dependents is not None and node in dep.dependents
        _require(node, known or dep.dropped, f"is known to {dep.id!r}")
        if _unfinished(node):
            _require(node, not dep.dropped or node.satisfied(dep), f"keeps {dep.id!r}")
        if dep.dropped and dep.leaving != "replaced":
            _require(node, machine.ghosts.get(dep.id) is dep, f"shares the ghost of {dep.id!r}")
    dependents = [other for other in node.dependents or () if not other.dropped]
    _require(node, len(dependents) == len(set(dependents)), "lists its dependents once")
    _require(node, all(node in other.deps for other in dependents), "is what its dependents need")
    stale = len(node.dependents or ()) - len(dependents)
    _require(node, node.stale == stale, f"lists {node.stale} forgotten dependents")
    readers = sum(_unfinished(other) for other in dependents)
    _require(node, node.readers == readers, f"has {node.readers} unfinished dependents")
    if node.leaving:
        kept = _unfinished(node) or node.readers > 0 or bool(node.attempts)
        _require(node, kept, "was kept for a reason")


def _check_ghost(machine: Machine, name: TaskId, ghost: Node) -> None:
    unknown = name == ghost.id and name not in machine.nodes
    _require(ghost, unknown and ghost.dropped and not ghost.deps, "is a ghost")
    dependents = [other for other in ghost.dependents or () if not other.dropped]
    _require(ghost, bool(dependents), "has known dependents")
    _require(ghost, all(ghost in other.deps for other in dependents), "is held by them")
    readers = sum(map(_unfinished, dependents))
    _require(ghost, ghost.readers == readers, f"has {ghost.readers} unfinished dependents")


def _check_sharing(machine: Machine) -> None:
    followers = {(key, node) for key, nodes in machine.followers.items() for node in nodes}
    for node in machine.nodes.values():
        if node.leads is not None:
            _require(node, machine.leaders.get(node.leads) is node, "is known as a leader")
            _require(node, node.state in LEADING, "may lead")
            _require(node, node.state is RUNNING or node.key == node.leads, "leads its key")
        if node.joined and node.state is PROBING:
            _require(node, node.key in machine.leaders, "has a leader")
            _require(node, (node.key, node) in followers, "is known to follow")
    for key, leader in machine.leaders.items():
        _require(leader, leader.leads == key and not leader.dropped, f"leads {key}")
    if machine.relieved or machine.followers.keys() - machine.leaders.keys():
        raise OrionBug("not true that all followers of leaders that are over were told")


def _check_attempts(machine: Machine, node: Node) -> None:
    live = [attempt for attempt in node.attempts if not attempt.stopping]
    if node.state is RUNNING:
        _require(node, 1 <= len(live) <= 2, "has one or two live attempts")
        _require(node, all(attempt.clone for attempt in live[1:]), "runs twice only by a clone")
        _require(node, len({a.worker for a in live}) == len(live), "runs on different workers")
    else:
        _require(node, not live, "has no live attempt")
    numbers = [attempt.number for attempt in node.attempts]
    _require(node, numbers == sorted(set(numbers)), "has growing attempt numbers")
    _require(node, not numbers or numbers[-1] <= node.number, "knows its newest attempt")
    for attempt in node.attempts:
        worker = attempt.worker
        _require(node, machine.workers.get(worker.id) is worker, f"is with a known {worker.id!r}")
        _require(node, attempt in worker.attempts, f"is known to {worker.id!r}")


def _check_groups(machine: Machine) -> None:
    members = Counter(node.group.name for node in machine.nodes.values() if node.group)
    unfinished = Counter(
        node.group.name for node in machine.nodes.values() if node.group and _unfinished(node)
    )
    for name, group in machine.groups.items():
        if group.members != members[name] or group.unfinished != unfinished[name]:
            raise OrionBug(f"group {name!r}: its counts are wrong")


def _check_pool(machine: Machine, pool: Pool) -> None:
    mine = [node for node in machine.nodes.values() if node.pool is pool]
    queued = [node for node in mine if node.state is READY and not node.attempts]
    _check_queue(pool, queued)
    for worker in pool.workers.values():
        _check_worker(pool, worker)
    clones = sum(a.clone for worker in pool.workers.values() for a in worker.attempts)
    _require_pool(pool, pool.clones == clones, f"{pool.clones} clones run")
    slots = sum(worker.slots for worker in pool.workers.values())
    _require_pool(pool, pool.slots == slots, f"there are {pool.slots} slots")
    alive = set(pool.workers.values())
    _require_pool(pool, alive.issuperset(pool.idle), "idle workers are known")
    _require_pool(pool, alive.issuperset(pool.room), "workers with room are known")


def _check_queue(pool: Pool, queued: list[Node]) -> None:
    ready, lines = pool.queue.ready, pool.queue.lines
    _require_pool(pool, ready == len(queued), f"{ready} tasks are ready")
    entries = {
        (name, node)
        for name, line in lines.items()
        for queue in line.queues.values()
        for node in queue
    }
    for node in queued:
        _require(node, (node.task.session, node) in entries, "is queued in its session's line")
    counts = Counter(node.task.session for node in queued)
    turns = list(pool.queue.turns)
    for name, line in lines.items():
        _require_pool(pool, line.ready == counts[name], f"{line.ready} of {name!r} are ready")
        _require_pool(pool, line.listed == (turns.count(line) == 1), f"{name!r} has one turn")
        _require_pool(pool, line.listed or not line.ready, f"{name!r} has a turn if it needs one")
    _require_pool(pool, all(lines[t.session] is t for t in turns), "lines with a turn are known")


def _check_worker(pool: Pool, worker: Worker) -> None:
    held, name = len(worker.attempts), worker.id
    free = held < worker.slots and not worker.draining
    _require_pool(
        pool, not (free and pool.queue.ready), f"{name!r} has no free slot while tasks wait"
    )
    _require_pool(pool, worker.in_idle or not free, f"{name!r} is listed as idle when it is")
    _require_pool(pool, worker.in_idle == (worker in pool.idle), f"{name!r} knows it is idle")
    _require_pool(pool, worker.in_room == (worker in pool.room), f"{name!r} knows it has room")
    beyond = held > worker.slots and not worker.draining
    _require_pool(pool, beyond == (worker in pool.victims), f"{name!r} is a victim if it can be")
    stealing = sum(attempt.stealing for attempt in worker.attempts)
    _require_pool(
        pool, worker.stealing == stealing, f"{worker.stealing} of {name!r} are asked back"
    )
    backlog = sum(attempt.estimate for attempt in worker.attempts)
    _require_pool(pool, abs(worker.backlog - backlog) < 1e-6, f"{name!r} knows its backlog")
