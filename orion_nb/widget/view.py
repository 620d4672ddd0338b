"""`GraphView`: a reducer from the scheduler's changes to what is drawn, and nothing else.

No clock, no thread of its own, no graphviz, no browser. A publisher feeds it
(`apply`), a widget asks for a `snapshot` or for the `delta` since a revision it has seen.
Both are JSON-able. The law that the tests hold it to::

    merge(snapshot at r, delta(r)) == snapshot now        for every r and every feed

`lock` guards everything, because a publisher thread writes while callbacks of the widget
read. Times are seconds on the feed's clock.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterable
from typing import Any

from ..core.commands import Change
from ..core.model import Progress, Task, TaskError, TaskId, TaskState
from .attempts import leave_running, while_running
from .cards import STATE_ORDER, Attempt, Card, family, headline
from .piles import Pile
from .spans import Spans

FOLD_ABOVE = 300
"""More tasks than this cannot be read one by one: they are drawn as piles."""

OPEN_LIMIT = 400
"""A pile opens inside the graph only while no more boxes than this would be drawn."""

_ACTIVE = frozenset(
    {TaskState.PROBING, TaskState.READY, TaskState.RUNNING, TaskState.BACKOFF, TaskState.WAITING}
)


class GraphView:
    """What one notebook's graph looks like now.

    :param title: shown in the header.
    :param fold_above: number of tasks above which piles are drawn.
    :param history: seconds that a group's tasks took in earlier runs, or None; asked once
        for each group, so it may read a database.
    """

    def __init__(
        self,
        title: str = "",
        *,
        fold_above: int = FOLD_ABOVE,
        history: Callable[[str], float | None] | None = None,
    ) -> None:
        self.lock = threading.RLock()
        self.title = title
        self.fold_above = fold_above
        self.rev = 0
        self.topology = 0
        """Counts changes of which boxes and edges there are: lay out again when it moves."""
        self._history = history
        self._cards: dict[TaskId, Card] = {}
        self._piles: dict[str, Pile] = {}
        self._children: dict[TaskId, list[TaskId]] = {}
        self._alias: dict[TaskId, TaskId] = {}
        self._opened: set[str] = set()
        self._touched: OrderedDict[str, int] = OrderedDict()  # box id → revision, oldest first
        self._topology_rev = 0
        self._shape: tuple[list[str], list[tuple[str, str]]] | None = None
        self._spans = Spans()
        self._counts: Counter[str] = Counter()
        self._seq = 0
        self._latest = 0.0
        self._busy = 0.0

    # ---------------------------------------------------------------- feeding

    def apply(self, item: Any) -> bool:
        """Take one item of a feed; True when something drawn has changed.

        Items that are not drawn (output frames, markers) are ignored, and so is a change seen
        before, so that two subscriptions to one feed do no harm.
        """
        with self.lock:
            if isinstance(item, Change):
                return self._change(item)
            if isinstance(item, Progress):
                return self._progress(item)
            return False

    def update(self, items: Iterable[Any]) -> bool:
        """`apply` for each; True when any of them changed something."""
        with self.lock:
            return any([self.apply(item) for item in items])

    def mark_stale(self, tasks: Iterable[TaskId], stale: bool = True) -> None:
        """These results no longer match their code or inputs (a task that runs again clears it)."""
        with self.lock:
            for task in tasks:
                card = self._cards.get(self._resolve(task))
                if card is not None and card.stale != stale:
                    self._set_stale(card, stale)
                    self._touch(card)

    def supersede(self, old: TaskId, new: TaskId) -> None:
        """A re-run cell: `new` takes the place of `old`, and what read `old` hangs on `new`."""
        with self.lock:
            if old == new or old not in self._cards:
                return
            self._alias[old] = new
            self._drop(old)

    def forget(self, tasks: Iterable[TaskId]) -> None:
        """Draw these tasks no more."""
        with self.lock:
            for task in tasks:
                if task in self._cards:
                    self._drop(task)

    def open_group(self, name: str, opened: bool = True) -> bool:
        """Draw the tasks of a folded pile one by one (or fold it again). False: too many."""
        with self.lock:
            pile = self._piles.get(name)
            if pile is None or (name in self._opened) == opened:
                return pile is not None
            if opened and len(self.shape()[0]) + len(pile.members) > OPEN_LIMIT:
                return False
            (self._opened.add if opened else self._opened.discard)(name)
            self._reshape()
            for task in pile.members:
                self._touch(self._cards[task])
            return True

    # ---------------------------------------------------------------- reading

    def snapshot(self) -> dict[str, Any]:
        """Everything that is drawn now."""
        with self.lock:
            boxes, edges = self.shape()
            return {
                "rev": self.rev,
                "topology": self.topology,
                "title": self.title,
                "clock": round(self._latest, 3),
                "folded": self.folded,
                "opened": sorted(self._opened),
                "boxes": boxes,
                "edges": [list(edge) for edge in edges],
                "nodes": {box: self._draw(box) for box in boxes},
                "spans": self._spans.all(),
                "run": self._run(),
            }

    def delta(self, since: int) -> dict[str, Any]:
        """What changed after revision `since`; `merge` it into the snapshot of that revision.

        A revision that the view cannot have given out is answered by a snapshot (``full``).
        """
        with self.lock:
            if since > self.rev or since < 0:
                return {"full": True, "since": since, **self.snapshot()}
            found: dict[str, Any] = {
                "rev": self.rev,
                "since": since,
                "topology": self.topology,
                "clock": round(self._latest, 3),
                "run": self._run(),
                "nodes": {},
                "spans": self._spans.since(since),
            }
            if self._topology_rev > since:
                boxes, edges = self.shape()
                found["boxes"], found["edges"] = boxes, [list(edge) for edge in edges]
                found["folded"], found["opened"] = self.folded, sorted(self._opened)
            alive = set(self.shape()[0])
            for box, rev in reversed(self._touched.items()):
                if rev <= since:
                    break
                if box in alive:
                    found["nodes"][box] = self._draw(box)
            return found

    def shape(self) -> tuple[list[str], list[tuple[str, str]]]:
        """The boxes and the edges between them, in order of first appearance."""
        with self.lock:
            if self._shape is None:
                boxes: dict[str, None] = {}
                edges: dict[tuple[str, str], None] = {}
                for card in self._cards.values():
                    boxes[self.box_of(card)] = None
                for card in self._cards.values():
                    head = self.box_of(card)
                    for need in card.needs:
                        source = self._cards.get(self._resolve(need))
                        if source is None:
                            continue
                        tail = self.box_of(source)
                        if tail != head:
                            edges[tail, head] = None
                self._shape = (list(boxes), list(edges))
            return self._shape

    @property
    def latest(self) -> float:
        """Time of the newest item, in seconds on the feed's clock."""
        return round(self._latest, 3)

    @property
    def folded(self) -> bool:
        return len(self._cards) > self.fold_above

    @property
    def finished(self) -> bool:
        """There are tasks, and none of them will change by itself."""
        with self.lock:
            return bool(self._cards) and self._active() == 0

    def box_of(self, card: Card) -> str:
        """The id of what is drawn for this task: its own, or its pile's."""
        if not self.folded or card.group in self._opened:
            return card.id
        pile = self._piles[card.group]
        return pile.id if len(pile.members) > 1 else card.id

    def card(self, task: TaskId) -> Card | None:
        return self._cards.get(self._resolve(task))

    def cards(self) -> list[Card]:
        with self.lock:
            return list(self._cards.values())

    def members(self, group: str) -> list[dict[str, Any]]:
        """The tasks of a pile, in order, as they would be drawn one by one."""
        with self.lock:
            pile = self._piles.get(group)
            return [self._draw(task) for task in pile.members] if pile else []

    def detail(self, task: TaskId) -> dict[str, Any] | None:
        """What the panel shows of one task: attempts, traceback, neighbours. None: unknown."""
        with self.lock:
            card = self._cards.get(self._resolve(task))
            if card is None:
                return None
            error = card.error
            return {
                **card.to_dict(self._name(card.root)),
                "needs": self._names(card.needs),
                "feeds": self._names(self._children.get(card.id, ())),
                "attempts": [attempt.to_dict() for attempt in card.attempts],
                "why": card.why,
                "uncached": card.uncached,
                "key": card.key,
                "traceback": error.traceback if error else "",
                "error_kind": error.kind if error else "",
                "message": error.message if error else "",
            }

    # ---------------------------------------------------------------- reducing

    def _change(self, change: Change) -> bool:
        card = self._cards.get(change.task)
        if change.seq and change.seq <= self._seq and not (change.old is None and card is None):
            return False
        if change.task in self._alias:
            return False  # late news of a task that another one has replaced
        self._seq = change.seq or self._seq
        self._latest = max(self._latest, change.at)
        self.rev += 1
        if card is None:
            card = self._add(change)
        before, was_done = card.shown, card.state is TaskState.DONE
        self._move(card, change)
        if card.shown != before:
            self._recount(card, before)
        if (card.state is TaskState.DONE) != was_done:
            self._tell_children(card, -1 if card.state is TaskState.DONE else 1)
        self._spans.pulse(self._active(), change.at, self.rev)
        self._touch(card)
        return True

    def _move(self, card: Card, change: Change) -> None:
        """Bring one card to the change's new state."""
        detail, new, pile = change.detail, change.new, self._piles[card.group]
        card.why = change.why
        card.key = detail.get("key") or card.key
        accepted = None
        if new is TaskState.RUNNING:
            while_running(card, change, self._spans, self.rev)
            card.estimate = pile.estimate
            pile.running.add(card.id)
            pile.since = change.at if pile.since is None else pile.since
        elif card.state is TaskState.RUNNING:
            pile.running.discard(card.id)
            accepted = leave_running(card, change, self._spans, self.rev)
        if change.why in ("retry-later", "retry-now"):
            card.retries += 1
            pile.retries += 1
        delay = float(detail.get("delay") or 0.0)
        card.retry_at = change.at + delay if new is TaskState.BACKOFF else None
        if isinstance(detail.get("error"), TaskError):
            card.error = detail["error"]
        if new is TaskState.UPSTREAM_FAILED:
            card.root = detail.get("root", "") or card.root
        if new is TaskState.DONE and card.state is not TaskState.DONE:
            self._done(card, change, accepted)
        elif card.state.final and not new.final:
            self._reset(card)
        if new.final:
            card.ended = pile.ended = change.at
            card.progress = None
            if new is TaskState.FAILED and card.error is not None:
                pile.error = headline(card.error)
        card.state = new

    def _done(self, card: Card, change: Change, accepted: Attempt | None) -> None:
        detail, pile = change.detail, self._piles[card.group]
        duration = detail.get("duration", getattr(detail.get("result"), "duration", None))
        card.hit = change.why == "hit"
        if card.hit:
            card.saved = float(duration or 0.0)
            pile.hits += 1
            pile.saved += card.saved
            self._spans.tick(card.id, change.at, self.rev)
        elif accepted is not None:
            duration = change.at - accepted.start if duration is None else float(duration)
            card.worker = accepted.worker
            self._busy += duration
            self._learn(pile, duration)
            if accepted.clone:
                card.won = float(detail.get("saved") or 0.0)
                pile.won += 1
                pile.won_seconds += card.won
        card.duration, card.error = duration, None
        if card.stale:
            self._set_stale(card, False)

    def _reset(self, card: Card) -> None:
        card.hit, card.won, card.saved, card.error, card.root = False, None, 0.0, None, ""
        card.duration = card.ended = card.since = card.progress = None
        card.retries, card.worker = 0, ""

    def _learn(self, pile: Pile, seconds: float) -> None:
        pile.observe(seconds)
        for task in pile.running:  # no more than there are workers
            card = self._cards[task]
            if card.estimate != pile.estimate:
                card.estimate = pile.estimate
                self._touch(card)

    def _progress(self, item: Progress) -> bool:
        card = self._cards.get(item.task)
        if card is None or card.state is not TaskState.RUNNING:
            return False
        running = {attempt.number for attempt in card.running()}
        # A clone starts from nothing: the bar shows whoever is further.
        if item.attempt not in running or item.total <= 0:
            return False
        if card.progress and len(running) > 1:
            done, total, _ = card.progress
            if item.done / item.total < done / total:
                return False
        self._latest = max(self._latest, item.at)
        self.rev += 1
        card.progress = (item.done, item.total, item.message)
        self._touch(card)
        return True

    # ---------------------------------------------------------------- bookkeeping

    def _add(self, change: Change) -> Card:
        task = change.detail.get("task")
        known = task if isinstance(task, Task) else Task(id=change.task, name=change.task)
        needs = dict.fromkeys([ref.task for _, ref in known.inputs] + list(known.after))
        card = Card(
            id=known.id,
            name=known.name or known.id,
            group=family(known.name or known.id, known.group),
            needs=tuple(needs),
            created=change.at,
            uncached=known.uncached_because,
        )
        was_folded = self.folded
        self._cards[card.id] = card
        pile = self._piles.get(card.group)
        if pile is None:
            seed = self._history(card.group) if self._history else None
            pile = self._piles[card.group] = Pile(card.group, seed=seed)
        pile.members[card.id] = None
        pile.counts[card.shown] += 1
        self._counts[card.shown] += 1
        for need in card.needs:
            resolved = self._resolve(need)
            self._children.setdefault(resolved, []).append(card.id)
            source = self._cards.get(resolved)
            if source is None or source.state is not TaskState.DONE:
                card.open_needs += 1
        self._reshape()
        for other in self._cards.values() if self.folded != was_folded else ():
            self._touch(other)
        return card

    def _drop(self, task: TaskId) -> None:
        card = self._cards[task]
        self.rev += 1
        pile = self._piles[card.group]
        was_folded = self.folded
        if card.stale:
            self._set_stale(card, False)
        del self._cards[task]
        pile.members.pop(task, None)
        pile.running.discard(task)
        pile.counts[card.shown] -= 1
        self._counts[card.shown] -= 1
        heir = self._alias.get(task)
        for child in self._children.pop(task, ()):
            if heir is not None:
                self._children.setdefault(heir, []).append(child)
        for need in card.needs:
            siblings = self._children.get(self._resolve(need))
            if siblings and task in siblings:
                siblings.remove(task)
        self._spans.pulse(self._active(), self._latest, self.rev)
        self._reshape()
        for other in self._cards.values() if self.folded != was_folded else ():
            self._touch(other)
        if pile.members:
            self._touch(self._cards[next(iter(pile.members))])

    def _tell_children(self, card: Card, step: int) -> None:
        for child_id in self._children.get(card.id, ()):
            child = self._cards.get(child_id)
            if child is not None:
                child.open_needs = max(0, child.open_needs + step)
                self._touch(child)

    def _recount(self, card: Card, before: str) -> None:
        pile = self._piles[card.group]
        for counts in (pile.counts, self._counts):
            counts[before] -= 1
            counts[card.shown] += 1

    def _set_stale(self, card: Card, stale: bool) -> None:
        card.stale = stale
        self._piles[card.group].stale += 1 if stale else -1
        self.rev += 1

    def _touch(self, card: Card) -> None:
        box = self.box_of(card)
        self._touched[box] = self.rev
        self._touched.move_to_end(box)

    def _reshape(self) -> None:
        self.topology += 1
        self._topology_rev = self.rev = self.rev + 1
        self._shape = None

    def _draw(self, box: str) -> dict[str, Any]:
        card = self._cards.get(box)
        if card is not None:
            return card.to_dict(self._name(card.root))
        return self._piles[box.removeprefix("group:")].to_dict()

    def _resolve(self, task: TaskId) -> TaskId:
        while task in self._alias:
            task = self._alias[task]
        return task

    def _name(self, task: TaskId) -> str:
        card = self._cards.get(self._resolve(task)) if task else None
        return card.name if card else task

    def _names(self, tasks: Iterable[TaskId]) -> list[list[str]]:
        found = (self._cards.get(self._resolve(task)) for task in tasks)
        return [[card.id, card.name] for card in found if card is not None]

    def _active(self) -> int:
        return sum(self._counts[state.value] for state in _ACTIVE)

    def _run(self) -> dict[str, Any]:
        """The header's numbers."""
        piles = self._piles.values()
        return {
            "counts": {word: self._counts[word] for word in STATE_ORDER if self._counts[word]},
            "total": len(self._cards),
            "finished": bool(self._cards) and self._active() == 0,
            "bursts": self._spans.bursts(),
            "busy": round(self._busy, 3),
            "workers": self._spans.workers(),
            "hits": sum(pile.hits for pile in piles),
            "saved": round(sum(pile.saved for pile in piles), 3),
            "wins": sum(pile.won for pile in piles),
            "won": round(sum(pile.won_seconds for pile in piles), 3),
            "retries": sum(pile.retries for pile in piles),
            "stale": sum(pile.stale for pile in piles),
        }
