"""Notebooks that a program executes (nbclient, papermill, `jupyter execute`): nobody looks on.

Errors of cells are all that such a run reports, and its file is closed when the last cell has
ended. So there ``%orion wait`` raises the failure of what it waited for, and what the run has
left behind is said on the program's own standard error when the kernel ends.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TextIO

from orion_nb.core.model import ObjectRef, TaskState
from orion_nb.exceptions import OrionError

from .cells import TaskCell
from .channels import DISPLAY
from .failures import dress
from .notebook import Notebook

_FAILURES = (TaskState.FAILED, TaskState.UPSTREAM_FAILED)


def raise_failure(notebook: Notebook, cells: Iterable[TaskCell]) -> None:
    """Raise what made a task of these cells fail; nothing if none has failed.

    :raises TaskFailed: and its kinds, with the traceback of the task's cell. A root cause goes
        before what did not run because of it.
    """
    with notebook.lock:
        found = [
            (track.state, track.id, cell)
            for cell in cells
            for track in notebook.tracks(cell)
            if track.state in _FAILURES
        ]
    if not found:
        return
    _, task, cell = min(found, key=lambda one: _FAILURES.index(one[0]))
    report = notebook.session.report(task)
    try:
        notebook.session.result(ObjectRef(task), timeout=0)
    except OrionError as error:
        story = report.story if report is not None else ()
        blamed = notebook.blames(cell) or cell.name
        raise dress(error, "", cell.name, blamed, error.__cause__, story) from error.__cause__


def farewell(notebook: Notebook, stream: TextIO | None = None) -> None:
    """Say on `stream` (standard error) what the run did not wait for. Asks nothing of the session:
    it may be closed."""
    lines = left_behind(notebook)
    if lines:
        print(*lines, sep="\n", file=stream or sys.__stderr__, flush=True)


def left_behind(notebook: Notebook) -> Sequence[str]:
    """One line for what has not ended, and one for failures of a run that ended well."""
    with notebook.lock:
        shown = [
            cell
            for cell in notebook.in_order()
            if cell.transcript is not None and cell.transcript.style == DISPLAY
        ]
        unfinished = [cell.name for cell in shown if notebook.unfinished(cell)]
        failed = [
            cell.name
            for cell in shown
            if any(track.state is TaskState.FAILED for track in notebook.tracks(cell))
        ]
    lines = []
    if unfinished:
        lines.append(
            f"orion: the run ended before {_names(unfinished)}: what came later is not in the file. "
            f"{_fate(notebook)} A last cell  %orion wait  waits for everything."
        )
    if failed and notebook.shell.last_execution_succeeded:
        lines.append(
            f"orion: failed: {_names(failed)}. A last cell  %orion wait  makes the run fail, too."
        )
    return lines


def _fate(notebook: Notebook) -> str:
    """What becomes of tasks whose kernel ends."""
    durable = notebook.started and notebook.session.durable
    return "It goes on, and another run finds it." if durable else "It was stopped."


def _names(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
