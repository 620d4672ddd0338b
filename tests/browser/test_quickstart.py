"""The whole way, in JupyterLab: magics, runtime, workers, widget; what a person sees of it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import pytest

from .lab import LabPage

QUICKSTART = Path(__file__).resolve().parents[2] / "notebooks" / "quickstart.ipynb"
FINISHED = '.orion[data-finished="true"]'
TASKS = 21
IDS = "() => [...document.querySelectorAll('.o-node')].map(node => node.dataset.id).sort()"


def node(name: str, state: str = "") -> str:
    """The box of a task, by its name: ids begin with it."""
    return f'.o-node[data-id^="{name}-"]' + (f'[data-state="{state}"]' if state else "")


@pytest.mark.timeout(600)
def test_the_quickstart_is_seen_live_then_found_again_by_the_next_kernel(notebook: LabPage) -> None:
    page = notebook.page
    shutil.copy(QUICKSTART, notebook.lab.notebooks)
    notebook.open("quickstart.ipynb")
    notebook.run_all()

    page.wait_for_selector(node("load_flights", "running"))
    page.wait_for_selector(node("features", "done"), timeout=60_000)
    page.wait_for_selector(node("score", "running"))
    # The cell that reads `best` blocks the kernel by now; a click is answered all the same.
    page.locator(node("features", "done")).click()
    page.locator(".o-panel [data-act=logs]").click()
    page.wait_for_selector(".o-panel .o-log >> text=flights to learn from")
    page.keyboard.press("Escape")
    notebook.shot("quickstart-running")

    page.wait_for_selector(node("score") + ".o-cloned", timeout=240_000)
    page.wait_for_selector(FINISHED, timeout=120_000)
    assert page.locator(".o-node").count() == TASKS
    assert page.locator(node("score") + ".o-won").count() == 1
    assert page.locator(".o-node[data-state=done]").count() == TASKS
    page.wait_for_selector(".jp-OutputArea-output >> text=Knowing only the schedule")
    notebook.shot("quickstart-done")

    notebook.save()
    page.reload()
    notebook.ready()
    page.wait_for_selector(FINISHED)
    assert page.locator(".o-node").count() == TASKS

    # The next kernel finds the same tasks in the runtime: those ids, so nothing ran again.
    before = page.evaluate(IDS)
    notebook.command("notebook:restart-run-all")
    page.locator(".jp-Dialog .jp-mod-accept").click()
    page.wait_for_function(f"() => document.querySelector('{FINISHED}') === null")
    page.wait_for_function(f"ids => JSON.stringify(({IDS})()) === JSON.stringify(ids)", arg=before)
    page.wait_for_selector(FINISHED)
    assert page.locator(".o-node[data-state=done]").count() == TASKS


def test_cancel_reaches_a_task_while_a_cell_blocks_the_kernel(notebook: LabPage) -> None:
    page = notebook.page
    cells = [
        "%load_ext orion_nb",
        "%orion dag",
        "%%orion_task endless\nimport time\n\nprint('begun')\ntime.sleep(600)\nx = 1",
        "import time\n\nprint('busy')\ntime.sleep(40)\nprint('over')",
    ]
    notebook.open(notebook.lab.write("cancel.ipynb", cells))
    notebook.run_all()
    page.wait_for_selector(node("endless", "running"))
    page.wait_for_selector(".jp-OutputArea-output >> text=busy")
    page.wait_for_selector(".jp-OutputArea-output >> text=begun")
    clicked = time.monotonic()
    page.locator(node("endless")).click()
    page.locator(".o-panel [data-act=cancel]").click()
    page.wait_for_selector(node("endless", "cancelled"))
    assert time.monotonic() - clicked < 10
    assert page.locator(".jp-OutputArea-output >> text=over").count() == 0
