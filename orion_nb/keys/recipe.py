"""Recipes: from a call, or a cell, to all of its action key that is known before it runs."""

from __future__ import annotations

import os
import platform
import sys
import types
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, NamedTuple

from ..core.action import INPUT, hash_parts
from ..core.model import Component, Digest, KeyRecipe, ObjectRef
from . import blame
from .closure import CLOSURE, ValueContext, closure_components
from .content import Encoder
from .files import file_component
from .instances import importable
from .memo import closure_of
from .modules import imports_of, module_components
from .source import normalized

CODE = "code"


def recipe_for_call(
    fn: Any,
    args: Sequence[Any] = (),
    kwargs: Mapping[str, Any] | None = None,
    *,
    version: str = "",
    files: Iterable[str | os.PathLike[str]] = (),
    env: Iterable[str] = (),
) -> KeyRecipe:
    """The recipe of ``fn(*args, **kwargs)``.

    Results of other tasks may be anywhere in the arguments as `ObjectRef`: a recipe says where
    they are (numbered in the order in which they are first met in `args`, then `kwargs`), and
    `Task.inputs`, in the same order, says what they are. `version`: a text of the user's;
    `files`: files that the call reads; `env`: names of environment variables that it reads.

    Raises `Unhashable` when something it reads has no content to hash, and `UsageError` for a
    declared file that cannot be read.
    """
    fn = _unwrapped(fn)
    code, modules = _code(fn)
    components = [*code]
    context = ValueContext(dict.fromkeys(modules), refs={})
    names = _parameters(fn)
    for index, value in enumerate(args):
        name = names[index] if index < len(names) else f"argument {index + 1}"
        components.append(_argument(context, name, value))
    if kwargs:
        components += [_argument(context, name, value) for name, value in kwargs.items()]
    components += module_components(tuple(context.modules))
    components += environment(tuple(env))
    components += declared(version, files)
    return KeyRecipe(tuple(components))


class CellRecipe(NamedTuple):
    """What is known of a cell's key before it runs."""

    recipe: KeyRecipe | None
    """None: never cached, `uncached_because` says why."""
    inputs: tuple[tuple[str, ObjectRef], ...]
    """(name, result of another task) for every result that the cell or its functions read."""
    uncached_because: str = ""
    unhashable: str = ""
    """The name, of the namespace or of what was followed from it, that this is about."""


def recipe_for_cell(
    source: str,
    reads: Iterable[str],
    namespace: Mapping[str, Any],
    *,
    name: str = "",
    place: str = "",
    outputs: Iterable[str] = (),
    known_refs: Mapping[str, ObjectRef] | None = None,
    provenance: Mapping[str, Digest] | None = None,
    options: Mapping[str, str] | None = None,
    version: str = "",
    files: Iterable[str | os.PathLike[str]] = (),
    env: Iterable[str] = (),
) -> CellRecipe:
    """The recipe of a cell that reads the names `reads` of a namespace.

    `source`: plain Python (after IPython's transform). `name`, `place`: for people, e.g.
    ``clean`` and ``Cell In[4] line 1``. `outputs`: the names whose values are the result, in
    order. `known_refs`, `provenance`: as for `closure_components`. `options`: options of the
    magic that change the result (``--map``). Raises `SyntaxError` and `UsageError`; what cannot
    be hashed makes the cell uncached instead.
    """
    closure = closure_components(reads, namespace, known_refs=known_refs, provenance=provenance)
    if closure.unhashable:
        which, why = closure.unhashable[0]
        return CellRecipe(None, closure.inputs, why, which)
    text, mark = normalized(source)
    modules = dict.fromkeys(closure.modules)
    modules.update(dict.fromkeys(imports_of(text, "")))
    note = f"{name} at {place}" if place else name  # the name is not in the key: no result changes
    components = (
        Component(CODE, "", hash_parts("cell", text, *outputs), note + mark),
        *(
            Component("option", key, hash_parts("option", value), f"--{key} {value}")
            for key, value in sorted((options or {}).items())
        ),
        *closure.components,
        *_shared(closure.inputs),
        *module_components(tuple(modules)),
        *environment(tuple(env)),
        *declared(version, files),
    )
    return CellRecipe(KeyRecipe(components, closure.provenance), closure.inputs)


