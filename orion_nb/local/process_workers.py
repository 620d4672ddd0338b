"""Worker processes, host side: starting, talking, noticing their end, replacing them."""

from __future__ import annotations

import contextlib
import itertools
import logging
import signal
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ..core.model import WorkerId, WorkerKind
from ..exceptions import OrionError
from . import wire
from .calls import Surroundings
from .errors import death
from .launch import Launcher, WorkerProcess
from .records import Record
from .running import Assignment
from .slots import Slot

log = logging.getLogger(__name__)

GRACE = 5.0
"""Seconds between the interrupt of a cancelled run and the end of its worker."""
EXIT_NEWS = 1.0
"""Seconds to wait for the exit status of a worker whose connection has closed."""
MAX_START_FAILURES = 3
"""Workers in a row that end before they are ready; after that no more are started."""

_SIGKILL = getattr(signal, "SIGKILL", signal.SIGTERM)


class ProcessSlot(Slot):
    """A worker process."""

    kind = WorkerKind.PROCESS
    __slots__ = (
        "cancelling",
        "closed_at",
        "inbox",
        "launcher",
        "outbox",
        "process",
        "reader",
        "surroundings",
        "unsent",
    )

    def __init__(self, id: WorkerId, process: WorkerProcess, launcher: Launcher) -> None:
        super().__init__(id)
        self.process = process
        self.launcher = launcher  # that started it; may be gone
        self.reader = wire.FrameReader()
        self.inbox: deque[wire.Message] = deque()  # read, and waiting for the host's turn
        self.outbox: list[wire.Message] = []  # since the last flush
        self.unsent = b""  # did not fit into the socket
        self.surroundings: Surroundings | None = None  # that it knows
        self.cancelling: dict[int, float] = {}  # run → when its worker is killed for it
        self.closed_at: float | None = None  # when its connection closed

    @property
    def pid(self) -> int:
        return self.process.pid


class Events(Protocol):
    """What the pool tells the host."""

    def on_ready(self, slot: Slot) -> None: ...

    def on_message(self, slot: Slot, message: wire.Message) -> None: ...

    def on_lost(self, slot: Slot, why: str) -> None: ...

    def on_broken(self, error: OrionError) -> None:
        """No worker can be started."""

    def watch(self, slot: ProcessSlot, write: bool) -> None:
        """(Re-)register the slot's task socket with the loop."""

    def unwatch(self, slot: ProcessSlot) -> None: ...

    def check_soon(self) -> None: ...


