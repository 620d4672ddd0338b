"""Which lines of a cell changed, from what two keys keep of it."""

from __future__ import annotations

import ast
import linecache

import pytest

from orion_nb.keys import explain, recipe_for_cell
from orion_nb.keys.lines import MOST, changed, said, words
from orion_nb.keys.source import code_facts, normalized

CELL = """
total = 0
for n in rows:
    if n > 3:
        total += n
    else:
        total -= 1
try:
    total = check(total)
except ValueError as error:
    print(error)
match total:
    case 1:
        total = 2
    case _:
        total = 3
print(total)
"""


def difference(old: str, new: str) -> tuple[int, ...]:
    return changed("c at Cell In[1]" + normalized(old)[1], "c at Cell In[2]" + normalized(new)[1])


@pytest.mark.parametrize(
    ("old", "new", "lines"),
    [
        ("total += n", "total += 2 * n", (5,)),
        ("for n in rows", "for n in rows[1:]", (3,)),
        ("n > 3", "n > 4", (4,)),
        ("except ValueError", "except KeyError", (10,)),
        ("case 1", "case 9", (13,)),
        ("        total = 3\n", "        total = 3\n        total = 4\n", (17,)),
        (
            "        total -= 1\n",
            "        total -= 1\n        # why\n\n        total -= 2\n",
            (10,),
        ),
        ("print(total)", "print(total, 1)", (17,)),
        ("    print(error)\n", "    print(error)\n    raise\n", (12,)),
        ("# nothing", "", ()),
    ],
)
def test_the_statement_that_was_edited_is_named(old: str, new: str, lines: tuple[int, ...]) -> None:
    assert difference(CELL, CELL.replace(old, new)) == lines


def test_several_edits_and_what_has_gone() -> None:
    edited = CELL.replace("n > 3", "n > 4").replace("total = 0", "total = 1")
    assert difference(CELL, edited) == (2, 4)
    assert difference(CELL, CELL.replace("total = 0\n", "")) == (2,)  # the line that follows
    assert difference(CELL, CELL.replace("print(total)\n", "")) == (16,)


def test_a_cell_compiled_as_ipython_does_has_its_source() -> None:
    """Statement by statement: what calls an import of the same cell is other bytecode then."""
    source = "import time\ndef f(x):\n    time.sleep(x)\n    return x\n"
    filename, namespace = "<cell of test_lines>", {"__name__": "__main__"}
    linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
    for node in ast.parse(source).body:
        exec(compile(ast.Module([node], []), filename, "exec"), namespace)
    facts = code_facts(namespace["f"].__code__)  # type: ignore[attr-defined]
    edited = normalized(source.partition("\n")[2].replace("return x", "return -x"))[1]
    assert changed("f" + edited, "f" + facts.mark) == (4,)


def test_lines_in_words() -> None:
    assert [said(one) for one in ((), (7,), (7, 9, 10, 11), (1, 3, 5, 7, 9))] == [
        "", "line 7", "lines 7, 9–11", "5 lines from 1 to 9",
    ]  # fmt: skip


def test_the_mark_is_small_and_hidden_and_a_strange_one_says_nothing() -> None:
    note = "c at Cell In[1]" + normalized(CELL)[1]
    assert words(note) == "c at Cell In[1]"
    assert len(note) < 100
    assert len(normalized("x = 1\n" * MOST * 2)[1]) == 0
    nested = "def f(x):\n" + "    x += 1\n" * MOST + "y = 1\n"
    assert difference(nested, nested.replace("y = 1", "y = 2")) == (MOST + 2,)
    for strange in ("c", "c\n", "c\nx 0abc", "c\n1 0ab", "c\n1 ~abc"):
        assert changed(strange, note) == changed(note, strange) == ()


def test_a_cell_says_its_line_and_all_that_changed_is_said() -> None:
    def components(source: str, version: str, limit: int) -> tuple[object, ...]:
        found = recipe_for_cell(
            "\n" + source, ["limit"], {"limit": limit, "__name__": "__main__"},
            name="clean", place="Cell In[3]", version=version,
        )  # fmt: skip
        assert found.recipe is not None
        return found.recipe.components

    old = components("a = 1\nb = limit\n", "2", 5)
    new = components("a = 1\nb = limit + 1\n", "3", 6)
    assert explain(old, new) == [
        "line 3 of cell `clean` changed", "global `limit` changed (5 → 6)",
        "you wrote --version 3 instead of 2",
    ]  # fmt: skip
    assert explain(new, components("a = 1\nb = limit + 1\n", "", 6)) == [
        "you no longer write --version 3"
    ]
