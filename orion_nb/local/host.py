"""Hosts the pure machine on this machine: feeds it facts, performs its orders.

Any thread may bring a fact. They gather in an inbox; whoever gets the *turn* steps the
machine over all of them, publishes the changes and performs the commands, all in
order, while other threads just leave theirs and go on. So a submitting thread usually
sends its task to an idle worker itself, without a hop to another thread.

Submissions have a queue of their own, so that a thread that submits thousands in a loop
neither steps the machine nor competes with a thread that does: see `_step_aside`.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..core.commands import (
    AbandonTask,
    Change,
    Command,
    DeadLetter,
    Effects,
    ProbeCache,
    RecordResult,
    ReleaseObjects,
    RunTask,
    StartTimer,
    StealTask,
)
from ..core.events import CacheAnswered, Event, Failed, Forgotten, Submitted, TimerFired
from ..core.model import ActionResult, Digest, Output, TaskError, TaskId, TaskState
from ..core.policies import SchedulerConfig
from ..core.scheduler import Scheduler
from ..exceptions import OrionBug, OrionError, UsageError
from . import wire
from .caching import CacheDesk
from .crew import Crew
from .feed import Callback, Feed, Item, Subscription
from .ledger import Ledger
from .loop import Loop
from .records import Record
from .running import Assignment
from .slots import ANNOUNCE_AFTER, Slot
from .transcripts import Transcripts
from .waiting import OnceOver, Waiters

log = logging.getLogger(__name__)

CROWD = 32
"""Submissions since the loop's last round that make a crowd: more are coming."""
ADMIT = 128
"""Submissions that the loop takes per round while they crowd in: enough to keep workers busy."""
ASIDE = 4.0
MAX_ASIDE = 0.02
"""While they crowd in the loop rests this many times as long as it worked, at most so many
seconds: it would only compete with the submitting thread for the interpreter."""
CHECK_EVERY = 1.0
"""Seconds between two looks at processes and surplus workers while all is quiet."""
TICKING = 0.5
"""Seconds after an attempt was sent during which the loop looks often who has started. Waking it
for every attempt would cost a short task more than its run."""

_new_tuple = tuple.__new__  # past NamedTuple's constructor, on the way that every task takes


