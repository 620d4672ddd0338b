"""A host, its workers and a network from a seed: one thread, one virtual clock.

Everything that may go wrong does, with the odds of `Faults`: workers crash with what they run,
stall (their news arrive after they were given up), or are slow; messages are late, out of order, or
come twice; outputs disappear; people cancel, retry and forget; the host itself dies, and another one takes
over with `Scheduler.outstanding()`. What must not go wrong is checked by `run`.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from orion_nb.core import commands as c
from orion_nb.core import events as e
from orion_nb.core.model import ActionResult, ObjectRef, TaskError, TaskId, TaskState
from orion_nb.core.policies import SchedulerConfig
from orion_nb.core.scheduler import Scheduler

from .graphs import Graph, compute, random_graph
from .observer import Observer

MAX_EVENTS = 50_000
"""No world of these sizes needs so many: it would be going in circles."""


STORM = 300.0
"""Seconds after which no more workers die: every world must come to its end."""


@dataclass(frozen=True)
class Faults:
    """Odds. Those of workers are per second of virtual time."""

    crash: float
    stall: float
    slow: float  # that a new worker is slow
    duplicate: float
    reorder: float
    silent: float  # that `Started` is not told
    lose_object: float
    cancel: float
    failover: float

    @classmethod
    def random(cls, random: Random) -> Faults:
        """Some worlds are calm, some are hell, most have a few kinds of trouble."""

        def odds(worst: float) -> float:
            return random.choice([0.0, 0.3, 1.0]) * worst

        return cls(
            crash=odds(0.05),
            stall=odds(0.05),
            slow=odds(0.5),
            duplicate=odds(0.3),
            reorder=odds(0.3),
            silent=odds(0.5),
            lose_object=odds(0.1),
            cancel=odds(0.05),
            failover=odds(0.05),
        )


@dataclass(eq=False)
class Worker:
    """A fake process: runs what it was given, one after the other."""

    id: str
    pace: float  # multiplies run times
    queue: list[c.RunTask] = field(default_factory=list)
    running: c.RunTask | None = None
    seen: set[tuple[TaskId, int]] = field(default_factory=set)
    dead: bool = False
    quiet_until: float = 0.0  # stalled: its news arrive later than this


class World:
    """One run of one seed."""

    def __init__(self, seed: int, trace: Callable[[str], None] | None = None) -> None:
        self.random = random = Random(seed)
        self.faults = Faults.random(random)
        self.trace = trace
        self.now = 0.0
        self.scheduler = Scheduler(SchedulerConfig(random=random.random))
        self.observer = Observer()
        self.workers: dict[str, Worker] = {}
        self.cache: dict[str, ActionResult] = {}
        self.present: set[tuple[TaskId, str]] = set()  # objects that can be read
        self.cancelled: set[TaskId] = set()
        self.validate_every = random.choice([1] + [20] * 9)
        self._agenda: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._names = itertools.count(1)
        self._epoch = 0  # of the host: what an older one had on its agenda is gone
        self._steps = 0
        self.first = random_graph(random, random.randint(3, 30), "a")
        self.second = random_graph(random, len(self.first.tasks), "b", self.first)
        self.tasks = {task.id: task for task in self.first.tasks + self.second.tasks}
        self.plans = {**self.first.plans, **self.second.plans}

    # -- the whole run --------------------------------------------------------------------------

    def run(self) -> None:
        """Two graphs through the storm, then a calm in which all must be well."""
        for _ in range(self.random.randint(1, 4)):
            self._hire()
        # The second does the same work: after the first there are hits, beside it one computation.
        beside = self.random.random() < 0.3
        for graph in (self.first, self.second):
            self._submit(graph)
            for task in graph.tasks:
                if self.random.random() < self.faults.cancel:
                    self._later(self.random.uniform(0, 5), lambda t=task.id: self._cancel(t))
            if beside and graph is self.first:
                continue
            self._until_all_final()
            self._check_results(graph)
            self._away_and_back()
        self._retry_all()
        self._check_results(self.first)
        self._check_results(self.second)
        self._calm_down()
        self._forget_all()

    def _until_all_final(self) -> None:
        while self.scheduler.unfinished():
            assert self._agenda, f"nothing will happen any more: {self._unfinished()}"
            self._next()
            assert self._steps < MAX_EVENTS, f"it goes in circles: {self._unfinished()}"

    def _next(self) -> None:
        at, _, action = heapq.heappop(self._agenda)
        self.now = max(self.now, at)
        action()

    def _unfinished(self) -> dict[TaskId, str]:
        infos = {task: self.scheduler.info(task) for task in self.scheduler.tasks()}
        return {task: info.state.value for task, info in infos.items() if not info.state.final}

    def _check_results(self, graph: Graph) -> None:
        """As in a world without faults, but for what people cancelled."""
        expected = graph.results()
        cut = graph.doomed(frozenset(self.cancelled))
        doomed = graph.doomed()
        for task in graph.tasks:
            info = self.scheduler.info(task.id)
            if info.state is TaskState.DONE:
                assert task.id not in doomed, f"{task.id} cannot have a result"
                for name, output in (info.outputs or {}).items():
                    assert output.digest == expected[task.id, name], f"{task.id}: wrong result"
            else:
                assert task.id in cut, f"{task.id} has no result: {self.scheduler.story(task.id)}"
                assert info.root in cut, f"{task.id}: {info.root} is not the root cause"

    def _away_and_back(self) -> None:
        """Some of what is over is archived, and comes back in another order: it makes no
        difference."""
        known = [t for t in self.scheduler.tasks() if not self.scheduler.info(t).running]
        some = self.random.sample(known, self.random.choice([0, len(known) // 2, len(known)]))
        archive = {task: self.scheduler.ended(task) for task in some}
        self._tell(e.Archived(self.now, tuple(some)))
        back = list(archive.values())
        self.random.shuffle(back)
        cut = self.random.randint(0, len(back))
        for part in (back[:cut], back[cut:]):
            self._tell(e.Restored(self.now, tuple(part)))

    def _retry_all(self) -> None:
        self.cancelled.clear()
        broken = [t for t in self.tasks if self.scheduler.info(t).state is not TaskState.DONE]
        self._tell(e.RetryRequested(self.now, tuple(broken), self.random.random() < 0.5))
        self._until_all_final()

    def _calm_down(self) -> None:
        """All that is under way arrives; then no worker may hold anything."""
        while self._agenda and self._steps < MAX_EVENTS:
            self._next()
        for load in self.scheduler.worker_load().values():
            assert not load.running, f"forgotten attempts: {load}"
        assert not self.observer.active

    def _forget_all(self) -> None:
        made = {
            ObjectRef(task, name).id
            for task in self.tasks
            for name in self.scheduler.info(task).outputs or ()
        }
        self._tell(e.Forgotten(self.now, tuple(self.tasks)))
        assert not self.scheduler.tasks()
        assert self.observer.released == made

    # -- the host -------------------------------------------------------------------------------

    def _tell(self, event: e.Event) -> None:
        """Give one fact to the scheduler and perform what it orders."""
        self._steps += 1
        if self.trace:
            self.trace(f"{self.now:9.4f} {event}")
        self.observer.before(event)
        effects = self.scheduler.step(event)
        if self.trace:
            for change in effects.changes:
                old = change.old.value if change.old else "new"
                self.trace(f"{'':12}{change.task} {old} → {change.new.value} ({change.why})")
        if self._steps % self.validate_every == 0:
            self.scheduler.validate()
        self.observer.after(effects)
        for command in effects.commands:
            self._perform(command)
        if self.random.random() < self.faults.failover / 10:
            self._fail_over()

    def _fail_over(self) -> None:
        """The host dies with its timers and unanswered questions; the next one asks what is open."""
        self._epoch += 1
        for command in self.scheduler.outstanding():
            self._perform(command)

    def _perform(self, command: c.Command) -> None:
        match command:
            case c.RunTask() | c.AbandonTask() | c.StealTask():
                worker = self.workers.get(command.worker)
                if worker is not None:
                    # One connection per worker: orders arrive in order.
                    self._later(0.0005, lambda: self._order_arrives(worker, command))
            case c.StartTimer(timer, delay):
                delay += self.random.uniform(0, 0.01)
                self._host_later(delay, lambda: e.TimerFired(self.now, timer))
            case c.ProbeCache(task, key):
                delay = self.random.uniform(0, 0.05)
                self._host_later(
                    delay, lambda: e.CacheAnswered(self.now, task, self._look_up(task, key))
                )
            case c.RecordResult(task, _, key, outputs, duration):
                self.cache[key] = ActionResult(key, outputs, duration)

    def _look_up(self, task: TaskId, key: str) -> ActionResult | None:
        result = self.cache.get(key)
        if result is not None:
            self.present.update((task, name) for name in result.outputs)
        return result

    def _later(self, delay: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (self.now + delay, next(self._order), action))

    def _host_later(self, delay: float, event: Callable[[], e.Event]) -> None:
        """Something this host is to do later; its successor does not know of it."""
        epoch = self._epoch
        self._later(delay, lambda: self._tell(event()) if epoch == self._epoch else None)

    def _submit(self, graph: Graph) -> None:
        if self.random.random() < 0.5:
            shuffled = self.random.sample(graph.tasks, len(graph.tasks))
            self._tell(e.Submitted(self.now, tuple(shuffled)))
            return
        cut = self.random.randint(0, len(graph.tasks))
        for part in (graph.tasks[:cut], graph.tasks[cut:]):
            self._tell(e.Submitted(self.now, tuple(part)))

    def _cancel(self, task: TaskId) -> None:
        if not self.scheduler.info(task).state.final:
            self.cancelled.add(task)
            self._tell(e.CancelRequested(self.now, (task,)))

    # -- workers --------------------------------------------------------------------------------

    def _hire(self) -> None:
        pace = self.random.uniform(2, 8) if self.random.random() < self.faults.slow else 1.0
        worker = Worker(f"w{next(self._names)}", pace)
        self.workers[worker.id] = worker
        self._tell(e.WorkerJoined(self.now, worker.id))
        faults = self.faults
        if faults.crash:
            self._later(self.random.expovariate(faults.crash), lambda: self._crash(worker))
        if faults.stall:
            self._later(self.random.expovariate(faults.stall), lambda: self._stall(worker))

    def _crash(self, worker: Worker) -> None:
        if not worker.dead and self.now < STORM:
            worker.dead = True
            self._later(self.random.uniform(0.01, 2), lambda: self._evict(worker))

    def _stall(self, worker: Worker) -> None:
        """The network holds back its news until after it was given up; it works on meanwhile."""
        if not worker.dead and self.now < STORM:
            worker.quiet_until = self.now + self.random.uniform(3, 6)
            self._later(self.random.uniform(1, 2), lambda: self._evict(worker))

    def _evict(self, worker: Worker) -> None:
        if self.workers.pop(worker.id, None):
            self._tell(e.WorkerLost(self.now, worker.id, "no sign of life"))
            self._hire()

    def _order_arrives(
        self, worker: Worker, order: c.RunTask | c.AbandonTask | c.StealTask
    ) -> None:
        if worker.dead:
            return
        name = (order.task, order.attempt)
        if isinstance(order, c.RunTask):
            if name not in worker.seen:  # a new host repeats what is open
                worker.seen.add(name)
                worker.queue.append(order)
                if len(worker.queue) > 1 and self.random.random() < self.faults.crash:
                    self._crash(worker)  # with work that it has not begun
                    return
                self._work(worker)
            return
        queued = [run for run in worker.queue if (run.task, run.attempt) == name]
        for run in queued:
            worker.queue.remove(run)
        if isinstance(order, c.StealTask):
            self._news(worker, e.StealConfirmed(self.now, *name, worker.id, bool(queued)))
            return
        if worker.running is not None and (worker.running.task, worker.running.attempt) == name:
            worker.running = None
        self._news(worker, e.Abandoned(self.now, *name, worker.id))
        self._work(worker)

    def _work(self, worker: Worker) -> None:
        if worker.dead or worker.running is not None or not worker.queue:
            return
        order = worker.running = worker.queue.pop(0)
        plan = self.plans[order.task]
        if self.random.random() >= self.faults.silent or plan.hangs:
            self._news(worker, e.Started(self.now, order.task, order.attempt, worker.id))
        errors = self.scheduler.info(order.task).failures if order.task in self.scheduler else 0
        if errors < plan.hangs:
            return  # until somebody stops it
        seconds = plan.seconds * worker.pace
        self._later(seconds, lambda: self._end(worker, order, seconds))

    def _end(self, worker: Worker, order: c.RunTask, seconds: float) -> None:
        if worker.dead or worker.running is not order:
            return
        worker.running = None
        at = (self.now, order.task, order.attempt, worker.id)
        task, plan = self.tasks[order.task], self.plans[order.task]
        lost = [ref for _, ref in task.inputs if (ref.task, ref.output) not in self.present]
        if lost:
            for ref in lost:
                self._tell(e.ObjectLost(self.now, ref, "cannot be read"))
            error = TaskError("lost-object", "", "an input cannot be read")
            self._news(worker, e.Failed(*at, error))
        elif plan.hopeless or self._errors(order.task) < plan.failures:
            self._news(worker, e.Failed(*at, TaskError("exception", "ValueError", "planned")))
        else:
            outputs = compute(task, {name: output.digest for name, output in order.inputs})
            for name in outputs:
                self.present.add((task.id, name))
                if self.random.random() < self.faults.lose_object:
                    ref = ObjectRef(task.id, name)
                    self._later(self.random.uniform(0, 3), lambda r=ref: self._lose(r))
            self._news(worker, e.Finished(*at, outputs, seconds))
        self._work(worker)

    def _errors(self, task: TaskId) -> int:
        return self.scheduler.info(task).failures if task in self.scheduler else 0

    def _lose(self, ref: ObjectRef) -> None:
        if (ref.task, ref.output) in self.present and ref.task in self.scheduler:
            self.present.discard((ref.task, ref.output))
            if self.random.random() < 0.7:  # else found out by who reads it
                self._tell(e.ObjectLost(self.now, ref, "evicted"))
            if self.random.random() < 0.3:
                self._tell(e.ObjectWanted(self.now, ref))

    def _news(self, worker: Worker, event: e.Event) -> None:
        """A message from a worker to the host: late, out of order, twice."""
        delay = 0.0005
        if self.random.random() < self.faults.reorder:
            delay += self.random.uniform(0, 0.05)
        if self.now < worker.quiet_until:
            delay += worker.quiet_until - self.now
        self._later(delay, lambda: self._tell(event))
        if self.random.random() < self.faults.duplicate:
            self._later(delay + self.random.uniform(0, 2), lambda: self._tell(event))
