"""Answers what clients ask beside their stream: one method per question of the service."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

from ..core.model import VALUE, ObjectRef, TaskId
from ..core.reports import RuntimeReport
from ..exceptions import UnknownDependency, UsageError
from ..local import answers
from ..local.environment import environment
from ..local.runtime import Runtime
from ..rpc import reports
from ..rpc.events import error_message, result_message, write_change, write_frame
from ..rpc.generated import runtime_pb2, stream_pb2, tasks_pb2
from ..rpc.limits import FULL, NAME, NOTE, NOTES
from ..rpc.serving import Caller
from ..rpc.tables import STATE, TableWriter, components_from
from .keeping import Keeping

REPORTS = 100
"""Tasks per message of `Earlier`."""
PATIENCE = 1.0
"""Seconds between two looks whether somebody still waits for a value that is made again."""

_EMPTY = runtime_pb2.Empty()


class Questions:
    """Any thread. What is wrong is raised, and told by `rpc.serving`."""

    def __init__(
        self,
        runtime: Runtime,
        keeping: Keeping,
        tasks_of: Callable[[str | None], list[TaskId]],
        overview: Callable[[], RuntimeReport],
        stop: Callable[[], None],
    ) -> None:
        self._runtime = runtime
        self._keeping = keeping
        self._tasks_of = tasks_of
        self._overview = overview
        self._stop = stop
        self._noting = threading.Lock()
        self._noted: dict[str, set[str]] = {}  # by session: the keys of its notes

    # -- tasks ----------------------------------------------------------------------------------

    def report(self, request: runtime_pb2.TaskName, caller: Caller) -> runtime_pb2.TaskReports:
        report = answers.task_report(self._runtime, request.name)
        return reports.task_reports([report] if report is not None else [])

    def earlier(
        self, request: runtime_pb2.Empty, caller: Caller
    ) -> Iterator[runtime_pb2.TaskReports]:
        tasks = self._tasks_of(caller.session)
        for start in range(0, len(tasks), REPORTS):
            found = [answers.task_report(self._runtime, t) for t in tasks[start : start + REPORTS]]
            yield reports.task_reports([report for report in found if report is not None])

    def frames(
        self, request: runtime_pb2.FramesSince, caller: Caller
    ) -> Iterator[runtime_pb2.FrameBatch]:
        try:
            frames = self._runtime.frames(request.task)
        except UnknownDependency:
            return
        batch, size = runtime_pb2.FrameBatch(), 0
        for frame in frames[request.since :]:
            message = tasks_pb2.Frame()
            write_frame(frame, message)
            size += message.ByteSize()
            if batch.frames and size > FULL:
                yield batch
                batch, size = runtime_pb2.FrameBatch(), message.ByteSize()
            batch.frames.append(message)
        yield batch

    def locate(self, request: runtime_pb2.Wanted, caller: Caller) -> runtime_pb2.Located:
        ref = ObjectRef(request.task, request.output or VALUE)
        while True:
            try:
                output, data = self._runtime.locate(ref, request.lost or None, PATIENCE)
            except TimeoutError:
                if not caller.context.is_active():
                    raise
                continue
            return runtime_pb2.Located(digest=output.digest, size=output.size, data=data)

    def failure(self, request: runtime_pb2.TaskName, caller: Caller) -> runtime_pb2.FailureReport:
        record = self._runtime.record(request.name)
        info = self._runtime.info(request.name)
        message = runtime_pb2.FailureReport(
            name=record.task.name, state=STATE[info.state], exception=record.exception
        )
        if info.error is not None:
            message.error.CopyFrom(error_message(info.error))
        tables = TableWriter()
        for change in self._runtime.story(request.name):
            write_change(change, message.story.add(), tables)
        message.tables.CopyFrom(tables.tables)
        return message

    def call(self, request: runtime_pb2.TaskName, caller: Caller) -> stream_pb2.PackedTask:
        packed = self._runtime.record(request.name).call
        if isinstance(packed, bytes) and packed:
            return stream_pb2.PackedTask(call=packed)
        if isinstance(packed, str):
            return stream_pb2.PackedTask(blob=packed)
        raise UsageError("what this task is called with is not in the runtime")

    def cancel_all(self, request: runtime_pb2.SessionName, caller: Caller) -> runtime_pb2.Empty:
        tasks = [task for task in self._tasks_of(request.name) if not self._is_over(task)]
        if tasks:
            self._runtime.cancel(tasks)
        return _EMPTY

    def _is_over(self, task: TaskId) -> bool:
        try:
            return self._runtime.record(task).state is not None
        except UnknownDependency:
            return True

    def accept(self, request: runtime_pb2.Acceptance, caller: Caller) -> runtime_pb2.Empty:
        components = components_from(request.components)
        answers.accept(self._runtime, request.task, request.key, components, request.name)
        return _EMPTY

    # -- the cache ------------------------------------------------------------------------------

    def probe(self, request: runtime_pb2.Digests, caller: Caller) -> runtime_pb2.ProbeAnswers:
        found = answers.probe(self._runtime, list(request.digests))
        hits = [result_message(result) for result in found.values() if result is not None]
        return runtime_pb2.ProbeAnswers(hits=hits)

    def earlier_keys(self, request: runtime_pb2.TaskName, caller: Caller) -> runtime_pb2.KeyUses:
        return reports.key_uses(answers.earlier_keys(self._runtime, request.name))

    def history(self, request: runtime_pb2.TaskName, caller: Caller) -> runtime_pb2.Seconds:
        return runtime_pb2.Seconds(seconds=answers.history(self._runtime, request.name))

    def cache_report(self, request: runtime_pb2.Empty, caller: Caller) -> runtime_pb2.CacheState:
        return reports.cache_state(answers.cache_report(self._runtime))

    def cache_list(self, request: runtime_pb2.Count, caller: Caller) -> runtime_pb2.CacheEntries:
        count = min(request.count, 10_000)
        return reports.cache_entries(answers.cache_list(self._runtime, count))

    def cache_clear(self, request: runtime_pb2.Empty, caller: Caller) -> runtime_pb2.Count:
        return runtime_pb2.Count(count=answers.cache_clear(self._runtime))

    # -- the runtime ----------------------------------------------------------------------------

    def overview(self, request: runtime_pb2.Empty, caller: Caller) -> runtime_pb2.RuntimeState:
        return reports.runtime_state(self._overview())

    def workers(self, request: runtime_pb2.Empty, caller: Caller) -> runtime_pb2.WorkerStates:
        workers = reports.worker_states(answers.worker_reports(self._runtime))
        return runtime_pb2.WorkerStates(workers=workers)

    def resize(self, request: runtime_pb2.Count, caller: Caller) -> runtime_pb2.Empty:
        self._runtime.resize(request.count)
        return _EMPTY

    def environment(self, request: tasks_pb2.Names, caller: Caller) -> runtime_pb2.Versions:
        return runtime_pb2.Versions(versions=environment(request.names))

    def note(self, request: runtime_pb2.NoteText, caller: Caller) -> runtime_pb2.Empty:
        if not 0 < len(request.key) <= NAME or len(request.data) > NOTE:
            raise UsageError(f"a note has a name, and at most {NOTE:,} bytes")
        data = request.data if request.HasField("data") else None
        with self._noting:
            keys = self._noted.get(caller.session)
            if keys is None:  # read once: a notebook notes every cell that it runs
                keys = self._noted[caller.session] = set(self._keeping.notes(caller.session))
            if data is None:
                keys.discard(request.key)
            elif request.key not in keys:
                if len(keys) >= NOTES:
                    raise UsageError(f"a notebook has at most {NOTES:,} notes")
                keys.add(request.key)
        self._keeping.note(caller.session, request.key, data)
        return _EMPTY

    def notes(self, request: runtime_pb2.Empty, caller: Caller) -> Iterator[runtime_pb2.NoteText]:
        for key, data in self._keeping.notes(caller.session).items():
            yield runtime_pb2.NoteText(key=key, data=data)

    def shutdown(self, request: runtime_pb2.Empty, caller: Caller) -> runtime_pb2.Empty:
        self._stop()
        return _EMPTY

    def handlers(self) -> dict[str, Callable[[Any, Caller], Any]]:
        """By their names in the service."""
        return {
            "Report": self.report,
            "Earlier": self.earlier,
            "Frames": self.frames,
            "Locate": self.locate,
            "Failure": self.failure,
            "Call": self.call,
            "CancelAll": self.cancel_all,
            "Accept": self.accept,
            "Probe": self.probe,
            "EarlierKeys": self.earlier_keys,
            "History": self.history,
            "CacheReport": self.cache_report,
            "CacheList": self.cache_list,
            "CacheClear": self.cache_clear,
            "Overview": self.overview,
            "Workers": self.workers,
            "Resize": self.resize,
            "Environment": self.environment,
            "Note": self.note,
            "Notes": self.notes,
            "Shutdown": self.shutdown,
        }
