"""Recipes of calls and cells: which edits change a key, and which do not."""

from __future__ import annotations

import importlib
import sys
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from keys_notebook import Notebook

from orion_nb.core.action import action_key
from orion_nb.core.model import Component, ObjectRef
from orion_nb.exceptions import UsageError
from orion_nb.keys import (
    Unhashable,
    closure_components,
    content_hash,
    explain,
    recipe_for_call,
    recipe_for_cell,
)


def key(notebook: Notebook, *args: Any, name: str = "f", **kwargs: Any) -> str:
    return action_key(recipe_for_call(notebook[name], args, kwargs))


def parts(notebook: Notebook, name: str = "f") -> list[Component]:
    return list(recipe_for_call(notebook[name]).components)


BASE = """
import math
LIMIT = 3
TABLE = {"a": [1]}
def helper(x, scale=2):
    "Explains itself."
    return x * scale + LIMIT
class Model:
    "A model."
    rate = 1
    def fit(self, x):
        return helper(x) + self.rate
    @property
    def name(self):
        return "m"
    @staticmethod
    def make():
        return Model()
def even(n): return n == 0 or odd(n - 1)
def odd(n): return n != 0 and even(n - 1)
def adder(n):
    def add(x):
        return x + n
    return add
plus = adder(1)
square = lambda x: x * x
def f(x, k=1):
    total = Model.make().fit(x) + plus(x) + square(x) + math.sqrt(x) + len(TABLE)
    return total if even(k) else None
"""

COSMETIC = [
    ("    return x * scale + LIMIT", "    # why\n\n    return (x *\n        scale) + LIMIT"),
    ('"Explains itself."', "'''Explains\n    more.'''"),
    ('    "A model."\n', ""),
    ("{\"a\": [1]}", "{'a': [1,],}"),
    ("import math", "import math, json"),
    ("square = lambda x: x * x", "square = (lambda x:\n    x * x)"),
    ("def odd", "unused = 1\ndef odd"),
]  # fmt: skip

REAL = [
    ("x * scale + LIMIT", "x * scale - LIMIT", "`helper()` line 7 changed (<cell"),
    ("scale=2", "scale=3", "`helper()` changed"),
    ("LIMIT = 3", "LIMIT = 4", "global `LIMIT` changed (3 → 4)"),
    ("LIMIT = 3", "LIMIT = 3.0", "global `LIMIT` changed (3 → 3.0)"),
    ("LIMIT = 3", "LIMIT = None", "global `LIMIT` changed (3 → NoneType)"),
    ("[1]}", "[1, 2]}", "global `TABLE` changed"),
    ("rate = 1", "rate = 2", "class `Model` changed"),
    ("helper(x) + self.rate", "helper(x) * self.rate", "class `Model` changed"),
    ('return "m"', 'return "n"', "class `Model` changed"),
    ("adder(1)", "adder(2)", "`adder.<locals>.add()` changed"),
    ("return x + n", "return n + x", "`adder.<locals>.add()` line 23 changed"),
    ("x: x * x", "x: x * x * x", "`<lambda>()` line 26 changed"),
    ("n != 0 and even", "n > 0 and even", "`odd()` line 20 changed"),
    ("len(TABLE)", "len(TABLE) + 1", "`f()` line 28 changed"),
    ("x, k=1", "x, k=2", "`f()` changed"),
]


@pytest.mark.parametrize(("old", "new"), COSMETIC)
def test_cosmetic_edits_keep_the_key(old: str, new: str) -> None:
    assert old in BASE
    before, after = Notebook().run(BASE), Notebook().run(BASE.replace(old, new))
    assert explain(parts(before), parts(after)) == []
    assert key(before, 1) == key(after, 1)


@pytest.mark.parametrize(("old", "new", "words"), REAL)
def test_real_edits_change_one_component_and_are_named(old: str, new: str, words: str) -> None:
    assert old in BASE
    before, after = Notebook().run(BASE), Notebook().run(BASE.replace(old, new))
    assert key(before, 1) != key(after, 1)
    (said,) = explain(parts(before), parts(after))
    assert said.startswith(words)


