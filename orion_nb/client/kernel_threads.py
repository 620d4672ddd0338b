"""Tasks of kind "thread", run in this process for a runtime in another one.

The runtime decides when; here are the objects. Each worker of the runtime's that sends something is a
thread here, and answers as a worker does.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from orion_nb.core.model import VALUE, Progress, TaskError, TaskId
from orion_nb.local import wire
from orion_nb.local.process_workers import GRACE
from orion_nb.local.running import Assignment, Thunk
from orion_nb.local.slots import Slot
from orion_nb.local.thread_workers import ThreadSlot, ThreadWorkers
from orion_nb.rpc.events import error_message, progress_message
from orion_nb.rpc.generated import stream_pb2, tasks_pb2

_Tell = Callable[[stream_pb2.WorkerNews, bool], None]


class KernelThreads:
    """Of one session.

    :param blobs: where large values are put and read. :param tell: sends news to the runtime; with True it
        is repeated until it is acknowledged.
    """

    def __init__(self, blobs: Callable[[], Any], tell: _Tell) -> None:
        self._tell = tell
        self._epoch = ""
        self._kept: dict[TaskId, Thunk] = {}
        self._lock = threading.RLock()  # of the slots and their runs
        self._pool = ThreadWorkers(blobs, self)
        self._fresh: list[Slot] = []
        self._slots: dict[str, ThreadSlot] = {}  # by the runtime's worker
        self._workers: dict[str, str] = {}  # the runtime's worker, by the thread's id
        self._given: dict[tuple[str, int], Assignment] = {}

    # -- what is kept -----------------------------------------------------------------------------

    def keep(self, task: TaskId, thunk: Thunk) -> None:
        self._kept[task] = thunk

    def drop(self, tasks: Iterable[TaskId]) -> None:
        """They will not run any more."""
        for task in tasks:
            self._kept.pop(task, None)

    def thunk(self, task: TaskId) -> Thunk | None:
        return self._kept.get(task)

    def offers(self) -> list[TaskId]:
        return list(self._kept)

    # -- orders -----------------------------------------------------------------------------------

    def meet(self, epoch: str) -> None:
        """There is a connection to this life of the runtime. Another one knows nothing of our runs."""
        with self._lock:
            if epoch == self._epoch:
                return
            self._epoch = epoch
            for worker, number in list(self._given):
                self._pool.cancel(self._slots[worker], number)
            self._given.clear()
            self._slots.clear()
            self._workers.clear()

    def take(self, order: stream_pb2.WorkerOrder) -> None:
        """On the connection's thread; returns at once."""
        with self._lock:
            kind = order.WhichOneof("order")
            place = (order.worker, order.number)
            if kind == "run":
                if place not in self._given:  # else it was repeated, for we had lost each other
                    self._run(order)
            elif place in self._given:
                slot = self._slots[order.worker]
                if kind == "steal":
                    self._pool.steal(slot, order.number)
                elif kind == "cancel":
                    self._pool.cancel(slot, order.number)
                    self._look_after_soon()

    def _run(self, order: stream_pb2.WorkerOrder) -> None:
        told = order.run
        thunk = self._kept.get(told.task)
        if thunk is None:
            message = f"the objects of {told.name!r} are not kept any more: run its cell again"
            error = TaskError("exception", "ObjectUnavailable", message, retryable=False)
            self._send(order.worker, (wire.FAILED, order.number, tuple(error), None))
            return
        inputs = tuple(
            [
                (
                    ref.task,
                    ref.output or VALUE,
                    value.digest,
                    value.data if value.HasField("data") else None,
                )
                for ref, value in zip(told.refs, told.inputs, strict=True)
            ]
        )
        call: Any = thunk
        assignment = Assignment(
            told.task, told.attempt, told.name, call, inputs, tuple(told.outputs)
        )
        self._start(order.worker, order.number, assignment)

    def _start(self, worker: str, number: int, assignment: Assignment) -> None:
        slot = self._slots.get(worker)
        if slot is None:
            slot = self._slots[worker] = self._new_slot()
            self._workers[slot.id] = worker
        self._given[worker, number] = assignment
        slot.runs[number] = (assignment.task, assignment.attempt)
        nothing: Any = None
        self._pool.run(slot, number, assignment, nothing)

    def _new_slot(self) -> ThreadSlot:
        if not self._fresh:
            self._pool.resize(len(self._pool.slots) + 1)
        slot = self._fresh.pop()
        assert isinstance(slot, ThreadSlot)
        return slot

    def _look_after_soon(self) -> None:
        """A thread that does not heed its interrupt is given up."""
        timer = threading.Timer(GRACE + 0.1, self._look_after)
        timer.daemon = True
        timer.start()

    def _look_after(self) -> None:
        with self._lock:
            self._pool.check(time.monotonic())

    def close(self) -> None:
        with self._lock:
            self._pool.close()

    # -- what the pool tells ----------------------------------------------------------------------

    def on_ready(self, slot: Slot) -> None:
        self._fresh.append(slot)

    def on_lost(self, slot: Slot, why: str) -> None:
        """What it did not stop doing counts as abandoned; what waited behind that gets a new thread."""
        assert isinstance(slot, ThreadSlot)
        worker = self._workers.pop(slot.id, None)
        if worker is None:
            return
        del self._slots[worker]
        for number in list(slot.runs):
            assignment = self._given[worker, number]
            if number in slot.cancelling:
                self.deliver(slot, (wire.ABANDONED, number), worker)
            else:
                self._start(worker, number, assignment)

    def deliver(self, slot: Slot, message: wire.Message, worker: str = "") -> None:
        """Any thread."""
        tag, number = message[0], message[1]
        with self._lock:
            worker = worker or self._workers.get(slot.id, "")
            if (worker, number) not in self._given:
                return  # of a runtime that is gone
            if tag in _ENDS or (tag == wire.STOLEN and message[2]):
                del self._given[worker, number]
                slot.runs.pop(number, None)
        self._send(worker, message)

    def _send(self, worker: str, message: wire.Message) -> None:
        news = stream_pb2.WorkerNews(worker=worker, number=message[1], epoch=self._epoch)
        tag = message[0]
        _WRITE[tag](message, news)
        self._tell(news, tag not in (wire.FRAMES, wire.PROGRESS))


