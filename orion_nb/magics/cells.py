"""What the notebook knows of its task cells.

Two lives: a `Prepared` has everything that submitting needs (packed values, recipes of every
item) and is dropped afterwards. What stays is its `Declaration`: small, however many tasks the
cell has, and able to outlive the kernel (see `notebook_notes`).
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from orion_nb.core.action import hash_parts
from orion_nb.core.model import CacheMode, Component, Digest, KeyRecipe, ObjectRef, TaskId

from .cell_runner import CellSpec, ModuleName
from .options import TaskOptions
from .transcript import Status, Transcript

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
    content: Digest = ""  # of a stored value of the notebook: it is the same in another kernel

    @property
    def identity(self) -> tuple[str, ...]:
        """What has to be the same for two tasks to read the same."""
        if self.content:
            return ("content", self.content)
        one = "one" if isinstance(self.refs, ObjectRef) else "many"
        return (one, *(ref.id for ref in each_ref(self.refs)))


class Item(NamedTuple):
    """One task of the cell: the whole of it, or one item of its ``--map``."""

    label: str = ""
    values: Mapping[str, Any] = {}
    recipe: KeyRecipe | None = None
    uncached_because: str = ""


class Origin(NamedTuple):
    """Which cell makes an input, as far as it matters after the submission."""

    cell: str  # as `Source.cell`
    output: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """What stays known of a submitted task cell."""

    written: Written
    name: str
    options: TaskOptions
    outputs: tuple[str, ...]
    imports: tuple[ModuleName, ...]  # names that the cell binds by importing
    definitions: tuple[str, ...]  # functions and classes among the outputs
    origins: Mapping[str, Origin]  # of its inputs, by the name that the cell reads
    after: tuple[str, ...]  # keys of cells that must be done first
    carried: tuple[str, ...]  # names of the notebook that go along
    provenance: tuple[str, ...]  # names that are keyed by the code that made them
    uncached: tuple[str, ...]  # why its tasks, or some of them, are never cached
    labels: tuple[str, ...]  # of its tasks, in order; "" for one that stands alone
    work: Digest  # equal: the same is computed from the same inputs

    @property
    def cacheable(self) -> bool:
        """Whether the cache gives its results: taking them again is what executing it means."""
        return not self.uncached and self.options.policy.cache is CacheMode.DEFAULT

    @property
    def makes(self) -> tuple[str, ...]:
        """Every name that it binds for later cells: outputs, and what it imports."""
        return (*self.outputs, *(module.name for module in self.imports))

    @property
    def needs(self) -> list[str]:
        """Keys of the cells that it depends on."""
        return list(dict.fromkeys([*(one.cell for one in self.origins.values()), *self.after]))


@dataclass(frozen=True, slots=True)
class Prepared:
    """A task cell with everything found, ready to be submitted."""

    declaration: Declaration
    sources: Mapping[str, Source]  # inputs by the name that the cell reads
    after: Mapping[str, tuple[TaskId, ...]]  # by the key of the cell
    spec: CellSpec
    components: tuple[Component, ...]  # of the keys of all items
    items: tuple[Item, ...]

    @property
    def written(self) -> Written:
        return self.declaration.written

    @property
    def name(self) -> str:
        return self.declaration.name

    @property
    def options(self) -> TaskOptions:
        return self.declaration.options

    @property
    def outputs(self) -> tuple[str, ...]:
        return self.declaration.outputs


def work_of(
    outputs: Iterable[str],
    sources: Mapping[str, Source],
    after: Mapping[str, tuple[TaskId, ...]],
    components: tuple[Component, ...],
    items: Iterable[Item],
) -> Digest:
    """A digest of what is computed from which inputs: what the keys are made of, without the
    notes, which tell where and not what; and the inputs, whose content may not be known yet.

    :param components: with which the recipe of every item begins.
    """
    common = len(components)
    parts = [hash_parts("outputs", *outputs), _hash_components(components)]
    parts += [hash_parts("input", name, *one.identity) for name, one in sorted(sources.items())]
    parts += [hash_parts("after", key, *tasks) for key, tasks in after.items()]
    for item in items:
        if item.recipe is None:
            parts.append(f"uncached {item.uncached_because}")
        else:
            parts += [f"item {one.name} {one.digest}" for one in item.recipe.components[common:]]
    return hash_parts("work", *parts)


def _hash_components(components: tuple[Component, ...]) -> Digest:
    return hash_parts("components", *[part for one in components for part in one[:3]])


class Done(NamedTuple):
    """An earlier execution of a cell whose results are kept until the present one has its own."""

    declared: Declaration
    tasks: tuple[TaskId, ...]


@dataclass(slots=True)
class TaskCell:
    """A task cell and what has become of it."""

    declared: Declaration
    tasks: tuple[TaskId, ...] = ()
    transcript: Transcript | None = None
    stale: str = ""  # why its result is out of date
    again: bool = False  # executed again, unchanged, after it was done
    cleared: bool = False  # the cache was cleared since: executing it again computes it again
    before: Done | None = None  # its last results, while the present tasks have none
    earlier: bool = False  # an earlier kernel has submitted it
    told: bool = False  # how its tasks ended has been shown
    said: tuple[float, Status] | None = None  # the last status of many tasks, and when
    since: float = field(default_factory=time.time)  # first declared, seconds since the epoch

    @property
    def key(self) -> str:
        return self.declared.written.key

    @property
    def name(self) -> str:
        return self.declared.name

    @property
    def outputs(self) -> tuple[str, ...]:
        return self.declared.outputs

    @property
    def uncached(self) -> tuple[str, ...]:
        """Why its tasks, or some of them, are never cached; nothing when all may be."""
        return self.declared.uncached

    @property
    def labels(self) -> tuple[str, ...]:
        """Of its tasks, in order; "" for a task that stands alone."""
        return self.declared.labels

    @property
    def many(self) -> bool:
        """One task for each item of a ``--map``: a name stands for a list of values."""
        return self.declared.options.map is not None

    def refs(self, output: str) -> Refs:
        """Where the value of an output is, or will be."""
        made = tuple(ObjectRef(task, output) for task in self.tasks)
        return made if self.many else made[0]


def each_ref(refs: Refs) -> tuple[ObjectRef, ...]:
    """The refs one by one."""
    return (refs,) if isinstance(refs, ObjectRef) else refs
