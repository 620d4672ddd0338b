"""What the session's feed says of each task, reduced to what the notebook needs.

Pure: a reducer over `Change`, `Frame` and `Progress`. Times are on the feed's own clock.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from typing import Any

from orion_nb.core.commands import Change
from orion_nb.core.model import Frame, Output, Progress, TaskError, TaskId, TaskState

ACCEPTED = "accepted by hand"
"""Origin of a result that `Session.accept` has recorded."""


@dataclass(slots=True)
class Rare:
    """What is known of few tasks only."""

    accepted: bool = False  # what the cache had was computed by other code, and taken on request
    clone: bool = False  # a second attempt has run
    saved: float | None = None  # seconds that the clone won by
    root: TaskId = ""  # whose failure this is
    error: TaskError | None = None
    progress: Progress | None = None
    frames: list[Frame] | tuple[()] = ()  # a list once there are any


WIDE = 1000
"""Tasks of a cell above which less is kept of each."""

_NOTHING = Rare()
_RARELY = ("error", "root", "saved")
"""Facts of a change that are kept."""


@dataclass(slots=True)
class Track:
    """One task as the feed has told it so far. Small: a notebook may have 100,000 of them."""

    id: TaskId
    owner: str = ""  # key of the cell that it belongs to
    state: TaskState = TaskState.WAITING
    why: str = ""
    worker: str = ""
    started: float | None = None  # of the attempt that runs, or ran last
    ended: float | None = None
    duration: float | None = None  # of the accepted attempt, or of the one that filled the cache
    attempts: int = 0
    hit: bool = False
    outputs: Mapping[str, Output] | None = None  # when it is done, unless its cell is wide
    rare: Rare | None = None

    def more(self) -> Rare:
        """To write what few tasks have."""
        if self.rare is None:
            self.rare = Rare()
        return self.rare

    @property
    def accepted(self) -> bool:
        return (self.rare or _NOTHING).accepted

    @property
    def clone(self) -> bool:
        return (self.rare or _NOTHING).clone

    @property
    def saved(self) -> float | None:
        return (self.rare or _NOTHING).saved

    @property
    def root(self) -> TaskId:
        return (self.rare or _NOTHING).root

    @property
    def error(self) -> TaskError | None:
        return (self.rare or _NOTHING).error

    @property
    def progress(self) -> Progress | None:
        return (self.rare or _NOTHING).progress

    @property
    def frames(self) -> Sequence[Frame]:
        return (self.rare or _NOTHING).frames

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
        self.unfinished: Counter[str] = Counter()  # tasks that have not ended, by owner
        self._wide: set[str] = set()

    def __getitem__(self, task: TaskId) -> Track:
        return self.tracks[task]

    def get(self, task: TaskId) -> Track:
        """The track of a task; a new one when the feed has not mentioned it yet."""
        track = self.tracks.get(task)
        if track is None:
            track = self.tracks[task] = Track(task)
            self.unfinished[""] += 1
        return track

    def assign(self, tasks: Sequence[TaskId], owner: str) -> None:
        """From now on these tasks belong to the cell of this key."""
        wide = len(tasks) > WIDE
        if wide:
            self._wide.add(owner)
        else:
            self._wide.discard(owner)
        for task in tasks:
            track = self.get(task)
            if wide:
                track.outputs = None
            if not track.final:
                self.unfinished[track.owner] -= 1
                self.unfinished[owner] += 1
            track.owner = owner

    def forget(self, tasks: Iterable[TaskId]) -> None:
        for task in tasks:
            track = self.tracks.pop(task, None)
            if track is not None and not track.final:
                self.unfinished[track.owner] -= 1

    def apply(self, item: Any) -> TaskId | None:
        """Take one item; returns the task that it is about."""
        if isinstance(item, Change):
            self._change(item)
        elif isinstance(item, Frame):
            self._frame(item)
        elif isinstance(item, Progress):
            self.get(item.task).more().progress = item
        else:
            return None
        task: TaskId = item.task
        return task

    def _change(self, change: Change) -> None:
        track = self.get(change.task)
        if track.final != change.new.final:
            self.unfinished[track.owner] += -1 if change.new.final else 1
        track.state, track.why = change.new, intern(change.why)
        detail = change.detail
        if change.worker:
            track.worker = intern(change.worker)  # what comes by wire is a new text each time
        track.attempts = max(track.attempts, change.attempt)
        match change.why:
            case "started" | "dispatched":
                # A task that is too short for `started` has only been dispatched.
                if change.why == "started" or track.started is None:
                    track.started = change.at
                track.ended = None
            case "cloned":
                track.more().clone = True
            case "hit":
                track.hit = True
                if "hit" in detail:
                    track.duration = detail["hit"].duration
                    if track.owner not in self._wide:
                        track.outputs = detail["hit"].outputs
                    if detail["hit"].origin == ACCEPTED:
                        track.more().accepted = True
            case "retried" | "recompute" | "retry-now" | "retry-later":
                track.started = track.ended = track.duration = track.outputs = None
                track.hit = False
                if track.rare is not None:
                    track.rare.clone = track.rare.accepted = False
                    track.rare.progress = None
        for name in _RARELY:
            if name in detail:
                setattr(track.more(), name, detail[name])
        if change.new is TaskState.DONE and track.owner not in self._wide:
            track.outputs = detail.get("outputs", track.outputs)
        if change.new.final:
            track.ended = change.at
            track.duration = detail.get("duration", track.duration)

    def _frame(self, frame: Frame) -> None:
        track = self.get(frame.task)
        rare = track.more()
        if not isinstance(rare.frames, list) or frame.kind == "reset":
            rare.frames = [frame]
        else:
            rare.frames.append(frame)