def _shared(inputs: Sequence[tuple[str, ObjectRef]]) -> list[Component]:
    """Which of the names are one and the same result, if any: inputs are counted once."""
    refs = [ref for _, ref in inputs]
    if len(set(refs)) == len(refs):
        return []
    pattern = [f"{name} {refs.index(ref)}" for name, ref in inputs]
    return [Component(CLOSURE, "shared inputs", hash_parts("shared", *pattern), "shared inputs")]


def environment(variables: tuple[str, ...] = ()) -> tuple[Component, ...]:
    """Python's minor version, the platform, and the declared environment variables."""
    if not variables:
        return _machine()
    return _machine() + tuple(_variable(name) for name in variables)


def declared(version: str, files: Iterable[str | os.PathLike[str]]) -> list[Component]:
    """What the user declared: a version, and input files by content."""
    components = [file_component(path) for path in files]
    if version:
        components.append(Component("version", "", hash_parts("version", version), version))
    return components


def _unwrapped(fn: Any) -> Any:
    """The function of the user in a task that was made of it."""
    while type(fn).__module__.partition(".")[0] == "orion_nb" and hasattr(fn, "__wrapped__"):
        fn = fn.__wrapped__
    return fn


def _code(fn: Any) -> tuple[tuple[Component, ...], tuple[str, ...]]:
    """The components of a callable and the modules it refers to."""
    if type(fn) is types.FunctionType:
        if importable(fn, fn.__module__, fn.__qualname__):
            return _reference(fn.__module__, fn.__qualname__)
        closure = closure_of(fn)
        first = closure.components[0]._replace(kind=CODE)
        return (first, *closure.components[1:]), closure.modules
    return _encoded(fn)


@lru_cache(maxsize=1024)
def _reference(module: str, name: str) -> tuple[tuple[Component, ...], tuple[str, ...]]:
    """A function that is found by its name in a module: the name says it all, and the module's
    file is a component of its own."""
    return _encoded(attrgetter(name)(sys.modules[module]))


def _encoded(fn: Any) -> tuple[tuple[Component, ...], tuple[str, ...]]:
    context = ValueContext()
    encoder = Encoder(context)
    blame.encode(encoder, fn, f"the callable, a {type(fn).__name__}")
    name = getattr(fn, "__qualname__", type(fn).__qualname__) + "()"
    note = f"{name} of {fn.__module__}" if getattr(fn, "__module__", None) else name
    return (Component(CODE, name, encoder.digest(), note),), tuple(context.modules)


def _parameters(fn: Any) -> tuple[str, ...]:
    code = getattr(fn, "__code__", None)
    return code.co_varnames[: code.co_argcount] if isinstance(code, types.CodeType) else ()


def _argument(context: ValueContext, name: str, value: Any) -> Component:
    encoder = Encoder(context)
    blame.encode(encoder, value, f"argument `{name}`")
    return Component(INPUT, name, encoder.digest())


@lru_cache(maxsize=1)
def _machine() -> tuple[Component, ...]:
    python = f"{platform.python_implementation()} {sys.version_info[0]}.{sys.version_info[1]}"
    system = f"{sys.platform} {platform.machine()}"
    return (
        Component("env", "python", hash_parts("python", python), python),
        Component("env", "platform", hash_parts("platform", system), system),
    )


def _variable(name: str) -> Component:
    value = os.environ.get(name)
    # Its value may be a secret: it is not in the note.
    digest = hash_parts("variable") if value is None else hash_parts("variable", value)
    return Component("env", name, digest, f"environment variable {name}")
