"""``%load_ext orion_nb``: puts the magics, the completions and the prologue into the shell.

Loading is quick: only thin entries are registered, while one thread imports what stands
behind them and another finds or starts the runtime. What of that is done within a moment is
waited for, so that a task cell right behind (Run All) finds it done; the rest goes on while the
user does, and the first cell that needs it waits for it.
"""

from __future__ import annotations

import ast
import contextlib
import re
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from orion_nb.exceptions import OrionError

from . import BEGAN, opener
from .commands import overview
from .completion import make_matcher
from .embedded import text_of
from .options import task_parser
from .snapshots import Snapshot, bound_since, snapshot

if TYPE_CHECKING:
    from .machinery import Machinery

_HELP = re.compile(r"^%orion(\s+[\w ]*?)?\s*\?+\s*$")

PATIENCE = 0.2
"""Seconds from the beginning of the import for which loading waits for its threads."""


class Extension(ast.NodeTransformer):
    """Everything that one load has put into one shell; `close` takes it out again.

    It is the AST transformer, too: IPython calls `visit` with every cell.
    """

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self._machinery: Machinery | None = None
        self._lock = threading.Lock()
        self._matcher = make_matcher(*(lambda which=n: self._names(which) for n in range(3)))
        self._text = ""
        self._unannounced = False  # a cell has begun for which no `pre_run_cell` came
        self._objects: Snapshot | None = None  # when the cell began, if nobody listened
        self._early: list[tuple[str, frozenset[str], bool]] = []  # such cells; see `note_early`
        shell.register_magic_function(self._task_magic(), "cell", "orion_task")
        shell.register_magic_function(self._orion_magic(), "line", "orion")
        shell.Completer.custom_matchers.append(self._matcher)
        shell.ast_transformers.append(self)
        shell.input_transformers_cleanup.append(help_lines)
        shell.events.register("pre_execute", self._before_any)
        shell.events.register("pre_run_cell", self._before_cell)
        shell.events.register("post_run_cell", self._after_cell)
        self._path = opener.notebook_path(shell.user_ns)
        self._said: list[str] = []  # about the runtime, not shown yet
        self._opening = opener.Opener(lambda: opener.open_session(self._path, self._said.append))
        self._opening.start()
        preparing = threading.Thread(target=self._prepare, name="orion-start", daemon=True)
        preparing.start()
        preparing.join(max(0.0, BEGAN + PATIENCE - time.monotonic()))

    @property
    def machinery(self) -> Machinery:
        """What does the work; waits if it is still being imported."""
        with self._lock:
            if self._machinery is None:
                from .machinery import Machinery

                self._machinery = Machinery(
                    self.shell, self._opening, self._path, self._said.append
                )
                self._machinery.task.begin_cell(self._text)
            return self._machinery

    def _prepare(self) -> None:
        notebook = self.machinery.notebook
        with contextlib.suppress(OrionError, OSError):  # raised again where it is needed
            _ = notebook.session

    def _names(self, which: int) -> list[str]:
        return list(self._machinery.names[which]()) if self._machinery is not None else []

    def _task_magic(self) -> Any:
        def orion_task(line: str, cell: str) -> None:
            self._on_main_thread().task(line, cell)

        orion_task.__doc__ = task_parser().format_help()
        return orion_task

    def _orion_magic(self) -> Any:
        def orion(line: str) -> Any:
            return self._on_main_thread().orion(line)

        orion.__doc__ = overview()
        return orion

    def visit(self, node: ast.AST) -> Any:
        """Before there are task cells no plain cell can read from one."""
        if self._machinery is None:
            return node
        if self._unannounced:
            self._unannounced = False
            self._before_inner(self._machinery, node)
        return self._machinery.plain.prologue.visit(node)

    def _on_main_thread(self) -> Machinery:
        """The machinery, which has been told of cells that ran before it was there."""
        machinery = self.machinery
        while self._said:
            print(f"orion: {self._said.pop(0)}", file=sys.stderr)
        early, self._early = self._early, []
        for cell in early:
            machinery.plain.note_early(*cell)
        return machinery

    def _before_any(self) -> None:
        self._unannounced = True

    def _before_inner(self, machinery: Machinery, node: ast.AST) -> None:
        """A cell of a notebook that ``%run``, or IPython on its command line, executes."""
        text = text_of(node)
        machinery.task.begin_cell(text, inner=True)
        machinery.plain.begin_inner(text)

    def _before_cell(self, info: Any) -> None:
        self._unannounced = False
        self._text = info.raw_cell or ""
        if self._machinery is None:
            self._objects = snapshot(self.shell.user_ns)
            return
        machinery = self._on_main_thread()
        machinery.task.begin_cell(self._text)
        machinery.plain.begin(self._text)

    def _after_cell(self, result: Any) -> None:
        before, self._objects = self._objects, None
        if before is not None:
            bound = bound_since(before, self.shell.user_ns)
            self._early.append((self._text, bound, result.success))
        elif self._machinery is not None:
            self._machinery.plain.end(result.success)

    def close(self) -> None:
        """Leave the shell as it was, and no process behind."""
        shell = self.shell
        shell.events.unregister("pre_execute", self._before_any)
        shell.events.unregister("pre_run_cell", self._before_cell)
        shell.events.unregister("post_run_cell", self._after_cell)
        shell.input_transformers_cleanup.remove(help_lines)
        shell.ast_transformers.remove(self)
        shell.Completer.custom_matchers.remove(self._matcher)
        for kind, name in (("cell", "orion_task"), ("line", "orion")):
            shell.magics_manager.magics[kind].pop(name, None)
        self.machinery.close()


def help_lines(lines: list[str]) -> list[str]:
    """``%orion dag?`` asks for our help; IPython would look for a variable `dag`."""
    return [
        f"%orion help {(match.group(1) or '').strip()}\n" if (match := _HELP.match(line)) else line
        for line in lines
    ]


def load_ipython_extension(shell: Any) -> None:
    """Called by ``%load_ext orion_nb``. Loading it twice is the same as once."""
    if getattr(shell, "orion", None) is None:
        shell.orion = Extension(shell)


def unload_ipython_extension(shell: Any) -> None:
    """Called by ``%unload_ext orion_nb`` and before a reload."""
    extension = getattr(shell, "orion", None)
    if extension is not None:
        shell.orion = None
        extension.close()
