"""`CellTable`: the task cells of one kernel, and who makes which name.

Looking only; what happens to cells is in `notebook`. `lock` guards all of it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from orion_nb.core.model import TaskId
from orion_nb.exceptions import UnknownDependency

from .cells import Declaration, TaskCell
from .names import NameTable
from .suggest import unknown
from .tracking import Track, Tracker


class CellTable:
    """Cells by key, their tasks, and the versions of the names that they make."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.tracker = Tracker()
        self.names = NameTable()
        self.cells: dict[str, TaskCell] = {}  # by key, in order of first declaration

    # ---------------------------------------------------------------- finding cells

    def cell_of_task(self, task: TaskId) -> TaskCell | None:
        """The cell that a task belongs to now; None for tasks of earlier executions."""
        track = self.tracker.tracks.get(task)
        return self.cells.get(track.owner) if track is not None else None

    def cell_named(self, name: str) -> TaskCell | None:
        """The cell of a task's name, or else the newest that makes an output of this name."""
        with self.lock:
            for cell in self.cells.values():
                if cell.name == name:
                    return cell
            producer = self.names.producer(name)
            return self.cells.get(producer) if producer is not None else None

    def find(self, names: Iterable[str]) -> list[TaskCell]:
        """The cells of these names; all of them for no names.

        :raises UnknownDependency: in one line, with what it may have meant.
        """
        names = list(names)
        if not names:
            return self.in_order()
        found = []
        for name in names:
            cell = self.cell_named(name)
            if cell is None:
                raise UnknownDependency(unknown("task", name, self.task_names()))
            found.append(cell)
        return list({cell.key: cell for cell in found}.values())

    def in_order(self) -> list[TaskCell]:
        """All cells in the order in which they were first declared."""
        with self.lock:
            return sorted(self.cells.values(), key=lambda cell: self.names.position(cell.key))

    def namesake(self, name: str, key: str) -> TaskCell | None:
        """Another cell than that of this key whose task has this name."""
        with self.lock:
            others = (cell for cell in self.cells.values() if cell.key != key)
            return next((cell for cell in others if cell.name == name), None)

    def downstream(self, cell: TaskCell) -> list[TaskCell]:
        """The cells that read what this one makes, directly or not, nearest first."""
        with self.lock:
            found: dict[str, TaskCell] = {}
            todo = [cell]
            for one in todo:
                for other in self.cells.values():
                    if other.key in found or other.key == cell.key:
                        continue
                    if any(origin.cell == one.key for origin in other.declared.origins.values()):
                        found[other.key] = other
                        todo.append(other)
            return list(found.values())

    # ---------------------------------------------------------------- names

    def producer_for(self, key: str, name: str) -> TaskCell | None:
        """The task cell that makes a name as this cell sees it; None for a plain name."""
        with self.lock:
            producer = self.names.bind(key, name)
            return self.cells.get(producer) if producer is not None else None

    def task_made_names(self) -> set[str]:
        """Names that stand for outputs or imports of task cells."""
        with self.lock:
            return {name for cell in self.cells.values() for name in cell.declared.makes}

    def declare(self, declared: Declaration) -> None:
        """From here on the cell makes its names, for cells that come after it."""
        with self.lock:
            self.names.declare(declared.written.key, declared.makes)

    def plain(self, key: str, names: Iterable[str]) -> None:
        """A plain cell has bound these names: later cells get its values."""
        with self.lock:
            self.names.declare_plain(key, names)

    def task_names(self) -> list[str]:
        with self.lock:
            return [cell.name for cell in self.cells.values()]

    def output_names(self) -> list[str]:
        with self.lock:
            return list(dict.fromkeys(n for cell in self.cells.values() for n in cell.outputs))

    # ---------------------------------------------------------------- tasks

    def tracks(self, cell: TaskCell) -> list[Track]:
        """Its tasks as they are now. Hold the lock to look at more than one moment."""
        return [self.tracker.get(task) for task in cell.tasks]

    def broken(self, cell: TaskCell) -> list[TaskId]:
        """Its tasks that failed, never ran because of a failure, or were cancelled."""
        with self.lock:
            return [track.id for track in self.tracks(cell) if track.final and not track.done]

    def blames(self, cell: TaskCell) -> str:
        """The name of the cell whose failure kept this one from running; "" if none did."""
        roots = (self.cell_of_task(track.root) for track in self.tracks(cell) if track.root)
        return next((root.name for root in roots if root is not None and root is not cell), "")

    def unfinished(self, cell: TaskCell) -> list[TaskId]:
        with self.lock:
            if self.is_over(cell):
                return []
            return [track.id for track in self.tracks(cell) if not track.final]

    def is_over(self, cell: TaskCell) -> bool:
        """Have all its tasks ended? Quick, however many there are."""
        return self.tracker.unfinished[cell.key] == 0

    def waits_for(self, cell: TaskCell) -> str:
        """Names of the cells whose tasks keep this one waiting."""
        waits = []
        for key in cell.declared.needs:
            other = self.cells.get(key)
            if other is not None and not self.is_over(other):
                waits.append(other.name)
        return ", ".join(waits)
