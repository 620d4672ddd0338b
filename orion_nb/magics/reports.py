"""What ``%orion`` shows: each report as text and as HTML."""

from __future__ import annotations

import html
import time
from collections.abc import Iterable, Sequence

from orion_nb.client.session import CacheEntry, CacheReport, TaskReport
from orion_nb.core.model import TaskState, WorkerKind

from . import reasons
from .cells import TaskCell
from .failures import story
from .forecast import forecast
from .notebook import Notebook
from .rendering import colours_to_html, without_colours
from .tables import cut, html_table, text_table
from .upkeep import Step
from .wording import seconds, size

Report = tuple[str, str]


def status(notebook: Notebook, cells: Sequence[TaskCell]) -> Report:
    """One row for each task cell."""
    if not cells:
        text = "No task cells yet. Write  %%orion_task  as the first line of a cell."
        return text, f"<div>{html.escape(text)}</div>"
    rows, colours = [], []
    for cell in cells:
        words = notebook.words(cell)
        with notebook.lock:
            workers = dict.fromkeys(t.worker for t in notebook.tracks(cell) if t.worker)
        makes = cut(", ".join(cell.outputs), 40)
        rows.append([f"{words.icon} {cell.name}", words.text, ", ".join(workers), makes])
        colours.append(words.colour)
    head = ["task", "state", "worker", "makes"]
    return text_table(head, rows, spare=3), html_table(head, rows, colours)


_LONG_REASON = 40  # characters beyond which the table may have cut it

_ACTIONS = {
    "done": ("✓", "#2e8b3d", "up to date"),
    "running": ("▶", "#1f77d0", "runs already"),
    "hit": ("⚡", "#2e8b3d", "cache hit"),
    "run": ("●", "#c77700", "would run"),
    "blocked": ("⊘", "#d03b3b", "blocked"),
}


def plan(notebook: Notebook, steps: Sequence[Step]) -> Report:
    """One row for each step, and what all of it would take."""
    expected = forecast(notebook, steps)
    rows, colours = [], []
    for step, part in zip(steps, expected.parts, strict=True):
        icon, colour, words = _ACTIONS[step.action]
        rows.append([f"{icon} {step.cell.name}", words, part.takes, part.result, step.why])
        colours.append(colour)
    head = ["task", "%orion run", "takes", "result", "because"]
    text, markup = text_table(head, rows, spare=4), html_table(head, rows, colours)
    long = [step for step in steps if step.action == "blocked" and len(step.why) > _LONG_REASON]
    text += "".join(f"\n⊘ {step.cell.name}: {step.why}" for step in long)
    if expected.words:
        text += f"\n\n{expected.words}"
        markup += f'<p style="margin:6px 0 0">{html.escape(expected.words)}</p>'
    return text, markup


def why(notebook: Notebook, cell: TaskCell) -> Report:
    """What has happened to a cell's tasks and for what reason."""
    lines = [f"{notebook.words(cell).icon} {cell.name} · {notebook.words(cell).text}"]
    reports = [notebook.session.report(task) for task in cell.tasks]
    known = [report for report in reports if report is not None]
    ready = next((report for report in known if report.state is TaskState.READY), None)
    if ready is not None:
        lines.append(f"  {_busy(notebook, ready.task.policy.kind)}")
    lines += _blamed_lines(notebook, cell)
    lines += _key_lines(notebook, cell, known)
    for report in _worth_telling(known):
        label = f" {report.task.name}" if len(known) > 1 else ""
        lines += ["", f"What happened{label}:", *(f"  {line}" for line in story(report.story))]
        if report.error is not None and report.error.traceback:
            lines += ["", *report.error.traceback.splitlines()]
    text = "\n".join(lines)
    markup = f'<pre style="margin:0;white-space:pre-wrap">{colours_to_html(text)}</pre>'
    return without_colours(text), markup


def _blamed_lines(notebook: Notebook, cell: TaskCell) -> Iterable[str]:
    """What has failed, of a cell that did not run because of it."""
    blamed = notebook.cell_named(notebook.blames(cell))
    if blamed is not None:
        yield f"  {blamed.name}: {notebook.words(blamed).text}"
        yield f"  %orion why {blamed.name}  shows its traceback"


def _busy(notebook: Notebook, kind: WorkerKind) -> str:
    """Why a task that has everything does not run yet."""
    workers = [worker for worker in notebook.session.workers() if worker.kind == kind.value]
    running = [worker.task for worker in workers if worker.task]
    if not running:
        return "the workers are still starting"
    cells = [notebook.cell_of_task(task) for task in running]
    names = dict.fromkeys(cell.name for cell in cells if cell is not None)
    are = "is" if len(running) == 1 else "are"
    return f"{len(running)} of {len(workers)} workers {are} busy: {', '.join(names)}"


def _worth_telling(reports: Sequence[TaskReport]) -> list[TaskReport]:
    """The story of the only task; of many, those of the first that failed."""
    if len(reports) == 1:
        return list(reports)
    return [report for report in reports if report.state is TaskState.FAILED][:1]


def _key_lines(notebook: Notebook, cell: TaskCell, reports: Sequence[TaskReport]) -> Iterable[str]:
    if cell.uncached:
        yield f"  not cached: {'; '.join(cell.uncached)}"
    keyed = [report for report in reports if report.task.recipe is not None]
    # Of many items, one that was computed tells more than one that was not.
    report = next((one for one in keyed if one.hit is None), next(iter(keyed), None))
    if report is None or report.task.recipe is None:
        return
    if report.task.recipe.provenance:
        yield f"  keyed by provenance: {', '.join(report.task.recipe.provenance)}"
    found = reasons.of_report(notebook, cell, report)
    if found is not None:
        yield f"  {found.head}"
        yield from (f"    {line}" for line in found.differences)


def workers(notebook: Notebook) -> Report:
    """One row for each worker."""
    rows = []
    for worker in notebook.session.workers():
        cell = notebook.cell_of_task(worker.task)
        rows.append([worker.id, worker.kind, cell.name if cell is not None else worker.task])
    head = ["worker", "kind", "runs"]
    return text_table(head, rows), html_table(head, rows)


def cache_size(report: CacheReport) -> Report:
    """How full the cache is and where it lies."""
    limit = f" of {size(report.limit)}" if report.limit is not None else ""
    text = f"{report.entries} results, {size(report.bytes)}{limit}, in {report.path}"
    return text, f"<div>{html.escape(text)}</div>"


def cache_list(entries: Sequence[CacheEntry]) -> Report:
    """The newest entries."""
    now = time.time()
    rows = [
        [
            entry.name,
            size(entry.bytes),
            seconds(entry.duration),
            f"{seconds(max(0.0, now - entry.created))} ago",
            entry.key[:12],
        ]
        for entry in entries
    ]
    head = ["task", "size", "took", "computed", "key"]
    return text_table(head, rows), html_table(head, rows)
