"""Which names a nested scope — function, lambda, comprehension, class — takes from outside. Pure."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


class Span(NamedTuple):
    """Where something stands in a cell: line from 1, column from 0 (in characters)."""

    line: int
    column: int


class Outside(NamedTuple):
    """What a scope does with names that are not its own."""

    reads: dict[str, Span]
    writes: dict[str, Span]  # through `global`, and by `:=` in a comprehension


def span_of(node: ast.AST) -> Span:
    return Span(getattr(node, "lineno", 1), getattr(node, "col_offset", 0))


def function_outside(node: Function) -> Outside:
    """Of a function's body. Its defaults and decorators belong to the scope around it."""
    body: list[ast.AST] = [node.body] if isinstance(node, ast.Lambda) else list(node.body)
    parameters = {argument.arg for argument in ast.walk(node.args) if isinstance(argument, ast.arg)}
    return _scope(body, parameters | _type_parameters(node))


def comprehension_outside(node: Comprehension) -> Outside:
    """Of a comprehension without its first iterable, which the scope around it evaluates."""
    first = node.generators[0]
    parts: list[ast.AST] = [first.target, *first.ifs, *node.generators[1:]]
    parts += [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    own = {name for generator in node.generators for name in target_names(generator.target)}
    walruses = list(_walruses(parts))
    for walrus in walruses:
        # `total := total + x` reads the value from before; `y := f(x), y * y` does not.
        if not any(_loads(inner, walrus.target.id) for inner in ast.walk(walrus.value)):
            own.add(walrus.target.id)
    outside = _scope(parts, own, assigned=False)
    for walrus in walruses:
        outside.writes.setdefault(walrus.target.id, span_of(walrus.target))
    return outside


def class_outside(node: ast.ClassDef) -> tuple[Outside, Outside]:
    """Of a class: what its body does when it is defined, what its methods do when called."""
    now, later = Outside({}, {}), Outside({}, {})
    own: set[str] = set()
    for statement in node.body:
        step = _scope([statement], set(), assigned=False, later=later)
        for name, span in step.reads.items():
            if name not in own:
                now.reads.setdefault(name, span)
        own |= set(_bindings([statement]))
    return now, later


def target_names(target: ast.AST) -> Iterator[str]:
    """Names that an assignment target binds (not those it changes)."""
    if isinstance(target, ast.Name):
        yield target.id
    elif isinstance(target, ast.Tuple | ast.List):
        for part in target.elts:
            yield from target_names(part)
    elif isinstance(target, ast.Starred):
        yield from target_names(target.value)


def evaluated_around(node: Function | ast.ClassDef) -> list[ast.expr]:
    """The parts of a definition that the scope around it evaluates, in order."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *(one.value for one in node.keywords)]
    decorators = [] if isinstance(node, ast.Lambda) else node.decorator_list
    defaults = [*node.args.defaults, *(one for one in node.args.kw_defaults if one is not None)]
    annotations: list[ast.expr] = []
    if not isinstance(node, ast.Lambda) and not _type_parameters(node):
        annotated = [one.annotation for one in ast.walk(node.args) if isinstance(one, ast.arg)]
        annotations = [one for one in (*annotated, node.returns) if one is not None]
    return [*decorators, *defaults, *annotations]


def _scope(
    body: Iterable[ast.AST],
    own: set[str],
    *,
    assigned: bool = True,
    later: Outside | None = None,
) -> Outside:
    """What code with its own names does outside. `assigned`: what it assigns is its own too.

    `later`: where the doings of functions in it are put, if they are not to count as its own.
    """
    body = list(body)
    shared = {
        name: span_of(node)
        for node in _same_scope(body)
        if isinstance(node, ast.Global)
        for name in node.names
    }
    if assigned:
        own = own | set(_bindings(body)) - set(shared)
    outside = Outside({}, {})
    for node in _same_scope(body):
        inner = None
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and node.id not in own:
                outside.reads.setdefault(node.id, span_of(node))
            elif node.id in shared:
                outside.writes.setdefault(node.id, span_of(node))
        elif isinstance(node, Function):
            inner = function_outside(node)
            if later is not None:
                _merge(later, inner, set())
                continue
        elif isinstance(node, Comprehension):
            inner = comprehension_outside(node)
            if assigned:
                inner.writes.clear()  # `:=` assigns to the function around it
        elif isinstance(node, ast.ClassDef):
            for part in class_outside(node):
                _merge(outside, part, own)
        if inner is not None:
            _merge(outside, inner, own)
    return outside


def _type_parameters(node: ast.AST) -> set[str]:
    return {one.name for one in getattr(node, "type_params", ())}


def _loads(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load)


def _merge(into: Outside, part: Outside, own: set[str]) -> None:
    for name, span in part.reads.items():
        if name not in own:
            into.reads.setdefault(name, span)
    for name, span in part.writes.items():
        into.writes.setdefault(name, span)


def _same_scope(nodes: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """All nodes of one scope, in order; nested scopes as one node, after what is evaluated here."""
    for node in nodes:
        if isinstance(node, Function | ast.ClassDef):
            yield from _same_scope(evaluated_around(node))
        elif isinstance(node, Comprehension):
            yield from _same_scope([node.generators[0].iter])
        else:
            yield from _same_scope(ast.iter_child_nodes(node))
        yield node


def _bindings(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names that code binds in its own scope."""
    for node in _same_scope(nodes):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                yield alias.asname or alias.name.partition(".")[0]
        elif (isinstance(node, ast.ExceptHandler) and node.name) or (
            isinstance(node, ast.MatchAs | ast.MatchStar) and node.name
        ):
            yield node.name
        elif isinstance(node, ast.MatchMapping) and node.rest:
            yield node.rest
        elif isinstance(node, Comprehension):
            for walrus in _walruses([node]):
                yield walrus.target.id


def _walruses(nodes: Iterable[ast.AST]) -> Iterator[ast.NamedExpr]:
    """The ``:=`` of comprehensions that assign to the scope around them."""
    for node in nodes:
        if isinstance(node, ast.NamedExpr):
            yield node
        if not isinstance(node, Function):
            yield from _walruses(ast.iter_child_nodes(node))
