"""Graphviz: where the boxes go, and pixels for pictures.

Graphviz decides the layout only; what a box looks like is drawn by ``static/graph.js`` in a
browser and by `scene` in a file, from the same `Layout`. So a layout is a few kilobytes
whatever the cards show, and no state ever needs another one.

A real ``dot`` on the PATH is preferred; otherwise the executable that the package
``graphviz-pure`` puts beside Python. Both read DOT on standard input.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sysconfig
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..exceptions import OrionError

CARD_WIDTH, CARD_HEIGHT = 156.0, 58.0
"""Size of a box in pixels (points); ``static/graph.js`` reads them from the layout."""

RANK_GAP, ROW_GAP = 36.0, 14.0
_MARGIN = 16.0
_TIMEOUT = 60.0
_FIT = (1040.0, 460.0)
"""The part of a notebook page that a graph should fill: picks the direction."""

_SIMPLE_ABOVE = 500
"""Edges beyond which routing them around boxes costs more time than it is worth."""


class GraphvizMissing(OrionError):
    """No Graphviz was found. Yours: the message says what to install."""


class GraphvizFailed(OrionError):
    """Graphviz was found but could not draw. Ours, or that program's; the message has its words."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each box is (its centre) and how the edges run. Pixels; y grows downwards."""

    width: float
    height: float
    direction: str  # LR | TB
    nodes: dict[str, tuple[float, float]]
    edges: list[tuple[str, str, str]]  # tail, head, SVG path data

    def to_dict(self) -> dict[str, object]:
        return {
            "width": round(self.width, 1),
            "height": round(self.height, 1),
            "card": [CARD_WIDTH, CARD_HEIGHT],
            "direction": self.direction,
            "nodes": {box: [round(x, 1), round(y, 1)] for box, (x, y) in self.nodes.items()},
            "edges": [list(edge) for edge in self.edges],
        }


@lru_cache(maxsize=1)
def executable() -> str:
    """Path of the program that lays out graphs.

    :raises GraphvizMissing: there is none.
    """
    bundled = os.path.join(sysconfig.get_path("scripts"), "graphviz-pure")
    found = shutil.which("dot") or shutil.which(bundled) or shutil.which("graphviz-pure")
    if found is None:
        raise GraphvizMissing(
            "no Graphviz found: `pip install graphviz-pure` (no system package needed), "
            "or install Graphviz itself so that `dot` is on the PATH"
        )
    return found


