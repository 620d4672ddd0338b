"""Which version of a name a cell means, and what happens to what was made from an older one."""

from __future__ import annotations

from pathlib import Path

import pytest

from orion_nb.magics.channels import TerminalChannel

from .conftest import Notebook


def tasks(notebook: Notebook, name: str) -> tuple[str, ...]:
    return notebook.cell(name).tasks


def test_running_a_cell_again_never_reads_its_own_output(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nrows = [1]")
    notebook.run("%%orion_task grow\nrows = rows + [2]")
    assert notebook["rows"] == [1, 2]
    for _ in range(2):  # as it is not in plain Jupyter
        notebook.run("%%orion_task grow --cache recompute\nrows = rows + [2]")
        assert notebook["rows"] == [1, 2]


def test_nor_when_it_grows_a_plain_value(notebook: Notebook) -> None:
    notebook.run("rows = [1]")
    notebook.run("%%orion_task grow\nrows = rows + [2]")
    assert notebook["rows"] == [1, 2]
    notebook.run("%%orion_task grow --version 2\nrows = rows + [2]")
    assert notebook["rows"] == [1, 2]


def test_a_visible_change_in_place_is_a_new_version(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nd = {'a': 1}")
    notebook.run("%%orion_task add\nd['b'] = 2")
    notebook.run("%%orion_task count\nn = len(d)")
    assert notebook.cell("add").outputs == ("d",)
    assert notebook["n"] == 2
    assert notebook["d"] == {"a": 1, "b": 2}


def test_an_invisible_change_is_named_and_not_lost(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nrows = [1]")
    notebook.run("%%orion_task add\nrows.append(2)\ncount = len(rows)")
    assert "`rows` was changed in place" in notebook.output("add")
    assert "--out count,rows" in notebook.output("add")
    assert notebook["rows"] == [1]
    notebook.run("%%orion_task add --out count,rows\nrows.append(2)\ncount = len(rows)")
    assert "changed in place" not in notebook.output("add")
    assert notebook["rows"] == [1, 2]


def test_reading_alone_warns_of_nothing(notebook: Notebook) -> None:
    notebook.run("import numpy as np\nweights = {'a': np.arange(3)}")
    notebook.run("%%orion_task load\nimport pandas as pd\ndf = pd.DataFrame({'x': [1, 2]})")
    notebook.run("%%orion_task use\ntotal = df['x'].sum() + weights['a'].sum()\ndf.describe()")
    assert "⚠" not in notebook.output("use")
    assert notebook["int(total)"] == 6


def test_a_plain_cell_takes_a_name_over(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nx = 1")
    notebook.run("%%orion_task before\ny = x + 10")
    assert "this cell's own value" in notebook.run("x = 5")
    notebook.run("%%orion_task after\nz = x + 10")
    assert notebook["(x, y, z)"] == (5, 11, 15)
    notebook.run("%%orion_task before --version 2\ny = x + 10")
    assert notebook["y"] == 11  # it was declared before the plain cell


@pytest.mark.parametrize("change", ["rows.append(3)", "rows += [3]", "rows[:] = [1, 2, 3]"])
def test_a_plain_cell_that_changes_a_value_owns_it(notebook: Notebook, change: str) -> None:
    notebook.run("%%orion_task load\nrows = [1, 2]")
    assert "this cell's own value" in notebook.run(change)
    notebook.run("%%orion_task count\nn = len(rows)")
    assert notebook["n"] == 3
    assert notebook["rows"] == [1, 2, 3]


def test_values_are_private(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nimport numpy as np\na = np.zeros(100_000)")
    notebook.run("a[0] = 1")
    notebook.run("%orion ref load")
    (task,) = tasks(notebook, "load")
    ref = notebook.cell("load").refs("a")
    assert notebook["a[0]"] == 1
    assert notebook.parts.notebook.session.result(ref)[0] == 0  # type: ignore[arg-type]
    assert tasks(notebook, "load") == (task,)


def test_an_unchanged_cell_attaches(notebook: Notebook) -> None:
    code = "%%orion_task slow\nimport time\ntime.sleep(0.4)\nprint('once')\nx = 1"
    notebook.run(code)
    running = tasks(notebook, "slow")
    notebook.run(code + "  # a comment does not matter")
    assert tasks(notebook, "slow") == running
    assert notebook["x"] == 1
    printed = notebook.run(code)
    assert tasks(notebook, "slow") == running
    assert "unchanged, already done" in printed
    assert notebook.output("slow") == "once"


def test_a_failed_cell_runs_again(notebook: Notebook, tmp_path: Path) -> None:
    code = "%%orion_task fails\nx = open('later.txt').read()"
    notebook.run(code)
    notebook.wait("fails")
    assert notebook.state("fails") == "failed"
    (tmp_path / "later.txt").write_text("there", encoding="utf-8")
    notebook.run(code)
    assert notebook["x"] == "there"


def test_an_edit_cancels_and_marks_what_comes_after(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nimport time\ntime.sleep(30)\nx = 1")
    old = tasks(notebook, "load")
    notebook.run("%%orion_task use\ny = x + 1\nprint('made y')")
    notebook.run("%%orion_task load\nx = 2")
    notebook.wait("load")
    report = notebook.parts.notebook.session.report(old[0])
    assert report is not None
    assert report.state.value == "cancelled"
    assert notebook.state("use") == "stale"
    refused, printed = notebook.try_run("y")
    assert not refused.success
    assert "out of date" in printed
    assert "%orion run use" in printed
    notebook.run("%orion run --wait")
    assert notebook["y"] == 3
    assert notebook.state("use") == "done"


def test_a_stale_value_is_given_with_a_warning_and_nothing_runs(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nx = 1")
    notebook.run("%%orion_task use\ny = x + 1")
    assert notebook["y"] == 2
    used = tasks(notebook, "use")
    notebook.run("%%orion_task load\nx = 2")
    assert "use is out of date" in notebook.run("print(y)")
    assert tasks(notebook, "use") == used


def test_early_cut_off(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nx = 1 + 1")
    notebook.run("%%orion_task use\ny = x + 1")
    assert notebook["y"] == 3
    notebook.run("%%orion_task load\nx = 4 - 2")
    assert notebook.state("use") == "stale"
    notebook.run("%orion run --wait")
    assert notebook.state("load") == "done"
    assert notebook.state("use") == "hit"


@pytest.mark.parametrize(
    "edit",
    [
        "def helper(x):\n    return x + base + 1",
        "base = 11",
        "class Settings:\n    step = 2",
    ],
)
def test_what_a_cell_reads_through_helpers_matters(notebook: Notebook, edit: str) -> None:
    notebook.run("base = 10\nclass Settings:\n    step = 1\ndef helper(x):\n    return x + base")
    code = "%%orion_task use\nx = helper(1) * Settings().step"
    notebook.run(code)
    notebook.wait("use")
    before = tasks(notebook, "use")
    notebook.run("# only a comment\ndef helper(x):\n    return (x + base)  # the same\n")
    notebook.run(code)
    assert tasks(notebook, "use") == before
    notebook.run(edit)
    notebook.run(code)
    assert tasks(notebook, "use") != before
    notebook.wait("use")
    assert notebook.state("use") == "done"


def test_the_users_own_module_matters(notebook: Notebook, tmp_path: Path) -> None:
    module = tmp_path / "own_helpers_for_a_test.py"
    module.write_text("def f():\n    return 1\n", encoding="utf-8")
    notebook.run("import own_helpers_for_a_test as own")
    notebook.run("%%orion_task use\nx = own.f()")
    assert notebook["x"] == 1
    module.write_text("def f():\n    return 22\n", encoding="utf-8")
    notebook.run("%%orion_task use\nx = own.f()")
    assert notebook["x"] == 22


def test_only_options_that_matter_change_the_key(notebook: Notebook) -> None:
    notebook.run("%%orion_task a\nx = 1")
    notebook.wait("a")
    before = tasks(notebook, "a")
    notebook.run("%%orion_task a --retries 3 --timeout 20\nx = 1")
    assert tasks(notebook, "a") == before
    notebook.run("%%orion_task a --version two\nx = 1")
    assert tasks(notebook, "a") != before
    notebook.run("%%orion_task a --cache off\nx = 1")
    notebook.wait("a")
    assert notebook.state("a") == "done"


def test_a_cleared_cache_computes_again(notebook: Notebook) -> None:
    notebook.run("%%orion_task a\nx = 1")
    notebook.wait("a")
    notebook.run("%orion cache clear")
    notebook.run("%%orion_task a\nx = 1")
    notebook.wait("a")
    assert notebook.state("a") == "done"


def test_a_branch_that_is_not_taken_keeps_the_earlier_value(notebook: Notebook) -> None:
    notebook.run("flag = False")
    notebook.run("%%orion_task load\nx = 1")
    notebook.run("%%orion_task maybe\nif flag:\n    x = 2\n    fresh = 3")
    assert notebook["x"] == 1
    result, printed = notebook.try_run("fresh")
    assert not result.success
    assert "NameError" in printed


def test_a_name_moves_with_its_cell(notebook: Notebook, monkeypatch: pytest.MonkeyPatch) -> None:
    """Copied, deleted and written anew: the newest cell of a name is the task of that name."""
    for cell_id, code in (
        ("a", "%%orion_task load\nx = 1"),
        ("b", "%%orion_task use\ny = x"),
        ("c", "%%orion_task load\nx = 2"),
    ):
        monkeypatch.setattr(TerminalChannel, "cell_id", cell_id)
        notebook.run(code)
    assert list(notebook.parts.notebook.cells) == ["b", "c"]
    assert notebook.state("use") == "stale"
    monkeypatch.setattr(TerminalChannel, "cell_id", "d")
    assert notebook["x"] == 2
    monkeypatch.setattr(TerminalChannel, "cell_id", "c")
    notebook.run("x = 3  # the magic was taken away")
    monkeypatch.setattr(TerminalChannel, "cell_id", "d")
    assert notebook["x"] == 3
    assert notebook.parts.notebook.task_names() == ["use"]


def test_unnamed_cells_without_an_id_are_known_by_what_they_say(notebook: Notebook) -> None:
    notebook.run("%%orion_task\nrows = [1]")
    notebook.run("%%orion_task\nrows = rows + [2]")
    for _ in range(2):
        notebook.run("%%orion_task\nrows = rows + [2]")
        assert notebook["rows"] == [1, 2]
    assert notebook.parts.notebook.task_names() == ["rows", "rows-2"]


def test_an_earlier_cell_may_read_what_a_later_one_makes(notebook: Notebook) -> None:
    notebook.run("%%orion_task first\na = 1")
    notebook.run("%%orion_task second\nb = 2")
    assert notebook["b"] == 2
    notebook.run("%%orion_task first\na = b + 1")
    assert notebook["a"] == 3
    assert "would wait for each other" in notebook.refuse("%%orion_task second\nb = a + 1")
