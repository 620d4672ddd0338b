"""Follows the statements of a cell in the order in which they run. Pure; see `analysis`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from orion_nb.exceptions import UsageError

from .embedded import magic_of, names_in_text, python_of_magic
from .scopes import (
    Comprehension,
    Function,
    Outside,
    Span,
    class_outside,
    comprehension_outside,
    evaluated_around,
    function_outside,
    span_of,
    target_names,
)

_DYNAMIC = frozenset({"exec", "eval", "globals", "locals", "vars", "compile", "__import__"})
_State = tuple[frozenset[str], frozenset[str]]
_LEAVES = (ast.Raise, ast.Return, ast.Continue, ast.Break)


class Flow:
    """The state of the analysis between two statements."""

    def __init__(self, bound: Iterable[str]) -> None:
        self.bound: set[str] = set(bound)  # for certain, at this point
        self.gone: set[str] = set()  # deleted for certain, at this point
        self.ever: set[str] = set(self.bound)  # bound anywhere so far
        self.reads: dict[str, Span] = {}
        self.uncertain: set[str] = set()
        self.writes: dict[str, Span] = {}
        self.mutates: dict[str, Span] = {}
        self.deleted: dict[str, Span] = {}  # somewhere; `gone` says which for certain
        self.definitions: dict[str, Span] = {}
        self.imports: dict[str, tuple[str, str, Span]] = {}
        self.dynamic: dict[str, Span] = {}
        self.magics: list[tuple[str, str, str, Span]] = []
        self.uses_await = False
        self._pending: dict[str, Outside] = {}  # what functions of the cell will do when called

    # -- names ---------------------------------------------------------------------------

    def read(self, name: str, span: Span, *, optional: bool = False) -> None:
        """A name is loaded here."""
        pending = self._pending.pop(name, None)
        if pending is not None:
            self._happens(pending)
        if name in self.bound:
            return
        if name in _DYNAMIC and name not in self.ever:
            self.dynamic.setdefault(name, span)
        certain = not optional and name not in self.ever
        if certain:
            self.uncertain.discard(name)
        elif name not in self.reads:
            self.uncertain.add(name)
        self.reads.setdefault(name, span)

    def bind(self, name: str, span: Span) -> None:
        """A name gets a value here."""
        self._pending.pop(name, None)
        self.gone.discard(name)
        self.bound.add(name)
        self.ever.add(name)
        self.writes.setdefault(name, span)

    def end(self) -> None:
        """The cell is over: functions that nobody mentioned will be called later."""
        for name in list(self._pending):
            pending = self._pending.pop(name, None)
            if pending is not None:
                self._happens(pending)

    def _happens(self, outside: Outside) -> None:
        for name, span in outside.reads.items():
            self.read(name, span)
        for name, span in outside.writes.items():
            with self.maybe():
                self.bind(name, span)

    def _unbind(self, name: str, span: Span) -> None:
        if name not in self.bound:
            self.read(name, span)
        self._pending.pop(name, None)
        self.bound.discard(name)
        self.gone.add(name)
        self.deleted[name] = span

    @contextmanager
    def maybe(self) -> Iterator[None]:
        """What happens within may not happen."""
        before = self._state()
        yield
        self._join([before, self._state()])

    def _state(self) -> _State:
        return frozenset(self.bound), frozenset(self.gone)

    def _enter(self, state: _State) -> None:
        self.bound, self.gone = set(state[0]), set(state[1])

    def _join(self, ends: Sequence[_State]) -> None:
        """Only what holds at every end holds for certain."""
        self.bound = set(frozenset.intersection(*(bound for bound, _ in ends)))
        self.gone = set(frozenset.intersection(*(gone for _, gone in ends)))

    # -- statements ----------------------------------------------------------------------

    def block(self, statements: Sequence[ast.stmt]) -> bool:
        """Follow statements; returns whether the end of them can be reached."""
        for statement in statements:
            method = getattr(self, f"_{type(statement).__name__.lower()}", None)
            if method is not None:
                method(statement)
            else:
                self._parts(statement)
            if isinstance(statement, _LEAVES):
                return False
        return True

    def _branches(self, *blocks: Sequence[ast.stmt]) -> None:
        """Blocks of which exactly one runs."""
        before = self._state()
        ends = []
        for block in blocks:
            self._enter(before)
            if self.block(block):
                ends.append(self._state())
        self._join(ends or [before])

    def _parts(self, statement: ast.stmt) -> None:
        for child in ast.iter_child_nodes(statement):
            if isinstance(child, ast.expr):
                self.expression(child)

    def _assign(self, statement: ast.Assign) -> None:
        self.expression(statement.value)
        for target in statement.targets:
            self._target(target)

    def _annassign(self, statement: ast.AnnAssign) -> None:
        self.expression(statement.annotation)
        if statement.value is not None:
            self.expression(statement.value)
            self._target(statement.target)

    def _augassign(self, statement: ast.AugAssign) -> None:
        if isinstance(statement.target, ast.Name):
            self.read(statement.target.id, span_of(statement.target))
        self.expression(statement.value)
        self._target(statement.target)

    def _delete(self, statement: ast.Delete) -> None:
        for target in statement.targets:
            for part in target.elts if isinstance(target, ast.Tuple | ast.List) else [target]:
                if isinstance(part, ast.Name):
                    self._unbind(part.id, span_of(part))
                else:
                    self._target(part)

    def _target(self, target: ast.expr) -> None:
        """An assignment to it."""
        if isinstance(target, ast.Name):
            self.bind(target.id, span_of(target))
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._target(part)
        elif isinstance(target, ast.Starred):
            self._target(target.value)
        else:
            for child in ast.iter_child_nodes(target):
                if isinstance(child, ast.expr):
                    self.expression(child)
            root: ast.expr = target
            while isinstance(root, ast.Attribute | ast.Subscript):
                root = root.value
            if isinstance(root, ast.Name) and root.id not in self.bound:
                self.mutates.setdefault(root.id, span_of(target))

    def _if(self, statement: ast.If) -> None:
        self.expression(statement.test)
        self._branches(statement.body, statement.orelse)

    def _for(self, statement: ast.For | ast.AsyncFor) -> None:
        self.expression(statement.iter)
        self._target(statement.target)  # a loop over nothing is not what the cell is about
        with self.maybe():
            self.block(statement.body)
        self._branches(statement.orelse, ())

    def _asyncfor(self, statement: ast.AsyncFor) -> None:
        self.uses_await = True
        self._for(statement)

    def _while(self, statement: ast.While) -> None:
        self.expression(statement.test)
        if isinstance(statement.test, ast.Constant) and statement.test.value:
            before = self.bound | self._bound_before_break(statement.body)
            self.block(statement.body)
            if any(isinstance(node, ast.Break) for node in ast.walk(statement)):
                self.bound = before - self.gone
            return
        with self.maybe():
            self.block(statement.body)
        self._branches(statement.orelse, ())

    @staticmethod
    def _bound_before_break(body: Sequence[ast.stmt]) -> set[str]:
        """Names that the body of an endless loop assigns before anything could leave it."""
        names: set[str] = set()
        for statement in body:
            if any(isinstance(node, ast.Break) for node in ast.walk(statement)):
                break
            if isinstance(statement, ast.Assign):
                for target in statement.targets:
                    names.update(target_names(target))
        return names

    def _with(self, statement: ast.With | ast.AsyncWith) -> None:
        for item in statement.items:
            self.expression(item.context_expr)
            if item.optional_vars is not None:
                self._target(item.optional_vars)
        self.block(statement.body)

    def _asyncwith(self, statement: ast.AsyncWith) -> None:
        self.uses_await = True
        self._with(statement)

    def _try(self, statement: ast.Try) -> None:
        before = self._state()
        ends = []
        if self.block(statement.body) and self.block(statement.orelse):
            ends.append(self._state())
        failed = before[0] - self.deleted.keys(), before[1]  # the body may have failed anywhere
        for handler in statement.handlers:
            self._enter(failed)
            if handler.type is not None:
                self.expression(handler.type)
            if handler.name:
                self.bound.add(handler.name)
                self.ever.add(handler.name)
            if self.block(handler.body):
                self.bound.discard(handler.name or "")
                ends.append(self._state())
        self._join(ends or [failed])
        self.block(statement.finalbody)

    _trystar = _try

    def _match(self, statement: ast.Match) -> None:
        self.expression(statement.subject)
        before = self._state()
        ends = []
        complete = False
        for case in statement.cases:
            self._enter(before)
            self._pattern(case.pattern)
            if case.guard is not None:
                self.expression(case.guard)
            if self.block(case.body):
                ends.append(self._state())
            complete = complete or (
                case.guard is None
                and isinstance(case.pattern, ast.MatchAs)
                and case.pattern.pattern is None
            )
        if not complete:
            ends.append(before)
        self._join(ends or [before])

    def _pattern(self, pattern: ast.pattern) -> None:
        for node in ast.walk(pattern):
            if isinstance(node, ast.MatchValue):
                self.expression(node.value)
            elif isinstance(node, ast.MatchClass):
                self.expression(node.cls)
            elif isinstance(node, ast.MatchMapping):
                for key in node.keys:
                    self.expression(key)
            name = getattr(node, "name", None) or getattr(node, "rest", None)
            if isinstance(name, str):
                self.bind(name, span_of(node))

    def _import(self, statement: ast.Import) -> None:
        for alias in statement.names:
            name = alias.asname or alias.name.partition(".")[0]
            self._made(name, statement)
            self.imports[name] = (alias.name, "", span_of(statement))

    def _importfrom(self, statement: ast.ImportFrom) -> None:
        module = "." * statement.level + (statement.module or "")
        for alias in statement.names:
            if alias.name == "*":
                raise UsageError(
                    f"line {statement.lineno}: `from {module} import *` hides which names the cell "
                    "uses; import the names, or the module"
                )
            name = alias.asname or alias.name
            self._made(name, statement)
            self.imports[name] = (module, alias.name, span_of(statement))

    def _functiondef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for part in evaluated_around(node):
            self.expression(part)
        outside = function_outside(node)
        self._made(node.name, node)
        self.definitions[node.name] = span_of(node)
        if node.decorator_list:
            self._happens(outside)  # a decorator may call it at once
        else:
            self._pending[node.name] = outside

    _asyncfunctiondef = _functiondef

    def _classdef(self, node: ast.ClassDef) -> None:
        for part in evaluated_around(node):
            self.expression(part)
        now, later = class_outside(node)
        self._happens(now)
        self._made(node.name, node)
        self.definitions[node.name] = span_of(node)
        if node.decorator_list:
            self._happens(later)
        else:
            self._pending[node.name] = later

    def _made(self, name: str, node: ast.AST) -> None:
        """Bound by an import or a definition, which are kept apart from assignments."""
        known = self.writes.get(name)
        self.bind(name, span_of(node))
        if known is None:
            del self.writes[name]

    # -- expressions ---------------------------------------------------------------------

    def expression(self, node: ast.expr) -> None:
        """Follow an expression in the order of its evaluation."""
        if isinstance(node, ast.Name):
            self.read(node.id, span_of(node))
        elif isinstance(node, ast.NamedExpr):
            self.expression(node.value)
            self.bind(node.target.id, span_of(node.target))
        elif isinstance(node, ast.Lambda):
            for part in evaluated_around(node):
                self.expression(part)
            self._happens(function_outside(node))
        elif isinstance(node, Comprehension):
            self.expression(node.generators[0].iter)
            self.uses_await = self.uses_await or _awaits(node)
            self._happens(comprehension_outside(node))
        elif isinstance(node, ast.BoolOp | ast.IfExp):
            first, *rest = (
                node.values if isinstance(node, ast.BoolOp) else (node.test, node.body, node.orelse)
            )
            self.expression(first)
            for part in rest:
                with self.maybe():
                    self.expression(part)
        else:
            if isinstance(node, ast.Await):
                self.uses_await = True
            magic = magic_of(node) if isinstance(node, ast.Call) else None
            if magic is not None:
                self._magic(*magic, span_of(node))
                return
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    self.expression(child)
                elif isinstance(child, ast.keyword):
                    self.expression(child.value)

    def _magic(self, kind: str, name: str, text: str, body: str, span: Span) -> None:
        self.magics.append((kind, name, text, span))
        for mentioned in names_in_text(text):
            self.read(mentioned, span, optional=True)
        for source, keeps in python_of_magic(kind, name, text, body):
            inner = Flow(self.bound)
            inner.block(source.body)
            inner.end()
            for read in inner.reads:
                self.read(read, span, optional=read in inner.uncertain)
            if keeps:
                for written in (*inner.writes, *inner.definitions, *inner.imports):
                    self.bind(written, span)
        if kind == "cell" and name == "capture":  # `%%capture out`
            for word in text.split():
                if word.isidentifier():
                    self.bind(word, span)


def _awaits(node: ast.AST) -> bool:
    if isinstance(node, Function):
        return False
    if isinstance(node, ast.Await) or (isinstance(node, ast.comprehension) and node.is_async):
        return True
    return any(_awaits(child) for child in ast.iter_child_nodes(node))
