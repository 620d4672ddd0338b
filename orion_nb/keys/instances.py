"""Writing objects: functions and classes by the context, the rest by what rebuilds them.

For anything without a rule of its own, the protocol of `copy` and `pickle` says what an object
is made of (`__reduce_ex__`: a callable, its arguments, a state), and those are written — not
the bytes that pickle would make of them, which differ between interpreters.
"""

from __future__ import annotations

import copyreg
import enum
import re
import sys
import types
import typing
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from .arrays import writer_for
from .content import Encoder, Writer
from .unhashable import Unhashable

_NO_CONTENT = (
    types.GeneratorType, types.CoroutineType, types.AsyncGeneratorType, types.FrameType,
    types.TracebackType, types.CellType,
)  # fmt: skip


def write_object(e: Encoder, value: Any) -> None:
    """Write a value whose type has no writer in `content`. Raises `Unhashable`."""
    kind = type(value)
    write = _EXACT.get(kind) or writer_for(kind)
    if write is not None:
        write(e, value)
    elif isinstance(value, type):
        write_class(e, value)
    elif isinstance(value, enum.Enum):
        _write_enum(e, value)
    elif isinstance(value, PurePath):
        _write_path(e, value, kind)
    elif kind.__module__ == "zoneinfo" and value.key is not None:
        e.tag(b"zoneinfo")  # by name, as it travels; what it reduces to depends on the interpreter
        e.text(value.key)
    elif isinstance(value, set | frozenset):
        _write_set_subclass(e, value)
    elif kind.__module__.partition(".")[0] == "orion_nb" and hasattr(value, "__wrapped__"):
        e.add(value.__wrapped__)  # `@task` changes where a function runs, not what it computes
    else:
        write_reduced(e, value)


def write_class(e: Encoder, cls: type) -> None:
    """Write which class it is: by name if it can be imported, else by its definition."""
    module = cls.__module__
    name = importable(cls, module, cls.__qualname__)
    if name is None:
        try:
            e.out.append(e.context.code(cls))
            return
        except ValueError:  # defined inside a function of an installed package
            name = cls.__qualname__
    e.tag(b"class")
    e.text(module)
    e.text(name)
    if module != "builtins":
        e.context.module(module)


def write_reduced(e: Encoder, value: Any) -> None:
    """Write what `copy` would rebuild the object from."""
    if e.met_before(value):
        return
    kind = type(value)
    if isinstance(value, _NO_CONTENT):
        raise Unhashable(f"a {_type_name(kind)} has no content that could be compared")
    reduced = _reduce(value, kind)
    if isinstance(reduced, str):
        _write_global(e, value, reduced)
        return
    refs = e.context.refs_met()
    make, arguments, state, items, pairs = (*reduced, None, None, None)[:5]
    e.tag(b"object")
    e.add(make)
    e.add(tuple(arguments))
    if type(state) is dict and all(type(name) is str for name in state):
        # Attributes: their order of assignment is an accident.
        e.tag(b"attributes", len(state))
        for name in sorted(state):
            e.text(name)
            e.add(state[name])
    else:
        e.tag(b"state")
        e.add(state)
    for tag, content in ((b"items", items), (b"pairs", pairs)):
        listed = list(content) if content is not None else []
        e.tag(tag, len(listed))
        for item in listed:
            e.add(item)
    if e.context.refs_met() > refs:
        # They are numbered as they are met, here and by whoever collects them for the scheduler;
        # in an object the two orders may differ, and then a number would mean another result.
        raise Unhashable(
            f"a handle to another task's result is inside a {_type_name(kind)}; "
            "put it into a list, tuple or dict"
        )


def _reduce(value: Any, kind: type) -> Any:
    try:
        special = copyreg.dispatch_table.get(kind)
        return special(value) if special is not None else value.__reduce_ex__(4)
    except RecursionError:
        raise
    except Exception as error:  # noqa: BLE001
        # The user's `__reduce__` and `__getstate__` may raise anything.
        reason = str(error) or type(error).__name__
        raise Unhashable(f"a {_type_name(kind)} cannot be hashed ({reason})") from None


def _write_global(e: Encoder, value: Any, name: str) -> None:
    """An object that says it is a global of some module."""
    module: str | None = getattr(value, "__module__", None) or _owner(value, name)
    found = importable(value, module, name)
    if module is not None and found is not None:
        e.tag(b"global")
        e.text(module)
        e.text(found)
        e.context.module(module)
    elif hasattr(value, "__wrapped__"):  # functools.cache and its like
        e.tag(b"wrapped")
        write_class(e, type(value))
        e.add(getattr(value, "cache_parameters", dict)())
        e.add(value.__wrapped__)
    else:
        raise Unhashable(f"the {_type_name(type(value))} `{name}` cannot be found in `{module}`")


def _owner(value: Any, name: str) -> str | None:
    """The module that an object without `__module__` (numpy's ufuncs) is a global of."""
    home = type(value).__module__
    candidates = [home, home.partition(".")[0]]
    return next((m for m in candidates if importable(value, m, name) is not None), None)


