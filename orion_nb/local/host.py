"""Hosts the pure machine on this machine: feeds it facts, performs its orders.

Any thread may bring a fact. They gather in an inbox; whoever gets the *turn* steps the
machine over all of them, publishes the changes and performs the commands, all in
order, while other threads just leave theirs and go on. So a submitting thread usually
sends its task to an idle worker itself, without a hop to another thread.
"""

from __future__ import annotations

import logging
import selectors
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
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
from ..core.events import (
    Abandoned,
    CacheAnswered,
    Event,
    Failed,
    Finished,
    Forgotten,
    ObjectLost,
    Started,
    StealConfirmed,
    Submitted,
    TimerFired,
    WorkerDraining,
    WorkerJoined,
    WorkerLost,
)
from ..core.model import (
    FINAL_STATES,
    VALUE,
    ActionResult,
    Digest,
    Frame,
    Output,
    Progress,
    Task,
    TaskError,
    TaskId,
    TaskState,
    WorkerKind,
)
from ..core.policies import SchedulerConfig
from ..core.scheduler import Scheduler
from ..exceptions import OrionBug, OrionError, UsageError
from . import wire
from .caching import CacheDesk, Frames
from .feed import Feed, Item
from .loop import Loop
from .process_workers import ProcessSlot, ProcessWorkers
from .records import Record
from .refs import Holder
from .running import Assignment
from .slots import ANNOUNCE_AFTER, Pool, Slot
from .waiting import OnceOver, Waiters

log = logging.getLogger(__name__)

KEEP_FINISHED = 1_000
"""Finished tasks that nobody holds an ObjectRef of, remembered for `tasks` and `story`."""
BITE = 256
"""Tasks that are forgotten at once."""
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

_new_tuple = tuple.__new__


