"""The tasks of one cell: its ``--map`` evaluated, and what each item adds to the key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from orion_nb import keys
from orion_nb.core.model import Component, KeyRecipe
from orion_nb.exceptions import UsageError

from .analysis import analyse_expression
from .cells import Item, TaskCell
from .notebook import Notebook
from .options import TaskOptions
from .tables import cut
from .values import Values


def items_of(
    notebook: Notebook,
    values: Values,
    options: TaskOptions,
    producer: Callable[[str], TaskCell | None],
) -> Iterator[Item]:
    """The items in order; of a cell without ``--map`` the one that stands for the whole of it.

    :param producer: the cell of the task that makes a name; None for a plain name.
    :raises UsageError: what ``--map`` iterates over cannot be had.
    :raises KeyboardInterrupt: while waiting for it.
    """
    clause = options.map
    if clause is None:
        yield Item()
        return
    wanted = {
        name: cell
        for name in analyse_expression(clause.expression, what="--map")
        if (cell := producer(name)) is not None
    }
    values.need(wanted)
    try:
        found = list(eval(compile(clause.expression, "<--map>", "eval"), notebook.shell.user_ns))
        rows = [(item,) if len(clause.names) == 1 else tuple(item) for item in found]
    except Exception as error:  # noqa: BLE001  (it is the user's expression)
        raise UsageError(f"--map {clause.expression}: {type(error).__name__}: {error}") from None
    for row in rows:
        if len(row) != len(clause.names):
            raise UsageError(
                f"--map {', '.join(clause.names)} in …: an item has {len(row)} parts, not "
                f"{len(clause.names)}"
            )
        named = dict(zip(clause.names, row, strict=True))
        yield Item(", ".join([f"{n}={_short(v)}" for n, v in named.items()]), named)


def _short(value: Any) -> str:
    if type(value) is int and -1_000_000 < value < 1_000_000:  # what most maps are over
        return str(value)
    try:
        text = repr(value)
    except Exception as error:  # noqa: BLE001  (a user's __repr__ may raise anything)
        text = f"<{type(error).__name__} in repr>"
    return cut(" ".join(text.split()), 40)


def with_recipe(
    item: Item,
    found: keys.CellRecipe,
    components: tuple[Component, ...],
    options: TaskOptions,
) -> Item:
    """The item with its part of the key, or with the reason why it has none."""
    if found.recipe is None or options.policy.impure:
        why = found.uncached_because or "it is marked --impure"
        return Item(item.label, item.values, None, why)
    try:
        own = [
            Component(
                "option", f"map {name}", keys.content_hash(value), f"{name} = {_short(value)}"
            )
            for name, value in item.values.items()
        ]
    except keys.Unhashable as error:
        return Item(item.label, item.values, None, str(error))
    recipe = KeyRecipe((*components, *own), found.recipe.provenance)
    return Item(item.label, item.values, recipe)
