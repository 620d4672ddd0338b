"""Tasks of kind "thread" run where their objects are: in the kernel that submitted them.

To the host this is a pool of worker threads. Each attempt that a slot gets goes over the stream of the
client that keeps its objects, whichever slot it is; the client answers in the words of a
worker. While that client is not connected its attempts wait, for it may come back; then they fail.
"""

from __future__ import annotations

import itertools
import json
import logging
import threading
import time
from collections.abc import Callable, Iterable

from ..core.model import VALUE, TaskError, TaskId, WorkerId, WorkerKind
from ..exceptions import UsageError
from ..local import wire
from ..local.host import Host
from ..local.records import Record
from ..local.running import Assignment
from ..local.slots import Slot
from ..rpc.events import error_from
from ..rpc.generated import stream_pb2
from .sending import Outbox

log = logging.getLogger(__name__)

COME_BACK = 10.0
"""Seconds that a client which was lost has to come back before its attempts fail."""

_Place = tuple[WorkerId, int]


class KernelSlot(Slot):
    """Stands for a thread in some client."""

    kind = WorkerKind.THREAD
    __slots__ = ()

    def __init__(self, id: WorkerId) -> None:
        super().__init__(id)
        self.ready = True


class _Running:
    """An attempt that a slot was given."""

    __slots__ = ("assignment", "deadline", "outbox", "slot")

    def __init__(self, slot: Slot, assignment: Assignment) -> None:
        self.slot = slot
        self.assignment = assignment
        self.outbox: Outbox | None = None
        self.deadline = 0.0


class KernelWorkers:
    """A `local.slots.Pool`. Its methods are called within the host's turn, up to `abandon`; the others by any
    thread."""

    def __init__(self, host: Host, epoch: str) -> None:
        self._host = host
        self._epoch = epoch
        self.slots: dict[WorkerId, Slot] = {}
        self._serials = itertools.count(1)
        self._lock = threading.Lock()  # nothing of the host's is called with it
        self._keepers: dict[TaskId, Outbox] = {}
        self._running: dict[_Place, _Running] = {}

    # -- as the host sees it ----------------------------------------------------------------------

    def resize(self, count: int) -> None:
        staying = [slot for slot in self.slots.values() if not slot.draining]
        staying.sort(key=lambda slot: bool(slot.runs), reverse=True)
        self._host.crew.drain(staying[count:])
        for _ in range(count - len(staying)):
            slot = KernelSlot(f"t{next(self._serials)}")
            self.slots[slot.id] = slot
            self._host.crew.on_ready(slot, self)

    def run(self, slot: Slot, number: int, assignment: Assignment, record: Record) -> None:
        running = _Running(slot, assignment)
        with self._lock:
            self._running[slot.id, number] = running
            self._hand_over((slot.id, number), running)

    def _hand_over(self, place: _Place, running: _Running) -> None:
        """With the lock: to its client, or let it wait for one."""
        keeper = self._keepers.get(running.assignment.task)
        if keeper is None:
            running.outbox = None
            running.deadline = time.monotonic() + COME_BACK
        else:
            running.outbox = keeper
            keeper.order(_order(place, run=_message(running.assignment)))

    def flush(self) -> None:
        """Nothing is gathered."""

    def steal(self, slot: Slot, number: int) -> None:
        if not self._ask((slot.id, number), "steal"):
            self._host.deliver(slot, (wire.STOLEN, number, True))

    def cancel(self, slot: Slot, number: int) -> None:
        if not self._ask((slot.id, number), "cancel"):
            self._host.deliver(slot, (wire.ABANDONED, number))

    def _ask(self, place: _Place, what: str) -> bool:
        """False: no client has it, so it does not run and will not."""
        with self._lock:
            running = self._running.get(place)
            if running is None:
                return True  # its end is on its way
            if running.outbox is None:
                del self._running[place]
                return False
            running.outbox.order(_order(place, **{what: True}))
            return True

    def dismiss(self, slot: Slot) -> None:
        self.slots.pop(slot.id, None)

    def check(self, now: float) -> None:
        """Give up what has waited for its client long enough."""
        with self._lock:
            late = [
                (place, running)
                for place, running in self._running.items()
                if running.outbox is None and now >= running.deadline
            ]
            for place, _ in late:
                del self._running[place]
        for (_, number), running in late:
            error = TaskError(
                "exception",
                "ObjectUnavailable",
                f"{running.assignment.name!r} shares objects with the kernel that submitted it, and that is "
                "gone: run its cell again",
                retryable=False,
            )
            self._host.deliver(running.slot, (wire.FAILED, number, tuple(error), None))

    def next_check(self) -> float | None:
        with self._lock:
            waiting = [each.deadline for each in self._running.values() if each.outbox is None]
        return min(waiting, default=None)

    def close(self) -> None:
        with self._lock:
            self._running.clear()

    def abandon(self) -> None:
        """Nothing of it is in a forked child."""

    # -- as clients see it ------------------------------------------------------------------------

    def keep(self, tasks: Iterable[TaskId], client: Outbox) -> None:
        """This client keeps the objects of these tasks; those that wait for it are handed over."""
        with self._lock:
            kept = dict.fromkeys(tasks, client)
            self._keepers.update(kept)
            for place, running in self._running.items():
                if running.outbox is None and running.assignment.task in kept:
                    self._hand_over(place, running)

    def gone(self, client: Outbox) -> None:
        """The client is not connected any more."""
        deadline = time.monotonic() + COME_BACK
        with self._lock:
            for task in [task for task, keeper in self._keepers.items() if keeper is client]:
                del self._keepers[task]
            for running in self._running.values():
                if running.outbox is client:
                    running.outbox, running.deadline = None, deadline

    def news(self, message: stream_pb2.WorkerNews) -> None:
        """What a client says of a run. :raises UsageError: it makes no sense."""
        if message.epoch != self._epoch:
            return  # of a run that another runtime ordered
        kind = message.WhichOneof("news") or ""
        read = _READ.get(kind)
        if read is None:
            raise UsageError(f"news that this runtime does not know: {kind}")
        place = (message.worker, message.number)
        said = read(message)
        ends = kind not in ("printed", "progress") and not (kind == "stolen" and not message.stolen)
        with self._lock:
            running = self._running.pop(place, None) if ends else self._running.get(place)
        if running is not None:
            self._host.deliver(running.slot, said)


