"""Tasks that the machine has let go of and, later, knows again.

When a task is dropped, tasks that depend on it may stay: all are final, or it would have been
kept. Its node stays with them as a *ghost*: it has no values and no past, and is gone with the
last of them. When the task is restored, they hang on its new node instead. A restored task may
itself depend on tasks that are not known: they are ghosts from the beginning.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from ..exceptions import DuplicateTask, UsageError
from .graph import BROKEN, Node, dependency_ids
from .model import Task, TaskId
from .remains import Ended
from .story import FIELDS, trim
from .transitions import CANCELLED, DONE, FAILED, UPSTREAM_FAILED

if TYPE_CHECKING:
    from .events import Restored
    from .machine import Machine

_WHY: Final = {
    DONE: "restored",
    FAILED: "restored-failed",
    UPSTREAM_FAILED: "restored-upstream-failed",
    CANCELLED: "restored-cancelled",
}


def become_ghost(machine: Machine, node: Node) -> None:
    """Cut a dropped node out of the graph, so that a chain of them frees its memory."""
    node.dropped = True
    for dep in node.deps:
        dependents = dep.dependents
        assert dependents is not None
        dep.stale += 1
        if 2 * dep.stale > len(dependents):
            dep.dependents = [other for other in dependents if not other.dropped]
            dep.stale = 0
            if dep.dropped and not dep.dependents and machine.ghosts.get(dep.id) is dep:
                del machine.ghosts[dep.id]
    node.task = Task(node.id, node.task.name)
    node.deps = ()
    node.story = []
    node.error = node.hit = node.lost = None
    if node.outputs is not None:
        node.outputs = {}
    if node.dependents is not None:
        node.dependents = [other for other in node.dependents if not other.dropped]
        node.stale = 0
        if node.dependents:
            machine.ghosts[node.id] = node


def replace(machine: Machine, task: TaskId) -> None:
    """A new task takes the id of one that is gone: nothing hangs on it but what says so itself."""
    ghost = machine.ghosts.pop(task, None)
    if ghost is not None:
        ghost.leaving = "replaced"


def on_restored(machine: Machine, event: Restored) -> None:
    """Know tasks again that are over."""
    _check(machine, event.tasks)
    for item in event.tasks:
        node = _revive(machine, item)
        machine.nodes[node.id] = node
    for item in event.tasks:  # only now: they may depend on each other
        node = machine.nodes[item.task.id]
        _link(machine, node)
        _take_over(machine, node)
        known = {"outputs": item.outputs, "hit": item.hit, "error": item.error, "root": node.root}
        detail = {name: value for name, value in known.items() if value}
        machine.move(node, _WHY[item.state], detail={"task": item.task, **detail})


def _check(machine: Machine, items: Sequence[Ended]) -> None:
    """:raises UsageError: what is said cannot be; nothing has changed."""
    seen: set[TaskId] = set()
    for item in items:
        name = item.task.id
        if name in machine.nodes or name in seen:
            raise DuplicateTask(f"there is already a task with the id {name!r}")
        seen.add(name)
        if not item.state.final:
            raise UsageError(f"{name!r} is {item.state}: only what is over can be restored")
        ghost = machine.ghosts.get(name)
        if ghost is not None and ghost.readers and item.outputs is None:
            raise UsageError(f"{name!r} has no outputs, but what comes after it is under way")
        outputs = item.outputs or {}
        if item.state is DONE and any(made not in outputs for made in item.task.outputs):
            raise UsageError(f"{name!r} is done, but not all of its outputs are known")
        if item.state in BROKEN and item.error is None:
            raise UsageError(f"{name!r} is {item.state}, but its error is not known")


def _revive(machine: Machine, item: Ended) -> Node:
    task = item.task
    group = machine.group(task.group)
    if group is not None:
        group.members += 1
    node = Node(task, machine.pools[task.policy.kind], group)
    node.number = item.attempts
    node.outputs = item.outputs
    node.lost = item.lost or None
    node.key = item.key
    node.hit = item.hit
    node.error = item.error
    node.root = "" if item.state is DONE else item.root or task.id
    for change in item.story:
        seq, at, _, old, new, why, attempt, worker, detail = change
        node.story += (seq, at, old, new, why, attempt, worker, detail)
    if len(node.story) > FIELDS * machine.config.story_limit:
        trim(node.story, machine.config.story_limit)
    return node


def _link(machine: Machine, node: Node) -> None:
    """Its edges upwards; to ghosts where nothing is known."""
    deps = []
    for name in dependency_ids(node.task):
        dep = machine.nodes.get(name) or machine.ghosts.get(name)
        if dep is None:
            dep = machine.ghosts[name] = Node(Task(name, name), node.pool, None)
            dep.dropped = True
        if dep.dropped and dep.outputs is None and (node.outputs is not None or node.number):
            dep.outputs = {}  # it was done once, or this task would not have run
        if dep.dependents is None:
            dep.dependents = [node]
        else:
            dep.dependents.append(node)
        deps.append(dep)
    node.deps = tuple(deps)


def _take_over(machine: Machine, node: Node) -> None:
    """What hung on its ghost hangs on it from now on."""
    ghost = machine.ghosts.pop(node.id, None)
    if ghost is None:
        return
    dependents = [other for other in ghost.dependents or () if not other.dropped]
    for other in dependents:
        other.deps = tuple([node if dep is ghost else dep for dep in other.deps])
    node.dependents = [*(node.dependents or ()), *dependents]
    node.readers = ghost.readers