def importable(value: Any, module: str | None, name: str) -> str | None:
    """The name under which a worker would find this very object in the module; or None."""
    if not module or module == "__main__" or module not in sys.modules:
        return None
    found: Any = sys.modules[module]
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is value:
        return name
    return name if module == "builtins" and isinstance(value, type) else None


def _write_function(e: Encoder, value: types.FunctionType) -> None:
    name = importable(value, value.__module__, value.__qualname__)
    if name is None:
        try:
            e.out.append(e.context.code(value))
            return
        except ValueError:
            raise Unhashable(f"the function `{value.__qualname__}` has no code to hash") from None
    e.tag(b"function")
    e.text(value.__module__)
    e.text(name)
    e.context.module(value.__module__)


def _write_builtin(e: Encoder, value: types.BuiltinFunctionType) -> None:
    owner = value.__self__
    if owner is None or isinstance(owner, types.ModuleType):
        module = value.__module__ or (owner.__name__ if owner is not None else "builtins")
        e.tag(b"builtin")
        e.text(module)
        e.text(value.__qualname__)
        if module != "builtins":
            e.context.module(module)
        return
    e.tag(b"builtin method")
    e.text(value.__name__)
    e.add(owner)


def _write_method(e: Encoder, value: types.MethodType) -> None:
    e.tag(b"method")
    e.add(value.__func__)
    e.add(value.__self__)


def _write_module(e: Encoder, value: types.ModuleType) -> None:
    name = value.__name__
    if name != "__main__" and sys.modules.get(name) is not value:
        raise Unhashable(f"the module `{name}` was made at run time, so it has no source")
    e.tag(b"module")
    e.text(name)
    e.context.module(name)


def _write_enum(e: Encoder, value: enum.Enum) -> None:
    e.tag(b"enum")
    write_class(e, type(value))
    if value.name is not None:
        e.text(value.name)
    else:  # a combination of flags
        e.add(value.value)


def _write_path(e: Encoder, value: PurePath, kind: type) -> None:
    e.tag(b"path")
    if kind.__module__.partition(".")[0] == "pathlib":  # Python 3.13 moved the classes inside it
        e.text(kind.__qualname__)
    else:
        write_class(e, kind)
    e.text(str(value))


def _write_set_subclass(e: Encoder, value: set[Any] | frozenset[Any]) -> None:
    if e.met_before(value):
        return
    e.tag(b"set subclass", len(value))
    write_class(e, type(value))
    e.unordered(value)
    e.add(getattr(value, "__dict__", None))


def _write_forward(e: Encoder, value: typing.ForwardRef) -> None:
    e.tag(b"forward")
    e.text(value.__forward_arg__)


def _write_pattern(e: Encoder, value: re.Pattern[Any]) -> None:
    e.tag(b"pattern", value.flags)
    e.add(value.pattern)


def _write_proxy(e: Encoder, value: types.MappingProxyType[Any, Any]) -> None:
    e.tag(b"mappingproxy")
    e.add(dict(value))


def _write_memoryview(e: Encoder, value: memoryview) -> None:
    e.tag(b"memoryview")
    e.text(value.format)
    e.add(value.shape)
    e.buffer(value if value.c_contiguous else value.tobytes())


def _write_property(e: Encoder, value: property) -> None:
    e.tag(b"property")
    for part in (value.fget, value.fset, value.fdel):
        e.add(part)


def _write_wrapper(tag: bytes) -> Writer:
    def write(e: Encoder, value: Any) -> None:
        e.tag(tag)
        e.add(value.__func__)

    return write


def _by_name(tag: bytes) -> Writer:
    def write(e: Encoder, value: Any) -> None:
        e.tag(tag)
        e.text(value.__name__)

    return write


def _constant(tag: bytes) -> Writer:
    return lambda e, value: e.tag(tag)


def _type_name(kind: type) -> str:
    name = kind.__qualname__
    return name if kind.__module__ == "builtins" else f"{kind.__module__}.{name}"


_EXACT: dict[type, Callable[[Encoder, Any], None]] = {
    type: lambda e, value: write_class(e, value),
    types.FunctionType: _write_function,
    types.BuiltinFunctionType: _write_builtin,
    types.MethodType: _write_method,
    types.ModuleType: _write_module,
    types.MappingProxyType: _write_proxy,
    # Slots and C attributes of a class: its definition says the rest.
    types.MemberDescriptorType: _by_name(b"member"),
    types.GetSetDescriptorType: _by_name(b"getset"),
    typing.TypeVar: _by_name(b"typevar"),
    typing.ParamSpec: _by_name(b"paramspec"),
    typing.NewType: _by_name(b"newtype"),
    typing.ForwardRef: _write_forward,
    re.Pattern: _write_pattern,
    memoryview: _write_memoryview,
    property: _write_property,
    classmethod: _write_wrapper(b"classmethod"),
    staticmethod: _write_wrapper(b"staticmethod"),
    type(...): _constant(b"ellipsis"),
    type(NotImplemented): _constant(b"notimplemented"),
}
