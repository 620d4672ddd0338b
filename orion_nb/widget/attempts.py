"""How a change moves the attempts of one card, and with them the bars of the timeline.

An attempt is *dispatched* (it waits at its worker; no bar yet), *started* (its bar grows)
and *ended*. A very short one may end without having been seen to start.
"""

from __future__ import annotations

from sys import intern

from ..core.commands import Change
from ..core.model import TaskError, TaskState
from .cards import Attempt, Card
from .spans import Spans

_OUTCOME = {
    TaskState.DONE: "done",
    TaskState.BACKOFF: "failed",
    TaskState.FAILED: "failed",
    TaskState.CANCELLED: "cancelled",
}
"""Of the attempts that are open when a task leaves RUNNING; otherwise they were moved."""


def while_running(card: Card, change: Change, spans: Spans, rev: int) -> None:
    """An attempt was dispatched, cloned or started, or one of two ended."""
    course = card.own_course()
    attempt = next((a for a in course.running() if a.number == change.attempt), None)
    if change.why == "attempt-failed":
        if attempt is not None:
            _end(card, attempt, change, "failed", spans, rev)
    elif attempt is not None:
        _start(attempt, change, spans, rev)
    else:
        clone = change.why == "cloned" or bool(course.running())
        attempt = Attempt(change.attempt, intern(change.worker), change.at, clone=clone)
        course.attempts.append(attempt)
        if change.why == "started":
            _start(attempt, change, spans, rev)
    lead = min(course.running(), key=lambda a: a.clone, default=None)
    if lead is None:
        return
    if lead.begun and course.since != lead.start:
        course.progress = None
    course.since, card.worker = (lead.start if lead.begun else None), lead.worker


def leave_running(card: Card, change: Change, spans: Spans, rev: int) -> Attempt | None:
    """The task leaves RUNNING: its open attempts end. The accepted one, when it is done."""
    outcome, accepted = _OUTCOME.get(change.new, "moved"), None
    for attempt in card.course.running():
        mine = not change.attempt or attempt.number == change.attempt
        if outcome != "done":
            _end(card, attempt, change, outcome, spans, rev)
        elif mine and accepted is None:
            if not attempt.begun:
                attempt.start = change.at - float(change.detail.get("duration") or 0.0)
                _begin(card.id, attempt, spans, rev)
            _end(card, attempt, change, "won" if attempt.clone else "done", spans, rev)
            accepted = attempt
        else:
            _end(card, attempt, change, "lost", spans, rev)
    return accepted


def _start(attempt: Attempt, change: Change, spans: Spans, rev: int) -> None:
    attempt.start, attempt.worker = change.at, intern(change.worker) or attempt.worker
    _begin(change.task, attempt, spans, rev)


def _begin(task: str, attempt: Attempt, spans: Spans, rev: int) -> None:
    if attempt.begun:
        spans.touch(attempt, rev)
    else:
        attempt.begun = True
        spans.begin(task, attempt, rev)


def _end(
    card: Card, attempt: Attempt, change: Change, outcome: str, spans: Spans, rev: int
) -> None:
    if not attempt.begun:  # taken back before it ran: it leaves no trace
        card.own_course().attempts.remove(attempt)
        return
    error = change.detail.get("error") if outcome == "failed" else None
    attempt.end, attempt.outcome = change.at, outcome
    attempt.error = error if isinstance(error, TaskError) else None
    spans.touch(attempt, rev)
