"""``%orion inputs``: the exact inputs of a task in the notebook, to run its cell there by hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from orion_nb.client import travel
from orion_nb.core.model import TaskId, TaskState
from orion_nb.exceptions import ObjectUnavailable, UnknownDependency, UsageError

from .cell_runner import CellSpec, Unbound, unpacked
from .cells import TaskCell, each_ref
from .in_place import fingerprint
from .notebook import Notebook
from .rebind import Rebinder
from .values import Values

_MISSING = object()

_HERE = "orion inputs"
"""Stands, among the cells that bind names, for what is open."""


class Opened(NamedTuple):
    """What is in the notebook now."""

    task: str  # its name
    names: list[str]
    replaced: list[str]  # those of the names that had other values
    plain: list[str]  # those that tasks make, and that mean this older value from here on
    absent: list[str]  # inputs that have no value


def open_inputs(notebook: Notebook, values: Values, cell: TaskCell, item: str = "") -> Opened:
    """Bind every name that the task gets: inputs, helpers, the item of its ``--map``, modules.

    Names that tasks make mean the opened values until `close_inputs`, unless these are the very
    results that they stand for anyway.

    :param item: label or index of the task of a ``--map``; "": the first that failed.
    :raises UsageError: there is no such item, or an input is not there (any more, or yet).
    """
    task = _task(notebook, cell, item)
    try:
        args, inputs = notebook.session.inputs(task)
        spec, inputs = _understood(args, inputs)
    except (UnknownDependency, ObjectUnavailable) as error:
        raise UsageError(f"not all inputs of {cell.name} are there: {error}") from None
    carried = travel.unpack(spec.namespace) if spec.namespace else {}
    found = {**carried, **inputs}
    absent = [name for name, value in found.items() if isinstance(value, Unbound)]
    found = {name: value for name, value in found.items() if name not in absent}
    namespace = notebook.shell.user_ns
    before = {name: namespace.get(name, _MISSING) for name in found}
    same = _same_results(notebook, cell, task, found)
    close_inputs(notebook)
    values.need(same)
    own = {name: value for name, value in found.items() if name not in same}
    _bind(notebook, spec, own)
    replaced = [name for name, old in before.items() if _other(old, namespace[name])]
    plain = [name for name in own if notebook.producer_for(_HERE, name) is not None]
    values.forget(plain)
    if plain:
        notebook.plain(_HERE, plain)
    label = cell.labels[cell.tasks.index(task)]
    name = f"{cell.name}[{label}]" if label else cell.name
    return Opened(name, list(found), replaced, plain, absent)


def _understood(args: tuple[Any, ...], inputs: dict[str, Any]) -> tuple[CellSpec, dict[str, Any]]:
    """The cell and its inputs by name, as `submit` has put them into a call."""
    if isinstance(args[0], CellSpec):  # in a thread
        return args[0], inputs
    packed, names, *values = args
    return unpacked(packed), dict(zip(names.split(), values, strict=True))


def close_inputs(notebook: Notebook) -> None:
    """Names that tasks make mean their newest results again."""
    with notebook.lock:
        notebook.names.remove(_HERE)


def _task(notebook: Notebook, cell: TaskCell, item: str) -> TaskId:
    if not cell.tasks:
        raise UsageError(f"{cell.name} has no items, so there are no inputs")
    if item:
        if item in cell.labels:
            return cell.tasks[cell.labels.index(item)]
        if item.isdigit() and int(item) < len(cell.tasks):
            return cell.tasks[int(item)]
        raise UsageError(
            f"--item {item}: {cell.name} has {len(cell.tasks)} items, "
            f"{cell.labels[0] or '0'} to {cell.labels[-1] or '0'}: give a label or an index"
        )
    with notebook.lock:
        tracks = notebook.tracks(cell)
        failed = [track.id for track in tracks if track.state is TaskState.FAILED]
    return failed[0] if failed else cell.tasks[0]


def _same_results(
    notebook: Notebook, cell: TaskCell, task: TaskId, found: Mapping[str, Any]
) -> dict[str, TaskCell]:
    """Names that stand, here too, for the very results that the task has read."""
    report = notebook.session.report(task)
    read = {ref for _, ref in report.task.inputs} if report is not None else set()
    same = {}
    for name in found:
        origin = cell.declared.origins.get(name)
        maker = notebook.cells.get(origin.cell) if origin is not None else None
        if maker is None or origin is None or origin.output not in maker.outputs:
            continue
        newest = notebook.cell_named(name)
        if name == origin.output and newest is maker and {*each_ref(maker.refs(name))} <= read:
            same[name] = maker
    return same


def _bind(notebook: Notebook, spec: CellSpec, values: Mapping[str, Any]) -> None:
    """As a worker does it: functions see the notebook's names and show their cells' lines."""
    shell = notebook.shell
    namespace = shell.user_ns
    for module in spec.modules:
        namespace.setdefault(module.name, module.load())
    names = {one.filename: shell.compile.cache(one.text, one.number) for one in spec.sources}
    files = {name: names[file] for name, file in (spec.code_files or {}).items() if file in names}
    rebinder = Rebinder(namespace, files, own=notebook.task_made_names())
    namespace.update(values)
    for name, value in values.items():
        namespace[name] = rebinder(value)


def _other(old: Any, new: Any) -> bool:
    """Did the name mean something else? A value without a content counts as another."""
    if old is _MISSING or old is new:
        return False
    before, after = fingerprint(old), fingerprint(new)
    if before is None and after is None and type(old) is type(new):
        if callable(old):
            return bool(getattr(old, "__code__", old) != getattr(new, "__code__", new))
        return bool(old != new)
    return before is None or before != after


def words(done: Opened) -> list[str]:
    """What is said of it, one line each."""
    lines = [f"The inputs of {done.task} are in the notebook: {_names(done.names) or 'none'}."]
    if done.replaced:
        lines.append(f"Replaced what was there: {_names(done.replaced)}.")
    if done.plain:
        lines.append(
            f"There are other results of {_names(done.plain)} by now: cells get those again after  "
            "%orion inputs --close"
        )
    if done.absent:
        lines.append(f"Without a value, there as here: {_names(done.absent)}.")
    return lines


def _names(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)
