"""Which plain cells can have had a part in a value: what it is keyed by when it has no content.

A log of the plain cells that ran, and a question to it: the *provenance* of a name is the code of
every cell that made the object, that made something such a cell reads, or that has read the
object (or something it may share parts with) since and so may have changed it. It errs on the
side of more cells: then a result is computed again, but never taken for another's. Where the log
does not know — what came before the extension was loaded, magic commands, tasks in threads —
there is no provenance. See ADR 0021.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from orion_nb.core.action import hash_parts
from orion_nb.core.model import Digest
from orion_nb.exceptions import UsageError
from orion_nb.keys import Unhashable, normalized_code
from orion_nb.keys.modules import imports_of, module_components

from .analysis import analyse
from .snapshots import is_fixed

_HARMLESS = frozenset(
    [
        "matplotlib",
        "config",
        "load_ext",
        "precision",
        "xmode",
        "autosave",
        "orion",
        "pinfo",
        "pinfo2",
    ]
)
"""Magic commands that make and change no objects of the user's."""

_HIDDEN = frozenset(["exec", "eval", "globals", "locals", "vars", "__import__", "get_ipython"])
"""With these a cell can do what its text does not say."""

_HISTORY = re.compile(r"_+|_\d+|Out|In")
"""IPython's names for results of earlier cells: objects that have other names as well."""

_IMPLICIT = frozenset([".format", "__classdict__", "__conditional_annotations__"])
"""What Python 3.14 itself looks up where annotations are made."""

_BEFORE = -1
"""Stands for the execution that made what was there before the log began."""

Hash = Callable[[Any], Digest]

Made = tuple[str, int]
"""A name as one cell of the log has bound it."""


