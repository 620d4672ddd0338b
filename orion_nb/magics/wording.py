"""The state of task cells in words: the line under a cell, the rows of `%orion status`. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from orion_nb.core.model import TaskState
from orion_nb.widget.format import span

from .tables import cut
from .tracking import Track

S = TaskState


class Words(NamedTuple):
    """What is said of one cell: an icon, a colour that repeats it, and words."""

    icon: str
    colour: str
    text: str
    state: str  # of all its tasks together; one word for programs


_LOOKS = {
    "waiting": ("◌", "#8a8f98"),
    "queued": ("◔", "#8a8f98"),
    "running": ("▶", "#1f77d0"),
    "backoff": ("↻", "#c77700"),
    "done": ("✓", "#2e8b3d"),
    "hit": ("⚡", "#2e8b3d"),
    "failed": ("✗", "#d03b3b"),
    "upstream_failed": ("⊘", "#d03b3b"),
    "cancelled": ("■", "#8a8f98"),
    "stale": ("◇", "#c77700"),
    "empty": ("✓", "#2e8b3d"),
}

_OPEN_OR_BAD = (
    "running", "queued", "waiting", "backoff", "failed", "upstream_failed", "cancelled",
)  # fmt: skip

_STATE_WORD = {
    S.WAITING: "waiting",
    S.PROBING: "queued",
    S.READY: "queued",
    S.RUNNING: "running",
    S.BACKOFF: "backoff",
    S.DONE: "done",
    S.FAILED: "failed",
    S.UPSTREAM_FAILED: "upstream_failed",
    S.CANCELLED: "cancelled",
}


def seconds(value: float | None) -> str:
    """A duration as the graph says it, too; at least 1 ms, and nothing if it is not known."""
    return "" if value is None else span(max(value, 0.001))


def size(value: float) -> str:
    """Bytes as people say them."""
    for unit in ("B", "KB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{value:.0f} {unit}" if unit == "B" else f"{value:.1f} {unit}"
        value /= 1000
    raise AssertionError


def word_of(track: Track) -> str:
    """The state of one task in one word; a hit is told from a computed result."""
    return "hit" if track.state is S.DONE and track.hit else _STATE_WORD[track.state]


def words_for(
    tracks: Sequence[Track],
    now: float,
    *,
    waits_for: str = "",
    stale: str = "",
    again: bool = False,
    blames: str = "",
) -> Words:
    """What is said of a cell with these tasks.

    :param now: on the feed's clock.
    :param waits_for: what the tasks wait for, for people.
    :param stale: why the result is out of date; empty when it is not.
    :param blames: the cell whose failure kept it from running.
    :param again: the cell was executed again unchanged and nothing had to be done.
    """
    words = (
        _one(tracks[0], now, waits_for, again, blames) if len(tracks) == 1 else _many(tracks, now)
    )
    if stale:
        icon, colour = _LOOKS["stale"]
        return Words(icon, colour, f"stale: {stale} · %orion run brings it up to date", "stale")
    return words


def _one(track: Track, now: float, waits_for: str, again: bool, blames: str) -> Words:
    word = word_of(track)
    icon, colour = _LOOKS[word]
    took = seconds(track.elapsed(now))
    match word:
        case "waiting":
            text = f"waiting for {waits_for}" if waits_for else "waiting"
        case "queued":
            text = "queued"
        case "running":
            text = _running(track, took)
        case "backoff":
            text = f"attempt {track.attempts} failed; tries again soon"
        case "done":
            text = f"done in {took}" + (
                f" by attempt {track.attempts}" if track.attempts > 1 else ""
            )
            if track.clone and track.saved:
                text += f" · the clone won, {seconds(track.saved)} saved"
        case "hit":
            saved = f" · {took} saved" if track.duration else ""
            text = f"cache hit{saved}" + (" · output replayed" if track.frames else "")
        case "failed":
            text = f"failed: {one_line(track)}"
        case "upstream_failed":
            text = f"not run: {blames} failed" if blames else f"not run: {one_line(track)}"
        case _:
            text = "cancelled"
    if again and word in ("done", "hit"):
        text = f"unchanged, already done · {took}" + (" · output replayed" if track.frames else "")
    return Words(icon, colour, text, word)


def _running(track: Track, took: str) -> str:
    # The first second is not worth a flickering number.
    text = (
        f"running {took}" if took and not took.startswith("0.") and "ms" not in took else "running"
    )
    if track.worker:
        text += f" · {track.worker}"
    if track.attempts > 1 and not track.clone:
        text += f" · attempt {track.attempts}"
    if track.clone:
        text += " · a clone races it"
    if track.progress is not None and track.progress.total:
        text += f" · {100 * track.progress.done / track.progress.total:.0f} %"
        if track.progress.message:
            text += f" {track.progress.message}"
    return text


def _many(tracks: Sequence[Track], now: float) -> Words:
    if not tracks:
        return Words(*_LOOKS["empty"], "no items: done", "done")
    count = Counter(word_of(track) for track in tracks)
    total = len(tracks)
    ended = count["done"] + count["hit"]
    parts = [f"{ended}/{total} done"]
    if count["hit"]:
        parts.append(f"{count['hit']} cache hit{'s' if count['hit'] > 1 else ''}")
    parts += [
        f"{count[word]} {'not run' if word == 'upstream_failed' else word}"
        for word in _OPEN_OR_BAD
        if count[word]
    ]
    first_failure = next((track for track in tracks if track.state is S.FAILED), None)
    if first_failure is not None:
        parts.append(one_line(first_failure))
    for word in ("failed", "upstream_failed", "cancelled"):
        if count[word] and not any(not track.final for track in tracks):
            return Words(*_LOOKS[word], " · ".join(parts), word)
    for word in ("running", "backoff", "queued", "waiting"):
        if count[word]:
            return Words(*_LOOKS[word], " · ".join(parts), word)
    begun = [track.started for track in tracks if track.started is not None]
    over = [track.ended for track in tracks if track.ended is not None]
    if begun and over:
        parts.append(f"in {seconds(max(over) - min(begun))}")
    word = "hit" if count["hit"] == total else "done"
    return Words(*_LOOKS[word], " · ".join(parts), word)


def one_line(track: Track) -> str:
    """Why a task failed, in one line."""
    error = track.error
    if error is None:
        return track.why
    text = f"{error.type}: {error.message}" if error.type else error.message
    text = text.strip().splitlines()[0] if text.strip() else error.kind
    return cut(text, 100)
