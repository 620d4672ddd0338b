"""Task cells written down for the next kernel of the notebook, as notes of the session.

A note has all that the notebook keeps of a submitted cell (its `Declaration`) and the ids of its
tasks: enough to show it, to read its outputs and to know when the same work is asked for again.
Not in it: values of the notebook. To run such a cell anew, its plain cells must have run.

A second, tiny note says that a kernel has told how the cell's tasks ended: see `adopting`.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orion_nb.client.session import Session
from orion_nb.core.action import hash_parts
from orion_nb.core.model import TaskId
from orion_nb.exceptions import UsageError

from .cell_runner import ModuleName
from .cells import Declaration, Origin, Written
from .options import parse_task_line

log = logging.getLogger(__name__)

_FORMAT = 1
_CELL, _TOLD = "cell ", "told "

LONGEST = 1 << 20
"""Bytes of a note, as sessions take them. A cell that needs more (hundreds of thousands of tasks)
is not found again by the next kernel."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A cell as an earlier kernel has left it."""

    declared: Declaration
    tasks: tuple[TaskId, ...]
    since: float  # first declared, in seconds since the epoch
    told: bool  # a kernel has shown how its tasks ended


class Memory:
    """The notes of one notebook's cells. Callers hold no lock: it asks the session."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._cells: dict[str, Remembered] = {}  # of earlier kernels, by key
        self._told: set[str] = set()  # short keys of which that is noted

    def open(self, session: Session) -> None:
        """Read what earlier kernels have left. Does nothing where nothing outlives a kernel."""
        if not session.durable:
            return
        self._session = session
        notes = session.notes()
        self._told = {name.removeprefix(_TOLD) for name in notes if name.startswith(_TOLD)}
        self._cells = dict(_read(notes))

    def left(self) -> list[Remembered]:
        """Cells of earlier kernels that this one has not taken up, oldest first."""
        return sorted(self._cells.values(), key=lambda one: one.since)

    def names(self) -> list[str]:
        """Of the tasks of these cells."""
        return [one.declared.name for one in self.left()]

    def find(self, key: str, name: str) -> Remembered | None:
        """The cell of a key or, where the front end has given it another id, of a name."""
        found = self._cells.get(key)
        if found is not None:
            return found
        return next((one for one in self._cells.values() if one.declared.name == name), None)

    def has(self, key: str) -> bool:
        """Has an earlier kernel had a task cell of this key?"""
        return key in self._cells

    def makes(self, name: str) -> bool:
        """Has an earlier kernel had a task that makes this name?"""
        return any(name in one.declared.makes for one in self._cells.values())

    def take(self, key: str) -> None:
        """This kernel has the cell now, or has found that nothing is left of it."""
        self._cells.pop(key, None)

    def keep(self, declared: Declaration, tasks: Sequence[TaskId], since: float) -> None:
        """Write a cell down, in place of what was written of it before."""
        if self._session is None:
            return
        key = _short(declared.written.key)
        data = _pack(declared, tasks, since)
        if len(data) > LONGEST:
            log.warning("%s has too many tasks for the next kernel to find it", declared.name)
            return
        if key in self._told:
            self._told.discard(key)
            self._session.note(_TOLD + key, None)
        self._session.note(_CELL + key, data)

    def told(self, key: str) -> None:
        """This kernel has shown how the cell's tasks ended."""
        if self._session is not None:
            self._told.add(_short(key))
            self._session.note(_TOLD + _short(key), b"1")

    def drop(self, keys: Iterable[str]) -> None:
        """These cells are gone."""
        for key in keys:
            self._cells.pop(key, None)
            if self._session is not None:
                self._session.note(_CELL + _short(key), None)
                self._session.note(_TOLD + _short(key), None)
                self._told.discard(_short(key))


def _short(key: str) -> str:
    """A key may be of any length (some front ends give URIs)."""
    return hash_parts("cell", key)[:32]


def _read(notes: Mapping[str, bytes]) -> Iterable[tuple[str, Remembered]]:
    for name, data in notes.items():
        if not name.startswith(_CELL):
            continue
        told = _TOLD + name.removeprefix(_CELL) in notes
        try:
            found = _unpack(data, told)
        except (ValueError, KeyError, TypeError, zlib.error, UsageError) as error:
            # Of another version: the cell is then submitted anew, and finds its results cached.
            log.warning("a note about a task cell cannot be read: %s", error)
            continue
        yield found.declared.written.key, found


def _pack(declared: Declaration, tasks: Sequence[TaskId], since: float) -> bytes:
    fields = {
        field.name: getattr(declared, field.name)
        for field in dataclasses.fields(declared)
        if field.name not in ("written", "options", "origins")
    }
    fields["written"] = dataclasses.asdict(declared.written)
    fields["origins"] = dict(declared.origins)
    text = json.dumps({"format": _FORMAT, "since": since, "tasks": [*tasks], **fields})
    return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)


def _unpack(data: bytes, told: bool) -> Remembered:
    fields: dict[str, Any] = json.loads(zlib.decompress(data).decode("utf-8", "surrogatepass"))
    if fields["format"] != _FORMAT:
        raise ValueError(f"format {fields['format']}")
    written = Written(**fields["written"])
    declared = Declaration(
        written=written,
        name=fields["name"],
        options=parse_task_line(written.line),
        outputs=tuple(fields["outputs"]),
        imports=tuple(ModuleName(*one) for one in fields["imports"]),
        definitions=tuple(fields["definitions"]),
        origins={name: Origin(*one) for name, one in fields["origins"].items()},
        after=tuple(fields["after"]),
        carried=tuple(fields["carried"]),
        provenance=tuple(fields["provenance"]),
        uncached=tuple(fields["uncached"]),
        labels=tuple(fields["labels"]),
        work=fields["work"],
    )
    return Remembered(declared, tuple(fields["tasks"]), fields["since"], told)
