"""Graphs of thousands of tasks: they open at once, nothing of them is lost, and little is kept."""

from __future__ import annotations

import time
from typing import Any

import pytest

from .lab import LabPage

SETUP = """
import time
from fake_feed import folded, replay, shifted, staged, until
from orion_nb.widget import DagWidget, GraphView
view = GraphView(title="large.ipynb", history=lambda group: 0.5)
def fed(feed):
    "A widget of a run that has come so far."
    view.update(shifted(feed, start=time.monotonic() - (feed[-1].at - feed[0].at)))
    return DagWidget(view, clock=time.monotonic)
"""
OPEN_WITHIN = 3.0  # seconds
FINISHED = '.orion[data-finished="true"]'
DRAWN = """(count) => document.querySelectorAll(".o-node[data-state]").length === count
    && document.querySelectorAll(".o-edge").length > 0"""


def prepared(notebook: LabPage, name: str, feed: str, *cells: str) -> Any:
    """The notebook with a feed made, and the next cell to be executed; the page."""
    notebook.open(notebook.lab.write(name, [SETUP, feed, *cells]))
    for number in (0, 1):
        notebook.run_cell()
        executed(notebook, number)
    return notebook.page


def executed(notebook: LabPage, cell: int) -> None:
    """Wait until a cell has a number."""
    notebook.page.wait_for_function(
        "(cell) => /\\d/.test(document.querySelectorAll('.jp-InputPrompt')[cell].textContent)",
        arg=cell,
        timeout=120_000,
    )


def assert_opens_at_once(notebook: LabPage, boxes: int) -> None:
    """Execute the next cell, which shows a graph, again and again until it is drawn in time (the
    machine may have other things to do), and once more, to be looked at."""
    times = []
    for _ in range(6):
        notebook.page.evaluate(f"() => (window.drawn = {DRAWN})")
        begun = time.monotonic()
        notebook.run_cell()
        notebook.page.wait_for_function("(boxes) => window.drawn(boxes)", arg=boxes)
        times.append(time.monotonic() - begun)
        notebook.command("notebook:clear-all-cell-outputs")
        notebook.page.wait_for_selector(".orion", state="detached")
        notebook.command("notebook:move-cursor-up")
        if times[-1] < OPEN_WITHIN:
            break
    notebook.run_cell()
    notebook.page.wait_for_function("(boxes) => window.drawn(boxes)", arg=boxes)
    assert min(times) < OPEN_WITHIN, times


def test_two_thousand_tasks_open_at_once_and_their_piles_open_and_close(
    notebook: LabPage,
) -> None:
    rest = (
        "begun = dag.view.latest\n"
        "rest = [item for item in shifted(feed, start=begun - 30.0) if item.at > begun]\n"
        "for at in range(0, len(rest), 400):\n    dag.update_from(rest[at:at + 400]); time.sleep(0.05)"
    )
    page = prepared(
        notebook, "staged.ipynb", "feed = staged(); dag = fed(until(feed, 30.0))", "display(dag)", rest
    )  # fmt: skip
    assert_opens_at_once(notebook, 20)
    page.wait_for_function("() => document.querySelector('.o-left').textContent.includes('left')")
    notebook.shot("large-2000-piles", ".orion")

    page.click('.o-node[data-id="group:stage b"]')
    page.wait_for_selector(".o-cell >> nth=99")
    page.click(".o-panel [data-act=unfold]")
    page.wait_for_function("(boxes) => window.drawn(boxes)", arg=19 + 100)
    page.wait_for_selector('.o-chips [data-fold="stage b"]')
    notebook.shot("large-2000-one-open", ".orion")
    page.click('.o-chips [data-fold="stage b"]')
    page.wait_for_function("(boxes) => window.drawn(boxes)", arg=20)

    # The rest of the run, as fast as it can be told.
    page.locator(".jp-Notebook .jp-CodeCell .jp-InputArea-editor").nth(3).click()
    notebook.run_cell()
    page.wait_for_selector(FINISHED)
    counts = page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll(".o-chips [data-chip]")]
            .map((chip) => [chip.dataset.chip, Number(chip.querySelector("b").textContent)]))"""
    )
    assert counts == {"done": 1960, "hit": 40}
    assert page.locator('.o-node[data-state="done"]').count() == 20
    notebook.shot("large-2000-done", ".orion")


def test_two_thousand_boxes_without_piles(notebook: LabPage) -> None:
    page = prepared(
        notebook, "apart.ipynb", "dag = fed(until(staged(apart=True), 30.0))", "display(dag)"
    )
    assert_opens_at_once(notebook, 2000)
    notebook.shot("large-2000-boxes", ".orion")
    # From afar a card is a coloured box; what is read only nearby is made when somebody comes near.
    assert page.locator(".o-graph.o-tiny").count() == 1
    assert page.locator(".o-node .o-name").count() < 50
    page.keyboard.press("Escape")
    page.locator('.o-node[data-id="t40"]').focus()
    for _ in range(14):
        page.keyboard.press("+")
    page.wait_for_function("() => document.querySelectorAll('.o-node .o-sub').length === 2000")
    assert page.locator('.o-node[data-id="t40"] .o-name').text_content() == "a40 step"


@pytest.mark.timeout(400)
def test_fifty_thousand_tasks_leave_a_small_page(notebook: LabPage) -> None:
    page = prepared(
        notebook, "memory.ipynb", "feed = folded(50_000)",
        "dag = DagWidget(view); display(dag)",
        "for at in range(0, len(feed), 5000):\n    dag.update_from(feed[at:at + 5000])\n"
        "assert dag.flush(120)",
    )  # fmt: skip
    devtools = page.context.new_cdp_session(page)

    def heap() -> float:
        for _ in range(3):
            devtools.send("HeapProfiler.collectGarbage")
        return float(devtools.send("Runtime.getHeapUsage")["usedSize"])

    notebook.run_cell()
    page.wait_for_selector(".orion.o-empty", timeout=120_000)
    before = heap()
    notebook.run_cell()
    page.wait_for_selector(FINISHED, timeout=240_000)
    each = (heap() - before) / 50_000
    assert each < 1024, f"{each:.0f} bytes for each finished task"
    assert page.locator(".o-node").count() == 7
    size = page.evaluate("() => document.querySelectorAll('.orion *').length")
    assert size < 500
