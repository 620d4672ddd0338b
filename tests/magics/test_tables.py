"""Tables stay readable whatever is in them."""

from __future__ import annotations

from orion_nb.magics.tables import WIDTH, html_table, text_table


def test_columns_are_aligned() -> None:
    table = text_table(["a", "b"], [["long one", "1"], ["x", "22"]])
    assert table.splitlines() == ["a         b", "────────  ──", "long one  1", "x         22"]


def test_the_widest_columns_are_cut_until_the_table_fits() -> None:
    message = "failed: ValueError: " + "could not convert string to float: 'n/a' " * 9
    makes = ", ".join(f"output_{number}" for number in range(20))
    name = "✗ a_task_with_a_long_name"
    rows = [[name, message, "p1", makes], ["✓ b", "done\nin 1 s", "p2", "x"]]
    lines = text_table(["task", "state", "worker", "makes"], rows, spare=3).splitlines()
    assert max(map(len, lines)) == WIDTH
    assert lines[2].startswith(f"{name}  failed: ValueError: could not convert string")
    assert lines[2].endswith("  p1      output_0, o…")
    assert lines[2].count("…") == 2
    assert "done in 1 s" in lines[3]
    assert "p1" in lines[2]


def test_a_table_that_cannot_fit_keeps_a_readable_column() -> None:
    lines = text_table(["a"] * 12, [["x" * 30] * 12]).splitlines()
    assert lines[2].split() == ["x" * 11 + "…"] * 12


def test_html_keeps_the_whole_text_in_the_tip() -> None:
    message = 'KeyError: "<a>" ' * 10
    markup = html_table(["state"], [[message], ["short"]], ["#2e8b3d"])
    assert markup.count("title=") == 1
    assert 'title="KeyError: &quot;&lt;a&gt;&quot;' in markup
    assert "text-overflow:ellipsis" in markup
