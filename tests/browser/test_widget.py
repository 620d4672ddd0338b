"""The live graph in JupyterLab, fed without a runtime."""

from __future__ import annotations

import time

from widget.fake_feed import demo

from orion_nb.widget import GraphView, static

from .lab import Lab, LabPage

SETUP = """
import time
from fake_feed import demo, folded, replay, shifted, until
from orion_nb.widget import DagWidget, GraphView
view = GraphView(title="flights.ipynb")
called = []
"""

LIVE = (
    SETUP
    + """
dag = DagWidget(view, on_cancel=called.append, on_retry=called.append,
                on_logs=lambda task: f"log of {task}\\n\\x1b[32mfine\\x1b[0m")
display(dag)
"""
)
REPLAY = "thread = replay(dag, demo(troubled=True), speed={speed})"

FINISHED = '.orion[data-finished="true"]'


def node(task: str, state: str = "") -> str:
    return f'.o-node[data-id="{task}"]' + (f'[data-state="{state}"]' if state else "")


def start(notebook: LabPage, name: str, *cells: str) -> None:
    notebook.open(notebook.lab.write(name, cells))
    notebook.run_all()


def test_a_run_is_seen_live_and_its_failure_explained(notebook: LabPage) -> None:
    page = notebook.page
    notebook.open(notebook.lab.write("live.ipynb", [LIVE, REPLAY.format(speed=2)]))
    notebook.run_cell()
    page.wait_for_selector(".orion.o-empty")
    notebook.run_cell()
    page.wait_for_selector(node("load-1", "hit"))
    page.wait_for_selector(node("clean-1", "running"))
    page.wait_for_selector(node("model-4", "running"))
    ticking = page.locator(node("model-4") + " .o-sub")
    before = ticking.text_content()
    page.wait_for_function(
        "([selector, before]) => document.querySelector(selector).textContent !== before",
        arg=[node("model-4") + " .o-sub", before],
    )
    page.wait_for_selector(node("model-4") + ".o-cloned")
    notebook.shot("widget-running-light", ".orion")
    page.wait_for_selector(FINISHED)
    assert page.locator(".o-node").count() == 15
    assert page.locator(node("model-4") + ".o-won").count() == 1
    assert "clone won" in page.locator(node("model-4") + " .o-sub").text_content()
    assert "6.4 s" in page.locator(node("load-1") + " .o-sub").text_content()
    assert "1 failed" in page.locator(".o-chips").inner_text().replace("\n", " ")
    assert int(page.locator(".o-timeline").get_attribute("data-spans")) >= 14
    assert "finished" in page.locator(".o-live").text_content()

    page.click(node("model-7", "failed"))
    page.wait_for_selector(".o-panel .o-traceback >> text=Input X contains NaN")
    page.click(".o-panel [data-act=logs]")
    page.wait_for_selector(".o-panel .o-log >> text=log of model-7")
    notebook.shot("widget-failed-light", ".orion")
    page.click(".o-panel [data-act=retry]")
    page.wait_for_selector(".o-panel .o-note")
    notebook.theme("JupyterLab Dark")
    page.mouse.move(5, 5)
    # The canvas follows the theme: its upper right corner has the dark colour of an empty lane.
    page.wait_for_function(
        """() => { const c = document.querySelector(".o-timeline");
        return c.getContext("2d").getImageData(c.width - 12, 14, 1, 1).data[0] < 60; }"""
    )
    notebook.shot("widget-failed-dark", ".orion")
    page.keyboard.press("Escape")
    notebook.shot("widget-in-lab-dark")
    notebook.theme("JupyterLab Light")


