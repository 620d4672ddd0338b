"""`LocalSession`: a `Session` served by a `local.Runtime` in this process."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable, Sequence
from typing import Any

from orion_nb import __version__
from orion_nb.core.model import (
    ActionResult,
    Component,
    Digest,
    Frame,
    ObjectRef,
    TaskId,
    TaskState,
)
from orion_nb.exceptions import ObjectUnavailable, UnknownDependency
from orion_nb.local import answers
from orion_nb.local import environment as environments
from orion_nb.local.calls import Call, new_task_id
from orion_nb.local.feed import Subscription
from orion_nb.local.launch import default_preload
from orion_nb.local.running import Thunk
from orion_nb.local.runtime import Runtime
from orion_nb.store import codec

from .notes import check_note
from .session import (
    CacheEntry,
    CacheReport,
    FeedCallback,
    KeyUse,
    RuntimeReport,
    TaskReport,
    WorkerReport,
)


class LocalSession:
    """Owns its runtime: closing the session shuts it down, and nothing outlives it.

    :param runtime: made for this session.
    :param name: who submits, in the cache's records: the notebook's name.
    """

    durable = False

    def __init__(self, runtime: Runtime, name: str = "") -> None:
        self._runtime = runtime
        self._notes: dict[str, bytes] = {}
        self._started = time.time()
        self.name = name

    # ---------------------------------------------------------------- tasks

    def new_task_id(self, name: str) -> TaskId:
        return new_task_id(name)

    def submit(self, calls: Sequence[Call]) -> list[TaskId]:
        return self._runtime.submit_calls(calls)

    def watch(self, callback: FeedCallback, everything: bool = False) -> Subscription:
        return self._runtime.subscribe(callback)

    def clock(self) -> float:
        return time.monotonic()

    def report(self, task: TaskId) -> TaskReport | None:
        return answers.task_report(self._runtime, task)

    def earlier(self) -> list[TaskReport]:
        return []

    def frames(self, task: TaskId) -> list[Frame]:
        try:
            return self._runtime.frames(task)
        except UnknownDependency:
            return []

    def result(self, ref: ObjectRef, timeout: float | None = None) -> Any:
        return self._runtime.get(ref, timeout)

    def inputs(self, task: TaskId) -> tuple[tuple[Any, ...], dict[str, Any]]:
        packed = self._runtime.record(task).call
        if isinstance(packed, Thunk):
            _, args, kwargs = packed.resolved(self._present)
        else:
            data: Any = packed
            if isinstance(packed, str):
                data = self._runtime.store.open(packed).buffer
            _, args, kwargs = codec.decode_call(data, self._present)
        return args, kwargs

    def _present(self, ref: ObjectRef) -> Any:
        """The value of an input that is there; one that is still to be made is not waited for."""
        if self._runtime.record(ref).state is not TaskState.DONE:
            raise ObjectUnavailable(f"the input {ref.id} is not there")
        return self._runtime.get(ref)

    def put(self, name: str, value: Any) -> ObjectRef:
        return self._runtime.put(value, name=name)

    def cancel(self, tasks: Iterable[TaskId], why: str = "asked by the user") -> None:
        known = self._known(tasks)
        if known:
            self._runtime.cancel(known, why=why)

    def cancel_all(self, session: str | None = None) -> None:
        if session is None or session == self.name:  # nobody else's are here
            self.cancel(self._runtime.tasks())

    def retry(self, tasks: Iterable[TaskId], downstream: bool = False) -> None:
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
        return answers.probe(self._runtime, keys)

    def earlier_keys(self, name: str) -> tuple[KeyUse, ...]:
        return answers.earlier_keys(self._runtime, name)

    def history(self, group: str) -> float | None:
        return answers.history(self._runtime, group)

    def accept(self, task: TaskId, key: Digest, components: Iterable[Component], name: str) -> None:
        answers.accept(self._runtime, task, key, components, name)

    def cache_report(self) -> CacheReport:
        return answers.cache_report(self._runtime)

    def cache_list(self, limit: int = 20) -> list[CacheEntry]:
        return answers.cache_list(self._runtime, limit)

    def cache_clear(self) -> int:
        return answers.cache_clear(self._runtime)

    # ---------------------------------------------------------------- the runtime

    def note(self, key: str, data: bytes | None) -> None:
        check_note(key, data)
        if data is None:
            self._notes.pop(key, None)
        else:
            self._notes[key] = data

    def notes(self) -> dict[str, bytes]:
        return dict(self._notes)

    def overview(self) -> RuntimeReport:
        return RuntimeReport(
            kind="in-process",
            pid=os.getpid(),
            version=__version__,
            python=platform.python_version(),
            started=self._started,
            cache=str(self._runtime.store.root.parent),
            log="",
            workers=tuple(self.workers()),
            events=(),
            sessions=tuple(answers.session_reports(self._runtime, [self.name])),
        )

    def environment(self, packages: Iterable[str]) -> dict[str, str]:
        return environments.environment(packages)

    def workers(self) -> list[WorkerReport]:
        return answers.worker_reports(self._runtime)

    def resize(self, count: int) -> None:
        self._runtime.resize(count)

    def close(self) -> None:
        self._runtime.shutdown(wait=False, cancel=True)

    def detach(self) -> None:
        self.close()

    def shutdown(self) -> None:
        self.close()


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
