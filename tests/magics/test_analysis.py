"""What cells read, make and change. One line per rule: source → reads | writes | ….

`?` marks what is uncertain (reads) or conditional (writes).
"""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orion_nb.exceptions import UsageError
from orion_nb.magics.analysis import analyse, analyse_expression

CASES: list[tuple[str, str]] = [
    ("", ""),
    ("x", "reads x"),
    ("x = 1\nx", "writes x"),
    ("x\nx = 1", "reads x | writes x"),
    ("x = x + 1", "reads x | writes x"),
    ("x += 1", "reads x | writes x"),
    ("y = len(x)", "reads x | writes y"),
    ("a, (b, *c) = d[0], e.f = g", "reads g d e | writes a b c | mutates d e"),
    ("a = b = c", "reads c | writes a b"),
    ("x: int = y", "reads y | writes x"),
    ("x: int", ""),
    ("(n := f(3)) + n", "reads f | writes n"),
    # changes in place that can be seen
    ("df['x'] = 1", "reads df | mutates df"),
    ("df.x = 1", "reads df | mutates df"),
    ("df.loc[m, 'x'] += k", "reads k df m | mutates df"),
    ("df.a.b[0].c[1] = 2", "reads df | mutates df"),
    ("df = df.copy()\ndf['x'] = 1", "reads df | writes df"),
    ("del df['x']", "reads df | mutates df"),
    ("del df", "reads df | deletes df"),
    ("x = 1\ndel x", "deletes x"),
    ("del x\nx = 1", "reads x | writes x"),
    ("if c:\n    del df", "reads c df | mutates df"),
    ("if c:\n    del df\nelse:\n    df = 1", "reads c df | writes df?"),
    ("rows.append(1)", "reads rows"),
    ("f(x)[0] = 1", "reads f x"),
    # order and branches
    ("if c:\n    x = 1\nx", "reads c x? | writes x?"),
    ("if c:\n    x = 1\nelse:\n    x = 2\nx", "reads c | writes x"),
    ("if c:\n    x = 1\nelse:\n    raise E\nx", "reads c E | writes x"),
    ("for i in r:\n    t = i\nt", "reads r t? | writes i t?"),
    ("for a, b in z:\n    pass", "reads z | writes a b"),
    ("while c:\n    x = 1", "reads c | writes x?"),
    ("while True:\n    x = f()\n    if x: break\nx", "reads f | writes x"),
    ("with o() as f, p(f) as (g, h):\n    x = 1\nx", "reads o p | writes f g h x"),
    ("try:\n    x = 1\nexcept E as e:\n    print(e)\nx", "reads E x? | writes x?"),
    ("try:\n    x = 1\nexcept E:\n    x = 2\nelse:\n    y = x\nfinally:\n    z = 3", "reads E | writes x y? z"),
    ("try:\n    x = 1\nexcept E:\n    raise\nx", "reads E | writes x"),
    ("match p:\n    case K(x=a) if a:\n        y = a\n    case [*b, {'k': _, **c}]:\n        pass\n    case _:\n        y = 1",
     "reads p K | writes a? y? b? c?"),
    ("match p:\n    case 1:\n        y = 1\n    case z:\n        y = z", "reads p | writes y z?"),
    ("x = 1 if c else (y := 2)", "reads c | writes y? x"),
    # scopes
    ("[x * k for x in xs if x > m]", "reads xs m k"),
    ("{a: b for a, b in d.items() for c in a if (w := c)}", "reads d | writes w?"),
    ("[y := f(x), y ** 2]", "reads f x | writes y"),
    ("total = 0\ns = [total := total + x for x in xs]", "reads xs | writes total s"),
    ("g = lambda a, b=c: a + b + d", "reads c d | writes g"),
    ("def f(a, b=c):\n    e = 1\n    return a + e + h", "reads c h | defs f"),
    ("def f():\n    return k\nk = 1\nf()", "writes k | defs f"),
    ("def f():\n    return k\nf()\nk = 1", "reads k | writes k | defs f"),
    ("def f():\n    return g()\ndef g():\n    return k\nf()", "reads k | defs f g"),
    ("def f():\n    global n, m\n    n = m\nf()", "reads m | writes n? | defs f"),
    ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = y\n    return g", "reads y | defs f"),
    ("def f(x):\n    return [x for x in x if (q := x)] + q", "defs f"),
    ("def f(n):\n    return f(n - 1)\nf(1)", "defs f"),
    ("@deco\ndef f():\n    return later\nlater = 1", "reads deco later | writes later | defs f"),
    ("class A(B, metaclass=M):\n    x = y\n    z = x\n    def m(self):\n        return x + w", "reads B M y x w | defs A"),
    ("async def f():\n    return await g(x)", "reads g x | defs f"),
    ("def f(df: 'T') -> R:\n    df['x'] = 1", "reads R | defs f"),
    # imports
    ("import numpy as np, os.path\nfrom a.b import c as d, e\nnp.x(d)", "imports np=numpy os=os.path d=a.b:c e=a.b:e"),
    ("if c:\n    import x", "reads c | imports x=x?"),
    ("from . import m", "imports m=.:m"),
    # what IPython's transform makes of magics and shell commands
    ("get_ipython().system('ls {path} $HOME ${x} {{no}}')", "reads HOME? path? x?"),
    ("files = get_ipython().getoutput('ls {d[0]}')", "reads d? | writes files"),
    ("get_ipython().run_line_magic('time', 'y = f(x)')", "reads f x | writes y"),
    ("get_ipython().run_line_magic('timeit', '-n 3 y = f(x)')", "reads f x"),
    ("get_ipython().run_cell_magic('time', '', 'y = f(x)\\nz = y')", "reads f x | writes y z"),
    ("get_ipython().run_cell_magic('capture', 'out', 'print(x)')", "reads x | writes out"),
    ("get_ipython().run_cell_magic('bash', '', 'echo {x}')", ""),
    ("get_ipython().run_line_magic('matplotlib', 'inline')", ""),
]  # fmt: skip


