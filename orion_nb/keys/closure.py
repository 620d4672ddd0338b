"""What a piece of code reads besides its arguments: the closure components of a key.

Code that travels to workers by value (of a notebook, a script, or made inside a function) is
followed: its source, defaults, captured cells and the globals it reads, and the functions and
classes among those in turn. Every function, class and global becomes a component under a name
of its own, and refers to others by those names; so recursion needs no special case, and an
edited helper changes one component only.

Code that travels by name (of a module) is a name here; `modules` adds the source or version.
"""

from __future__ import annotations

import builtins
import enum
import types
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property, partial
from typing import Any, NamedTuple

from ..core.action import hash_parts
from ..core.model import Component, Digest, ObjectRef
from . import blame
from .content import Encoder
from .guards import MISSING, Guards, contents_of, is_frozen
from .modules import imported, is_installed
from .places import file_label
from .source import code_facts, place_of
from .unhashable import Unhashable

CLOSURE = "closure"
BINDING = "name "
"""Begins the names of components that say what function, class or module a name is bound to."""

_FURNITURE = {"IPython", "ipykernel"}
"""Packages whose objects in a notebook's namespace (`display`, `get_ipython`, `open`) are part
of the notebook, not of the computation."""

_ACCIDENTAL = frozenset(
    [
        "__slotnames__",  # made when an instance is first copied or pickled
        "__dict__",
        "__weakref__",
        "__module__",
        "__doc__",
        "__firstlineno__",
        "__static_attributes__",
        "__qualname__",
        "__annotations__",
        "__annotate__",
        "__annotate_func__",
        "__annotations_cache__",
        "__classdictcell__",  # stays in named tuples from Python 3.14
        "__parameters__",
        "__orig_bases__",
        "__type_params__",
        "_abc_impl",
    ]
)
"""Attributes of a class that do not say what it does, or that are written otherwise."""


class ClosureResult(NamedTuple):
    """What names stand for."""

    components: tuple[Component, ...]
    inputs: tuple[tuple[str, ObjectRef], ...]
    """Names that are results of other tasks, also when only a function reads them."""
    provenance: tuple[str, ...]
    """Names whose value cannot be hashed and that are keyed by the cell that made them."""
    unhashable: tuple[tuple[str, str], ...]
    """(name, why): nothing is known of these, so there is no key."""
    modules: tuple[str, ...]
    """Modules that are referred to; `modules.module_components` makes components of them."""