def test_cancel_works_while_a_cell_blocks_the_kernel(notebook: LabPage) -> None:
    page = notebook.page
    cancel = (
        SETUP
        + """
from orion_nb.core.commands import Change
from orion_nb.core.model import TaskState
def on_cancel(task):
    now = time.monotonic()
    dag.update_from([Change(10_000, now, task, TaskState.RUNNING, TaskState.CANCELLED, "cancelled")])
dag = DagWidget(view, on_cancel=on_cancel)
feed = until(demo(), 9.0)
dag.update_from(shifted(feed, start=time.monotonic() - 9))
display(dag)
"""
    )
    start(notebook, "busy.ipynb", cancel, "print('busy'); time.sleep(30); print('over')")
    page.wait_for_selector(node("model-4", "running"))
    page.wait_for_selector(".jp-OutputArea-output >> text=busy")
    begun = time.monotonic()
    page.click(node("model-4"))
    page.click(".o-panel [data-act=cancel]")
    page.wait_for_selector(node("model-4", "cancelled"))
    waited = time.monotonic() - begun
    assert page.locator(".jp-OutputArea-output >> text=over").count() == 0
    assert waited < 5, f"the click took {waited:.1f} s"


def test_a_reload_brings_the_picture_back(notebook: LabPage) -> None:
    page = notebook.page
    start(notebook, "reload.ipynb", LIVE, REPLAY.format(speed=20))
    page.wait_for_selector(FINISHED)
    page.wait_for_selector(".o-node")
    notebook.save()
    page.reload()
    notebook.ready()
    page.wait_for_selector(FINISHED)
    page.wait_for_selector(node("model-4", "done"))
    assert page.locator(".o-node").count() == 15


def test_the_keyboard_alone_is_enough(notebook: LabPage) -> None:
    page = notebook.page
    start(notebook, "keys.ipynb", LIVE, REPLAY.format(speed=20), "'another cell'")
    page.wait_for_selector(FINISHED)
    page.focus('.o-node[tabindex="0"]')
    focused = "document.activeElement.getAttribute('data-id')"
    page.keyboard.press("Home")
    assert page.evaluate(focused) == "load-1"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "clean-1"
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused).startswith("model-")
    first = page.evaluate(focused)
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused).startswith("model-")
    assert page.evaluate(focused) != first
    page.keyboard.press("Enter")
    page.wait_for_selector(".o-panel:not([hidden]) h3")
    notebook.shot("widget-keyboard", ".orion")
    page.keyboard.press("Escape")
    page.wait_for_selector(".o-panel", state="hidden")
    label = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert label
    assert label.startswith("fit ")


def test_a_thousand_tasks_are_piles_that_open(notebook: LabPage) -> None:
    page = notebook.page
    cell = (
        SETUP + "dag = DagWidget(view); display(dag); thread = replay(dag, folded(1000), speed=3)"
    )
    start(notebook, "folded.ipynb", cell)
    page.wait_for_selector('.o-node[data-id="group:score"][data-state="running"]')
    page.evaluate(
        """() => { window.slow = 0; let last = performance.now();
        const step = (t) => { window.slow = Math.max(window.slow, t - last); last = t; requestAnimationFrame(step); };
        requestAnimationFrame(step); }"""
    )
    page.wait_for_selector(FINISHED)
    worst = page.evaluate("window.slow")
    assert page.locator(".o-node").count() == 7
    page.click('.o-node[data-id="group:score"]')
    page.wait_for_selector(".o-cell >> nth=331")
    notebook.shot("widget-1000-tasks", ".orion")
    page.click(".o-cell >> nth=7")
    page.wait_for_selector(".o-panel h3 >> text=score[7]")
    assert worst < 500, f"the page stood still for {worst:.0f} ms"


def test_an_untrusted_notebook_shows_the_static_picture(notebook: LabPage, lab: Lab) -> None:
    view = GraphView(title="flights.ipynb")
    view.update(demo())
    output = {"output_type": "display_data", "data": static.bundle(view), "metadata": {}}
    cell = {"cell_type": "code", "id": "pic", "metadata": {}, "execution_count": 1,
            "outputs": [output], "source": "%orion dag"}  # fmt: skip
    notebook.open(lab.write("untrusted.ipynb", [cell]))
    image = notebook.page.wait_for_selector(".jp-OutputArea-output img")
    assert image.bounding_box()["width"] > 500
    notebook.shot("static-untrusted")
