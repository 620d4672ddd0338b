"""The graph: what the machine remembers of a task, its edges, and how a batch is checked.

Pure topology and records; nothing here decides. An edge from `dep` to `node` is *satisfied*
when `dep` has run once and no output of it that `node` reads is lost. `Node.unmet` counts the
unsatisfied edges of an unfinished node, so that no step has to look at a whole neighbourhood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ..exceptions import CyclicGraph, DuplicateTask, UnknownDependency
from .commands import Change
from .model import (
    ActionResult,
    CacheMode,
    Digest,
    Output,
    Task,
    TaskError,
    TaskId,
    TaskState,
)
from .placement import Pool, Worker
from .queueing import rank
from .speculation import Group
from .story import Story, read
from .transitions import CANCELLED, FAILED, UPSTREAM_FAILED

BROKEN = frozenset({FAILED, UPSTREAM_FAILED, CANCELLED})
"""Final states without a result."""


class Attempt:
    """One run of a task on one worker, from its dispatch until a fact ends it."""

    __slots__ = (
        "asked",
        "clone",
        "deadline",
        "estimate",
        "inputs",
        "key",
        "node",
        "number",
        "started_at",
        "stealing",
        "stopping",
        "worker",
    )

    def __init__(self, node: Node, number: int, worker: Worker, clone: bool, estimate: float):
        self.node = node
        self.number = number
        self.worker = worker
        self.clone = clone
        self.estimate = estimate  # seconds; what it counts for in the worker's backlog
        self.key = node.key  # of the inputs that it got
        self.inputs: tuple[tuple[str, Output], ...] = ()
        self.started_at: float | None = None
        self.deadline: float | None = None  # when its run timer fires
        self.stopping = ""  # why it was abandoned; it holds its slot until the host says so
        self.stealing = False  # asked back, not answered yet
        self.asked = False  # asked back at least once


class Node:
    """All the machine knows of one task."""

    __slots__ = (
        "attempts",
        "cacheable",
        "clone_wanted",
        "dependents",
        "deps",
        "dropped",
        "due",
        "error",
        "failures",
        "group",
        "hit",
        "id",
        "joined",
        "key",
        "leads",
        "leaving",
        "losses",
        "lost",
        "no_clone",
        "number",
        "outputs",
        "pool",
        "rank",
        "readers",
        "recomputing",
        "redo",
        "root",
        "stale",
        "state",
        "story",
        "task",
        "timer",
        "timers",
        "unmet",
    )

    def __init__(
        self, task: Task, pool: Pool, group: Group | None, deps: tuple[Node, ...] = ()
    ) -> None:
        policy = task.policy
        self.id = task.id
        self.task = task
        self.pool = pool
        self.group = group
        self.state: TaskState | None = None
        self.cacheable = (
            task.recipe is not None and policy.cache is not CacheMode.OFF and not policy.impure
        )
        self.deps = deps
        self.rank = rank(policy, bool(deps))  # among ready tasks
        self.dependents: list[Node] | None = None  # forgotten ones are removed in bulk
        self.stale = 0  # … so many are still in the list
        self.unmet = 0
        self.readers = 0  # unfinished dependents: while there are any, it is not forgotten
        self.attempts: tuple[Attempt, ...] = ()  # live ones, stopping ones included
        self.number = 0  # of the newest attempt
        self.failures = 0  # the task's own; counted apart from
        self.losses = 0  # … those of its workers and inputs
        self.outputs: Mapping[str, Output] | None = None  # of the accepted result
        self.lost: frozenset[str] | None = None  # outputs that can no longer be read
        self.redo = False  # if its new result differs, what was done with the old one is redone
        self.recomputing = False  # runs again for a lost output: the cache is not asked
        self.key: Digest | None = None
        self.leads: Digest | None = None  # the key that it computes for others too
        self.joined = False  # PROBING: waits for the leader of its key
        self.hit: ActionResult | None = None
        self.error: TaskError | None = None
        self.root: TaskId = ""  # the task whose failure or cancellation ended this one
        self.story: Story = []
        self.timers = 0  # set so far
        self.timer = ""  # the newest one: older ones that fire are ignored
        self.due = 0.0  # when it fires
        self.clone_wanted = False
        self.no_clone = False  # one has failed beside the present attempt
        self.leaving = ""  # "forgotten" or "archived": it goes when the graph has no use for it
        self.dropped = False  # it has gone; its dependents may still hold it

    def changes(self) -> tuple[Change, ...]:
        """Its story, oldest first."""
        return read(self.story, self.task, self.outputs)

    def reads(self, dep: Node, outputs: Iterable[str]) -> bool:
        """Whether it reads any of these outputs of `dep`."""
        wanted = frozenset(outputs)
        return any(ref.task == dep.id and ref.output in wanted for _, ref in self.task.inputs)

    def satisfied(self, dep: Node) -> bool:
        """Whether the edge from `dep` holds back this node no longer."""
        if dep.outputs is None:
            return False
        if dep.dropped:  # an order (`after`) was kept; its values are not at hand
            return all(ref.task != dep.id for _, ref in self.task.inputs)
        return not dep.lost or not self.reads(dep, dep.lost)

    def unsatisfied(self) -> list[Node]:
        return [
            dep
            for dep in self.deps
            if dep.outputs is None or ((dep.lost or dep.dropped) and not self.satisfied(dep))
        ]

    def link(self) -> None:
        """Make its dependencies know it; it is unfinished from now on."""
        for dep in self.deps:
            dep.readers += 1
            if dep.dependents is None:
                dep.dependents = [self]
            else:
                dep.dependents.append(self)


def dependency_ids(task: Task) -> Sequence[TaskId]:
    """Tasks that `task` needs, each once, in the order in which it names them."""
    inputs = task.inputs
    if not task.after and len(inputs) <= 1:
        return (inputs[0][1].task,) if inputs else ()
    return list(dict.fromkeys([*(ref.task for _, ref in task.inputs), *task.after]))


def plan(
    tasks: Sequence[Task], known: Mapping[TaskId, Node]
) -> list[tuple[Task, Sequence[TaskId]]]:
    """Check a batch against the graph; return its tasks, dependencies first.

    :raises DuplicateTask: an id is taken, or twice in the batch
    :raises UnknownDependency: a task or output that does not exist
    :raises CyclicGraph: tasks that wait for each other
    """
    batch: dict[TaskId, Task] = {}
    for task in tasks:
        if task.id in known or task.id in batch:
            raise DuplicateTask(f"there is already a task with the id {task.id!r}")
        batch[task.id] = task
    planned: list[tuple[Task, Sequence[TaskId]]] = []
    seen: set[TaskId] = set()
    ordered = True
    for task in tasks:
        needs = dependency_ids(task)
        if needs:
            _check_known(task, needs, batch, known)
            # A batch in order needs no search for cycles, and nearly all batches are.
            ordered = ordered and all(dep in known or dep in seen for dep in needs)
        planned.append((task, needs))
        seen.add(task.id)
    return planned if ordered else _sorted(planned)


def _check_known(
    task: Task, needs: Sequence[TaskId], batch: Mapping[TaskId, Task], known: Mapping[TaskId, Node]
) -> None:
    for dep in needs:
        if dep not in known and dep not in batch:
            raise UnknownDependency(f"{task.id!r} depends on {dep!r}, which does not exist")
    for _, ref in task.inputs:
        maker = batch[ref.task] if ref.task in batch else known[ref.task].task
        if ref.output not in maker.outputs:
            outputs = ", ".join(maker.outputs)
            raise UnknownDependency(
                f"{task.id!r} reads output {ref.output!r} of {ref.task!r}, which makes: {outputs}"
            )


def _sorted(planned: list[tuple[Task, Sequence[TaskId]]]) -> list[tuple[Task, Sequence[TaskId]]]:
    """Dependencies first; among those that are free, the order of the batch."""
    entries = {task.id: (task, needs) for task, needs in planned}
    waiting = {name: sum(dep in entries for dep in needs) for name, (_, needs) in entries.items()}
    followers: dict[TaskId, list[TaskId]] = {}
    for name, (_, needs) in entries.items():
        for dep in needs:
            if dep in entries:
                followers.setdefault(dep, []).append(name)
    order = [name for name, count in waiting.items() if not count]
    for name in order:  # grows while it is read
        for follower in followers.get(name, ()):
            waiting[follower] -= 1
            if not waiting[follower]:
                order.append(follower)
    if len(order) < len(entries):
        stuck = {name for name, count in waiting.items() if count}
        cycle = _cycle({name: [d for d in entries[name][1] if d in stuck] for name in stuck})
        raise CyclicGraph("these tasks wait for each other: " + " → ".join(cycle))
    return [entries[name] for name in order]


def _cycle(needs: Mapping[TaskId, Sequence[TaskId]]) -> list[TaskId]:
    """One cycle among tasks that each need another of them, in the direction of the data."""
    path: list[TaskId] = []
    at = min(needs)
    while at not in path:
        path.append(at)
        at = needs[at][0]
    return [at, *reversed(path[path.index(at) :])]
