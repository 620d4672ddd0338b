"""The outlook of a view: its boxes as jobs, from recorded durations and what runs now. Pure.

What is not known is not made up: a task of a group that never ran counts as unknown, and a
graph of mostly such tasks has no outlook.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from .boxes import Boxes
from .cards import Card
from .outlook import Job, longest, simulate
from .piles import Pile

_SHORTEST = 0.5  # seconds: less is over before it is read
_OVERRUN = 0.1
"""Share of its elapsed time that a task is thought to take on when it took longer than usual."""


def ahead(boxes: Boxes, now: float, workers: int) -> dict[str, Any]:
    """Of a run that goes on: ``end`` (on the feed's clock), ``least`` if the end is at least then,
    ``path`` (boxes). Empty: nothing is known well enough.

    :param workers: how many tasks run at a time.
    """
    ids, jobs, unknown = _jobs(boxes, now)
    open_tasks = sum(job.tasks + len(job.running) for job in jobs)
    if not open_tasks or unknown * 2 > open_tasks:
        return {}
    rest = simulate(jobs, workers)
    if rest.seconds < _SHORTEST:
        return {}
    found: dict[str, Any] = {"end": round(now + rest.seconds, 2)}
    if unknown:
        found["least"] = True
    lengths = [
        max([0.0, *job.running]) + -(-job.tasks // max(1, workers)) * job.seconds
        if job.open
        else job.seconds
        for job in jobs
    ]
    _, path = longest(jobs, lengths)
    return found | _path(ids, path)


def behind(boxes: Boxes) -> dict[str, Any]:
    """Of a finished run: ``path`` (boxes) and its ``length`` in seconds. Empty if nothing was
    computed, or if there was only one way through."""
    ids, jobs, _ = _jobs(boxes, 0.0)
    seconds, path = longest(jobs, [job.seconds for job in jobs])
    found = _path(ids, path)
    return found | {"length": round(seconds, 3)} if found and seconds > 0 else {}


def _path(ids: list[str], path: list[int]) -> dict[str, Any]:
    """A path that is all there is tells nothing."""
    return {"path": [ids[n] for n in path]} if 1 < len(path) < len(ids) else {}


def _jobs(boxes: Boxes, now: float) -> tuple[list[str], list[Job], int]:
    """The boxes, each as a job, and how many open tasks nobody knows the time of."""
    ids, edges = boxes.shape()
    number = {box: n for n, box in enumerate(ids)}
    needs: list[list[int]] = [[] for _ in ids]
    for tail, head in edges:
        needs[number[head]].append(number[tail])
    jobs, unknown = [], 0
    for box, before in zip(ids, needs, strict=True):
        card = boxes.cards.get(box)
        pile = boxes.piles[box.removeprefix("group:") if card is None else card.group]
        usual = _usual(pile)
        if card is None:
            left = len(pile.members) - pile.finished
            members = [boxes.cards[task] for task in pile.running]
            taken = (pile.ended or 0.0) - (pile.since or pile.ended or 0.0)
        else:
            left = 0 if card.state.final else 1
            members = [card] if card.id in pile.running else []
            taken = 0.0 if card.hit else card.duration or 0.0
        if not left:
            jobs.append(Job(taken, needs=tuple(before)))
            continue
        running = tuple(_left(member, usual, now) for member in members)
        if usual is None:
            unknown += left - sum(_reports(member) for member in members)
        jobs.append(Job(usual or 0.0, left - len(running), running, tuple(before)))
    return ids, jobs, unknown


def _usual(pile: Pile) -> float | None:
    """Seconds that a task of the pile will take; None: nobody knows."""
    if pile.hits and not pile.computed:
        return 0.0  # where all were hits, the others will be
    return pile.estimate


def _reports(card: Card) -> bool:
    progress = card.course.progress
    return progress is not None and progress[0] > 0


def _left(card: Card, usual: float | None, now: float) -> float:
    """Seconds that a running task has left: as it reports itself, or as others took."""
    course = card.course
    if course.since is None:
        return usual or 0.0  # at its worker, but not begun
    elapsed = max(0.0, now - course.since)
    if course.progress is not None and course.progress[0] > 0:
        done, total, _ = course.progress
        return elapsed * max(0.0, total - done) / done
    if usual is None:
        return 0.0
    return max(usual - elapsed, elapsed * _OVERRUN)


def edges_of(path: Iterable[str]) -> set[tuple[str, str]]:
    """The edges along a path."""
    return set(pairwise(path))