class Collector:
    """Follows code from a few roots. A `content.Context`.

    `refs` and `provenance` speak of names in `namespace` only; `active` holds the ids of
    objects that an outer collector is at, so that sets of code inside them end.
    """

    def __init__(
        self,
        namespace: Mapping[str, Any] | None = None,
        refs: Mapping[str, ObjectRef] | None = None,
        provenance: Mapping[str, Digest] | None = None,
        active: frozenset[int] = frozenset(),
    ) -> None:
        self.components: list[Component] = []
        self.inputs: dict[str, ObjectRef] = {}
        self.keyed_by_provenance: list[str] = []
        self.unhashable: list[tuple[str, str]] = []
        self.modules: dict[str, None] = {}
        self.guards = Guards()
        self._namespace = namespace
        self._refs = refs or {}
        self._provenance = provenance or {}
        self._active = active
        self._names: dict[int, str] = {}  # id of function or class → its component's name
        self._used: dict[str, int] = {}
        self._globals: set[tuple[int, str]] = set()
        self._todo: deque[types.FunctionType | type] = deque()

    # -- the context of encoders ---------------------------------------------------------

    def module(self, name: str) -> None:
        self.modules[name] = None

    def code(self, value: types.FunctionType | type) -> bytes:
        if isinstance(value, type) and is_installed(value.__module__):
            raise ValueError(value)
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = self._unique(_label(value))
            self._todo.append(value)
        return b"<code %d;%b" % (len(name), name.encode())

    def ref(self, value: ObjectRef) -> bytes:
        raise Unhashable("a handle to another task's result has no content yet")

    def refs_met(self) -> int:
        return 0

    def unordered(self) -> ValueContext:
        return ValueContext(self.modules, active=self._active | set(self._names))

    # -- following -----------------------------------------------------------------------

    def follow(self) -> None:
        """Make a component of everything that was met. Unhashable parts are listed."""
        while self._todo:
            value = self._todo.popleft()
            name = self._names[id(value)]
            e = Encoder(self)
            at = len(self.components)  # in front of the globals that it reads
            try:
                if isinstance(value, type):
                    self._class(e, value)
                    note = f"class {value.__qualname__}{_place_of_class(value)}"
                else:
                    self._function(e, value, name)
                    code = value.__code__
                    note = f"{name} at {place_of(code)}{code_facts(code).mark}"
            except Unhashable as error:
                self.unhashable.append((name, str(error)))
                continue
            self.components.insert(at, Component(CLOSURE, name, e.digest(), note))

    def result(self) -> ClosureResult:
        return ClosureResult(
            tuple(self.components),
            tuple(self.inputs.items()),
            tuple(self.keyed_by_provenance),
            tuple(self.unhashable),
            tuple(self.modules),
        )

    def read_global(self, e: Encoder, namespace: Mapping[str, Any], name: str, reader: str) -> None:
        """Follow a global name as the code `reader` finds it, and write what it is bound to."""
        value = namespace.get(name, MISSING)
        if namespace is self._namespace and name in self._refs:
            value = self._refs[name]
        if isinstance(value, ObjectRef):
            self.inputs[name] = value
            e.tag(b"input")
            e.text(name)
            return
        if is_frozen(value):
            self.guards.name(namespace, name, value)
        if value is MISSING:
            if not hasattr(builtins, name):
                e.tag(b"unbound")
                e.text(name)
        elif name == "__builtins__" or _top(value) in _FURNITURE:
            pass
        elif isinstance(value, types.FunctionType | type | types.ModuleType):
            e.text(name)
            blame.encode(e, value, f"`{name}`", f" read by {reader}")
        elif (id(namespace), name) not in self._globals:
            self._globals.add((id(namespace), name))
            self._value(namespace, name, value, reader)

    def _value(self, namespace: Mapping[str, Any], name: str, value: Any, reader: str) -> None:
        """A component for the plain value of a global."""
        home = namespace.get("__name__", "__main__")
        label = name if home == "__main__" or namespace is self._namespace else f"{home}.{name}"
        note = f"global {label}, {_for_people(value)}"
        try:
            digest = self._content(
                value,
                lambda: namespace.get(name, MISSING),
                f"global `{label}`",
                f" read by {reader}",
            )
        except Unhashable as error:
            if namespace is not self._namespace or name not in self._provenance:
                self.unhashable.append((name, str(error)))
                return
            digest = hash_parts("provenance", self._provenance[name])
            self.keyed_by_provenance.append(name)
            note += ", keyed by the cell that made it"
        self.components.append(Component(CLOSURE, self._unique(label), digest, note))

    def _content(self, value: Any, get: Callable[[], Any], subject: str, role: str = "") -> Digest:
        """The digest of a value that `get` finds again when the closure is checked."""
        e = Encoder(self)
        blame.encode(e, value, subject, role)
        digest = e.digest()
        if not is_frozen(value):
            self.guards.content(get, digest)
        return digest

    def _function(self, e: Encoder, function: types.FunctionType, reader: str) -> None:
        code = function.__code__
        facts = code_facts(code)
        self.guards.function(function)
        e.tag(b"function")
        e.text(facts.digest)
        self._function_parts(e, function, reader)
        home = function.__globals__.get("__name__", "__main__")
        if is_installed(home):
            # Its package's version says what its globals are.
            self.module(home)
            return
        for name in facts.globals:
            self.read_global(e, function.__globals__, name, reader)
        package = function.__globals__.get("__package__") or ""
        for level, module, wanted in facts.imports:
            self.modules.update(dict.fromkeys(imported(level, module, wanted, package)))

    def _function_parts(self, e: Encoder, function: types.FunctionType, reader: str) -> None:
        """What a function object has besides its code: defaults, attributes, captured values."""

        def attributes() -> dict[str, Any]:
            return {k: v for k, v in vars(function).items() if k != "__wrapped__"}

        for part, get in (
            ("defaults", lambda: function.__defaults__),
            ("keyword defaults", lambda: function.__kwdefaults__),
            ("attributes", attributes),
        ):
            if value := get():
                e.text(part)
                e.text(self._content(value, get, part, f" of {reader}"))
        cells = function.__closure__ or ()
        for name, cell in zip(function.__code__.co_freevars, cells, strict=True):
            value = contents_of(cell)
            e.text(name)
            if isinstance(value, ObjectRef):
                raise Unhashable(
                    f"`{name}` captured by {reader} is a handle; pass it as an argument instead"
                )
            if is_frozen(value):
                self.guards.cell(cell, value)
            if value is MISSING:
                e.tag(b"empty cell")
            else:
                get = partial(contents_of, cell)
                e.text(self._content(value, get, f"`{name}`", f" captured by {reader}"))

    def _class(self, e: Encoder, cls: type) -> None:
        self.guards.members(cls)
        e.tag(b"class")
        e.text(cls.__qualname__)
        for base in (type(cls), *cls.__bases__):
            e.add(base)
        members = vars(cls)
        if issubclass(cls, enum.Enum):
            values = {name: member.value for name, member in cls.__members__.items()}
            blame.encode(e, values, f"the members of class {cls.__qualname__}")
            known = {*cls.__members__, *vars(enum.Enum), *vars(enum.Flag)}
            members = types.MappingProxyType(
                {k: v for k, v in members.items() if k not in known and not _is_sunder(k)}
            )
        for name in sorted(members.keys() - _ACCIDENTAL):
            e.text(name)
            self._member(e, cls, name, members[name])
        annotations = members.get("__annotations__")
        if annotations:
            blame.encode(e, annotations, f"the annotations of class {cls.__qualname__}")

    def _member(self, e: Encoder, cls: type, name: str, value: Any) -> None:
        label = f"{cls.__qualname__}.{name}"
        functions = _functions_of(value)
        if functions is None:
            e.text(self._content(value, lambda: vars(cls).get(name, MISSING), f"`{label}`"))
            return
        e.tag(type(value).__name__.encode(), len(functions))
        for function in functions:
            if isinstance(function, types.FunctionType) and function.__qualname__ == label:
                self._function(e, function, f"{label}()")  # a part of the class, not a component
            else:
                blame.encode(e, function, f"`{label}`")

    def _unique(self, label: str) -> str:
        count = self._used[label] = self._used.get(label, 0) + 1
        return label if count == 1 else f"{label} #{count}"


