"""From live Python objects to action keys: what a computation reads, canonically hashed.

`content_hash` names a value by its content; `closure_components` follows the functions,
classes and globals that code reads; `recipe_for_call` and `recipe_for_cell` put these
together; `explain` says in words why two keys differ. The hashing of components into one key
is `core.action`'s. Nothing here pickles a value, runs a task or knows of a cache.

What cannot be hashed raises `Unhashable`, which says what and why: never a guess, since a
wrong guess is a wrong result.
"""

from __future__ import annotations

from .closure import ClosureResult, closure_components
from .explain import Difference, differences, explain
from .files import changed_files, file_component, file_digest
from .memo import content_hash
from .recipe import CellRecipe, recipe_for_call, recipe_for_cell
from .source import normalized_code
from .unhashable import Unhashable

__all__ = [
    "CellRecipe",
    "ClosureResult",
    "Difference",
    "Unhashable",
    "changed_files",
    "closure_components",
    "content_hash",
    "differences",
    "explain",
    "file_component",
    "file_digest",
    "normalized_code",
    "recipe_for_call",
    "recipe_for_cell",
]
