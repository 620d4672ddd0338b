"""Tells watchers what happens, in order, without holding up what happens.

One publisher thread serves all subscriptions; it exists only while there are any. Items
are `Change`, `Frame` and `Progress`. When the output shown so far no longer counts (a retry
begins, or a clone's result was accepted), a `Frame` of kind ``reset`` says so and what counts follows.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

from ..core.commands import Change
from ..core.model import Frame, Progress

log = logging.getLogger(__name__)

Item: TypeAlias = Change | Frame | Progress
Callback = Callable[[Sequence[Item]], None]


class Subscription:
    """A running watch."""

    def __init__(self, feed: Feed, callback: Callback) -> None:
        self._feed = feed
        self._callback = callback
        self._waiting: list[Item] = []

    def close(self) -> None:
        """No call begins after this returns, except one that is under way."""
        self._feed._remove(self)

    def __enter__(self) -> Subscription:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


class Feed:
    """All subscriptions of one runtime."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._arrived = threading.Condition(self._lock)
        self._subscriptions: tuple[Subscription, ...] = ()
        self._thread: threading.Thread | None = None
        self._held: deque[list[Item]] = deque()
        self.active = False
        """Whether anybody listens. Look before building items."""

    def publish(self, items: Sequence[Item]) -> None:
        """Called in the order of events, by one thread at a time."""
        if self._held:
            self._held[-1].extend(items)
        else:
            self._deliver(items)

    def _deliver(self, items: Sequence[Item]) -> None:
        with self._lock:
            for subscription in self._subscriptions:
                subscription._waiting.extend(items)
            self._arrived.notify()

    def hold(self) -> None:
        """What is published from now on waits for a `release` of its own, after those of earlier
        calls. Called like `publish`."""
        self._held.append([])

    def release(self) -> None:
        """Deliver what was published between the oldest `hold` and the next one."""
        self._deliver(self._held.popleft())

    def held_from(self) -> float:
        """The number of the first change that waits, or infinity."""
        held = (item.seq for items in self._held for item in items if isinstance(item, Change))
        return next(held, float("inf"))

    def subscribe(self, callback: Callback, past: Iterable[Item] = ()) -> Subscription:
        """`past` is delivered first. The caller keeps events out meanwhile."""
        subscription = Subscription(self, callback)
        with self._lock:
            subscription._waiting.extend(past)
            self._subscriptions += (subscription,)
            self.active = True
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name="orion-publisher", daemon=True
                )
                self._thread.start()
            self._arrived.notify()
        return subscription

    def _remove(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions = tuple(s for s in self._subscriptions if s is not subscription)
            self.active = bool(self._subscriptions)
            self._arrived.notify()

    def close(self, timeout: float = 5.0) -> None:
        """Deliver what is waiting, then end every subscription.

        :param timeout: seconds that callbacks get for it.
        """
        with self._lock:
            thread = self._thread
            if thread is None:
                return
            self.active = False
            self._arrived.notify()
        if thread is not threading.current_thread():
            thread.join(timeout)
        with self._lock:
            self._subscriptions = ()
            self._arrived.notify()

    def _run(self) -> None:
        while True:
            with self._arrived:
                while True:
                    work = [(s, s._waiting) for s in self._subscriptions if s._waiting]
                    if work:
                        break
                    if not self.active:
                        self._thread = None
                        return
                    self._arrived.wait()
                for subscription, _ in work:
                    subscription._waiting = []
            for subscription, items in work:
                try:
                    subscription._callback(items)
                except Exception:
                    # A watcher's mistake must not stop the other watchers, nor the tasks.
                    log.exception("a subscriber of the feed failed")
