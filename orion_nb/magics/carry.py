"""What of the notebook goes along with a task cell: helpers, their globals, their sources."""

from __future__ import annotations

import linecache
import re
import types
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from orion_nb.keys.source import code_facts

from .cell_runner import CellSource, ModuleName
from .rebind import HOME

_FURNITURE = {"IPython", "ipykernel"}
"""Whose objects in the namespace (`display`, `get_ipython`) the worker has its own of."""

_NUMBER = re.compile(r"\d+")


@dataclass(slots=True)
class Carried:
    """Everything that a worker must be given besides the inputs."""

    values: dict[str, Any] = field(default_factory=dict)
    modules: list[ModuleName] = field(default_factory=list)
    sources: dict[str, CellSource] = field(default_factory=dict)  # by file name
    code_files: dict[str, str] = field(default_factory=dict)  # qualified name → file name


class Collector:
    """Follows names through the functions and classes of a namespace.

    :param stop: names that are not to be taken, because they come as inputs.
    :param format_name: IPython's `compile.format_code_name`.
    """

    def __init__(
        self, namespace: Mapping[str, Any], stop: Container[str], format_name: Any
    ) -> None:
        self.carried = Carried()
        self._namespace = namespace
        self._stop = stop
        self._format_name = format_name
        self._seen: set[int] = set()

    def take(self, names: Iterable[str]) -> None:
        """Take these names, and what their functions read in turn."""
        for name in names:
            if name in self._stop or name in self.carried.values or name not in self._namespace:
                continue
            value = self._namespace[name]
            if _is_furniture(name, value):
                continue
            if isinstance(value, types.ModuleType):
                self.carried.modules.append(ModuleName(name, value.__name__))
                continue
            self.carried.values[name] = value
            self._follow(value)

    def _follow(self, value: Any) -> None:
        for function in functions_of(value, self._seen):
            self._remember_source(function)
            self.take(code_facts(function.__code__).globals)

    def _remember_source(self, function: types.FunctionType) -> None:
        filename = function.__code__.co_filename
        named = self._format_name(filename)
        if named is None:
            return
        if filename not in self.carried.sources:
            number = _NUMBER.search(named[1])
            text = "".join(linecache.getlines(filename))
            self.carried.sources[filename] = CellSource(
                filename, int(number.group()) if number else 0, text
            )
        self.carried.code_files[function.__qualname__] = filename


def without_globals(value: Any) -> Any:
    """A function as it travels: its globals are carried by name, once, not inside of it.

    Otherwise every function that reads a large global would take a copy of it along.
    """
    if not isinstance(value, types.FunctionType) or value.__module__ != HOME:
        return value
    bare = types.FunctionType(
        value.__code__, {"__name__": HOME}, value.__name__, value.__defaults__, value.__closure__
    )
    bare.__kwdefaults__, bare.__qualname__ = value.__kwdefaults__, value.__qualname__
    bare.__annotations__, bare.__doc__ = value.__annotations__, value.__doc__
    bare.__dict__.update(value.__dict__)
    return bare


def functions_of(value: Any, seen: set[int]) -> Iterator[types.FunctionType]:
    """The functions of the notebook that a value consists of."""
    if id(value) in seen:
        return
    if isinstance(value, types.FunctionType) and value.__module__ == HOME:
        seen.add(id(value))
        yield value
        for cell in value.__closure__ or ():
            try:
                inner = cell.cell_contents
            except ValueError:  # empty
                continue
            yield from functions_of(inner, seen)
        yield from functions_of(getattr(value, "__wrapped__", None), seen)
    elif isinstance(value, type) and value.__module__ == HOME:
        seen.add(id(value))
        for member in vars(value).values():
            for part in (member, *_parts(member)):
                yield from functions_of(part, seen)
        for base in value.__bases__:
            yield from functions_of(base, seen)
    elif not isinstance(value, type) and type(value).__module__ == HOME:
        yield from functions_of(type(value), seen)


def _parts(member: Any) -> tuple[Any, ...]:
    if isinstance(member, (staticmethod, classmethod)):
        return (member.__func__,)
    if isinstance(member, property):
        return (member.fget, member.fset, member.fdel)
    return (member.func,) if hasattr(member, "func") else ()


def _is_furniture(name: str, value: Any) -> bool:
    module = getattr(value, "__module__", None)
    top = module.partition(".")[0] if isinstance(module, str) else ""
    return name.startswith("__") or name in ("In", "Out", "exit", "quit") or top in _FURNITURE