def test_edits_in_a_living_notebook_are_seen(notebook: Notebook) -> None:
    """The remembered closure of `f` must notice every way to change what `f` reads."""
    notebook.run(BASE)
    seen = {key(notebook, 1)}

    def changed() -> bool:
        now = key(notebook, 1)
        assert now == key(notebook, 1)
        new = now not in seen
        seen.add(now)
        return new

    assert not changed()
    for old, new, _ in REAL[:-2]:  # (the last two edit f itself)
        if new == "return n + x":
            continue  # `plus` keeps the function that the old `adder` made
        block = next(
            b for b in BASE.replace("\n    ", "\r").split("\n") if old in b.replace("\r", "\n    ")
        )
        notebook.run(block.replace("\r", "\n    ").replace(old, new))
        assert changed(), new
    notebook["TABLE"]["b"] = 2
    assert changed()
    notebook["Model"].rate = 7
    assert changed()
    notebook["Model"].extra = 7
    assert changed()
    notebook["plus"].__closure__[0].cell_contents = 9
    assert changed()
    notebook["helper"].__defaults__ = (9,)
    assert changed()
    notebook["f"].__kwdefaults__ = {"z": 1}
    assert changed()
    notebook.run("len = lambda x: 1")  # hides the built-in
    assert changed()
    notebook["math"] = notebook.run("import json")["json"]
    assert changed()


def test_order_binding_and_types_of_arguments(notebook: Notebook) -> None:
    notebook.run("def f(a, b=0, *rest, **more): return a - b")
    calls = [(1, 2), (2, 1), (1.0, 2), (True, 2), (1,), (1, 2, 3), ([1, 2],), ((1, 2),), ("1", 2)]
    assert len({key(notebook, *call) for call in calls}) == len(calls)
    assert key(notebook, 1, 2) == key(notebook, 1, b=2)
    assert key(notebook, 1, c=2) != key(notebook, 1, 2)


def test_places_of_results_of_other_tasks(notebook: Notebook) -> None:
    notebook.run("def f(a, b=0): return a - b")
    one, two = ObjectRef("one"), ObjectRef("two")
    inputs = [("0", "a" * 64), ("1", "b" * 64)]

    def with_refs(*args: Any) -> str:
        return action_key(recipe_for_call(notebook["f"], args), inputs)

    assert with_refs(one, two) == with_refs(two, one)  # numbered as met: the inputs tell them apart
    assert (
        len(
            {with_refs(one, two), with_refs([one, two]), with_refs([one, one], two), with_refs(one)}
        )
        == 4
    )
    both = recipe_for_call(notebook["f"], ({"a": one}, [two, one]))
    assert both == recipe_for_call(notebook["f"], ({"a": two}, [one, two]))
    with pytest.raises(Unhashable, match=r"inside a types\.SimpleNamespace; put it into a list"):
        with_refs(SimpleNamespace(b=one, a=two))
    assert with_refs(one, SimpleNamespace(a=one)) != with_refs(one, SimpleNamespace(b=one))
    notebook["flights"] = one
    notebook.run("def f(): return flights")
    with pytest.raises(Unhashable, match=r"`flights` is a handle .* pass it as an argument"):
        recipe_for_call(notebook["f"])


def test_callables_of_all_kinds(notebook: Notebook) -> None:
    notebook.run(
        """
        import functools
        def base(x): return x + 1
        def traced(fn):
            @functools.wraps(fn)
            def call(*args):
                return fn(*args)
            return call
        wrapped = traced(base)
        cached = functools.cache(base)
        bound = functools.partial(base, 1)
        class Adder:
            def __init__(self, n): self.n = n
            def __call__(self, x): return base(x) + self.n
            def add(self, x): return self(x)
            @classmethod
            def of(cls, x): return cls(x)
        one, two = Adder(1), Adder(2)
        method = one.add
        klass = Adder.of
        @functools.singledispatch
        def single(x): return x
        """
    )
    names = ["base", "wrapped", "cached", "bound", "Adder", "one", "two", "method", "klass"]
    before = {name: key(notebook, 1, name=name) for name in names}
    assert len(set(before.values())) == len(names)
    assert before == {name: key(notebook, 1, name=name) for name in names}
    fresh = Notebook().run("def base(x): return x + 1")
    assert key(fresh, 1, name="base") == before["base"]
    notebook.run(
        "def base(x): return x + 2\nwrapped = traced(base)\ncached = functools.cache(base)\nbound = functools.partial(base, 1)"
    )
    for name in names:
        assert key(notebook, 1, name=name) != before[name], name
    assert len({key(notebook, 1, name=n) for n in ("wrapped", "cached", "bound")}) == 3
    for fn in (len, max, "x".join, str.upper, partial(max, 1), Path, threading.Thread):
        assert action_key(recipe_for_call(fn, ("a",))) == action_key(recipe_for_call(fn, ("a",)))


