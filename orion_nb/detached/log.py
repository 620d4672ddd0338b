"""The durable log: what was submitted, how it ended, and what notebooks want to find again.

Whoever notes something goes on at once; one thread writes all that has gathered in one transaction
and flushes it to the disk (*group commit*), so ten thousand notes cost little more than one. What
must not be said before it is durable waits for `after` or `sync`: that a graph was accepted, that a
task is done. The tables are in `schema`.

When the disk refuses, work goes on without the promise, and that is said (`trouble`); what could
not be written is not tried again, for memory would fill up instead.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from ..core.model import Digest, TaskId
from ..local.packed import PackedCall, RestoredTask
from . import schema
from .writing import Known, Writer

log = logging.getLogger(__name__)

Step = Callable[[Writer], None]
Callback = Callable[[], None]

EVENTS_KEPT = 200

PATIENCE = 0.001
"""Seconds that a task's submission waits for its end, if the last such task was that quick: one
flush instead of two, which is most of what a short task costs."""


class Log:
    """One runtime's log; every method from any thread.

    :param path: the database; its directory exists. :param pin: protects a large blob as long as
        the log refers to it. :param release: no row refers to the blob any more.
    :raises StoreError: the database cannot be opened, nor an empty one made.
    """

    def __init__(
        self,
        path: Path,
        *,
        pin: Callable[[Digest], object] = lambda digest: None,
        release: Callable[[Digest], None] = lambda digest: None,
    ) -> None:
        self.path = path
        self.trouble = ""
        """Why what is noted now is not durable; "" while it is."""
        self._pin = pin
        self._release = release
        self.mutex = threading.RLock()
        """Guards the connection; `Reader` takes it for a query."""
        self.connection, self.set_aside = schema.open_database(path)
        self._arrived = threading.Condition()
        self._steps: deque[Step] = deque()
        self._waiting: deque[tuple[int, Callback]] = deque()
        self._noted = 0
        self._committed = 0
        self._closing = False
        self._lone = Lone()
        self._known = Known()
        self._more_is_coming = False
        if self.set_aside:
            self.event(self.set_aside)
        self._thread = threading.Thread(target=self._run, name="orion-log", daemon=True)
        self._thread.start()

    # -- noting ---------------------------------------------------------------------------------

    def submitted(self, calls: Sequence[PackedCall]) -> None:
        """These tasks were accepted."""
        now = time.time()
        self._note(lambda writer: writer.submitted(calls, now), self._lone.submitted(calls))

    def over(self, tasks: Sequence[RestoredTask]) -> None:
        """These tasks have ended (also again: after a retry, a lost result)."""
        now = time.time()
        self._lone.over(tasks)
        self._note(lambda writer: writer.over(tasks, now))

    def reopened(self, tasks: Iterable[TaskId]) -> None:
        """These tasks have ended once, but are to run again."""
        again = tuple(tasks)
        self._note(lambda writer: writer.reopened(again))

    def forgotten(self, tasks: Iterable[TaskId]) -> None:
        """Delete all that is known of these tasks."""
        gone = tuple(tasks)
        self._note(lambda writer: writer.forgotten(gone))

    def note(self, session: str, key: str, data: bytes | None) -> None:
        """Keep something for a notebook's next kernel; None: no longer."""
        now = time.time()
        self._note(lambda writer: writer.note(session, key, data, now))

    def event(self, text: str) -> None:
        """Say what has happened to the runtime."""
        now = time.time()
        self._note(lambda writer: writer.event(now, text, EVENTS_KEPT))

    def trim(self, *, max_age: float, max_bytes: int, keep: Iterable[TaskId] = ()) -> None:
        """Drop finished tasks that ended more than `max_age` seconds ago, then the oldest ones until
        the database has at most `max_bytes`; says so as an event. Those that an unfinished task
        needs stay, and those in `keep`."""
        kept = frozenset(keep)
        now = time.time()
        self._note(lambda writer: writer.trim(now, max_age, max_bytes, kept, EVENTS_KEPT))

    def pin_all(self) -> None:
        """Protect all large blobs that the log refers to: once, after the start."""
        self._note(lambda writer: writer.pin_all())

    def _note(self, step: Step, more_is_coming: bool = False) -> None:
        with self._arrived:
            self._steps.append(step)
            self._noted += 1
            self._more_is_coming = more_is_coming
            self._arrived.notify()

    # -- waiting --------------------------------------------------------------------------------

    def after(self, callback: Callback) -> None:
        """Call `callback` when everything noted so far is durable (or `trouble` says why it is not):
        at once, on this thread, if it is already, else on the log's thread. It must be quick."""
        with self._arrived:
            if self._committed < self._noted:
                self._waiting.append((self._noted, callback))
                return
        callback()

    def sync(self, timeout: float | None = None) -> bool:
        """Wait until everything noted so far is durable, or `trouble` says why it is not.

        :param timeout: seconds. :return: False: not within that time."""
        done = threading.Event()
        self.after(done.set)
        return done.wait(timeout)

    def close(self) -> None:
        """Write what is waiting, and close the database."""
        with self._arrived:
            if self._closing:
                return
            self._closing = True
            self._arrived.notify()
        self._thread.join()
        with self.mutex, suppress(sqlite3.Error):
            self.connection.close()

    # -- the log's thread -----------------------------------------------------------------------

    def _run(self) -> None:
        with self.mutex, suppress(sqlite3.Error):  # only slower without
            schema.stretch(self.connection)
        while True:
            with self._arrived:
                while not self._steps and not self._closing:
                    self._arrived.wait()
                if not self._steps:
                    return
                if self._more_is_coming and len(self._steps) == 1 and not self._closing:
                    self._arrived.wait(PATIENCE)
                steps, upto = list(self._steps), self._noted
                self._steps.clear()
            self._write(steps)
            del steps  # it would hold what was written until there is more to write
            ready: list[Callback] = []
            with self._arrived:
                self._committed = upto
                while self._waiting and self._waiting[0][0] <= upto:
                    ready.append(self._waiting.popleft()[1])
            for callback in ready:
                try:
                    callback()
                except Exception:
                    # Somebody else's mistake must not end the log.
                    log.exception("a callback of the log failed")
            ready.clear()

    def _write(self, steps: Sequence[Step]) -> None:
        try:
            try:
                writer = self._transaction(steps)
            except sqlite3.DatabaseError as error:
                if type(error) is not sqlite3.DatabaseError:
                    raise  # full, read-only …: the file itself is not to blame
                self._replace(error)
                writer = self._transaction(steps)
        except (sqlite3.Error, OSError) as error:
            if not self.trouble:
                log.error("the log of tasks cannot be written: %s", error)
            self.trouble = (
                f"the log of tasks cannot be written ({error}): what is submitted or finished now "
                "would be lost if the runtime were killed"
            )
            return
        if self.trouble:
            log.warning("the log of tasks can be written again")
            self.trouble = ""
        for digest in writer.pins:
            self._pin(digest)
        for digest in writer.unpins:
            self._release(digest)

    def _transaction(self, steps: Sequence[Step]) -> Writer:
        with self.mutex:
            writer = Writer(self.connection, self._known)
            self.connection.execute("BEGIN IMMEDIATE")
            try:
                for step in steps:
                    _take(step, writer)
                writer.flush()
                self.connection.execute("COMMIT")
            except BaseException:
                self._known.clear()
                with suppress(sqlite3.Error):
                    self.connection.execute("ROLLBACK")
                raise
            writer.finish()
            return writer

    def _replace(self, error: sqlite3.Error) -> None:
        """Damage was met: begin an empty log, and say what that means."""
        with self.mutex:
            with suppress(sqlite3.Error):
                self.connection.close()
            kept = schema.set_aside(self.path)
            self._known.clear()
            self.connection = schema.connect(self.path)
        text = f"the log of tasks was damaged ({error}); it was set aside as {kept}"
        log.error("%s", text)
        self.set_aside = text
        self.event(text)


class Lone:
    """Whether a task that is submitted by itself is likely to end in a moment. With the host's
    turn."""

    def __init__(self) -> None:
        self._task: TaskId = ""
        self._since = 0.0
        self._quick = True

    def submitted(self, calls: Sequence[PackedCall]) -> bool:
        if len(calls) != 1 or self._task:  # many, or the one before runs still
            self._quick = False
        self._task = calls[0].task.id if len(calls) == 1 else ""
        self._since = time.monotonic()
        return self._quick

    def over(self, tasks: Sequence[RestoredTask]) -> None:
        if len(tasks) == 1 and tasks[0].id == self._task:
            self._task = ""
            self._quick = time.monotonic() - self._since < PATIENCE


def _take(step: Step, writer: Writer) -> None:
    try:
        step(writer)
    except sqlite3.Error:
        raise
    except Exception:
        # One task that cannot be written down must not cost the others their durability.
        log.exception("the log of tasks cannot hold something")
