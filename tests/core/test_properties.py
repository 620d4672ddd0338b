"""Random graphs and random orders of events: what holds whatever the host and the network do.

Hypothesis picks which pending fact arrives next, repeats old ones, kills workers, loses outputs,
cancels, retries and forgets. After every step the scheduler's invariants and the `Observer`'s
rules (dependencies precede; nothing runs twice at once except a clone; no session is passed over
twice) are checked; at the end every task must end.
"""

from __future__ import annotations

import itertools
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from simulation.observer import Observer

from orion_nb.core import commands as c
from orion_nb.core import events as e
from orion_nb.core.model import (
    VALUE,
    ActionResult,
    CacheMode,
    Component,
    KeyRecipe,
    ObjectRef,
    Output,
    Policy,
    Task,
    TaskError,
    WorkerKind,
)
from orion_nb.core.policies import SchedulerConfig
from orion_nb.core.remains import Ended
from orion_nb.core.scheduler import Scheduler
from orion_nb.exceptions import UsageError

RECIPE = KeyRecipe((Component("code", "f", "0" * 64),))

policies = st.builds(
    Policy,
    cache=st.sampled_from(CacheMode),
    retries=st.integers(0, 2),
    lost_worker_retries=st.integers(0, 3),
    timeout=st.sampled_from([None, 5.0]),
    wait_timeout=st.sampled_from([None, None, 50.0]),
    speculate_after=st.sampled_from([None, 1.0]),
    impure=st.booleans(),
    kind=st.sampled_from([WorkerKind.PROCESS] * 3 + [WorkerKind.THREAD]),
    priority=st.integers(0, 1),
)
WISHES = ["cancel", "retry", "retry", "lose", "want", "forget", "archive", "archive"]
durations = st.sampled_from([0.001, 0.004, 1.0])


