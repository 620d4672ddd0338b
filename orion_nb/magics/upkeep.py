"""Bringing task cells up to date, and saying beforehand what that would do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orion_nb.core.action import action_key
from orion_nb.core.model import CacheMode, Digest, ObjectRef, TaskState
from orion_nb.exceptions import OrionError

from .cells import Prepared, TaskCell, each_ref
from .declare import prepare
from .notebook import Notebook
from .submit import Submitted, resubmit
from .values import Values

_BROKEN = {TaskState.FAILED, TaskState.UPSTREAM_FAILED, TaskState.CANCELLED}


class Step(NamedTuple):
    """What would happen to one cell."""

    cell: TaskCell
    action: str  # done | running | hit | run | blocked
    why: str = ""


def plan(notebook: Notebook, values: Values, cells: Sequence[TaskCell]) -> list[Step]:
    """What `run` would do, in order; nothing is done."""
    wanted = {cell.key for cell in cells}
    steps: dict[str, Step] = {}
    for cell in notebook.in_order():
        step = _step(notebook, values, cell, steps)
        steps[cell.key] = step
    return [step for key, step in steps.items() if key in wanted]


def _step(notebook: Notebook, values: Values, cell: TaskCell, steps: dict[str, Step]) -> Step:
    try:
        fresh = prepare(notebook, values, cell.prepared.written)
    except OrionError as error:
        return Step(cell, "blocked", " ".join(str(error).split()))
    upstream = [steps[key] for key in _needs(fresh) if key in steps]
    blocked = next((step for step in upstream if step.action == "blocked"), None)
    if blocked is not None:
        return Step(cell, "blocked", f"needs {blocked.cell.name}")
    with notebook.lock:
        states = {track.state for track in notebook.tracks(cell)}
    changed = not cell.prepared.same_work(fresh)
    will_run = [step.cell.name for step in upstream if step.action == "run"]
    if will_run:
        return Step(cell, "run", f"after {', '.join(will_run)}; a hit if that gives the same")
    if not changed and not states & _BROKEN:
        if states <= {TaskState.DONE}:
            return Step(cell, "done")
        return Step(cell, "running")
    reason = cell.stale or (
        "it changed" if changed else "it " + min(s.value for s in states & _BROKEN)
    )
    found = _probe(notebook, fresh)
    if found is None:
        return Step(cell, "run", f"{reason}; inputs are not known yet")
    if found:
        return Step(cell, "hit", reason)
    return Step(cell, "run", reason)


def _probe(notebook: Notebook, prepared: Prepared) -> bool | None:
    """Would the cache have all of it? None: an input is not computed yet."""
    if prepared.options.policy.cache is not CacheMode.DEFAULT:
        return False
    digests = []
    numbers: dict[ObjectRef, None] = {}
    for source in prepared.sources.values():
        numbers.update(dict.fromkeys(each_ref(source.refs)))
    for index, ref in enumerate(numbers):
        digest = _digest(notebook, ref)
        if digest is None:
            return None
        digests.append((str(index), digest))
    keys = []
    for item in prepared.items:
        if item.recipe is None:
            return False
        keys.append(action_key(item.recipe, digests))
    found = notebook.session.probe(keys)
    return all(found[key] is not None for key in keys)


def _digest(notebook: Notebook, ref: ObjectRef) -> Digest | None:
    report = notebook.session.report(ref.task)
    output = report.outputs.get(ref.output) if report is not None else None
    return output.digest if output is not None else None


def _needs(prepared: Prepared) -> list[str]:
    return list(dict.fromkeys([*(s.cell for s in prepared.sources.values()), *prepared.after]))


def run(notebook: Notebook, values: Values, cells: Sequence[TaskCell]) -> list[Submitted]:
    """Bring cells up to date, with what they need; in order, so that each sees the new inputs.

    :raises UsageError: a cell cannot mean anything any more; those before it are submitted.
    """
    wanted = _with_upstream(notebook, cells)
    done = []
    for cell in notebook.in_order():
        if cell.key not in wanted:
            continue
        fresh = prepare(notebook, values, cell.prepared.written)
        with notebook.lock:
            states = {track.state for track in notebook.tracks(cell)}
        if cell.prepared.same_work(fresh) and not states & _BROKEN:
            cell.stale = ""
            continue
        done.append(resubmit(notebook, cell, fresh))
    return done


def _with_upstream(notebook: Notebook, cells: Sequence[TaskCell]) -> set[str]:
    keys: set[str] = set()
    todo = [cell.key for cell in cells]
    while todo:
        key = todo.pop()
        cell = notebook.cells.get(key)
        if cell is None or key in keys:
            continue
        keys.add(key)
        todo += _needs(cell.prepared)
    return keys
