"""Cards and badges as shapes of a scene: the look of ``static/graph.js``, in a file."""

from __future__ import annotations

from typing import Any

from . import assets
from .blocks import CARD_HEIGHT, CARD_WIDTH
from .cards import STATE_ORDER
from .format import names, sentence, tag
from .scene import Rect, Scene, Words, fits, text_width

EDGE = 12.0
"""Pixels between a card's border and its words, as in ``graph.js``."""

MARK = 15.0
"""Width of a badge beside the name."""

_MARK_ROLE = {"provenance": "backoff", "accepted": "probing", "replayed": "hit"}

QUIET = frozenset({"waiting", "probing", "ready", "cancelled", "upstream_failed"})
"""States whose card steps back: nothing has come of them, or not yet."""


def badge(scene: Scene, state: str, x: float, y: float, size: float) -> None:
    """A state's sign on its tinted disc (an angular one for what went wrong)."""
    angular = state in ("failed", "upstream_failed", "cancelled")
    radius = size * 0.3 if angular else size / 2
    solid = state == "failed"
    scene.add(Rect(x, y, size, size, state if solid else f"{state}-tint", "", radius=radius))
    icon = assets.icons()[state]
    grid = size * 0.72 / 16
    inset = (size - 16 * grid) / 2
    line = max(1.3, 1.9 * grid)
    scene.path(
        icon["d"],
        x + inset,
        y + inset,
        grid,
        "card" if solid else state,
        line=line,
        filled="fill" in icon,
    )


def _marks(scene: Scene, node: dict[str, Any], x: float, y: float) -> None:
    """Badges beside the name, as far as they fit: those in ``graph.js``; `x` is where they end."""
    kinds = list(node.get("badges", ()))
    for place, kind in enumerate(kinds):
        icon = assets.icons()[kind]
        left = x - (len(kinds) - place) * MARK
        filled = "fill" in icon
        scene.path(icon["d"], left, y, 0.8, _MARK_ROLE[kind], line=1.3, filled=filled)


def draw_card(
    scene: Scene,
    node: dict[str, Any],
    x: float,
    y: float,
    *,
    clock: float,
    detailed: bool = True,
    critical: bool = False,
) -> None:
    """One box of the graph at its upper left corner. Not `detailed`: sign and name only.
    `critical`: it is on the path that decided how long the run took."""
    state, width, height = node["state"], CARD_WIDTH, CARD_HEIGHT
    if node["kind"] == "group":
        for i in (2, 1):
            scene.add(Rect(x + 4 * i, y - 4 * i, width, height, "card", "line"))
    stroke = {"failed": "failed-half", "running": "running-half"}.get(
        state, "path" if critical else "line"
    )
    if node.get("stale"):
        stroke = "stale-half"
    fill = "canvas" if state in QUIET else "failed-tint" if state == "failed" else "card"
    dashed = bool(node.get("stale")) or state in ("waiting", "upstream_failed")
    line = 1.6 if stroke == "path" else 1.0
    scene.add(Rect(x, y, width, height, fill, stroke, line=line, dashed=dashed))
    if "clone" in node or "won" in node:  # the ghost inside its task's box
        scene.add(
            Rect(x + 4, y + 4, width - 8, height - 8, "", "clone-half", radius=9, dashed=True)
        )
    badge(scene, state, x + 10, y + 9, 22)
    ink = "muted" if state in QUIET else "text"
    ways = [f"{node['name']} ×{node['total']}"] if node["kind"] == "group" else names(node["name"])
    room = width - 39 - EDGE - MARK * len(node.get("badges", ()))
    _marks(scene, node, x + width - EDGE + 2, y + 13.5)
    name = next((way for way in ways if fits(way, 12.5, room, bold=True)), ways[-1])
    scene.add(Words(x + 39, y + 24.5, name, 12.5, ink, bold=True, width=room))
    if not detailed:
        return
    word, kind = tag(node)
    room = width - 2 * EDGE
    if word:
        role = {"retry": "backoff"}.get(kind, kind)
        scene.add(Words(x + width - EDGE, y + 44, word, 10.5, role, bold=True, anchor="end"))
        room -= text_width(word, 10.5, True) + 5
    role = state if state in ("failed", "hit", "backoff") else "muted"
    scene.add(Words(x + EDGE, y + 44, sentence(node, clock), 11, role, width=room))
    if node["kind"] == "group":
        _segments(scene, node, x + EDGE, y + height - 7, width - 2 * EDGE)
    elif state == "running":
        _bar(scene, node, x + EDGE, y + height - 7, width - 2 * EDGE, clock)


def _bar(
    scene: Scene, node: dict[str, Any], x: float, y: float, width: float, clock: float
) -> None:
    share = 0.0
    if node.get("progress"):
        share = node["progress"][0] / node["progress"][1]
    elif node.get("estimate") and "since" in node:
        share = min(0.95, (clock - node["since"]) / node["estimate"])
    scene.add(Rect(x, y, width, 3, "running-tint", "", radius=1.5))
    if share > 0.02:
        scene.add(Rect(x, y, width * min(1.0, share), 3, "running", "", radius=1.5))


def _segments(scene: Scene, node: dict[str, Any], x: float, y: float, width: float) -> None:
    for state in STATE_ORDER:
        count = node["counts"].get(state, 0)
        if count:
            part = width * count / node["total"]
            tone = f"{state}-tint" if state in ("waiting", "ready", "probing") else state
            scene.add(Rect(x, y, max(1.0, part - 1), 3, tone, "", radius=0))
            x += part
