"""What is done to the tables within one transaction of the log."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from ..core.model import Digest, TaskId
from ..local.calls import Surroundings
from ..local.packed import PackedCall, RestoredTask
from . import rows

OPEN = "number NOT IN (SELECT number FROM outcomes)"
"""Of a row of `tasks`: it is not over."""

_TRIM_TO = 0.8
_TRIM_BITE = 500  # tasks deleted between two looks at the size
_FREE_KEPT = 4_000  # pages that stay in the file, to be used again
_FREE_AT_ONCE = 2_000  # pages given back to the file system after a trim

_ROWS = 64
"""Rows per statement. With each statement the thread lets go of the interpreter, and in a rush waits
for milliseconds to get it back."""
_SURROUNDINGS = 32  # remembered

_INSERT_TASKS = "INSERT INTO tasks VALUES"
_INSERT_OUTCOMES = "INSERT OR REPLACE INTO outcomes VALUES"

Row = tuple[Any, ...]


class Known:
    """What the writer need not ask the database for, from one transaction to the next."""

    def __init__(self) -> None:
        self.numbers: dict[TaskId, int] = {}
        """Of tasks that were submitted and are not over."""
        self.surroundings: dict[int, tuple[Surroundings, int]] = {}
        """By the object's id: those that have a row, and its number."""
        self.next: int | None = None
        """The number of the next task."""

    def clear(self) -> None:
        """A transaction failed: what it has said is not so."""
        self.numbers.clear()
        self.surroundings.clear()
        self.next = None


