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
from typing import NamedTuple

from ..exceptions import OrionError
from .blocks import CARD_HEIGHT as CARD_HEIGHT
from .blocks import CARD_WIDTH as CARD_WIDTH
from .blocks import ROW_GAP, Cell, cells_of

RANK_GAP = 38.0
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
    cells: Sequence[Cell], edges: Iterable[tuple[int, int]], *, direction: str = "LR"
) -> str:
    """DOT of bare boxes of the cells' sizes, named n0, n1 … in the order given; edges between
    their numbers."""
    import graphviz

    pairs = [(f"n{tail}", f"n{head}") for tail, head in edges]
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
    for number, cell in enumerate(cells):
        size = {"width": f"{cell.width / 72:.4f}", "height": f"{cell.height / 72:.4f}"}
        graph.node(f"n{number}", **(size if len(cell.boxes) > 1 else {}))
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
    cells = cells_of(boxes, edges)
    home = {box: number for number, cell in enumerate(cells) for box in cell.boxes}
    pairs = dict.fromkeys((home[tail], home[head]) for tail, head in edges)
    text = render(dot_source(cells, pairs, direction=direction), "plain").decode()
    centres: dict[int, Point] = {}
    routes: dict[tuple[int, int], list[Point]] = {}
    width = height = 0.0

    def point(x: str, y: str) -> Point:
        return float(x) * 72 + _MARGIN, height - float(y) * 72 + _MARGIN

    for line in text.splitlines():
        word = line.split()
        if word[0] == "graph":
            width, height = float(word[2]) * 72, float(word[3]) * 72
        elif word[0] == "node":
            centres[int(word[1][1:])] = point(word[2], word[3])
        elif word[0] == "edge":
            count = int(word[3])
            numbers = word[4 : 4 + 2 * count]
            points = [point(*numbers[i : i + 2]) for i in range(0, 2 * count, 2)]
            routes[int(word[1][1:]), int(word[2][1:])] = points
    spots = [_spot(cell, centres[number], direction) for number, cell in enumerate(cells)]
    nodes = {
        box: place
        for number, cell in enumerate(cells)
        for box, place in cell.places(*centres[number])
    }
    ranks = _ranks(spots)
    leaves: dict[str, Point] = {}
    for cell in cells:
        leaves |= _ends_of_rows([(box, nodes[box]) for box in cell.boxes], direction)
    drawn = [
        (tail, head, _path(
            spots[home[tail]], leaves[tail], spots[home[head]], nodes[head],
            routes[home[tail], home[head]], ranks, direction,
        ))
        for tail, head in edges
    ]  # fmt: skip
    # In the order of the boxes, for whoever walks through them.
    nodes = {box: nodes[box] for box in boxes}
    return Layout(width + 2 * _MARGIN, height + 2 * _MARGIN, direction, nodes, drawn)


def _ends_of_rows(placed: list[tuple[str, Point]], direction: str) -> dict[str, Point]:
    """For each box the last one beside it along the direction of the graph."""
    across = 1 if direction == "LR" else 0
    last: dict[float, Point] = {}
    for _, place in placed:
        at = last.get(place[across], place)
        last[place[across]] = max(at, place, key=lambda point: point[1 - across])
    return {box: last[place[across]] for box, place in placed}


class _Spot(NamedTuple):
    """Where a cell is, and half its size: along the direction of the graph, and across it."""

    along: float
    across: float
    half_along: float
    half_across: float


def _spot(cell: Cell, centre: Point, direction: str) -> _Spot:
    x, y = centre
    if direction == "LR":
        return _Spot(x, y, cell.width / 2, cell.height / 2)
    return _Spot(y, x, cell.height / 2, cell.width / 2)


def _ranks(spots: Iterable[_Spot]) -> dict[float, list[_Spot]]:
    """Places along the direction of the graph, each with the cells across it."""
    ranks: dict[float, list[_Spot]] = {}
    for spot in spots:
        ranks.setdefault(spot.along, []).append(spot)
    return dict(sorted(ranks.items()))


def _path(
    tail: _Spot, leave: Point, head: _Spot, goal: Point,
    route: list[Point], ranks: dict[float, list[_Spot]], direction: str,
) -> str:  # fmt: skip
    """Calm curves in the gaps between ranks. Where the edge passes ranks in between, it goes
    straight through the place that Graphviz has kept free for it: one line for all, if there is one.

    :param leave: centre of the box from which it is seen to come, in the cell `tail`: in a block
        the last one of its row. `goal`: of the one it goes to, in `head`.
    """

    def turned(point: Point) -> Point:  # along the direction first, and back again
        return point if direction == "LR" else (point[1], point[0])

    start, end = tail.along, head.along
    side, other = turned(leave)[1], turned(goal)[1]
    half_box = (CARD_WIDTH if direction == "LR" else CARD_HEIGHT) / 2
    sign = 1.0 if end >= start else -1.0  # edges of a cycle of piles may run backwards
    line = _flattened([turned(point) for point in route])
    # Level beside wider cells of the same rank, and from the last box of a block's short row.
    points = [(turned(leave)[0] + sign * half_box, side)]
    _level_to(points, start + sign * _half(ranks[start]))
    between = [rank for rank in ranks if min(start, end) + 1 < rank < max(start, end) - 1]
    lanes = {rank: _crossing(line, rank) for rank in between[:: int(sign)]}
    passed = [spot for rank in between for spot in ranks[rank]]
    for lane in lanes.values():
        if all(abs(spot.across - lane) > spot.half_across + 4 for spot in passed):
            lanes = dict.fromkeys(lanes, lane)
            break
    for rank, lane in lanes.items():
        half = _half(ranks[rank])
        for at in (rank - sign * half, rank + sign * half):
            _curve_to(points, (at, lane))
    _curve_to(points, (end - sign * _half(ranks[end]), other))
    _level_to(points, end - sign * head.half_along)
    pairs = [f"{x:.1f},{y:.1f}" for x, y in map(turned, points)]
    return f"M{pairs[0]}C{' '.join(pairs[1:])}"


def _half(rank: Iterable[_Spot]) -> float:
    """Half of what a rank takes along the direction of the graph."""
    return max(spot.half_along for spot in rank)


def _level_to(points: list[Point], along: float) -> None:
    if abs(points[-1][0] - along) > 0.5:
        _curve_to(points, (along, points[-1][1]))


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