def described(source: str, **options: Any) -> str:
    cell = analyse(source, **options)
    parts = {
        "reads": [n + "?" * (n in cell.uncertain) for n in cell.reads],
        "writes": [n + "?" * (n in cell.conditional) for n in cell.writes],
        "mutates": list(cell.mutates),
        "deletes": list(cell.deletes),
        "defs": [n + "?" * (n in cell.conditional) for n in cell.definitions],
        "imports": [
            f"{n}={one.module}{':' * bool(one.attribute)}{one.attribute}" + "?" * (n in cell.conditional)
            for n, one in cell.imports.items()
        ],
    }  # fmt: skip
    return " | ".join(f"{kind} {' '.join(names)}" for kind, names in parts.items() if names)


@pytest.mark.parametrize(("source", "expected"), CASES)
def test_names(source: str, expected: str) -> None:
    assert described(source) == expected


def test_bound_and_shadowed_names() -> None:
    assert described("y = n * k", bound=["n"]) == "reads k | writes y"
    assert described("max(id)", shadowed=["id"]) == "reads id"
    assert list(analyse_expression(" [f(x) for x in items] ")) == ["items", "f"]
    with pytest.raises(UsageError, match=r"--map 'in x': invalid syntax"):
        analyse_expression("in x", what="--map")


def test_spans_are_where_the_name_stands() -> None:
    cell = analyse("\n\nx = (1 +\n     longer)\ndf['é'].y = x")
    assert cell.reads["longer"] == (4, 5)
    assert cell.writes["x"] == (3, 0)
    assert cell.mutates["df"] == (5, 0)


@pytest.mark.parametrize(
    ("source", "result", "quiet"),
    [("x", True, False), ("x;", True, True), ("f('é') ; # c", True, True), ("x = 1", False, False),
     ("x # ;", True, False), ("x; y", True, False), ("def f(): pass", False, False), ("", False, False)],
)  # fmt: skip
def test_the_result(source: str, result: bool, quiet: bool) -> None:
    cell = analyse(source)
    assert (cell.has_result, cell.quiet) == (result, quiet)


