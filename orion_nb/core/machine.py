"""The machine's state, and the moves that every rule is made of.

`attempts.py` and `lineage.py` hold the rules (what a fact means); they are functions over
one :class:`Machine`. `scheduler.py` is its public face. Nothing here is public.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..exceptions import InvalidTransition
from . import sharing
from .action import action_key
from .commands import (
    AbandonTask,
    Change,
    Command,
    DeadLetter,
    ProbeCache,
    RecordResult,
    RunTask,
    StartTimer,
    StealTask,
)
from .ghosts import become_ghost
from .graph import Attempt, Node
from .model import (
    ActionResult,
    CacheMode,
    Digest,
    ObjectRef,
    Output,
    TaskError,
    TaskId,
    WorkerId,
    WorkerKind,
)
from .placement import Pool, Worker
from .policies import SchedulerConfig
from .speculation import Group
from .story import FIELDS, trim
from .transitions import BACKOFF, DONE, NEXT, PROBING, READY, RUNNING, WAITING

NOTHING: Final[Mapping[str, Any]] = {}
CLONE: Final[Mapping[str, Any]] = {"clone": True}
CHECK: Final = "check"
"""The timer of the straggler check; the others are ``kind:number:task``."""

_MAX_GROUPS = 10_000  # whose run times are remembered without a member

_new_tuple = tuple.__new__  # skips NamedTuple's Python-level constructor on the hot path


class Machine:
    """Everything between two events, and the effects of the event at hand."""

    def __init__(self, config: SchedulerConfig) -> None:
        self.config = config
        self.now = 0.0
        self.nodes: dict[TaskId, Node] = {}
        self.ghosts: dict[TaskId, Node] = {}  # dropped or never known, with known dependents
        self.groups: dict[str, Group] = {}
        self.workers: dict[WorkerId, Worker] = {}
        self.pools = {kind: Pool(kind, config) for kind in WorkerKind}
        self.active: list[Pool] = []  # pools that have, or had, a worker
        self.story_size = config.story_limit * FIELDS
        self.leaders: dict[Digest, Node] = {}  # see `sharing`
        self.followers: dict[Digest, list[Node]] = {}
        self.outdated: list[Node] = []  # done with a result that was replaced: to be done again
        self.relieved: list[Digest] = []  # their leaders have just stood down
        self.commands: list[Command] = []
        self.changes: list[Change] = []
        self.released: list[ObjectRef] = []
        self.seq = 0
        self.unfinished = 0  # tasks
        self.checking = False  # the timer of the straggler check is set
        self.suspicious = False  # … which is due now

    # -- one task -----------------------------------------------------------------------------

    def move(
        self,
        node: Node,
        why: str,
        attempt: int = 0,
        worker: WorkerId = "",
        detail: Mapping[str, Any] = NOTHING,
        short: Any = NOTHING,
    ) -> None:
        """Take the row (state, why) of the table, and tell the watchers.

        `short`: what the story keeps instead of `detail` (see `story.read`).
        """
        old = node.state
        try:
            new = NEXT[old][why]
        except KeyError:
            raise self.invalid(node, f"no row for {why!r}") from None
        node.state = new
        if node.leads is not None and new is not RUNNING and new is not READY:
            self.may_stand_down(node)
        self.seq = seq = self.seq + 1
        now = self.now
        self.changes.append(
            _new_tuple(Change, (seq, now, node.id, old, new, why, attempt, worker, detail))
        )
        story = node.story
        story += (seq, now, old, new, why, attempt, worker, detail if short is NOTHING else short)
        if len(story) > self.story_size:
            trim(story, self.config.story_limit)

    def may_stand_down(self, node: Node) -> None:
        """A leader has left the queue and its workers."""
        if node.state not in sharing.LEADING:
            sharing.stand_down(self, node)

    def invalid(self, node: Node, what: str) -> InvalidTransition:
        state = node.state.value if node.state is not None else "new"
        return InvalidTransition(f"task {node.id!r} ({state}): {what}", story=node.changes())

    def start(self, node: Node) -> None:
        """Nothing is missing any more: ask the cache, or queue for a worker."""
        new = node.state is None
        detail = {"task": node.task} if new else NOTHING
        short = None if new else NOTHING
        if node.cacheable:
            key = self.rekey(node)
            if node.task.policy.cache is CacheMode.DEFAULT and not node.recomputing:
                node.joined = False
                self.move(node, "probed", 0, "", detail, short)
                self.commands.append(_new_tuple(ProbeCache, (node.id, key)))
                return
            sharing.lead(self, node)
        self.move(node, "queued", 0, "", detail, short)
        self.enqueue(node)

    def rekey(self, node: Node) -> Digest:
        """Compute the action key from the present digests of the inputs."""
        recipe = node.task.recipe
        assert recipe is not None
        digests = [(name, output.digest) for name, output in self.inputs(node)]
        key = action_key(recipe, digests)
        if key != node.key:
            node.key = key
            node.joined = False
            if node.leads is not None:
                sharing.stand_down(self, node)
                sharing.lead(self, node)
        return key

    def inputs(self, node: Node) -> tuple[tuple[str, Output], ...]:
        """(binding, what to load) of a task that misses nothing."""
        found: list[tuple[str, Output]] = []
        for name, ref in node.task.inputs:
            outputs = self.nodes[ref.task].outputs
            assert outputs is not None
            found.append((name, outputs[ref.output]))
        return tuple(found)

    def enqueue(self, node: Node, front: bool = False) -> None:
        """Queue a READY task, unless an attempt of it is still being stopped.

        Then `end` queues it: nothing runs twice at once except a clone.
        """
        if not node.attempts:
            node.pool.queue.push(node, front)

    def leave_ready(self, node: Node) -> None:
        """Call before a READY task moves other than to a worker."""
        if not node.attempts:
            node.pool.queue.withdraw(node)

    def open(self, node: Node) -> None:
        """A final task is unfinished again. Its edges are counted anew."""
        if node.leaving == "archived":
            node.leaving = ""  # what the host has of it will be out of date
        for dep in node.deps:
            dep.readers += 1
        self.unfinished += 1
        if node.group is not None:
            node.group.opened(self.config)
        node.unmet = len(node.unsatisfied())

    def close(self, node: Node) -> None:
        """The task is final: it needs nothing any more."""
        group = node.group
        if group is not None:
            group.unfinished -= 1
            group.done += 1
        self.unfinished -= 1
        node.clone_wanted = False
        for dep in node.deps:
            dep.readers -= 1
            if dep.leaving:
                self.drop_if_unneeded(dep)
        if node.leaving:
            self.drop_if_unneeded(node)

    def drop_if_unneeded(self, node: Node) -> None:
        """Let go of a task that the host has no use for, once the graph has none either."""
        state = node.state
        if node.dropped or node.readers or node.attempts or state is None or not state.final:
            return
        self.move(node, node.leaving)
        del self.nodes[node.id]
        if node.group is not None:
            node.group.members -= 1
        if node.outputs and node.leaving == "forgotten":
            self.released.extend(ObjectRef(node.id, name) for name in node.outputs)
        become_ghost(self, node)

    def group(self, name: str) -> Group | None:
        """The record of a group; None for no group, of which nothing is learned."""
        if not name:
            return None
        group = self.groups.get(name)
        if group is None:
            if len(self.groups) >= _MAX_GROUPS:
                for old in [key for key, value in self.groups.items() if not value.members]:
                    del self.groups[old]
            group = self.groups[name] = Group(name)
        return group

    def timer(self, kind: str, node: Node, delay: float) -> None:
        """Set the node's timer; an older one is ignored when it fires."""
        node.timers += 1
        node.timer = f"{kind}:{node.timers}:{node.id}"
        node.due = self.now + delay
        self.commands.append(StartTimer(node.timer, delay))

    # -- attempts -----------------------------------------------------------------------------

    def dispatch(self, node: Node, worker: Worker, estimate: float, clone: bool = False) -> None:
        """Give an attempt to the worker."""
        node.number = number = node.number + 1
        if clone and node.cacheable:
            self.rekey(node)  # an input may have been made anew since the first attempt
        attempt = Attempt(node, number, worker, clone, estimate)
        node.attempts = (*node.attempts, attempt) if clone else (attempt,)
        node.pool.assign(worker, attempt, self.now)
        if clone:
            node.pool.clones += 1
            self.move(node, "cloned", number, worker.id, CLONE)
        else:
            node.no_clone = False
            self.move(node, "dispatched", number, worker.id)
        if node.task.inputs:
            attempt.inputs = self.inputs(node)
        self.commands.append(
            _new_tuple(RunTask, (node.id, number, worker.id, attempt.inputs, clone))
        )

    def end(self, attempt: Attempt, ran: bool = True) -> None:
        """The attempt holds its worker no longer, whatever became of it."""
        node = attempt.node
        attempts = node.attempts
        if len(attempts) == 1:
            node.attempts = ()
        else:
            node.attempts = tuple(other for other in attempts if other is not attempt)
        pool = node.pool
        pool.release(attempt.worker, attempt, self.now, ran)
        if attempt.clone:
            pool.clones -= 1
        if attempt.stopping and not node.attempts:
            if node.state is READY:
                pool.queue.push(node, front=True)
            elif node.leaving:
                self.drop_if_unneeded(node)

    def abandon(self, attempt: Attempt, why: str) -> None:
        """Order the attempt stopped; its worker is free when the host says so."""
        if not attempt.stopping:
            attempt.stopping = why
            node = attempt.node
            self.commands.append(AbandonTask(node.id, attempt.number, attempt.worker.id, why))

    def accept(
        self, node: Node, attempt: Attempt, outputs: Mapping[str, Output], seconds: float
    ) -> None:
        """The first result of a running task: it is done; the loser of a race is stopped."""
        detail: dict[str, Any] = {"duration": seconds, "outputs": outputs}
        short: Any = float(seconds)
        if node.attempts:
            self._settle_race(node, attempt, seconds, detail)
            short = NOTHING
        self.move(node, "finished", attempt.number, attempt.worker.id, detail, short)
        node.error = None
        node.hit = None
        if node.cacheable and attempt.key is not None:
            self.commands.append(
                RecordResult(node.id, attempt.number, attempt.key, outputs, seconds)
            )
        group = node.group
        if group is not None:
            group.observe(seconds)
        self.complete(node, outputs)
        if group is not None and not group.eligible and group.becomes_eligible(self.config):
            self.suspicious = True

    def _settle_race(
        self, node: Node, winner: Attempt, seconds: float, detail: dict[str, Any]
    ) -> None:
        for loser in node.attempts:
            if loser.stopping:
                continue
            detail["clone"] = winner.clone
            if loser.started_at is not None:
                # At least this much: the loser has run so long and has no result yet.
                detail["saved"] = max(0.0, self.now - loser.started_at - seconds)
            self.abandon(loser, "another attempt was faster")

    def accept_hit(self, node: Node, result: ActionResult) -> None:
        """The cache had it."""
        node.hit = result
        node.error = None
        node.joined = False
        self.move(node, "hit", detail={"hit": result, "outputs": result.outputs}, short=result)
        self.complete(node, result.outputs)

    def complete(self, node: Node, outputs: Mapping[str, Output]) -> None:
        """Store the outputs, close the task, and start what waited for it."""
        old, lost = node.outputs, node.lost
        node.outputs = outputs
        node.lost = None
        node.recomputing = False
        self.close(node)
        if node.dependents is None:
            return
        if old is not None:
            self._refresh_dependents(node, old, lost or frozenset())
            node.redo = False
            return
        for dependent in node.dependents:
            dependent.unmet -= 1
            if not dependent.unmet and dependent.state is WAITING:
                self.start(dependent)

    def _refresh_dependents(
        self, node: Node, old: Mapping[str, Output], lost: frozenset[str]
    ) -> None:
        """After a recomputation: release those that waited for it, rekey those with other digests.

        All outputs are replaced, not the lost ones only: outputs of two runs never mix (think
        of a random split into train and test).
        """
        outputs = node.outputs
        assert outputs is not None
        changed = {name for name in outputs if outputs[name] != old.get(name)}
        for dependent in tuple(node.dependents or ()):
            state = dependent.state
            if state is DONE and node.redo and dependent.reads(node, changed):
                self.outdated.append(dependent)
            if state is None or state.final:
                continue
            if lost and dependent.reads(node, lost):
                dependent.unmet -= 1
                if not dependent.unmet and state is WAITING:
                    self.start(dependent)
                    continue
            # RUNNING: its attempt has the old inputs, and their key. WAITING has no key yet.
            if (
                state in (PROBING, READY, BACKOFF)
                and dependent.key is not None
                and not dependent.unmet
                and dependent.reads(node, changed)
            ):
                key = self.rekey(dependent)
                if state is PROBING:
                    self.commands.append(ProbeCache(dependent.id, key))

    def ask_back(self, attempt: Attempt) -> None:
        """Order an attempt back that has not started."""
        attempt.stealing = attempt.asked = True
        attempt.worker.stealing += 1
        self.commands.append(StealTask(attempt.node.id, attempt.number, attempt.worker.id))

    def start_checking(self) -> None:
        """Set the timer of the straggler check."""
        self.checking = True
        self.commands.append(StartTimer(CHECK, self.config.check_every))


def is_live(node: Node) -> bool:
    """Whether an attempt may still bring a result."""
    return any(not attempt.stopping for attempt in node.attempts)


def dead_letter(machine: Machine, node: Node, why: str, error: TaskError, attempt: int = 0) -> None:
    """The task has failed for good."""
    node.error = error
    node.root = node.id
    for other in node.attempts:
        machine.abandon(other, "the task has failed")
    machine.move(node, why, attempt, detail={"error": error})
    machine.commands.append(DeadLetter(node.id, error))
    if why != "lost-for-good":  # from DONE: it was closed already
        machine.close(node)
