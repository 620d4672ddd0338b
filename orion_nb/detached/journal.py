"""`DurableJournal`: what the runtime's host tells, told on to the log and to the archive."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence

from ..core.model import TaskId
from ..exceptions import StoreError
from ..local.packed import PackedCall, RestoredTask
from .archive import Archive
from .log import Log
from .reading import Reader

log = logging.getLogger(__name__)


class DurableJournal:
    """A `local.journal.Journal`."""

    def __init__(self, log: Log, reader: Reader, archive: Archive) -> None:
        self._log = log
        self._reader = reader
        self._archive = archive
        self._open: set[TaskId] = set()

    def expect(self, tasks: Iterable[TaskId]) -> None:
        """These are about to be submitted, and are in the log already."""
        self._open.update(tasks)

    @property
    def unfinished(self) -> int:
        """Tasks that are not over."""
        return len(self._open)

    def submitted(self, calls: Sequence[PackedCall]) -> None:
        self._log.submitted(calls)
        self._open.update([call.task.id for call in calls])

    def over(self, tasks: Sequence[RestoredTask]) -> None:
        self._log.over(tasks)
        self._archive.over([task.ended for task in tasks])
        self._open.difference_update([task.id for task in tasks])

    def reopened(self, tasks: Sequence[TaskId]) -> None:
        self._log.reopened(tasks)
        self._archive.gone(tasks)
        self._open.update(tasks)

    def forgotten(self, tasks: Sequence[TaskId]) -> None:
        self._log.forgotten(tasks)
        self._archive.gone(tasks)
        self._open.difference_update(tasks)

    def after(self, callback: Callable[[], None]) -> None:
        self._log.after(callback)

    def sync(self) -> object:
        return self._log.sync()

    def find(self, tasks: Iterable[TaskId]) -> Sequence[RestoredTask]:
        try:
            found = self._reader.find(tasks).values()
        except StoreError as error:
            log.error("%s", error)
            return ()
        over = [logged.over for logged in found if logged.over is not None]
        self._archive.over([task.ended for task in over])
        return over
