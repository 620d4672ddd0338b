"""`Kept`: the durable log as the service sees it (`keeping.Keeping`)."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from ..core.model import TaskId
from ..exceptions import StoreError
from .log import Log
from .reading import Reader


class Kept:
    """Notes of notebooks, events, and whose tasks are known. Any thread."""

    def __init__(self, log: Log, reader: Reader, text_log: Path) -> None:
        self._log = log
        self._reader = reader
        self.log_path = str(text_log)

    @property
    def durable(self) -> bool:
        """Not while the disk refuses."""
        return not self._log.trouble

    def note(self, session: str, key: str, data: bytes | None) -> None:
        """Durable on return.

        :raises StoreError: it cannot be written."""
        self._log.note(session, key, data)
        self._log.sync()
        if self._log.trouble:
            raise StoreError(self._log.trouble)

    def notes(self, session: str) -> dict[str, bytes]:
        """:raises StoreError: the log cannot be read."""
        return self._reader.notes(session)

    def events(self) -> Sequence[str]:
        """What happened to the runtime, oldest first; the present trouble last.

        :raises StoreError: the log cannot be read."""
        told = [f"{_when(at)} {text}" for at, text in self._reader.events()]
        return [*told, self._log.trouble] if self._log.trouble else told

    def tasks_of(self, session: str) -> Sequence[TaskId]:
        """Tasks of a notebook, over or not, in the order of submission.

        :raises StoreError: the log cannot be read."""
        return self._reader.of_session(session)


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
