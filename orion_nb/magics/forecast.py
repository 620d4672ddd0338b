"""What ``%orion run`` would take: seconds, from what tasks of the same name took before, and bytes.

The time of all is no sum: the tasks are played on the workers, in their order, with what each
waits for. What never ran is not guessed, and said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from orion_nb.client.session import Session
from orion_nb.core.model import ActionResult, TaskId, WorkerKind
from orion_nb.widget.format import plural
from orion_nb.widget.outlook import Job, simulate

from .notebook import Notebook
from .upkeep import Step, needs
from .wording import seconds, size

_SAMPLE = 5
"""Items of a ``--map`` whose earlier results are looked at; the others are thought to be like them."""

_ASKED = 100
"""Finished tasks of a cell that are asked for their size, at most."""


class Part(NamedTuple):
    """What one cell would take."""

    tasks: int  # that would be run, or run already
    each: float | None = None  # seconds of one of them; None: it never ran
    left: tuple[float, ...] = ()  # seconds left of those that run already
    saved: float = 0.0  # seconds that computing what is a hit has taken
    bytes: float | None = 0.0  # of all its results; None: not known
    exact: bool = False  # the bytes are there, not foreseen

    @property
    def takes(self) -> str:
        """For a table: ``~2.1 s``, ``8 × ~2.1 s``, ``?``."""
        if self.left and not self.tasks:
            return f"~{seconds(max(self.left))} left"
        if not self.tasks:
            return f"saves {seconds(self.saved)}" if self.saved else ""
        many = f"{self.tasks} × " if self.tasks > 1 else ""
        return many + (f"~{seconds(self.each)}" if self.each is not None else "?")

    @property
    def result(self) -> str:
        """For a table: ``1.2 MB``, ``~1.2 MB``, ``?``."""
        if self.bytes is None:
            return "?"
        return f"{'' if self.exact else '~'}{size(self.bytes)}" if self.bytes else ""


class Forecast(NamedTuple):
    """Of all steps of a plan."""

    parts: tuple[Part, ...]
    words: str
    """One line: what all of it would take, and what is not known."""


def forecast(notebook: Notebook, steps: Sequence[Step]) -> Forecast:
    """What `run` would take for these steps. Asks the session, computes nothing."""
    parts = tuple(_part(notebook, step) for step in steps)
    number = {step.cell.key: n for n, step in enumerate(steps)}
    jobs = []
    for step, part in zip(steps, parts, strict=True):
        upstream = needs(step.prepared) if step.prepared else step.cell.declared.needs
        before = tuple(number[key] for key in upstream if key in number)
        jobs.append(Job(part.each or 0.0, part.tasks, part.left, before))
    process = WorkerKind.PROCESS.value
    workers = sum(worker.kind == process for worker in notebook.session.workers()) or 1
    return Forecast(parts, _words(steps, parts, simulate(jobs, workers).seconds, workers))


def _words(steps: Sequence[Step], parts: Sequence[Part], total: float, workers: int) -> str:
    found = []
    tasks = sum(part.tasks for part in parts)
    running = sum(len(part.left) for part in parts)
    unknown = [
        step.cell.name
        for step, part in zip(steps, parts, strict=True)
        if part.tasks and part.each is None
    ]
    if tasks or running:
        begun = f", {running} running" if running else ""
        work = sum((part.each or 0.0) * part.tasks + sum(part.left) for part in parts)
        if work:
            least = "at least " if unknown else "≈ "
            told = f"{least}{seconds(total)} on {plural(workers, 'worker')}"
            if work > 1.05 * total:
                told += f" ({seconds(work)} of work)"
        else:
            told = "nobody knows how long"
        found.append(f"{plural(tasks, 'task')} to run{begun}: {told}")
        if unknown:
            found.append(f"never ran: {', '.join(unknown)}")
        if any(step.action == "run" and "a hit if" in step.why for step in steps):
            found.append("less where inputs turn out the same")
    saved = sum(part.saved for part in parts)
    if saved:
        found.append(f"hits save {seconds(saved)}")
    known = sum(part.bytes or 0.0 for part in parts)
    if known:
        least = "at least " if any(part.bytes is None for part in parts) else ""
        about = "" if least or all(part.exact or not part.bytes for part in parts) else "about "
        found.append(f"results: {least}{about}{size(known)}")
    return " · ".join(found)


def _part(notebook: Notebook, step: Step) -> Part:
    session, cell = notebook.session, step.cell
    if step.action == "hit":
        saved = sum(result.duration for result in step.found)
        return Part(0, saved=saved, bytes=float(sum(map(_bytes, step.found))), exact=True)
    if step.action == "done":
        return Part(0, bytes=_bytes_of(session, cell.tasks), exact=len(cell.tasks) <= _ASKED)
    if step.action == "blocked":
        return Part(0, bytes=0.0)
    labels = step.prepared.declaration.labels if step.prepared is not None else cell.labels
    earlier = _earlier(session, cell.name, labels)
    each = session.history(cell.name)
    if each is None and earlier:
        each = sum(result.duration for result in earlier) / len(earlier)
    total = sum(map(_bytes, earlier)) / len(earlier) * len(labels) if earlier else None
    if not labels:
        total = 0.0
    if step.action == "run":
        return Part(len(labels), each, bytes=total)
    return _running(notebook, step, Part(0, each, bytes=total))


def _running(notebook: Notebook, step: Step, part: Part) -> Part:
    """Of a cell some of whose tasks run, and others wait."""
    now = notebook.clock()
    with notebook.lock:
        tracks = [track for track in notebook.tracks(step.cell) if not track.final]
        elapsed = [track.elapsed(now) for track in tracks]
    begun = [spent for spent in elapsed if spent is not None]
    left = tuple(max((part.each or 0.0) - spent, 0.0) for spent in begun)
    return part._replace(tasks=len(tracks) - len(begun), left=left)


def _earlier(session: Session, name: str, labels: Sequence[str]) -> list[ActionResult]:
    """The newest results of a few of the tasks, from any earlier run."""
    step = max(1, len(labels) // _SAMPLE)
    names = [f"{name}[{label}]" if label else name for label in labels[::step][:_SAMPLE]]
    used = [session.earlier_keys(one)[:1] for one in names]
    answers = session.probe([key.key for keys in used for key in keys])
    return [result for result in answers.values() if result is not None]


def _bytes(result: ActionResult) -> int:
    return sum(output.size for output in result.outputs.values())


def _bytes_of(session: Session, tasks: Sequence[TaskId]) -> float | None:
    """Of the results of finished tasks; of many, from a part of them."""
    asked = _spread(tasks, _ASKED)
    reports = [report for task in asked if (report := session.report(task)) is not None]
    if not reports:
        return None if tasks else 0.0
    sizes = [sum(output.size for output in report.outputs.values()) for report in reports]
    return sum(sizes) * len(tasks) / len(reports)


def _spread(tasks: Sequence[TaskId], most: int) -> Iterable[TaskId]:
    return tasks[:: -(-len(tasks) // most)] if tasks else ()
