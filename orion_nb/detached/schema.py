"""The tables of the durable log, and opening, checking and setting aside its database.

One process at a time has it open: the runtime, which holds its place's lock. So SQLite may keep
its locks for itself (`locking_mode=EXCLUSIVE`), which is faster and works on any file system.
"""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from ..exceptions import StoreError

log = logging.getLogger(__name__)

VERSION = 1
"""Kept in ``PRAGMA user_version``."""

CHECKED_UP_TO = 32 << 20
"""Bytes. A larger database is not read through at the start, which would take seconds: damage then
shows, and is treated the same, where it is met."""

ASIDE_KEPT = 3
"""Damaged logs kept for people to look at; older ones go."""

WAL_PAGES = 1_000
"""Pages in the write-ahead log before it is worked off and begun anew."""

_PARTS = ("", "-wal", "-shm")

TABLES = """
-- One row per submitted task, from its acknowledgement until it is forgotten.
CREATE TABLE tasks (
    number INTEGER PRIMARY KEY,                -- in the order of submission
    id TEXT NOT NULL UNIQUE,
    session TEXT NOT NULL,                     -- the notebook
    submitted REAL NOT NULL,                   -- seconds since the epoch
    task TEXT NOT NULL,                        -- JSON: rows.task_to_json
    surroundings INTEGER,
    given TEXT NOT NULL,                       -- JSON [digest, size]: it is nothing but this value
    call_digest TEXT NOT NULL,                 -- of the packed call, if it is in the store
    call BLOB                                  -- else the call, or the given value, itself
);
CREATE INDEX tasks_of_session ON tasks (session, number);
-- How a task ended; none while it is not over. (Written once each, beside `tasks`: changing rows
-- that have a call in them would cost twice as much.)
CREATE TABLE outcomes (
    number INTEGER PRIMARY KEY,
    state TEXT NOT NULL,                       -- the final state
    ended REAL NOT NULL,                       -- seconds since the epoch
    outcome TEXT NOT NULL,                     -- JSON: rows.outcome_to_json
    parts BLOB                                 -- small values, exception, frames: rows.parts_to_bytes
);
-- Where a task was submitted: directory, import path, environment. Shared by many tasks.
CREATE TABLE surroundings (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    digest TEXT NOT NULL UNIQUE,
    data TEXT NOT NULL
);
CREATE INDEX outcomes_ended ON outcomes (ended);
-- Blobs of the store that a task refers to: its call, its large results, its long output.
CREATE TABLE large (
    number INTEGER NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (number, digest)
) WITHOUT ROWID;
-- What a notebook keeps for its next kernel; under the session '', what the runtime does itself.
CREATE TABLE notes (
    session TEXT NOT NULL,
    key TEXT NOT NULL,
    data BLOB NOT NULL,
    at REAL NOT NULL,
    PRIMARY KEY (session, key)
) WITHOUT ROWID;
-- What happened to the runtime, for people.
CREATE TABLE events (
    at REAL NOT NULL,
    text TEXT NOT NULL
);
"""


def open_database(path: Path) -> tuple[sqlite3.Connection, str]:
    """Open the database, creating it if it is missing. One that is damaged, or of another format,
    is set aside and an empty one begun.

    :return: the connection, and in one sentence what was set aside ("" if nothing was).
    :raises StoreError: not even an empty one can be made.
    """
    try:
        try:
            return connect(path), ""
        except sqlite3.OperationalError:
            raise  # read-only, full: the file itself is not to blame
        except sqlite3.DatabaseError as error:
            kept = set_aside(path)
            what = f"the log of tasks could not be read ({error}); it was set aside as {kept}"
            log.error("%s", what)
            return connect(path), what
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the log of tasks {path} cannot be opened: {error}") from error


def connect(path: Path) -> sqlite3.Connection:
    """:raises sqlite3.DatabaseError: it is damaged, or of another format."""
    connection = sqlite3.connect(path, timeout=5.0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA auto_vacuum=INCREMENTAL")  # must be the first
        connection.execute("PRAGMA locking_mode=EXCLUSIVE")
        connection.execute("PRAGMA journal_mode=WAL")
        # What a commit has acknowledged is on the disk, also after a power cut.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA fullfsync=ON")  # macOS: flush the drive's own cache too
        connection.execute(f"PRAGMA wal_autocheckpoint={WAL_PAGES}")
        connection.execute("PRAGMA cache_size=-8000")  # KiB
        version = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if version == 0:
            connection.executescript(f"BEGIN;{TABLES}PRAGMA user_version={VERSION};COMMIT;")
        elif version != VERSION:
            raise sqlite3.DatabaseError(f"it has format {version}, this is format {VERSION}")
        if os.path.getsize(path) <= CHECKED_UP_TO:
            verdict = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if verdict != "ok":
                raise sqlite3.DatabaseError(str(verdict))
    except BaseException:
        connection.close()
        raise
    os.chmod(path, 0o600)
    return connection


def stretch(connection: sqlite3.Connection) -> None:
    """Give the write-ahead log the size that it may reach. Flushing what overwrites a file takes
    half as long as flushing what makes it longer."""
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    (page,) = connection.execute("PRAGMA page_size").fetchone()
    with suppress(OSError):
        if os.path.getsize(f"{path}-wal") >= WAL_PAGES * page:
            return
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(
        "INSERT INTO notes VALUES ('', 'stretch', zeroblob(?), 0)", (WAL_PAGES * page,)
    )
    connection.execute("COMMIT")
    connection.execute("DELETE FROM notes WHERE session = '' AND key = 'stretch'")
    connection.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()


def set_aside(path: Path) -> Path:
    """Move the database away, with what belongs to it; where its main file is now."""
    stamp = time.time_ns()
    aside = path.with_name(f"{path.name}-damaged-{stamp}")
    for suffix in _PARTS:
        with suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", f"{aside}{suffix}")
    kept = sorted(p for p in path.parent.glob(f"{path.name}-damaged-*") if p.name[-1].isdigit())
    for old in kept[:-ASIDE_KEPT]:
        for suffix in _PARTS:
            with suppress(OSError):
                os.unlink(f"{old}{suffix}")
    return aside
