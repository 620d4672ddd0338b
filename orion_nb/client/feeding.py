"""The feed of a connection, handed to callbacks: on one thread, in order, each item once."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any

from orion_nb.exceptions import OrionError
from orion_nb.rpc.events import item_from
from orion_nb.rpc.generated import stream_pb2
from orion_nb.rpc.tables import TableReader

from .session import FeedCallback

log = logging.getLogger(__name__)


class Watch:
    """One callback's subscription."""

    def __init__(self, feeding: Feeding, callback: FeedCallback, everything: bool) -> None:
        self._feeding = feeding
        self.callback = callback
        self.everything = everything

    def close(self) -> None:
        """No call begins after this returns, except one that is under way."""
        self._feeding.remove(self)

    def __enter__(self) -> Watch:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Feeding:
    """Of one session.

    :param tell: sends an order that has no meaning on another connection.
    """

    def __init__(self, tell: Callable[[stream_pb2.ToRuntime], None]) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._watches: tuple[Watch, ...] = ()
        self._inbox: queue.SimpleQueue[tuple[int, stream_pb2.Feed] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._connection = 0
        self._dealt = 0  # items, on this connection
        self._epoch = ""
        self._seq = 0

    def add(self, callback: FeedCallback, everything: bool) -> Watch:
        watch = Watch(self, callback, everything)
        with self._lock:
            first = not self._watches
            wider = everything and not any(each.everything for each in self._watches)
            self._watches += (watch,)
            if first:
                self._epoch = ""  # from now on
            if first or wider:
                self._tell(stream_pb2.ToRuntime(watch=self._wanted()))
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="orion-publisher", daemon=True
                )
                self._thread.start()
        return watch

    def remove(self, watch: Watch) -> None:
        with self._lock:
            left = tuple(each for each in self._watches if each is not watch)
            if left == self._watches:
                return
            self._watches = left
            if not left:
                self._tell(stream_pb2.ToRuntime(unwatch=stream_pb2.Unwatch()))

    def close(self) -> None:
        """No more calls."""
        with self._lock:
            self._watches = ()
            self._inbox.put(None)
            self._thread = None

    def resumed(self) -> stream_pb2.Watch | None:
        """There is a new connection: what to ask of it first."""
        with self._lock:
            self._connection += 1
            self._dealt = 0
            return self._wanted() if self._watches else None

    def _wanted(self) -> stream_pb2.Watch:
        everything = any(watch.everything for watch in self._watches)
        return stream_pb2.Watch(epoch=self._epoch, seq=self._seq, everything=everything)

    def hear(self, feed: stream_pb2.Feed) -> None:
        """From the connection; returns at once."""
        self._inbox.put((self._connection, feed))

    # -- the thread of the callbacks --------------------------------------------------------------

    def _run(self) -> None:
        while True:
            arrived = self._inbox.get()
            if arrived is None:
                return
            connection, feed = arrived
            with self._lock:
                if connection != self._connection:
                    continue  # it will be told again on the new one
                self._epoch, self._seq = feed.epoch, feed.seq
            try:
                self._deliver(feed)
            except OrionError as error:
                log.error("the runtime said what this version does not understand: %s", error)
            with self._lock:
                if connection == self._connection and feed.items:
                    self._dealt += len(feed.items)
                    seen = stream_pb2.Seen(items=self._dealt)
                    self._tell(stream_pb2.ToRuntime(seen=seen))

    def _deliver(self, feed: stream_pb2.Feed) -> None:
        tables = TableReader(feed.tables)
        every: list[Any] = []
        own: list[Any] = []
        for message in feed.items:
            item = item_from(message, tables)
            if item is not None:
                every.append(item)
                if not message.foreign:
                    own.append(item)
        for watch in self._watches:
            items: Sequence[Any] = every if watch.everything else own
            if items:
                try:
                    watch.callback(items)
                except Exception:
                    # A watcher's mistake must not stop the other watchers.
                    log.exception("a subscriber of the feed failed")
