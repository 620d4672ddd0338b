"""Calls become messages: packed here, with the objects at hand, for a runtime that only sees bytes."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from typing import Any, NamedTuple

from orion_nb.core.model import VALUE, Component, KeyRecipe, Output, Task, TaskId
from orion_nb.local.calls import Call, Packed, Surroundings, Watcher, prepare
from orion_nb.local.running import Thunk
from orion_nb.rpc.generated import stream_pb2
from orion_nb.rpc.limits import FULL, PART_TASKS
from orion_nb.rpc.surroundings import surroundings_message
from orion_nb.rpc.tables import TableWriter
from orion_nb.store import INLINE_LIMIT, Encoded

Ready = tuple[Task, Packed]


class Given(NamedTuple):
    """A task that is nothing but a value."""

    task: Task
    output: Output
    data: bytes | None  # None: in the store


def ready(
    calls: Sequence[Call], blobs: Callable[[], Any], new_id: Callable[[str], TaskId]
) -> list[Ready]:
    """:param blobs: gives something to `put` large calls into.

    :raises NotPicklable: names what cannot travel; nothing was sent."""
    return [prepare(call, blobs, new_id) for call in calls]


def given(id: TaskId, name: str, encoded: Encoded, put: Callable[[Encoded], Output]) -> Given:
    """:raises StoreError:"""
    small = encoded.size <= INLINE_LIMIT
    output = encoded.output if small else put(encoded)
    task = Task(
        id,
        name,
        recipe=KeyRecipe((Component("value", name, output.digest),)),
        labels={"kind": "value"},
    )
    return Given(task, output, encoded.to_bytes() if small else None)


class Writer:
    """Of one session; the caller keeps others out."""

    def __init__(self) -> None:
        self._watcher = Watcher()
        self._told: tuple[object, Surroundings] | None = None
        self.written = stream_pb2.Surroundings()
        """The surroundings of the newest graph."""

    def graph(
        self, stream: object, tasks: Sequence[Ready | Given], patient: bool
    ) -> Iterator[stream_pb2.ToRuntime]:
        """The parts of a graph; the last one is to be acknowledged: at once, or (`patient`) soon.

        The first message has the surroundings, unless they are the last ones told on the stream.
        """
        message = self._part()
        room = FULL
        surroundings = self._watcher.now()
        if self._told is None or self._told[1] is not surroundings:
            self.written = surroundings_message(*surroundings)
            self._told = None
        if self._told is None or self._told[0] is not stream:
            self._told = (stream, surroundings)
            message.submit.surroundings.CopyFrom(self.written)
            room -= self.written.ByteSize()
        tables = TableWriter()
        count = 0
        for item in tasks:
            if count >= PART_TASKS or room <= 0:
                message.submit.tables.CopyFrom(tables.tables)
                message.submit.more = True
                yield message
                message, tables, room, count = self._part(), TableWriter(), FULL, 0
            into = message.submit.tasks.add()
            tables.task(item[0], into.task, session=False)
            room -= tables.grown() + _write_code(item, into)
            count += 1
        message.submit.tables.CopyFrom(tables.tables)
        message.submit.patient = patient
        yield message

    @staticmethod
    def _part() -> stream_pb2.ToRuntime:
        message = stream_pb2.ToRuntime()
        message.submit.SetInParent()
        return message


def _write_code(item: Ready | Given, into: stream_pb2.PackedTask) -> int:
    """:return: bytes, about."""
    if isinstance(item, Given):
        into.given.digest = item.output.digest
        into.given.size = item.output.size
        if item.data is None:
            return 200
        into.given.data = item.data
        return 200 + len(item.data)
    packed = item[1]
    if isinstance(packed, bytes):
        into.call = packed
        return 100 + len(packed)
    if isinstance(packed, Thunk):
        into.kept = True
    else:
        into.blob = packed
    return 200


def is_certain(tasks: Sequence[Ready], mine: Container[TaskId]) -> bool:
    """Whether a runtime cannot refuse the graph: it refers to this session's tasks, and to earlier
    ones of its own, by outputs that are there. Then nobody has to wait for the acknowledgement."""
    made: dict[TaskId, tuple[str, ...]] = {}
    for task, _ in tasks:
        for _, ref in task.inputs:
            outputs = made.get(ref.task)
            if outputs is None:
                if ref.task not in mine or ref.output != VALUE:
                    return False
            elif ref.output not in outputs:
                return False
        for dep in task.after:
            if dep not in made and dep not in mine:
                return False
        if task.id in made or task.id in mine:
            return False
        made[task.id] = task.outputs
    return True


__all__ = ["Given", "Ready", "Writer", "given", "is_certain", "ready"]
