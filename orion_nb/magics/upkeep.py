"""Bringing task cells up to date, and saying beforehand what that would do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from orion_nb.core.action import action_key
from orion_nb.core.model import ActionResult, CacheMode, Digest, ObjectRef, TaskState
from orion_nb.exceptions import OrionError

from .cells import Prepared, TaskCell, each_ref
from .declare import prepare
from .notebook import Notebook
from .submit import Submitted, resubmit
from .tracking import WIDE
from .values import Values

_BROKEN = {TaskState.FAILED, TaskState.UPSTREAM_FAILED, TaskState.CANCELLED}


Digests = Mapping[str, tuple[Digest, ...]]
"""Of a cell's outputs: one digest per task."""


class Step(NamedTuple):
    """What would happen to one cell."""

    cell: TaskCell
    action: str  # done | running | hit | run | blocked
    why: str = ""
    digests: Digests | None = None  # of the outputs, where they are known before anything runs
    found: tuple[ActionResult, ...] = ()  # what the cache holds, of a hit; one per task
    prepared: Prepared | None = None  # the cell as it would run now; None: not known beforehand


def plan(notebook: Notebook, values: Values, cells: Sequence[TaskCell]) -> list[Step]:
    """What `run` would do, in order; nothing is done."""
    wanted = {cell.key for cell in cells}
    steps: dict[str, Step] = {}
    for cell in notebook.in_order():
        steps[cell.key] = _step(notebook, values, cell, steps)
    return [step for key, step in steps.items() if key in wanted]


def _step(notebook: Notebook, values: Values, cell: TaskCell, steps: Mapping[str, Step]) -> Step:
    before = [steps[key] for key in cell.declared.needs if key in steps]
    if cell.many and any(s.digests is None for s in before):
        # What it iterates over is not there yet, and a plan waits for nothing.
        return _after(cell, before)
    try:
        fresh = prepare(notebook, values, cell.declared.written)
    except OrionError as error:
        return Step(cell, "blocked", " ".join(str(error).split()))
    upstream = [steps[key] for key in needs(fresh) if key in steps]
    if any(step.digests is None for step in upstream):
        return _after(cell, upstream)._replace(prepared=fresh)
    with notebook.lock:
        states = {track.state for track in notebook.tracks(cell)}
    changed = cell.declared.work != fresh.declaration.work
    if not changed and not states & _BROKEN and not any(s.action == "hit" for s in upstream):
        if states <= {TaskState.DONE}:
            return Step(cell, "done", "", _digests_of(notebook, cell), prepared=fresh)
        return Step(cell, "running", prepared=fresh)
    reason = cell.stale or ("it changed" if changed else "what it reads changes")
    if states & _BROKEN:
        reason = f"it {min(state.value for state in states & _BROKEN)}"
    found = _probe(notebook, fresh, steps)
    if found is None:
        return Step(cell, "run", reason, prepared=fresh)
    digests = {
        name: tuple(result.outputs[name].digest for result in found) for name in fresh.outputs
    }
    return Step(cell, "hit", reason, digests, found, fresh)


def _after(cell: TaskCell, upstream: Sequence[Step]) -> Step:
    """The step of a cell that comes after others whose outputs are not known yet."""
    blocked = [step.cell.name for step in upstream if step.action == "blocked"]
    if blocked:
        return Step(cell, "blocked", f"needs {', '.join(blocked)}")
    if all(step.action == "running" for step in upstream if step.digests is None):
        return Step(cell, "running")
    first = ", ".join(step.cell.name for step in upstream if step.digests is None)
    return Step(cell, "run", f"after {first}; a hit if that gives the same")


def _digests_of(notebook: Notebook, cell: TaskCell) -> Digests | None:
    """Digests of a cell's outputs, all of whose tasks are done."""
    found: dict[str, tuple[Digest, ...]] = {}
    if len(cell.tasks) > WIDE:
        return None  # asking for each takes longer than anybody waits for a plan
    for output in cell.outputs:
        digests = tuple(filter(None, (notebook.digest(ref) for ref in each_ref(cell.refs(output)))))
        if len(digests) != len(cell.tasks):
            return None
        found[output] = digests
    return found


def _probe(
    notebook: Notebook, prepared: Prepared, steps: Mapping[str, Step]
) -> tuple[ActionResult, ...] | None:
    """What the cache holds for the cell's tasks; None unless it has all of them."""
    if prepared.options.policy.cache is not CacheMode.DEFAULT:
        return None
    inputs: dict[ObjectRef, Digest] = {}
    for source in prepared.sources.values():
        refs = each_ref(source.refs)
        step = steps.get(source.cell)
        known = step.digests.get(source.output) if step is not None and step.digests else None
        if known is None:
            known = tuple(filter(None, (notebook.digest(ref) for ref in refs)))
        if len(known) != len(refs):
            return None
        inputs.update(zip(refs, known, strict=True))
    digests = [(str(number), digest) for number, digest in enumerate(inputs.values())]
    recipes = [item.recipe for item in prepared.items if item.recipe is not None]
    keys = [action_key(recipe, digests) for recipe in recipes]
    if len(keys) != len(prepared.items):
        return None  # an item that is never cached
    answers = notebook.session.probe(keys)
    found = [answers[key] for key in keys]
    results = [result for result in found if result is not None]
    return tuple(results) if len(results) == len(found) else None


def needs(prepared: Prepared) -> list[str]:
    """Keys of the cells that it comes after."""
    return prepared.declaration.needs


def run(notebook: Notebook, values: Values, cells: Sequence[TaskCell]) -> list[Submitted]:
    """Bring cells up to date, with what they need; in order, so that each sees the new inputs.

    :raises UsageError: a cell cannot mean anything any more; those before it are submitted.
    """
    wanted = _with_upstream(notebook, cells)
    done = []
    for cell in notebook.in_order():
        if cell.key not in wanted:
            continue
        fresh = prepare(notebook, values, cell.declared.written)
        with notebook.lock:
            states = {track.state for track in notebook.tracks(cell)}
        if cell.declared.work == fresh.declaration.work and not states & _BROKEN:
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
        todo += cell.declared.needs
    return keys
