"""The finished run as a picture that needs no kernel, no script and no network.

The widget dies with its kernel; this stays in the notebook file. `bundle` holds SVG (trusted
notebooks, GitHub, nbconvert), PNG (JupyterLab shows no SVG in an untrusted notebook) and a
text table (terminals, screen readers, diffs). HTML is on purpose not in the bundle: JupyterLab
would prefer it to both pictures and then sanitise its drawing away; `html` is for pages that are
made to be trusted.
"""

from __future__ import annotations

import base64
import logging
from html import escape
from typing import Any

from ..exceptions import OrionError
from . import picture
from .blocks import CARD_HEIGHT, CARD_WIDTH
from .cards import STATE_ORDER
from .format import badges, label, plural, span
from .gantt import draw_timeline
from .horizon import edges_of
from .parts import badge, draw_card
from .scene import Rect, Scene, Stroke, Words, parse_path, text_width
from .view import GraphView

_PAD = 20.0
_HEADER = 74.0
_NARROWEST, _WIDEST_CARDS = 760.0, 300

log = logging.getLogger(__name__)


def bundle(view: GraphView) -> dict[str, Any]:
    """MIME bundle of the finished run: what is left in the notebook file. All strings, PNG in
    base64, as Jupyter's messages and files want it.

    Without Graphviz, or if it fails, the text is still there (and a warning in the log).
    """
    found: dict[str, Any] = {}
    try:
        scene = compose(view)
        found["image/svg+xml"] = scene.svg()
        found["image/png"] = base64.b64encode(scene.png()).decode()
    except OrionError as error:
        log.warning("no picture of the finished graph: %s", error)
    found["text/plain"] = table(view)
    return found


def svg(view: GraphView) -> str:
    """The picture as SVG. :raises picture.GraphvizMissing, picture.GraphvizFailed:"""
    return compose(view).svg()


def png(view: GraphView) -> bytes:
    """The picture as PNG. :raises picture.GraphvizMissing, picture.GraphvizFailed:"""
    return compose(view).png()


def html(view: GraphView) -> str:
    """A fragment for an HTML page: the picture, and the table to unfold beneath it."""
    rows = _rows(view.snapshot())
    head = "".join(f"<th>{escape(word)}</th>" for word in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows[1:]
    )
    return (
        f'<figure style="margin:0">{svg(view)}<figcaption><details><summary>As a table</summary>'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></details></figcaption></figure>"
    )


def table(view: GraphView) -> str:
    """The run in plain text: a line of totals, then one row for each box of the graph."""
    snapshot = view.snapshot()
    rows = _rows(snapshot)
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join([f"{snapshot['title'] or 'Orion'}: {summary(snapshot)}", "", *lines])


def summary(snapshot: dict[str, Any]) -> str:
    """``15 tasks in 17.3 s · 14 done · 1 hit · saved 6.4 s …``"""
    run = snapshot["run"]
    total, wall = run["total"], wall_time(snapshot)
    parts = [f"{plural(total, 'task')} in {span(wall)}"]
    parts += [f"{count} {label(word)}" for word, count in run["counts"].items()]
    parts += facts(run, wall, snapshot["outlook"])
    return " · ".join(parts)


def facts(run: dict[str, Any], wall: float, outlook: dict[str, Any]) -> list[str]:
    """What the run gained: only what there is to tell."""
    found = []
    if run["saved"]:
        found.append(f"cache saved {span(run['saved'])}")
    if run["wins"]:
        won = f", {span(run['won'])} sooner" if run["won"] else ""
        found.append(f"{plural(run['wins'], 'clone')} won{won}")
    if run["retries"]:
        found.append(plural(run["retries"], "retry", "retries"))
    if wall > 0 and run["busy"] / wall >= 1.15:
        found.append(f"{run['busy'] / wall:.1f}× as fast as one by one")
    if outlook.get("length") and run["total"] > 2:
        found.append(f"critical path {span(outlook['length'])}")
    return found


def wall_time(snapshot: dict[str, Any]) -> float:
    """Seconds in which anything was going on."""
    now = snapshot["clock"]
    return float(
        sum((now if end is None else end) - start for start, end in snapshot["run"]["bursts"])
    )


