"""Worker threads in this process: for what cannot travel (connections, huge models in memory).

Arguments are the submitter's own objects; results of other tasks and the task's own result are
copies, as everywhere. An argument that the task changed in place is found by its
digest before and after, and named: others see the change too, and the result is not cached.
"""

from __future__ import annotations

import contextlib
import itertools
import queue
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from ..core.model import ObjectRef, WorkerId, WorkerKind
from ..exceptions import OrionError
from ..store import CasStore, codec
from . import context, thread_output, wire
from .interrupting import TaskInterrupt, clear_interrupt, interrupt_thread
from .outgoing import PROGRESS_EVERY
from .process_workers import GRACE
from .records import Record
from .running import Assignment, Thunk, encode_outputs, no_result, read, timed_call
from .slots import Slot

_UNSHARED = (int, float, complex, str, bytes, bool, type(None), ObjectRef)


class Events(Protocol):
    """What the pool tells the host; the first two from any thread, outside the turn."""

    def deliver(self, slot: Slot, message: wire.Message) -> None: ...

    def on_ready(self, slot: Slot) -> None: ...

    def on_lost(self, slot: Slot, why: str) -> None: ...


class ThreadSlot(Slot):
    """A worker thread."""

    kind = WorkerKind.THREAD
    __slots__ = ("begun", "cancelling", "ident", "lock", "queue", "revoked", "running", "stopped")

    def __init__(self, id: WorkerId) -> None:
        super().__init__(id)
        self.queue: queue.SimpleQueue[tuple[int, Assignment] | None] = queue.SimpleQueue()
        self.lock = threading.Lock()  # for what follows
        self.begun = 0
        self.running = 0
        self.revoked: set[int] = set()
        self.cancelling: dict[int, float] = {}  # run → when its thread is given up
        self.ident = 0
        self.stopped = False  # given up: whatever it still says is ignored


