"""What one connection is to be told, as messages made when they can be sent.

Until then only ids and numbers wait: of tasks that are over, of orders that are done, of the place in
the feed. What a client does not take costs nothing but that.
"""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import TypeAlias

from ..core.model import VALUE, TaskId, TaskState
from ..exceptions import UnknownDependency
from ..local.runtime import Runtime
from ..rpc.events import write_item
from ..rpc.generated import stream_pb2, tasks_pb2
from ..rpc.limits import FULL, PUSHED, WINDOW
from ..rpc.tables import STATE, TableWriter
from .catching_up import Snapshot
from .ring import Follower, Item, Ring

TrySend: TypeAlias = Callable[[stream_pb2.FromRuntime], bool]

CROWD = 32
"""Tasks of this client under way from which on its news are gathered …"""
PAUSE = 0.005
"""… for so many seconds before each message: otherwise each result would be a message of its own, and
sending it would cost more than computing it."""
PATIENT = 0.1
"""Seconds after which an acknowledgement is sent that nobody waits for."""
LOOK_AT = 5_000
"""Items of the feed looked at per message."""

_NOTHING = object()


class Outbox(Follower):
    """Of one connection. `messages` is for one thread, everything else for any."""

    def __init__(
        self,
        runtime: Runtime,
        ring: Ring,
        epoch: str,
        session: str,
        all_tasks: Callable[[str | None], Iterable[TaskId]],
        try_send: TrySend | None = None,
    ) -> None:
        """:param all_tasks: of a session, or of all, whether in memory or only in the log.
        :param try_send: sends a message if that is possible without waiting."""
        self._try_send = try_send
        self._telling = threading.Lock()  # of making messages, and of their order
        self._all_tasks = all_tasks
        self._runtime = runtime
        self._ring = ring
        self._epoch = epoch
        self._session = session
        self._bell: queue.SimpleQueue[object] = queue.SimpleQueue()
        self._rung = False
        self._urgent = False
        self._greeted = False
        self._unsent: stream_pb2.FromRuntime | None = None
        self._closed = False
        self._farewell = ""
        self._over: deque[TaskId] = deque()
        self._acks: deque[stream_pb2.Ack] = deque()
        self._orders: deque[stream_pb2.WorkerOrder] = deque()
        self._underway = 0
        self._watching = False
        self._scope: str | None = session
        self._position = 0  # in the ring
        self._resume_at = 0  # where a client that leaves now has to go on
        self._sent = 0  # items of the feed
        self._seen = 0
        self._snapshot: Snapshot | None = None
        self._told: Snapshot | None = None  # what the ring may tell once more
        self._told_until = 0
        self._answered = True  # the client knows where it is in the feed
        self._lock = threading.Lock()  # of what the feed is to tell

    # -- what there is to tell ------------------------------------------------------------------

    def ring_bell(self) -> None:
        """There is something new. It is told by this very thread if that costs no waiting and more is
        not about to come, else by the one that runs `messages`."""
        if self._rung:
            return
        if (
            self._try_send is not None
            and self._underway <= CROWD
            and self._greeted
            and self._telling.acquire(blocking=False)
        ):
            try:
                if self._tell_now(self._try_send):
                    return
            finally:
                self._telling.release()
        self._rung = True
        self._bell.put(_NOTHING)

    def _tell_now(self, try_send: TrySend) -> bool:
        """Whether all is told, or can wait."""
        unsent, self._unsent = self._unsent, None
        while not self._closed:
            if unsent is None:
                if self._can_wait():
                    return False
                unsent = self._next()
                if unsent is None:
                    return True
            if not try_send(unsent):
                self._unsent = unsent
                return False
            unsent = None
        return False

    def close(self, farewell: str = "") -> None:
        """Nothing more is told, but why the runtime ends, if that is the reason."""
        self._farewell = farewell
        self._closed = True
        self._bell.put(_NOTHING)
        self.unwatch()
        self._ring.unfollow(self)

    def expect(self, count: int) -> None:
        """So many tasks of this client's are under way from now on."""
        self._underway += count

    def over(self, task: TaskId) -> None:
        self._over.append(task)
        self.ring_bell()

    def acknowledge(self, ack: stream_pb2.Ack, patient: bool = False) -> None:
        """:param patient: with the next news, or soon: a message of its own would cost as much as a
        short task."""
        self._acks.append(ack)
        if not patient or ack.HasField("error"):
            self._urgent = True
        self.ring_bell()

    def order(self, order: stream_pb2.WorkerOrder) -> None:
        self._orders.append(order)
        self.ring_bell()

    def watch(self, watch: stream_pb2.Watch) -> None:
        with self._lock:
            if not self._watching:
                self._watching = True
                self._ring.wake(self.ring_bell)
            self._scope = None if watch.everything else self._session
            self._snapshot = self._told = None
            self._answered = False
            newest = self._ring.position
            if not watch.epoch:
                self._position = self._resume_at = newest
            elif watch.epoch == self._epoch and watch.seq <= newest:
                self._position = self._resume_at = watch.seq
            else:  # of another life of this runtime: all of it is news
                self._resume_at = 0
                self._catch_up([(task, True, True) for task in self._all_tasks(self._scope)])
        self.ring_bell()

    def _catch_up(self, tasks: Iterable[tuple[TaskId, bool, bool]]) -> None:
        self._position = self._ring.position
        self._snapshot = self._told = Snapshot(self._runtime, self._ring, tasks, self._told)

    def unwatch(self) -> None:
        with self._lock:
            self._watching = False
            self._ring.forget_wake(self.ring_bell)
            self._snapshot = self._told = None

    def seen(self, items: int) -> None:
        """So many, since the connection was made."""
        self._seen = max(self._seen, items)
        self.ring_bell()

    # -- telling it -----------------------------------------------------------------------------

    def messages(self, welcome: stream_pb2.Welcome) -> Iterator[stream_pb2.FromRuntime]:
        """Until `close`."""
        yield stream_pb2.FromRuntime(welcome=welcome)
        self._greeted = True
        while not self._closed:
            self._bell.get()
            self._rung = False
            if self._can_wait():
                with suppress(queue.Empty):
                    self._bell.get(timeout=PATIENT)
                self._rung = False
            self._urgent = False
            while not self._closed:
                with self._telling:
                    message, self._unsent = self._unsent or self._next(), None
                    if message is None:
                        break
                    yield message
                if self._underway > CROWD:
                    time.sleep(PAUSE)
        if self._farewell:
            yield stream_pb2.FromRuntime(farewell=self._farewell)

    def _can_wait(self) -> bool:
        """There are only acknowledgements, and nobody waits for them."""
        return bool(
            self._acks
            and not (self._urgent or self._over or self._orders or self._watching or self._closed)
        )

    def _next(self) -> stream_pb2.FromRuntime | None:
        message = stream_pb2.FromRuntime()
        room = FULL
        acks = len(
            self._acks
        )  # before the ends: what was over before an order is not told after it
        while self._over and room > 0:
            room -= self._write_end(self._over.popleft(), message)
        if not self._over:
            for _ in range(acks):
                message.acks.append(self._acks.popleft())
        while self._orders and room > 0:
            order = self._orders.popleft()
            room -= order.ByteSize()
            message.orders.append(order)
        fed = room > 0 and self._write_feed(message, room)
        if fed or message.ended or message.acks or message.orders:
            return message
        return None

    def _write_end(self, task: TaskId, message: stream_pb2.FromRuntime) -> int:
        """:return: bytes, about."""
        self._underway = max(0, self._underway - 1)
        try:
            record = self._runtime.record(task)
        except UnknownDependency:
            message.ended.add(task=task, state=tasks_pb2.STATE_NONE)
            return 40
        state = record.state
        if state is None:
            message.ended.add(task=task, state=tasks_pb2.WAITING)
            return 40
        ended = message.ended.add(task=task, state=STATE[state])
        size = 40
        if state is TaskState.DONE:
            for name, (digest, length) in record.outputs.items():
                output = ended.outputs.add(size=length)
                if name != VALUE:
                    output.name = name
                data = record.inline.get(digest) if length <= PUSHED else None
                if data is None:
                    output.digest = digest
                else:
                    output.data = data
                    size += length
                size += 80
        return size

    def _write_feed(self, message: stream_pb2.FromRuntime, room: int) -> bool:
        with self._lock:
            if not self._watching or self._sent - self._seen >= WINDOW:
                return False
            if self._snapshot is not None:
                gap = self._snapshot.first
                items = self._snapshot.take(room)
                if self._snapshot.exhausted:
                    self._snapshot = None
                    self._told_until = self._ring.position
                    self._resume_at = self._position
            else:
                gap = False
                items = self._read_on(room)
            if not (items or gap) and self._answered:
                return False
            self._answered = True
            seq = self._resume_at
        self._sent += len(items)
        tables = TableWriter()
        feed = message.feed
        feed.epoch = self._epoch
        feed.seq = seq
        feed.gap = gap
        for item, session in items:
            into = feed.items.add()
            write_item(item, into, tables)
            if session != self._session:
                into.foreign = True
        feed.tables.CopyFrom(tables.tables)
        return True

    def _read_on(self, room: int) -> list[tuple[Item, str]]:
        read = self._ring.read(self._position, self._scope, LOOK_AT, room)
        if read.gap:
            self._catch_up(self._ring.newer(self._position, self._scope))
            self.ring_bell()
            return []
        self._position = self._resume_at = read.position
        if read.position < self._ring.position:
            self.ring_bell()
        items = read.items
        told = self._told
        if told is not None:
            items = [pair for pair in items if told.is_news(pair[0])]
            if self._position >= self._told_until:
                self._told = None
        return items
