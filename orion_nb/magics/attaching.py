"""``%orion attach``: every task cell of earlier kernels comes back without being executed.

Names, versions, dependencies, the graph and what the tasks have put out are restored; values are
read from the runtime when a cell asks for them. Plain cells are not: what their names meant went
with the kernel that ran them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orion_nb.exceptions import UnknownDependency, UsageError

from .adopting import take_over
from .cells import TaskCell
from .channels import box_for
from .notebook import Notebook
from .remembered import Remembered
from .suggest import unknown


class Attached(NamedTuple):
    """What has come back, and what could not."""

    cells: list[TaskCell]
    forgotten: list[str]  # names of cells whose tasks the runtime does not know any more
    missing: dict[str, list[str]]  # name of a cell → names of plain cells that it needs to run anew


def attach(notebook: Notebook, names: Sequence[str] = ()) -> Attached:
    """Take over the cells of earlier kernels, all or those of these names, oldest first.

    :raises UsageError: the runtime lives and dies with the kernel.
    :raises UnknownDependency: a name that no cell of an earlier kernel has.
    """
    if not notebook.session.durable:
        raise UsageError(
            "tasks of this runtime end with their kernel, so there are none to attach to "
            "(ORION_RUNTIME=detached  has one that outlives it)"
        )
    cells: list[TaskCell] = []
    forgotten: list[str] = []
    for found in _chosen(notebook, names):
        declared = found.declared
        if notebook.namesake(declared.name, declared.written.key) is not None:
            notebook.memory.drop([declared.written.key])  # another cell has the name by now
            continue
        cell = take_over(notebook, declared.written.key, declared.name)
        if cell is None:
            forgotten.append(declared.name)
        else:
            cells.append(cell)
    return Attached(cells, forgotten, _missing(notebook, cells))


def show(notebook: Notebook, cells: Sequence[TaskCell]) -> None:
    """Open the output of attached cells beneath the cell that executes now."""
    for cell in cells:
        notebook.attach(cell, cell.declared, box_for(notebook.shell))
    notebook.flush(inside_cell=True)


def _chosen(notebook: Notebook, names: Sequence[str]) -> list[Remembered]:
    left = notebook.memory.left()
    if not names:
        return left
    chosen = []
    for name in names:
        found = [one for one in left if name in (one.declared.name, *one.declared.outputs)]
        if not found:
            known = [one.declared.name for one in left]
            raise UnknownDependency(unknown("task of an earlier kernel", name, known))
        chosen += found
    return [one for one in left if one in chosen]


def _missing(notebook: Notebook, cells: Sequence[TaskCell]) -> dict[str, list[str]]:
    there = {*notebook.shell.user_ns, *notebook.task_made_names()}
    needs = {cell.name: [n for n in cell.declared.carried if n not in there] for cell in cells}
    return {name: names for name, names in needs.items() if names}


def words(done: Attached) -> list[str]:
    """What is said of it beside the table of the cells, one line each."""
    lines = []
    if done.forgotten:
        lines.append(
            f"no longer known to the runtime: {', '.join(done.forgotten)}. "
            "Run their cells again; what was cached is a hit."
        )
    if done.missing:
        names = dict.fromkeys(f"`{name}`" for names in done.missing.values() for name in names)
        lines.append(
            f"to run {', '.join(done.missing)} anew, run the plain cells first that make "
            f"{', '.join(names)}: their values went with the kernel."
        )
    return lines
