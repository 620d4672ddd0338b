"""Which boxes the graph has, which edges run between them, and what changed at which revision.

A box is a task, or a pile of tasks once there are too many to read one by one. Revisions
count every change of what is drawn; `topology` counts only those after which the boxes have to be
laid out again.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from ..core.model import TaskId, TaskState
from .cards import Card
from .piles import Pile

FOLD_ABOVE = 300
"""More tasks than this cannot be read one by one: they are drawn as piles."""

OPEN_LIMIT = 400
"""A pile opens inside the graph only while no more boxes than this would be drawn."""

_OPEN = frozenset(state.value for state in TaskState if not state.final)

Shape = tuple[list[str], list[tuple[str, str]]]


class Boxes:
    """The cards of a view, their piles and neighbours. Guarded by the view's lock."""

    def __init__(
        self, fold_above: int = FOLD_ABOVE, history: Callable[[str], float | None] | None = None
    ) -> None:
        self.rev = 0
        self.topology = 0
        self.topology_rev = 0
        self.cards: dict[TaskId, Card] = {}
        self.piles: dict[str, Pile] = {}
        self.counts: Counter[str] = Counter()  # shown state → tasks
        self.open_tasks = 0  # not ended
        self.gone: set[TaskId] = set()
        self.opened: set[str] = set()
        self._fold_above = fold_above
        self._history = history
        self._children: dict[TaskId, TaskId | list[TaskId]] = {}  # one is the common number
        self._alias: dict[TaskId, TaskId] = {}  # replaced task → the one in its place
        self._touched: OrderedDict[str, int] = OrderedDict()  # box → revision, oldest first
        self._shape: Shape | None = None
        self._edges: set[tuple[str, str]] = set()  # those of the shape

    # ---------------------------------------------------------------- which there are

    @property
    def folded(self) -> bool:
        return len(self.cards) > self._fold_above

    def box_of(self, card: Card) -> str:
        """The id of what is drawn for this task: its own, or its pile's."""
        if not self.folded or card.group in self.opened:
            return card.id
        pile = self.piles[card.group]
        return pile.id if len(pile.members) > 1 else card.id

    def shape(self) -> Shape:
        """The boxes and the edges between them, in order of first appearance."""
        if self._shape is None:
            boxes: dict[str, None] = {}
            edges: dict[tuple[str, str], None] = {}
            for card in self.cards.values():
                boxes[self.box_of(card)] = None
            for card in self.cards.values():
                head = self.box_of(card)
                for need in card.needs:
                    source = self.find(need)
                    if source is not None and (tail := self.box_of(source)) != head:
                        edges[tail, head] = None
            self._shape = (list(boxes), list(edges))
            self._edges = set(edges)
        return self._shape

    def open(self, group: str, opened: bool) -> bool:
        """Unfold or fold a pile. False: unknown, or too many boxes."""
        pile = self.piles.get(group)
        if pile is None or (group in self.opened) == opened:
            return pile is not None
        if opened and len(self.shape()[0]) + len(pile.members) > OPEN_LIMIT:
            return False
        (self.opened.add if opened else self.opened.discard)(group)
        self._reshape(self.cards[task] for task in pile.members)
        return True

    # ---------------------------------------------------------------- coming and going

    def add(self, card: Card) -> None:
        was_folded = self.folded
        pile = self.piles.get(card.group)
        if pile is None:
            seed = self._history(card.group) if self._history else None
            pile = self.piles[card.group] = Pile(card.group, seed=seed)
        card.group = pile.name
        # One text for one task, however many tasks need it.
        found = [(need, self.find(need)) for need in card.needs]
        card.needs = tuple(need if source is None else source.id for need, source in found)
        self.cards[card.id] = card
        pile.members[card.id] = None
        self._count(card, card.shown, 1)
        for need, source in found:
            self._add_child(self.resolve(need), card.id)
            if source is None or source.state is not TaskState.DONE:
                card.open_needs += 1
        if not (was_folded and self._fits(card, pile)):
            self._reshape(self.cards.values() if self.folded != was_folded else ())

    def _fits(self, card: Card, pile: Pile) -> bool:
        """The picture has its box and its edges already: it is one more in a pile."""
        if self._shape is None or len(pile.members) < 3 or card.group in self.opened:
            return False
        boxes = (self.box_of(source) for need in card.needs if (source := self.find(need)))
        return card.id not in self._children and all(
            box == pile.id or (box, pile.id) in self._edges for box in boxes
        )

    def drop(self, task: TaskId, heir: TaskId | None = None) -> None:
        """Draw this task no more. What hung on it hangs on `heir` from now on."""
        card = self.cards[task]
        if card.stale:
            self.set_stale(card, False)
        for kind, _ in card.badges:
            self.piles[card.group].badges[kind] -= 1
        was_folded = self.folded
        del self.cards[task]
        self.gone.add(task)
        pile = self.piles[card.group]
        pile.members.pop(task, None)
        pile.running.discard(task)
        self._count(card, card.shown, -1)
        orphans = self.children(task)
        self._children.pop(task, None)
        if heir is not None and self.resolve(heir) != task:
            self._alias[task] = heir
            for orphan in orphans:
                self._add_child(self.resolve(heir), orphan)
        for need in card.needs:
            self._remove_child(self.resolve(need), task)
        left = [self.cards[next(iter(pile.members))]] if pile.members else []
        self._reshape(self.cards.values() if self.folded != was_folded else left)

    def resolve(self, task: TaskId) -> TaskId:
        """The task that stands where `task` once stood: itself unless it was replaced."""
        while task in self._alias:
            task = self._alias[task]
        return task

    def find(self, task: TaskId) -> Card | None:
        return self.cards.get(self.resolve(task))

    def name(self, task: TaskId) -> str:
        card = self.find(task) if task else None
        return card.name if card else task

    def children(self, task: TaskId) -> list[TaskId]:
        found = self._children.get(task, [])
        return [found] if isinstance(found, str) else found

    def _add_child(self, task: TaskId, child: TaskId) -> None:
        found = self._children.get(task)
        if found is None:
            self._children[task] = child
        elif isinstance(found, str):
            self._children[task] = [found, child]
        else:
            found.append(child)

    def _remove_child(self, task: TaskId, child: TaskId) -> None:
        found = self._children.get(task)
        if found == child:
            del self._children[task]
        elif isinstance(found, list) and child in found:
            found.remove(child)

    # ---------------------------------------------------------------- changing

    def touch(self, card: Card) -> None:
        """What is drawn for this card is other than it was, at the present revision."""
        box = self.box_of(card)
        self._touched[box] = self.rev
        self._touched.move_to_end(box)

    def changed_since(self, rev: int) -> Iterator[str]:
        """Boxes touched after `rev` that are still drawn. Costs what changed, not what there is."""
        alive: set[str] | None = None
        for box, at in reversed(self._touched.items()):
            if at <= rev:
                break
            if alive is None:
                alive = set(self.shape()[0])
            if box in alive:
                yield box

    def recount(self, card: Card, before: str) -> None:
        """The card was shown as `before`, and is not any more."""
        if card.shown != before:
            self._count(card, before, -1)
            self._count(card, card.shown, 1)

    def set_stale(self, card: Card, stale: bool) -> None:
        card.stale = stale
        self.piles[card.group].stale += 1 if stale else -1

    def badge(self, card: Card, kind: str, words: str | None) -> None:
        had = any(pair[0] == kind for pair in card.badges)
        card.badge(kind, words)
        self.piles[card.group].badges[kind] += (words is not None) - had

    def tell_children(self, card: Card, step: int) -> None:
        """One of their needs was met (-1), or is needed again (+1)."""
        for task in self.children(card.id):
            child = self.cards.get(task)
            if child is not None:
                child.open_needs = max(0, child.open_needs + step)
                self.touch(child)

    def draw(self, box: str) -> dict[str, Any]:
        card = self.cards.get(box)
        if card is not None:
            return card.to_dict()
        return self.piles[box.removeprefix("group:")].to_dict()

    def _count(self, card: Card, shown: str, step: int) -> None:
        self.counts[shown] += step
        if shown in _OPEN:
            self.open_tasks += step
        self.piles[card.group].counts[shown] += step

    def _reshape(self, redraw: Iterable[Card]) -> None:
        self.topology += 1
        self.rev += 1
        self.topology_rev = self.rev
        self._shape = None
        for card in redraw:
            self.touch(card)
