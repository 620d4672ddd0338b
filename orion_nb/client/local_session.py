"""`LocalSession`: a `Session` served by a `local.Runtime` in this process."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Iterable, Sequence
from typing import Any

from orion_nb.core.model import ActionResult, Digest, Frame, ObjectRef, TaskId
from orion_nb.exceptions import UnknownDependency
from orion_nb.local.calls import Call, new_task_id
from orion_nb.local.feed import Subscription
from orion_nb.local.launch import default_preload
from orion_nb.local.runtime import Runtime

from .session import CacheEntry, CacheReport, FeedCallback, KeyUse, TaskReport, WorkerReport


class LocalSession:
    """Owns its runtime: closing the session shuts it down.

    :param runtime: made for this session.
    :param name: who submits, in the cache's records: the notebook's name.
    """

    def __init__(self, runtime: Runtime, name: str = "") -> None:
        self._runtime = runtime
        self.name = name

    # ---------------------------------------------------------------- tasks

    def new_task_id(self, name: str) -> TaskId:
        return new_task_id(name)

    def submit(self, calls: Sequence[Call]) -> list[TaskId]:
        return self._runtime.submit_calls(calls)

    def watch(self, callback: FeedCallback) -> Subscription:
        return self._runtime.subscribe(callback)

    def clock(self) -> float:
        return time.monotonic()

    def report(self, task: TaskId) -> TaskReport | None:
        try:
            info = self._runtime.info(task)
            story = self._runtime.story(task)
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

    def frames(self, task: TaskId) -> list[Frame]:
        try:
            return self._runtime.frames(task)
        except UnknownDependency:
            return []

    def result(self, ref: ObjectRef, timeout: float | None = None) -> Any:
        return self._runtime.get(ref, timeout)

    def put(self, name: str, value: Any) -> ObjectRef:
        return self._runtime.put(value, name=name)

    def cancel(self, tasks: Iterable[TaskId], why: str = "asked by the user") -> None:
        known = self._known(tasks)
        if known:
            self._runtime.cancel(known, why=why)

    def retry(self, tasks: Iterable[TaskId]) -> None:
        known = self._known(tasks)
        if known:
            self._runtime.retry(known)

    def forget(self, tasks: Iterable[TaskId]) -> None:
        known = self._known(tasks)
        if known:
            self._runtime.forget(known)

    def _known(self, tasks: Iterable[TaskId]) -> list[TaskId]:
        known = set(self._runtime.tasks())
        return [task for task in tasks if task in known]

    # ---------------------------------------------------------------- the cache

    def probe(self, keys: Iterable[Digest]) -> dict[Digest, ActionResult | None]:
        self._runtime.flush_cache()
        found = self._runtime.cache.probe_many(keys)
        return {key: probe.result for key, probe in found.items()}

    def earlier_keys(self, name: str) -> tuple[KeyUse, ...]:
        self._runtime.flush_cache()
        return tuple(KeyUse(*used) for used in self._runtime.cache.latest(name))

    def history(self, group: str) -> float | None:
        durations = self._runtime.cache.history(group)
        return statistics.median(durations) if durations else None

    def cache_report(self) -> CacheReport:
        self._runtime.flush_cache()
        small, large = self._runtime.cache.size(), self._runtime.store.usage()
        return CacheReport(
            entries=small.entries,
            bytes=small.inline + large.size,
            limit=large.limit,
            path=str(self._runtime.store.root),
        )

    def cache_list(self, limit: int = 20) -> list[CacheEntry]:
        self._runtime.flush_cache()
        return [
            CacheEntry(entry.key, entry.name, entry.size, entry.duration, entry.created)
            for entry in self._runtime.cache.list(limit=limit)
        ]

    def cache_clear(self) -> int:
        self._runtime.flush_cache()
        return self._runtime.cache.clear()

    # ---------------------------------------------------------------- workers

    def workers(self) -> list[WorkerReport]:
        return [
            WorkerReport(worker.id, worker.kind, worker.running[0] if worker.running else "")
            for worker in self._runtime.workers()
            if not worker.draining
        ]

    def resize(self, count: int) -> None:
        self._runtime.resize(count)

    def close(self) -> None:
        self._runtime.shutdown(wait=False, cancel=True)


def open_local(name: str = "", preload: Sequence[str] = ()) -> LocalSession:
    """A session of its own on this machine, with the user's cache.

    ``$ORION_WORKERS`` says how many workers; unset: one per core.

    :param preload: modules that workers shall have imported, besides the usual ones.
    """
    workers = os.environ.get("ORION_WORKERS")
    modules = [*default_preload(), *preload]
    runtime = Runtime(int(workers) if workers else None, name=name, preload=modules)
    runtime.start()  # while the user still types: the first cell finds them ready
    return LocalSession(runtime, name)
