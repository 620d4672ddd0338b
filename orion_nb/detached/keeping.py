"""What the service asks of the durable log for notebooks and people. (Tasks get there by the
runtime's own journal.)"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Sequence
from typing import Protocol

from ..core.model import TaskId


class Keeping(Protocol):
    """Any thread."""

    @property
    def durable(self) -> bool:
        """Whether it survives the process."""

    @property
    def log_path(self) -> str:
        """Of the log file that people may read; "": there is none."""

    def note(self, session: str, key: str, data: bytes | None) -> None:
        """Keep something small for a session; None: no longer. Durable on return."""

    def notes(self, session: str) -> dict[str, bytes]: ...

    def events(self) -> Sequence[str]:
        """What happened to the runtime, oldest first, one sentence each."""

    def tasks_of(self, session: str) -> Sequence[TaskId]:
        """All tasks of a session that can still be asked for, in the order of submission, as far
        as they are not in the runtime's memory."""


class InMemory:
    """Keeps nothing beyond this process: for tests, and where no disk can be used."""

    durable = False
    log_path = ""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._notes: dict[str, dict[str, bytes]] = defaultdict(dict)

    def note(self, session: str, key: str, data: bytes | None) -> None:
        with self._lock:
            if data is None:
                self._notes[session].pop(key, None)
            else:
                self._notes[session][key] = data

    def notes(self, session: str) -> dict[str, bytes]:
        with self._lock:
            return dict(self._notes.get(session, {}))

    def events(self) -> Sequence[str]:
        return ()

    def tasks_of(self, session: str) -> Sequence[TaskId]:
        return ()
