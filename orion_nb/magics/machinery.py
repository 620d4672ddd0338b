"""Everything behind the magics, wired together. Imported when a cell first needs it."""

from __future__ import annotations

import atexit
import os
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orion_nb.client.session import Session

from .completion import Names
from .notebook import Notebook
from .plain_cells import PlainCells
from .task_magic import TaskMagic
from .values import Values

if TYPE_CHECKING:
    from .orion_magic import OrionMagic

PRELOAD = ("orion_nb.magics.worker_shell",)
"""What a worker needs for its first cell, so that a fork server imports it once for all."""


class Machinery:
    """The parts of one notebook."""

    def __init__(self, shell: Any) -> None:
        path = os.environ.get("JPY_SESSION_NAME", "")
        self.notebook = Notebook(shell, lambda: self._open(path), path=path)
        self.values = Values(self.notebook)
        self.plain = PlainCells(self.notebook, self.values)
        self.task = TaskMagic(self.notebook, self.values)
        self.notebook.start()

    @cached_property
    def orion(self) -> OrionMagic:
        """``%orion``: imported when it is first used, for the first task cell must not wait for
        pictures and reports."""
        from .orion_magic import OrionMagic

        return OrionMagic(self.notebook, self.values, self.restart)

    @property
    def names(self) -> tuple[Names, Names, Names]:
        """Names of tasks, of outputs, and of tasks of earlier kernels, for the completer."""
        return self.notebook.task_names, self.notebook.output_names, self.notebook.memory.names

    def _open(self, path: str) -> Session:
        from .programs import farewell

        session = _open_session(path)
        # After the session's own: what is registered last is called first, while tasks still are
        # what the run has left them.
        atexit.register(farewell, self.notebook)
        return session

    def restart(self) -> None:
        """Stop the runtime and forget what it knew; the next task starts another."""
        self.values.close()
        self.notebook.reset()

    def close(self) -> None:
        """Leave no process and no thread behind."""
        self.plain.close()
        self.values.close()
        self.notebook.close()


def _open_session(path: str) -> Session:
    from orion_nb.client.local_session import open_local

    return open_local(path, preload=PRELOAD)
