"""Which version of a name a cell means. Pure.

Every cell that binds names makes a version of each. Cells have positions: the order in which
they were first executed, which a re-run does not change. A cell reads the newest version with a
smaller position than its own — so executing it again binds to what it read the first time, and
never to what it has made itself, however often and in which order cells are executed again.
Plain cells make versions too: a plain rebinding wins over a task for all cells after it.

Versions point back only, so they cannot form a cycle. The exception, `bind(…, later=True)`, is
for a name that has no other meaning (an earlier cell was edited to read something that was
first made below it); there the caller refuses cycles.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

CellKey = str


class Version(NamedTuple):
    """One binding of a name."""

    position: int
    cell: CellKey
    plain: bool
    """Bound by a plain cell: the value is the notebook's own."""


@dataclass(slots=True)
class _Cell:
    position: int
    names: frozenset[str] = frozenset()
    plain: bool = False


class NameTable:
    """The versions of all names of one notebook. Not thread-safe: its owner holds a lock."""

    def __init__(self) -> None:
        self._cells: dict[CellKey, _Cell] = {}
        self._versions: dict[str, list[Version]] = {}  # by name, in order of position
        self._next = 0

    def declare(self, cell: CellKey, names: Iterable[str]) -> None:
        """A task cell makes these names now, in place of those that it made before."""
        self._replace(cell, frozenset(names), plain=False)

    def declare_plain(self, cell: CellKey, names: Iterable[str]) -> None:
        """A plain cell has bound (or changed, or deleted) these names.

        Other names that it bound earlier stay: a plain cell is not asked what it no longer does.
        """
        known = self._cells.get(cell)
        before = known.names if known is not None and known.plain else frozenset()
        self._replace(cell, before | frozenset(names), plain=True)

    def remove(self, cell: CellKey) -> None:
        """The cell is gone; its names mean what they meant before it."""
        if cell in self._cells:
            self._replace(cell, frozenset(), plain=False)
            del self._cells[cell]

    def position(self, cell: CellKey) -> int:
        """Its place in the order of first declarations; of an unknown cell: the next one."""
        known = self._cells.get(cell)
        return known.position if known is not None else self._next

    def bind(self, cell: CellKey, name: str, *, later: bool = False) -> CellKey | None:
        """The task cell whose output the name is for this cell; None if it is a plain name.

        `later`: if nothing was made before the cell, take the first that was made after it.
        """
        version = self.resolve(name, self.position(cell))
        if version is None and later:
            position = self.position(cell)
            after = (one for one in self._versions.get(name, ()) if one.position > position)
            version = next(after, None)
        return None if version is None or version.plain else version.cell

    def resolve(self, name: str, position: int) -> Version | None:
        """The newest version before a position."""
        found = None
        for version in self._versions.get(name, ()):
            if version.position >= position:
                break
            found = version
        return found

    def newest(self, name: str) -> Version | None:
        """The newest version of all: what a new cell would read."""
        return self.resolve(name, self._next)

    def producer(self, name: str) -> CellKey | None:
        """The newest task cell that makes the name, whether or not a plain cell has taken it."""
        made = (one.cell for one in reversed(self._versions.get(name, ())) if not one.plain)
        return next(made, None)

    def _replace(self, cell: CellKey, names: frozenset[str], *, plain: bool) -> None:
        known = self._cells.get(cell)
        if known is None:
            known = self._cells[cell] = _Cell(self._next)
            self._next += 1
        for name in known.names:
            kept = [one for one in self._versions[name] if one.cell != cell]
            if kept:
                self._versions[name] = kept
            else:
                del self._versions[name]
        for name in names:
            versions = self._versions.setdefault(name, [])
            versions.append(Version(known.position, cell, plain))
            versions.sort()
        known.names, known.plain = names, plain
