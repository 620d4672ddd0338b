"""What can be seen of a runtime: its tasks, their stories and output, its workers, its feed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from ..core.commands import Change
from ..core.model import Frame, ObjectRef, Progress, TaskId
from ..core.views import TaskInfo
from ..exceptions import RuntimeClosed, UnknownDependency
from ..store import ActionCache, CasStore
from .caching import CacheDesk
from .feed import Callback, Subscription
from .getting import Getter
from .host import Host
from .packed import RestoredTask
from .records import Record
from .slots import WorkerInfo


class Looking:
    """The part of `Runtime` that changes nothing. Any thread."""

    _host: Host
    _getter: Getter
    _desk: CacheDesk
    _closed: bool

    def subscribe(self, callback: Callback, *, replay: bool = False) -> Subscription:
        """Have `callback` called with lists of `Change`, `Frame` and `Progress` in order, on one
        thread of the runtime's.

        :param replay: first tell what has happened so far to the tasks that are known.
        """
        self._check_open()
        return self._host.subscribe(callback, replay)

    def info(self, task: ObjectRef | TaskId) -> TaskInfo:
        """What the machine knows of a task now. :raises UnknownDependency: nothing."""
        info: TaskInfo = self._look(task, lambda machine, id: machine.info(id))
        return info

    def story(self, task: ObjectRef | TaskId) -> tuple[Change, ...]:
        """The task's changes, oldest first. :raises UnknownDependency: not known."""
        story: tuple[Change, ...] = self._look(task, lambda machine, id: machine.story(id))
        return story

    def tasks(self) -> tuple[TaskId, ...]:
        """All known tasks in the order of their submission. Finished ones that nobody holds a ref
        of are forgotten after a while."""
        self._host.settle()
        tasks: tuple[TaskId, ...] = self._host.read(lambda machine: machine.tasks())
        return tasks

    def frames(self, task: ObjectRef | TaskId) -> list[Frame]:
        """What the task has put out so far (its current or accepted attempt; of a cache hit, what
        it put out when it ran)."""
        return self._getter.record(task).transcript()

    def record(self, task: ObjectRef | TaskId) -> Record:
        """What the host keeps of a task: look, do not touch. :raises UnknownDependency: nothing."""
        return self._getter.record(task)

    def remains(self, task: ObjectRef | TaskId) -> RestoredTask:
        """All that is left of a task that is over: what `Runtime.restore` takes.

        :raises UnknownDependency: not known. :raises UsageError: it is not over."""
        ended = self._look(task, lambda machine, id: machine.ended(id))
        return self._getter.record(task).remains(ended)

    def progress(self, task: ObjectRef | TaskId) -> Progress | None:
        """The last report of `orion_nb.progress`."""
        progress: Progress | None = self._getter.record(task).progress
        return progress

    def workers(self) -> list[WorkerInfo]:
        """The workers, oldest first."""
        return self._host.crew.report(self._host.read(lambda machine: machine.worker_load()))

    @property
    def store(self) -> CasStore:
        """Where large values are. :raises StoreError: its directory cannot be used."""
        return self._desk.blobs

    @property
    def cache(self) -> ActionCache:
        """What was computed before. :raises StoreError: its directory cannot be used."""
        return self._desk.cache

    def flush_cache(self) -> None:
        """Wait until all results so far are in the action cache (they get there by themselves)."""
        self._desk.flush()

    # -- within ---------------------------------------------------------------------------------

    def _check_open(self) -> None:
        if self._closed:
            raise RuntimeClosed("this runtime has been shut down (or this is a forked child)")
        if self._host.broken is not None:
            raise self._host.broken

    def _tasks_of(
        self, refs: ObjectRef | TaskId | Iterable[ObjectRef | TaskId]
    ) -> tuple[TaskId, ...]:
        many = (refs,) if isinstance(refs, (ObjectRef, str)) else tuple(refs)
        return tuple(self._getter.record(ref).task.id for ref in many)

    def _look(self, task: ObjectRef | TaskId, look: Callable[[Any, TaskId], Any]) -> Any:
        id = task_of(task)
        self._host.settle()
        self._getter.record(id)  # brings it back from the archive
        try:
            return self._host.read(lambda machine: look(machine, id))
        except KeyError:
            raise UnknownDependency(
                f"this runtime does not know task {id!r} (or has forgotten it)"
            ) from None


def task_of(dep: ObjectRef | TaskId) -> TaskId:
    """The id, of a ref or by itself."""
    return dep.task if isinstance(dep, ObjectRef) else dep