class ValueContext:
    """The context of values on their own (arguments): code in them is one digest each."""

    def __init__(
        self,
        modules: dict[str, None] | None = None,
        *,
        active: frozenset[int] = frozenset(),
        refs: dict[ObjectRef, int] | None = None,
    ) -> None:
        self.modules = {} if modules is None else modules
        self._active = active
        self._refs = refs

    def module(self, name: str) -> None:
        self.modules[name] = None

    def code(self, value: types.FunctionType | type) -> bytes:
        if isinstance(value, type) and is_installed(value.__module__):
            raise ValueError(value)
        if id(value) in self._active:
            return b"<active %d;%b" % (len(value.__qualname__), value.__qualname__.encode())
        from .memo import closure_of  # here: it is built on this module

        closure = closure_of(value, self._active)
        self.modules.update(dict.fromkeys(closure.modules))
        return b"<closure 0;" + closure.digest.encode()

    def ref(self, value: ObjectRef) -> bytes:
        if self._refs is None:
            raise Unhashable("a handle to another task's result has no content yet")
        return b"<ref %d;" % self._refs.setdefault(value, len(self._refs))

    def refs_met(self) -> int:
        return len(self._refs or ())

    def unordered(self) -> ValueContext:
        return ValueContext(self.modules, active=self._active)  # refs need an order


def closure_components(
    names: Iterable[str],
    namespace: Mapping[str, Any],
    *,
    known_refs: Mapping[str, ObjectRef] | None = None,
    provenance: Mapping[str, Digest] | None = None,
    reader: str = "the cell",
) -> ClosureResult:
    """The components for names that a cell reads in a namespace.

    `known_refs`: names that are results of other tasks; they become inputs. `provenance`:
    digests of the keys of the cells that made names, for values that cannot be hashed. Raises
    nothing for those: they are listed in the result.
    """
    collector = Collector(namespace, known_refs, provenance)
    for name in names:
        bindings = Encoder(collector)
        try:
            collector.read_global(bindings, namespace, name, reader)
        except Unhashable as error:
            collector.unhashable.append((name, str(error)))
            continue
        if bindings.out and name not in collector.inputs:
            collector.components.append(Component(CLOSURE, BINDING + name, bindings.digest()))
    collector.follow()
    return collector.result()


def _functions_of(value: Any) -> list[Any] | None:
    """The functions that a member of a class is made of; None if it is something else."""
    if isinstance(value, types.FunctionType):
        return [value]
    if isinstance(value, classmethod | staticmethod):
        return [value.__func__]
    if isinstance(value, property):
        return [value.fget, value.fset, value.fdel]
    if isinstance(value, cached_property):  # it holds a lock in Python 3.11
        return [value.func]
    return None


def _for_people(value: Any) -> str:
    """A number as it is, of anything else the type: it may be long, or a secret."""
    return repr(value)[:20] if type(value) in (bool, int, float) else type(value).__name__


def _label(value: types.FunctionType | type) -> str:
    module = value.__module__
    name = value.__qualname__ if module in ("__main__", None) else f"{module}.{value.__qualname__}"
    return f"class {name}" if isinstance(value, type) else f"{name}()"


def _place_of_class(cls: type) -> str:
    """ " at Cell In[4]", if one of its methods tells."""
    for member in vars(cls).values():
        for function in _functions_of(member) or ():
            if isinstance(function, types.FunctionType) and function.__module__ == cls.__module__:
                label = file_label(function.__code__.co_filename)
                if label != "<string>":  # made by `dataclass`
                    return f" at {label}"
    return ""


def _top(value: Any) -> str:
    """The top-level package that an object belongs to."""
    module = getattr(value, "__module__", None)
    if isinstance(value, types.FunctionType):
        module = value.__globals__.get("__name__")  # IPython's `open` claims to be of `io`
    return module.partition(".")[0] if isinstance(module, str) else ""


def _is_sunder(name: str) -> bool:
    return name.startswith("_") and name.endswith("_") and not name.startswith("__")
