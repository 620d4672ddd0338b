"""What the durable log knows: for a new runtime, and for what the running one has let go of."""

from __future__ import annotations

import json
import logging
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from ..core.model import Output, TaskId
from ..exceptions import StoreError
from ..local.calls import NOWHERE, Packed, Surroundings
from ..local.packed import PackedCall
from . import rows
from .log import Log
from .rows import Outcome

log = logging.getLogger(__name__)

_BATCH = 500  # parameters of one statement
_COLUMNS = (
    "t.number, t.id, t.session, t.submitted, t.task, t.call, t.call_digest, t.surroundings, t.given,"
    " t.state, t.ended, t.outcome"
)


class Logged(NamedTuple):
    """One task as the log has it."""

    call: PackedCall
    submitted: float  # seconds since the epoch
    outcome: Outcome | None  # None: it is not over


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
        return self._logged("WHERE t.state = '' ORDER BY t.number", ())

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

    def recent(self, limit: int) -> list[TaskId]:
        """Finished tasks, the newest submissions, in the order of submission."""
        newest = self._query(
            "SELECT id FROM tasks WHERE state <> '' ORDER BY number DESC LIMIT ?", (limit,)
        )
        return [task for (task,) in reversed(newest)]

    def of_session(self, session: str, limit: int = 10_000) -> list[TaskId]:
        """A notebook's tasks, over or not: the newest ones, in the order of submission."""
        newest = self._query(
            "SELECT id FROM tasks WHERE session = ? ORDER BY number DESC LIMIT ?", (session, limit)
        )
        return [task for (task,) in reversed(newest)]

    def sessions(self) -> dict[str, dict[str, int]]:
        """How many tasks of each notebook are in which state ("" for not over)."""
        counts: dict[str, dict[str, int]] = {}
        sql = "SELECT session, state, count(*) FROM tasks GROUP BY session, state"
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
        (unfinished,) = self._query("SELECT count(*) FROM tasks WHERE state = ''")[0]
        (over,) = self._query("SELECT count(*) FROM tasks WHERE state <> ''")[0]
        pages, size = (self._query(f"PRAGMA {n}")[0][0] for n in ("page_count", "page_size"))
        return Size(unfinished, over, pages * size)

    # -- within ---------------------------------------------------------------------------------

    def _query(self, sql: str, values: Sequence[Any] = ()) -> list[Any]:
        try:
            with self._log.mutex:
                return self._log.connection.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"the log of tasks {self._log.path}: {error}") from error

    def _logged(self, where: str, values: Sequence[Any]) -> list[Logged]:
        found = self._query(f"SELECT {_COLUMNS} FROM tasks t {where}", values)
        parts = dict(self._parts([row[0] for row in found]))
        made = []
        for row in found:
            try:
                made.append(self._made(row, parts.get(row[0], {})))
            except (ValueError, KeyError, TypeError, zlib.error) as error:
                log.warning("task %s cannot be read from the log: %r", row[1], error)
        return made

    def _parts(self, numbers: Sequence[int]) -> Iterator[tuple[int, dict[str, bytes]]]:
        for start in range(0, len(numbers), _BATCH):
            batch = numbers[start : start + _BATCH]
            marks = ",".join("?" * len(batch))
            sql = f"SELECT number, name, data FROM parts WHERE number IN ({marks}) ORDER BY number"
            parts: dict[int, dict[str, bytes]] = {}
            for number, name, data in self._query(sql, batch):
                parts.setdefault(number, {})[name] = data
            yield from parts.items()

    def _made(self, row: Sequence[Any], parts: dict[str, bytes]) -> Logged:
        _, id, session, submitted, task, call, digest, place, given, state, ended, outcome = row
        packed: Packed = digest or call or b""
        value = Output(*json.loads(given)) if given else None
        inline = {}
        if value is not None and value.digest in parts:
            inline[value.digest] = parts[value.digest]
        made = PackedCall(
            rows.task_from_json(id, session, task), packed, self._place(place), value, inline
        )
        over = rows.outcome_from_json(id, state, ended, outcome, parts) if state else None
        return Logged(made, submitted, over)

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
