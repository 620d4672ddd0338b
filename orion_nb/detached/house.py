"""Everything that a detached runtime consists of, put together and taken apart in order."""

from __future__ import annotations

import contextlib
import logging
import os
import platform
import secrets
import sys
import threading
import time
from collections.abc import Callable, Sequence

from .. import __version__
from ..core.model import TaskId
from ..local.place import Contact, Place, boot_id, sweep
from ..local.runtime import Runtime
from ..rpc.metadata import PROTOCOL
from . import recovery
from .archive import Archive
from .journal import DurableJournal
from .kept import Kept
from .log import Log
from .log_blobs import LogBlobs
from .reading import Reader
from .server import Server

log = logging.getLogger(__name__)

MAX_AGE = 14 * 86_400.0
"""Seconds that a finished task stays in the log after its end."""
MAX_BYTES = 1 << 30
"""Of the log's database."""
UNUSED = 30 * 86_400.0
"""Seconds after which the place of a project that has no runtime any more is deleted."""
ANY_PORT = "127.0.0.1:0"


class House:
    """A runtime with its log, served at its place.

    :param place: its lock is held. :param preload: modules that workers import.
    :param ask_to_stop: called on any thread when a client wants the runtime to end, which is answered
        when it returns.
    :raises OrionError: it cannot be; nothing is left running.
    """

    def __init__(
        self, place: Place, preload: Sequence[str], ask_to_stop: Callable[[], None]
    ) -> None:
        self.place = place
        workers = os.environ.get("ORION_WORKERS")
        with contextlib.ExitStack() as undo:
            blobs = LogBlobs(lambda: self._runtime)
            self._log = Log(place.database, pin=blobs.pin, release=blobs.release)
            undo.callback(self._log.close)
            reader = Reader(self._log)
            self._archive = Archive()
            undo.callback(self._archive.close)
            self._journal = DurableJournal(self._log, reader, self._archive)
            self._runtime = runtime = Runtime(
                int(workers) if workers else None,
                name=place.project.name,
                preload=list(preload) or None,
                journal=self._journal,
            )
            undo.callback(runtime.shutdown, wait=False)
            runtime.start()
            self._log.pin_all()
            told = recovery.recover(self._log, reader, self._archive, self._journal, runtime)
            if told:
                log.info("%s", told)
            path = place.socket_path()
            address = f"unix:{path}" if path is not None else ANY_PORT
            token = secrets.token_hex(32)
            kept = Kept(self._log, reader, place.text_log)
            self._server = Server(runtime, address, token, kept, on_shutdown=ask_to_stop)
            undo.pop_all()
        _thread("orion-archive", self._archive.run, self._log.sync, self._let_go)
        self.contact = Contact(
            instance=self._server.service.epoch,
            version=__version__,
            protocol=PROTOCOL,
            pid=os.getpid(),
            started=time.time(),
            address=self._server.address,
            token=token,
            project=str(place.project),
            cache_dir=str(runtime.store.root.parent),
            python=platform.python_version(),
            executable=sys.executable,
            log=str(place.text_log),
            boot=boot_id(),
        )

    def clients(self) -> int:
        """How many are connected."""
        return self._server.connected

    def unfinished(self) -> int:
        """Tasks that run, or wait."""
        return self._journal.unfinished

    def trim(self) -> None:
        """Keep the log within its bounds; quick if it is."""
        self._log.trim(max_age=MAX_AGE, max_bytes=MAX_BYTES)

    def sweep(self) -> None:
        """Delete what runtimes of other projects have left a long time ago."""
        for gone in sweep(self.place.directory.parent, UNUSED):
            log.info("%s was not used for a long time; deleted", gone)

    def close(self, why: str, *, cancel: bool) -> None:
        """End everything. :param why: for people, in the log.
        :param cancel: cancel what is not over; else the next runtime of this place goes on with it.
        """
        self._archive.close()
        self._runtime.shutdown(wait=False, cancel=cancel)
        # Clients of one that only makes room come back by themselves: to the next one.
        self._server.stop(farewell=f"the runtime was stopped: {why}" if cancel else "")
        recovery.ended(self._log, why)
        self._log.close()

    def _let_go(self, tasks: Sequence[TaskId]) -> list[TaskId]:
        """:return: those that are still known: their end was not public yet, or something needs them."""
        self._runtime.archive(tasks)
        known = set(self._runtime.tasks())
        return [task for task in tasks if task in known]


def _thread(name: str, run: Callable[..., object], *args: object) -> None:
    threading.Thread(target=run, args=args, name=name, daemon=True).start()
