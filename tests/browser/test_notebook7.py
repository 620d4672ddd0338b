"""Notebook 7: the same kernel and bundle under another page."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import Open
from .lab import Lab, LabPage

QUICKSTART = Path(__file__).resolve().parents[2] / "notebooks" / "quickstart.ipynb"
FIRST = 13
"""Cells of the quickstart until its first figure."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if importlib.util.find_spec("notebook") is None:
        pytest.skip("Notebook 7 is not installed: pip install 'orion-nb[test]'")
    one = Lab(tmp_path_factory.mktemp("notebook7"), module="notebook")
    one.start()
    yield one
    one.stop()


@pytest.fixture
def page7(server: Lab, open_page: Open) -> LabPage:
    return open_page(server)


def node(name: str, state: str = "") -> str:
    return f'.o-node[data-id^="{name}-"]' + (f'[data-state="{state}"]' if state else "")


def test_the_first_cells_of_the_quickstart(page7: LabPage) -> None:
    page = page7.page
    cells = json.loads(QUICKSTART.read_text(encoding="utf-8"))["cells"][:FIRST]
    page7.open(page7.lab.write("first.ipynb", cells))
    page7.run_all()
    page.wait_for_selector(node("load_flights", "running"))
    page.wait_for_selector(node("look", "done"), timeout=60_000)
    page.wait_for_selector('.orion[data-finished="true"]')
    page.wait_for_selector(".jp-OutputArea-output >> text=look · done")
    page.wait_for_selector(".jp-OutputArea-output img")

    page.locator(node("load_flights")).click()
    page.locator(".o-panel [data-act=logs]").click()
    page.wait_for_selector(".o-panel .o-log")
    page7.shot("notebook7-graph-and-logs")
    page.keyboard.press("Escape")
    page.locator(".jp-OutputArea-output img >> nth=-1").scroll_into_view_if_needed()
    page7.shot("notebook7-figure")
    page7.save()
