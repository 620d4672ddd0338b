"""What a session asks of a runtime in another process: one question, one answer each."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from orion_nb.core.model import ActionResult, Component, Digest, TaskId
from orion_nb.rpc import reports
from orion_nb.rpc.events import result_from
from orion_nb.rpc.generated import runtime_pb2, tasks_pb2
from orion_nb.rpc.tables import component_message

from .link import Link
from .notes import check_note
from .session import (
    CacheEntry,
    CacheReport,
    KeyUse,
    RuntimeReport,
    TaskReport,
    WorkerReport,
)

_EMPTY = runtime_pb2.Empty()
KEYS = 20_000
"""Digests per message."""


class Questions:
    """The part of `SocketSession` that only asks. Everything raises `RuntimeUnreachable` when there
    is no runtime and none can be started."""

    def __init__(self, link: Link, name: str, is_mine: Callable[[TaskId], bool]) -> None:
        self._asked = link
        self._session = name
        self._is_mine = is_mine

    # -- tasks ----------------------------------------------------------------------------------

    def report(self, task: TaskId) -> TaskReport | None:
        answer = self._asked.ask("Report", runtime_pb2.TaskName(name=task))
        return next(iter(reports.task_reports_from(answer)), None)

    def earlier(self) -> list[TaskReport]:
        return [
            report
            for answer in self._asked.ask_many("Earlier", _EMPTY)
            for report in reports.task_reports_from(answer)
            if not self._is_mine(report.task.id)
        ]

    def cancel_all(self, session: str | None = None) -> None:
        whose = self._session if session is None else session
        self._asked.ask("CancelAll", runtime_pb2.SessionName(name=whose))

    def accept(self, task: TaskId, key: Digest, components: Iterable[Component], name: str) -> None:
        parts = [component_message(component) for component in components]
        acceptance = runtime_pb2.Acceptance(task=task, key=key, components=parts, name=name)
        self._asked.ask("Accept", acceptance)

    # -- the cache ------------------------------------------------------------------------------

    def probe(self, keys: Iterable[Digest]) -> dict[Digest, ActionResult | None]:
        found: dict[Digest, ActionResult | None] = dict.fromkeys(keys)
        wanted = list(found)
        for start in range(0, len(wanted), KEYS):
            request = runtime_pb2.Digests(digests=wanted[start : start + KEYS])
            for hit in self._asked.ask("Probe", request).hits:
                found[hit.key] = result_from(hit)
        return found

    def earlier_keys(self, name: str) -> tuple[KeyUse, ...]:
        answer = self._asked.ask("EarlierKeys", runtime_pb2.TaskName(name=name))
        return reports.key_uses_from(answer)

    def history(self, group: str) -> float | None:
        answer = self._asked.ask("History", runtime_pb2.TaskName(name=group))
        return answer.seconds if answer.HasField("seconds") else None

    def cache_report(self) -> CacheReport:
        return reports.cache_state_from(self._asked.ask("CacheReport", _EMPTY))

    def cache_list(self, limit: int = 20) -> list[CacheEntry]:
        answer = self._asked.ask("CacheList", runtime_pb2.Count(count=limit))
        return reports.cache_entries_from(answer)

    def cache_clear(self) -> int:
        cleared: int = self._asked.ask("CacheClear", _EMPTY).count
        return cleared

    # -- the runtime ----------------------------------------------------------------------------

    def note(self, key: str, data: bytes | None) -> None:
        check_note(key, data)
        self._asked.ask("Note", runtime_pb2.NoteText(key=key, data=data))

    def notes(self) -> dict[str, bytes]:
        return {note.key: note.data for note in self._asked.ask_many("Notes", _EMPTY)}

    def overview(self) -> RuntimeReport:
        return reports.runtime_state_from(self._asked.ask("Overview", _EMPTY))

    def environment(self, packages: Iterable[str]) -> dict[str, str]:
        answer = self._asked.ask("Environment", tasks_pb2.Names(names=packages))
        return dict(answer.versions)

    def workers(self) -> list[WorkerReport]:
        return reports.workers_from(self._asked.ask("Workers", _EMPTY).workers)

    def resize(self, count: int) -> None:
        self._asked.ask("Resize", runtime_pb2.Count(count=count))
