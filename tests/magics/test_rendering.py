"""Frames as a person reads them: merged, overwritten, cleared, updated; as text and as HTML."""

from __future__ import annotations

from typing import Any

from orion_nb.core.model import Frame
from orion_nb.magics.rendering import Pieces, as_html, as_text, colours_to_html, without_colours


def frames(*items: tuple[str, dict[str, Any]]) -> Pieces:
    return Pieces(Frame("t", 1, n, kind, data) for n, (kind, data) in enumerate(items))


def out(text: str, name: str = "stdout") -> tuple[str, dict[str, Any]]:
    return "stream", {"name": name, "text": text}


def shown(identity: str, **data: str) -> dict[str, Any]:
    bundle = {mime.replace("_", "/"): value for mime, value in data.items()}
    return {"data": bundle, "metadata": {}, "transient": {"display_id": identity}}


def test_streams_merge_and_stay_in_order() -> None:
    pieces = frames(out("a\n"), out("b\n"), out("!", "stderr"), out("c\n"))
    assert [(p.name, p.text) for p in pieces] == [
        ("stdout", "a\nb\n"),
        ("stderr", "!"),
        ("stdout", "c\n"),
    ]


def test_a_progress_bar_stays_one_line() -> None:
    assert as_text(frames(out("10 %\r"), out("100 %\r"), out("\nend\n"))) == "100 %\nend"


def test_clear_and_reset() -> None:
    assert as_text(frames(out("old"), ("clear", {"wait": False}), out("new"))) == "new"
    waiting = frames(out("old"), ("clear", {"wait": True}))
    assert as_text(waiting) == "old"
    waiting.add(Frame("t", 1, 9, "stream", out("new")[1]))
    assert as_text(waiting) == "new"
    assert as_text(frames(out("loser"), ("reset", {}), out("winner"))) == "winner"


def test_a_display_is_updated_where_it_stands() -> None:
    pieces = frames(
        ("display", shown("x", text_plain="1 of 2")),
        out("between\n"),
        ("update_display", shown("x", text_plain="2 of 2")),
    )
    assert as_text(pieces) == "2 of 2\nbetween"


def test_html_holds_pictures_and_escapes_text() -> None:
    figure = {"image/png": "aGVsbG8=\n", "text/plain": '<Figure "1">'}
    html = as_html(
        frames(
            out("1 < 2\n"),
            ("display", {"data": figure, "metadata": {"image/png": {"width": 300}}}),
            ("result", {"data": {"text/html": "<b>table</b>", "text/plain": "table"}}),
            ("error", {"ename": "E", "evalue": "v", "traceback": ["\x1b[31mE\x1b[0m: <v>"]}),
        )
    )
    assert "1 &lt; 2" in html
    assert 'src="data:image/png;base64,aGVsbG8="' in html
    assert 'width="300"' in html
    assert "<b>table</b>" in html
    assert "&lt;v&gt;" in html
    assert "\x1b" not in html


def test_colours() -> None:
    text = "\x1b[1;31mred\x1b[0m \x1b[38;5;208morange\x1b[39m\x1b[2K plain"
    assert without_colours(text) == "red orange plain"
    html = colours_to_html(text)
    assert html.count("<span") == html.count("</span>") == 2
    assert "font-weight:bold" in html
    assert "rgb(255,135,0)" in html
