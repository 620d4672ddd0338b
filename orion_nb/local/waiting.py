"""Threads that wait for tasks: nothing is made for a task until somebody waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from .records import Record

_LONGEST = threading.TIMEOUT_MAX


class Waiter:
    """Hears of each of its tasks once, when it is over."""

    __slots__ = ()

    def hear(self, record: Record) -> None:
        """Called by the host, holding its lock of waiters: be short, take no other lock."""
        raise NotImplementedError


class Gate(Waiter):
    """Opens when so many of its tasks are over, or at the first that `stops` says so of."""

    __slots__ = ("_bolt", "_left", "_opened", "_stops")

    def __init__(self, count: int, stops: Callable[[Record], bool] | None = None) -> None:
        self._left = count
        self._stops = stops
        self._opened = False
        # A bare lock, held until the gate opens: an Event costs several times as much.
        self._bolt = threading.Lock()
        self._bolt.acquire()

    def hear(self, record: Record) -> None:
        self._left -= 1
        if self._left <= 0 or (self._stops is not None and self._stops(record)):
            self.open()

    def wait(self, timeout: float | None) -> bool:
        """Called by one thread, once. False: the time was up."""
        return self._bolt.acquire(timeout=-1 if timeout is None else min(timeout, _LONGEST))

    def open(self) -> None:
        """Called with the waiters' lock held."""
        if not self._opened:
            self._opened = True
            self._bolt.release()


class OnceOver(Waiter):
    """Calls a function when the task is over (after the host's lock is released)."""

    __slots__ = ("call",)

    def __init__(self, call: Callable[[Record], None]) -> None:
        self.call = call


class Waiters:
    """The host's side."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._gates: set[Gate] = set()
        self._closed = False
        self._somebody = threading.Event()
        self._sleeping = False

    @property
    def blocked(self) -> bool:
        """Whether any thread waits."""
        return bool(self._gates)

    def sleep(self, seconds: float) -> None:
        """Do nothing for a while, but not while somebody waits."""
        self._somebody.clear()
        self._sleeping = True
        if not self._gates:
            self._somebody.wait(seconds)
        self._sleeping = False

    def over(self, record: Record) -> Sequence[OnceOver]:
        """Tell those who wait for the record; gives callbacks for the host to call later."""
        with self._lock:
            waiters, record.waiters = record.waiters, None
        callbacks = []
        for waiter in waiters or ():
            if isinstance(waiter, OnceOver):
                callbacks.append(waiter)
            else:
                waiter.hear(record)
        return callbacks

    def wait(
        self,
        records: Sequence[Record],
        timeout: float | None,
        *,
        enough: int | None = None,
        stops: Callable[[Record], bool] | None = None,
    ) -> bool:
        """Wait until `enough` of the pending records (default: all) are over.

        False: the time was up.
        """
        with self._lock:
            pending = [record for record in records if record.state is None]
            wanted = len(pending) if enough is None else enough - (len(records) - len(pending))
            if wanted <= 0 or self._closed:
                return True
            if stops is not None and any(r.state is not None and stops(r) for r in records):
                return True
            gate = Gate(wanted, stops)
            self._gates.add(gate)
            for record in pending:
                if record.waiters is None:
                    record.waiters = []
                record.waiters.append(gate)
        if self._sleeping:
            self._somebody.set()
        try:
            return gate.wait(timeout)
        finally:
            with self._lock:
                self._gates.discard(gate)
                for record in pending:
                    if record.waiters is not None and gate in record.waiters:
                        record.waiters.remove(gate)

    def call_when_over(self, record: Record, call: Callable[[Record], None]) -> bool:
        """False: it is over already, and nothing will be called."""
        with self._lock:
            if record.state is not None:
                return False
            if record.waiters is None:
                record.waiters = []
            record.waiters.append(OnceOver(call))
            return True

    def close(self) -> None:
        """Nobody waits any more: the runtime is shut down."""
        with self._lock:
            self._closed = True
            for gate in self._gates:
                gate.open()
