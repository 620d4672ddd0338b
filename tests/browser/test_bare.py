"""The graph outside JupyterLab: nothing of its styles and services is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from widget.fake_feed import demo, until

from orion_nb.widget.view import GraphView

from .bare import page_of
from .lab import SCREENSHOTS

VSCODE = "--vscode-editor-background:{};--vscode-editor-foreground:{}"
HOSTS = {
    "light": ("light", "", "", "255, 255, 255"),
    "dark": ("dark", "", "body{background:#111}", "31, 37, 46"),
    "vscode-dark": (
        "light", "vscode-dark",
        "body{background:#1f1f1f;" + VSCODE.format("#1f1f1f", "#cccccc") + "}", "31, 31, 31",
    ),
    "vscode-solarized": (
        "dark", "vscode-light",
        "body{background:#fdf6e3;" + VSCODE.format("#fdf6e3", "#657b83") + "}", "253, 246, 227",
    ),
    "vscode-high-contrast": (
        "light", "vscode-high-contrast",
        "body{background:#000;--vscode-contrastBorder:#6fc3df;"
        + VSCODE.format("#000000", "#ffffff") + "}", "0, 0, 0",
    ),
}  # fmt: skip
WHY = ["compared with the last result, 2 min ago:", "`clean()` line 7 changed (Cell In[4])"]


def running() -> GraphView:
    view = GraphView("flights.ipynb", history={"compare": 0.9, "plot": 0.7}.get)
    view.update(until(demo(troubled=False), 13.5))
    view.badge(["join-1"], "provenance", "conn")
    view.badge(["features-1"], "accepted", "")
    view.badge(["clean-1", "load-1"], "replayed", "ann@box")
    view.foresee(view.latest, 4)
    return view


@pytest.fixture
def bare(browser: Any) -> Iterator[Any]:
    """Makes pages; the test fails if one logs an error or asks for anything from elsewhere."""
    contexts, wrong = [], []

    def make(content: str, scheme: str) -> Any:
        context = browser.new_context(
            viewport={"width": 1250, "height": 800}, color_scheme=scheme, device_scale_factor=1.5
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on(
            "request",
            lambda r: None if r.url.startswith(("blob:", "data:")) else wrong.append(r.url),
        )
        page.set_content(content)
        page.wait_for_selector(".o-node")
        return page

    yield make
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.mark.parametrize("host", sorted(HOSTS))
def test_the_graph_needs_nothing_of_its_host(bare: Any, host: str) -> None:
    scheme, body, style, card = HOSTS[host]
    page = bare(page_of(running(), body=body, style=style, why=WHY), scheme)
    assert page.locator(".o-node").count() == 15
    background = page.evaluate("getComputedStyle(document.querySelector('.orion')).backgroundColor")
    assert background == f"rgb({card})"
    page.wait_for_function("document.querySelector('.o-left').textContent.startsWith('≈ ')")
    assert page.locator(".o-node.o-critical").count() >= 5
    page.click('.o-node[data-id="join-1"]')
    page.wait_for_selector(".o-panel .o-badge-row >> text=keyed by provenance")
    page.wait_for_selector(".o-panel .o-why >> text=line 7 changed")
    painted = """() => { const c = document.querySelector(".o-timeline"), d = c.getContext("2d");
        return [...d.getImageData(c.width - 8, 12, 1, 1).data]; }"""
    lane, wanted = page.evaluate(painted), [int(part) for part in card.split(",")]
    assert lane[3] == 255
    assert max(abs(a - b) for a, b in zip(lane[:3], wanted, strict=True)) < 40  # the theme's lane
    SCREENSHOTS.mkdir(exist_ok=True)
    page.mouse.move(600, 5)
    page.screenshot(path=SCREENSHOTS / f"bare-{host}.png")
    page.evaluate("window.leave()")


def test_words_come_to_the_pointer(bare: Any) -> None:
    page = bare(page_of(running(), why=WHY), "light")
    page.hover('.o-node[data-id="join-1"] .o-name')
    page.wait_for_selector(".o-tip >> text=keyed by provenance")
    page.wait_for_selector(".o-tip >> text=`clean()` line 7 changed")
    page.hover('.o-node[data-id="features-1"] .o-mark')
    page.wait_for_selector(".o-tip >> text=kept although the code was edited")
    page.mouse.move(5, 5)
    page.wait_for_selector(".o-tip", state="hidden")
