"""The main program of a detached runtime.

Its first line on standard output is JSON for whoever started it: ``{"ready": …}`` once it can be
used, ``{"taken": …}`` when another one lives here already, or ``{"error": "…"}``. After that all
it says goes into its text log.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from ..exceptions import OrionError
from ..local.place import Place
from . import idle, textlog

if TYPE_CHECKING:
    from .house import House

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks whether the runtime is still wanted."""
TRIM_EVERY = 60.0
END_WITHIN = 20.0
"""Seconds that an orderly end may take. After that the process ends all the same: its log is right
at any moment, and its workers notice."""
LOCK_WITHIN = 1.0
"""Seconds that a runtime before us may take between its last word and its end."""


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="python -m orion_nb.detached", description=__doc__)
    made.add_argument("--project", type=Path, required=True, help="the project's directory")
    made.add_argument("--directory", type=Path, required=True, help="the runtime's own directory")
    made.add_argument("--preload", action="append", default=[], help="a module workers import")
    made.add_argument("--foreground", action="store_true", help="stay a child of the caller")
    return made


def main(arguments: Sequence[str]) -> int:
    """Be the runtime of a place until nobody needs it; the exit status."""
    chosen = parser().parse_args(arguments)
    if not chosen.foreground and hasattr(os, "fork") and os.fork():
        # The caller's child ends at once: it can be waited for, and whoever kills the caller's
        # descendants does not find us.
        os._exit(0)
    place = Place(chosen.project, chosen.directory)
    try:
        place.prepare()
        lock = _take(place)
        if lock is None:
            _say({"taken": str(place.directory)})
            return 0
        return _live(place, chosen.preload)
    except OrionError as error:
        _say({"error": str(error)})
        return 1


def _take(place: Place) -> int | None:
    deadline = time.monotonic() + LOCK_WITHIN
    while (lock := place.hold()) is None and time.monotonic() < deadline:
        time.sleep(0.02)
    return lock


def _live(place: Place, preload: Sequence[str]) -> int:
    """With the place's lock: serve until it is time to go."""
    stop = Stop()
    stop.catch_signals()
    timeout = idle.timeout_of_user()
    from .house import House  # grpc, SQLite and the workers' side: only once the place is ours

    def asked() -> None:
        stop.asked()
        place.withdraw(house.contact)  # whoever looks for a runtime from now on finds the next one

    house = House(place, preload, asked)
    try:
        place.take_back()
        place.publish(house.contact)
        _say({"ready": house.contact.instance})
        textlog.redirect(place.text_log)
        log.info("serving %s at %s", place.project, house.contact.address)
        _watch(house, stop, idle.Idle(timeout, time.monotonic()))
        log.info("ending: %s", stop.why)
    finally:
        place.withdraw(house.contact)
        _end_in_time()
        house.close(stop.why or "it failed", cancel=stop.cancels)
    return 0


class Stop:
    """Why and how the runtime shall end; set on any thread, the first reason counts."""

    def __init__(self) -> None:
        self.why = ""
        self.cancels = False
        """Whether unfinished tasks are cancelled; else the next runtime goes on with them."""
        self._set = threading.Event()

    def asked(self) -> None:
        """Somebody who uses the runtime wants it to end, with all that it does."""
        self.now("somebody asked for it", cancels=True)

    def now(self, why: str, *, cancels: bool = False) -> None:
        if not self._set.is_set():
            self.why, self.cancels = why, cancels
            self._set.set()

    def wait(self, seconds: float) -> bool:
        return self._set.wait(seconds)

    def catch_signals(self) -> None:
        """SIGTERM: end, the next runtime goes on. An interrupt, or the end of a terminal, is meant
        for the notebook, not for its tasks."""

        def on_term(number: int, frame: FrameType | None) -> None:
            self.now(f"signal {signal.Signals(number).name}")

        signal.signal(signal.SIGTERM, on_term)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _watch(house: House, stop: Stop, idleness: idle.Idle) -> None:
    """Look every second whether there is a reason to end; returns when there is one."""
    place = house.place
    house.sweep()
    trim_at = time.monotonic()
    while not stop.wait(LOOK_EVERY):
        now = time.monotonic()
        clients, unfinished = house.clients(), house.unfinished()
        if not place.project.is_dir():
            stop.now("the project's directory is gone")
        elif not place.is_current(house.contact):
            stop.now("its connection file is gone, or names another runtime")
        elif idleness.is_over(now, clients=clients, unfinished=unfinished):
            stop.now(f"nobody needed it for {idleness.timeout:,.0f} s")
        elif place.is_asked_to_leave() and not clients and not unfinished:
            stop.now("a runtime of another version takes its place")
        textlog.bound(place.text_log)
        if now >= trim_at:
            house.trim()
            trim_at = now + TRIM_EVERY


def _end_in_time() -> None:
    """Whatever hangs, the process ends."""

    def give_up() -> None:
        log.error("the orderly end took longer than %.0f s", END_WITHIN)
        os._exit(1)

    timer = threading.Timer(END_WITHIN, give_up)
    timer.daemon = True
    timer.start()


def _say(line: dict[str, str]) -> None:
    """To whoever started us, if it still listens."""
    try:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
    except OSError as error:
        log.info("nobody listens: %s", error)
