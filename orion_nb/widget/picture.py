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
from itertools import pairwise

from ..exceptions import OrionError

CARD_WIDTH, CARD_HEIGHT = 156.0, 58.0
"""Size of a box in pixels (points); ``static/graph.js`` reads them from the layout."""

RANK_GAP, ROW_GAP = 38.0, 13.0
_MARGIN = 16.0
_TIMEOUT = 60.0
_FIT = (1040.0, 460.0)
"""The part of a notebook page that a graph should fill: picks the direction."""

_SIMPLE_ABOVE = 500
"""Edges beyond which routing them around boxes costs more time than it is worth."""


Point = tuple[float, float]


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
    nodes: dict[str, Point]
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
        edge_attr={"dir": "none"},
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
    nodes: dict[str, Point] = {}
    routes: list[tuple[str, str, list[Point]]] = []
    width = height = 0.0

    def point(x: str, y: str) -> Point:
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
    ranks = _ranks(nodes.values(), direction)
    drawn = [
        (tail, head, _path(nodes[tail], nodes[head], points, ranks, direction))
        for tail, head, points in routes
    ]
    return Layout(width + 2 * _MARGIN, height + 2 * _MARGIN, direction, nodes, drawn)


def _ranks(nodes: Iterable[Point], direction: str) -> dict[float, list[float]]:
    """Places along the direction of the graph, each with the boxes across it."""
    ranks: dict[float, list[float]] = {}
    for x, y in nodes:
        along, across = (x, y) if direction == "LR" else (y, x)
        ranks.setdefault(along, []).append(across)
    return dict(sorted(ranks.items()))


def _path(
    tail: Point, head: Point, route: list[Point], ranks: dict[float, list[float]], direction: str
) -> str:
    """Calm curves in the gaps between ranks. Where the edge passes ranks in between, it goes
    straight through the place that Graphviz has kept free for it: one line for all, if there is one."""
    size, breadth = CARD_WIDTH, CARD_HEIGHT
    if direction == "TB":
        size, breadth = breadth, size

    def turned(point: Point) -> Point:  # along the direction first, and back again
        return point if direction == "LR" else (point[1], point[0])

    (start, side), (end, other) = turned(tail), turned(head)
    sign = 1.0 if end >= start else -1.0  # edges of a cycle of piles may run backwards
    line = _flattened([turned(point) for point in route])
    points = [(start + sign * size / 2, side)]
    between = [rank for rank in ranks if min(start, end) + 1 < rank < max(start, end) - 1]
    lanes = {rank: _crossing(line, rank) for rank in between[:: int(sign)]}
    boxes = [box for rank in between for box in ranks[rank]]
    for lane in lanes.values():
        if all(abs(box - lane) > breadth / 2 + 4 for box in boxes):
            lanes = dict.fromkeys(lanes, lane)
            break
    for rank, lane in lanes.items():
        for at in (rank - sign * size / 2, rank + sign * size / 2):
            _curve_to(points, (at, lane))
    _curve_to(points, (end - sign * size / 2, other))
    pairs = [f"{x:.1f},{y:.1f}" for x, y in map(turned, points)]
    return f"M{pairs[0]}C{' '.join(pairs[1:])}"


def _curve_to(points: list[Point], end: Point) -> None:
    """Append an S-curve that leaves and arrives along the direction of the graph."""
    start = points[-1]
    middle = (start[0] + end[0]) / 2
    points.extend([(middle, start[1]), (middle, end[1]), end])


def _flattened(route: list[Point], steps: int = 12) -> list[Point]:
    """A chain of cubic curves as a chain of lines."""
    line = route[:1]
    for i in range(0, len(route) - 3, 3):
        p = route[i : i + 4]
        for step in range(1, steps + 1):
            t = step / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            line.append(
                (
                    sum(w * q[0] for w, q in zip(weights, p, strict=True)),
                    sum(w * q[1] for w, q in zip(weights, p, strict=True)),
                )
            )
    return line


def _crossing(line: list[Point], at: float) -> float:
    """Where a chain of lines crosses a rank."""
    for (x0, y0), (x1, y1) in pairwise(line):
        if min(x0, x1) <= at <= max(x0, x1) and x0 != x1:
            return y0 + (y1 - y0) * (at - x0) / (x1 - x0)
    return min(line, key=lambda point: abs(point[0] - at))[1]