class Writer:
    """One transaction. What it wants pinned or released counts once it is committed."""

    def __init__(self, connection: sqlite3.Connection, known: Known) -> None:
        self.pins: list[Digest] = []
        self.unpins: list[Digest] = []
        self._db = connection
        self._known = known
        self._tasks: list[Row] = []  # not written yet
        self._outcomes: list[Row] = []
        self._vacuum = False

    def submitted(self, calls: Sequence[PackedCall], now: float) -> None:
        known = self._known
        number = known.next
        if number is None:
            row = self._db.execute("SELECT coalesce(max(number), 0) + 1 FROM tasks").fetchone()
            number = int(row[0])
        for task, packed, surroundings, given, inline in calls:
            large = [packed] if isinstance(packed, str) else []
            small = packed if isinstance(packed, bytes) else None  # nor objects of a thread
            if given is not None:
                small = inline.get(given.digest)
                large = [given.digest] if small is None else []
            self._tasks.append(
                (
                    number,
                    task.id,
                    task.session,
                    now,
                    rows.task_to_json(task),
                    self._place_of(surroundings),
                    json.dumps(given) if given is not None else "",
                    packed if isinstance(packed, str) else "",
                    small,
                )
            )
            known.numbers[task.id] = number
            if large:
                self._refer(number, large)
            number += 1
        known.next = number

    def over(self, tasks: Sequence[RestoredTask], now: float) -> None:
        for over in tasks:
            number = self._known.numbers.pop(over.id, None) or self._number(over.id)
            if number is None:  # forgotten meanwhile
                continue
            text = rows.outcome_to_json(over)
            parts = rows.parts_to_bytes(over)
            self._outcomes.append((number, over.ended.state, now, text, parts))
            large = [output.digest for output in (over.ended.outputs or {}).values()]
            self._refer(number, [digest for digest in large if digest not in over.inline])

    def reopened(self, tasks: Iterable[TaskId]) -> None:
        self.flush()
        for task in tasks:
            number = self._number(task)
            self._db.execute("DELETE FROM outcomes WHERE number = ?", (number,))

    def forgotten(self, tasks: Iterable[TaskId]) -> None:
        self.flush()
        for task in tasks:
            self._known.numbers.pop(task, None)
        self._delete([number for task in tasks if (number := self._number(task)) is not None])

    def flush(self) -> None:
        """Write what has gathered: before whatever else depends on it, and before the commit."""
        made, self._tasks = self._tasks, []
        for start in range(0, len(made), _ROWS):
            batch = made[start : start + _ROWS]
            try:
                self._insert(_INSERT_TASKS, batch)
            except sqlite3.IntegrityError:  # an id from before that the runtime does not know now
                self._delete(
                    [old for row in batch if (old := self._number_in_table(row[1])) is not None]
                )
                self._insert(_INSERT_TASKS, batch)
        ended, self._outcomes = self._outcomes, []
        for start in range(0, len(ended), _ROWS):
            self._insert(_INSERT_OUTCOMES, ended[start : start + _ROWS])

    def _insert(self, statement: str, made: Sequence[Row]) -> None:
        marks = "(" + ",".join("?" * len(made[0])) + ")"
        values = [value for row in made for value in row]
        self._db.execute(f"{statement} {','.join([marks] * len(made))}", values)

    def note(self, session: str, key: str, data: bytes | None, now: float) -> None:
        if data is None:
            self._db.execute("DELETE FROM notes WHERE session = ? AND key = ?", (session, key))
        else:
            self._db.execute(
                "INSERT OR REPLACE INTO notes VALUES (?, ?, ?, ?)", (session, key, data, now)
            )

    def event(self, now: float, text: str, kept: int) -> None:
        self._db.execute("INSERT INTO events VALUES (?, ?)", (now, text))
        self._db.execute(
            "DELETE FROM events WHERE rowid NOT IN (SELECT rowid FROM events ORDER BY rowid DESC"
            " LIMIT ?)",
            (kept,),
        )

    def pin_all(self) -> None:
        self.pins += [row[0] for row in self._db.execute("SELECT digest FROM large")]

    def trim(
        self, now: float, max_age: float, max_bytes: int, keep: frozenset[TaskId], kept: int
    ) -> None:
        """See `Log.trim`."""
        self.flush()
        before = now - max_age
        is_old = self._db.execute("SELECT 1 FROM outcomes WHERE ended < ? LIMIT 1", (before,))
        if is_old.fetchone() is not None or self._bytes() > max_bytes:
            self._drop(now, max_age, max_bytes, keep | self._needed(), kept)
        (free,) = self._db.execute("PRAGMA freelist_count").fetchone()
        self._vacuum = free > _FREE_KEPT

    def _drop(
        self, now: float, max_age: float, max_bytes: int, needed: frozenset[TaskId], kept: int
    ) -> None:
        before = now - max_age
        old = self._oldest("ended < ?", (before,), needed, -1)
        self._delete(old)
        crowded = 0
        if self._bytes() > max_bytes:
            while self._bytes() > max_bytes * _TRIM_TO:
                bite = self._oldest("1", (), needed, _TRIM_BITE)
                if not bite:
                    break
                self._delete(bite)
                crowded += len(bite)
        self._db.execute(
            "DELETE FROM notes WHERE at < ? AND session <> ''"
            " AND session NOT IN (SELECT session FROM tasks)",
            (before,),
        )
        self._known.surroundings.clear()
        self._db.execute(
            "DELETE FROM surroundings WHERE number NOT IN"
            " (SELECT surroundings FROM tasks WHERE surroundings IS NOT NULL)"
        )
        if old:
            days = max_age / 86_400
            self.event(now, f"dropped {len(old):,} tasks that ended {days:.3g} days ago", kept)
        if crowded:
            limit = f"{max_bytes / (1 << 20):,.0f} MiB"
            text = f"dropped the {crowded:,} oldest finished tasks: the log was over {limit}"
            self.event(now, text, kept)

    def finish(self) -> None:
        """After the commit: give free space back, a little at a time."""
        if self._vacuum:
            self._db.execute(f"PRAGMA incremental_vacuum({_FREE_AT_ONCE})").fetchall()

    # -- within ---------------------------------------------------------------------------------

    def _number(self, task: TaskId) -> int | None:
        number = self._known.numbers.get(task)
        if number is None and self._tasks:
            self.flush()
        return number if number is not None else self._number_in_table(task)

    def _number_in_table(self, task: TaskId) -> int | None:
        row = self._db.execute("SELECT number FROM tasks WHERE id = ?", (task,)).fetchone()
        return row[0] if row is not None else None

    def _refer(self, number: int, digests: Sequence[Digest]) -> None:
        for digest in digests:
            made = self._db.execute("INSERT OR IGNORE INTO large VALUES (?, ?)", (number, digest))
            if made.rowcount > 0:
                self.pins.append(digest)

    def _delete(self, numbers: Sequence[int]) -> None:
        for number in numbers:
            key = (number,)
            large = self._db.execute("SELECT digest FROM large WHERE number = ?", key).fetchall()
            self.unpins += [digest for (digest,) in large]
            for table in ("large", "outcomes", "tasks"):
                self._db.execute(f"DELETE FROM {table} WHERE number = ?", key)

    def _place_of(self, surroundings: Surroundings) -> int:
        remembered = self._known.surroundings
        known = remembered.get(id(surroundings))
        if known is not None:
            return known[1]
        text = rows.surroundings_to_json(surroundings)
        digest = hashlib.sha256(text.encode()).hexdigest()
        self._db.execute(
            "INSERT OR IGNORE INTO surroundings (digest, data) VALUES (?, ?)", (digest, text)
        )
        row = self._db.execute("SELECT number FROM surroundings WHERE digest = ?", (digest,))
        number = int(row.fetchone()[0])
        if len(remembered) >= _SURROUNDINGS:
            remembered.clear()
        remembered[id(surroundings)] = (surroundings, number)  # alive, so its id is its own
        return number

    def _needed(self) -> frozenset[TaskId]:
        """What unfinished tasks depend on."""
        needed: set[TaskId] = set()
        for (text,) in self._db.execute(f"SELECT task FROM tasks WHERE {OPEN}"):
            task = json.loads(text)
            needed.update(after for after in task.get("after", ()))
            needed.update(upstream for _, upstream, _ in task.get("inputs", ()))
        return frozenset(needed)

    def _oldest(
        self, where: str, values: tuple[float, ...], needed: frozenset[TaskId], limit: int
    ) -> list[int]:
        found = self._db.execute(
            "SELECT t.number, t.id FROM outcomes o JOIN tasks t ON t.number = o.number"
            f" WHERE {where} ORDER BY o.ended LIMIT ?",
            (*values, limit if limit < 0 else limit + len(needed)),
        ).fetchall()
        numbers = [number for number, task in found if task not in needed]
        return numbers if limit < 0 else numbers[:limit]

    def _bytes(self) -> int:
        pages, free, size = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)