class ThreadWorkers:
    """The pool."""

    def __init__(self, blobs: Callable[[], CasStore], events: Events) -> None:
        self._blobs = blobs
        self._events = events
        self._serials = itertools.count(1)
        self.slots: dict[WorkerId, Slot] = {}
        self._count = 0
        self._installed = False

    def resize(self, count: int) -> None:
        self._count = count
        if not self._installed and count:
            thread_output.install()
            self._installed = True
        for _ in range(count - sum(1 for slot in self.slots.values() if not slot.draining)):
            slot = ThreadSlot(f"t{next(self._serials)}")
            self.slots[slot.id] = slot
            threading.Thread(
                target=self._serve, args=(slot,), name=f"orion-{slot.id}", daemon=True
            ).start()
            slot.ready = True
            self._events.on_ready(slot)

    def run(self, slot: Slot, number: int, assignment: Assignment, record: Record) -> None:
        assert isinstance(slot, ThreadSlot)
        slot.queue.put((number, assignment))

    def flush(self) -> None:
        """Nothing is gathered."""

    def steal(self, slot: Slot, number: int) -> None:
        assert isinstance(slot, ThreadSlot)
        with slot.lock:
            released = number > slot.begun and number not in slot.revoked
            if released:
                slot.revoked.add(number)
        self._events.deliver(slot, (wire.STOLEN, number, released))

    def cancel(self, slot: Slot, number: int) -> None:
        assert isinstance(slot, ThreadSlot)
        with slot.lock:
            if number == slot.running:
                slot.cancelling[number] = time.monotonic() + GRACE
                interrupt_thread(slot.ident)
                return
            if number > slot.begun:
                slot.revoked.add(number)
        self._events.deliver(slot, (wire.ABANDONED, number))

    def dismiss(self, slot: Slot) -> None:
        assert isinstance(slot, ThreadSlot)
        self.slots.pop(slot.id, None)
        slot.queue.put(None)

    def check(self, now: float) -> None:
        """Give up threads that would not stop: they cannot be killed, but they can be replaced."""
        for slot in list(self.slots.values()):
            assert isinstance(slot, ThreadSlot)
            for number, deadline in list(slot.cancelling.items()):
                if number not in slot.runs:
                    del slot.cancelling[number]
                elif now >= deadline:
                    slot.stopped = True
                    self.slots.pop(slot.id, None)
                    slot.queue.put(None)
                    self._events.on_lost(slot, "a task in its thread cannot be interrupted")
                    self.resize(self._count)
                    break

    def next_check(self) -> float | None:
        """When `check` wants to be called at the latest."""
        return min(
            (when for slot in self.slots.values() for when in slot.cancelling.values()),  # type: ignore[attr-defined]
            default=None,
        )

    def close(self) -> None:
        for slot in list(self.slots.values()):
            assert isinstance(slot, ThreadSlot)
            slot.stopped = True
            self.dismiss(slot)
            with slot.lock:
                if slot.running:
                    interrupt_thread(slot.ident)
        if self._installed:
            thread_output.remove()
            self._installed = False

    def abandon(self) -> None:
        """A forked child has no worker threads."""

    # -- in the worker thread -----------------------------------------------------------------

    def _serve(self, slot: ThreadSlot) -> None:
        slot.ident = threading.get_ident()
        while True:
            try:
                item = slot.queue.get()
                if item is None:
                    return
                number, assignment = item
                with slot.lock:
                    slot.begun = number
                    if number in slot.revoked:
                        slot.revoked.discard(number)
                        continue
                    slot.running = number
                answer = self._attempt(slot, number, assignment)
                with slot.lock:
                    slot.running = 0
                    clear_interrupt(slot.ident)
            except TaskInterrupt:  # it came after the task's own code
                with slot.lock:
                    slot.running = 0
                answer = (wire.ABANDONED, number)
            if not slot.stopped:
                self._events.deliver(slot, answer)

    def _attempt(self, slot: ThreadSlot, number: int, assignment: Assignment) -> wire.Message:
        def say(*message: Any) -> None:
            if not slot.stopped:
                self._events.deliver(slot, message)

        thread_output.ensure()
        last_progress = 0.0

        def report(done: float, total: float, message: str) -> None:
            nonlocal last_progress
            now = time.time()
            if now - last_progress >= PROGRESS_EVERY or done >= total:
                last_progress = now
                say(wire.PROGRESS, number, done, total, message, now)

        context.enter_thread(
            context.TaskContext(
                assignment.task,
                assignment.attempt,
                assignment.name,
                lambda kind, data: say(wire.FRAMES, number, ((kind, dict(data), time.time()),)),
                report,
                lambda: number in slot.cancelling,
            )
        )
        try:
            return self._call(number, assignment, say)
        except BaseException as error:  # noqa: BLE001  (whatever it is, it is the task's outcome)
            if number in slot.cancelling:
                return (wire.ABANDONED, number)
            return no_result(number, error)
        finally:
            context.enter_thread(None)

    def _call(self, number: int, assignment: Assignment, say: Callable[..., None]) -> wire.Message:
        thunk: Any = assignment.call
        assert isinstance(thunk, Thunk)
        known = {(task, name): (digest, data) for task, name, digest, data in assignment.inputs}

        def resolve(ref: ObjectRef) -> Any:
            digest, data = known[ref.task, ref.output]
            return codec.decode(data if data is not None else read(self._blobs(), digest))

        before = _fingerprints(thunk)
        value, seconds = timed_call(thunk.resolved(resolve))
        made = encode_outputs(value, assignment.outputs, self._blobs)
        changed = [
            name
            for name, digest in _fingerprints(thunk).items()
            if before.get(name, digest) != digest
        ]
        if changed:
            text = (
                f"orion: {assignment.name} changed its argument {', '.join(changed)} in place. "
                "Tasks in threads share their arguments with whoever submitted them; the result is "
                "not cached. Work on a copy, or return the changed value.\n"
            )
            say(wire.FRAMES, number, (("stream", {"name": "stderr", "text": text}, time.time()),))
        return (wire.DONE, number, made, seconds, ", ".join(changed))


def _fingerprints(thunk: Thunk) -> Mapping[str, str]:
    """Digests of the arguments that could be changed; without those that cannot be encoded."""
    named: dict[str, Any] = dict(zip(_parameters(thunk), thunk.args, strict=False))
    named.update(thunk.kwargs)
    prints = {}
    for name, value in named.items():
        if type(value) not in _UNSHARED:
            with contextlib.suppress(OrionError):
                prints[name] = codec.encode(value).digest
    return prints


def _parameters(thunk: Thunk) -> list[str]:
    code = getattr(thunk.fn, "__code__", None)
    names = list(code.co_varnames[: code.co_argcount]) if code is not None else []
    return names + [f"number {index + 1}" for index in range(len(names), len(thunk.args))]
