"""Fixtures of the browser tests: one JupyterLab and one Chromium for the session.

Skipped, with the reason, where Chromium, JupyterLab or Playwright is missing.
``pytest -m browser tests/browser``; pictures land in ``screenshots/``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from .lab import CHROMIUM_FLAGS, Lab, LabPage, chromium

HERE = Path(__file__).parent

IGNORED = (
    "favicon",
    "Failed to load resource: the server responded with a status of 404",
    "Canceled future",  # of a kernel request that a reload has cut off
    "undefined (reading 'schema')",  # Notebook 7.6 on every page: a plugin that only JupyterLab has
)
"""Console messages of the front ends themselves that say nothing about us."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in Path(item.path).parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    if importlib.util.find_spec("jupyterlab") is None:
        pytest.skip("JupyterLab is not installed: pip install 'orion-nb[test]'")
    server = Lab(tmp_path_factory.mktemp("lab"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    path = chromium()
    if path is None:
        pytest.skip("no Chromium on the PATH: install it, or name one in ORION_CHROMIUM")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield started
        started.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    outcome: Any = yield
    if call.when == "call" and outcome.get_result().failed:
        notebook = getattr(item, "funcargs", {}).get("notebook")
        if isinstance(notebook, LabPage):
            path = notebook.shot(f"failed-{item.name}")
            item.add_report_section("call", "screenshot", str(path))
            item.add_report_section("call", "console", "\n".join(notebook.errors))


@pytest.fixture
def notebook(lab: Lab, browser: Any) -> Iterator[LabPage]:
    """A page; the test fails if anything was logged as an error in its console."""
    with page_of(lab, browser) as page:
        yield page


@contextmanager
def page_of(lab: Lab, browser: Any) -> Iterator[LabPage]:
    """A page of a browser profile of its own, whose console must stay free of errors."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, device_scale_factor=1.5)
    page = context.new_page()
    page.set_default_timeout(30_000)
    found = LabPage(lab, page)

    def note(text: str) -> None:
        if not any(word in text for word in IGNORED):
            found.errors.append(text)

    page.on("console", lambda message: note(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: note(str(error)))
    yield found
    found.page.evaluate(
        "() => window.jupyterapp?.serviceManager.sessions.shutdownAll().catch(() => {})"
    )
    context.close()
    assert found.errors == []
