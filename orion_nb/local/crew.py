"""All workers of a host, of whatever kind: who has which run, and what they report.

Messages of workers become facts for the machine. A run that has ended once is not heard of
again, whoever was first: its result, its abandonment, or the death of its worker.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

from ..core.events import (
    Abandoned,
    Event,
    Failed,
    Finished,
    ObjectLost,
    Started,
    StealConfirmed,
    WorkerDraining,
    WorkerJoined,
    WorkerLost,
)
from ..core.model import Output, Progress, TaskError, TaskId, WorkerId
from ..core.views import WorkerLoad
from . import wire
from .records import Record
from .running import Assignment
from .slots import ANNOUNCE_AFTER, Pool, Run, Slot, WorkerInfo
from .transcripts import Transcripts

_new_tuple = tuple.__new__  # past NamedTuple's constructor, on the way that every task takes


class Crew:
    """Called by whoever has the host's turn."""

    def __init__(
        self,
        records: Mapping[TaskId, Record],
        transcripts: Transcripts,
        tell: Callable[[Event], None],
    ) -> None:
        self.pools: list[Pool] = []
        self.busy = 0
        """Runs that workers have."""
        self.capacity = 0
        """Workers that are ready."""
        self._slots: dict[WorkerId, tuple[Pool, Slot]] = {}
        self._records = records
        self._transcripts = transcripts
        self._tell = tell

    # -- orders -------------------------------------------------------------------------------

    def run(
        self, worker: WorkerId, task: TaskId, attempt: int, assignment: Assignment, record: Record
    ) -> None:
        """Give a worker an attempt. If it is lost meanwhile, that fact is on its way."""
        found = self._slots.get(worker)
        if found is not None:
            pool, slot = found
            self.busy += 1
            pool.run(slot, slot.add((task, attempt), time.monotonic()), assignment, record)

    def cancel(self, worker: WorkerId, run: Run) -> None:
        """If the run is over, the fact that says so is on its way."""
        found = self._find(worker, run)
        if found is not None:
            pool, slot, number = found
            pool.cancel(slot, number)

    def steal(self, worker: WorkerId, run: Run) -> None:
        """As `cancel`, but only if it has not begun."""
        found = self._find(worker, run)
        if found is not None:
            pool, slot, number = found
            pool.steal(slot, number)

    def _find(self, worker: WorkerId, run: Run) -> tuple[Pool, Slot, int] | None:
        found = self._slots.get(worker)
        number = found[1].number_of(run) if found is not None else None
        return (*found, number) if found is not None and number is not None else None

    def flush(self) -> None:
        for pool in self.pools:
            pool.flush()

    def drain(self, slots: Iterable[Slot]) -> None:
        """No more work for these; they are dismissed when they have none."""
        for slot in slots:
            slot.draining = True
            self._tell(WorkerDraining(time.monotonic(), slot.id))

    # -- looking after them -------------------------------------------------------------------

    def check(self, now: float) -> float | None:
        """Workers that ended, that would not stop, that are not needed. When to look again."""
        times = []
        for pool in self.pools:
            pool.check(now)
            at = pool.next_check()
            if at is not None:
                times.append(at)
        for pool, slot in tuple(self._slots.values()):
            if slot.draining and not slot.runs:
                pool.dismiss(slot)
                self.on_lost(slot, "dismissed")
        return min(times, default=None)

    def announce(self, now: float) -> float:
        """Say what has been running for a moment. Seconds until there may be more to say."""
        again = ANNOUNCE_AFTER
        for _, slot in tuple(self._slots.values()):
            number = slot.unannounced()
            if number:
                wait = slot.head_since + ANNOUNCE_AFTER - now
                if wait <= 0:
                    slot.announced = number
                    task, attempt = slot.runs[number]
                    self._tell(Started(now, task, attempt, slot.id))
                else:
                    again = min(again, wait)
        return again

    def report(self, load: Mapping[WorkerId, WorkerLoad]) -> list[WorkerInfo]:
        """The workers, also those that are just being started; oldest first."""
        found = []
        for pool in self.pools:
            for slot in tuple(pool.slots.values()):
                held = load.get(slot.id)
                running, queued = (held.running, held.queued) if held is not None else ((), ())
                found.append(
                    WorkerInfo(slot.id, slot.kind.value, slot.pid, running, queued, slot.draining)
                )
        return found

    # -- facts --------------------------------------------------------------------------------

    def on_ready(self, slot: Slot, pool: Pool) -> None:
        self._slots[slot.id] = (pool, slot)
        self.capacity += 1
        self._tell(WorkerJoined(time.monotonic(), slot.id, slot.kind))

    def on_lost(self, slot: Slot, why: str) -> None:
        if self._slots.pop(slot.id, None) is not None:
            self.capacity -= 1
            self.busy -= len(slot.runs)
            slot.runs.clear()
            self._tell(WorkerLost(time.monotonic(), slot.id, why))

    def on_message(self, slot: Slot, message: wire.Message) -> None:
        """From a worker process, or in the same words from a worker thread."""
        tag = message[0]
        if tag == wire.NEWS:
            message[1]()
            return
        number = message[1]
        if tag in _NOT_THE_END:
            run = slot.runs.get(number)
            if run is not None:
                _NOT_THE_END[tag](self, slot, run, message)
            return
        now = time.monotonic()
        run = slot.remove(number, now)
        if run is None:
            return
        self.busy -= 1
        if tag == wire.DONE:
            self._on_done(slot, run, message, now)
        else:
            _NO_RESULT[tag](self, slot, run, message)

    def _on_done(self, slot: Slot, run: Run, message: wire.Message, now: float) -> None:
        _, _, made, seconds, changed = message
        task, attempt = run
        record = self._records.get(task)
        if record is None:
            return  # forgotten: it was cancelled, and ended by itself after that
        outputs = {}
        for name, digest, size, inline in made:
            outputs[name] = _new_tuple(Output, (digest, size))
            if inline is not None:
                record.inline[digest] = inline
        if changed:
            record.mutated = True
        self._tell(_new_tuple(Finished, (now, task, attempt, slot.id, outputs, seconds)))

    def _on_abandoned(self, slot: Slot, run: Run, message: wire.Message) -> None:
        self._tell(Abandoned(time.monotonic(), *run, slot.id))

    def _on_failed(self, slot: Slot, run: Run, message: wire.Message) -> None:
        _, _, error, exception = message
        record = self._records.get(run[0])
        if record is not None:
            record.exception = exception
        self._tell(Failed(time.monotonic(), *run, slot.id, TaskError(*error)))

    def _on_input_lost(self, slot: Slot, run: Run, message: wire.Message) -> None:
        _, _, digest, why = message
        now = time.monotonic()
        record = self._records.get(run[0])
        for _, ref in record.task.inputs if record is not None else ():
            upstream = self._records.get(ref.task)
            output = upstream.outputs.get(ref.output) if upstream is not None else None
            if output is not None and output.digest == digest:
                self._tell(ObjectLost(now, ref, why))
        error = TaskError("lost-object", "", f"an input is gone: {why}")
        self._tell(Failed(now, *run, slot.id, error))

    def _on_stolen(self, slot: Slot, run: Run, message: wire.Message) -> None:
        _, number, released = message
        if released:
            del slot.runs[number]
            self.busy -= 1
        self._tell(StealConfirmed(time.monotonic(), *run, slot.id, released))

    def _on_frames(self, slot: Slot, run: Run, message: wire.Message) -> None:
        record = self._records.get(run[0])
        if record is not None:
            self._transcripts.add(record, run[1], message[2])

    def _on_progress(self, slot: Slot, run: Run, message: wire.Message) -> None:
        record = self._records.get(run[0])
        if record is not None:
            self._transcripts.progress(record, Progress(*run, *message[2:]))


_Handler = Callable[[Crew, Slot, Run, wire.Message], None]

_NOT_THE_END: dict[int, _Handler] = {
    wire.FRAMES: Crew._on_frames,
    wire.PROGRESS: Crew._on_progress,
    wire.STOLEN: Crew._on_stolen,
}
_NO_RESULT: dict[int, _Handler] = {
    wire.ABANDONED: Crew._on_abandoned,
    wire.FAILED: Crew._on_failed,
    wire.LOST: Crew._on_input_lost,
}
