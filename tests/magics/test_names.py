"""Versions of names: what a cell means by a name, the first time and every time after."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orion_nb.magics.names import NameTable, Version


def table(*cells: str) -> NameTable:
    """``"load: df"`` a task cell, ``"(look: df)"`` a plain one."""
    names = NameTable()
    for cell in cells:
        key, _, made = cell.strip("()").partition(":")
        declare = names.declare_plain if cell.startswith("(") else names.declare
        declare(key, made.split())
    return names


def test_a_cell_reads_the_newest_version_before_it_and_never_its_own() -> None:
    names = table("load: df", "clean: df", "model: fit", "trim: df")
    assert names.bind("load", "df") is None
    assert names.bind("clean", "df") == "load"
    assert names.bind("model", "df") == "clean"
    assert names.bind("trim", "df") == "clean"
    assert names.bind("a new cell", "df") == "trim" == names.producer("df")
    names.declare("clean", ["df"])  # executed again: nothing changes for anyone
    assert names.bind("clean", "df") == "load"
    assert names.bind("a new cell", "df") == "trim"


def test_a_changed_cell_changes_what_it_makes() -> None:
    names = table("load: df", "clean: df", "model: fit")
    names.declare("clean", ["tidy"])
    assert names.bind("model", "df") == "load"
    assert names.bind("model", "tidy") == "clean"
    names.declare("load", ["df", "tidy"])
    assert names.bind("model", "tidy") == "clean"
    names.remove("clean")
    assert names.bind("model", "tidy") == "load"
    assert names.position("model") == 2  # the others stay where they are
    names.remove("clean")


def test_a_plain_cell_wins_for_all_cells_after_it() -> None:
    names = table("load: df", "clean: df", "(look: df)")
    assert names.newest("df") == Version(2, "look", True)
    assert names.bind("a new cell", "df") is None
    assert names.bind("clean", "df") == "load"  # executed again: as the first time
    assert names.producer("df") == "clean"
    names.declare("again", ["df"])
    assert names.bind("a new cell", "df") == "again"
    names.declare_plain("look", ["other"])  # executed again: still between clean and again
    assert names.bind("a new cell", "df") == "again"
    assert names.bind("again", "df") is None


def test_a_cell_may_change_its_kind() -> None:
    names = table("load: df x", "(load: df)")
    assert names.bind("a new cell", "df") is None
    assert names.producer("x") is None
    names.declare("load", ["x"])
    assert names.newest("df") is None
    assert names.bind("a new cell", "x") == "load"


def test_an_edited_cell_may_read_what_was_first_made_below_it() -> None:
    names = table("first: a", "weather: w", "wind: w")
    assert names.bind("first", "w") is None
    assert names.bind("first", "w", later=True) == "weather"
    assert names.bind("first", "a", later=True) is None  # never its own
    assert names.bind("wind", "w", later=True) == "weather"


keys = st.sampled_from("ABCDE")
made = st.sets(st.sampled_from("xyz"))


@given(st.lists(st.tuples(keys, made, st.booleans()), max_size=20))
def test_any_order_of_executions(steps: list[tuple[str, set[str], bool]]) -> None:
    """Against the rule itself, told by a list of cells in order of first execution."""
    names = NameTable()
    order: list[str] = []
    now: dict[str, tuple[set[str], bool]] = {}
    for key, made_now, plain in steps:
        before = {name: names.bind(key, name) for name in "xyz"}
        known = key in now
        if key not in order:
            order.append(key)
        kept = now[key][0] if plain and known and now[key][1] else set()
        now[key] = (made_now | kept, plain)
        (names.declare_plain if plain else names.declare)(key, made_now)
        # Executing a cell changes what it makes, not what it reads.
        assert before == {name: names.bind(key, name) for name in "xyz"}
    for reader in [*order, "new"]:
        place = order.index(reader) if reader in order else len(order)
        assert names.position(reader) == place
        for name in "xyz":
            makers = [key for key in order[:place] if name in now[key][0]]
            expected = makers[-1] if makers and not now[makers[-1]][1] else None
            assert names.bind(reader, name) == expected