@pytest.mark.parametrize(
    ("source", "expected"),
    [("await f()", True), ("async with a: pass", True), ("async for x in y: pass", True),
     ("[x async for x in y]", True), ("[await x for x in y]", True), ("async def f(): await g()", False),
     ("f(lambda: 1)", False)],
)  # fmt: skip
def test_await(source: str, expected: bool) -> None:
    assert analyse(source).uses_await is expected


def test_what_hides_names_is_said() -> None:
    assert list(analyse("exec(code)\nlocals()['x'] = 1\ndef f(): return eval('y')").dynamic) == [
        "exec", "locals", "eval",
    ]  # fmt: skip
    assert not analyse("vars = 1\nvars").dynamic


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("x = 1\ny = (2", r"syntax error in line 2: '\(' was never closed: y = \(2"),
        ("\n\nreturn 1", r"syntax error in line 3: 'return' outside function: return 1"),
        ("break", r"syntax error in line 1: 'break' outside loop: break"),
        ("from os import *", r"line 1: `from os import \*` hides which names"),
        ("x = '\0'", r"."),
    ],
)
def test_one_clear_line_for_what_cannot_be(source: str, message: str) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        analyse(source)
    assert "\n" not in str(caught.value)


def test_outputs() -> None:
    cell = analyse("import os\nfor _ in r:\n    a = 1\ndf.x = 2\ndef f(): pass\nb = 1\ndel b")
    assert cell.outputs == ("a", "df")


# -- against Python itself: run the program and see which names it misses ------------------

names = st.sampled_from("abcd")
expressions = st.recursive(
    names | st.just("1"),
    lambda inner: st.one_of(
        st.builds("({} + {})".format, inner, inner),
        st.builds("[{1} for {0} in [{2}]][0]".format, names, inner, inner),
        st.builds("(lambda {}: {})(1)".format, names, inner),
        st.builds("({} := {})".format, names, inner),
        st.builds("({} if {} else {})".format, inner, inner, inner),
    ),
    max_leaves=4,
)


def indented(text: str) -> str:
    return "\n".join("    " + line for line in text.splitlines())


statements = st.recursive(
    st.one_of(
        st.builds("{} = {}".format, names, expressions),
        st.builds("{} += {}".format, names, expressions),
        st.builds("del {}".format, names),
        st.builds("def {}(): return {}".format, st.sampled_from("fg"), expressions),
        st.sampled_from(["f()", "g()"]),
    ),
    lambda inner: st.one_of(
        st.builds("{}\n{}".format, inner, inner),
        st.builds(lambda c, s, t: f"if {c}:\n{indented(s)}\nelse:\n{indented(t)}", expressions, inner, inner),
        st.builds(lambda n, s: f"for {n} in [1]:\n{indented(s)}", names, inner),
        st.builds(lambda s, t: f"try:\n{indented(s)}\nexcept ZeroDivisionError:\n{indented(t)}", inner, inner),
    ),
    max_leaves=8,
)  # fmt: skip


class Watched(dict[str, Any]):
    """A namespace that notes what is loaded before it was assigned."""

    def __init__(self) -> None:
        super().__init__(a=1, b=1, c=1, d=1, f=lambda: 1, g=lambda: 1)
        self.outside = set(self)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        if name in self.outside:
            self.read.add(name)
        return super().__getitem__(name)

    def __setitem__(self, name: str, value: Any) -> None:
        self.outside.discard(name)
        super().__setitem__(name, value)


@given(statements)
def test_nothing_that_is_read_at_top_level_is_missed(source: str) -> None:
    """Functions look up globals past the dict's methods, so only the top level is watched."""
    try:
        ast.parse(source)
        code = compile(source, "<cell>", "exec")
    except SyntaxError:
        return
    namespace = Watched()
    module: dict[str, Any] = {"__builtins__": {"ZeroDivisionError": ZeroDivisionError}}
    try:
        exec(code, module, namespace)
    except (NameError, TypeError, RecursionError):
        return
    cell = analyse(source)
    assert namespace.read <= set(cell.reads), source
    assigned = {name for name in namespace if name not in namespace.outside}
    assigned |= module.keys() - {"__builtins__"}  # by `:=` in a comprehension
    assert assigned <= set(cell.writes) | set(cell.definitions), source
    certain = set(cell.writes) - cell.conditional
    assert certain <= assigned, source
