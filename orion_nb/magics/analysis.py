"""What a cell reads, makes and changes, from its source alone. Pure.

Statements are followed in the order in which they run, with the names that are bound for
certain and those that only may be (assigned in one branch of an ``if``). A name is *read*
when the cell may load it while it is not bound for certain: it then comes from outside.
Functions defined in the cell read their free names when they are first mentioned, since from
then on anybody may call them; those that are never mentioned read at the end of the cell.

What this cannot see is said (`dynamic`), or found after the run: changes through method calls
(``rows.append(…)``) and by functions that were given a value.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from orion_nb.exceptions import UsageError

from .flow import Flow
from .scopes import Span

_T = TypeVar("_T")
_BUILTIN = frozenset(dir(builtins)) | {"__class__", "__module__", "__qualname__", "get_ipython"}


class Import(NamedTuple):
    """One name bound by an import statement."""

    name: str
    module: str
    attribute: str  # of the module; "" when the name is the module
    span: Span


class MagicCall(NamedTuple):
    """A magic or a shell command of the cell, as IPython's transform writes it."""

    kind: str  # line | cell | system
    name: str  # of the magic; "" for a shell command
    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class CellAnalysis:
    """The names of one cell. Mappings are in order of first appearance, to where that is."""

    reads: Mapping[str, Span]
    """Names whose value may come from outside; built-ins are left out."""
    uncertain: frozenset[str]
    """Those among `reads` that are only read if the cell itself did not assign them before, or
    that a shell command or magic mentions: that they do not exist is no mistake."""
    writes: Mapping[str, Span]
    """Names assigned at top level, also by ``for``, ``with``, ``:=`` and ``match``, and
    through ``global``; not those that are deleted again."""
    conditional: frozenset[str]
    """Those among `writes`, `imports` and `definitions` that may be unbound at the end."""
    mutates: Mapping[str, Span]
    """Names of outside whose value is changed visibly: ``df["x"] = …``, ``df.x += …``, ``del df[0]``."""
    deletes: Mapping[str, Span]
    """Names that are gone at the end of the cell."""
    definitions: Mapping[str, Span]
    """Functions and classes."""
    imports: Mapping[str, Import]
    has_result: bool
    """The last statement is an expression."""
    quiet: bool
    """… and a semicolon keeps it from being displayed."""
    uses_await: bool
    dynamic: Mapping[str, Span]
    """Uses of exec, eval, globals, locals …, which hide names from the analysis."""
    magics: tuple[MagicCall, ...] = ()

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names that leave the cell as a task: what it assigns and changes."""
        names = {**self.writes, **self.mutates}
        return tuple(name for name in names if name != "_")


def analyse(
    source: str, *, bound: Iterable[str] = (), shadowed: Iterable[str] = ()
) -> CellAnalysis:
    """The analysis of a cell.

    :param source: plain Python, after IPython's transform.
    :param bound: names that have a value before the cell (the variable of ``--map``).
    :param shadowed: names that earlier cells have assigned, so that a built-in among them
        (``max = 5``) is a read like any other.
    :raises UsageError: a syntax error or a star import; one line with the line number.
    """
    tree = parse(source)
    flow = Flow(bound)
    flow.block(tree.body)
    flow.end()
    hidden = _BUILTIN.difference(shadowed)
    reads = {name: span for name, span in flow.reads.items() if name not in hidden}
    last = tree.body[-1] if tree.body else None
    # Deleted in one branch only: it is there or not, which is a change of the name.
    perhaps = {n: s for n, s in flow.deleted.items() if n not in flow.gone and n not in flow.ever}

    def left(made: Mapping[str, _T]) -> dict[str, _T]:
        return {name: what for name, what in made.items() if name not in flow.gone}

    kept, definitions, imports = left(flow.writes), left(flow.definitions), left(flow.imports)
    return CellAnalysis(
        reads=reads,
        uncertain=frozenset(flow.uncertain) & reads.keys(),
        writes=kept,
        conditional=frozenset({*kept, *imports, *definitions} - flow.bound),
        mutates={**left(flow.mutates), **perhaps},
        deletes={name: span for name, span in flow.deleted.items() if name in flow.gone},
        definitions=definitions,
        imports={name: Import(name, *one) for name, one in imports.items()},
        has_result=isinstance(last, ast.Expr),
        quiet=isinstance(last, ast.Expr) and _ends_with_semicolon(source, last),
        uses_await=flow.uses_await,
        dynamic=dict(flow.dynamic),
        magics=tuple(MagicCall(*one) for one in flow.magics),
    )


def analyse_expression(text: str, *, what: str = "expression") -> Mapping[str, Span]:
    """The names that an expression reads (``--map n in EXPR``).

    :raises UsageError: it is not a Python expression; `what` says what it is.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError as error:
        raise UsageError(f"{what} {text.strip()!r}: {error.msg}") from None
    flow = Flow(())
    flow.expression(tree.body)
    flow.end()
    return {name: span for name, span in flow.reads.items() if name not in _BUILTIN}


def parse(source: str) -> ast.Module:
    """The tree of a cell; also what only the compiler notices (``return`` outside a function).

    :raises UsageError: one line, with the line number and the line itself.
    """
    try:
        tree = ast.parse(source)
        compile(source, "<cell>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT, dont_inherit=True)
    except SyntaxError as error:
        lines = source.splitlines()
        number = error.lineno or 1
        text = lines[number - 1].strip() if 0 < number <= len(lines) else ""
        shown = f": {text}" if text else ""
        raise UsageError(f"syntax error in line {number}: {error.msg}{shown}") from None
    except ValueError as error:  # a null byte
        raise UsageError(f"the cell is not Python source: {error}") from None
    return tree


def _ends_with_semicolon(source: str, last: ast.Expr) -> bool:
    lines = source.splitlines()
    tail = lines[(last.end_lineno or 1) - 1 :]
    # Offsets count bytes of UTF-8.
    rest = tail[0].encode()[last.end_col_offset or 0 :].decode() if tail else ""
    return rest.partition("#")[0].strip() == ";"