def test_values_that_hold_code(notebook: Notebook) -> None:
    notebook.run(
        """
        import enum, dataclasses, typing
        class Kind(enum.Enum):
            A = 1
            def label(self): return helper(self.value)
        @dataclasses.dataclass
        class Point:
            x: int
            y: int = 2
            def norm(self): return helper(self.x)
        class Row(typing.NamedTuple):
            x: int
        class Loop:
            registry = set()
        Loop.registry.add(Loop)
        def helper(x): return x
        TABLE = {"f": helper, "p": Point(1), "k": Kind.A, "r": Row(1), "l": [Loop]}
        SET = {helper, lambda x: x + 1, lambda x: x + 2}
        def f(): return TABLE, SET, f
        """
    )
    names = ["helper", "Kind", "Point", "Row", "Loop", "TABLE", "SET"]
    before = {name: content_hash(notebook[name]) for name in names}
    whole = key(notebook)
    assert len(set(before.values())) == len(names)
    assert before == {name: content_hash(notebook[name]) for name in names}
    assert whole == key(notebook)
    notebook.run("def helper(x): return x + 1")
    # What refers to the name sees the new one; what holds the old function keeps it.
    changed = {name for name in names if content_hash(notebook[name]) != before[name]}
    assert changed == {"helper", "Kind", "Point", "TABLE"}
    assert key(notebook) != whole


def test_what_cannot_be_hashed_is_named(notebook: Notebook) -> None:
    notebook.run(
        """
        import threading
        state = {"lock": [threading.Lock()]}
        def g(): return state
        def f(x=None): return g()
        """
    )
    for _ in range(2):  # remembered, too
        with pytest.raises(
            Unhashable,
            match=r"^global `state`\['lock'\]\[0\] read by g\(\): a _thread.lock cannot be hashed",
        ):
            recipe_for_call(notebook["f"])
    notebook["state"].clear()
    assert key(notebook)
    with pytest.raises(Unhashable, match=r"argument `x`\[1\]: a generator has no content"):
        recipe_for_call(notebook["f"], ([1, (i for i in "ab")],))


def test_cells(notebook: Notebook) -> None:
    notebook.run(BASE)
    notebook.run(
        "import threading\nconn = threading.Lock()\ndef uses_flights(): return flights, LIMIT"
    )
    flights = ObjectRef("load", "flights")

    def cell(source: str, *reads: str, **options: Any) -> Any:
        options.setdefault("known_refs", {"flights": flights})
        return recipe_for_cell(source, reads, notebook.names, name="c", **options)

    plain = cell("y = helper(LIMIT)  # comment", "helper", "LIMIT")
    assert plain == cell("y = helper(\n    LIMIT)", "helper", "LIMIT")._replace(recipe=plain.recipe)
    lower = cell("\n\ny = helper(LIMIT)", "helper", "LIMIT")
    assert [c[:3] for c in lower.recipe.components] == [c[:3] for c in plain.recipe.components]
    assert cell("uses_flights()", "uses_flights").inputs == (("flights", flights),)
    a, b = ObjectRef("a"), ObjectRef("b")
    shared = [
        cell("x + y + z", "x", "y", "z", known_refs={"x": x, "y": y, "z": b}).recipe
        for x, y in ((a, a), (a, b), (b, a))
    ]
    assert len({action_key(recipe) for recipe in shared}) == 3
    assert cell("flights + 1", "flights").inputs == (("flights", flights),)
    for other in (
        cell("y = helper(LIMIT + 1)", "helper", "LIMIT"),
        cell("y = helper(LIMIT)", "helper", "LIMIT", version="2"),
        cell("y = helper(LIMIT)", "helper", "LIMIT", outputs=["y"]),
        cell("y = helper(LIMIT)", "helper", "LIMIT", env=["HOME"]),
        cell("y = helper(LIMIT)", "helper", "LIMIT", options={"map": "n in x"}),
    ):
        assert action_key(other.recipe) != action_key(plain.recipe)
    refused = cell("conn", "conn")
    assert refused.recipe is None
    assert (
        "global `conn` read by the cell: a _thread.lock cannot be hashed"
        in refused.uncached_because
    )
    kept = cell("conn", "conn", provenance={"conn": "a" * 64}).recipe
    assert kept.provenance == ("conn",)
    assert action_key(kept) != action_key(
        cell("conn", "conn", provenance={"conn": "b" * 64}).recipe
    )