_ENDS = frozenset({wire.DONE, wire.FAILED, wire.LOST, wire.ABANDONED})


def _done(message: wire.Message, news: stream_pb2.WorkerNews) -> None:
    _, _, made, seconds, changed = message
    news.done.seconds = seconds
    news.done.changed = bool(changed)
    for name, digest, size, data in made:
        news.done.outputs.add(name=name, digest=digest, size=size, data=data)


def _failed(message: wire.Message, news: stream_pb2.WorkerNews) -> None:
    _, _, error, exception = message
    news.failed.error.CopyFrom(error_message(TaskError(*error)))
    if exception is not None:
        news.failed.exception = exception


def _lost(message: wire.Message, news: stream_pb2.WorkerNews) -> None:
    news.lost.digest, news.lost.why = message[2], message[3]


def _abandoned(message: wire.Message, news: stream_pb2.WorkerNews) -> None:
    news.abandoned = True


def _stolen(message: wire.Message, news: stream_pb2.WorkerNews) -> None:
    news.stolen = message[2]


def _printed(message: wire.Message, news: stream_pb2.WorkerNews) -> None:
    for kind, data, at in message[2]:
        encoded = json.dumps(data, default=str).encode()
        news.printed.frames.append(tasks_pb2.Frame(kind=kind, data=encoded, at=at))


def _progress(message: wire.Message, news: stream_pb2.WorkerNews) -> None:
    _, _, done, total, text, at = message
    news.progress.CopyFrom(progress_message(Progress("", 0, done, total, text, at)))


_WRITE: dict[int, Callable[[wire.Message, stream_pb2.WorkerNews], None]] = {
    wire.DONE: _done,
    wire.FAILED: _failed,
    wire.LOST: _lost,
    wire.ABANDONED: _abandoned,
    wire.STOLEN: _stolen,
    wire.FRAMES: _printed,
    wire.PROGRESS: _progress,
}
