"""What the durable log knows: for a new runtime, and for what the running one has let go of."""

from __future__ import annotations

import json
import logging
import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ..core.model import Output, TaskId
from ..exceptions import StoreError
from ..local.calls import NOWHERE, Packed, Surroundings
from ..local.packed import PackedCall, RestoredTask
from . import rows
from .log import Log

log = logging.getLogger(__name__)

_BATCH = 500  # parameters of one statement
_SELECT = (
    "SELECT t.id, t.session, t.submitted, t.task, t.surroundings, t.given, t.call_digest, t.call,"
    " o.state, o.ended, o.outcome, o.parts FROM tasks t LEFT JOIN outcomes o ON o.number = t.number"
)


class Logged(NamedTuple):
    """One task as the log has it."""

    call: PackedCall
    submitted: float  # seconds since the epoch
    over: RestoredTask | None  # None: it is not over
    ended: float  # seconds since the epoch; 0: it is not over


class Size(NamedTuple):
    """How much the log holds."""

    open: int
    over: int
    bytes: int


class Reader:
    """Questions to a `Log`; what has been noted is seen once it is durable.

    Every method raises `StoreError` when the database cannot be read.
    """

    def __init__(self, log: Log) -> None:
        self._log = log
        self._surroundings: dict[int, Surroundings] = {}

    def open(self) -> list[Logged]:
        """Tasks that are not over, in the order of submission."""
        return self._logged("WHERE o.number IS NULL ORDER BY t.number", ())

    def find(self, tasks: Iterable[TaskId]) -> dict[TaskId, Logged]:
        """Those of these tasks that are known."""
        wanted = list(dict.fromkeys(tasks))
        found: dict[TaskId, Logged] = {}
        for start in range(0, len(wanted), _BATCH):
            batch = wanted[start : start + _BATCH]
            marks = ",".join("?" * len(batch))
            for logged in self._logged(f"WHERE t.id IN ({marks})", batch):
                found[logged.call.task.id] = logged
        return found

    def recent(self, limit: int) -> list[RestoredTask]:
        """The tasks that ended last, in the order of submission."""
        where = "o.number IN (SELECT number FROM outcomes ORDER BY ended DESC LIMIT ?)"
        found = self._logged(f"WHERE {where} ORDER BY t.number", (limit,))
        return [logged.over for logged in found if logged.over is not None]

    def of_session(self, session: str, limit: int = 10_000) -> list[TaskId]:
        """A notebook's tasks, over or not: the newest ones, in the order of submission."""
        newest = self._query(
            "SELECT id FROM tasks WHERE session = ? ORDER BY number DESC LIMIT ?", (session, limit)
        )
        return [task for (task,) in reversed(newest)]

    def sessions(self) -> dict[str, dict[str, int]]:
        """How many tasks of each notebook are in which state ("" for not over)."""
        counts: dict[str, dict[str, int]] = {}
        sql = (
            "SELECT t.session, coalesce(o.state, ''), count(*) FROM tasks t"
            " LEFT JOIN outcomes o ON o.number = t.number GROUP BY 1, 2"
        )
        for session, state, count in self._query(sql):
            counts.setdefault(session, {})[state] = count
        return counts

    def notes(self, session: str) -> dict[str, bytes]:
        """What the notebook keeps."""
        return dict(self._query("SELECT key, data FROM notes WHERE session = ?", (session,)))

    def events(self) -> list[tuple[float, str]]:
        """What happened, oldest first: (seconds since the epoch, one sentence)."""
        return self._query("SELECT at, text FROM events ORDER BY rowid")

    def size(self) -> Size:
        (every,) = self._query("SELECT count(*) FROM tasks")[0]
        (over,) = self._query("SELECT count(*) FROM outcomes")[0]
        pages, size = (self._query(f"PRAGMA {n}")[0][0] for n in ("page_count", "page_size"))
        return Size(every - over, over, pages * size)

    # -- within ---------------------------------------------------------------------------------

    def _query(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        try:
            with self._log.mutex:
                return self._log.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"the log of tasks {self._log.path}: {error}") from error

    def _logged(self, where: str, values: Sequence[Any]) -> list[Logged]:
        made = []
        for row in self._query(f"{_SELECT} {where}", values):
            try:
                made.append(self._made(row))
            except (ValueError, KeyError, TypeError, zlib.error) as error:
                log.warning("task %s cannot be read from the log: %r", row[0], error)
        return made

    def _made(self, row: Sequence[Any]) -> Logged:
        id, session, submitted, task, place, given, digest, call, state, ended, text, parts = row
        value = Output(*json.loads(given)) if given else None
        packed: Packed = digest or (call if call is not None and value is None else b"")
        inline = {value.digest: call} if value is not None and call is not None else {}
        made = PackedCall(
            rows.task_from_json(id, session, task), packed, self._place(place), value, inline
        )
        if state is None:
            return Logged(made, submitted, None, 0.0)
        found = rows.parts_from_bytes(parts)
        return Logged(made, submitted, rows.outcome_from_json(made, state, text, found), ended)

    def _place(self, number: int | None) -> Surroundings:
        """The same object for the same number, so that workers are told once."""
        if number is None:
            return NOWHERE
        known = self._surroundings.get(number)
        if known is None:
            found = self._query("SELECT data FROM surroundings WHERE number = ?", (number,))
            known = rows.surroundings_from_json(found[0][0]) if found else NOWHERE
            self._surroundings[number] = known
        return known