def _order(place: _Place, **what: object) -> stream_pb2.WorkerOrder:
    worker, number = place
    return stream_pb2.WorkerOrder(worker=worker, number=number, **what)  # type: ignore[arg-type]


def _message(assignment: Assignment) -> stream_pb2.Assignment:
    message = stream_pb2.Assignment(
        task=assignment.task,
        attempt=assignment.attempt,
        name=assignment.name,
        outputs=assignment.outputs,
    )
    for task, output, digest, data in assignment.inputs:
        message.refs.add(task=task, output=output)
        message.inputs.add(digest=digest, data=data)
    return message


# -- from a client's words to a worker's ------------------------------------------------------------


def _done(message: stream_pb2.WorkerNews) -> wire.Message:
    made = tuple(
        [
            (
                each.name or VALUE,
                each.digest,
                each.size,
                each.data if each.HasField("data") else None,
            )
            for each in message.done.outputs
        ]
    )
    changed = "its arguments" if message.done.changed else ""
    return (wire.DONE, message.number, made, message.done.seconds, changed)


def _failed(message: stream_pb2.WorkerNews) -> wire.Message:
    exception = message.failed.exception if message.failed.HasField("exception") else None
    return (wire.FAILED, message.number, tuple(error_from(message.failed.error)), exception)


def _lost(message: stream_pb2.WorkerNews) -> wire.Message:
    return (wire.LOST, message.number, message.lost.digest, message.lost.why)


def _abandoned(message: stream_pb2.WorkerNews) -> wire.Message:
    return (wire.ABANDONED, message.number)


def _stolen(message: stream_pb2.WorkerNews) -> wire.Message:
    return (wire.STOLEN, message.number, message.stolen)


def _printed(message: stream_pb2.WorkerNews) -> wire.Message:
    try:
        frames = tuple([(f.kind, json.loads(f.data), f.at) for f in message.printed.frames])
    except ValueError as error:
        raise UsageError(f"output that is no JSON: {error}") from error
    return (wire.FRAMES, message.number, frames)


def _progress(message: stream_pb2.WorkerNews) -> wire.Message:
    told = message.progress
    return (wire.PROGRESS, message.number, told.done, told.total, told.message, told.at)


_READ: dict[str, Callable[[stream_pb2.WorkerNews], wire.Message]] = {
    "done": _done,
    "failed": _failed,
    "lost": _lost,
    "abandoned": _abandoned,
    "stolen": _stolen,
    "printed": _printed,
    "progress": _progress,
}
