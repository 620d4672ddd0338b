"""Which archived tasks are needed again, and getting them from the journal."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence

from ..core.events import Event, ObjectLost, ObjectWanted, RetryRequested
from ..core.graph import dependency_ids
from ..core.model import Task, TaskId
from ..core.scheduler import Scheduler
from ..exceptions import OrionError
from .journal import Journal
from .ledger import Ledger
from .packed import RestoredTask

log = logging.getLogger(__name__)


class Archive:
    """Called by whoever has the host's turn."""

    def __init__(self, journal: Journal, scheduler: Scheduler, ledger: Ledger) -> None:
        self._journal = journal
        self._scheduler = scheduler
        self._records = ledger.records

    def find(self, tasks: Iterable[TaskId]) -> Sequence[RestoredTask]:
        """Those of these that the host does not know and the journal does."""
        missing = [task for task in dict.fromkeys(tasks) if task not in self._records]
        if not missing:
            return ()
        try:
            return self._journal.find(missing)
        except OrionError as error:
            log.warning("archived tasks cannot be read: %s", error)
            return ()

    def needed_by(self, tasks: Sequence[Task]) -> list[TaskId]:
        """Dependencies of new tasks that are not known, nor among them."""
        records = self._records
        needed = {dep for task in tasks for dep in dependency_ids(task) if dep not in records}
        return sorted(needed.difference([task.id for task in tasks])) if needed else []

    def concerns(self, event: Event) -> bool:
        """Whether `wanted_by` may have something for it."""
        return type(event) in _CONCERNED

    def wanted_by(self, event: Event) -> Iterator[Sequence[RestoredTask]]:
        """What has to be restored before the event is told to the machine, in this order, each
        before the next is asked for."""
        tasks = _tasks_of(event)
        missing: Iterable[TaskId] = tasks
        asked: set[TaskId] = set()
        while tasks:
            found = self.find(missing)
            if found:
                yield found
            asked.update(missing)
            missing = self._scheduler.absent(tasks) - asked
            if not missing:
                return


_CONCERNED = frozenset({RetryRequested, ObjectLost, ObjectWanted})


def _tasks_of(event: Event) -> Sequence[TaskId]:
    """Tasks that will run again because of the event, as far as they are named."""
    if isinstance(event, RetryRequested):
        return event.tasks
    if isinstance(event, ObjectLost | ObjectWanted):
        return (event.ref.task,)
    return ()
