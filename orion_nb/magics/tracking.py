"""What the session's feed says of each task, reduced to what the notebook needs.

Pure: a reducer over `Change`, `Frame` and `Progress`. Times are on the feed's own clock.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from orion_nb.core.commands import Change
from orion_nb.core.model import Frame, Progress, TaskError, TaskId, TaskState


ACCEPTED = "accepted by hand"
"""Origin of a result that `Session.accept` has recorded."""


@dataclass(slots=True)
class Track:
    """One task as the feed has told it so far."""

    id: TaskId
    state: TaskState = TaskState.WAITING
    why: str = ""
    worker: str = ""
    started: float | None = None  # of the attempt that runs, or ran last
    ended: float | None = None
    attempts: int = 0
    hit: bool = False
    accepted: bool = False  # what the cache had was computed by other code, and taken on request
    clone: bool = False  # a second attempt has run
    saved: float | None = None  # seconds that the clone won by
    duration: float | None = None  # of the accepted attempt, or of the one that filled the cache
    root: TaskId = ""  # whose failure this is
    error: TaskError | None = None
    progress: Progress | None = None
    frames: list[Frame] | tuple[()] = ()  # a list once there are any

    @property
    def final(self) -> bool:
        return self.state.final

    @property
    def done(self) -> bool:
        return self.state is TaskState.DONE

    def elapsed(self, now: float) -> float | None:
        """Seconds that the current or last attempt has run."""
        if self.duration is not None:
            return self.duration
        if self.started is None:
            return None
        return max(0.0, (self.ended if self.ended is not None else now) - self.started)


class Tracker:
    """All tasks of a feed. Not thread-safe: its owner holds a lock."""

    def __init__(self) -> None:
        self.tracks: dict[TaskId, Track] = {}

    def __getitem__(self, task: TaskId) -> Track:
        return self.tracks[task]

    def get(self, task: TaskId) -> Track:
        """The track of a task; a new one when the feed has not mentioned it yet."""
        track = self.tracks.get(task)
        if track is None:
            track = self.tracks[task] = Track(task)
        return track

    def forget(self, tasks: Iterable[TaskId]) -> None:
        for task in tasks:
            self.tracks.pop(task, None)

    def apply(self, item: Any) -> TaskId | None:
        """Take one item; returns the task that it is about."""
        if isinstance(item, Change):
            self._change(item)
        elif isinstance(item, Frame):
            self._frame(item)
        elif isinstance(item, Progress):
            self.get(item.task).progress = item
        else:
            return None
        task: TaskId = item.task
        return task

    def _change(self, change: Change) -> None:
        track = self.get(change.task)
        track.state, track.why = change.new, change.why
        detail = change.detail
        if change.worker:
            track.worker = change.worker
        track.attempts = max(track.attempts, change.attempt)
        match change.why:
            case "started" | "dispatched":
                # A task that is too short for `started` has only been dispatched.
                if change.why == "started" or track.started is None:
                    track.started = change.at
                track.ended = None
            case "cloned":
                track.clone = True
            case "hit":
                track.hit = True
                if "hit" in detail:
                    track.duration = detail["hit"].duration
                    track.accepted = detail["hit"].origin == ACCEPTED
            case "retried" | "recompute" | "retry-now" | "retry-later":
                track.started = track.ended = track.duration = None
                track.hit = track.clone = track.accepted = False
                track.progress = None
        if "error" in detail:
            track.error = detail["error"]
        track.root = detail.get("root", track.root)
        track.saved = detail.get("saved", track.saved)
        if change.new.final:
            track.ended = change.at
            track.duration = detail.get("duration", track.duration)

    def _frame(self, frame: Frame) -> None:
        track = self.get(frame.task)
        if not track.frames or frame.kind == "reset":
            track.frames = [frame]
        else:
            track.frames.append(frame)
