"""Programs that execute notebooks: nbclient and papermill, each with a real kernel."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from .notebooks import kinds, notebook, shown

pytestmark = pytest.mark.usefixtures("environ")

LOAD = "%load_ext orion_nb"
FAILS = "%%orion_task clean\nrows = [1, 2]\n1 / 0"


def execute(made: Any) -> Any:
    NotebookClient(made, timeout=60, kernel_name="python3").execute()
    return made


def test_nbclient_writes_output_graph_and_values() -> None:
    made = execute(
        notebook(
            f"{LOAD}\n%orion dag",
            "%%orion_task load\nfrom IPython.display import HTML, display\n"
            "print('loading')\ndisplay(HTML('<b>bold</b>'))\nx = 3\nx",
            "%%orion_task parts --map i in range(3) --out part\npart = x * i",
            "part",
            "%%orion_task late\nimport time\n\nfor step in range(3):\n"
            "    print('step', step)\n    time.sleep(0.2)\nlast = step",
            "%orion wait",
        )
    )
    dag, load, parts, value, late, _ = made.cells
    assert "image/svg+xml" in kinds(dag) and "5 done" in shown(dag)
    assert "load · done" in shown(load) and "loading" in shown(load) and "3" in shown(load)
    assert any("<b>bold</b>" in o.data.get("text/html", "") for o in load.outputs)
    assert "3/3 done" in shown(parts)
    assert "[0, 3, 6]" in shown(value)
    assert "late · done" in shown(late) and "step 2" in shown(late)


def test_a_failed_task_that_is_read_fails_the_run_with_its_traceback() -> None:
    made = notebook(LOAD, FAILS, "%%orion_task after\nn = len(rows)", "n", "print('never')")
    with pytest.raises(CellExecutionError) as caught:
        execute(made)
    assert "line 3" in str(caught.value) and "ZeroDivisionError" in str(caught.value)
    _, clean, after, _, never = made.cells
    assert "failed: ZeroDivisionError" in shown(clean) and "1 / 0" in shown(clean)
    assert "not run: clean failed" in shown(after)
    assert never.outputs == []


def test_a_failed_task_that_nobody_reads_fails_the_run_at_the_wait() -> None:
    made = notebook(LOAD, "%%orion_task after\nm = 1", FAILS, "%orion wait")
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        execute(made)
    assert "task clean failed" in shown(made.cells[-1])
    assert "line 3" in shown(made.cells[-1])


def test_what_a_run_does_not_wait_for_is_said(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ORION_RUNTIME", "inprocess")
    made = notebook(LOAD, "%%orion_task endless\nimport time\n\ntime.sleep(60)\nx = 1")
    execute(made)
    said = capfd.readouterr().err
    assert "orion: the run ended before endless" in said
    assert "It was stopped." in said
    assert "%orion wait" in said


def test_what_goes_on_after_a_run_is_not_computed_again_by_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ORION_RUNTIME", "detached")
    runs, go = tmp_path / "runs", tmp_path / "go"
    slow = (
        "%%orion_task slow\nimport time\nfrom pathlib import Path\n\n"
        f"open({str(runs)!r}, 'a').write('run\\n')\nprint('begun')\n"
        f"while not Path({str(go)!r}).exists():\n    time.sleep(0.05)\nx = 7"
    )
    execute(notebook(LOAD, slow, f"while not open({str(runs)!r}, 'a+').tell(): pass"))
    assert "the run ended before slow" in (said := capfd.readouterr().err)
    assert "It goes on, and another run finds it." in said
    go.touch()
    again = execute(notebook(LOAD, slow, "6 * x"))
    assert "begun" in shown(again.cells[1])
    assert "42" in shown(again.cells[2])
    assert runs.read_text() == "run\n"


def test_papermill_parameters_are_what_tasks_read(tmp_path: Path) -> None:
    papermill = pytest.importorskip("papermill", reason="pip install 'orion-nb[test]'")
    made = notebook(
        LOAD,
        "n = 2\nlabel = 'two'",
        "%%orion_task double\nm = 2 * n\nprint(label, m)",
        "%%orion_task tens --map i in range(n) --out t\nt = i * 10",
        "m, t",
        parameters=1,
    )
    nbformat.write(made, tmp_path / "in.ipynb")

    def run(n: int) -> Any:
        return papermill.execute_notebook(
            tmp_path / "in.ipynb", tmp_path / "out.ipynb", {"n": n}, progress_bar=False
        )

    *_, double, tens, value = run(5).cells
    assert "double · done" in shown(double) and "two 10" in shown(double)
    assert "5/5 done" in shown(tens)
    assert "(10, [0, 10, 20, 30, 40])" in shown(value)

    *_, double, tens, value = run(5).cells
    assert "cache hit" in shown(double) and "two 10" in shown(double)

    *_, double, tens, value = run(7).cells
    assert "double · done" in shown(double)  # another parameter is another result
    assert "7/7 done · 5 cache hits" in shown(tens)
    assert "(14, [0, 10, 20, 30, 40, 50, 60])" in shown(value)


def test_papermill_keeps_the_failed_notebook(tmp_path: Path) -> None:
    papermill = pytest.importorskip("papermill", reason="pip install 'orion-nb[test]'")
    nbformat.write(notebook(LOAD, FAILS, "rows"), tmp_path / "in.ipynb")
    out = tmp_path / "out.ipynb"
    with pytest.raises(papermill.PapermillExecutionError, match="ZeroDivisionError"):
        papermill.execute_notebook(tmp_path / "in.ipynb", out, progress_bar=False)
    saved = nbformat.read(out, as_version=4)
    clean = next(cell for cell in saved.cells if cell.source == FAILS)
    assert "failed: ZeroDivisionError" in shown(clean)
