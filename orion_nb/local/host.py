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
    Change,
    Command,
    Effects,
)
from ..core.events import (
    Event,
    Forgotten,
    Restored,
    Submitted,
)
from ..core.model import ActionResult, Digest, TaskId, TaskState
from ..core.policies import SchedulerConfig
from ..core.scheduler import Scheduler
from ..exceptions import OrionBug, OrionError, UsageError
from . import wire
from .archive import Archive
from .caching import CacheDesk
from .crew import Crew
from .feed import Callback, Feed, Item, Subscription
from .journal import Journal, Keeper
from .ledger import Ledger
from .loop import Loop
from .orders import Orders
from .packed import RestoredTask
from .records import Record
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


class Host:
    """The machine, its records and its workers, joined. `Runtime` is the public face."""

    def __init__(
        self, config: SchedulerConfig, desk: CacheDesk, journal: Journal | None = None
    ) -> None:
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
        self.keeper: Keeper | None = None
        self.archive: Archive | None = None
        if journal is not None:
            self.keeper = Keeper(journal, self.ledger, self.feed, self.take_turn)
            self.archive = Archive(journal, self._scheduler, self.ledger)
        self._orders = Orders(self, self._inbox.append)
        self._turn = threading.Lock()
        self._machine_lock = threading.Lock()
        self._check_due = False
        self._check_at = 0.0
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
        if self.keeper is not None:
            self.submit_batch([record])
            return
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

    def submit_batch(self, records: Sequence[Record], logged: bool = False) -> None:
        """All or none.

        :param logged: the journal knows these tasks already.
        :raises UsageError: an unknown dependency, a cycle, an id that is taken.
        """
        tasks = tuple(record.task for record in records)
        keeper = self.keeper
        with self._turn:
            self._admit(None)
            self._work()
            if self.archive is not None:
                self._come_back(self.archive.find(self.archive.needed_by(tasks)))
            effects = self._step_one(Submitted(time.monotonic(), tasks))
            for record in records:
                self.records[record.task.id] = record
            if keeper is not None and not logged:
                keeper.journal.submitted([record.packed() for record in records])
            self._perform(effects.changes, effects.commands)
            self._work()
        self.take_turn()
        if keeper is not None and not logged:
            keeper.journal.sync()

    def restore(self, tasks: Sequence[RestoredTask]) -> None:
        """Know tasks again that are over.

        :raises UsageError: an id is taken, or what is said of a task cannot be.
        """
        with self._turn:
            self._admit(None)
            self._work()
            self._restore(tasks)
            self._work()
        self.take_turn()

    def _restore(self, tasks: Sequence[RestoredTask]) -> None:
        """With the turn."""
        effects = self._step_one(Restored(time.monotonic(), tuple(t.ended for t in tasks)))
        for task in tasks:
            self.ledger.restored(Record.of_remains(task))
        self._perform(effects.changes, effects.commands)

    def revive(self, task: TaskId) -> Record | None:
        """Bring an archived task back, because somebody asks for it. None: it is not known."""
        if self.archive is None:
            return None
        with self._turn:
            self._come_back(self.archive.find([task]))
            record = self.records.get(task)  # it may be archived again at once
            self._work()
        self.take_turn()
        return record

    def _come_back(self, found: Sequence[RestoredTask]) -> None:
        """With the turn: the journal has found these."""
        if found:
            try:
                self._restore(found)
            except UsageError as error:
                log.warning("archived tasks cannot be restored: %s", error)

    def _step_one(self, event: Event) -> Effects:
        with self._machine_lock:
            return self._scheduler.step(event)

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
        while self._has_work() or callbacks:
            if self._has_work():
                if not self._turn.acquire(blocking=False):
                    return
                try:
                    self._work()
                finally:
                    self._turn.release()
                if self._crowded and not (callbacks or self._inbox or self._mail):
                    return  # the loop goes on with the submissions in a moment
            if callbacks and not (self.closed or self.loop.inside()):
                self.loop.wake()  # they may want a lock that this thread, in a submit, holds
                return
            self._call_back()

    def _call_back(self) -> None:
        callbacks = self._callbacks
        while callbacks:
            try:
                waiter, record = callbacks.popleft()
            except IndexError:  # another thread was faster
                return
            waiter.call(record)

    def _has_work(self) -> bool:
        return bool(
            self._inbox
            or self._mail
            or self._submissions
            or (self.keeper is not None and self.keeper.ready)
        )

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
                events = self._next_events()
                effects = self._step(events)
                if effects.changes or effects.commands:
                    self._perform(effects.changes, effects.commands)
            self.crew.flush()
            if self.keeper is not None and self.keeper.ready:
                self.keeper.release()
            if self.ledger.over:
                over, self.ledger.over = self.ledger.over, []
                for record in over:
                    for waiter in self.waiters.over(record):
                        self._callbacks.append((waiter, record))
            if not inbox and not mail and (self._crowded or not self._submissions):
                return

    def _next_events(self) -> list[Event]:
        """What can be stepped over together: with an archive, what it is asked for comes first."""
        inbox, archive = self._inbox, self.archive
        events: list[Event] = []
        while inbox:
            if archive is not None and archive.concerns(inbox[0]):
                if events:
                    break
                for found in archive.wanted_by(inbox[0]):
                    self._come_back(found)
            events.append(inbox.popleft())
        return events

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
        if self.keeper is not None:
            self.keeper.publish(changes, self._scheduler)
        elif self.feed.active:
            self.feed.publish(changes)
        self._orders.perform(commands)

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
        if timeout == ANNOUNCE_AFTER and now > self._orders.tick_until:
            timeout = CHECK_EVERY
        self.take_turn()
        if self._step_aside() or self._tidy():
            return 0.0
        if self._has_work() and not self._turn.locked():
            return 0.0  # it came while a thread that has left the rest to us held the turn
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
                until = self.feed.held_from()
                stories = map(self._scheduler.story, self._scheduler.tasks())
                changes = [change for story in stories for change in story if change.seq < until]
                changes.sort(key=lambda change: change.seq)
                past += changes
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
            if self.keeper is not None:
                self.keeper.journal.sync()
                self.keeper.release()
            for pool in self.crew.pools:
                pool.close()
        self.loop.stop()
        self._call_back()  # what it was woken for in the last moment
        for record in list(self.records.values()):  # a late callback of the journal may take a turn
            if record.is_scratch:
                self.ledger.let_go(record)

    def abandon(self) -> None:
        """In a forked child: let go of everything, touch nobody."""
        self.closed = True
        for pool in self.crew.pools:
            pool.abandon()
        self.loop.abandon()
