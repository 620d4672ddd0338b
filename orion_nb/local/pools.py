"""Joins the pools of workers to the host: who tells whom what, in whose turn."""

from __future__ import annotations

import selectors
from collections.abc import Callable
from functools import partial

from ..core.model import WorkerId
from ..exceptions import OrionError
from ..store import paths
from . import wire
from .caching import CacheDesk
from .host import Host
from .launch import Launcher
from .process_workers import ProcessSlot, ProcessWorkers
from .slots import Slot
from .thread_workers import ThreadWorkers


class ProcessPool(ProcessWorkers):
    """Worker processes of a host; their sockets are watched by its loop."""

    def __init__(self, host: Host, launcher: Callable[[], Launcher], desk: CacheDesk) -> None:
        super().__init__(
            self._launch(launcher),
            self,
            (str(paths.blobs_dir(desk.cache_dir)), desk.limit, desk.started),
        )
        self._host = host
        host.crew.pools.append(self)

    def _launch(self, make: Callable[[], Launcher]) -> Callable[[], Launcher]:
        def launch() -> Launcher:
            launcher = make()
            notices = launcher.notices()
            if notices is not None:
                self._host.loop.register(notices, selectors.EVENT_READ, self._on_notice)
            return launcher

        return launch

    def _on_notice(self, _: int) -> None:
        self._host.check_soon()

    def close_launcher(self) -> None:
        notices = self.launcher.notices() if self.launcher is not None else None
        if notices is not None:
            self._host.loop.unregister(notices)
        super().close_launcher()

    def check_soon(self) -> None:
        self._host.check_soon()

    def resize(self, count: int) -> None:
        _drain_surplus(self._host, self.slots, count)
        super().resize(count)

    def on_ready(self, slot: Slot) -> None:
        self._host.crew.on_ready(slot, self)

    def on_message(self, slot: Slot, message: wire.Message) -> None:
        self._host.crew.on_message(slot, message)

    def on_lost(self, slot: Slot, why: str) -> None:
        self._host.crew.on_lost(slot, why)

    def on_broken(self, error: OrionError) -> None:
        self._host.on_broken(error)

    def watch(self, slot: ProcessSlot, write: bool) -> None:
        host = self._host
        news = (wire.NEWS, partial(self.work_off, slot))

        def handle(mask: int) -> None:
            if mask & selectors.EVENT_READ and self.read(slot):
                host.deliver(slot, news)
            if mask & selectors.EVENT_WRITE:
                host.in_turn(self.on_writable, slot)

        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if write else 0)
        host.loop.register(slot.process.task, events, handle)

    def unwatch(self, slot: ProcessSlot) -> None:
        self._host.loop.unregister(slot.process.task)


class ThreadPool(ThreadWorkers):
    """Worker threads of a host."""

    def __init__(self, host: Host, desk: CacheDesk) -> None:
        super().__init__(lambda: desk.blobs, self)
        self._host = host
        host.crew.pools.append(self)

    def resize(self, count: int) -> None:
        _drain_surplus(self._host, self.slots, count)
        super().resize(count)

    def deliver(self, slot: Slot, message: wire.Message) -> None:
        self._host.deliver(slot, message)

    def on_ready(self, slot: Slot) -> None:
        self._host.crew.on_ready(slot, self)

    def on_lost(self, slot: Slot, why: str) -> None:
        self._host.crew.on_lost(slot, why)


def _drain_surplus(host: Host, slots: dict[WorkerId, Slot], count: int) -> None:
    staying = [slot for slot in slots.values() if not slot.draining]
    # Idle ones go first; among the others the youngest.
    staying.sort(key=lambda slot: bool(slot.runs), reverse=True)
    host.crew.drain(staying[count:])
