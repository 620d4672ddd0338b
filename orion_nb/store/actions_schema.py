"""The tables of the action cache, and opening, checking and setting aside its database."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from ..exceptions import StoreError
from . import eviction, paths
from .filelock import locked

log = logging.getLogger(__name__)

VERSION = 1
"""Kept in ``PRAGMA user_version``. A database of another version is set aside: it is a cache."""

BUSY_TIMEOUT = 15.0
"""Seconds to wait for another process's transaction (each takes well under a millisecond)."""

TABLES = """
CREATE TABLE actions (
    key TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    grp TEXT NOT NULL,
    duration REAL NOT NULL,
    origin TEXT NOT NULL,
    created REAL NOT NULL,
    used REAL NOT NULL,
    components TEXT NOT NULL,
    seal TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX actions_used ON actions (used);
CREATE INDEX actions_name ON actions (name);
CREATE TABLE outputs (
    key TEXT NOT NULL,
    name TEXT NOT NULL,
    digest TEXT NOT NULL,
    size INTEGER NOT NULL,
    PRIMARY KEY (key, name)
) WITHOUT ROWID;
CREATE INDEX outputs_digest ON outputs (digest);
CREATE TABLE blobs (
    digest TEXT PRIMARY KEY,
    data BLOB NOT NULL
);
CREATE TABLE latest (
    name TEXT NOT NULL,
    key TEXT NOT NULL,
    grp TEXT NOT NULL,
    at REAL NOT NULL,
    components TEXT NOT NULL,
    PRIMARY KEY (name, key)
) WITHOUT ROWID;
CREATE TABLE durations (
    grp TEXT NOT NULL,
    at REAL NOT NULL,
    seconds REAL NOT NULL
);
CREATE INDEX durations_grp ON durations (grp, at);
"""

TRANSCRIPT = "\x00transcript"
"""Name under which the transcript's blob is kept beside the outputs; no output can have it."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the database, creating it if it is missing.

    :raises sqlite3.DatabaseError: it is damaged, or of another version.
    """
    connection = sqlite3.connect(
        path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
    )
    try:
        # On a network file system WAL may be refused: SQLite then stays with its slower mode.
        connection.execute("PRAGMA journal_mode=WAL")
        # A power cut may cost the last results, never the database's integrity.
        connection.execute("PRAGMA synchronous=NORMAL")
        _ensure_tables(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _ensure_tables(connection: sqlite3.Connection) -> None:
    if _version(connection) == VERSION:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        version = _version(connection)  # another process may have been quicker
        if version == 0:
            for statement in TABLES.split(";"):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={VERSION}")
        elif version != VERSION:
            raise sqlite3.DatabaseError(f"it has format {version}, this is format {VERSION}")
    finally:
        connection.execute("COMMIT" if connection.in_transaction else "SELECT 1")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def open_or_replace(path: Path, broken: sqlite3.Connection | None = None) -> sqlite3.Connection:
    """Open the database; if it is damaged, set it aside and begin an empty one.

    :param broken: a connection on which damage was just found.
    :raises StoreError: not even an empty one can be made.
    """
    try:
        with locked(path.with_suffix(".lock")):
            if broken is not None:
                broken.close()
                # Only if nobody else has replaced it in the meantime.
                if not _healthy(path):
                    _set_aside(path, "it is damaged")
            try:
                return connect(path)
            except sqlite3.OperationalError:
                raise  # locked, read-only, full: the file itself is not to blame
            except sqlite3.DatabaseError as error:
                _set_aside(path, str(error))
                return connect(path)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(f"the action cache {path} cannot be opened: {error}") from error


def _healthy(path: Path) -> bool:
    try:
        connection = connect(path)
    except sqlite3.Error:
        return False
    try:
        return connection.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"  # type: ignore[no-any-return]
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()


def _set_aside(path: Path, why: str) -> None:
    """Move the database away, with what belongs to it."""
    folder = paths.make_private(path.parent / "quarantine")
    stamp = time.time_ns()
    for suffix in ("", "-wal", "-shm"):
        with suppress(FileNotFoundError):
            os.replace(f"{path}{suffix}", folder / f"{path.name}-{stamp}{suffix}")
    eviction.trim_quarantine(folder)
    log.warning("the action cache %s was set aside (%s): results will be recomputed", path, why)
