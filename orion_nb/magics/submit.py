"""Prepared task cells → calls of the session; attaching to what runs, replacing what changed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from orion_nb.client import Call, travel
from orion_nb.core.model import CacheMode, TaskId, TaskState, WorkerKind

from .adopting import take_over
from .cell_runner import run_cell
from .cells import Done, Prepared, Source, TaskCell
from .channels import Channel
from .lineage import Ran
from .notebook import Notebook
from .thread_runner import run_cell_in_thread


class Submitted(NamedTuple):
    """What executing a task cell has led to."""

    cell: TaskCell
    tasks: tuple[TaskId, ...]  # new ones; none when the cell was attached to what it has
    stale: list[TaskCell]  # cells that have become out of date


def submit(notebook: Notebook, prepared: Prepared, channel: Channel) -> Submitted:
    """Run the cell's tasks, unless its present ones do, or have done, the same work.

    :raises UsageError: nothing was submitted, and nothing has changed.
    """
    key = prepared.written.key
    present = notebook.cells.get(key) or take_over(notebook, key, prepared.name)
    if present is not None and _still_good(notebook, present, prepared):
        if present.declared.written != prepared.written:
            notebook.memory.keep(prepared.declaration, present.tasks, present.since)
        notebook.attach(present, prepared.declaration, channel)
        return Submitted(present, (), [])
    return _submit(notebook, prepared, present, channel)


def resubmit(notebook: Notebook, cell: TaskCell, prepared: Prepared) -> Submitted:
    """Run a cell's tasks anew without executing the cell; the output takes its place."""
    return _submit(notebook, prepared, cell, None)


def _submit(
    notebook: Notebook, prepared: Prepared, present: TaskCell | None, channel: Channel | None
) -> Submitted:
    session = notebook.session
    namesake = notebook.namesake(prepared.name, prepared.written.key)
    calls = list(_calls(notebook, prepared))
    tasks = _enter(notebook, prepared, present, calls)
    old = present.tasks if present is not None else ()
    unfinished = notebook.unfinished(present) if present is not None else []
    kept = _kept(notebook, present) if present is not None else None
    if unfinished:
        session.cancel(unfinished, "its cell was changed and executed again")
    stale: list[TaskCell] = []
    if namesake is not None:
        # It was deleted, moved or copied in the notebook: this is the task of that name now.
        if left := notebook.unfinished(namesake):
            session.cancel(left, "another cell has taken its name")
        stale += notebook.mark_stale_after(namesake)
        notebook.drop(namesake)
    with notebook.lock:
        notebook.declare(prepared.declaration)
        cell = notebook.adopt(prepared, tasks, channel)
        stale += notebook.mark_stale_after(cell) if present is not None else []
    cell.before = kept
    kept_tasks = {*kept.tasks} if kept is not None else set()
    over = [*old, *(present.before.tasks if present is not None and present.before else ())]
    over = [task for task in over if task not in kept_tasks and task not in unfinished]
    if not_needed := notebook.not_needed(prepared.written.key, over):
        session.forget(not_needed)
    if tasks and prepared.options.policy.kind is WorkerKind.THREAD:
        _note_thread(notebook, prepared)
    return Submitted(cell, tasks, stale)


def _kept(notebook: Notebook, present: TaskCell) -> Done | None:
    """The last results of a cell that runs anew: `%orion accept` may want them."""
    with notebook.lock:
        if all(track.state is TaskState.DONE for track in notebook.tracks(present)):
            return Done(present.declared, present.tasks)
    return present.before


def _enter(
    notebook: Notebook, prepared: Prepared, present: TaskCell | None, calls: list[Call]
) -> tuple[TaskId, ...]:
    """Submit, so that there is no moment in which tasks run and no note says whose they are."""
    tasks = tuple([call.id for call in calls])
    since = present.since if present is not None else time.time()
    notebook.introduce(tasks)
    notebook.memory.keep(prepared.declaration, tasks, since)
    try:
        return tuple(notebook.session.submit(calls)) if calls else ()
    except BaseException:
        with notebook.lock:
            notebook.tracker.forget(tasks)
        if present is not None:
            notebook.memory.keep(present.declared, present.tasks, since)
        else:
            notebook.memory.drop([prepared.written.key])
        raise


def _note_thread(notebook: Notebook, prepared: Prepared) -> None:
    """A task in a thread has the notebook's own objects, and may change them."""
    lent = [
        name for name in prepared.declaration.carried if name not in prepared.options.by_provenance
    ]
    why = f"task {prepared.name} may have changed it, for it runs in a thread"
    notebook.lineage.note(Ran("\n".join(lent), frozenset(), unknown=why))


def _still_good(notebook: Notebook, cell: TaskCell, prepared: Prepared) -> bool:
    """May an executed cell take what its tasks do, or have done?"""
    if cell.declared.work != prepared.declaration.work:
        return False
    with notebook.lock:
        states = {track.state for track in notebook.tracks(cell)}
    if TaskState.CANCELLED in states:
        return False
    if cell.earlier and not cell.told:
        return True  # what an earlier kernel has left is shown once, however it ended
    if states & {TaskState.FAILED, TaskState.UPSTREAM_FAILED}:
        return False
    if states <= {TaskState.DONE}:
        # Finished work is only taken where the cache would have given it as well.
        return prepared.declaration.cacheable and not cell.cleared
    return prepared.options.policy.cache is not CacheMode.RECOMPUTE or cell.earlier


def _calls(notebook: Notebook, prepared: Prepared) -> Iterator[Call]:
    options, written = prepared.options, prepared.written
    threads = options.policy.kind is WorkerKind.THREAD
    inputs = {name: _argument(source) for name, source in prepared.sources.items()}
    if threads:
        namespace = notebook.shell.user_ns
        carried = {n: namespace[n] for n in prepared.declaration.carried if n in namespace}
        inputs = {**carried, **inputs}
    after = tuple(task for tasks in prepared.after.values() for task in tasks)
    session, many, name, outputs = (
        notebook.session,
        options.map is not None,
        prepared.name,
        prepared.outputs,
    )
    common = {"cell": written.key, "execution": str(written.number)}
    if notebook.path:
        common["notebook"] = notebook.path
    packed = b"" if threads else travel.pack({"spec": prepared.spec})
    names = " ".join([*inputs, *(prepared.items[0].values if prepared.items else ())])
    for index, item in enumerate(prepared.items):
        labels = common
        if many:
            labels = {**labels, "index": str(index), "item": item.label}
        if item.recipe is not None and item.recipe.provenance:
            labels = {**labels, "keyed by provenance": ", ".join(item.recipe.provenance)}
        args: tuple[Any, ...] = (packed, names, *inputs.values(), *item.values.values())
        kwargs: dict[str, Any] = {}
        if threads:
            args, kwargs = (prepared.spec,), {**inputs, **item.values}
        yield Call(
            run_cell_in_thread if threads else run_cell,
            args,
            kwargs,
            id=session.new_task_id(name),
            name=f"{name}[{item.label}]" if item.label else name,
            group=name,
            after=after,
            outputs=outputs,
            recipe=item.recipe,
            uncached_because=item.uncached_because,
            policy=options.policy,
            labels=labels,
            session=session.name,
        )


def _argument(source: Source) -> Any:
    return list(source.refs) if isinstance(source.refs, tuple) else source.refs
