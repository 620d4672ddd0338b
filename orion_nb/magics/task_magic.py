"""``%%orion_task``: parse, prepare, submit, show. The work is elsewhere."""

from __future__ import annotations

import re
import sys
from types import FrameType
from typing import Any

from IPython.core.error import UsageError as ShellUsageError

from orion_nb.core.action import hash_parts
from orion_nb.exceptions import OrionError

from . import environments
from .cells import Written
from .channels import channel_for
from .declare import prepare
from .notebook import Notebook
from .submit import submit
from .values import Values

_HEAD = re.compile(r"^\s*%%orion_task\b")


class TaskMagic:
    """The cell magic of one notebook."""

    def __init__(self, notebook: Notebook, values: Values) -> None:
        self._notebook = notebook
        self._values = values
        self._raw = ""
        self._inner = False

    def begin_cell(self, text: str, *, inner: bool = False) -> None:
        """The text of the cell that is about to be run, as typed.

        :param inner: within another cell (``%run other.ipynb``), whose id is not its own.
        """
        self._raw = text
        self._inner = inner

    def __call__(self, line: str, cell: str | None = None) -> None:
        """Make the cell a task. An error is one line, and then nothing was submitted."""
        if cell is None:
            raise ShellUsageError(
                "%%orion_task is a cell magic: write it with two % above the code"
            )
        notebook = self._notebook
        channel = channel_for(notebook.shell)
        written = self._written(line, cell, "" if self._inner else channel.cell_id)
        try:
            prepared = prepare(notebook, self._values, written)
            done = submit(notebook, prepared, channel)
        except OrionError as error:
            if getattr(error, "_render_traceback_", None) is not None:
                raise  # a failed task that --map reads: it shows itself
            raise ShellUsageError(_one_line(error)) from None
        differences = notebook.environments.news()
        if differences:
            text, markup = environments.table(differences)
            notebook.shell.display_pub.publish({"text/plain": text, "text/html": markup}, {})
        if prepared.options.wait:
            notebook.wait([done.cell], done.cell.name, submitted=done.tasks)

    def _written(self, line: str, body: str, cell_id: str) -> Written:
        shell = self._notebook.shell
        number = cell_number(shell)
        lines = self._raw.splitlines()
        head = next((i for i, text in enumerate(lines) if _HEAD.match(text)), 0)
        # Without the front end's id, what stays the same is what the user calls the task, or
        # what it says.
        key = cell_id or _stated_name(line) or f"code {hash_parts('cell', line, body)}"
        return Written(key, line, body, number, head + 1)


def cell_number(shell: Any) -> int:
    """n of the `Cell In[n]` that executes now.

    Asked of the code that runs: IPython counts on before a cell from 9.0, after it before.
    """
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        named = shell.compile.format_code_name(frame.f_code.co_filename)
        if named is not None and (number := re.search(r"\d+", named[1])):
            return int(number.group())
        frame = frame.f_back
    return int(shell.execution_count)


def _stated_name(line: str) -> str:
    first = next(iter(line.split()), "-")
    return "" if first.startswith("-") else f"task {first}"


def _one_line(error: OrionError) -> str:
    return " ".join(str(error).split())
