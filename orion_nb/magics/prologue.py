"""A plain cell that reads a task's output waits for it: a call put in front of its first statement.

The call runs as the cell's own code, so a failed task raises in the cell and an interrupt
stops it. A cell that reads no output is left alone, and finding that out takes microseconds:
first the words of its text are looked at, and only when one of them may matter is it analysed.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Callable, Iterable
from typing import Any

from orion_nb.exceptions import UsageError
from orion_nb.keys.source import code_facts

from .analysis import analyse
from .carry import functions_of

NEED = "__orion_need__"
"""Name of the call, among the builtins while the extension is loaded."""

_HELP = {"pinfo", "pinfo2"}
"""What ``df?`` has become: it wants to see the value."""

_WORD = re.compile(r"[^\W\d]\w*")


class Prologue(ast.NodeTransformer):
    """The transformer of plain cells.

    :param interesting: names that stand for outputs of tasks, now.
    :param need: called in the cell with the names that it reads.
    """

    def __init__(
        self,
        shell: Any,
        interesting: Callable[[], Iterable[str]],
        need: Callable[..., None],
    ) -> None:
        self._shell = shell
        self._interesting = interesting
        self.words: set[str] = set()
        """Of the text of the cell that runs."""
        setattr(builtins, NEED, need)

    def close(self) -> None:
        if hasattr(builtins, NEED):
            delattr(builtins, NEED)

    def begin_cell(self, text: str) -> None:
        """The text of the cell that is about to be run."""
        self.words = set(_WORD.findall(text))

    def visit(self, node: ast.AST) -> Any:
        """Called by IPython with the whole cell."""
        if isinstance(node, ast.Module) and node.body and self.words:
            names = self.reads(node)
            if names:
                _put_in_front(node, names)
        return node

    def reads(self, tree: ast.Module) -> list[str]:
        """Outputs of tasks that the cell reads before it binds them, also through functions."""
        interesting = frozenset(self._interesting())
        if not interesting:
            return []
        direct = interesting & self.words
        behind = {
            word: through
            for word in self.words
            if (through := interesting & self.through_functions(word))
        }
        if not direct and not behind:
            return []
        try:
            facts = analyse(ast.unparse(tree))
            asked = [w for m in facts.magics if m.name in _HELP for w in _WORD.findall(m.text)]
            reads: Iterable[str] = [*facts.reads, *asked]
        except UsageError:  # a star import: any word may be a read
            reads = self.words
        found: dict[str, None] = {}
        for name in reads:
            if name in direct:
                found[name] = None
            found.update(dict.fromkeys(sorted(behind.get(name, ()))))
        return list(found)

    def through_functions(self, word: str) -> set[str]:
        """Globals that a function or class of the notebook reads, with those that it calls."""
        namespace = self._shell.user_ns
        seen: set[int] = set()
        names: set[str] = set()
        todo = [word]
        while todo:
            for function in functions_of(namespace.get(todo.pop()), seen):
                new = set(code_facts(function.__code__).globals) - names
                names |= new
                todo += new
        return names


def _put_in_front(tree: ast.Module, names: list[str]) -> None:
    at = 0
    while at < len(tree.body):
        statement = tree.body[at]
        if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
            at += 1
        else:
            break
    anchor = tree.body[min(at, len(tree.body) - 1)]
    call = ast.Expr(
        ast.Call(
            func=ast.Name(NEED, ast.Load()), args=[ast.Constant(n) for n in names], keywords=[]
        )
    )
    tree.body.insert(at, ast.fix_missing_locations(ast.copy_location(call, anchor)))
