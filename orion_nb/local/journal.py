"""A log outside of the runtime that must know things before anybody else does.

Without a journal nothing here runs. With one, every task is told to it when it is accepted and when
it is over, in the order of events, by whoever has the host's turn. What is over becomes visible only
when the journal says that it is durable: until then `get` and `wait` wait on, callbacks are not
called, and the feed holds back the news *and all that comes after it*, so that watchers see
everything in order. The machine does not wait: what depends on a task that is over starts at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from ..core.commands import Change
from ..core.model import TaskId, TaskState
from ..core.scheduler import Scheduler
from .feed import Feed
from .ledger import Ledger
from .packed import PackedCall, RestoredTask
from .records import Record


class Journal(Protocol):
    """What a host tells a durable log, and asks of it.

    All but `sync` are called with the host's turn taken: they must be quick (note it, let another
    thread write), and must not call the runtime. A journal that cannot write any more says so to
    people by itself, and calls back all the same: work goes on without the promise.
    """

    def submitted(self, calls: Sequence[PackedCall]) -> None:
        """The machine has accepted these tasks, all of one submission; some may be with workers
        by the time they are durable. (Tasks that `find` or `Runtime.restore` brought are not told.)
        """

    def over(self, tasks: Sequence[RestoredTask]) -> None:
        """These have ended, or have ended again: the newest word on a task replaces earlier ones.
        A task may end and be retried before `after` calls back for its end."""

    def reopened(self, tasks: Sequence[TaskId]) -> None:
        """These were over, but run again: retried, or for a value that was lost. A host that
        starts anew has to run them."""

    def forgotten(self, tasks: Sequence[TaskId]) -> None:
        """Somebody asked to forget these: delete them, and let go of their blobs. Also called with
        tasks that are archived, and with unknown ones. (Archiving a task is not told.)"""

    def after(self, callback: Callable[[], None]) -> None:
        """Call `callback`, on any thread, this one included, once all that was told before is
        durable. It takes the host's turn: hold no lock of yours meanwhile."""

    def sync(self) -> object:
        """Wait until all that was told so far is durable. Called without the turn, before
        `Runtime.submit_packed` returns."""

    def find(self, tasks: Iterable[TaskId]) -> Sequence[RestoredTask]:
        """Those of these tasks that are over, as far as they are known: they are restored. Asked when
        an archived task is needed: a new task depends on it, it is to be retried, its value is
        wanted, it is needed for a value that was lost. What was told but is not durable yet counts
        too, unless no such task can have been archived (`Runtime.archive` is for tasks whose end is
        durable)."""


class Batch:
    """Tasks that ended together and are not visible yet."""

    __slots__ = ("durable", "over")

    def __init__(self) -> None:
        self.over: list[tuple[Record, TaskState]] = []
        self.durable = False


class Keeper:
    """Between a host and its journal. Called with the turn taken, if not said otherwise."""

    def __init__(
        self, journal: Journal, ledger: Ledger, feed: Feed, news: Callable[[], None]
    ) -> None:
        """:param news: take a turn: `release` has something to do."""
        self.journal = journal
        self._ledger = ledger
        self._feed = feed
        self._news = news
        self._batches: deque[Batch] = deque()
        ledger.keeper = self
        self._batch = Batch()  # of what is being noted
        self._reopened: dict[TaskId, None] = {}
        self._forgotten: list[TaskId] = []
        self.ready = False
        """Whether there may be something to release; set on any thread."""

    def ended(self, record: Record, state: TaskState) -> None:
        """Called by the ledger instead of making it known."""
        record.unheard = self._batch
        self._batch.over.append((record, state))

    def reopened(self, record: Record) -> None:
        """Called by the ledger: it runs again."""
        record.unheard = None
        self._reopened[record.task.id] = None

    def forgotten(self, tasks: Iterable[TaskId]) -> None:
        """Called by the ledger, and of archived tasks by the host."""
        self._forgotten.extend(tasks)

    def publish(self, changes: Sequence[Change], scheduler: Scheduler) -> None:
        """The ledger has noted these changes: tell the journal, and watchers when they may know."""
        if self._reopened:
            again, self._reopened = tuple(self._reopened), {}
            self.journal.reopened(again)
        batch = self._batch
        if batch.over:
            self._batch = Batch()
            ended = [
                record.remains(scheduler.ended(record.task.id))
                for record, _ in batch.over
                if record.unheard is batch and record.task.id in scheduler
            ]
            if ended:
                self.journal.over(ended)
            self._batches.append(batch)
            self._feed.hold()
        if self._forgotten:
            gone, self._forgotten = self._forgotten, []
            self.journal.forgotten(gone)
        self._feed.publish(changes)
        if batch.over:
            self.journal.after(lambda: self._durable(batch))

    def _durable(self, batch: Batch) -> None:
        """Any thread."""
        batch.durable = True
        self.ready = True
        self._news()

    def release(self) -> None:
        """Make known what has become durable."""
        self.ready = False
        batches = self._batches
        while batches and batches[0].durable:
            batch = batches.popleft()
            for record, state in batch.over:
                if record.unheard is batch:  # else it runs again already
                    record.unheard = None
                    self._ledger.make_known(record, state)
            self._feed.release()
