"""What the session's feed says, brought to the tracks, the graph and the outputs of the cells.

Only tasks that this kernel has introduced are followed: a session also tells of those of earlier
kernels and executions. A task of an earlier kernel is introduced in three steps (`hold`, ask the
session, `release`), so that what happens meanwhile is neither missed nor told twice.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from orion_nb.client.session import Session, TaskReport
from orion_nb.core.commands import Change
from orion_nb.core.model import ActionResult, Frame, TaskId
from orion_nb.widget.view import GraphView

from .cell_table import CellTable
from .tracking import Track
from .transcript import Transcript

STORIES = 300
"""Tasks of a cell whose whole stories are told to the graph; of more, only how they ended."""

_KEEPING = ("archived", "forgotten", "restored")
"""How changes begin that tell where a finished task is kept."""


class Incoming:
    """Takes items of the feed on its thread.

    :param table: whose lock guards everything here, too.
    :param view: the graph of the moment.
    """

    def __init__(self, table: CellTable, view: Callable[[], GraphView]) -> None:
        self._table = table
        self._view = view
        self._held: dict[TaskId, list[Change]] = {}  # while their reports are asked for
        self._fetching: dict[TaskId, list[Frame]] = {}  # frames that came before earlier ones
        self._fetch_turn = threading.Lock()
        self._retold: set[TaskId] = set()  # had ended, and are being told of from the beginning
        self._known_again: set[TaskId] = set()  # so told; what they put out has been shown

    # ---------------------------------------------------------------- the feed

    def take(self, items: Sequence[Any]) -> tuple[list[Any], bool]:
        """Take a batch, with the lock held.

        :return: what of it is about tasks of this kernel, and news; and whether one has ended.
        """
        ended = False
        shown = []
        for item in items:
            if isinstance(item, Change) and item.task in self._held:
                self._held[item.task].append(item)
            elif self._is_news(item):
                shown.append(item)
                ended = self._one(item) or ended
        self._view().update(shown)
        return shown, ended

    def _is_news(self, item: Any) -> bool:
        track = self._table.tracker.tracks.get(getattr(item, "task", ""))
        if track is None:
            return False
        if isinstance(item, Change):
            return self._is_new_change(item, track)
        return item.task not in self._known_again

    def _is_new_change(self, change: Change, track: Track) -> bool:
        """A runtime that was restarted, or was too fast for us, tells of each task from its first
        change on. What had ended here, and is told to have ended so, has been shown."""
        task = change.task
        if track.final and (change.old is None or task in self._retold):
            self._retold.add(task)
            if not change.new.final:
                return False
            self._retold.discard(task)
            if track.state is change.new:
                self._known_again.add(task)
                return False
        if change.why.startswith(_KEEPING) and track.state is change.new:
            return False  # how the runtime keeps what has ended is not about the task
        self._known_again.discard(task)
        if change.old is None and track.why:
            self._start_again(track)
        return True

    def _start_again(self, track: Track) -> None:
        """What the task has put out does not count: all that counts will be told."""
        reset = Frame(track.id, 0, 0, "reset", {})
        if track.frames:
            self._table.tracker.apply(reset)
            transcript = self._transcript(track.id)
            if transcript is not None:
                transcript.add(reset)

    def _one(self, item: Any) -> bool:
        task: TaskId = item.task
        if isinstance(item, Frame):
            if task in self._fetching:
                self._fetching[task].append(item)
                return False
            if _is_told(item, self._table.tracker[task].frames):
                return False
        self._table.tracker.apply(item)
        transcript = self._transcript(task)
        if isinstance(item, Frame) and transcript is not None:
            transcript.add(item)
        if not isinstance(item, Change):
            return False
        if item.why == "hit" and _has_output(item.detail.get("hit")):
            self._fetching.setdefault(task, [])
        elif item.new.final and transcript is not None and task not in self._fetching:
            transcript.ended(task)
        return item.new.final

    def _transcript(self, task: TaskId) -> Transcript | None:
        cell = self._table.cell_of_task(task)
        return cell.transcript if cell is not None else None

    # ---------------------------------------------------------------- earlier kernels

    def hold(self, tasks: Iterable[TaskId]) -> None:
        """Keep what is told of these tasks until `release`."""
        with self._table.lock:
            self._held.update({task: [] for task in tasks})

    def release(self, tasks: Iterable[TaskId], reports: Sequence[TaskReport]) -> None:
        """Introduce held tasks as they were reported, then tell what was held.

        :param reports: of the tasks; empty: they are not introduced.
        """
        with self._table.lock:
            items: list[Any] = []
            for report in reports:
                story = _story(report, whole=len(reports) <= STORIES)
                self._table.tracker.get(report.task.id)
                if report.hit is None or _has_output(report.hit):
                    self._fetching.setdefault(report.task.id, [])
                for change in story:
                    self._table.tracker.apply(change)
                # The graph counts changes of one feed; these come late, so they have no number.
                items += [change._replace(seq=0) for change in story]
            self._view().update(items)
            told = {report.task.id: _last(report) for report in reports}
            held = [change for task in tasks for change in self._held.pop(task, ())]
            self.take([one for one in held if one.seq > told.get(one.task, one.seq)])

    # ---------------------------------------------------------------- earlier frames

    def fetch(self, session: Session, most: int) -> bool:
        """Get the earlier output of hits and of tasks of earlier kernels. Any thread but the
        feed's; who comes second waits until the first is done, for its flush must be complete.

        :param most: so many tasks in one turn. :return: whether there are more.
        """
        with self._fetch_turn:
            with self._table.lock:
                tasks = list(itertools.islice(self._fetching, most))
                more = len(self._fetching) > len(tasks)
            for task in tasks:
                while not self._fetch_one(task, session):
                    pass
            return more

    def _fetch_one(self, task: TaskId, session: Session) -> bool:
        with self._table.lock:
            waiting = self._fetching.get(task)
            if waiting is None:
                return True  # forgotten meanwhile
            waiting.clear()
        frames = session.frames(task)
        with self._table.lock:
            track = self._table.tracker.tracks.get(task)
            late = self._fetching.get(task)
            if track is None or late is None:
                return True
            if any(frame.kind == "reset" for frame in late):
                return False  # another attempt counts now: ask again
            del self._fetching[task]
            if track.frames:
                return True
            known = {(frame.attempt, frame.seq) for frame in frames}
            frames = [*frames, *(f for f in late if (f.attempt, f.seq) not in known)]
            transcript = self._transcript(task)
            for frame in frames:
                self._table.tracker.apply(frame)
                if transcript is not None:
                    transcript.add(frame)
            if track.final and transcript is not None:
                transcript.ended(task)
            return True

    def forget(self, tasks: Iterable[TaskId]) -> None:
        """Nobody asks for these any more."""
        with self._table.lock:
            for task in tasks:
                self._fetching.pop(task, None)
                self._retold.discard(task)
                self._known_again.discard(task)


def _has_output(hit: ActionResult | None) -> bool:
    """Had the task put out anything when it ran? If that is not known: perhaps."""
    return hit is None or hit.transcript is not None


def _is_told(frame: Frame, told: Sequence[Frame]) -> bool:
    """Was it among those that were fetched before the feed told of it?"""
    last = told[-1] if told else None
    if last is None or "reset" in (last.kind, frame.kind):
        return False
    return last.attempt == frame.attempt and frame.seq <= last.seq


def _last(report: TaskReport) -> int:
    return report.story[-1].seq if report.story else 0


def _story(report: TaskReport, *, whole: bool) -> Sequence[Change]:
    """The changes that lead from nothing to what is reported."""
    story = report.story
    if story and whole and story[0].old is None and story[-1].new is report.state:
        first = story[0]
        return [first._replace(detail={**first.detail, "task": report.task}), *story[1:]]
    detail: dict[str, Any] = {"task": report.task}
    for change in story:
        detail.update(change.detail)
    if report.error is not None:
        detail["error"] = report.error
    if report.hit is not None:
        detail["hit"] = report.hit
    if report.root:
        detail["root"] = report.root
    last = story[-1] if story else Change(0, 0.0, report.task.id, None, report.state, "restored")
    why = "hit" if report.hit is not None else last.why
    return [last._replace(old=None, new=report.state, why=why, detail=detail)]
