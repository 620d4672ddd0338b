"""Small tables, as text for a terminal and as HTML for a notebook. Pure."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

WIDTH = 100
"""Characters of a text table; wider ones are broken by front ends, and nobody can read them."""

_NARROWEST = 12  # no column is cut to less, except one that needs less anyway
_GAP = "  "

_TABLE = "border-collapse:collapse;font-size:var(--jp-ui-font-size1,13px)"
_CELL = "text-align:left;padding:2px 12px 2px 0;vertical-align:top;white-space:nowrap"
_LONG = ";max-width:40em;overflow:hidden;text-overflow:ellipsis"

_HOVER = 60  # characters from which a cell's whole text is also its tool tip


def text_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], *, width: int = WIDTH, spare: int = 0
) -> str:
    """Columns aligned for a fixed-width font. They are cut until all fit into `width`: first the
    column `spare`, then the widest; the first column, which has the names, only at the last."""
    table = [[_one_line(cell) for cell in row] for row in (head, *rows)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    if spare:
        excess = _shorten(widths, [spare], excess)
    excess = _shorten(widths, range(1, len(widths)), excess)
    _shorten(widths, range(len(widths)), excess)
    lines = [
        _GAP.join(
            cut(cell, most).ljust(most) for cell, most in zip(row, widths, strict=True)
        ).rstrip()
        for row in table
    ]
    lines.insert(1, _GAP.join("─" * most for most in widths))
    return "\n".join(lines)


def _shorten(widths: list[int], columns: Iterable[int], excess: int) -> int:
    """Take from the widest of these columns until nothing is too much, or nothing is left to
    take; returns what still is too much."""
    columns = list(columns)
    while excess > 0 and columns:
        at = max(columns, key=widths.__getitem__)
        if widths[at] <= _NARROWEST:
            break
        widths[at] -= 1
        excess -= 1
    return excess


def cut(text: str, most: int) -> str:
    """At most so many characters; an ellipsis shows that there was more."""
    return text if len(text) <= most else text[: max(0, most - 1)].rstrip() + "…"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def html_table(
    head: Sequence[str], rows: Sequence[Sequence[str]], colours: Sequence[str] = ()
) -> str:
    """A compact table; `colours` tints the first cell's icon of each row. Long text is cut by the
    browser, and whole in the tool tip."""
    titles = "".join(f'<th style="{_CELL};opacity:.7">{html.escape(cell)}</th>' for cell in head)
    body = []
    for number, row in enumerate(rows):
        colour = colours[number] if number < len(colours) else ""
        cells = []
        for column, cell in enumerate(row):
            style = f"{_CELL};color:{colour}" if colour and column == 0 else _CELL
            tip = ""
            if len(cell) > _HOVER:
                style += _LONG
                tip = f' title="{html.escape(cell, quote=True)}"'
            cells.append(f'<td{tip} style="{style}">{html.escape(cell)}</td>')
        body.append(f"<tr>{''.join(cells)}</tr>")
    return (
        f'<table style="{_TABLE}"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{''.join(body)}</tbody></table>"
    )
