"""`ActionCache`: what was computed before, by action key, shared by any number of processes.

One SQLite file in WAL mode. An entry holds digests, not values; small values lie beside
it in the same file, big ones in the blob store. **A probe answers only with what can
be had**: if an output's blob is gone or damaged, or a declared input file has changed, the
answer is a miss that says why. Every entry carries a checksum of what it claims; a damaged
entry is dropped, a damaged database is set aside, and both only cost recomputations.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ..core.model import ActionResult, Component, Digest, Output
from ..exceptions import StoreError
from . import paths
from .actions_rows import (
    CacheSize,
    Entry,
    KeyUsed,
    Probe,
    Record,
    batches,
    components_from,
    marks,
    seal_of,
    write_record,
)
from .actions_schema import TRANSCRIPT, open_or_replace
from .blobs import BlobStore
from .digests import blob_digest

DURATIONS_KEPT = 100
"""Run times remembered per group."""

FLUSH_AFTER = 500
"""Noted uses and run times that wait in memory; they are written with the next result."""

DEFAULT_LIMIT = 2 * paths.GIB
"""Bytes of the database, above which the least recently used results go."""

_TRIM_TO = 0.8
_TRIM_EVERY = 200  # results recorded between two looks at the size
_ENTRY_OVERHEAD = 500  # bytes of an entry besides its values and components, about

_FILE_MARK = '["file",'  # how a file's component begins in JSON: parse only what has one

Rows = list[tuple[Any, ...]]
FileCheck = Callable[[Component], str]


class ActionCache:
    """Results by action key.

    :param path: the SQLite file; created with its directory.
    :param blobs: where outputs that are not inline must be. None: inline outputs only.
    :param file_check: for a component of kind ``file``, says in words what is wrong with the
        file now ("file data.csv changed"), or nothing. Asked on every hit.
    :param limit: bytes of the database; beyond it the least recently used results are forgotten.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        blobs: BlobStore | None = None,
        *,
        file_check: FileCheck | None = None,
        limit: int = DEFAULT_LIMIT,
    ) -> None:
        self.path = Path(path)
        self._blobs = blobs
        self._file_check = file_check
        self._limit = limit
        self._since_trim = _TRIM_EVERY
        self._mutex = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._pid = 0
        self._uses: dict[Digest, float] = {}
        self._durations: list[tuple[str, float, float]] = []
        self._generation = 0
        try:
            paths.make_private(self.path.parent)
        except OSError as error:
            raise StoreError(f"cannot create the cache directory: {error}") from error

    def probe(self, key: Digest) -> Probe:
        """Ask for one key."""
        return self.probe_many((key,))[key]

    def following(self, name: str, after: float, limit: int) -> list[Digest]:
        """Keys of the results of this task name in the order in which they were made, from those
        made at `after` (seconds since the epoch) on, and then the earlier ones."""
        sql = "SELECT key FROM actions WHERE name = ? ORDER BY created < ?, created LIMIT ?"
        return [row[0] for row in self._query(sql, (name, after, limit))]

    def refers_to(self, digest: Digest) -> bool:
        """Whether a result, or its transcript, is this blob."""
        return bool(self._query("SELECT 1 FROM outputs WHERE digest = ? LIMIT 1", (digest,)))

    def used(self, keys: Iterable[Digest]) -> None:
        """Note that these results were used now, for eviction (`probe` does it by itself)."""
        now = time.time()
        with self._mutex:
            for key in keys:
                self._uses[key] = now
        self._flush_if_many()

    @property
    def generation(self) -> int:
        """Changes when results are removed through this object."""
        return self._generation

    def probe_many(self, keys: Iterable[Digest], *, use: bool = True) -> dict[Digest, Probe]:
        """Ask for many keys at once; far cheaper than one by one.

        :param use: it counts as a use of what is found.
        """
        wanted = list(dict.fromkeys(keys))
        rows: dict[Digest, list[tuple[Any, ...]]] = defaultdict(list)
        for batch in batches(wanted):
            sql = (
                "SELECT a.key, a.duration, a.origin, a.created, a.components, a.seal, a.used,"
                " o.name, o.digest, o.size, b.data FROM actions a JOIN outputs o ON o.key = a.key"
                f" LEFT JOIN blobs b ON b.digest = o.digest WHERE a.key IN ({marks(batch)})"
            )
            for row in self._query(sql, batch):
                rows[row[0]].append(row)
        now = time.time()
        answers = {}
        for key in wanted:
            answers[key] = self._answer(key, rows.get(key, ()))
            if use and answers[key].result is not None:
                self._uses[key] = now
        if use:
            self._flush_if_many()
        return answers

    def record(
        self,
        result: ActionResult,
        *,
        name: str = "",
        group: str = "",
        components: Sequence[Component] = (),
        inline: Mapping[Digest, bytes] | None = None,
    ) -> None:
        """Remember one accepted result; replaces an earlier one of the same key.

        :param name: of the task; what `latest(name)` is asked with (qualify it by notebook).
        :raises StoreError: the database cannot be written.
        """
        self.record_many((Record(result, name, group, tuple(components), inline or {}),))

    def record_many(self, records: Iterable[Record]) -> None:
        """Remember many results in one transaction: all or none."""
        now = time.time()
        with self._transaction() as db:
            for record in records:
                write_record(db, record, now)
                self._since_trim += 1
            self._write_notes(db)
        if self._since_trim >= _TRIM_EVERY:
            self._since_trim = 0
            self._trim()

    def components(self, key: Digest) -> tuple[Component, ...] | None:
        """What the key of a recorded result was made of."""
        rows = self._query("SELECT components FROM actions WHERE key = ?", (key,))
        return components_from(rows[0][0]) if rows else None

    def latest(self, name: str) -> tuple[KeyUsed, ...]:
        """The last few different keys recorded for a task name, newest first."""
        rows = self._query(
            "SELECT key, components, at FROM latest WHERE name = ? ORDER BY at DESC", (name,)
        )
        found = ((key, components_from(text), at) for key, text, at in rows)
        return tuple(KeyUsed(key, parts, at) for key, parts, at in found if parts is not None)

    def observe(self, group: str, seconds: float) -> None:
        """Note how long a task of the group ran (written with the next result, or `flush`)."""
        with self._mutex:
            self._durations.append((group, time.time(), seconds))
        self._flush_if_many()

    def history(self, group: str) -> tuple[float, ...]:
        """Run times of the group in seconds, oldest first: at most `DURATIONS_KEPT`."""
        with self._mutex:
            waiting = [seconds for name, _, seconds in self._durations if name == group]
        rows = self._query(
            "SELECT seconds FROM durations WHERE grp = ? ORDER BY at DESC LIMIT ?",
            (group, DURATIONS_KEPT),
        )
        return (*(row[0] for row in reversed(rows)), *waiting)[-DURATIONS_KEPT:]

    def flush(self) -> None:
        """Write what has been noted in memory: times of use, run times."""
        with self._mutex:
            if not self._uses and not self._durations:
                return
        with self._transaction() as db:
            self._write_notes(db)

    def list(self, *, name: str | None = None, limit: int = 1000) -> tuple[Entry, ...]:
        """Entries, most recently used first; only those of task `name` if given."""
        self.flush()
        where, values = ("WHERE a.name = ?", (name,)) if name is not None else ("", ())
        rows = self._query(
            "SELECT a.key, a.name, sum(o.size), a.duration, a.created, a.used, a.origin"
            f" FROM actions a JOIN outputs o ON o.key = a.key {where}"
            " GROUP BY a.key ORDER BY a.used DESC LIMIT ?",
            (*values, limit),
        )
        return tuple(Entry(*row) for row in rows)

    def size(self) -> CacheSize:
        """How much is remembered."""
        (entries,) = self._query("SELECT count(*) FROM actions")[0]
        (inline,) = self._query("SELECT coalesce(sum(length(data)), 0) FROM blobs")[0]
        (referenced,) = self._query(
            "SELECT coalesce(sum(size), 0) FROM (SELECT DISTINCT digest, size FROM outputs"
            " WHERE digest NOT IN (SELECT digest FROM blobs))"
        )[0]
        pages, page = (self._query(f"PRAGMA {name}")[0][0] for name in ("page_count", "page_size"))
        return CacheSize(entries, inline, referenced, pages * page)

    def remove(self, keys: Iterable[Digest]) -> int:
        """Forget results (their big blobs stay until evicted); how many there were."""
        gone = tuple(keys)
        removed = 0
        with self._transaction() as db:
            for batch in batches(gone):
                db.execute(f"DELETE FROM outputs WHERE key IN ({marks(batch)})", batch)
                removed += db.execute(
                    f"DELETE FROM actions WHERE key IN ({marks(batch)})", batch
                ).rowcount
            db.execute("DELETE FROM blobs WHERE digest NOT IN (SELECT digest FROM outputs)")
        for key in gone:
            self._uses.pop(key, None)
        self._generation += 1
        return removed

    def clear(self) -> int:
        """Forget every result and all history; how many results there were."""
        with self._transaction() as db:
            (entries,) = db.execute("SELECT count(*) FROM actions").fetchone()
            for table in ("actions", "outputs", "blobs", "latest", "durations"):
                db.execute(f"DELETE FROM {table}")
            self._uses.clear()
            self._durations.clear()
        self._generation += 1
        with suppress(StoreError):  # somebody reads; the space is used again anyway
            self._query("VACUUM")
        return int(entries)

    def evict(self, *, max_bytes: int, max_entries: int | None = None) -> int:
        """Forget the least recently used results until both limits hold; how many went.

        :param max_bytes: what entries with their inline values may take in the database.
        """
        self.flush()
        rows = self._query(
            "SELECT a.key, coalesce(sum(length(b.data)), 0) + length(a.components) + ?"
            " FROM actions a JOIN outputs o ON o.key = a.key"
            " LEFT JOIN blobs b ON b.digest = o.digest"
            " GROUP BY a.key ORDER BY a.used DESC",
            (_ENTRY_OVERHEAD,),
        )
        total, victims = 0, []
        for count, (key, size) in enumerate(rows, 1):
            total += size
            if total > max_bytes or (max_entries is not None and count > max_entries):
                victims.append(key)
        return self.remove(victims) if victims else 0

    def close(self) -> None:
        """Write what is waiting and close the database. The cache may be used again."""
        with suppress(StoreError):
            self.flush()
        with self._mutex:
            if self._connection is not None and self._pid == os.getpid():
                self._connection.close()
            self._connection = None

    # Answers -------------------------------------------------------------------------

    def _answer(self, key: Digest, rows: Sequence[tuple[Any, ...]]) -> Probe:
        if not rows:
            return Probe(None, "never computed")
        _, duration, origin, created, components, seal, *_ = rows[0]
        outputs = {row[7]: Output(row[8], row[9]) for row in rows}
        if seal != seal_of(key, outputs, duration, components):
            self._drop(key)
            return Probe(None, "the cache entry was damaged")
        inline: dict[Digest, bytes] = {}
        for row in rows:
            name, digest, data = row[7], row[8], row[10]
            if data is not None and blob_digest(data) == digest:
                inline[digest] = data
            elif self._blobs is None or not self._blobs.has(digest):
                what = "its printed output" if name == TRANSCRIPT else f"output {name!r}"
                state = "was damaged" if data is not None else "is no longer in the store"
                return Probe(None, f"{what} {state}")
        if self._file_check is not None and _FILE_MARK in components:
            for component in components_from(components) or ():
                if component.kind == "file" and (changed := self._file_check(component)):
                    return Probe(None, changed)
        transcript = outputs.pop(TRANSCRIPT, None)
        result = ActionResult(
            key, outputs, duration, transcript and transcript.digest, origin, created
        )
        return Probe(result, "", inline)

    def _drop(self, key: Digest) -> None:
        with suppress(StoreError):
            self.remove((key,))

    # Writing -------------------------------------------------------------------------

    def _trim(self) -> None:
        """Keep the database below its limit. Failing to costs only space."""
        with suppress(StoreError):
            pages, free, page = (
                self._query(f"PRAGMA {name}")[0][0]
                for name in ("page_count", "freelist_count", "page_size")
            )
            if (pages - free) * page > self._limit:
                self.evict(max_bytes=int(self._limit * _TRIM_TO))

    def _write_notes(self, db: sqlite3.Connection) -> None:
        uses, self._uses = self._uses, {}
        durations, self._durations = self._durations, []
        used = [(at, key) for key, at in uses.items()]
        db.executemany("UPDATE actions SET used = ? WHERE key = ?", used)
        db.executemany("INSERT INTO durations VALUES (?, ?, ?)", durations)
        for group in {group for group, *_ in durations}:
            db.execute(
                "DELETE FROM durations WHERE grp = ? AND rowid NOT IN"
                " (SELECT rowid FROM durations WHERE grp = ? ORDER BY at DESC LIMIT ?)",
                (group, group, DURATIONS_KEPT),
            )

    def _flush_if_many(self) -> None:
        if len(self._uses) + len(self._durations) > FLUSH_AFTER:
            with suppress(StoreError):  # these are hints; the next result will raise it
                self.flush()

    # The connection ------------------------------------------------------------------

    def _open(self) -> sqlite3.Connection:
        """This process's connection (a fork must not use its parent's)."""
        if self._connection is None or self._pid != os.getpid():
            self._connection = open_or_replace(self.path)
            self._pid = os.getpid()
        return self._connection

    def _query(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        with self._mutex:
            rows: Rows = self._guarded(lambda db: db.execute(sql, values).fetchall())
            return rows

    def _guarded(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        """Do the work; on a damaged database set it aside and do it on an empty one."""
        try:
            return work(self._open())
        except sqlite3.OperationalError as error:
            raise StoreError(f"the action cache {self.path}: {error}") from error
        except sqlite3.DatabaseError:
            broken, self._connection = self._connection, None
            self._connection = open_or_replace(self.path, broken)
            self._pid = os.getpid()
        try:
            return work(self._connection)
        except sqlite3.Error as error:
            raise StoreError(f"the action cache {self.path}: {error}") from error

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._mutex:
            self._guarded(lambda db: db.execute("BEGIN IMMEDIATE"))
            db = self._open()
            try:
                yield db
                db.execute("COMMIT")
            except sqlite3.DatabaseError as error:
                with suppress(sqlite3.Error):
                    db.execute("ROLLBACK")
                if not isinstance(error, sqlite3.OperationalError):
                    self._connection = open_or_replace(self.path, db)
                raise StoreError(f"the action cache {self.path}: {error}") from error
            except BaseException:
                db.execute("ROLLBACK")
                raise
