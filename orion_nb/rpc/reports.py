"""What is told of tasks, the cache and the runtime, as messages: `core.reports` and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..core.reports import (
    CacheEntry,
    CacheReport,
    KeyUse,
    RuntimeReport,
    SessionReport,
    TaskReport,
    WorkerReport,
)
from .events import (
    change_from,
    error_from,
    error_message,
    outputs_from,
    result_from,
    result_message,
    write_change,
    write_outputs,
)
from .generated import runtime_pb2 as pb
from .tables import (
    STATE,
    STATES,
    Malformed,
    TableReader,
    TableWriter,
    clean,
    component_message,
    components_from,
)


def task_reports(reports: Iterable[TaskReport]) -> pb.TaskReports:
    tables = TableWriter()
    message = pb.TaskReports()
    for report in reports:
        into = message.reports.add(
            state=STATE[report.state], key=report.key or "", root=report.root
        )
        tables.task(report.task, into.task)
        write_outputs(report.outputs, into.outputs)
        if report.error is not None:
            into.error.CopyFrom(error_message(report.error))
        if report.hit is not None:
            into.hit.CopyFrom(result_message(report.hit))
        for change in report.story:
            write_change(change, into.story.add(), tables)
    message.tables.CopyFrom(tables.tables)
    return message


def task_reports_from(message: pb.TaskReports) -> list[TaskReport]:
    tables = TableReader(message.tables)
    return [_task_report(report, tables) for report in message.reports]


def _task_report(message: pb.TaskReport, tables: TableReader) -> TaskReport:
    state = STATES.get(message.state)
    if state is None:
        raise Malformed(f"a report of {message.task.id!r} in no known state")
    return TaskReport(
        task=tables.task(message.task),
        state=state,
        key=message.key or None,
        outputs=outputs_from(message.outputs),
        error=error_from(message.error) if message.HasField("error") else None,
        hit=result_from(message.hit) if message.HasField("hit") else None,
        root=message.root,
        story=tuple([change_from(change, tables) for change in message.story]),
    )


def key_uses(uses: Iterable[KeyUse]) -> pb.KeyUses:
    message = pb.KeyUses()
    for key, components, at in uses:
        parts = [component_message(component) for component in components]
        message.uses.add(key=key, components=parts, at=at)
    return message


def key_uses_from(message: pb.KeyUses) -> tuple[KeyUse, ...]:
    return tuple([KeyUse(use.key, components_from(use.components), use.at) for use in message.uses])


def cache_state(report: CacheReport) -> pb.CacheState:
    return pb.CacheState(
        entries=report.entries, bytes=report.bytes, limit=report.limit, path=clean(report.path)
    )


def cache_state_from(message: pb.CacheState) -> CacheReport:
    limit = message.limit if message.HasField("limit") else None
    return CacheReport(message.entries, message.bytes, limit, message.path)


def cache_entries(entries: Iterable[CacheEntry]) -> pb.CacheEntries:
    message = pb.CacheEntries()
    for key, name, size, duration, created in entries:
        message.entries.add(
            key=key, name=clean(name), bytes=size, duration=duration, created=created
        )
    return message


def cache_entries_from(message: pb.CacheEntries) -> list[CacheEntry]:
    return [
        CacheEntry(entry.key, entry.name, entry.bytes, entry.duration, entry.created)
        for entry in message.entries
    ]


def worker_states(workers: Iterable[WorkerReport]) -> list[pb.WorkerState]:
    return [pb.WorkerState(id=id, kind=kind, task=task) for id, kind, task in workers]


def workers_from(messages: Iterable[pb.WorkerState]) -> list[WorkerReport]:
    return [WorkerReport(message.id, message.kind, message.task) for message in messages]


def runtime_state(report: RuntimeReport) -> pb.RuntimeState:
    return pb.RuntimeState(
        kind=report.kind,
        pid=report.pid,
        version=report.version,
        python=report.python,
        started=report.started,
        cache=clean(report.cache),
        log=clean(report.log),
        workers=worker_states(report.workers),
        events=[clean(event) for event in report.events],
        sessions=_session_states(report.sessions),
    )


def _session_states(sessions: Sequence[SessionReport]) -> list[pb.SessionState]:
    return [
        pb.SessionState(
            name=clean(each.name),
            connected=each.connected,
            waiting=each.waiting,
            running=each.running,
            done=each.done,
            failed=each.failed,
        )
        for each in sessions
    ]


def runtime_state_from(message: pb.RuntimeState) -> RuntimeReport:
    return RuntimeReport(
        kind=message.kind,
        pid=message.pid,
        version=message.version,
        python=message.python,
        started=message.started,
        cache=message.cache,
        log=message.log,
        workers=tuple(workers_from(message.workers)),
        events=tuple(message.events),
        sessions=tuple(
            [
                SessionReport(
                    each.name,
                    each.connected,
                    each.waiting,
                    each.running,
                    each.done,
                    each.failed,
                )
                for each in message.sessions
            ]
        ),
    )