class Host(RuleBasedStateMachine):
    """A host that does whatever Hypothesis wants, but never says what cannot be true."""

    def __init__(self) -> None:
        super().__init__()
        self.scheduler = Scheduler(SchedulerConfig(random=lambda: 0.5))
        self.observer = Observer()
        self.now = 0.0
        self.ids = itertools.count()
        self.tasks: list[Task] = []
        self.archive: dict[str, Ended] = {}
        self.orders: list[c.Command] = []  # not answered yet
        self.timers: list[c.StartTimer] = []
        self.told: list[e.Event] = []  # facts about attempts, for repetition
        self.workers: dict[str, WorkerKind] = {}

    def tell(self, event: e.Event) -> None:
        self.now += 0.01
        self.observer.before(event)
        effects = self.scheduler.step(event)
        self.scheduler.validate()
        self.observer.after(effects)
        for command in effects.commands:
            if isinstance(command, c.StartTimer):
                self.timers.append(command)
            elif isinstance(command, c.ProbeCache | c.RunTask | c.AbandonTask | c.StealTask):
                self.orders.append(command)

    # -- what arrives -----------------------------------------------------------------------------

    @rule(data=st.data(), count=st.integers(1, 3))
    def submit(self, data: st.DataObject, count: int) -> None:
        known = [task for task in self.tasks if task.id in self.scheduler]
        batch: list[Task] = []
        for _ in range(count):
            choice = known + batch
            parents = data.draw(st.lists(st.sampled_from(choice), max_size=3)) if choice else []
            inputs = tuple(
                (f"x{n}", ObjectRef(p.id, data.draw(st.sampled_from(p.outputs))))
                for n, p in enumerate(parents[:2])
            )
            task = Task(
                f"t{next(self.ids)}",
                "t",
                inputs,
                tuple(p.id for p in parents[2:]),
                outputs=data.draw(st.sampled_from([(VALUE,), ("l", "r")])),
                group=data.draw(st.sampled_from(["", "g"])),
                session=data.draw(st.sampled_from(["", "", "n1", "n2"])),
                recipe=data.draw(st.sampled_from([None, RECIPE])),
                policy=data.draw(policies),
            )
            batch.append(task)
        self.tasks += batch
        self.tell(e.Submitted(self.now, tuple(data.draw(st.permutations(batch)))))

    @precondition(lambda self: len(self.workers) < 5)
    @rule(slots=st.integers(1, 2), thread=st.booleans(), host=st.sampled_from(["", "n1"]))
    def worker_joins(self, slots: int, thread: bool, host: str) -> None:
        name = f"w{next(self.ids)}"
        kind = WorkerKind.THREAD if thread else WorkerKind.PROCESS
        self.workers[name] = kind
        self.tell(e.WorkerJoined(self.now, name, kind, host, slots))

    @precondition(lambda self: self.workers)
    @rule(data=st.data(), lost=st.booleans())
    def worker_leaves(self, data: st.DataObject, lost: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.workers)))
        if lost:
            del self.workers[name]
            self.tell(e.WorkerLost(self.now, name))
        else:
            self.tell(e.WorkerDraining(self.now, name))

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), how=st.sampled_from(["start", "finish", "finish", "fail"]))
    def answer(self, data: st.DataObject, how: str) -> None:
        """Any open order is answered, in any order: late answers are part of it."""
        order = data.draw(st.sampled_from(self.orders))
        at = (self.now, order.task, getattr(order, "attempt", 0), getattr(order, "worker", ""))
        if how == "start" and isinstance(order, c.RunTask):
            self.fact(e.Started(*at))
            return
        self.orders.remove(order)
        match order:
            case c.ProbeCache(task, key):
                self.fact(e.CacheAnswered(self.now, task, self.result(task, key, how)))
            case c.AbandonTask():
                self.fact(e.Abandoned(*at))
            case c.StealTask():
                # It can be given back only if its start has not been told.
                started = any(isinstance(f, e.Started) and f[1:] == at[1:] for f in self.told)
                self.fact(e.StealConfirmed(*at, released=how != "fail" and not started))
            case c.RunTask() if how == "fail":
                kind = data.draw(st.sampled_from(["exception", "lost-object"]))
                self.fact(e.Failed(*at, TaskError(kind, "", "drawn")))
            case c.RunTask(task):
                self.fact(e.Finished(*at, self.outputs(task), data.draw(durations)))

    def outputs(self, task: str) -> dict[str, Output]:
        names = next(t.outputs for t in self.tasks if t.id == task)
        version = next(self.ids)  # every run makes another value: nothing is reproducible
        return {name: Output(f"{task}.{name}.{version}", 1) for name in names}

    def result(self, task: str, key: str, how: str) -> ActionResult | None:
        return ActionResult(key, self.outputs(task), 1.0) if how == "finish" else None

    def fact(self, event: e.Event) -> None:
        self.told.append(event)
        self.tell(event)

    @precondition(lambda self: self.told)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        self.tell(data.draw(st.sampled_from(self.told[-20:])))

    @precondition(lambda self: self.timers)
    @rule(data=st.data(), keep=st.booleans())
    def timer_fires(self, data: st.DataObject, keep: bool) -> None:
        timer = data.draw(st.sampled_from(self.timers))
        if not keep:
            self.timers.remove(timer)
        self.now += timer.delay
        self.tell(e.TimerFired(self.now, timer.timer))

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), what=st.sampled_from(WISHES))
    def people_and_disks(self, data: st.DataObject, what: str) -> None:
        known = [task for task in self.tasks if task.id in self.scheduler]
        if not known:
            return
        task = data.draw(st.sampled_from(known[-6:]))  # few, so that troubles meet
        ref = ObjectRef(task.id, data.draw(st.sampled_from(task.outputs)))
        events: dict[str, Any] = {
            "cancel": e.CancelRequested(self.now, (task.id,)),
            "retry": e.RetryRequested(self.now, (task.id,), data.draw(st.booleans())),
            "lose": e.ObjectLost(self.now, ref),
            "want": e.ObjectWanted(self.now, ref),
            "forget": e.Forgotten(self.now, (task.id,)),
            "archive": e.Archived(self.now, (task.id,)),
        }
        if what == "archive" and self.scheduler.info(task.id).state.final:
            self.archive[task.id] = self.scheduler.ended(task.id)  # stale if it runs again first
        if what == "forget":
            self.archive.pop(task.id, None)
        try:
            self.tell(events[what])
        except UsageError:
            self.scheduler.validate()  # its inputs are forgotten: nothing has changed

    @precondition(lambda self: self.archive)
    @rule(data=st.data(), many=st.booleans())
    def revive(self, data: st.DataObject, many: bool) -> None:
        away = sorted(name for name in self.archive if name not in self.scheduler)
        if away:
            chosen = away if many else [data.draw(st.sampled_from(away))]
            self.tell(e.Restored(self.now, tuple(self.archive.pop(name) for name in chosen)))

    @precondition(lambda self: self.archive)
    @rule(data=st.data())
    def retry_with_all_that_it_needs(self, data: st.DataObject) -> None:
        """As a host does it: what is in the archive is no reason to refuse."""
        name = data.draw(st.sampled_from(sorted(self.tasks, key=lambda t: t.id))).id
        if name not in self.scheduler:
            return
        while absent := self.scheduler.absent([name]) & self.archive.keys():
            self.tell(
                e.Restored(self.now, tuple(self.archive.pop(each) for each in sorted(absent)))
            )
        gone = self.scheduler.absent([name])
        try:
            self.tell(e.RetryRequested(self.now, (name,)))
        except UsageError:
            assert gone, "refused though all that it needs is known"

    @invariant()
    def outstanding_covers_what_is_active(self) -> None:
        """A host that takes over would hear of every attempt that holds a worker."""
        orders = self.scheduler.outstanding()
        held = {(o.task, o.attempt) for o in orders if isinstance(o, c.RunTask | c.AbandonTask)}
        assert held == set(self.observer.active)

    def teardown(self) -> None:
        """From here on the host is fair: every task must end, every worker become free."""
        for kind in WorkerKind:
            self.tell(e.WorkerJoined(self.now, f"last-{kind.value}", kind))
        for _ in range(2_000):
            if self.orders:
                order = self.orders.pop(0)
                at = (
                    self.now,
                    order.task,
                    getattr(order, "attempt", 0),
                    getattr(order, "worker", ""),
                )
                match order:
                    case c.ProbeCache(task):
                        self.tell(e.CacheAnswered(self.now, task, None))
                    case c.AbandonTask():
                        self.tell(e.Abandoned(*at))
                    case c.StealTask():
                        self.tell(e.StealConfirmed(*at, released=False))
                    case c.RunTask(task):
                        self.tell(e.Finished(*at, self.outputs(task), 1.0))
            elif self.scheduler.unfinished() and self.timers:
                timer = self.timers.pop(0)
                self.now += timer.delay
                self.tell(e.TimerFired(self.now, timer.timer))
            else:
                break
        assert self.scheduler.unfinished() == 0
        assert not self.observer.active
        self.tell(e.Forgotten(self.now, self.scheduler.tasks()))
        assert self.scheduler.tasks() == ()


TestHost = Host.TestCase
TestHost.settings = settings(
    max_examples=150,
    stateful_step_count=50,
    deadline=None,
    derandomize=True,  # the seeded simulation explores; this one must not flicker
    suppress_health_check=list(HealthCheck),
)
