"""Fixtures of the browser tests: one JupyterLab and one Chromium for the session.

Skipped, with the reason, where Chromium, JupyterLab or Playwright is missing.
``pytest -m browser tests/browser``; pictures land in ``screenshots/``.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
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
        for number, page in enumerate(getattr(item, "funcargs", {}).get("pages", ())):
            path = page.shot(f"failed-{item.name}-{number}")
            item.add_report_section("call", "screenshot", str(path))
            item.add_report_section("call", "console", "\n".join(page.errors))


Open = Callable[[Lab], LabPage]


@pytest.fixture
def pages() -> list[LabPage]:
    """Those that the test has opened: a failure takes pictures of them."""
    return []


@pytest.fixture
def open_page(browser: Any, pages: list[LabPage]) -> Iterator[Open]:
    """Opens pages; the test fails if anything was logged as an error in the console of one."""
    with ExitStack() as stack:

        def open_one(lab: Lab) -> LabPage:
            page = stack.enter_context(_page_of(lab, browser))
            pages.append(page)
            return page

        yield open_one


@pytest.fixture
def notebook(lab: Lab, open_page: Open) -> LabPage:
    """A page of the session's JupyterLab."""
    return open_page(lab)


@contextmanager
def _page_of(lab: Lab, browser: Any) -> Iterator[LabPage]:
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