class ProcessWorkers:
    """The pool. All methods but `read` are called by whoever has the host's turn."""

    def __init__(
        self,
        launcher: Callable[[], Launcher],
        events: Events,
        store_at: tuple[str, int | None, float],
    ) -> None:
        self._make_launcher = launcher
        self.launcher: Launcher | None = None
        self._events = events
        self._store_at = store_at
        self._serials = itertools.count(1)
        self.slots: dict[WorkerId, Slot] = {}
        self._processes: dict[int, WorkerProcess] = {}
        self._by_serial: dict[int, ProcessSlot] = {}
        self._dirty: dict[ProcessSlot, None] = {}
        self._count = 0
        self._start_failures = 0
        self._closing = False
        self._reading = threading.Lock()  # nobody closes a socket that is just being read

    # -- how many ---------------------------------------------------------------------------

    def resize(self, count: int) -> None:
        self._count = count
        self.refill()

    def refill(self) -> None:
        """Start what is missing."""
        missing = self._count - sum(1 for slot in self.slots.values() if not slot.draining)
        for _ in range(missing):
            if self._closing or self._start_failures >= MAX_START_FAILURES:
                return
            try:
                if self.launcher is None:
                    self.launcher = self._make_launcher()
                serial = next(self._serials)
                process = self.launcher.start(serial)
            except OSError as error:
                self._events.on_broken(OrionError(f"no worker process can be started: {error}"))
                return
            process.task.setblocking(False)
            slot = ProcessSlot(f"p{serial}", process, self.launcher)
            self.slots[slot.id] = slot
            self._processes[serial] = process
            self._by_serial[serial] = slot
            self._events.watch(slot, False)

    def dismiss(self, slot: Slot) -> None:
        assert isinstance(slot, ProcessSlot)
        self._drop(slot)  # its sockets close, and it ends

    def _drop(self, slot: ProcessSlot) -> None:
        self._events.unwatch(slot)
        with self._reading:
            slot.process.close()
        self.slots.pop(slot.id, None)
        self._processes.pop(slot.process.serial, None)
        self._by_serial.pop(slot.process.serial, None)
        self._dirty.pop(slot, None)

    def close(self) -> None:
        self._closing = True
        for slot in list(self._by_serial.values()):
            self._drop(slot)
        self.close_launcher()

    def close_launcher(self) -> None:
        if self.launcher is not None:
            self.launcher.close()
            self.launcher = None

    def abandon(self) -> None:
        """In a forked child: its copies of the sockets would keep the connections open."""
        for slot in self._by_serial.values():
            slot.process.close()
        notices = self.launcher.notices() if self.launcher is not None else None
        if notices is not None:
            notices.close()

    # -- sending ----------------------------------------------------------------------------

    def run(self, slot: Slot, number: int, assignment: Assignment, record: Record) -> None:
        assert isinstance(slot, ProcessSlot)
        outbox = slot.outbox
        if slot.surroundings is not record.surroundings:
            slot.surroundings = now = record.surroundings
            outbox.append(
                (wire.SETUP, now.directory, now.path, dict(now.environment), self._store_at)
            )
        outbox.append((wire.RUN, number, *assignment))
        self._dirty[slot] = None

    def flush(self) -> None:
        if self._dirty:
            for slot in self._dirty:
                self._send(slot)
            self._dirty.clear()

    def _send(self, slot: ProcessSlot) -> None:
        if slot.outbox:
            data = wire.pack(slot.outbox)
            slot.outbox.clear()
            if slot.unsent:
                slot.unsent += data
                return
        else:
            data = slot.unsent
        try:
            sent = slot.process.task.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            return  # it died; the loop will notice
        rest = data[sent:]
        if bool(rest) != bool(slot.unsent):
            self._events.watch(slot, bool(rest))
        slot.unsent = rest

    def on_writable(self, slot: ProcessSlot) -> None:
        if slot.unsent:
            self._send(slot)

    def steal(self, slot: Slot, number: int) -> None:
        self._control(slot, (wire.STEAL, number))

    def cancel(self, slot: Slot, number: int) -> None:
        assert isinstance(slot, ProcessSlot)
        slot.cancelling[number] = time.monotonic() + GRACE
        self._control(slot, (wire.CANCEL, number))

    def _control(self, slot: Slot, message: wire.Message) -> None:
        assert isinstance(slot, ProcessSlot)
        with contextlib.suppress(OSError):  # it died; the loop will notice
            wire.send_all(slot.process.control, [message])

    # -- receiving --------------------------------------------------------------------------

    def read(self, slot: ProcessSlot) -> bool:
        """Take what the worker has said into its inbox. Whether there is anything to `work_off`.

        Without the turn: the thread that has it may be just the one that waits for this, and
        then works it off by itself, without another switch between threads.
        """
        try:
            with self._reading:
                data = slot.process.task.recv(wire.RECEIVE)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if data:
            slot.inbox.extend(slot.reader.feed(data))
        else:
            self._events.unwatch(slot)
            slot.inbox.append((wire.GONE,))
        return bool(slot.inbox)

    def work_off(self, slot: ProcessSlot) -> None:
        """Everything in the worker's inbox becomes facts, in order."""
        inbox, on_message = slot.inbox, self._events.on_message
        while inbox:
            message = inbox.popleft()
            if message[0] == wire.READY:
                if slot.id in self.slots:  # not dismissed meanwhile
                    slot.process.pid = message[1]
                    slot.ready = True
                    self._start_failures = 0
                    self._events.on_ready(slot)
            elif message[0] == wire.GONE:
                slot.closed_at = time.monotonic()
                self._events.check_soon()
            else:
                on_message(slot, message)

    def check(self, now: float) -> None:
        """Look after workers that ended, or that would not stop. Called about once a second,
        and when the launcher has news."""
        ended: list[WorkerProcess] = []
        if self.launcher is not None:
            try:
                ended = self.launcher.collect(self._processes)
            except ConnectionError as error:
                log.warning("%s; the next worker gets a new one", error)
                self.close_launcher()
        for process in ended:
            slot = self._by_serial.get(process.serial)
            if slot is not None:
                self._read_the_rest(slot)
                self._lose(slot)
        for slot in list(self._by_serial.values()):
            if slot.closed_at is not None and (
                slot.launcher is not self.launcher or now - slot.closed_at > EXIT_NEWS
            ):
                self.kill(slot)
                self._lose(slot)
                continue
            for number, deadline in list(slot.cancelling.items()):
                if number not in slot.runs:
                    del slot.cancelling[number]
                elif now >= deadline:
                    self.kill(slot)

    def next_check(self) -> float | None:
        """When `check` wants to be called at the latest; None: when there is news."""
        times = [
            deadline for slot in self._by_serial.values() for deadline in slot.cancelling.values()
        ]
        if any(slot.closed_at is not None for slot in self._by_serial.values()):
            times.append(time.monotonic() + 0.05)  # not every launcher brings news by itself
        return min(times, default=None)

    def kill(self, slot: ProcessSlot) -> None:
        """End the worker and its child programs."""
        slot.launcher.kill(slot.process, _SIGKILL)

    def _read_the_rest(self, slot: ProcessSlot) -> None:
        """What it said before it ended still counts."""
        self.work_off(slot)
        while slot.closed_at is None and self.read(slot):
            self.work_off(slot)

    def _lose(self, slot: ProcessSlot) -> None:
        why = death(slot.process.exit_status)
        self._drop(slot)
        if not slot.ready:
            self._start_failures += 1
            if self._start_failures >= MAX_START_FAILURES:
                self._events.on_broken(
                    OrionError(f"worker processes end before they are ready ({why})")
                )
        self._events.on_lost(slot, why)
        self.refill()
