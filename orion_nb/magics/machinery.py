"""Everything behind the magics, wired together. Imported when a cell first needs it."""

from __future__ import annotations

import atexit
import contextlib
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from orion_nb.client.session import Session
from orion_nb.exceptions import OrionError

from . import opener
from .completion import Names
from .notebook import Notebook
from .plain_cells import PlainCells
from .task_magic import TaskMagic
from .values import Values

if TYPE_CHECKING:
    from .orion_magic import OrionMagic


class Machinery:
    """The parts of one notebook.

    :param opening: a session that is being opened already.
    :param path: of the notebook. :param say: gets lines about the runtime for the user.
    """

    def __init__(
        self, shell: Any, opening: opener.Opener, path: str, say: Callable[[str], None]
    ) -> None:
        self._opening: opener.Opener | None = opening
        self._path = path
        self._say = say
        self.notebook = Notebook(shell, self._open, path=path)
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

    def _open(self) -> Session:
        from .programs import farewell

        first, self._opening = self._opening, None
        if first is not None:
            session = first.result()
        else:
            session = opener.open_session(self._path, self._say)
        atexit.register(_leave, session)
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


def _leave(session: Session) -> None:
    """The kernel ends: what runs goes on, if its runtime outlives the kernel."""
    with contextlib.suppress(OrionError, OSError):  # it was shut down, or is lost
        session.detach()
