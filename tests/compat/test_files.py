"""Notebooks that IPython executes as files: ``%run other.ipynb``, and ``ipython other.ipynb``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import nbformat
from magics.kernels import kernel

from .notebooks import notebook

OTHER = (
    "base = 2",
    "%%orion_task one\na = base + 1",
    "%%orion_task two\nprint('in two')\nb = a + 1",
    "c = b + 1",
    "%%orion_task three\nd = c + 1",
)


def test_task_cells_of_a_notebook_that_is_run_within_a_cell(tmp_path: Path) -> None:
    nbformat.write(notebook(*OTHER), tmp_path / "other.ipynb")
    with kernel(tmp_path) as one:
        for _ in range(2):  # the second time nothing is new
            request, _ = one.run("%run other.ipynb", "outer")
            assert "Error" not in one.text(request)
            request, _ = one.run("a, b, c, d", "reader")
            one.until_text(request, "(3, 4, 5, 6)")
        one.run("%orion wait", "wait")
        request, _ = one.run("%orion status", "status")
        assert all(f"✓ {name}" in one.text(request) for name in ("one", "two", "three"))


def test_ipython_runs_a_notebook_to_its_end(tmp_path: Path, environ: dict[str, str]) -> None:
    made = notebook("%load_ext orion_nb", *OTHER, "print('all', a, b, c, d)", "%orion wait")
    nbformat.write(made, tmp_path / "script.ipynb")
    command = [sys.executable, "-m", "IPython", "--colors=NoColor", "script.ipynb"]
    ended = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60)
    assert "all 3 4 5 6" in ended.stdout, ended.stdout + ended.stderr
    assert "[two] in two" in ended.stdout
    assert "Error" not in ended.stdout + ended.stderr
