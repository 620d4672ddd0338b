"""The public face of the pure machine: facts in, orders and news out.

::

    effects = scheduler.step(event)      # under the host's lock
    publish(effects.changes)             # in this order
    perform(effects.commands)            # in this order, outside the lock

No threads, clocks, sockets, files or randomness: time comes with events, jitter from
`SchedulerConfig.random`. The rules live in `attempts.py` (workers, cache, timers) and `lineage.py`
(neighbours); the moves in `machine.py`; what is allowed at all in `transitions.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..exceptions import UsageError
from . import attempts, checks, ghosts, lineage, views
from .commands import Change, Command, Effects
from .events import (
    Abandoned,
    Archived,
    CacheAnswered,
    CancelRequested,
    Event,
    Failed,
    Finished,
    Forgotten,
    ObjectLost,
    ObjectWanted,
    Restored,
    RetryRequested,
    Started,
    StealConfirmed,
    Submitted,
    TimerFired,
    WorkerDraining,
    WorkerJoined,
    WorkerLost,
)
from .graph import BROKEN, Node, plan
from .machine import Machine
from .model import TaskId, WorkerId
from .policies import SchedulerConfig
from .remains import Ended
from .settling import settle
from .views import TaskInfo, WorkerLoad

NO_EFFECTS = Effects((), ())


class Scheduler:
    """The state machine that decides what runs when and where.

    Not thread-safe: the host owns the lock. Deterministic: equal configurations and equal
    events give equal effects.
    """

    def __init__(self, config: SchedulerConfig | None = None) -> None:
        self._machine = Machine(config or SchedulerConfig())

    def step(self, event: Event) -> Effects:
        """Apply one fact and settle.

        :raises UsageError: the request cannot mean anything; nothing has changed
        :raises InvalidTransition: the host reported something impossible
        """
        return self.step_many((event,))

    def step_many(self, events: Iterable[Event]) -> Effects:
        """Apply several facts in order, settling after each; collect their effects once.

        When one raises, those before it have been applied: their effects come with the next
        call (``step_many(())`` fetches them); those after it have not.
        """
        machine = self._machine
        for event in events:
            handler = _HANDLERS.get(type(event))
            if handler is None:
                raise UsageError(f"{event!r} is not an event of the scheduler")
            if event.now > machine.now:  # late facts do not turn the clock back
                machine.now = event.now
            handler(machine, event)
            settle(machine)
        if not machine.commands and not machine.changes:
            return NO_EFFECTS
        effects = Effects(tuple(machine.commands), tuple(machine.changes))
        machine.commands.clear()
        machine.changes.clear()
        return effects

    def outstanding(self) -> tuple[Command, ...]:
        """Every order not yet answered, for a host that takes over from one that died.

        Delays of timers count from the last event. Orders without an answer (`RecordResult`,
        `DeadLetter`, `ReleaseObjects`) are not repeated.
        """
        return views.outstanding(self._machine)

    def validate(self) -> None:
        """Check every invariant (listed in `core.checks`).

        :raises OrionBug: one is broken. Costs time proportional to the graph: for tests.
        """
        checks.validate(self._machine)

    def story(self, task: TaskId) -> tuple[Change, ...]:
        """The task's changes, oldest first; long ones lack a part in the middle.

        :raises KeyError: unknown or forgotten
        """
        return self._machine.nodes[task].changes()

    def info(self, task: TaskId) -> TaskInfo:
        """A snapshot of one task.

        :raises KeyError: unknown or forgotten
        """
        return views.task_info(self._machine.nodes[task])

    def ended(self, task: TaskId) -> Ended:
        """What `events.Restored` takes to know the task again.

        :raises KeyError: unknown or forgotten :raises UsageError: it is not over
        """
        return views.ended(self._machine.nodes[task])

    def absent(self, tasks: Iterable[TaskId]) -> set[TaskId]:
        """Which unknown tasks (forgotten, archived) would have to be restored before these ended
        ones could be run again, as far as can be said now: ask again after restoring them.
        Unknown tasks among `tasks` themselves are ignored."""
        return views.absent(self._machine, tasks)

    def __contains__(self, task: object) -> bool:
        return task in self._machine.nodes

    def tasks(self) -> tuple[TaskId, ...]:
        """Ids of all known tasks, in order of submission."""
        return tuple(self._machine.nodes)

    def unfinished(self) -> int:
        """How many known tasks are not final."""
        return self._machine.unfinished

    def worker_load(self) -> dict[WorkerId, WorkerLoad]:
        """What each worker holds."""
        return views.worker_load(self._machine)


def on_submitted(machine: Machine, event: Submitted) -> None:
    """Take a whole graph, or raise before anything has changed."""
    planned = plan(event.tasks, machine.nodes)
    nodes, pools = machine.nodes, machine.pools
    for task, needs in planned:
        if machine.ghosts:
            ghosts.replace(machine, task.id)
        group = machine.group(task.group)
        deps = tuple([nodes[dep] for dep in needs]) if needs else ()
        node = nodes[task.id] = Node(task, pools[task.policy.kind], group, deps)
        machine.unfinished += 1
        if group is not None:
            group.members += 1
            group.opened(machine.config)
        if not needs:
            machine.start(node)
            continue
        node.link()
        _start_or_wait(machine, node)


def _start_or_wait(machine: Machine, node: Node) -> None:
    missing = node.unsatisfied()
    if not missing:
        machine.start(node)
        return
    node.unmet = len(missing)
    machine.move(node, "submitted", detail={"task": node.task}, short=None)
    broken = next((dep for dep in missing if dep.state in BROKEN), None)
    if broken is not None:
        lineage.upstream_failed(machine, node, broken)
        return
    lineage.watch_wait(machine, node)
    lineage.need(machine, node)


_HANDLERS: dict[type, Callable[[Machine, Any], None]] = {
    Submitted: on_submitted,
    Restored: ghosts.on_restored,
    CacheAnswered: attempts.on_cache_answered,
    Started: attempts.on_started,
    Finished: attempts.on_finished,
    Failed: attempts.on_failed,
    Abandoned: attempts.on_abandoned,
    StealConfirmed: attempts.on_steal_confirmed,
    TimerFired: attempts.on_timer,
    WorkerJoined: attempts.on_worker_joined,
    WorkerDraining: attempts.on_worker_draining,
    WorkerLost: attempts.on_worker_lost,
    CancelRequested: lineage.on_cancel,
    RetryRequested: lineage.on_retry,
    ObjectLost: lineage.on_object_lost,
    ObjectWanted: lineage.on_object_wanted,
    Forgotten: lineage.on_forgotten,
    Archived: lineage.on_forgotten,
}
