"""What tasks put out, per attempt, and which attempt's output counts.

Watchers see one stream per task: that of the attempt that counts now. When another one takes
over (a retry, or a clone whose result was accepted), a frame of kind ``reset`` says that what
was shown is void, and the frames that count follow.
"""

from __future__ import annotations

import json
import mmap
import time
from collections.abc import Iterable

from ..core.model import Frame, Progress
from ..exceptions import Undecodable, UsageError
from ..store import Encoded
from ..store.digests import Buffer
from .feed import Feed
from .records import Record
from .wire import RawFrame

CACHED = 0
"""The attempt that stands for output from the cache; real ones count from 1."""


class Transcripts:
    """Frames and progress on their way from workers to records and watchers."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def add(self, record: Record, attempt: int, frames: Iterable[RawFrame]) -> None:
        """An attempt has put out something."""
        if record.frames is None:
            record.frames = {}
        kept = record.frames.setdefault(attempt, [])
        new = _frames(record, attempt, len(kept), frames)
        kept.extend(new)
        if attempt == record.attempt and self._feed.active:
            self._feed.publish(new)

    def progress(self, record: Record, progress: Progress) -> None:
        """An attempt has said how far it is."""
        if progress.attempt == record.attempt:
            record.progress = progress
            if self._feed.active:
                self._feed.publish([progress])

    def show(self, record: Record, attempt: int) -> None:
        """From now on the output of this attempt counts."""
        if record.attempt == attempt:
            return
        frames = record.frames
        shown = frames.get(record.attempt) if frames else None
        record.attempt = attempt
        if frames and self._feed.active:
            kept = frames.get(attempt, [])
            if shown:
                reset = Frame(record.task.id, attempt, 0, "reset", {}, time.time())
                kept = [reset, *kept]
            self._feed.publish(kept)

    def show_cached(self, record: Record, frames: Iterable[RawFrame]) -> None:
        """A hit: what counts is what the task put out when it ran."""
        kept = _frames(record, CACHED, 0, frames)
        record.frames = {**(record.frames or {}), CACHED: kept}
        if record.attempt != CACHED:
            self.show(record, CACHED)
        elif self._feed.active:
            self._feed.publish(kept)

    def accept(self, record: Record, attempt: int | None) -> None:
        """The task is done; None: by a hit. Output of other attempts is dropped."""
        if attempt is not None:
            self.show(record, attempt)
        if record.frames:
            record.frames = {record.attempt: record.frames.get(record.attempt, [])}


def encode(frames: Iterable[Frame]) -> Encoded:
    """The output of a run as the cache keeps it: JSON, which no reader has to trust.

    :raises UsageError: something in it is no JSON.
    """
    kept = [(frame.kind, frame.data, frame.at) for frame in frames]
    try:
        text = json.dumps(kept, separators=(",", ":"), ensure_ascii=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"an output frame cannot be kept: {error}") from error
    return Encoded.of_bytes(text.encode("utf-8", "surrogatepass"))


def decode(buffer: Buffer | mmap.mmap) -> list[RawFrame]:
    """:raises Undecodable: damaged, or of an earlier version."""
    try:
        frames = json.loads(bytes(buffer).decode("utf-8", "surrogatepass"))
        return [(kind, data, at) for kind, data, at in frames]
    except (ValueError, TypeError) as error:
        raise Undecodable("it was kept by another version, or is damaged") from error


def _frames(record: Record, attempt: int, first: int, frames: Iterable[RawFrame]) -> list[Frame]:
    return [
        Frame(record.task.id, attempt, first + index, kind, data, at)
        for index, (kind, data, at) in enumerate(frames)
    ]
