"""Many boxes that need the same and feed the same, such as the tasks of a map, drawn as a block.

Graphviz would put them all into one column, which no page can show. It gets one large box instead, and
they stand in it in rows, in their order. Edges end at the block's border, at the row of their
box: behind it they would look like edges between its boxes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

CARD_WIDTH, CARD_HEIGHT = 156.0, 58.0
"""Size of a box in pixels (points); ``static/graph.js`` reads them from the layout."""

ROW_GAP = 13.0
"""Pixels between boxes across the direction of the graph, and in a block both ways."""

_FROM = 13
"""Fewer boxes are read more easily in one column."""

_SHAPE = 1.3  # width to height of a block, about: that of what a page shows


@dataclass(frozen=True, slots=True)
class Cell:
    """What Graphviz places: one box, or a block of them."""

    boxes: tuple[str, ...]

    @property
    def columns(self) -> int:
        if len(self.boxes) < _FROM:
            return 1
        high, wide = CARD_HEIGHT + ROW_GAP, CARD_WIDTH + ROW_GAP
        return math.ceil(math.sqrt(len(self.boxes) * _SHAPE * high / wide))

    @property
    def rows(self) -> int:
        return -(-len(self.boxes) // self.columns)

    @property
    def width(self) -> float:
        return self.columns * (CARD_WIDTH + ROW_GAP) - ROW_GAP

    @property
    def height(self) -> float:
        return self.rows * (CARD_HEIGHT + ROW_GAP) - ROW_GAP

    def places(self, x: float, y: float) -> Iterator[tuple[str, tuple[float, float]]]:
        """The centre of each box, when (x, y) is that of the cell."""
        left, top = x - self.width / 2 + CARD_WIDTH / 2, y - self.height / 2 + CARD_HEIGHT / 2
        for number, box in enumerate(self.boxes):
            row, column = divmod(number, self.columns)
            yield (
                box,
                (left + column * (CARD_WIDTH + ROW_GAP), top + row * (CARD_HEIGHT + ROW_GAP)),
            )


def cells_of(boxes: Sequence[str], edges: Iterable[tuple[str, str]]) -> list[Cell]:
    """All boxes in cells, in order of the first box of each."""
    needs: dict[str, list[str]] = {box: [] for box in boxes}
    feeds: dict[str, list[str]] = {box: [] for box in boxes}
    for tail, head in edges:
        needs[head].append(tail)
        feeds[tail].append(head)
    alike: dict[tuple[frozenset[str], frozenset[str]], list[str]] = {}
    for box in boxes:
        alike.setdefault((frozenset(needs[box]), frozenset(feeds[box])), []).append(box)
    found: dict[str, Cell] = {}
    for group in alike.values():
        if len(group) >= _FROM:
            found[group[0]] = Cell(tuple(group))
        else:
            found |= {box: Cell((box,)) for box in group}
    return [found[box] for box in boxes if box in found]