class Host:
    """The machine, its records and its workers, joined. `Runtime` is the public face."""

    def __init__(self, config: SchedulerConfig, desk: CacheDesk) -> None:
        self.desk = desk
        self.feed = Feed()
        self.waiters = Waiters()
        self.closed = False
        self.broken: OrionError | None = None
        self.loop = Loop("orion-loop", self._after_round)
        self._inbox: deque[Event] = deque()
        self._submissions: deque[Submitted] = deque()
        self._mail: deque[tuple[Slot, wire.Message]] = deque()  # from worker threads
        self._callbacks: deque[tuple[OnceOver, Record]] = deque()
        self.transcripts = Transcripts(self.feed)
        self.ledger = Ledger(desk, self.transcripts)
        self.records = self.ledger.records
        self.crew = Crew(self.records, self.transcripts, self._inbox.append)
        self._scheduler = Scheduler(config)
        self._turn = threading.Lock()
        self._machine_lock = threading.Lock()
        self._check_due = False
        self._check_at = 0.0
        self._tick_until = 0.0
        self._submitted = 0  # since the loop's last round
        self._crowded = False
        self._cpu_before = 0.0

    # -- facts come in ------------------------------------------------------------------------

    def bring(self, *events: Event) -> None:
        """Report facts; on return they are taken or will be, in order."""
        self._admit(None)
        self._inbox.extend(events)
        self.take_turn()

    def submit_one(self, record: Record) -> None:
        """A task whose dependencies are known to exist: it cannot be refused."""
        self.records[record.task.id] = record
        submissions = self._submissions
        waiting = bool(submissions)
        submissions.append(Submitted(time.monotonic(), (record.task,)))
        if waiting or self.crew.busy >= self.crew.capacity:
            self._submitted += 1
            self.loop.wake()
        else:
            self.take_turn()  # an idle worker gets it from this very thread

    def submit_hit(
        self, record: Record, result: ActionResult, inline: Mapping[Digest, bytes]
    ) -> None:
        """A task whose whole result is at hand: it is done at once, and the machine is told when
        it next has something to do. Not even that, if its ObjectRef is gone by then."""
        record.inline.update(inline)
        if result.transcript is not None:
            self.transcripts.show_cached(record, self.desk.transcript(result, inline))
        record.hit = result
        record.outputs = result.outputs
        record.state = TaskState.DONE
        self.records[record.task.id] = record
        self._submissions.append(Submitted(time.monotonic(), (record.task,)))
        if self.feed.active:
            self.loop.wake()

    def submit_batch(self, records: Sequence[Record]) -> None:
        """All or none.

        :raises UsageError: an unknown dependency, a cycle, an id that is taken.
        """
        with self._turn:
            self._admit(None)
            self._work()
            with self._machine_lock:
                tasks = tuple(record.task for record in records)
                effects = self._scheduler.step(Submitted(time.monotonic(), tasks))
            for record in records:
                self.records[record.task.id] = record
            self._perform(effects.changes, effects.commands)
            self._work()
        self.take_turn()

    def deliver(self, slot: Slot, message: wire.Message) -> None:
        """From worker threads: any thread, also from inside the turn."""
        self._mail.append((slot, message))
        self.take_turn()

    def forget(self, tasks: Sequence[TaskId]) -> None:
        """Drop finished tasks."""
        if tasks:
            self.bring(Forgotten(time.monotonic(), tuple(tasks)))

    def settle(self) -> None:
        """Have everything that was brought so far stepped over, unless another thread is at it."""
        self._admit(None)
        self.take_turn()

    def _admit(self, limit: int | None) -> None:
        """Move submissions into the inbox, all of them or so many."""
        submissions, inbox = self._submissions, self._inbox
        while submissions and (limit is None or limit > 0):
            try:
                event = submissions.popleft()
            except IndexError:  # another thread was faster
                return
            record = self.records.get(event.tasks[0].id)
            if record is not None and record.hit is not None and self._is_void(record):
                del self.records[record.task.id]
                continue
            inbox.append(event)
            if limit is not None:
                limit -= 1

    def _is_void(self, record: Record) -> bool:
        """A hit that nobody has seen, nor can ask for any more."""
        return not self.feed.active and self.ledger.nobody_cares(record)

    # -- the turn -----------------------------------------------------------------------------

    def take_turn(self) -> None:
        """Work the inbox off, unless another thread is at it: that one will see ours too."""
        callbacks = self._callbacks
        while self._inbox or self._mail or self._submissions or callbacks:
            if self._inbox or self._mail or self._submissions:
                if not self._turn.acquire(blocking=False):
                    return
                try:
                    self._work()
                finally:
                    self._turn.release()
                if self._crowded and not callbacks:
                    return  # the loop goes on with it in a moment
            while callbacks:
                try:
                    waiter, record = callbacks.popleft()
                except IndexError:  # another thread was faster
                    break
                waiter.call(record)

    def in_turn(self, call: Callable[..., Any], *args: Any) -> None:
        """Call something of the crew's with nobody else at work."""
        with self._turn:
            call(*args)
            self._work()
        self.take_turn()

    def _work(self) -> None:
        """With the turn: all there is to do."""
        inbox, mail = self._inbox, self._mail
        while True:
            while mail:
                self.crew.on_message(*mail.popleft())
            if self._submissions:
                self._admit(ADMIT if self._crowded else None)
            while inbox:
                events = []
                while inbox:
                    events.append(inbox.popleft())
                effects = self._step(events)
                if effects.changes or effects.commands:
                    self._perform(effects.changes, effects.commands)
            self.crew.flush()
            if self.ledger.over:
                over, self.ledger.over = self.ledger.over, []
                for record in over:
                    for waiter in self.waiters.over(record):
                        self._callbacks.append((waiter, record))
            if not inbox and not mail and (self._crowded or not self._submissions):
                return

    def _step(self, events: Sequence[Event]) -> Effects:
        """Step over all of them; one that the machine refuses does not keep back the others."""
        rest = iter(events)
        with self._machine_lock:
            while True:
                try:
                    return self._scheduler.step_many(rest)
                except UsageError as error:
                    # Submitters check before; only what was forgotten in between gets here.
                    log.warning("refused: %s", error)
                except OrionBug as error:
                    log.exception("please report this, with its story: %s", list(error.story))

    # -- orders go out ------------------------------------------------------------------------

    def _perform(self, changes: Sequence[Change], commands: Sequence[Command]) -> None:
        self.ledger.note(changes)
        if self.feed.active:
            self.feed.publish(changes)
        probes: list[ProbeCache] = []
        for command in commands:
            if type(command) is RunTask:
                self._run_task(command)
            elif type(command) is ProbeCache:
                probes.append(command)
            else:
                _PERFORM[type(command)](self, command)
        if probes:
            self._probe(probes)

    def _run_task(self, command: RunTask) -> None:
        task_id, attempt, worker, inputs, clone = command
        record = self.records[task_id]
        now = time.monotonic()
        if not clone:
            self.transcripts.show(record, attempt)
        if record.given is not None:
            message = f"the value {record.task.name!r} is gone from the store: put it there again"
            error = TaskError("exception", "ObjectUnavailable", message, retryable=False)
            self._inbox.append(Failed(now, task_id, attempt, worker, error))
            return
        if now > self._tick_until - TICKING / 2:
            if now > self._tick_until:
                self.loop.wake()
            self._tick_until = now + TICKING
        values: tuple[tuple[str, str, Digest, bytes | None], ...] = ()
        if inputs:
            values = tuple([self._input(record, name, output) for name, output in inputs])
        task = record.task
        call: Any = record.call
        assignment = _new_tuple(
            Assignment, (task_id, attempt, task.name, call, values, task.outputs)
        )
        self.crew.run(worker, task_id, attempt, assignment, record)

    def _input(
        self, record: Record, name: str, output: Output
    ) -> tuple[str, str, Digest, bytes | None]:
        ref = record.binding(name)
        upstream = self.records.get(ref.task)
        data = upstream.inline.get(output.digest) if upstream is not None else None
        return ref.task, ref.output, output.digest, data

    def _abandon(self, command: AbandonTask) -> None:
        self.crew.cancel(command.worker, (command.task, command.attempt))

    def _steal(self, command: StealTask) -> None:
        self.crew.steal(command.worker, (command.task, command.attempt))

    def _start_timer(self, command: StartTimer) -> None:
        timer = command.timer
        self.loop.call_at(
            time.monotonic() + command.delay,
            lambda: self.bring(TimerFired(time.monotonic(), timer)),
        )

    def _probe(self, commands: Sequence[ProbeCache]) -> None:
        asked: list[ProbeCache] = []
        for command in commands:
            record = self.records[command.task]
            if record.hit is not None:
                result, record.hit = record.hit, None  # should it be asked again, the cache is
            elif record.given is not None:
                result = self.desk.given(command.key, record.given)
            else:
                asked.append(command)
                continue
            self._inbox.append(CacheAnswered(time.monotonic(), command.task, result))
        if asked:
            self.desk.probe(asked, self.records, self._answered)

    def _answered(
        self, command: ProbeCache, answer: CacheAnswered, frames: Sequence[wire.RawFrame]
    ) -> None:
        """The desk's answer; on this thread, or later on the desk's own."""
        record = self.records.get(command.task)
        if frames and record is not None:
            self.transcripts.show_cached(record, frames)
        self._inbox.append(answer)

    def _record_result(self, command: RecordResult) -> None:
        record = self.records.get(command.task)
        if record is not None and not record.mutated:
            self.desk.record(command, record, self._input_digests(record))

    def _input_digests(self, record: Record) -> list[tuple[str, Digest]]:
        """What the inputs of a task are now, as far as they are known."""
        digests = []
        for binding, ref in record.task.inputs:
            upstream = self.records.get(ref.task)
            output = upstream.outputs.get(ref.output) if upstream is not None else None
            if output is not None:
                digests.append((binding, output.digest))
        return digests

    def _dead_letter(self, command: DeadLetter) -> None:
        record = self.records.get(command.task)
        if record is not None:
            record.error = command.error

    def _release(self, command: ReleaseObjects) -> None:
        """Values go with their records, when the change says that those are forgotten."""

    # -- the loop -----------------------------------------------------------------------------

    def check_soon(self) -> None:
        """A launcher has news, or a worker's connection closed."""
        self._check_due = True

    def on_broken(self, error: OrionError) -> None:
        """Nothing can run any more: say so to everybody who waits."""
        log.error("%s", error)
        self.broken = error
        self.waiters.close()

    def _after_round(self) -> float | None:
        now = time.monotonic()
        if self._check_due or now >= self._check_at:
            self.in_turn(self._check, now)
        timeout = self.crew.announce(now)
        if timeout == ANNOUNCE_AFTER and now > self._tick_until:
            timeout = CHECK_EVERY
        self.take_turn()
        if self._step_aside() or self._tidy():
            return 0.0
        return min(timeout, max(0.0, self._check_at - time.monotonic()))

    def _check(self, now: float) -> None:
        self._check_due = False
        self._check_at = min(now + CHECK_EVERY, self.crew.check(now) or now + CHECK_EVERY)

    def _step_aside(self) -> bool:
        """Whether a loop of submits is going on. Then it gets most of the interpreter: the workers
        have enough to do, and what they lack comes sooner when the loop is over."""
        cpu = time.thread_time()
        spent, self._cpu_before = cpu - self._cpu_before, cpu
        count, self._submitted = self._submitted, 0
        self._crowded = count > CROWD and not self.waiters.blocked
        if self._crowded:
            self.waiters.sleep(min(MAX_ASIDE, ASIDE * spent))
        return bool(self._submissions)

    def _tidy(self) -> bool:
        """Forget what nobody can ask for; the loop's work for when it has none. More to do?"""
        tasks, more = self.ledger.superfluous()
        self.forget(tasks)
        return more

    # -- looking, and the end -------------------------------------------------------------------

    def read(self, look: Callable[[Scheduler], Any]) -> Any:
        """Look at the machine between two steps."""
        with self._machine_lock:
            return look(self._scheduler)

    def subscribe(self, callback: Callback, replay: bool) -> Subscription:
        """`replay`: deliver the stories, output and progress of all known tasks first."""
        with self._turn:
            self._admit(None)
            self._work()
            past: list[Item] = []
            if replay:
                for task_id in self._scheduler.tasks():
                    past.extend(self._scheduler.story(task_id))
                past.sort(key=lambda change: change[0])
                for record in self.records.values():
                    past.extend(record.transcript())
                    if record.progress is not None:
                        past.append(record.progress)
            subscription = self.feed.subscribe(callback, past)
        self.take_turn()
        return subscription

    def close(self) -> None:
        """End all workers, then the loop; large values that are in no cache go."""
        self.closed = True
        with self._turn:
            for pool in self.crew.pools:
                pool.close()
        self.loop.stop()
        for record in self.records.values():
            if record.is_scratch:
                self.ledger.let_go(record)

    def abandon(self) -> None:
        """In a forked child: let go of everything, touch nobody."""
        self.closed = True
        for pool in self.crew.pools:
            pool.abandon()
        self.loop.abandon()


_PERFORM: dict[type, Callable[[Host, Any], None]] = {
    AbandonTask: Host._abandon,
    StealTask: Host._steal,
    StartTimer: Host._start_timer,
    RecordResult: Host._record_result,
    DeadLetter: Host._dead_letter,
    ReleaseObjects: Host._release,
}