def compose(view: GraphView) -> Scene:
    """The picture as a scene: header, graph, timeline."""
    with view.lock:
        snapshot = view.snapshot()
        boxes, edges = view.shape()
    placed = picture.layout(boxes, edges)
    width = max(_NARROWEST, placed.width + 2 * _PAD)
    scene = Scene(width, 0, snapshot["title"] or "Orion task graph", summary(snapshot))
    scene.add(Rect(0.5, 0.5, width - 1, 0, "bg", "line"))
    _header(scene, snapshot)
    left, top = (width - placed.width) / 2, _HEADER
    path = snapshot["outlook"].get("path", [])
    chain, critical = edges_of(path), set(path)
    for tail, head, d in sorted(placed.edges, key=lambda edge: edge[:2] in chain):
        role = _edge_role(snapshot["nodes"].get(tail, {}), snapshot["nodes"].get(head, {}))
        line = 1.4
        if (tail, head) in chain:  # above the others
            role, line = "path", 2.4
        for points in parse_path(d):
            moved = tuple((x + left, y + top) for x, y in points)
            scene.add(Stroke(moved, role, line=line))
    detailed = len(boxes) <= _WIDEST_CARDS
    for box, (x, y) in placed.nodes.items():
        corner = (x + left - CARD_WIDTH / 2, y + top - CARD_HEIGHT / 2)
        draw_card(
            scene,
            snapshot["nodes"][box],
            *corner,
            clock=snapshot["clock"],
            detailed=detailed,
            critical=box in critical,
        )
    bottom = top + placed.height
    bottom = draw_timeline(scene, snapshot, _PAD, bottom, width - 2 * _PAD)
    scene.height = bottom + _PAD
    scene.shapes[0] = Rect(0.5, 0.5, width - 1, scene.height - 1, "bg", "line")
    return scene


def _edge_role(tail: dict[str, Any], head: dict[str, Any]) -> str:
    if head.get("state") in ("failed", "upstream_failed") and tail.get("state") in (
        "failed",
        "upstream_failed",
    ):
        return "failed-half"
    return "edge"


def _header(scene: Scene, snapshot: dict[str, Any]) -> None:
    run = snapshot["run"]
    x, title = _PAD, snapshot["title"] or "Orion"
    for i in range(3):  # the three stars of the belt
        scene.add(Rect(x + 7 * i, 26 - 4.5 * i, 5, 5, "running", radius=2.5))
    scene.add(Words(x + 30, 31, title, 15, bold=True, width=scene.width - 300))
    after = x + 30 + text_width(title, 15, bold=True) + 10
    wall = wall_time(snapshot)
    told = [plural(run["total"], "task"), span(wall), *facts(run, wall, snapshot["outlook"])]
    scene.add(Words(after, 31, " · ".join(told), 12, "muted", width=scene.width - after - _PAD))
    for word in STATE_ORDER:
        count = run["counts"].get(word)
        if not count:
            continue
        badge(scene, word, x, 45, 18)
        words = f"{count} {label(word)}"
        scene.add(Words(x + 23, 58, words, 11.5, "muted"))
        x += 23 + text_width(words, 11.5) + 16
    if run["stale"]:
        scene.add(Words(x, 58, f"{run['stale']} stale", 11.5, "stale"))


def _rows(snapshot: dict[str, Any]) -> list[list[str]]:
    rows = [["task", "state", "time", "worker", "notes"]]
    for box in snapshot["boxes"]:
        node = snapshot["nodes"][box]
        if node["kind"] == "group":
            counts = ", ".join(f"{n} {label(w)}" for w, n in node["counts"].items())
            took = span(node["ended"] - node["since"]) if {"ended", "since"} <= node.keys() else ""
            notes = ", ".join([counts, *badges(node)])
            rows.append([f"{node['name']} ×{node['total']}", node["state"], took, "", notes])
            continue
        took = span(node["seconds"]) if "seconds" in node and node["state"] != "hit" else ""
        rows.append(
            [node["name"], label(node["state"]), took, node.get("worker", ""), _notes(node)]
        )
    return rows


def _notes(node: dict[str, Any]) -> str:
    notes = []
    if node.get("saved"):
        notes.append(f"saved {span(node['saved'])}")
    if "won" in node:
        notes.append(f"clone won, {span(node['won'])} sooner")
    if node.get("retries"):
        notes.append(plural(node["retries"], "retry", "retries"))
    if node.get("stale"):
        notes.append("stale")
    notes += badges(node)
    if node.get("root"):
        notes.append(f"because of {node['root']}")
    if node.get("error"):
        notes.append(node["error"])
    return ", ".join(notes)
