"""``%orion accept``: the user says that a result is still right, though its cell was edited.

The outputs that are there are recorded under the key that the cell has now; running it then is a
cache hit. What is accepted stays visible: under the cell, and in ``%orion why``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from orion_nb.core.action import action_key, input_components
from orion_nb.core.model import CacheMode, Component, Digest, KeyRecipe, TaskId, TaskState
from orion_nb.exceptions import UsageError

from .cells import Declaration, Prepared, TaskCell, each_ref
from .declare import prepare
from .notebook import Notebook
from .submit import Submitted, resubmit
from .values import Values


class _Key(NamedTuple):
    digest: Digest
    components: tuple[Component, ...]  # with those of the inputs


def accept(notebook: Notebook, values: Values, cell: TaskCell) -> Submitted:
    """Record the cell's last result under its present key, and take it.

    :raises UsageError: and its kinds, in one line: there is no result, nothing was edited, or the
        edited cell makes other outputs. Nothing has changed then.
    """
    session = notebook.session
    tasks, declared = _last_result(notebook, cell)
    fresh = prepare(notebook, values, cell.declared.written)
    if tasks == cell.tasks and fresh.declaration.work == declared.work:
        raise UsageError(f"{cell.name} is up to date: there is nothing to accept")
    _refuse_other_outputs(cell.name, declared, fresh)
    keys = _keys(notebook, fresh)
    for task, key, label in zip(tasks, keys, fresh.declaration.labels, strict=True):
        name = f"{fresh.name}[{label}]" if label else fresh.name
        session.accept(task, key.digest, key.components, name)
    return resubmit(notebook, cell, fresh)


def _last_result(notebook: Notebook, cell: TaskCell) -> tuple[Sequence[TaskId], Declaration]:
    """The tasks whose results there are: the cell's own, or those of its last execution before."""
    with notebook.lock:
        if all(track.state is TaskState.DONE for track in notebook.tracks(cell)):
            return cell.tasks, cell.declared
    if cell.before is None:
        raise UsageError(f"{cell.name} has no earlier result that could be accepted")
    return cell.before.tasks, cell.before.declared


def _refuse_other_outputs(name: str, had: Declaration, fresh: Prepared) -> None:
    has = fresh.declaration
    if {*has.outputs} != {*had.outputs}:
        raise UsageError(
            f"{name} makes {_names(has.outputs)} now, and its result has {_names(had.outputs)}: "
            "other outputs have to be computed"
        )
    if has.labels != had.labels:
        raise UsageError(
            f"{name} has {len(has.labels)} items now, and its result has {len(had.labels)}, or "
            "others: they have to be computed"
        )
    if has.options.policy.cache is CacheMode.OFF:
        raise UsageError(f"{name} is marked --cache off: no result of it is kept")
    if has.uncached:
        raise UsageError(f"no result of {name} is kept: {'; '.join(has.uncached)}")


def _names(outputs: Sequence[str]) -> str:
    return ", ".join(f"`{name}`" for name in outputs) or "nothing"


def _keys(notebook: Notebook, fresh: Prepared) -> list[_Key]:
    """The key of each item.

    :raises UsageError: an input is not there yet.
    """
    inputs: dict[str, Digest] = {}
    for name, source in fresh.sources.items():
        for ref in each_ref(source.refs):
            digest = notebook.digest(ref)
            if digest is None:
                raise UsageError(
                    f"`{name}` is not computed yet, so the key of {fresh.name} is not known: "
                    "accept it when that is done"
                )
            inputs[ref.id] = digest
    numbered = [(str(number), digest) for number, digest in enumerate(inputs.values())]
    own = input_components(numbered)
    recipes: list[KeyRecipe] = [item.recipe for item in fresh.items if item.recipe is not None]
    return [_Key(action_key(one, numbered), (*one.components, *own)) for one in recipes]
