"""Functions that travelled become at home where they arrive.

A function of a notebook is pickled with copies of the globals that it reads and without its
source. Here it gets the globals of its new home (so that it sees names as the cells there do)
and the file name of the cell that defined it (so that a traceback shows its lines).
"""

from __future__ import annotations

import contextlib
import types
from collections.abc import Container, Mapping
from typing import Any

from orion_nb.keys.source import code_facts

HOME = "__main__"  # of what was defined in a notebook; everything else is importable code


class Rebinder:
    """Moves values to `namespace`. One instance per namespace, so shared functions stay shared.

    Reached are functions, their closures and what decorators wrapped, and the methods and
    properties of classes. Functions deeper inside other objects keep the consistent copies
    of the globals that they travelled with.

    :param files: qualified name of a function → file name for its code.
    :param own: names that the namespace gets in other ways; other globals that functions read
        and that it does not have are taken from where they come from.
    """

    def __init__(
        self,
        namespace: dict[str, Any],
        files: Mapping[str, str] | None = None,
        *,
        own: Container[str] = (),
    ) -> None:
        self._namespace = namespace
        self._own = own
        self._files = files or {}
        self._done: dict[int, Any] = {}
        self._kept: list[Any] = []  # ids in `_done` stay valid

    def __call__(self, value: Any) -> Any:
        if isinstance(value, types.FunctionType):
            return self._function(value)
        if isinstance(value, type):
            self._class(value)
        return value

    def _function(self, old: types.FunctionType) -> types.FunctionType:
        if old.__module__ != HOME or old.__globals__ is self._namespace:
            return old
        if id(old) in self._done:
            known: types.FunctionType = self._done[id(old)]
            return known
        file = self._file_of(old.__qualname__)
        code = _renamed(old.__code__, file) if file else old.__code__
        new = types.FunctionType(
            code, self._namespace, old.__name__, old.__defaults__, old.__closure__
        )
        for name in code_facts(code).globals:
            if name in old.__globals__ and name not in self._own:
                self._namespace.setdefault(name, old.__globals__[name])
        self._kept.append(old)
        self._done[id(old)] = new  # before its closure: it may refer to itself
        new.__kwdefaults__ = old.__kwdefaults__
        new.__qualname__, new.__module__, new.__doc__ = old.__qualname__, HOME, old.__doc__
        new.__annotations__ = old.__annotations__
        new.__dict__.update({key: self(item) for key, item in old.__dict__.items()})
        for cell in old.__closure__ or ():
            with contextlib.suppress(ValueError):  # an empty cell
                cell.cell_contents = self(cell.cell_contents)
        return new

    def _class(self, cls: type) -> None:
        if cls.__module__ != HOME or id(cls) in self._done:
            return
        self._done[id(cls)] = cls
        self._kept.append(cls)
        for name, member in list(vars(cls).items()):
            moved = self._member(member)
            if moved is not member:
                with contextlib.suppress(AttributeError, TypeError):  # a closed class
                    setattr(cls, name, moved)
        for base in cls.__bases__:
            self._class(base)

    def _member(self, member: Any) -> Any:
        if isinstance(member, types.FunctionType):
            return self._function(member)
        if isinstance(member, (staticmethod, classmethod)):
            inner = self(member.__func__)
            return member if inner is member.__func__ else type(member)(inner)
        if isinstance(member, property):
            fget, fset, fdel = (
                part and self(part) for part in (member.fget, member.fset, member.fdel)
            )
            return property(fget, fset, fdel, member.__doc__)
        if isinstance(member, type):
            self._class(member)
        return member

    def _file_of(self, qualified: str) -> str | None:
        """The file of a function, or of the function or class that it stands in."""
        return self._files.get(qualified) or self._files.get(qualified.partition(".")[0])


def _renamed(code: types.CodeType, file: str) -> types.CodeType:
    constants = tuple(
        _renamed(item, file) if isinstance(item, types.CodeType) else item
        for item in code.co_consts
    )
    return code.replace(co_filename=file, co_consts=constants)
