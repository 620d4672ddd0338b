"""`%orion inputs`, `retry --downstream` and `accept`."""

from __future__ import annotations

from pathlib import Path

from .conftest import Notebook


def test_inputs_of_a_failed_task_are_opened(notebook: Notebook) -> None:
    notebook.run("scale = 3\ndef helper(v):\n    return v * scale")
    notebook.run("%%orion_task load\nx = [1, 2]\nimport json")
    notebook.run("%%orion_task bad\ny = helper(x[5]) + json.loads('1')")
    notebook.wait()
    notebook.run("scale = 4")
    printed = notebook.run("%orion inputs bad")
    assert "The inputs of bad are in the notebook: " in printed
    assert "Replaced what was there: `scale`." in printed
    assert notebook["x"] == [1, 2]
    assert notebook["helper(1)"] == 3
    assert "result" not in notebook.run("x")


def test_inputs_of_an_item(notebook: Notebook) -> None:
    notebook.run("%%orion_task m --map n in [4, 0, 2]\ny = 1 / n")
    notebook.wait()
    assert "m[n=0]" in notebook.run("%orion inputs m")
    assert notebook["n"] == 0
    notebook.run("%orion inputs m --item n=2")
    assert notebook["n"] == 2
    notebook.run("%orion inputs m --item 0")
    assert notebook["n"] == 4
    assert "3 items, n=4 to n=2" in notebook.refuse("%orion inputs m --item 7")
    assert "whose inputs" in notebook.refuse("%orion inputs")
    assert "did you mean 'm'" in notebook.refuse("%orion inputs mm")


def test_older_results_are_opened_and_closed_again(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nx = 1")
    notebook.run("%%orion_task use\ny = x / 0")
    notebook.wait()
    notebook.run("%%orion_task load\nx = 2")
    assert notebook["x"] == 2
    printed = notebook.run("%orion inputs use")
    assert "There are other results of `x` by now" in printed
    assert "Replaced what was there: `x`." in printed
    assert notebook["x"] == 1
    notebook.run("%orion inputs --close")
    assert notebook["x"] == 2


def test_inputs_that_are_not_there(notebook: Notebook) -> None:
    notebook.run("%%orion_task bad\nx = 1 / 0")
    notebook.run("%%orion_task use\ny = x")
    notebook.wait()
    assert "x" in notebook.refuse("%orion inputs use")


def test_retry_after_the_cause_is_gone(notebook: Notebook, tmp_path: Path) -> None:
    notebook.run("%%orion_task load\nx = int(open('number').read())")
    notebook.run("%%orion_task use\ny = x + 1")
    notebook.wait()
    assert notebook.state("use") == "upstream_failed"
    (tmp_path / "number").write_text("41")
    assert "Trying again: load" in notebook.run("%orion retry load --downstream")
    assert notebook["y"] == 42


def test_accept_keeps_a_result_despite_an_edit_of_a_helper(notebook: Notebook) -> None:
    notebook.run("def helper(v):\n    return v + 1")
    notebook.run("%%orion_task use\nprint('computed')\ny = helper(1)")
    notebook.run("%%orion_task after\nz = y * 2")
    notebook.wait()
    assert "up to date" in notebook.refuse("%orion accept use")
    notebook.run("def helper(v):\n    return 1 + v")
    assert "● use" in notebook.run("%orion plan use")
    printed = notebook.run("%orion accept use")
    assert "Accepted: the result of use" in printed
    assert notebook.state("use") == "hit"
    assert "accepted" in printed
    assert notebook["y"] == 2
    assert "despite an edit" in notebook.run("%orion why use")
    assert "computed" in notebook.run("%orion logs use")
    assert "⚡ after" in notebook.run("%orion plan after")


def test_accept_after_the_edited_cell_was_executed(notebook: Notebook) -> None:
    notebook.run("%%orion_task use\ny = 5")
    notebook.wait()
    (old,) = notebook.cell("use").tasks
    notebook.run("%%orion_task use\nimport time\ntime.sleep(60)\ny = 4 + 1")
    notebook.run("%orion accept use")
    assert notebook["y"] == 5
    assert notebook.state("use") == "hit"
    assert notebook.parts.notebook.session.report(old) is None  # nobody needs it any more


def test_accept_refuses_what_cannot_be_the_same(notebook: Notebook) -> None:
    notebook.run("%%orion_task use\ny = 5")
    notebook.wait()
    notebook.run("%%orion_task use\nimport time\ntime.sleep(60)\ny = z = 5")
    assert "makes `y`, `z` now" in notebook.try_run("%orion accept use")[1]
    notebook.run("%%orion_task bad\nw = 1 / 0")
    notebook.wait("bad")
    assert "no earlier result" in notebook.refuse("%orion accept bad")
    notebook.run("%%orion_task m --map n in range(3)\nv = n")
    notebook.wait("m")
    notebook.run("%%orion_task m --map n in range(4)\nv = n + 0")
    notebook.wait("m")
    notebook.run(
        "%%orion_task m --map n in range(3) --cache off\nimport time\ntime.sleep(60)\nv = n"
    )
    assert "its result has 4" in notebook.try_run("%orion accept m")[1]
    notebook.run("%orion cancel")
