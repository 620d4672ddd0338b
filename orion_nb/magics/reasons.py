"""Why a task ran, was a hit or is never cached: which parts of its key are not as they were.

The same words stand in ``%orion why`` and in the graph. Any thread: nothing here touches the
notebook's names.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from orion_nb import keys
from orion_nb.client.session import TaskReport
from orion_nb.core.action import input_components
from orion_nb.core.model import Component, TaskId, TaskState

from .cells import TaskCell
from .digests import digest_of
from .inputs import named
from .notebook import Notebook
from .tables import cut
from .wording import seconds

_ACCEPTED = "accepted by hand"
_LONGEST = 60  # characters of a line of the cell that is quoted


class Reasons(NamedTuple):
    """A line that says what follows, and what follows: one line for each difference."""

    head: str
    differences: tuple[str, ...] = ()


def of_task(notebook: Notebook, task: TaskId) -> list[str]:
    """What the graph shows of one task: lines, at most a few."""
    report = notebook.session.report(task)
    if report is None:
        return ["the runtime has forgotten it"]
    cell = notebook.cell_of_task(task)
    lines = []
    if cell is not None and cell.stale:
        lines.append(f"stale: {cell.stale}")
    if report.task.uncached_because:
        return [*lines, f"not cached: {report.task.uncached_because}"]
    if report.key is None and report.state is TaskState.WAITING:
        return lines
    found = of_report(notebook, cell, report)
    return [*lines, found.head, *found.differences] if found is not None else lines


def of_report(notebook: Notebook, cell: TaskCell | None, report: TaskReport) -> Reasons | None:
    """Of a task that has a key, or will have one; None of one that is never cached."""
    if report.task.recipe is None:
        return None
    if report.hit is not None:
        ago = _ago(report.hit.created)
        if report.hit.origin == _ACCEPTED:
            return Reasons(f"its result was accepted by hand despite an edit, {ago}")
        took = seconds(report.hit.duration)
        return Reasons(
            f"the same code and inputs were computed {ago} in {took} by {report.hit.origin}"
        )
    if report.key is None:
        return Reasons("its key is not known before its inputs are computed")
    name = report.task.name
    earlier = [used for used in notebook.session.earlier_keys(name) if used.key != report.key]
    if not earlier:
        return Reasons("nothing of this name was computed before")
    whose = f" of {name}" if cell is None or len(cell.tasks) > 1 else ""
    before, now = named(earlier[0].components), named(_components(notebook, report))
    told = tuple(one.words + _used(cell, one.name) for one in keys.differences(before, now))
    return Reasons(f"compared with the last result{whose}, {_ago(earlier[0].at)}:", told)


def _ago(at: float) -> str:
    return f"{seconds(max(0.0, time.time() - at))} ago"


def _components(notebook: Notebook, report: TaskReport) -> tuple[Component, ...]:
    """What the task's key is made of, with its inputs."""
    found = [(name, digest_of(notebook.session, ref)) for name, ref in report.task.inputs]
    digests = [(name, digest) for name, digest in found if digest is not None]
    assert report.task.recipe is not None
    return (*report.task.recipe.components, *input_components(digests))


def _used(cell: TaskCell | None, name: str) -> str:
    """Where the cell speaks of a thing that has changed: " · line 3: y = helper(x)"."""
    if cell is None or not name:
        return ""
    written = cell.declared.written
    for number, line in _mentions(written.body.splitlines(), name):
        return f" · line {written.lines_before + number}: {cut(line.strip(), _LONGEST)}"
    return ""


def _mentions(lines: Sequence[str], name: str) -> Iterator[tuple[int, str]]:
    """Lines that read a name, or call it: numbers from 1. A comment does not."""
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?!\w)")
    for number, line in enumerate(lines, 1):
        code = line.partition("#")[0]
        if word.search(code):
            yield number, code
