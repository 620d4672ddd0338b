"""Why a task ran, in words and in the graph; what `%orion run` would take."""

from __future__ import annotations

import re

import pytest

from orion_nb.magics import forecast, reasons
from orion_nb.magics.dag_panel import make_widget

from .conftest import Notebook

HELPER = (
    "import time\nscale = {scale}\ndef clean(x):\n    time.sleep(0.05)\n    return x {op} scale"
)


def told(notebook: Notebook, name: str) -> list[str]:
    """What the graph says of a task cell's first task."""
    found = notebook.parts.notebook
    return reasons.of_task(found, notebook.cell(name).tasks[0])


def test_several_changes_are_said_at_once_with_the_cells_own_lines(notebook: Notebook) -> None:
    notebook.run(HELPER.format(scale=1, op="*"))
    notebook.run("%%orion_task load\nflights = 1")
    notebook.run("%%orion_task use --version 2\n# clean() is far away\ny = clean(flights)")
    notebook.wait()
    assert told(notebook, "use") == ["nothing of this name was computed before"]
    notebook.run(HELPER.format(scale=3, op="+"))
    notebook.run("%%orion_task load\nflights = 2")
    notebook.run("%%orion_task use --version 3\n# clean() is far away\ny = clean(flights)\nz = -y")
    notebook.wait()
    head, *lines = told(notebook, "use")
    assert head.startswith("compared with the last result, ")
    assert lines[0] == "line 4 of the cell changed"
    assert re.fullmatch(
        r"`clean\(\)` line 5 changed \(Cell In\[\d+\]\) · line 3: y = clean\(flights\)", lines[1]
    )
    assert lines[2:] == [
        "global `scale` changed (1 → 3)",
        "you wrote --version 3 instead of 2",
        "input `flights` has a new content · line 3: y = clean(flights)",
    ]
    printed = notebook.run("%orion why use")
    assert all(line in printed for line in lines)


def test_hits_stale_and_uncached_tasks_say_so(notebook: Notebook) -> None:
    notebook.run("%%orion_task a\nx = 1")
    notebook.run("%%orion_task b\ny = x")
    notebook.wait()
    notebook.run("%%orion_task c\nx2 = 1")
    notebook.wait()
    notebook.run("%%orion_task a\nx = 2")
    assert told(notebook, "b")[0] == "stale: `a` has changed"
    notebook.run("%%orion_task d --cache off\nw = 1")
    notebook.run("%%orion_task e --impure\nv = 1")
    notebook.wait()
    assert told(notebook, "e")[0].startswith("not cached: ")
    notebook.run("%%orion_task a\nx = 1")
    notebook.wait()
    assert told(notebook, "a")[0].startswith("the same code and inputs were computed ")
    assert reasons.of_task(notebook.parts.notebook, "nobody") == ["the runtime has forgotten it"]


def test_the_graph_asks_for_the_same_words_and_for_the_workers(notebook: Notebook) -> None:
    pytest.importorskip("anywidget")
    notebook.run("%%orion_task a\nx = 1")
    notebook.wait()
    widget = make_widget(notebook.parts.notebook, retry=lambda tasks: None)
    try:
        assert widget.actions == ["cancel", "logs", "retry", "why"]
        task = notebook.cell("a").tasks[0]
        assert widget._callbacks["why"](task) == told(notebook, "a")
        assert widget._workers() == 2
    finally:
        widget.close()


def test_plan_foresees_time_and_bytes_and_says_what_it_does_not_know(notebook: Notebook) -> None:
    notebook.run("n = 1")
    notebook.run("%%orion_task load\nimport time\ntime.sleep(0.2)\nrows = b'x' * (50_000 * n)")
    notebook.run("%%orion_task fit --map i in range(4)\ntime.sleep(0.2)\nm = rows[:1000 * i]")
    notebook.run("%%orion_task best\nb = max(m)")
    notebook.wait()
    printed = notebook.run("%orion plan")
    assert "results: 5" in printed  # 56 KB and a bit, all there
    assert "to run" not in printed
    notebook.run("n = 2")
    text = notebook.run("%orion plan").splitlines()
    assert re.search(r"● load +would run +~0\.[234] s +~50\.\d KB", text[2])
    assert re.search(r"● fit +would run +4 × ~0\.[234] s +~6\.\d KB", text[3])
    last = text[-1]
    found = re.search(r"6 tasks to run: ≈ (0\.\d) s on 2 workers \((1\.\d) s of work\)", last)
    assert found, last
    # load, then two rounds of two: not the sum of all.
    assert float(found[1]) < 0.75 * float(found[2])
    assert "less where inputs turn out the same" in last
    notebook.run("%%orion_task new --cache off\nq = b\nimport time\ntime.sleep(60)")
    try:
        notebook.until("new", "running")
        notebook.run("%orion cancel new")
        notebook.until("new", "cancelled")
        printed = notebook.run("%orion plan")
        assert re.search(r"● new +would run +\? +\?", printed)
        assert "at least 0." in printed
        assert "never ran: new" in printed
        assert "results: at least" in printed
    finally:
        notebook.run("%orion cancel")
    notebook.run("%orion run load --wait")
    notebook.run("n = 1")
    printed = notebook.run("%orion plan load")
    assert re.search(r"⚡ load +cache hit +saves 0\.[234] s +50\.\d KB", printed)
    assert "hits save 0." in printed


def test_a_part_says_what_it_knows() -> None:
    part = forecast.Part
    assert part(3, 2.0).takes == "3 × ~2.0 s"
    assert part(1).takes == "?"
    assert part(0, left=(1.0, 4.0)).takes == "~4.0 s left"
    assert part(0).takes == part(0).result == ""
    assert part(1, bytes=None).result == "?"
    assert part(0, bytes=2e9, exact=True).result == "2.0 GB"


def test_a_late_round_does_not_open_what_was_left(notebook: Notebook) -> None:
    notebook.run("%%orion_task a\nx = 1")
    notebook.wait()
    found = notebook.parts.notebook
    found.close()
    found.flush()
    assert not found.started
    assert found._opener._thread is None
