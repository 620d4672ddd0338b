"""JupyterLab without comms over subshells: a click waits for the busy cell, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .lab import Lab, LabPage

KERNELS = "apputils-extension/kernels-settings"

CELLS = [
    "%load_ext orion_nb",
    "%orion dag",
    "%%orion_task endless\nimport time\n\nprint('begun')\ntime.sleep(600)\nx = 1",
    "import time\n\nprint('busy')\nwhile not open('go').read():\n    time.sleep(0.05)\nprint('over')",
    "print('after')",
]


@pytest.fixture
def without_subshells(lab: Lab, notebook: LabPage) -> Iterator[LabPage]:
    lab.set(KERNELS, commsOverSubshells="disabled")
    yield notebook
    lab.set(KERNELS)


def test_clicks_are_answered_when_the_cell_ends(without_subshells: LabPage) -> None:
    notebook, page = without_subshells, without_subshells.page
    go = notebook.lab.notebooks / "go"
    go.write_text("")
    notebook.open(notebook.lab.write("plain_comms.ipynb", CELLS))
    notebook.run_all()
    # What the kernel tells arrives all the same while a cell blocks it.
    page.wait_for_selector(".jp-OutputArea-output >> text=busy")
    page.wait_for_selector('.o-node[data-id^="endless-"][data-state="running"]')
    page.wait_for_selector(".jp-OutputArea-output >> text=begun")

    page.locator('.o-node[data-id^="endless-"]').click()
    page.locator(".o-panel [data-act=cancel]").click()
    page.wait_for_selector(".o-panel .o-note")
    notebook.shot("without-subshells-busy")
    assert page.locator('.o-node[data-state="running"]').count() == 1
    go.write_text("now")
    page.wait_for_selector('.o-node[data-id^="endless-"][data-state="cancelled"]')
    page.wait_for_selector(".jp-OutputArea-output >> text=after")
    notebook.shot("without-subshells-after")
