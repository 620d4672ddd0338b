"""What a piece of code does, without what it looks like.

Source is parsed and printed again (`ast.unparse`), so comments, blank lines and formatting are
gone; docstrings are dropped. That is stable between Python versions, as `ast.dump` and bytecode
are not. Bytecode is the fallback for functions whose source is not there, or is no longer what
they were compiled from.
"""

from __future__ import annotations
import __future__

import ast
import copy
import dis
import inspect
import linecache
import sys
import types
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple, TypeVar

from ..core.action import hash_parts
from ..core.model import Digest
from . import lines
from .content import Encoder
from .places import file_label

_FUTURE = 0
for _name in __future__.all_feature_names:
    _FUTURE |= getattr(__future__, _name).compiler_flag

_Tree = TypeVar("_Tree", bound=ast.AST)
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


def normalized_code(source: str) -> str:
    """The source as Python itself would write it, without docstrings.

    Equal for sources that differ in comments, blank lines, quotes or brackets only. Raises
    `SyntaxError`.
    """
    return ast.unparse(_without_docstrings(ast.parse(source)))


def normalized(source: str) -> tuple[str, str]:
    """`normalized_code`, and the mark of its statements that a note carries (see `lines`)."""
    tree = _without_docstrings(ast.parse(source))
    return ast.unparse(tree), lines.marked("", tree)


class CodeFacts(NamedTuple):
    """What is known of a code object, its nested functions included."""

    digest: Digest
    """Of what it does; the values of its defaults, cells and globals are not in it."""
    globals: tuple[str, ...]
    """Names it looks up in its module, in order of first use."""
    imports: tuple[tuple[int, str, tuple[str, ...]], ...]
    """(level, module, names): import statements inside the function."""
    mark: str = ""
    """Of its statements, behind a note (see `lines`); "" without source."""


@lru_cache(maxsize=4096)
def code_facts(code: types.CodeType) -> CodeFacts:
    """The facts of a function's code."""
    text, mark = _source_of(code) or (None, "")
    digest = hash_parts("source", text) if text is not None else _bytecode_digest(code)
    names: dict[str, None] = {}
    imports: dict[tuple[int, str, tuple[str, ...]], None] = {}
    for nested in _nested(code):
        # Names in a function that are not local are global; `LOAD_NAME` is a class body's.
        constants: list[object] = []
        for op in dis.get_instructions(nested):
            if op.opname in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"):
                names[op.argval] = None
            elif op.opname in ("LOAD_CONST", "LOAD_SMALL_INT"):
                constants = [*constants[-1:], op.argval]
            elif op.opname == "IMPORT_NAME" and len(constants) == 2:
                level, wanted = constants
                named = tuple(map(str, wanted)) if isinstance(wanted, tuple) else ()
                imports[int(str(level)), str(op.argval), named] = None
    return CodeFacts(digest, tuple(names), tuple(imports), mark)


def place_of(code: types.CodeType) -> str:
    """Where a function was written, for people: "Cell In[4] line 7", "tools.py line 12"."""
    return f"{file_label(code.co_filename)} line {code.co_firstlineno}"


