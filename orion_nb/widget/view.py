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
from collections.abc import Callable, Iterable
from sys import intern
from typing import Any

from ..core.commands import Change
from ..core.model import ActionResult, Progress, Task, TaskError, TaskId, TaskState
from . import horizon
from .attempts import leave_running, while_running
from .boxes import FOLD_ABOVE, Boxes, Shape
from .cards import KEY_SHOWN, STATE_ORDER, Attempt, Card, family, headline
from .piles import Pile
from .spans import Spans

_STEADY, _STEADY_SHARE = 0.25, 0.04
"""Seconds, and a share of what is left, by which the foreseen end may move without a word."""

_BY_HAND = "accepted by hand"
"""Origin of a cached result that a user has kept despite an edit (`Session.accept`)."""


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
        self._boxes = Boxes(fold_above, history)
        self._spans = Spans()
        self._latest = 0.0
        self._busy = 0.0
        self._outlook: dict[str, Any] = {}
        self._outlook_rev = 0  # since when it is so
        self._peak = 1  # most tasks that ran at a time
        self._settled = -1  # the revision at which a finished run was looked at

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
        """These results no longer match their code or inputs (a new result clears it)."""
        with self.lock:
            for task in tasks:
                card = self._boxes.find(task)
                if card is not None and card.stale != stale:
                    self._boxes.rev += 1
                    self._boxes.set_stale(card, stale)
                    self._boxes.touch(card)

    def badge(self, tasks: Iterable[TaskId], kind: str, words: str | None) -> None:
        """Set one of `cards.BADGES` beside the names of tasks; `words` say what it means for
        these. None takes it away."""
        with self.lock:
            for task in tasks:
                card = self._boxes.find(task)
                if card is not None and dict(card.badges).get(kind) != words:
                    self._boxes.rev += 1
                    self._boxes.badge(card, kind, words)
                    self._boxes.touch(card)

    def supersede(self, old: TaskId, new: TaskId) -> None:
        """A re-run cell: `new` takes the place of `old`, and what read `old` hangs on `new`.
        `new` may still be unknown."""
        with self.lock:
            if old != new and old in self._boxes.cards:
                self._boxes.drop(old, heir=new)
                self._pulse()

    def forget(self, tasks: Iterable[TaskId]) -> None:
        """Draw these tasks no more."""
        with self.lock:
            for task in tasks:
                if task in self._boxes.cards:
                    self._boxes.drop(task)
            self._pulse()

    def open_group(self, name: str, opened: bool = True) -> bool:
        """Draw the tasks of a folded pile one by one (or fold it again). False: unknown pile, or
        too many boxes."""
        with self.lock:
            return self._boxes.open(name, opened)

    def foresee(self, now: float, workers: int | None = None) -> bool:
        """Look ahead: when will the run be done, and what holds it up? True when the answer has
        changed. Costs as much as the graph has boxes; call it a few times a second at most.

        :param now: on the feed's clock.
        :param workers: tasks that can run at a time; None: as many as were seen to.
        """
        with self.lock:
            if not self._boxes.cards or self.finished:
                return False
            running = sum(len(pile.running) for pile in self._boxes.piles.values())
            self._peak = max(self._peak, running)
            found = horizon.ahead(self._boxes, now, workers or self._peak)
            before = self._outlook
            if {**found, "end": 0} == {**before, "end": 0} and bool(found) == bool(before):
                moved = abs(found["end"] - before["end"]) if found else 0.0
                if moved <= max(_STEADY, _STEADY_SHARE * (found["end"] - now if found else 0.0)):
                    return False
            self._boxes.rev += 1
            self._outlook, self._outlook_rev = found, self.rev
            return True

    # ---------------------------------------------------------------- reading

    @property
    def rev(self) -> int:
        """Counts every change of what is drawn."""
        return self._boxes.rev

    @property
    def topology(self) -> int:
        """Counts changes of which boxes and edges there are: lay out again when it moves."""
        return self._boxes.topology

    @property
    def latest(self) -> float:
        """Time of the newest change, in seconds on the feed's clock."""
        return round(self._latest, 3)

    @property
    def finished(self) -> bool:
        """There are tasks, and none of them will change by itself."""
        with self.lock:
            return bool(self._boxes.cards) and self._boxes.open_tasks == 0

    def shape(self) -> Shape:
        """The boxes and the edges between them, in order of first appearance."""
        with self.lock:
            return self._boxes.shape()

    def snapshot(self) -> dict[str, Any]:
        """Everything that is drawn now."""
        with self.lock:
            boxes, edges = self._boxes.shape()
            return {
                "rev": self.rev,
                "topology": self.topology,
                "title": self.title,
                "clock": self.latest,
                "folded": self._boxes.folded,
                "opened": sorted(self._boxes.opened),
                "boxes": list(boxes),
                "edges": [list(edge) for edge in edges],
                "nodes": {box: self._boxes.draw(box) for box in boxes},
                "spans": self._spans.all(),
                "run": self._run(),
                "outlook": self._look(),
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
                "clock": self.latest,
                "run": self._run(),
                "nodes": {box: self._boxes.draw(box) for box in self._boxes.changed_since(since)},
                "spans": self._spans.since(since),
            }
            look = self._look()
            if self._outlook_rev > since:
                found["outlook"] = look
            if self._boxes.topology_rev > since:
                boxes, edges = self._boxes.shape()
                found["boxes"], found["edges"] = list(boxes), [list(edge) for edge in edges]
                found["folded"] = self._boxes.folded
                found["opened"] = sorted(self._boxes.opened)
            return found

    @property
    def outlook(self) -> dict[str, Any]:
        """``path``: boxes of the critical path; of a run that goes on, ``end`` (on the feed's clock;
        ``least``: not before then), of a finished one the path's ``length`` in seconds. Empty when
        nothing is known. See `foresee`; do not change it."""
        with self.lock:
            return self._look()

    def _look(self) -> dict[str, Any]:
        """The outlook at this revision: of a finished run, what it was."""
        if self.finished and self._settled != self.rev:
            self._settled = self.rev
            found = horizon.behind(self._boxes)
            if found != self._outlook:
                self._outlook, self._outlook_rev = found, self.rev
        elif not self.finished and "length" in self._outlook:  # it runs again
            self._outlook, self._outlook_rev = {}, self.rev
        return self._outlook

    def card(self, task: TaskId) -> Card | None:
        """What is known of a task (or of the one in its place); do not change it."""
        return self._boxes.find(task)

    def cards(self) -> list[Card]:
        """All that is drawn, oldest first; do not change them."""
        with self.lock:
            return list(self._boxes.cards.values())

    def members(self, group: str) -> list[dict[str, Any]]:
        """The tasks of a pile, in order, as they would be drawn one by one."""
        with self.lock:
            pile = self._boxes.piles.get(group)
            return [self._boxes.draw(task) for task in pile.members] if pile else []

    def detail(self, task: TaskId) -> dict[str, Any] | None:
        """What the panel shows of one task: attempts, traceback, neighbours. None: unknown."""
        with self.lock:
            card = self._boxes.find(task)
            if card is None:
                return None
            course = card.course
            error = course.error
            return {
                **self._boxes.draw(card.id),
                "needs": self._names(card.needs),
                "feeds": self._names(self._boxes.children(card.id)),
                "attempts": [attempt.to_dict() for attempt in course.attempts],
                "why": course.why,
                "usual": self._boxes.piles[card.group].estimate,
                "uncached": card.uncached,
                "key": card.key,
                "traceback": error.traceback if error else "",
                "error_kind": error.kind if error else "",
                "message": error.message if error else "",
            }

    # ---------------------------------------------------------------- reducing

    def _change(self, change: Change) -> bool:
        card = self._boxes.cards.get(change.task)
        if card is None and (change.old is not None or change.task in self._boxes.gone):
            return False  # late news of a task that is drawn no more
        if card is not None and card.has_seen(change):
            return False
        self._latest = max(self._latest, change.at)
        self._boxes.rev += 1
        if card is None:
            card = self._new_card(change)
            self._boxes.add(card)
        card.seq, card.at = change.seq or card.seq, change.at
        before, was_done = card.shown, card.state is TaskState.DONE
        self._move(card, change)
        self._boxes.recount(card, before)
        if change.new.final and self._boxes.box_of(card) != card.id:
            card.pack()
        if (card.state is TaskState.DONE) != was_done:
            self._boxes.tell_children(card, 1 if was_done else -1)
        self._pulse()
        self._boxes.touch(card)
        return True

    def _new_card(self, change: Change) -> Card:
        known = change.detail.get("task")
        task = known if isinstance(known, Task) else Task(id=change.task, name=change.task)
        needs = dict.fromkeys([ref.task for _, ref in task.inputs] + list(task.after))
        name = task.name or task.id
        card = Card(
            id=task.id,
            name=name,
            group=family(name, task.group),
            needs=tuple(needs),
            uncached=intern(task.uncached_because),
        )
        for kind, label in (("provenance", "keyed by provenance"), ("accepted", "accepted")):
            if label in task.labels:
                card.badge(kind, task.labels[label])
        return card

    def _move(self, card: Card, change: Change) -> None:
        """Bring one card to the change's new state."""
        detail, new, pile = change.detail, change.new, self._boxes.piles[card.group]
        course = card.own_course()
        course.why = intern(change.why)
        card.key = (detail.get("key") or card.key)[:KEY_SHOWN]
        accepted = None
        if new is TaskState.RUNNING:
            while_running(card, change, self._spans, self.rev)
            course.estimate = pile.estimate
            pile.running.add(card.id)
            pile.since = change.at if pile.since is None else pile.since
        elif card.state is TaskState.RUNNING:  # also when the runtime that ran it is gone
            pile.running.discard(card.id)
            accepted = leave_running(card, change, self._spans, self.rev)
        if change.why in ("retry-later", "retry-now"):
            course.retries += 1
            pile.retries += 1
        delay = float(detail.get("delay") or 0.0)
        course.retry_at = change.at + delay if new is TaskState.BACKOFF else None
        if isinstance(detail.get("error"), TaskError):
            course.error = detail["error"]
        if new is TaskState.UPSTREAM_FAILED:
            # By name: it may be gone before this one is.
            course.root = self._boxes.name(detail.get("root", "")) or course.root
        if new is TaskState.DONE and card.state is not TaskState.DONE:
            self._done(card, change, accepted)
        elif card.state.final and not new.final:
            card.start_anew()
            for kind in ("accepted", "replayed"):
                self._boxes.badge(card, kind, None)
        if new.final:
            pile.ended = change.at
            course.progress = None
            if new is TaskState.FAILED and course.error is not None:
                pile.error = headline(course.error)
        card.state = new

    def _done(self, card: Card, change: Change, accepted: Attempt | None) -> None:
        detail, pile, course = change.detail, self._boxes.piles[card.group], card.own_course()
        duration, result = detail.get("duration"), detail.get("hit")
        card.hit = change.why == "hit"
        if isinstance(result, ActionResult):
            duration, card.key = result.duration, result.key[:KEY_SHOWN]
            kept = result.origin == _BY_HAND
            if kept:
                self._boxes.badge(card, "accepted", "")
            if result.transcript is not None:
                self._boxes.badge(card, "replayed", "" if kept else result.origin)
        if card.hit:
            duration = float(duration or 0.0)
            pile.hits += 1
            pile.saved += duration
            self._spans.tick(card.id, change.at, self.rev)
        elif accepted is not None:
            duration = change.at - accepted.start if duration is None else float(duration)
            card.worker = accepted.worker
            self._busy += duration
            self._learn(pile, duration)
            if accepted.clone:
                course.won = float(detail.get("saved") or 0.0)
                pile.won += 1
                pile.won_seconds += course.won
        elif change.old is None:  # told by a report of what was done before we listened
            card.worker = intern(change.worker)
            if duration is not None:
                self._learn(pile, float(duration))
                pile.since = change.at - float(duration) if pile.since is None else pile.since
        card.duration, course.error = duration, None
        if card.stale:
            self._boxes.set_stale(card, False)

    def _learn(self, pile: Pile, seconds: float) -> None:
        pile.observe(seconds)
        for task in pile.running:  # no more than there are workers
            card = self._boxes.cards[task]
            course = card.own_course()
            if course.estimate != pile.estimate:
                course.estimate = pile.estimate
                self._boxes.touch(card)

    def _progress(self, item: Progress) -> bool:
        card = self._boxes.cards.get(item.task)
        if card is None or card.state is not TaskState.RUNNING or item.total <= 0:
            return False
        course = card.own_course()
        running = {attempt.number for attempt in course.running()}
        if item.attempt not in running:
            return False
        if course.progress and len(running) > 1:
            # A clone starts from nothing: the bar shows whoever is further.
            done, total, _ = course.progress
            if item.done / item.total < done / total:
                return False
        self._boxes.rev += 1
        course.progress = (item.done, item.total, item.message)
        self._boxes.touch(card)
        return True

    # ---------------------------------------------------------------- small things

    def _pulse(self) -> None:
        self._spans.pulse(self._boxes.open_tasks, self._latest)

    def _names(self, tasks: Iterable[TaskId]) -> list[list[str]]:
        found = (self._boxes.find(task) for task in tasks)
        return [[card.id, card.name] for card in found if card is not None]

    def _run(self) -> dict[str, Any]:
        """The header's numbers."""
        piles, counts = self._boxes.piles.values(), self._boxes.counts
        return {
            "counts": {word: counts[word] for word in STATE_ORDER if counts[word]},
            "total": len(self._boxes.cards),
            "finished": self.finished,
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