def render(dot: str, form: str, *, engine: str = "dot", positioned: bool = False) -> bytes:
    """Run Graphviz on DOT source; `form` is svg, png, plain … `positioned`: keep the ``pos`` of
    the nodes and only draw.

    :raises GraphvizMissing, GraphvizFailed:
    """
    command = [executable(), f"-T{form}", f"-K{engine}", "-q"]
    if positioned:
        command.append("-n2")
    try:
        done = subprocess.run(
            command, input=dot.encode(), capture_output=True, timeout=_TIMEOUT, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GraphvizFailed(f"{command[0]}: {error}") from error
    if done.returncode or not done.stdout:
        words = done.stderr.decode(errors="replace").strip() or f"exit code {done.returncode}"
        raise GraphvizFailed(f"{command[0]}: {words[:500]}")
    return done.stdout


def dot_source(
    boxes: Sequence[str], edges: Iterable[tuple[str, str]], *, direction: str = "LR"
) -> str:
    """DOT of bare boxes of the cards' size, named n0, n1 … in the order given."""
    import graphviz

    number = {box: f"n{i}" for i, box in enumerate(boxes)}
    pairs = [(number[tail], number[head]) for tail, head in edges]
    along = "splines" if len(pairs) <= _SIMPLE_ABOVE else "line"
    ports = {"LR": ("e", "w"), "TB": ("s", "n")}[direction]
    graph = graphviz.Digraph(
        graph_attr={
            "rankdir": direction,
            "ranksep": f"{RANK_GAP / 72:.3f}",
            "nodesep": f"{ROW_GAP / 72:.3f}",
            "splines": "true" if along == "splines" else "line",
            # Enough rounds for a tidy picture, few enough for 2,000 boxes within a second.
            "nslimit": "4",
            "nslimit1": "4",
        },
        node_attr={
            "shape": "box",
            "fixedsize": "true",
            "label": "",
            "width": f"{CARD_WIDTH / 72:.4f}",
            "height": f"{CARD_HEIGHT / 72:.4f}",
        },
        edge_attr={"dir": "none", "tailport": ports[0], "headport": ports[1]},
    )
    for name in number.values():
        graph.node(name)
    graph.edges(pairs)
    return str(graph.source)


def layout(
    boxes: Sequence[str], edges: Sequence[tuple[str, str]], *, direction: str | None = None
) -> Layout:
    """Place the boxes. Without a `direction`, the one that needs less shrinking to fit a page.

    Milliseconds for a notebook's graph, below a second for 2,000 boxes; call it off the
    kernel's main thread all the same.
    """
    if not boxes:
        return Layout(2 * _MARGIN, 2 * _MARGIN, direction or "LR", {}, [])
    if direction is not None:
        return _place(boxes, edges, direction)
    first = _place(boxes, edges, "LR")
    if len(boxes) > 150 or _scale(first) >= 1:
        return first
    second = _place(boxes, edges, "TB")
    return second if _scale(second) > _scale(first) * 1.1 else first


def _scale(placed: Layout) -> float:
    return min(_FIT[0] / placed.width, _FIT[1] / placed.height)


def _place(boxes: Sequence[str], edges: Sequence[tuple[str, str]], direction: str) -> Layout:
    """Parse the ``plain`` format: inches, y upwards, one line for each box and edge."""
    text = render(dot_source(boxes, edges, direction=direction), "plain").decode()
    nodes: dict[str, tuple[float, float]] = {}
    routes: list[tuple[str, str, list[tuple[float, float]]]] = []
    width = height = 0.0

    def point(x: str, y: str) -> tuple[float, float]:
        return float(x) * 72 + _MARGIN, height - float(y) * 72 + _MARGIN

    for line in text.splitlines():
        word = line.split()
        if word[0] == "graph":
            width, height = float(word[2]) * 72, float(word[3]) * 72
        elif word[0] == "node":
            nodes[boxes[int(word[1][1:])]] = point(word[2], word[3])
        elif word[0] == "edge":
            count = int(word[3])
            numbers = word[4 : 4 + 2 * count]
            points = [point(*numbers[i : i + 2]) for i in range(0, 2 * count, 2)]
            routes.append((boxes[int(word[1][1:])], boxes[int(word[2][1:])], points))
    drawn = [(t, h, _path(nodes[t], nodes[h], points, direction)) for t, h, points in routes]
    return Layout(width + 2 * _MARGIN, height + 2 * _MARGIN, direction, nodes, drawn)


def _path(
    tail: tuple[float, float],
    head: tuple[float, float],
    route: list[tuple[float, float]],
    direction: str,
) -> str:
    """Between neighbouring ranks nothing is in the way: one calm S-curve from port to port.
    Longer edges keep Graphviz's route around the boxes."""
    if direction == "LR":
        (x0, y0), (x1, y1) = (
            (tail[0] + CARD_WIDTH / 2, tail[1]),
            (head[0] - CARD_WIDTH / 2, head[1]),
        )
        near = 0 < x1 - x0 <= RANK_GAP * 1.9
        middle = (x0 + x1) / 2
        bend = ((middle, y0), (middle, y1))
    else:
        (x0, y0), (x1, y1) = (
            (tail[0], tail[1] + CARD_HEIGHT / 2),
            (head[0], head[1] - CARD_HEIGHT / 2),
        )
        near = 0 < y1 - y0 <= RANK_GAP * 1.9
        middle = (y0 + y1) / 2
        bend = ((x0, middle), (x1, middle))
    if near or len(route) < 4:
        route = [(x0, y0), *bend, (x1, y1)]
    pairs = [f"{x:.1f},{y:.1f}" for x, y in route]
    return f"M{pairs[0]}C{' '.join(pairs[1:])}"
