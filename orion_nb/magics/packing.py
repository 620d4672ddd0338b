"""What goes along with the tasks of a cell: its text, and the values of the notebook it reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from orion_nb.client import travel
from orion_nb.core.model import ObjectRef, WorkerKind

from .carry import Carried, without_globals
from .cell_runner import CellSpec
from .cells import Source, Written, each_ref
from .in_place import Origin
from .notebook import Notebook
from .options import TaskOptions

BY_STORE = 1 << 20
"""Bytes of carried values from which they go through the store instead of along with each task."""


class Packed(NamedTuple):
    """A cell ready to travel."""

    spec: CellSpec
    large: dict[str, Source]
    """Values that go through the store: inputs like any others."""


def packed(
    notebook: Notebook,
    written: Written,
    options: TaskOptions,
    outputs: tuple[str, ...],
    carried: Carried,
    sources: Mapping[str, Source],
) -> Packed:
    """What travels with the tasks of a cell.

    :param carried: of the notebook. :param sources: the inputs.
    :raises NotPicklable: names the value that cannot travel.
    """
    carried_values = {name: without_globals(value) for name, value in carried.values.items()}
    large: dict[str, Source] = {}
    packed = b""
    if options.policy.kind is WorkerKind.PROCESS and carried_values:
        if travel.size(carried_values) > BY_STORE:
            for name, value in list(carried_values.items()):
                if travel.size({name: value}) > BY_STORE:
                    large[name] = notebook.put(name, carried_values.pop(name))
        packed = travel.pack(carried_values)
    kept = {*outputs}
    inputs = {**sources, **large}
    origins = {
        name: Origin(
            tuple((ref.task, ref.output) for ref in each_ref(source.refs)),
            not isinstance(source.refs, ObjectRef),
        )
        for name, source in inputs.items()
        if name not in kept
    }
    spec = CellSpec(
        source=written.body,
        number=written.number,
        lines_before=written.lines_before,
        outputs=outputs,
        stated=options.out is not None,
        namespace=packed,
        modules=tuple(carried.modules),
        sources=tuple(carried.sources.values()),
        code_files=carried.code_files,
        watched=tuple(n for n in {**inputs, **carried.values} if n not in kept),
        origins=origins,
    )
    return Packed(spec, large)
