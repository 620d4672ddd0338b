"""Files that a cell declares are part of its key, and looked at again before a result is taken."""

from __future__ import annotations

from pathlib import Path

from .conftest import Notebook
from .test_orion_magic import differences

CELL = "%%orion_task rows --files data.csv, more\nimport pathlib\nrows = pathlib.Path('data.csv').read_text()"


def test_declared_files(notebook: Notebook, tmp_path: Path) -> None:
    data, more = tmp_path / "data.csv", tmp_path / "more"
    more.mkdir()
    data.write_text("a,1")
    notebook.run(CELL)
    assert notebook["rows"] == "a,1"
    notebook.run(CELL)
    assert notebook.run("%orion plan").count("up to date") == 1

    data.write_text("b,2")
    assert "● rows" in notebook.run("%orion plan")
    notebook.run(CELL)
    assert notebook["rows"] == "b,2"
    assert differences(notebook, "rows") == ["file `data.csv` changed"]

    (more / "part").write_text("")
    notebook.run("%orion run --wait")
    assert differences(notebook, "rows") == ["file `more` changed"]

    (more / "part").unlink()
    data.write_text("a,1")
    notebook.run(CELL)
    notebook.wait()
    assert notebook.state("rows") == "hit"

    data.unlink()
    printed = notebook.refuse(CELL)
    assert "data.csv cannot be read" in printed
