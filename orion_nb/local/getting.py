"""Waiting for tasks, and turning ObjectRefs into values or errors."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from ..core.events import ObjectLost, ObjectWanted
from ..core.model import Digest, ObjectRef, Output, TaskId, TaskState
from ..exceptions import (
    CorruptBlob,
    ObjectUnavailable,
    OrionBug,
    OrionError,
    RuntimeClosed,
    UnknownDependency,
    UsageError,
)
from ..store import codec
from . import errors
from .calls import as_ref
from .host import Host
from .records import Record

RETRY_LOST = 3
"""How often a lost value is made again before `get` gives up."""

ALL_COMPLETED = "ALL_COMPLETED"
FIRST_COMPLETED = "FIRST_COMPLETED"
FIRST_EXCEPTION = "FIRST_EXCEPTION"
"""The same words as in `concurrent.futures`."""


class Getter:
    """What `Runtime.get` and `Runtime.wait` do; any thread."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def record(self, task: ObjectRef | TaskId) -> Record:
        """:raises UnknownDependency: not known, or forgotten."""
        id = task.task if isinstance(task, ObjectRef) else task
        record = self._host.records.get(id) or self._host.revive(id)
        if record is None:
            raise UnknownDependency(f"this runtime does not know task {id!r} (or has forgotten it)")
        return record

    def one(self, ref: ObjectRef, timeout: float | None) -> Any:
        record = self._host.records.get(ref.task)
        if record is not None and record.state is TaskState.DONE:
            return self._value(ref, record, None)  # the quick way
        return self.all((ref,), timeout)[0]

    def all(self, refs: Sequence[ObjectRef], timeout: float | None) -> list[Any]:
        end = None if timeout is None else time.monotonic() + timeout
        records = [self.record(ref) for ref in refs]
        # A failure of any is raised at once: the others would be waited for in vain.
        self._wait(records, end, stops=_failed)
        for record in records:
            if record.state is not None and record.state is not TaskState.DONE:
                raise self.error(record)
        return [self._value(ref, record, end) for ref, record in zip(refs, records, strict=True)]

    def wait(
        self, refs: Iterable[ObjectRef], timeout: float | None, return_when: str
    ) -> tuple[list[ObjectRef], list[ObjectRef]]:
        self._check_outside()
        if return_when not in (ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION):
            raise UsageError(
                f"return_when is {ALL_COMPLETED!r}, {FIRST_COMPLETED!r} or {FIRST_EXCEPTION!r}"
            )
        pairs = [(as_ref(ref), self.record(ref)) for ref in refs]
        records = [record for _, record in pairs]
        self._host.waiters.wait(
            records,
            timeout,
            enough=1 if return_when == FIRST_COMPLETED and records else None,
            stops=_failed if return_when == FIRST_EXCEPTION else None,
        )
        over = [ref for ref, record in pairs if record.state is not None]
        return over, [ref for ref, record in pairs if record.state is None]

    def error(self, record: Record) -> OrionError:
        """What to raise for a task that has ended without a result."""
        error = record.error
        if error is None:
            raise OrionBug(f"task {record.task.id!r} is {record.state} without an error")
        id = record.task.id
        try:
            story = self._host.read(lambda machine: machine.story(id))
        except KeyError:  # just forgotten; the error remains
            story = ()
        return errors.rebuild(error, record.exception, task=id, name=record.task.name, story=story)

    def _value(self, ref: ObjectRef, record: Record, end: float | None) -> Any:
        return codec.decode(self._buffer(ref, record, end)[1])

    def locate(
        self, ref: ObjectRef, lost: Digest | None, timeout: float | None
    ) -> tuple[Output, bytes | None]:
        """Where the value of a finished task is: its digest, and its bytes unless it is in the
        store. Nothing is decoded.

        :param lost: a digest that the caller could not read: if it cannot be read here either, the
            value is made again first. :raises TimeoutError: which is not over within `timeout` seconds.
        :raises ObjectUnavailable: the task is not done, or its value is lost for good.
        :raises TaskFailed: (and its kinds) the value was lost, and making it again failed.
        """
        end = None if timeout is None else time.monotonic() + timeout
        record = self.record(ref)
        if lost is not None:
            self._wait([record], end)  # it may be at it already
        if record.state is not TaskState.DONE:
            if lost is not None and record.state is not None:
                raise self.error(record)
            raise ObjectUnavailable(f"the value of {ref.id} is not there")
        output = self._output(ref, record)
        if output.digest == lost:
            output, _ = self._buffer(ref, record, end)
        return output, record.inline.get(output.digest)

    def _output(self, ref: ObjectRef, record: Record) -> Output:
        output = record.outputs.get(ref.output)
        if output is None:
            raise UsageError(
                f"task {record.task.name!r} has no output {ref.output!r}, only "
                f"{', '.join(record.outputs)}"
            )
        return output

    def _buffer(self, ref: ObjectRef, record: Record, end: float | None) -> tuple[Output, Any]:
        """The encoded value; made again if it is lost."""
        for _ in range(RETRY_LOST):
            output = self._output(ref, record)
            data: Any = record.inline.get(output.digest)
            try:
                if data is None:
                    data = self._host.desk.blobs.open(output.digest).buffer
                return output, data
            except (ObjectUnavailable, CorruptBlob) as error:
                if self._host.closed:
                    raise ObjectUnavailable(
                        f"the value of {ref.id} went with its runtime: large results of tasks that "
                        "are not cached are deleted at shutdown; get them before"
                    ) from error
                now = time.monotonic()
                self._host.bring(ObjectLost(now, ref, str(error)), ObjectWanted(now, ref))
                # Another one, if it was archived meanwhile and has come back.
                record = self._host.records.get(ref.task) or record
            self._wait([record], end)
            if record.state is not TaskState.DONE:
                raise self.error(record)
        raise ObjectUnavailable(
            f"the value of {ref.id} was made again {RETRY_LOST} times and lost each time"
        )

    def _wait(
        self,
        records: Sequence[Record],
        end: float | None,
        stops: Callable[[Record], bool] | None = None,
    ) -> None:
        """:raises TimeoutError: :raises RuntimeClosed: shut down meanwhile."""
        if all(record.state is not None for record in records):
            return
        self._check_outside()
        timeout = None if end is None else max(0.0, end - time.monotonic())
        if not self._host.waiters.wait(records, timeout, stops=stops):
            late = [record.task.id for record in records if record.state is None]
            raise TimeoutError(f"{len(late)} task(s) were not done in time: {', '.join(late[:5])}")
        stopped = stops is not None and any(r.state is not None and stops(r) for r in records)
        if not stopped and any(record.state is None for record in records):
            raise self._host.broken or RuntimeClosed("the runtime was shut down while waiting")

    def _check_outside(self) -> None:
        if self._host.loop.inside():
            raise UsageError(
                "a callback of the runtime may not wait for a task: nothing would go on meanwhile"
            )


def _failed(record: Record) -> bool:
    return record.state is not TaskState.DONE
