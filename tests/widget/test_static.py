"""What stays in the notebook file when the kernel is gone."""

from __future__ import annotations

import base64
import logging
import re
import xml.etree.ElementTree as ET

import pytest

from orion_nb.widget import picture, static
from orion_nb.widget.format import span
from orion_nb.widget.palette import COLOURS, mix
from orion_nb.widget.view import GraphView

from .fake_feed import Item, demo, folded, layers, until


def shown(feed: list[Item]) -> GraphView:
    view = GraphView(title="flights.ipynb")
    view.update(feed)
    return view


def test_the_bundle_holds_svg_png_and_a_table_but_no_html() -> None:
    bundle = static.bundle(shown(demo(troubled=True)))
    assert set(bundle) == {"image/svg+xml", "image/png", "text/plain"}
    root = ET.fromstring(bundle["image/svg+xml"])
    words = " ".join(root.itertext())
    for told in ("load flights", "cache hit · saved 6.4 s", "clone won", "ValueError", "needs fit"):
        assert told in words
    assert "<script" not in bundle["image/svg+xml"]
    assert "http" not in bundle["image/svg+xml"].replace("http://www.w3.org/2000/svg", "")
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert len(bundle["image/svg+xml"]) < 60_000


def test_the_table_can_be_read_alone() -> None:
    view = shown(demo(troubled=True))
    view.mark_stale(["join-1"])
    lines = static.table(view).splitlines()
    assert lines[0].startswith("flights.ipynb: 15 tasks in 16 s · 1 failed · 10 done · 1 cache hit")
    rows = {line.split("  ")[0].strip(): line for line in lines[4:]}
    assert re.search(r"cache hit\s+saved 6.4 s", rows["load flights"])
    assert "clone won, 6.9 s sooner" in rows["fit boosting"]
    assert "1 retry" in rows["load weather"]
    assert "ValueError: Input X contains NaN" in rows["fit MLP"]
    assert rows["plot"].endswith("because of fit k-nearest")
    assert rows["join weather"].endswith("stale")
    assert not any(line != line.rstrip() for line in lines)


def test_the_path_and_the_badges_stay_in_the_file() -> None:
    view = shown(demo())
    view.badge(["join-1"], "provenance", "conn")
    view.badge(["features-1"], "accepted", "")
    view.badge(["load-1"], "replayed", "ann@box")
    root = ET.fromstring(static.svg(view))
    space = "{http://www.w3.org/2000/svg}"
    cards = [one for one in root.iter(f"{space}rect") if "orion-s-path" in one.get("class", "")]
    assert len(cards) == 6
    edges = [one for one in root.iter(f"{space}path") if "orion-s-path" in one.get("class", "")]
    assert len(edges) == 5
    assert "critical path 11 s" in " ".join(root.itertext())
    marks = [one.get("class") for one in root.iter(f"{space}path")]
    assert "orion-s-backoff" in marks  # provenance
    assert "orion-s-probing" in marks  # accepted
    rows = static.table(view)
    for words in ("keyed by provenance", "result kept", "saved 6.4 s, output replayed"):
        assert words in rows


def test_unfinished_folded_and_empty_runs_have_a_picture_too() -> None:
    assert "of ~" in static.svg(shown(until(demo(), 9.0)))
    piles = static.bundle(shown(folded(1000)))
    assert "332 of 332" in piles["image/svg+xml"]
    assert "parse ×332" in piles["text/plain"]
    assert static.bundle(GraphView())["text/plain"].startswith("Orion: 0 tasks")
    assert "embed[3]" in static.svg(shown(layers()))


def test_html_for_pages_is_the_picture_and_the_table() -> None:
    page = static.html(shown(demo()))
    assert page.count("<svg") == 1
    assert page.count("<tr>") == 16


def test_without_graphviz_the_table_is_still_there(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing() -> str:
        raise picture.GraphvizMissing("no Graphviz found")

    monkeypatch.setattr(picture, "executable", missing)
    with caplog.at_level(logging.WARNING):
        bundle = static.bundle(shown(demo()))
    assert set(bundle) == {"text/plain"}
    assert "no Graphviz found" in caplog.text


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 ms"), (0.04, "40 ms"), (0.0996, "0.1 s"), (3.21, "3.2 s"), (9.96, "10 s"), (59.4, "59 s"),
     (59.6, "1 min 00 s"), (200, "3 min 20 s"), (3900, "1 h 05 min")],
)  # fmt: skip
def test_times_in_words(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_accents_can_be_read_on_their_card_and_tint() -> None:
    def luminance(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    def contrast(a: str, b: str) -> float:
        high, low = sorted((luminance(a), luminance(b)), reverse=True)
        return (high + 0.05) / (low + 0.05)

    written = ("text", "muted", "hit", "failed", "backoff", "stale", "clone", "running", "done")
    for name in written:
        for dark in (0, 1):
            for base in ("card", "canvas"):
                assert contrast(COLOURS[name][dark], COLOURS[base][dark]) >= 4.5, (name, dark)
    for dark in (0, 1):  # the failure's words lie on its own tint
        tint = mix(COLOURS["failed"][dark], COLOURS["card"][dark], 0.09)
        assert contrast(COLOURS["failed"][dark], tint) >= 4.4
