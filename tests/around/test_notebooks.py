"""The notebooks are run as a person would run them, and say what they should."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import nbformat
import pytest

from orion_tools.notebook_run import CellFailed, NotebookRun
from orion_tools.watch import recorder, story_of

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "ORION_CACHE_DIR": str(folder / "cache"), "PYTHONPATH": str(ROOT)}


def texts(notebook: Any, cell_id: str) -> str:
    """All that is written under a cell, without colours."""
    cell = next(c for c in notebook.cells if c.id == cell_id)
    found = [
        output.get("text")
        or output.get("data", {}).get("text/plain")
        or "\n".join(output.get("traceback", ()))
        for output in cell.outputs
    ]
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(found))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_notebooks_are_committed_clean(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            assert not cell.outputs, f"{cell.id}: clear the outputs before committing"
            assert cell.execution_count is None


def test_late_output_lands_under_its_own_cell(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [
        nbformat.v4.new_code_cell(
            "from IPython.display import display\nhandle = display('early', display_id=True)",
            id="first",
        ),
        nbformat.v4.new_code_cell("handle.update('late')\nprint('own')", id="second"),
    ]
    path = tmp_path / "late.ipynb"
    nbformat.write(notebook, path)
    with NotebookRun(path, env=environment(tmp_path), log=tmp_path / "log") as run:
        run.run_all(after_first="print('hidden')")
    assert texts(run.notebook, "first") == "'late'"
    assert texts(run.notebook, "second") == "own\n"


def test_a_cell_that_raises_ends_the_run(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell("1 / 0")]
    path = tmp_path / "broken.ipynb"
    nbformat.write(notebook, path)
    with (
        NotebookRun(path, env=environment(tmp_path), log=tmp_path / "log") as run,
        pytest.raises(CellFailed, match="ZeroDivisionError"),
    ):
        run.run_all()


@pytest.mark.slow
def test_the_tour_says_what_its_text_promises(tmp_path: Path) -> None:
    path = ROOT / "notebooks" / "tour.ipynb"
    stories = []
    for number in (1, 2):
        events = tmp_path / f"{number}.jsonl"
        with NotebookRun(path, env=environment(tmp_path), log=tmp_path / "log") as run:
            run.run_all(after_first=recorder(events))
            run.settle()
        stories.append(story_of(events))
        shown = run.notebook
        assert "working 2" in texts(shown, "hello")
        assert texts(shown, "basket-value").endswith("['tea', 'cake']")
        assert texts(shown, "squares-value").endswith("[0, 1, 4, 9, 16, 25]")
        assert "ZeroDivisionError" in texts(shown, "broken")
        assert "UpstreamFailed" in texts(shown, "read-failed")
        assert "attempt 2 worked" in texts(shown, "flaky")
        assert texts(shown, "flaky-value").endswith("2")
        assert texts(shown, "script") == "100\n"
    first, second = stories
    assert first.tasks == second.tasks == 14
    assert first.hits == 0
    # Never hits: `broken` fails, `dependent` cannot run, `report` is impure.
    assert second.hits == 11
