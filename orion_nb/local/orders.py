"""Performs the machine's orders: what each command does on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from ..core.commands import (
    AbandonTask,
    Command,
    DeadLetter,
    ProbeCache,
    RecordResult,
    ReleaseObjects,
    RunTask,
    StartTimer,
    StealTask,
)
from ..core.events import CacheAnswered, Event, Failed, TimerFired
from ..core.model import Digest, Output, TaskError
from . import wire
from .records import Record
from .running import Assignment

if TYPE_CHECKING:
    from .host import Host

TICKING = 0.5
"""Seconds after an attempt was sent during which the loop looks often who has started. Waking it
for every attempt would cost a short task more than its run."""

_new_tuple = tuple.__new__  # past NamedTuple's constructor, on the way that every task takes


class Orders:
    """Called by whoever has the host's turn."""

    def __init__(self, host: Host, tell: Callable[[Event], None]) -> None:
        """:param tell: takes a fact; the machine hears of it later in this turn."""
        self._tell = tell
        self._bring = host.bring
        self._records = host.records
        self._transcripts = host.transcripts
        self._desk = host.desk
        self._crew = host.crew
        self._loop = host.loop
        self.tick_until = 0.0
        """Until then the loop looks often who has started."""

    def perform(self, commands: Sequence[Command]) -> None:
        """All of them, in order; only the cache's answers may come later."""
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
        record = self._records[task_id]
        now = time.monotonic()
        if not clone:
            self._transcripts.show(record, attempt)
        if record.given is not None:
            message = f"the value {record.task.name!r} is gone from the store: put it there again"
            error = TaskError("exception", "ObjectUnavailable", message, retryable=False)
            self._tell(Failed(now, task_id, attempt, worker, error))
            return
        if now > self.tick_until - TICKING / 2:
            if now > self.tick_until:
                self._loop.wake()
            self.tick_until = now + TICKING
        values: tuple[tuple[str, str, Digest, bytes | None], ...] = ()
        if inputs:
            values = tuple([self._input(record, name, output) for name, output in inputs])
        task = record.task
        call: Any = record.call
        assignment = _new_tuple(
            Assignment, (task_id, attempt, task.name, call, values, task.outputs)
        )
        self._crew.run(worker, task_id, attempt, assignment, record)

    def _input(
        self, record: Record, name: str, output: Output
    ) -> tuple[str, str, Digest, bytes | None]:
        ref = record.binding(name)
        upstream = self._records.get(ref.task)
        data = upstream.inline.get(output.digest) if upstream is not None else None
        return ref.task, ref.output, output.digest, data

    def _abandon(self, command: AbandonTask) -> None:
        self._crew.cancel(command.worker, (command.task, command.attempt))

    def _steal(self, command: StealTask) -> None:
        self._crew.steal(command.worker, (command.task, command.attempt))

    def _start_timer(self, command: StartTimer) -> None:
        timer = command.timer
        self._loop.call_at(
            time.monotonic() + command.delay,
            lambda: self._bring(TimerFired(time.monotonic(), timer)),
        )

    def _probe(self, commands: Sequence[ProbeCache]) -> None:
        asked: list[ProbeCache] = []
        for command in commands:
            record = self._records[command.task]
            if record.hit is not None:
                result, record.hit = record.hit, None  # should it be asked again, the cache is
            elif record.given is not None:
                result = self._desk.given(command.key, record.given)
            else:
                asked.append(command)
                continue
            self._tell(CacheAnswered(time.monotonic(), command.task, result))
        if asked:
            self._desk.probe(asked, self._records, self._answered)

    def _answered(
        self, command: ProbeCache, answer: CacheAnswered, frames: Sequence[wire.RawFrame]
    ) -> None:
        """The desk's answer; on this thread, or later on the desk's own."""
        record = self._records.get(command.task)
        if frames and record is not None:
            self._transcripts.show_cached(record, frames)
        self._tell(answer)

    def _record_result(self, command: RecordResult) -> None:
        record = self._records.get(command.task)
        if record is not None and not record.mutated:
            self._desk.record(command, record, self._input_digests(record))

    def _input_digests(self, record: Record) -> list[tuple[str, Digest]]:
        """What the inputs of a task are now, as far as they are known."""
        digests = []
        for binding, ref in record.task.inputs:
            upstream = self._records.get(ref.task)
            output = upstream.outputs.get(ref.output) if upstream is not None else None
            if output is not None:
                digests.append((binding, output.digest))
        return digests

    def _dead_letter(self, command: DeadLetter) -> None:
        record = self._records.get(command.task)
        if record is not None:
            record.error = command.error

    def _release(self, command: ReleaseObjects) -> None:
        """Values go with their records, when the change says that those are forgotten."""


_PERFORM: dict[type, Callable[[Orders, Any], None]] = {
    AbandonTask: Orders._abandon,
    StealTask: Orders._steal,
    StartTimer: Orders._start_timer,
    RecordResult: Orders._record_result,
    DeadLetter: Orders._dead_letter,
    ReleaseObjects: Orders._release,
}