class Host:
    """The machine, its records and its workers, joined. `Runtime` is the public face."""

    def __init__(self, config: SchedulerConfig, desk: CacheDesk) -> None:
        self.scheduler = Scheduler(config)
        self.records: dict[TaskId, Record] = {}
        self.feed = Feed()
        self.waiters = Waiters()
        self.desk = desk
        self.pools: list[Pool] = []
        self.starters: dict[WorkerKind, Callable[[], None]] = {}
        """Start the workers of a kind; each is called once, when a task first wants one."""
        self.broken: OrionError | None = None
        self.holder = Holder()
        self.loop = Loop("orion-loop", self._after_round)
        self._turn = threading.Lock()
        self._machine_lock = threading.Lock()
        self._inbox: deque[Event] = deque()
        self._busy = 0  # attempts with workers
        self._capacity = 0  # workers that are ready
        self._unclaimed: deque[TaskId] = deque()  # finished, and nobody holds a ref
        self._callbacks: deque[tuple[OnceOver, Record]] = deque()
        self._mail: deque[tuple[Slot, wire.Message]] = deque()  # from worker threads
        self._over: list[Record] = []
        self._slots: dict[str, tuple[Pool, Slot]] = {}
        self._check_due = False
        self._check_at = 0.0
        self._tick_until = 0.0
        self._submissions: deque[Submitted] = deque()
        self._submitted = 0  # since the loop's last round
        self._crowded = False
        self._cpu_before = 0.0

    # -- facts come in ----------------------------------------------------------------------

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
        if waiting or self._busy >= self._capacity:
            self._submitted += 1
            self.loop.wake()
        else:
            self.take_turn()  # an idle worker gets it from this very thread

    def submit_hit(self, record: Record, result: ActionResult) -> None:
        """A task whose whole result is at hand: it is done at once, and the machine is told when
        it next has something to do. Not even that, if its ObjectRef is gone by then."""
        record.hit = result
        record.outputs = result.outputs
        record.state = TaskState.DONE
        self.records[record.task.id] = record
        self._submissions.append(Submitted(time.monotonic(), (record.task,)))
        if self.feed.active:
            self.loop.wake()

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
            if record is not None and record.hit is not None and self._nobody_cares(record):
                del self.records[record.task.id]
                continue
            inbox.append(event)
            if limit is not None:
                limit -= 1

    def _nobody_cares(self, record: Record) -> bool:
        """A hit that nobody can ask for any more, nor has seen."""
        held = record.held
        if record.keep or record.awaited or self.feed.active:
            return False
        return held is None or held() is None

    def submit_batch(self, records: Sequence[Record]) -> None:
        """All or none.

        :raises UsageError: an unknown dependency, a cycle, an id that is taken.
        """
        with self._turn:
            self._admit(None)
            self._work()
            with self._machine_lock:
                tasks = tuple(record.task for record in records)
                effects = self.scheduler.step(Submitted(time.monotonic(), tasks))
            for record in records:
                self.records[record.task.id] = record
            self._perform(effects.changes, effects.commands)
            self._work()
        self.take_turn()

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

    def _work(self) -> None:
        """With the turn: all there is to do."""
        inbox, mail = self._inbox, self._mail
        while True:
            while mail:
                self.on_message(*mail.popleft())
            if self._submissions:
                self._admit(ADMIT if self._crowded else None)
            while inbox:
                events = []
                while inbox:
                    events.append(inbox.popleft())
                effects = self._step(events)
                if effects.changes or effects.commands:
                    self._perform(effects.changes, effects.commands)
            for pool in self.pools:
                pool.flush()
            if self._over:
                over, self._over = self._over, []
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
                    return self.scheduler.step_many(rest)
                except UsageError as error:
                    # Submitters check before; only what was forgotten in between gets here.
                    log.warning("refused: %s", error)
                except OrionBug as error:
                    log.exception("please report this, with its story: %s", list(error.story))

    # -- orders go out ----------------------------------------------------------------------

    def _perform(self, changes: Sequence[Change], commands: Sequence[Command]) -> None:
        for change in changes:
            handler = _ON_CHANGE.get(change[5])
            if handler is not None:
                handler(self, change)
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
        found = self._slots.get(worker)
        if found is None:
            return  # lost meanwhile: that fact is in the inbox
        pool, slot = found
        record = self.records[task_id]
        now = time.monotonic()
        if not clone:
            self._show_attempt(record, attempt)
        if record.given is not None:
            message = f"the value {record.task.name!r} is gone from the store: put it there again"
            error = TaskError("exception", "ObjectUnavailable", message, retryable=False)
            self._inbox.append(Failed(now, task_id, attempt, worker, error))
            return
        if now > self._tick_until - TICKING / 2:
            if now > self._tick_until:
                self.loop.wake()
            self._tick_until = now + TICKING
        self._busy += 1
        number = slot.add((task_id, attempt), now)
        values: tuple[tuple[str, str, str, bytes | None], ...] = ()
        if inputs:
            values = tuple([self._input(record, name, output) for name, output in inputs])
        task = record.task
        call: Any = record.call
        assignment = _new_tuple(
            Assignment, (task_id, attempt, task.name, call, values, task.outputs)
        )
        pool.run(slot, number, assignment, record)

    def _input(
        self, record: Record, name: str, output: Output
    ) -> tuple[str, str, str, bytes | None]:
        ref = record.binding(name)
        upstream = self.records.get(ref.task)
        data = upstream.inline.get(output.digest) if upstream is not None else None
        return ref.task, ref.output, output.digest, data

    def _show_attempt(self, record: Record, attempt: int) -> None:
        """From now on the output of this attempt counts; watchers start again with it."""
        if record.attempt == attempt:
            return
        frames = record.frames
        shown = frames.get(record.attempt) if frames else None
        record.attempt = attempt
        if frames and self.feed.active:
            kept = frames.get(attempt, ())
            if shown:
                reset = Frame(record.task.id, attempt, 0, "reset", {}, time.time())
                self.feed.publish([reset, *kept])
            else:
                self.feed.publish(kept)

    def _abandon(self, command: AbandonTask) -> None:
        found = self._slots.get(command.worker)
        number = found[1].number_of((command.task, command.attempt)) if found else None
        if found is not None and number is not None:
            found[0].cancel(found[1], number)
        # Otherwise it is over, and the fact that says so is on its way.

    def _steal(self, command: StealTask) -> None:
        found = self._slots.get(command.worker)
        number = found[1].number_of((command.task, command.attempt)) if found else None
        if found is not None and number is not None:
            found[0].steal(found[1], number)

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
                answer = CacheAnswered(time.monotonic(), command.task, record.hit)
                record.hit = None  # should it be asked again, the cache is
                self._inbox.append(answer)
            elif record.given is not None:
                result = self.desk.given(command.key, record.given)
                self._inbox.append(CacheAnswered(time.monotonic(), command.task, result))
            else:
                asked.append(command)
        if asked:
            self.desk.probe(asked, self.records, self._answered)

    def _answered(self, command: ProbeCache, answer: CacheAnswered, frames: Frames) -> None:
        """The desk's answer; on this thread, or later on the desk's own."""
        record = self.records.get(command.task)
        if frames and record is not None:
            self._show_frames(record, frames)
        self._inbox.append(answer)

    def show_transcript(
        self, record: Record, result: ActionResult, inline: Mapping[Digest, bytes]
    ) -> None:
        """A hit is about to be submitted: what its task put out when it ran."""
        if result.transcript is not None:
            self._show_frames(record, self.desk.transcript(result, inline))

    def _show_frames(self, record: Record, frames: Frames) -> None:
        """Output of attempt 0: the cache's."""
        kept = [
            Frame(record.task.id, 0, index, kind, data, at)
            for index, (kind, data, at) in enumerate(frames)
        ]
        record.frames = {**(record.frames or {}), 0: kept}
        if record.attempt:
            self._show_attempt(record, 0)
        elif self.feed.active:
            self.feed.publish(kept)

    def _record_result(self, command: RecordResult) -> None:
        record = self.records.get(command.task)
        if record is not None and not record.mutated:
            self.desk.record(command, record, self._input_digests(record.task))

    def _input_digests(self, task: Task) -> list[tuple[str, Digest]]:
        """What the inputs of a task are now, as far as they are known."""
        digests = []
        for binding, ref in task.inputs:
            upstream = self.records.get(ref.task)
            output = (upstream.outputs or {}).get(ref.output) if upstream is not None else None
            if output is not None:
                digests.append((binding, output.digest))
        return digests

    def _dead_letter(self, command: DeadLetter) -> None:
        record = self.records.get(command.task)
        if record is not None:
            record.error = command.error

    def _release(self, command: ReleaseObjects) -> None:
        """Values go with their records; see `_on_forgotten`."""

    # -- changes that concern the records -----------------------------------------------------

    def _on_queued(self, change: Change) -> None:
        """A task wants a worker. Who only asks the cache never pays for their start."""
        if self.starters:
            start = self.starters.pop(self.records[change.task].task.policy.kind, None)
            if start is not None:
                start()

    def _on_done(self, change: Change) -> None:
        record = self.records[change.task]
        record.outputs = outputs = change.detail["outputs"]
        record.error = None
        if change.why != "hit":
            self._show_attempt(record, change.attempt)
        if record.frames:
            record.frames = {record.attempt: record.frames.get(record.attempt, [])}
        self._pin(record, outputs)
        self._finish(record, change.new)

    def _pin(self, record: Record, outputs: Mapping[str, Output]) -> None:
        large = [output.digest for output in outputs.values() if output.digest not in record.inline]
        if large:
            record.pinned = tuple(d for d in large if self.desk.pin(d))
        else:
            record.needs = ()  # what lies in memory is never lost, so nothing will run again

    def _on_ended_badly(self, change: Change) -> None:
        record = self.records[change.task]
        error = change.detail.get("error")
        if error is not None:
            record.error = error
        self._finish(record, change.new)

    def _finish(self, record: Record, state: TaskState) -> None:
        record.state = state
        self._over.append(record)
        if not record.keep and record.held is None:
            self._unclaimed.append(record.task.id)

    def _on_reopened(self, change: Change) -> None:
        record = self.records[change.task]
        if change.new not in FINAL_STATES:
            record.state = None
            record.error = None
            record.exception = None

    def _on_forgotten(self, change: Change) -> None:
        record = self.records.pop(change.task, None)
        if record is not None:
            let_go = self.desk.drop if record.is_scratch else self.desk.unpin
            for digest in record.pinned:
                let_go(digest)

    # -- facts from workers -------------------------------------------------------------------

    def on_ready(self, slot: Slot, pool: Pool) -> None:
        self._slots[slot.id] = (pool, slot)
        self._capacity += 1
        self._inbox.append(WorkerJoined(time.monotonic(), slot.id, slot.kind))

    def on_lost(self, slot: Slot, why: str) -> None:
        if self._slots.pop(slot.id, None) is not None:
            self._capacity -= 1
            self._busy -= len(slot.runs)
            slot.runs.clear()
            self._inbox.append(WorkerLost(time.monotonic(), slot.id, why))

    def on_broken(self, error: OrionError) -> None:
        """Nothing can run any more: say so to everybody who waits."""
        log.error("%s", error)
        self.broken = error
        self.waiters.close()

    def on_message(self, slot: Slot, message: wire.Message) -> None:
        """From a worker process, or in the same words from a worker thread."""
        tag = message[0]
        number = message[1]
        if tag == wire.DONE:
            now = time.monotonic()
            run = slot.remove(number, now)
            if run is not None:
                self._busy -= 1
                task_id, attempt = run
                record = self.records.get(task_id)
                if record is None:
                    return
                outputs = {}
                for name, digest, size, inline in message[2]:
                    outputs[name] = _new_tuple(Output, (digest, size))
                    if inline is not None:
                        record.inline[digest] = inline
                if message[4]:
                    record.mutated = True
                self._inbox.append(
                    _new_tuple(Finished, (now, task_id, attempt, slot.id, outputs, message[3]))
                )
        elif tag == wire.FRAMES:
            self._on_frames(slot, number, message[2])
        elif tag == wire.PROGRESS:
            self._on_progress(slot, *message[1:])
        elif tag == wire.STOLEN:
            self._on_stolen(slot, number, message[2])
        else:
            run = slot.remove(number, time.monotonic())
            if run is not None:
                self._busy -= 1
                self._on_no_result(slot, run, message)

    def _on_no_result(self, slot: Slot, run: tuple[TaskId, int], message: wire.Message) -> None:
        tag = message[0]
        task_id, attempt = run
        if tag == wire.ABANDONED:
            self._inbox.append(Abandoned(time.monotonic(), task_id, attempt, slot.id))
        elif tag == wire.FAILED:
            record = self.records.get(task_id)
            if record is not None:
                record.exception = message[3]
            error = TaskError(*message[2])
            self._inbox.append(Failed(time.monotonic(), task_id, attempt, slot.id, error))
        elif tag == wire.LOST:
            self._on_input_lost(slot, task_id, attempt, message[2], message[3])

    def _on_input_lost(
        self, slot: Slot, task_id: TaskId, attempt: int, digest: str, why: str
    ) -> None:
        record = self.records.get(task_id)
        now = time.monotonic()
        if record is not None:
            for _, ref in record.task.inputs:
                upstream = self.records.get(ref.task)
                if upstream is not None and upstream.outputs.get(ref.output, ("",))[0] == digest:
                    self._inbox.append(ObjectLost(now, ref, why))
        error = TaskError("lost-object", "", f"an input is gone: {why}")
        self._inbox.append(Failed(now, task_id, attempt, slot.id, error))

    def _on_stolen(self, slot: Slot, number: int, released: bool) -> None:
        run = slot.runs.get(number)
        if run is None:
            return
        if released:
            del slot.runs[number]
            self._busy -= 1
        self._inbox.append(StealConfirmed(time.monotonic(), run[0], run[1], slot.id, released))

    def _on_frames(self, slot: Slot, number: int, frames: Iterable[tuple[str, Any, float]]) -> None:
        run = slot.runs.get(number)
        record = self.records.get(run[0]) if run is not None else None
        if run is None or record is None:
            return
        task_id, attempt = run
        if record.frames is None:
            record.frames = {}
        kept = record.frames.setdefault(attempt, [])
        new = [
            Frame(task_id, attempt, len(kept) + index, kind, data, at)
            for index, (kind, data, at) in enumerate(frames)
        ]
        kept.extend(new)
        if attempt == record.attempt and self.feed.active:
            self.feed.publish(new)

    def _on_progress(
        self, slot: Slot, number: int, done: float, total: float, message: str, at: float
    ) -> None:
        run = slot.runs.get(number)
        record = self.records.get(run[0]) if run is not None else None
        if run is None or record is None:
            return
        progress = Progress(run[0], run[1], done, total, message, at)
        if run[1] == record.attempt:
            record.progress = progress
            if self.feed.active:
                self.feed.publish([progress])

    # -- the loop -----------------------------------------------------------------------------

    def watch(self, pool: ProcessWorkers, slot: ProcessSlot, write: bool) -> None:
        def handle(mask: int) -> None:
            if mask & selectors.EVENT_READ:
                self._in_turn(pool.on_readable, slot)
            if mask & selectors.EVENT_WRITE:
                self._in_turn(pool.on_writable, slot)

        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        self.loop.register(slot.process.task, events, handle)

    def unwatch(self, slot: ProcessSlot) -> None:
        self.loop.unregister(slot.process.task)

    def _in_turn(self, call: Callable[..., Any], *args: Any) -> None:
        with self._turn:
            call(*args)
            self._work()
        self.take_turn()

    def in_turn(self, call: Callable[..., Any], *args: Any) -> None:
        """Call a pool's method with nobody else at work."""
        self._in_turn(call, *args)

    def add_pool(self, pool: Pool) -> None:
        self.pools.append(pool)

    def check_soon(self) -> None:
        """A launcher has news, or a worker's connection closed."""
        self._check_due = True

    def deliver(self, slot: Slot, message: wire.Message) -> None:
        """`on_message` for worker threads: from any thread, also from inside the turn."""
        self._mail.append((slot, message))
        self.take_turn()

    def _after_round(self) -> float | None:
        now = time.monotonic()
        timeout = CHECK_EVERY if now > self._tick_until else ANNOUNCE_AFTER
        if self._check_due or now >= self._check_at:
            self._in_turn(self._check, now)
        for _, slot in tuple(self._slots.values()):
            number = slot.unannounced()
            if number:
                wait = slot.head_since + ANNOUNCE_AFTER - now
                if wait <= 0:
                    self._announce(slot, number, now)
                else:
                    timeout = min(timeout, wait)
        self.take_turn()
        if self._step_aside() or self._tidy():
            return 0.0
        return min(timeout, max(0.0, self._check_at - time.monotonic()))

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

    def _check(self, now: float) -> None:
        """Workers that ended, that would not stop, that are not needed."""
        self._check_due = False
        self._check_at = now + CHECK_EVERY
        for pool in self.pools:
            pool.check(now)
            self._check_at = min(self._check_at, pool.next_check() or self._check_at)
        self._dismiss_drained()

    def _announce(self, slot: Slot, number: int, now: float) -> None:
        run = slot.runs.get(number)
        if run is not None:
            slot.announced = number
            self._inbox.append(Started(now, run[0], run[1], slot.id))

    # -- forgetting ---------------------------------------------------------------------------

    def _tidy(self) -> bool:
        """Forget finished tasks whose ObjectRefs are gone, the oldest first, in small bites: it is
        the loop's work for when there is none. Whether there is more to do.

        Those that hold a file which nobody can ask for again are forgotten at once."""
        dropped, records, unclaimed = self.holder.dropped, self.records, self._unclaimed
        scratch: list[TaskId] = []
        for _ in range(min(len(dropped), BITE)):
            record = records.get(dropped.popleft())
            if record is not None:
                record.held = None
                if not record.keep and record.state is not None:
                    if record.pinned and record.is_scratch:
                        scratch.append(record.task.id)
                    else:
                        unclaimed.append(record.task.id)
        if scratch:
            self.forget(scratch)
            self.take_turn()
        surplus = len(unclaimed) - KEEP_FINISHED
        if surplus > BITE:
            old = [unclaimed.popleft() for _ in range(BITE)]
            self.forget([task for task in old if task in records])
            self.take_turn()
        return len(dropped) >= BITE or surplus > 2 * BITE

    def forget(self, tasks: Sequence[TaskId]) -> None:
        if tasks:
            self._inbox.append(Forgotten(time.monotonic(), tuple(tasks)))

    # -- the end ------------------------------------------------------------------------------

    def close(self) -> None:
        """End all workers, then the loop; large values that are in no cache go."""
        with self._turn:
            for pool in self.pools:
                pool.close()
        self.loop.stop()
        for record in self.records.values():
            if record.is_scratch:
                for digest in record.pinned:
                    self.desk.drop(digest)
                record.pinned = ()

    def abandon(self) -> None:
        """In a forked child: let go of everything, touch nobody."""
        for pool in self.pools:
            pool.abandon()
        self.loop.abandon()

    # -- reading ------------------------------------------------------------------------------

    def read(self, look: Callable[[Scheduler], Any]) -> Any:
        """Look at the machine between two steps."""
        with self._machine_lock:
            return look(self.scheduler)

    def subscribe(self, callback: Callable[[Sequence[Item]], None], replay: bool) -> Any:
        with self._turn:
            self._work()
            past: list[Item] = []
            if replay:
                for task_id in self.scheduler.tasks():
                    past.extend(self.scheduler.story(task_id))
                past.sort(key=lambda change: change[0])
                for record in self.records.values():
                    past.extend(record.transcript())
                    if record.progress is not None:
                        past.append(record.progress)
            subscription = self.feed.subscribe(callback, past)
        self.take_turn()
        return subscription

    def drain(self, slots: Iterable[Slot]) -> None:
        """No more work for these; they are dismissed when they have none."""
        for slot in slots:
            slot.draining = True
            self._inbox.append(WorkerDraining(time.monotonic(), slot.id))

    def _dismiss_drained(self) -> None:
        for pool, slot in tuple(self._slots.values()):
            if slot.draining and not slot.runs:
                pool.dismiss(slot)
                self.on_lost(slot, "dismissed")


_ON_CHANGE: dict[str, Callable[[Host, Change], None]] = {
    "queued": Host._on_queued,
    "missed": Host._on_queued,
    "finished": Host._on_done,
    "hit": Host._on_done,
    "failed": Host._on_ended_badly,
    "wait-timed-out": Host._on_ended_badly,
    "upstream-failed": Host._on_ended_badly,
    "lost-for-good": Host._on_ended_badly,
    "cancelled": Host._on_ended_badly,
    "retried": Host._on_reopened,
    "recompute": Host._on_reopened,
    "forgotten": Host._on_forgotten,
}

_PERFORM: dict[type, Callable[[Host, Any], None]] = {
    AbandonTask: Host._abandon,
    StealTask: Host._steal,
    StartTimer: Host._start_timer,
    RecordResult: Host._record_result,
    DeadLetter: Host._dead_letter,
    ReleaseObjects: Host._release,
}

__all__ = ["VALUE", "Host", "Task"]