def test_the_notebooks_furniture_is_not_read(notebook: Notebook) -> None:
    display = pytest.importorskip("IPython.display").display
    shell = pytest.importorskip("IPython.core.interactiveshell")
    notebook["display"] = display
    notebook["open"] = shell._modified_open  # which claims to be of `io`
    result = closure_components(["display", "open", "print", "nowhere"], notebook.names)
    assert [c.name for c in result.components] == ["name nowhere"]
    assert not result.unhashable
    assert not result.modules


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project of the user's: a package with a helper module, and a module beside it."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("RATE = 1\n")
    (tmp_path / "shop" / "prices.py").write_text(
        "from . import tax\nfrom tools import half\ndef price(x): return tax.add(half(x))\n"
    )
    (tmp_path / "shop" / "tax.py").write_text(
        "import numpy\ndef add(x): return x * 1.2\ndef make():\n    return lambda x: x + RATE\nRATE = 1\n"
    )
    (tmp_path / "tools.py").write_text("def half(x): return x / 2\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield tmp_path
    for name in ("shop", "shop.prices", "shop.tax", "tools"):
        sys.modules.pop(name, None)


def test_project_modules_by_source_transitively(notebook: Notebook, project: Path) -> None:
    notebook.run(
        "import shop.prices\nfrom shop.prices import price\ndef f(x): return price(x)\ndef g(x):\n    from tools import half\n    return half(x)"
    )
    names = [c.name for c in parts(notebook) if c.kind == "module"]
    assert names == ["numpy", "shop", "shop.prices", "shop.tax", "tools"]
    assert [c.name for c in parts(notebook, "g") if c.kind == "module"] == ["tools"]
    by_name = recipe_for_call(notebook["price"])
    assert [c.name for c in by_name.components if c.kind == "module"] == names

    old, before = parts(notebook), key(notebook, 1)
    tools = project / "tools.py"
    tools.write_text("# a comment\ndef half(x):\n    'doc'\n    return x / 2\n")
    assert key(notebook, 1) == before
    tools.write_text("def half(x): return x / 3\n")
    assert key(notebook, 1) != before
    assert explain(old, parts(notebook)) == ["module `tools` changed"]
    tools.write_text("def half(x): return x / 2\n")
    assert key(notebook, 1) == before


def test_functions_made_by_project_modules_travel_by_value(
    notebook: Notebook, project: Path
) -> None:
    tax = importlib.import_module("shop.tax")
    notebook.names["made"] = tax.make()
    before = key(notebook, 1, name="made")
    assert [c.name for c in parts(notebook, "made")][:2] == [
        "shop.tax.make.<locals>.<lambda>()",
        "shop.tax.RATE",
    ]
    tax.RATE = 2
    assert key(notebook, 1, name="made") != before


def test_packages_by_version(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    notebook.run(
        "import numpy as np\nimport os.path\ndef f(x):\n    import sklearn.linear_model\n    return np.mean(x)"
    )
    old = parts(notebook)
    notes = {c.name: c.note for c in old if c.kind == "module"}
    assert set(notes) == {"numpy", "sklearn"}
    assert notes["sklearn"].startswith("scikit-learn ")
    new = [c._replace(digest="0" * 64, note="numpy 99.0") if c.name == "numpy" else c for c in old]
    assert explain(old, new) == [f"{notes['numpy']} → 99.0"]


def test_files_and_environment(
    tmp_path: Path, notebook: Notebook, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook.run("def f(): pass")
    data = tmp_path / "data.csv"
    data.write_text("1")
    monkeypatch.setenv("ORION_TEST", "secret")

    def recipe() -> list[Component]:
        return list(
            recipe_for_call(notebook["f"], files=[data], env=["ORION_TEST"], version="a").components
        )

    old = recipe()
    assert not any("secret" in c.note for c in old)
    data.write_text("2")
    monkeypatch.setenv("ORION_TEST", "other")
    assert explain(old, recipe()) == [
        "environment variable `ORION_TEST` changed",
        f"file `{data}` changed",
    ]
    data.unlink()
    with pytest.raises(UsageError, match=r"the input file .*data.csv cannot be read: No such file"):
        recipe()


def test_words_for_everything_else() -> None:
    def c(kind: str, name: str, digest: str, note: str = "") -> Component:
        return Component(kind, name, digest, note)

    old = [
        c("code", "", "1", "clean at Cell In[4] line 1"),
        c("closure", "clean()", "1"),
        c("input", "flights", "1"),
        c("env", "python", "1", "CPython 3.11"),
        c("version", "", "1", "a"),
        c("closure", "gone", "1"),
        c("file", "x", "1"),
    ]
    new = [
        c("code", "", "2", "clean at Cell In[7] line 1"),
        c("closure", "clean()", "2", "clean() at Cell In[4] line 7"),
        c("input", "flights", "2"),
        c("env", "python", "2", "CPython 3.12"),
        c("version", "", "2", "b"),
        c("closure", "class M", "1"),
    ]
    assert explain(old, new) == [
        "the code of cell `clean` changed (Cell In[7] line 1)", "`clean()` changed (Cell In[4] line 7)",
        "input `flights` has a new content", "CPython 3.11 → 3.12", "you wrote --version b instead of a",
        "it now reads class `M`",
        "it no longer reads global `gone`", "it no longer reads file `x`",
    ]  # fmt: skip
    assert explain(old, old[::-1]) == ["the same things are read in another order"]
    assert explain(old, old) == []
