"""What a session asks of a `Runtime` beside running tasks, whoever serves the session."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Iterable

from ..core.model import ActionResult, Component, Digest, Output, TaskId, TaskState
from ..core.reports import (
    CacheEntry,
    CacheReport,
    KeyUse,
    SessionReport,
    TaskReport,
    WorkerReport,
)
from ..exceptions import ObjectUnavailable, UnknownDependency, UsageError
from ..store import INLINE_LIMIT, Record
from . import transcripts
from .runtime import Runtime


def task_report(runtime: Runtime, task: TaskId) -> TaskReport | None:
    """None: the runtime does not know the task, or has forgotten it."""
    try:
        info = runtime.info(task)
        story = runtime.story(task)
    except UnknownDependency:
        return None
    return TaskReport(
        task=info.task,
        state=info.state,
        key=info.key,
        outputs=info.outputs or {},
        error=info.error,
        hit=info.hit,
        root=info.root,
        story=story,
    )


def worker_reports(runtime: Runtime) -> list[WorkerReport]:
    """Those that get work, in a stable order."""
    return [
        WorkerReport(worker.id, worker.kind, worker.running[0] if worker.running else "")
        for worker in runtime.workers()
        if not worker.draining
    ]


def session_reports(runtime: Runtime, connected: Iterable[str]) -> list[SessionReport]:
    """Who has tasks in this runtime, or is connected to it."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in connected}
    here = set(counts)
    for task in runtime.tasks():
        try:
            info = runtime.info(task)
        except UnknownDependency:  # forgotten meanwhile
            continue
        counts.setdefault(info.task.session, Counter())[_column(info.state)] += 1
    return [
        SessionReport(
            name,
            name in here,
            count["waiting"],
            count["running"],
            count["done"],
            count["failed"],
        )
        for name, count in counts.items()
    ]


def _column(state: TaskState) -> str:
    if state is TaskState.DONE:
        return "done"
    if state.final:
        return "failed"
    return "running" if state is TaskState.RUNNING else "waiting"


def accept(
    runtime: Runtime, task: TaskId, key: Digest, components: Iterable[Component], name: str
) -> None:
    """Record a finished task's outputs and frames under another key. See `Session.accept`.

    :raises UnknownDependency: the task is forgotten.
    :raises UsageError: it is not done, or its values are not there any more.
    """
    record = runtime.record(task)
    if record.state is not TaskState.DONE:
        raise UsageError(f"{record.task.name!r} has no result that could be accepted")
    inline: dict[Digest, bytes] = {}
    outputs: dict[str, Output] = dict(record.outputs)
    for output in outputs.values():
        data = record.inline.get(output.digest)
        if data is not None:
            inline[output.digest] = data
        elif not runtime.store.has(output.digest):
            raise ObjectUnavailable(f"the result of {record.task.name!r} is gone from the store")
    transcript = None
    frames = record.transcript()
    if frames:
        encoded = transcripts.encode(frames)
        transcript = encoded.digest
        if encoded.size <= INLINE_LIMIT:
            inline[transcript] = encoded.to_bytes()
        else:
            runtime.store.put(encoded)
    story = runtime.story(task)
    duration = next((c.detail["duration"] for c in reversed(story) if "duration" in c.detail), 0.0)
    result = ActionResult(key, outputs, duration, transcript, "accepted by hand", time.time())
    noted = Record(result, name, record.task.group, tuple(components), inline)
    runtime.flush_cache()
    runtime.cache.record_many([noted])


# -- the cache ----------------------------------------------------------------------------------


def probe(runtime: Runtime, keys: Iterable[Digest]) -> dict[Digest, ActionResult | None]:
    runtime.flush_cache()
    return {key: found.result for key, found in runtime.cache.probe_many(keys).items()}


def earlier_keys(runtime: Runtime, name: str) -> tuple[KeyUse, ...]:
    runtime.flush_cache()
    return tuple(KeyUse(*used) for used in runtime.cache.latest(name))


def history(runtime: Runtime, group: str) -> float | None:
    durations = runtime.cache.history(group)
    return statistics.median(durations) if durations else None


def cache_report(runtime: Runtime) -> CacheReport:
    runtime.flush_cache()
    small, large = runtime.cache.size(), runtime.store.usage()
    return CacheReport(
        entries=small.entries,
        bytes=small.inline + large.size,
        limit=large.limit,
        path=str(runtime.store.root),
    )


def cache_list(runtime: Runtime, limit: int) -> list[CacheEntry]:
    runtime.flush_cache()
    return [
        CacheEntry(entry.key, entry.name, entry.size, entry.duration, entry.created)
        for entry in runtime.cache.list(limit=limit)
    ]


def cache_clear(runtime: Runtime) -> int:
    runtime.flush_cache()
    return runtime.cache.clear()
