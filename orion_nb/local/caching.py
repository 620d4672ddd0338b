"""The host's dealings with the action cache and the blob store.

Probes are answered at once, many in one query: an indexed look-up costs less than a hop to
another thread. What may take long has a thread of its own: hits that depend on declared
files (they are read again), and writing results down.
"""

from __future__ import annotations

import getpass
import logging
import os
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..core.action import action_key, components_key, input_components
from ..core.commands import ProbeCache, RecordResult
from ..core.events import CacheAnswered
from ..core.model import VALUE, ActionResult, Component, Digest, KeyRecipe, Output, TaskId
from ..exceptions import OrionError, StoreError
from ..store import INLINE_LIMIT, ActionCache, CasStore, Probe, Record, paths
from . import transcripts
from .foresight import Foresight
from .records import Record as TaskRecord
from .wire import RawFrame

log = logging.getLogger(__name__)

_PLAIN = (int, float, complex, str, bytes, bool, type(None))

Frames = Sequence[RawFrame]
Answered = Callable[[ProbeCache, CacheAnswered, Frames], None]


def _nothing() -> None:
    """The job when there is none."""


class CacheDesk:
    """One per runtime; made cheap: directories and files are opened when they are needed."""

    def __init__(self, cache_dir: Path, limit: int | None, session: str) -> None:
        self.cache_dir = cache_dir
        self.limit = limit
        self.started = time.time()
        self._session = session
        self._blobs: CasStore | None = None
        self._cache: ActionCache | None = None
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[Callable[[], None] | Record | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._unwritten: dict[Digest, Record] = {}  # results on their way into the cache
        self._origin = ""
        self._foresight = Foresight(
            lambda: self.cache, lambda keys: self._enqueue(lambda: self.cache.used(keys))
        )
        self.news: Callable[[], None] = lambda: None
        """Called on the desk's thread after it has answered something."""

    @property
    def blobs(self) -> CasStore:
        """:raises StoreError: the directory cannot be used."""
        with self._lock:
            if self._blobs is None:
                self._blobs = CasStore(
                    paths.blobs_dir(self.cache_dir), limit=self.limit, trust_since=self.started
                )
            return self._blobs

    @property
    def cache(self) -> ActionCache:
        """:raises StoreError: the directory cannot be used."""
        blobs = self.blobs
        with self._lock:
            if self._cache is None:
                self._cache = ActionCache(
                    paths.actions_file(self.cache_dir), blobs, file_check=_file_check
                )
            return self._cache

    def pin(self, digest: Digest) -> bool:
        """Keep a large value while its task is known; False if it is gone already."""
        try:
            return self.blobs.pin(digest)
        except StoreError as error:
            log.warning("a result cannot be protected from eviction: %s", error)
            return False

    def unpin(self, digest: Digest) -> None:
        try:
            self.blobs.unpin(digest)
        except StoreError as error:
            log.warning("a pin cannot be removed: %s", error)

    def drop(self, digest: Digest) -> None:
        """Unpin a large value that no cached task made, and delete it soon unless somebody else
        needs it: else a loop over large results would fill the disk up to the cache's limit, and
        push out what is worth keeping."""
        self.unpin(digest)

        def later() -> None:
            if not self.cache.refers_to(digest):
                self.blobs.discard(digest)

        self._enqueue(later)

    @staticmethod
    def given(key: Digest, output: Output) -> ActionResult:
        """The answer for a task that is nothing but a value."""
        return ActionResult(key, {VALUE: output}, 0.0)

    # -- probes -------------------------------------------------------------------------------

    def probe(
        self,
        commands: Sequence[ProbeCache],
        records: Mapping[TaskId, TaskRecord],
        answered: Answered,
    ) -> None:
        """Answer each command, now or soon. Small values of hits go into the records."""
        quick: list[tuple[ProbeCache, TaskRecord]] = []
        slow: list[tuple[ProbeCache, TaskRecord]] = []
        for command in commands:
            record = records[command.task]
            recipe = record.task.recipe
            has_files = recipe is not None and any(c.kind == "file" for c in recipe.components)
            (slow if has_files else quick).append((command, record))
        if quick:
            self._answer(quick, answered)
        if slow:

            def later() -> None:
                self._answer(slow, answered)
                self.news()

            self._enqueue(later)

    def whole_hit(
        self,
        name: str,
        recipe: KeyRecipe,
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        outputs: tuple[str, ...],
    ) -> Probe | None:
        """Ask before the task is even submitted, if that can be quick. None: not a hit, or not with
        all of its values at hand; the machine will ask again."""
        if kwargs:
            return None
        for arg in args:
            if type(arg) not in _PLAIN:
                return None  # there may be inputs in it
        for component in recipe.components:
            if component[0] == "file":
                return None
        key = action_key(recipe)
        ahead = self._foresight.get(key)
        if ahead is not None:
            return ahead
        try:
            probe = self._look_up([key])[key]
            if probe.result is not None:
                self._foresight.asked(name, probe.result.created)
        except OrionError as error:
            log.warning("the cache cannot be asked: %s", error)
            return None
        result, inline = probe.result, probe.inline
        if result is None:
            return None
        for name in outputs:
            output = result.outputs.get(name)
            if output is None or output.digest not in inline:
                return None
        return probe

    def _answer(self, asked: Sequence[tuple[ProbeCache, TaskRecord]], answered: Answered) -> None:
        try:
            found = self._look_up([command.key for command, _ in asked])
        except OrionError as error:
            found = {command.key: Probe(None, str(error)) for command, _ in asked}
        for command, record in asked:
            probe = found[command.key]
            frames: Frames = ()
            result = probe.result
            if result is not None:
                record.inline.update(probe.inline)
                frames = self.transcript(result, probe.inline)
            answer = CacheAnswered(time.monotonic(), command.task, result, probe.why)
            answered(command, answer, frames)

    def _look_up(self, keys: Sequence[Digest]) -> dict[Digest, Probe]:
        unwritten = self._unwritten
        found: dict[Digest, Probe] = {}
        for key in keys:
            waiting = unwritten.get(key) if unwritten else None
            if waiting is not None:
                found[key] = Probe(waiting.result, "", waiting.inline)
        missing = [key for key in keys if key not in found]
        if missing:
            found.update(self.cache.probe_many(missing))
        return found

    def transcript(self, result: ActionResult, inline: Mapping[Digest, bytes]) -> Frames:
        digest = result.transcript
        if digest is None:
            return ()
        try:
            data = inline.get(digest)
            return transcripts.decode(data if data is not None else self.blobs.open(digest).buffer)
        except OrionError as error:
            return (
                ("stream", {"name": "stderr", "text": f"(its output is lost: {error})\n"}, 0.0),
            )

    # -- results ------------------------------------------------------------------------------

    def record(
        self,
        command: RecordResult,
        record: TaskRecord,
        inputs: Sequence[tuple[str, Digest]],
    ) -> None:
        """Write the result down, soon.

        :param inputs: (binding, digest) of what it was computed from: kept with the key, so that
            people can be told later which input has changed.
        """
        task = record.task
        inline = {
            output.digest: record.inline[output.digest]
            for output in command.outputs.values()
            if output.digest in record.inline
        }
        frames = record.frames.get(command.attempt) if record.frames else None
        result = ActionResult(
            command.key, command.outputs, command.duration, None, self._who(), time.time()
        )
        components = task.recipe.components if task.recipe is not None else ()
        with_inputs = (*components, *input_components(inputs))
        if components_key(with_inputs) == command.key:  # else an input was made anew meanwhile
            components = with_inputs
        noted = Record(result, task.name, task.group, components, inline)
        if frames:
            try:
                encoded = transcripts.encode(frames)
                digest = encoded.digest
                if encoded.size <= INLINE_LIMIT:
                    noted = noted._replace(inline={**inline, digest: encoded.to_bytes()})
                else:
                    self.blobs.put(encoded)
                noted = noted._replace(result=result._replace(transcript=digest))
            except OrionError as error:
                log.warning("the output of %s is not kept: %s", task.name, error)
        if any(component.kind == "file" for component in components):
            self._enqueue(lambda: self._write_if_unchanged(noted))
            return
        self._unwritten[command.key] = noted
        self._enqueue(noted)

    def _write_if_unchanged(self, noted: Record) -> None:
        """A file that changed between the submission and the end may have been read in either
        state: under its earlier content this result would be wrong."""
        for component in noted.components:
            why = _file_check(component) if component.kind == "file" else ""
            if why:
                log.warning("the result of %s is not remembered: %s while it ran", noted.name, why)
                return
        self._write([noted])

    def _who(self) -> str:
        if not self._origin:
            try:
                user = getpass.getuser()
            except (KeyError, OSError, ImportError):
                user = "?"
            where = f" · {self._session}" if self._session else ""
            self._origin = f"{user}@{socket.gethostname()} pid {os.getpid()}{where}"
        return self._origin

    # -- the desk's thread --------------------------------------------------------------------

    def _enqueue(self, job: Callable[[], None] | Record) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="orion-cache", daemon=True)
            self._thread.start()
        self._jobs.put(job)

    def _run(self) -> None:
        while True:
            job = self._jobs.get()
            batch: list[Record] = []
            while isinstance(job, Record):  # many results make one transaction
                batch.append(job)
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    job = _nothing
            if batch:
                self._write(batch)
            if job is None:
                return
            try:
                job()
            except OrionError:
                log.exception("the cache could not answer")

    def _write(self, batch: Sequence[Record]) -> None:
        try:
            for noted in batch:
                self.cache.observe(noted.group, noted.result.duration)
            self.cache.record_many(batch)
        except StoreError as error:
            log.warning("%d results are not remembered: %s", len(batch), error)
        for noted in batch:
            # A newer result under the same key may be on its way already.
            if self._unwritten.get(noted.result.key) is noted:
                del self._unwritten[noted.result.key]

    def flush(self, timeout: float | None = 30.0) -> None:
        """Wait until everything noted so far is written."""
        if self._thread is not None and self._thread.is_alive():
            done = threading.Event()
            self._jobs.put(done.set)
            done.wait(timeout)

    def close(self) -> None:
        self._foresight.note_uses()
        self.flush()
        if self._thread is not None:
            self._jobs.put(None)
            self._thread.join(30)
            self._thread = None
        if self._cache is not None:
            self._cache.close()
        if self._blobs is not None:
            self._blobs.close()  # else files to be written over would lie there until the next run


def _file_check(component: Component) -> str:
    from ..keys import changed_files  # many modules, and few caches need them

    changed = changed_files((component,))
    return f"the input file {changed[0]} changed" if changed else ""
