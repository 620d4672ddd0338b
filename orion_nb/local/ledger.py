"""The host's records, kept in step with the machine's changes; and when they are forgotten."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from ..core.commands import Change
from ..core.model import FINAL_STATES, Output, TaskId, TaskState, WorkerKind
from .caching import CacheDesk
from .records import Record
from .refs import Holder
from .transcripts import Transcripts

if TYPE_CHECKING:
    from .journal import Keeper

KEEP_FINISHED = 1_000
"""Finished tasks that nobody holds an ObjectRef of, remembered for `tasks` and `story`."""
BITE = 256
"""Tasks that are forgotten at once."""


class Ledger:
    """All records. Changes are noted by whoever has the host's turn."""

    def __init__(self, desk: CacheDesk, transcripts: Transcripts) -> None:
        self.records: dict[TaskId, Record] = {}
        self.holder = Holder()
        self.over: list[Record] = []
        """Ended since the host last looked; it tells those who wait, and empties the list."""
        self.starters: dict[WorkerKind, Callable[[], None]] = {}
        """Start the workers of a kind; each is called once, when a task first wants one."""
        self.keeper: Keeper | None = None
        """Of a host with a journal."""
        self._desk = desk
        self._transcripts = transcripts
        self._unclaimed: deque[TaskId] = deque()  # finished, and nobody holds a ref

    def note(self, changes: Sequence[Change]) -> None:
        """Bring the records up to date."""
        for change in changes:
            handler = _HANDLERS.get(change[5])  # why
            if handler is not None:
                handler(self, change)

    # -- what the changes mean --------------------------------------------------------------

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
        self._transcripts.accept(record, None if change.why == "hit" else change.attempt)
        self._pin(record, outputs)
        self._finish(record, change.new)

    def _pin(self, record: Record, outputs: Mapping[str, Output]) -> None:
        """Large values stay while their task is known."""
        large = [output.digest for output in outputs.values() if output.digest not in record.inline]
        earlier = record.pinned  # of a result that was lost
        record.pinned = tuple([digest for digest in large if self._desk.pin(digest)])
        for digest in earlier:
            self._desk.unpin(digest)
        if not large:
            record.needs = ()  # what lies in memory is never lost, so nothing will run again

    def let_go(self, record: Record) -> None:
        """Nobody can ask for the record's large values any more. (A journal sees to its own.)"""
        if self.keeper is not None or not record.is_scratch:
            self._unpin(record)
            return
        for digest in record.pinned:
            self._desk.drop(digest)
        record.pinned = ()

    def _unpin(self, record: Record) -> None:
        for digest in record.pinned:
            self._desk.unpin(digest)
        record.pinned = ()

    def _on_ended_badly(self, change: Change) -> None:
        record = self.records[change.task]
        error = change.detail.get("error")
        if error is not None:
            record.error = error
        self._finish(record, change.new)

    def _finish(self, record: Record, state: TaskState) -> None:
        if self.keeper is None:
            self.make_known(record, state)
        else:
            self.keeper.ended(record, state)

    def make_known(self, record: Record, state: TaskState) -> None:
        """It is over, for all to see."""
        record.state = state
        self.over.append(record)
        if not record.keep and record.held is None:
            self._unclaimed.append(record.task.id)

    def _on_reopened(self, change: Change) -> None:
        record = self.records[change.task]
        if change.new not in FINAL_STATES:
            record.state = None
            record.error = None
            record.exception = None
            if self.keeper is not None:
                self.keeper.reopened(record)

    def _on_forgotten(self, change: Change) -> None:
        record = self.records.pop(change.task, None)
        if record is not None:
            self.let_go(record)
        if self.keeper is not None:
            self.keeper.forgotten((change.task,))

    def _on_archived(self, change: Change) -> None:
        record = self.records.pop(change.task, None)
        if record is not None:
            self._unpin(record)

    def restored(self, record: Record) -> None:
        """A task that was over before is known again."""
        self.records[record.task.id] = record
        self._pin(record, record.outputs)

    # -- forgetting -------------------------------------------------------------------------

    def superfluous(self) -> tuple[Sequence[TaskId], bool]:
        """Finished tasks to forget now, because their ObjectRefs are gone: the oldest, a bite of
        them; and whether there are more. Those that hold a file which nobody can ask for again
        are forgotten at once."""
        dropped, records, unclaimed = self.holder.dropped, self.records, self._unclaimed
        gone: list[TaskId] = []
        for _ in range(min(len(dropped), BITE)):
            record = records.get(dropped.popleft())
            if record is None:
                continue
            record.held = None
            if not record.keep and record.state is not None:
                (gone if record.pinned and record.is_scratch else unclaimed).append(record.task.id)
        surplus = len(unclaimed) - KEEP_FINISHED
        if surplus > BITE:
            oldest = [unclaimed.popleft() for _ in range(BITE)]
            gone += [task for task in oldest if task in records]
        return gone, len(dropped) >= BITE or surplus > 2 * BITE

    def nobody_cares(self, record: Record) -> bool:
        """Nobody can ask for it any more."""
        held = record.held
        return not (record.keep or record.awaited) and (held is None or held() is None)


_HANDLERS: dict[str, Callable[[Ledger, Change], None]] = {
    "queued": Ledger._on_queued,
    "missed": Ledger._on_queued,
    "finished": Ledger._on_done,
    "hit": Ledger._on_done,
    "failed": Ledger._on_ended_badly,
    "wait-timed-out": Ledger._on_ended_badly,
    "upstream-failed": Ledger._on_ended_badly,
    "lost-for-good": Ledger._on_ended_badly,
    "cancelled": Ledger._on_ended_badly,
    "retried": Ledger._on_reopened,
    "recompute": Ledger._on_reopened,
    "input-changed": Ledger._on_reopened,
    "forgotten": Ledger._on_forgotten,
    "archived": Ledger._on_archived,
}
"""By `Change.why`. Other changes concern no record."""
