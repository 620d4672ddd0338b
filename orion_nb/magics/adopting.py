"""Task cells of earlier kernels: found again in the runtime, and taken over. See ADR 0028.

A cell is found by its key or, where the front end has given it another id since, by its name. It
is taken over if the runtime still knows all of its tasks; whether executing it then *attaches* to
them is decided as in one kernel (`submit`), with one addition: what ended while nobody looked is
shown once, whether or not it could be cached and however it ended.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from orion_nb.client.session import Session, TaskReport
from orion_nb.core.model import TaskState, WorkerKind

from .cells import TaskCell
from .notebook import Notebook
from .remembered import Remembered

_ONE_BY_ONE = 50
"""Tasks up to which each is asked for; more are taken from the list of all."""


def take_over(notebook: Notebook, key: str, name: str) -> TaskCell | None:
    """The cell as an earlier kernel has left it, now among the notebook's own, but not shown.

    None: there was none, or the runtime has forgotten its tasks.
    """
    session = notebook.session  # opened, so what was noted has been read
    found = notebook.memory.find(key, name)
    if found is None:
        return None
    written = found.declared.written
    notebook.memory.take(written.key)
    if written.key != key:
        notebook.memory.drop([written.key])
    cell = _restored(notebook, session, found, key)
    if cell is None:
        notebook.memory.drop([key])
    elif written.key != key:
        notebook.memory.keep(cell.declared, cell.tasks, cell.since)
    return cell


def _restored(notebook: Notebook, session: Session, found: Remembered, key: str) -> TaskCell | None:
    notebook.incoming.hold(found.tasks)
    reports: Sequence[TaskReport] | None = None
    try:
        reports = _reports(session, found)
    finally:
        notebook.incoming.release(found.tasks, reports or ())
    if reports is None:
        return None
    declared = replace(found.declared, written=replace(found.declared.written, key=key))
    return notebook.restore(found, declared)


def _reports(session: Session, found: Remembered) -> Sequence[TaskReport] | None:
    """Of all its tasks, in order; None if one of them is not known any more, or has no meaning
    without its kernel."""
    if len(found.tasks) <= _ONE_BY_ONE:
        known = {task: session.report(task) for task in found.tasks}
    else:
        known = {report.task.id: report for report in session.earlier()}
    reports = [report for task in found.tasks if (report := known.get(task)) is not None]
    if len(reports) != len(found.tasks):
        return None
    # Threads of a kernel end with it: that is no failure of the task's own.
    threads = found.declared.options.policy.kind is WorkerKind.THREAD
    if threads and any(report.state is not TaskState.DONE for report in reports):
        return None
    return reports
