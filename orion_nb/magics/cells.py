"""What the notebook knows of its task cells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from orion_nb.core.model import Component, KeyRecipe, ObjectRef, TaskId

from .cell_runner import CellSpec, ModuleName
from .options import TaskOptions
from .transcript import Transcript

Refs = ObjectRef | tuple[ObjectRef, ...]
"""Where the value of a name comes from: one output, or one per item of a ``--map`` cell."""


@dataclass(frozen=True, slots=True)
class Written:
    """A task cell as the user wrote it, at one execution."""

    key: str  # the front end's id of the cell, or what stands for it
    line: str  # what follows %%orion_task
    body: str
    number: int  # n in `Cell In[n]`
    lines_before: int


@dataclass(frozen=True, slots=True)
class Source:
    """One input: which cell makes it and where it is now."""

    cell: str  # key of the producing cell; "" for an ObjectRef or a stored value of the notebook
    output: str
    refs: Refs


@dataclass(frozen=True, slots=True)
class Item:
    """One task of the cell: the whole of it, or one item of its ``--map``."""

    label: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
    recipe: KeyRecipe | None = None
    uncached_because: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task cell with everything found, ready to be submitted."""

    written: Written
    name: str
    options: TaskOptions
    outputs: tuple[str, ...]
    imports: tuple[ModuleName, ...]  # names that the cell binds by importing
    definitions: tuple[str, ...]  # functions and classes among the outputs
    sources: Mapping[str, Source]  # inputs by the name that the cell reads
    after: Mapping[str, tuple[TaskId, ...]]  # by the key of the cell
    spec: CellSpec
    carried: tuple[str, ...]  # names of the notebook that go along
    components: tuple[Component, ...]
    items: tuple[Item, ...]

    @property
    def provenance(self) -> tuple[str, ...]:
        """Names that are keyed by the code that made them."""
        recipe = self.items[0].recipe if self.items else None
        return recipe.provenance if recipe is not None else ()

    def same_work(self, other: Prepared) -> bool:
        """Would both compute the same from the same inputs?"""
        return (
            self.outputs == other.outputs
            and _refs(self) == _refs(other)
            and _keyed(self) == _keyed(other)
            and self.after == other.after
        )


def _refs(prepared: Prepared) -> dict[str, Refs]:
    return {name: source.refs for name, source in prepared.sources.items()}


def _keyed(prepared: Prepared) -> list[object]:
    """What the key is made of, without the notes: they tell where, not what."""
    return [
        item.uncached_because
        if item.recipe is None
        else [component[:3] for component in item.recipe.components]
        for item in prepared.items
    ]


@dataclass(slots=True)
class TaskCell:
    """A task cell and what has become of it."""

    prepared: Prepared
    tasks: tuple[TaskId, ...] = ()
    transcript: Transcript | None = None
    stale: str = ""  # why its result is out of date
    again: bool = False  # executed again, unchanged, after it was done
    cleared: bool = False  # the cache was cleared since: executing it again computes it again

    @property
    def key(self) -> str:
        return self.prepared.written.key

    @property
    def name(self) -> str:
        return self.prepared.name

    @property
    def outputs(self) -> tuple[str, ...]:
        return self.prepared.outputs

    @property
    def uncached(self) -> tuple[str, ...]:
        """Why its tasks, or some of them, are never cached; nothing when all may be."""
        return tuple(sorted({item.uncached_because for item in self.prepared.items} - {""}))

    @property
    def labels(self) -> tuple[str, ...]:
        """Of its tasks, in order; "" for a task that stands alone."""
        return tuple(item.label for item in self.prepared.items)

    def refs(self, output: str) -> Refs:
        """Where the value of an output is, or will be."""
        made = tuple(ObjectRef(task, output) for task in self.tasks)
        return made if self.prepared.options.map is not None else made[0]


def each_ref(refs: Refs) -> tuple[ObjectRef, ...]:
    """The refs one by one."""
    return (refs,) if isinstance(refs, ObjectRef) else refs
