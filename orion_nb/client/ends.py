"""What a session knows of its tasks: which are over, how, with small results at hand; who waits."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from orion_nb.core.model import VALUE, Digest, Output, TaskId, TaskState
from orion_nb.rpc.generated import stream_pb2, tasks_pb2
from orion_nb.rpc.tables import STATES

KEEP = 16 << 20
"""Bytes of small results that are kept here; older ones are fetched when they are asked for."""


class Place(NamedTuple):
    """Where one output is."""

    name: str
    output: Output | None  # None: ask
    data: bytes | None


class End(NamedTuple):
    """How a task ended, as far as it was told."""

    state: TaskState | None
    """None: the runtime does not know the task."""
    places: tuple[Place, ...] = ()
    error: Exception | None = None
    """Raised to whoever asks: it was refused, or its runtime is gone for good."""


UNKNOWN = End(None)
_STALE = End(None)
"""It may run again: ask."""
_DONE = End(TaskState.DONE)
_ENDS = {state: End(state) for state in TaskState if state.final}

Known = bytes | End | None
"""Of a task in the table: None while it is under way; bytes: done, and this is its only output."""


class Ends:
    """Any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tasks: dict[TaskId, Known] = {}
        self._waiting: dict[TaskId, list[threading.Lock]] = {}
        self._kept: deque[TaskId] = deque()
        self._bytes = 0

    def __contains__(self, task: object) -> bool:
        return task in self._tasks

    def expect(self, tasks: Iterable[TaskId]) -> None:
        """They are under way."""
        with self._lock:
            self._tasks.update(dict.fromkeys(tasks))

    def drop(self, tasks: Iterable[TaskId]) -> None:
        """They are not asked for again."""
        with self._lock:
            for task in tasks:
                self._tasks.pop(task, None)

    def doubt_failures(self) -> None:
        """Some were retried: what is known of them may be wrong."""
        with self._lock:
            for task, known in self._tasks.items():
                if isinstance(known, End) and known.state is not TaskState.DONE:
                    self._tasks[task] = _STALE

    def under_way(self) -> list[TaskId]:
        """Those whose end is not known."""
        with self._lock:
            return [task for task, known in self._tasks.items() if known is None]

    def fail(self, tasks: Iterable[TaskId], error: Exception) -> None:
        """Those of them that are under way will never be heard of."""
        with self._lock:
            for task in tasks:
                if self._tasks.get(task, _DONE) is None:
                    self._set(task, End(None, (), error))

    def hear(self, messages: Iterable[stream_pb2.Ended]) -> None:
        """What the runtime tells."""
        with self._lock:
            for message in messages:
                task = message.task
                if task not in self._tasks:
                    continue  # forgotten here meanwhile
                if message.state == tasks_pb2.WAITING:
                    self._tasks[task] = None  # it runs again
                else:
                    self._set(task, self._known(message))

    def _known(self, message: stream_pb2.Ended) -> Known:
        state = STATES.get(message.state)
        if state is not TaskState.DONE:
            return _ENDS.get(state, UNKNOWN) if state is not None else UNKNOWN
        outputs = message.outputs
        if len(outputs) == 1 and not outputs[0].name and outputs[0].HasField("data"):
            data: bytes = outputs[0].data
            self._keep(message.task, len(data))
            return data
        places = []
        size = 0
        for result in outputs:
            small = result.data if result.HasField("data") else None
            size += len(small) if small is not None else 0
            where = Output(result.digest, result.size) if result.digest else None
            places.append(Place(result.name or VALUE, where, small))
        if size:
            self._keep(message.task, size)
        return End(TaskState.DONE, tuple(places))

    def _keep(self, task: TaskId, size: int) -> None:
        self._kept.append(task)
        self._bytes += size
        while self._bytes > KEEP:
            oldest = self._kept.popleft()
            known = self._tasks.get(oldest)
            if isinstance(known, bytes):
                self._bytes -= len(known)
                self._tasks[oldest] = _DONE
            elif isinstance(known, End):
                self._bytes -= sum(len(place.data or b"") for place in known.places)
                self._tasks[oldest] = _DONE
            elif not self._kept:
                self._bytes = 0  # those were dropped

    def _set(self, task: TaskId, known: Known) -> None:
        self._tasks[task] = known
        for bolt in self._waiting.pop(task, ()):
            bolt.release()

    def get(self, task: TaskId) -> Known:
        """None: under way. :raises KeyError: nothing is known for sure."""
        known = self._tasks[task]
        if known is _STALE:
            raise KeyError(task)
        return known

    def wait(self, task: TaskId, timeout: float | None, meanwhile: Callable[[], None]) -> Any:
        """Its end (`bytes` or `End`).

        :param meanwhile: called now and then; what it raises ends the waiting.
        :raises TimeoutError: :raises KeyError: nothing is known for sure (any more).
        """
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._lock:
                known = self.get(task)
                if known is not None:
                    return known
                # A bare lock, held until it is over: an Event costs several times as much.
                bolt = threading.Lock()
                bolt.acquire()
                self._waiting.setdefault(task, []).append(bolt)
            left = 0.5 if end is None else min(0.5, end - time.monotonic())
            try:
                if left <= 0 or not bolt.acquire(timeout=left):
                    if end is not None and time.monotonic() >= end:
                        raise TimeoutError(f"task {task} was not done in time")
                    meanwhile()
            finally:
                self._leave(task, bolt)

    def _leave(self, task: TaskId, bolt: threading.Lock) -> None:
        with self._lock:
            bolts = self._waiting.get(task)
            if bolts is not None and bolt in bolts:
                bolts.remove(bolt)
                if not bolts:
                    del self._waiting[task]


def place_of(end: End, output: str) -> Place | None:
    """Where an output of a finished task is, as far as it was told."""
    return next((place for place in end.places if place.name == output), None)


def digest_of(place: Place | None) -> Digest | None:
    return place.output.digest if place is not None and place.output is not None else None
