"""Magics and shell commands inside a cell: what IPython's transform made of them. Pure.

``!ls {path}`` has become ``get_ipython().system('ls {path}')``, ``%time f(x)`` has become
``get_ipython().run_line_magic('time', 'f(x)')``: the names are inside a text.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

_KINDS = {
    "run_line_magic": "line",
    "run_cell_magic": "cell",
    "system": "system",
    "getoutput": "system",
}

_PYTHON = {"time": True, "timeit": False, "prun": False, "capture": True}
"""Magics whose text is Python, and whether the names that it assigns stay."""

_DOLLAR = re.compile(r"(?<![\w$\\])\$([^\W\d]\w*)")
_BRACES = re.compile(r"(?<!\{)\{([^{}]+)\}(?!\})")
_OPTIONS = re.compile(r"^(\s*-\w+(\s+\d+)?)*\s*")


def magic_of(call: ast.Call) -> tuple[str, str, str, str] | None:
    """(kind, name, line, body) if the call is how a magic or shell command is written."""
    function = call.func
    if not (
        isinstance(function, ast.Attribute)
        and function.attr in _KINDS
        and isinstance(function.value, ast.Call)
        and isinstance(function.value.func, ast.Name)
        and function.value.func.id == "get_ipython"
    ):
        return None
    texts = [
        one.value
        for one in call.args
        if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]
    if not texts or len(texts) != len(call.args):
        return None
    kind = _KINDS[function.attr]
    if kind == "system":
        return kind, "", texts[0], ""
    name, line, body = (*texts, "", "")[:3]
    return kind, name, line, body


def names_in_text(text: str) -> Iterator[str]:
    """Names that IPython would put in place of ``$name`` and ``{expression}``."""
    yield from _DOLLAR.findall(text)
    for expression in _BRACES.findall(text):
        try:
            tree = ast.parse(expression.strip(), mode="eval")
        except SyntaxError:
            continue  # not for Python: braces of the shell
        yield from (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))


def python_of_magic(
    kind: str, name: str, line: str, body: str
) -> Iterator[tuple[ast.Module, bool]]:
    """The Python that a magic runs, and whether what it assigns stays."""
    if kind == "system" or name not in _PYTHON:
        return
    for text in [body] if kind == "cell" else [_OPTIONS.sub("", line, count=1)]:
        try:
            yield ast.parse(text), _PYTHON[name]
        except SyntaxError:
            continue  # the magic will say so when it runs


def text_of(tree: ast.AST) -> str:
    """A cell's text, as near as its tree tells: the magic of a whole cell as it is written."""
    body = tree.body if isinstance(tree, ast.Module) else []
    if len(body) == 1 and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Call):
        magic = magic_of(body[0].value)
        if magic is not None and magic[0] == "cell":
            _, name, line, text = magic
            return f"%%{name} {line}\n{text}"
    return ast.unparse(tree)
