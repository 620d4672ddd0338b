"""One computation for tasks that would compute the same at the same moment.

The action cache knows what *was* computed; this is about what *is being* computed. Among unfinished
tasks with one action key the first to want a worker *leads*. One that may read the cache and finds
nothing in it *joins* the leader: it stays in PROBING and asks again when the leader is over. Then
the result is a hit like any other, with its output; or, if the leader failed, was cancelled or may
not be cached after all, the first to be answered leads in its turn.

Sessions are served in turns (`queueing`), so nobody joins a leader that still waits in another
session's line: both are queued, and the first to get a worker leads. The other, if it still waits
when that is over, asks the cache again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .commands import ProbeCache
from .graph import Node
from .model import CacheMode
from .transitions import BACKOFF, PROBING, READY, RUNNING

if TYPE_CHECKING:
    from .machine import Machine


def lead(machine: Machine, node: Node) -> None:
    """A cacheable task is about to be queued: it leads if nobody else does."""
    key = node.key
    if key is not None and key not in machine.leaders:
        node.leads = key
        machine.leaders[key] = node


def stand_down(machine: Machine, node: Node) -> None:
    """The leader is over, or will compute something else: its followers ask the cache again."""
    key = node.leads
    assert key is not None
    node.leads = None
    del machine.leaders[key]
    if key in machine.followers:
        machine.relieved.append(key)


def joined_after_miss(machine: Machine, node: Node) -> bool:
    """The cache has nothing: follow whoever computes it. False: nobody whom it should wait for."""
    assert node.key is not None
    leader = machine.leaders.get(node.key)
    if leader is None or leader is node:
        return False
    same_line = leader.task.session == node.task.session and leader.pool is node.pool
    if leader.state is READY and not same_line:
        machine.followers.setdefault(node.key, []).append(node)
        return False
    _join(machine, node, leader)
    return True


def joined_instead(machine: Machine, node: Node) -> bool:
    """A task with a key is next for a worker: does another one compute the same already? Else it
    leads from now on. True: it has left the queue."""
    assert node.key is not None
    leader = machine.leaders.get(node.key)
    if leader is node:
        return False
    if leader is None:
        lead(machine, node)
        return False
    if leader.state is RUNNING:
        if not _may_read(node):
            return False
        node.pool.queue.withdraw(node)  # which is no turn of its session
        _join(machine, node, leader)
        return True
    leader.leads = None
    node.leads = node.key
    machine.leaders[node.key] = node
    machine.followers.setdefault(node.key, []).append(leader)
    return False


def _may_read(node: Node) -> bool:
    return node.task.policy.cache is CacheMode.DEFAULT and not node.recomputing


def _join(machine: Machine, node: Node, leader: Node) -> None:
    assert node.key is not None
    node.joined = True
    machine.followers.setdefault(node.key, []).append(node)
    detail: dict[str, Any] = {"leader": leader.id}
    machine.move(node, "joined", detail=detail)


def ask_again(machine: Machine) -> None:
    """Followers of leaders that are over ask the cache; so do those who wait in other lines."""
    relieved, machine.relieved = machine.relieved, []
    for key in relieved:
        for node in machine.followers.pop(key, ()):
            if node.key != key or node.dropped:
                continue
            if node.state is PROBING and node.joined:
                node.joined = False
            elif node.state is READY and node.leads is None and _may_read(node):
                machine.leave_ready(node)
                machine.move(node, "asked-again")
            else:
                continue
            machine.commands.append(ProbeCache(node.id, key))


LEADING = frozenset({READY, RUNNING, BACKOFF})
"""States in which a task may lead."""