@dataclass(frozen=True)
class Ran:
    """One execution of a plain cell, or of whatever else can change the notebook's objects.

    :param source: as typed; the log brings it through IPython's transform when it is asked.
    :param binds: names that stood for other objects afterwards.
    :param fixed: those of them whose objects cannot change: numbers, texts, plain functions.
    :param whole: it ran to its end.
    :param results: digests of the task results that it has read, by name.
    :param unknown: why nothing can be said of what it did.
    """

    source: str
    binds: frozenset[str]
    fixed: frozenset[str] = frozenset()
    whole: bool = False
    results: Mapping[str, tuple[Digest, ...]] = field(default_factory=dict)
    unknown: str = ""

    @cached_property
    def tree(self) -> ast.Module:
        try:
            return ast.parse(self.source)
        except SyntaxError:
            return ast.Module([], [])  # it did not run

    @cached_property
    def made(self) -> frozenset[str]:
        """Names that it has bound for certain, also to the object that they stood for before."""
        plain = [self._bound_by(statement) for statement in self.tree.body] if self.whole else []
        return self.binds.union(*plain) - self.results.keys()

    @staticmethod
    def _bound_by(statement: ast.stmt) -> set[str]:
        match statement:
            case ast.Assign(targets=targets):
                return {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                return {name}
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                return {alias.asname or alias.name.partition(".")[0] for alias in aliases}
        return set()

    @cached_property
    def loads(self) -> frozenset[str]:
        """Every name of the notebook that its code looks up anywhere, also inside functions."""
        try:
            table = symtable.symtable(self.source, "cell", "exec")
        except SyntaxError:  # such as an `await` outside of functions
            names = (node for node in ast.walk(self.tree) if isinstance(node, ast.Name))
            return frozenset(node.id for node in names)
        grown = (node.target for node in ast.walk(self.tree) if isinstance(node, ast.AugAssign))
        names = (target for target in grown if isinstance(target, ast.Name))
        return frozenset(_looked_up(table)).union(name.id for name in names)

    @cached_property
    def reads(self) -> frozenset[str]:
        """Names that it reads before it binds them; all that it loads where that is not clear."""
        try:
            return frozenset(analyse(self.source).reads)
        except UsageError:
            return self.loads

    @cached_property
    def imports(self) -> frozenset[str]:
        """Names that it binds by importing: modules are known by version, not by who used them."""
        return frozenset(
            alias.asname or alias.name.partition(".")[0]
            for node in ast.walk(self.tree)
            if isinstance(node, ast.Import | ast.ImportFrom)
            for alias in node.names
        )

    @property
    def constant(self) -> frozenset[str]:
        """Names that it has bound to what cannot change."""
        return self.imports | self.fixed

    @cached_property
    def wild(self) -> str:
        """Why it can have touched anything, whatever its text names; "" if it cannot."""
        calls = [node for node in ast.walk(self.tree) if isinstance(node, ast.Call)]
        magics = [magic for call in calls if (magic := _magic(call))]
        for magic in magics:
            if magic not in _HARMLESS:
                return f"{magic} is not Python, so what it did is not known"
        hidden = self.loads & _HIDDEN - ({"get_ipython"} if magics else set())
        hidden |= {name for name in self.loads if _HISTORY.fullmatch(name)}
        if hidden:
            return f"with `{min(hidden)}` a cell can reach objects that it does not name"
        if "*" in self.imports:
            return "`import *` hides which names it used"
        return ""


def _looked_up(scope: symtable.SymbolTable) -> Iterator[str]:
    function = scope.get_type() == "function"
    for symbol in scope.get_symbols():
        if symbol.get_name() in _IMPLICIT:
            continue
        if symbol.is_global() if function else symbol.is_referenced():
            yield symbol.get_name()
    for inner in scope.get_children():
        yield from _looked_up(inner)


def _magic(call: ast.Call) -> str:
    """The magic command of a call that IPython's transform has made; "" if it is none."""
    match call:
        case ast.Call(
            func=ast.Attribute(ast.Call(func=ast.Name("get_ipython")), method),
            args=[ast.Constant(str(first)), *_],
        ):
            return first if method.startswith("run_") else f"!{first}"
    return ""


class Lineage:
    """The log of one notebook. Main thread only.

    :param transform: what IPython does with a cell before it is Python.
    """

    def __init__(self, transform: Callable[[str], str]) -> None:
        self._transform = transform
        self._log: list[Ran] = []
        self._transformed = 0  # so many of them

    def note(self, ran: Ran) -> None:
        """This has just run."""
        self._log.append(ran)

    def provenance(self, name: str, namespace: Mapping[str, Any], hashed: Hash) -> Digest:
        """The digest of all the code that can have had a part in the object behind a name.

        :param hashed: the content hash of a value that no logged cell has made.
        :raises Unhashable: with why it is not known.
        """
        for index in range(self._transformed, len(self._log)):
            ran = self._log[index]
            self._log[index] = replace(ran, source=self._transform(ran.source))
        self._transformed = len(self._log)
        maker = self._maker(name, len(self._log))
        if maker == _BEFORE:
            raise Unhashable("no plain cell is known to have made it", subject=f"`{name}`")
        cells, outside = self._involved(maker, {n for n, v in namespace.items() if is_fixed(v)})
        for ran in self._log[min(cells) :]:
            if ran.wild:
                raise Unhashable(f"no code to key it by: {ran.wild}", subject=f"`{name}`")
        parts: list[str] = []
        for index in sorted(cells):
            ran = self._log[index]
            if ran.unknown:
                raise Unhashable(f"no code to key it by: {ran.unknown}", subject=f"`{name}`")
            parts.append(normalized_code(ran.source))
            for result, digests in sorted(ran.results.items()):
                parts += (f"result {result}", *digests)
            modules = module_components(tuple(sorted(set(imports_of(ran.source, "")))))
            parts += [f"{one.name} {one.digest}" for one in modules]
        for other in sorted(outside & namespace.keys()):
            parts += (f"outside {other}", hashed(namespace[other]))
        return hash_parts("provenance", name, *parts)

    def _maker(self, name: str, before: int) -> int:
        """The last execution before this one that has bound the name."""
        made = (i for i in range(before - 1, _BEFORE, -1) if name in self._log[i].made)
        return next(made, _BEFORE)

    def _sources(self, name: str, index: int) -> list[int]:
        """The executions whose binding of the name one of them may have looked up."""
        ran = self._log[index]
        own = [index] if name in ran.made else []
        return own if own and name not in ran.reads else [*own, self._maker(name, index)]

    def _involved(self, maker: int, fixed: Set[str]) -> tuple[set[int], set[str]]:
        """(Executions that can have had a part, names that they read and none has made.)

        :param fixed: names whose present objects cannot change.
        """
        reach = self._reach()
        cells: set[int] = set()
        outside: set[str] = set()
        alive: set[Made] = set()
        todo = [maker]
        while todo:
            index = todo.pop()
            if index in cells:
                continue
            cells.add(index)
            ran = self._log[index]
            alive |= {(name, index) for name in ran.made - ran.constant}
            for name in ran.loads:
                for source in self._sources(name, index):
                    if source != _BEFORE:
                        constant = name in self._log[source].constant
                        # Of a result, the digest is known; who had the name before is no matter.
                        todo += [source] if name not in ran.results else []
                    elif hasattr(builtins, name):
                        continue
                    else:
                        constant = name in fixed
                        outside |= {name} if name not in ran.results else set()
                    if not constant:
                        alive.add((name, source))
            todo += [i for i, touched in enumerate(reach) if touched & alive]
        return cells, outside

    def _reach(self) -> list[set[Made]]:
        """For each execution what it can have touched: what it names, and what that was made of
        or, being a function or an object with methods, can read in turn."""
        reach: list[set[Made]] = []
        for index, ran in enumerate(self._log):
            touched: set[Made] = set()
            for name in ran.loads:
                for source in self._sources(name, index):
                    touched.add((name, source))
                    touched |= reach[source] if _BEFORE < source < index else set()
            reach.append(touched)
        return reach