def _nested(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested(constant)


# -- by source ---------------------------------------------------------------------------


def _source_of(code: types.CodeType) -> tuple[str, str] | None:
    """The normalized source of one function and its mark, or None if it cannot be told for
    certain."""
    text = "".join(linecache.getlines(code.co_filename))
    if not text:
        return None
    # Python compiles a file as a whole, IPython each statement of a cell alone; calls of what the
    # same file imports are compiled differently.
    for alone in (False, True):
        index = _index(text, code.co_filename, code.co_flags & _FUTURE, alone)
        for node, compiled in index.get((code.co_name, code.co_firstlineno), ()):
            # A file that was edited after its import compiles to something else.
            if compiled == code:
                bare = _without_docstrings(_bare(node))
                return ast.unparse(bare), lines.marked("", bare)
    return None


@lru_cache(maxsize=64)
def _index(
    source: str, filename: str, flags: int, alone: bool
) -> dict[tuple[str, int], list[tuple[_Definition, types.CodeType]]]:
    """Every function of a file by name and first line, with its code as compiled anew."""
    try:
        tree = ast.parse(source)
        flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        parts = [ast.Module([node], []) for node in tree.body] if alone else [tree]
        modules = [compile(part, filename, "exec", flags, dont_inherit=True) for part in parts]
    except (SyntaxError, ValueError):
        return {}
    nodes: dict[tuple[str, int], list[_Definition]] = {}
    for node in ast.walk(tree):
        if isinstance(node, _Definition):
            nodes.setdefault(_name_and_line(node), []).append(node)
    codes: dict[tuple[str, int], list[types.CodeType]] = {}
    for module in modules:
        for nested in _nested(module):
            codes.setdefault((nested.co_name, nested.co_firstlineno), []).append(nested)
    index = {}
    for key, written in nodes.items():
        compiled = codes.get(key, [])
        if len(written) == len(compiled):  # unless one is dead code
            # Several only if they are lambdas of one line: paired by where their bodies begin.
            written.sort(key=_body_begins)
            compiled.sort(key=_code_begins)
            index[key] = list(zip(written, compiled, strict=True))
    return index


def _name_and_line(node: _Definition) -> tuple[str, int]:
    if isinstance(node, ast.Lambda):
        return "<lambda>", node.lineno
    return node.name, min([node.lineno, *(one.lineno for one in node.decorator_list)])


def _body_begins(node: _Definition) -> tuple[int, int]:
    body = node.body if isinstance(node, ast.Lambda) else node.body[0]
    return body.lineno, body.col_offset


def _code_begins(code: types.CodeType) -> tuple[int, int]:
    return min(
        ((line, column) for line, _, column, end in code.co_positions() if line and column and end),
        default=(0, 0),
    )


def _bare(node: _Definition) -> _Definition:
    """The function without decorators and defaults: those have been evaluated, and what they
    became is seen in the function object."""
    bare = copy.deepcopy(node)
    if not isinstance(bare, ast.Lambda):
        bare.decorator_list = []
    bare.args.defaults = [ast.Constant(...) for _ in bare.args.defaults]
    bare.args.kw_defaults = [one and ast.Constant(...) for one in bare.args.kw_defaults]
    return bare


def _without_docstrings(tree: _Tree) -> _Tree:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            first = node.body[0] if node.body else None
            if (
                isinstance(first, ast.Expr)
                and isinstance(first.value, ast.Constant)
                and isinstance(first.value.value, str)
                # The only expression of a cell is its result, not its documentation.
                and not (isinstance(node, ast.Module) and len(node.body) == 1)
            ):
                node.body[:1] = [] if len(node.body) > 1 else [ast.Pass()]
    return tree


# -- by bytecode -------------------------------------------------------------------------


def _bytecode_digest(code: types.CodeType) -> Digest:
    """Stable within a Python minor version only, which is part of every key anyway."""
    constants = [_constant(one) for one in code.co_consts]
    if _has_docstring(code):
        constants[0] = "docstring"
    flags = code.co_flags & ~0x4000000  # CO_HAS_DOCSTRING of 3.13
    numbers = (code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, flags)
    names = (code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)
    return hash_parts(
        "bytecode",
        code.co_code,
        code.co_exceptiontable,
        " ".join(map(str, numbers)),
        *(part for group in names for part in (str(len(group)), *group)),
        *constants,
    )


def _has_docstring(code: types.CodeType) -> bool:
    if sys.version_info >= (3, 13):
        return bool(code.co_flags & 0x4000000)
    # A function, not a class body or a module; its first constant is then the docstring or None.
    return (
        bool(code.co_flags & inspect.CO_OPTIMIZED)
        and code.co_name != "<lambda>"
        and bool(code.co_consts)
        and isinstance(code.co_consts[0], str)
    )


def _constant(value: object) -> str:
    if isinstance(value, types.CodeType):
        return _bytecode_digest(value)
    encoder = Encoder(_NoContext())
    encoder.add(value)
    return encoder.digest()


class _NoContext:
    """Constants in bytecode are plain: numbers, texts, tuples, frozensets."""

    def module(self, name: str) -> None:
        raise AssertionError(name)

    def code(self, value: object) -> bytes:
        raise ValueError(value)

    def ref(self, value: object) -> bytes:
        raise AssertionError(value)

    def refs_met(self) -> int:
        return 0

    def unordered(self) -> _NoContext:
        return self
