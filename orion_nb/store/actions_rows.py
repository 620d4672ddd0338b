"""What the action cache answers and is told, and how one entry lies in its tables."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from ..core.model import ActionResult, Component, Digest, Output
from .actions_schema import TRANSCRIPT

LATEST_KEPT = 5
"""Earlier keys remembered per task name, for `why`."""

BATCH = 500  # parameters of one statement; SQLite's old limit is 999


class Probe(NamedTuple):
    """The answer for one key."""

    result: ActionResult | None
    why: str = ""  # of a miss
    inline: Mapping[Digest, bytes] = {}


class Record(NamedTuple):
    """One accepted result, to be remembered."""

    result: ActionResult
    name: str = ""
    group: str = ""
    components: tuple[Component, ...] = ()
    inline: Mapping[Digest, bytes] = {}
    """Bytes of the outputs (and the transcript) that are not in the blob store."""


class KeyUsed(NamedTuple):
    """A key that a task name had at some time, with what it was made of."""

    key: Digest
    components: tuple[Component, ...]
    at: float  # seconds since the epoch


class Entry(NamedTuple):
    """One line of a listing."""

    key: Digest
    name: str
    size: int  # bytes of all outputs
    duration: float
    created: float
    used: float
    origin: str


class CacheSize(NamedTuple):
    entries: int
    inline: int  # bytes of small values inside the database
    referenced: int  # bytes of big values that entries point to
    file: int  # bytes of the database


def write_record(db: sqlite3.Connection, record: Record, now: float) -> None:
    result = record.result
    outputs = dict(result.outputs)
    if result.transcript is not None:
        size = len(record.inline.get(result.transcript, b""))
        outputs[TRANSCRIPT] = Output(result.transcript, size)
    components = json.dumps(record.components)
    db.execute("DELETE FROM outputs WHERE key = ?", (result.key,))
    db.execute(
        "INSERT OR REPLACE INTO actions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            result.key,
            record.name,
            record.group,
            result.duration,
            result.origin,
            result.created or now,
            now,
            components,
            seal_of(result.key, outputs, result.duration, components),
        ),
    )
    db.executemany(
        "INSERT INTO outputs VALUES (?, ?, ?, ?)",
        [(result.key, name, output.digest, output.size) for name, output in outputs.items()],
    )
    # A damaged copy under the same digest must give way.
    db.executemany("INSERT OR REPLACE INTO blobs VALUES (?, ?)", list(record.inline.items()))
    if record.name:
        db.execute(
            "INSERT OR REPLACE INTO latest VALUES (?, ?, ?, ?, ?)",
            (record.name, result.key, record.group, now, components),
        )
        db.execute(
            "DELETE FROM latest WHERE name = ? AND key NOT IN"
            " (SELECT key FROM latest WHERE name = ? ORDER BY at DESC LIMIT ?)",
            (record.name, record.name, LATEST_KEPT),
        )


def seal_of(key: Digest, outputs: Mapping[str, Output], duration: float, components: str) -> str:
    """Checksum of what an entry claims."""
    claims = [f"{name}\n{digest} {size}" for name, (digest, size) in sorted(outputs.items())]
    text = "\n".join((key, repr(duration), *claims, components))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def components_from(text: str) -> tuple[Component, ...] | None:
    """None: damaged."""
    try:
        return tuple(Component(*part) for part in json.loads(text))
    except (ValueError, TypeError):
        return None


def batches(keys: Sequence[Digest]) -> Iterator[Sequence[Digest]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


def marks(values: Sequence[Any]) -> str:
    return ",".join("?" * len(values))
