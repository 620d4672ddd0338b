"""Plain cells between task cells: they get values of tasks, and may put their own in their place."""

from __future__ import annotations

import html
import itertools
from collections.abc import Iterable
from typing import Any

from orion_nb.exceptions import UsageError

from .adopting import take_over
from .analysis import analyse
from .cells import TaskCell
from .channels import channel_for
from .lineage import Ran
from .notebook import Notebook
from .prologue import Prologue
from .snapshots import Snapshot, bound_since, is_fixed, snapshot
from .values import Values

_MISSING = object()


class PlainCells:
    """Follows the execution of cells that are no tasks."""

    def __init__(self, notebook: Notebook, values: Values) -> None:
        self._notebook = notebook
        self._values = values
        self.prologue = Prologue(notebook.shell, self._interesting, self.need)
        self._key = ""
        self._text = ""
        self._plain_cells = itertools.count(1)  # names those that the front end gives no id
        self._before: dict[str, Any] = {}  # what outputs' names held when the cell began
        self._objects: Snapshot = snapshot(notebook.shell.user_ns)

    def close(self) -> None:
        self.prologue.close()

    def begin_inner(self, text: str) -> None:
        """A cell within a cell, or one that no front end has sent: the one before it has ended,
        and the id of a cell around it is not its own."""
        self.end(True)
        self.begin(text, key=f"plain {next(self._plain_cells)}")

    def begin(self, text: str, *, key: str = "") -> None:
        """A cell is about to be run (IPython's `pre_run_cell`).

        :param key: "": as the front end says.
        """
        self._text = text
        self._key = key
        self.prologue.begin_cell(text)
        namespace = self._notebook.shell.user_ns
        self._before = {
            name: namespace.get(name, _MISSING) for name in self._notebook.output_names()
        }
        if not _is_task(self._text):
            self._no_longer_a_task()
        strange = bound_since(self._objects, namespace)
        if strange:
            why = "it was bound outside of any cell"
            self._notebook.lineage.note(Ran("", strange, unknown=why))
        self._objects = snapshot(namespace)

    def _no_longer_a_task(self) -> None:
        """The magic was taken away from a cell that was a task: its names are plain again."""
        if not self._notebook.cells and not self._notebook.memory.left():
            return
        cell = self._notebook.cells.get(self._cell_key())
        if cell is None and self._notebook.memory.has(self._cell_key()):
            cell = take_over(self._notebook, self._cell_key(), "")
        if cell is not None:
            self._notebook.session.cancel(self._notebook.unfinished(cell), "no longer a task")
            self._notebook.mark_stale_after(cell)
            self._notebook.drop(cell)

    def need(self, *names: str) -> None:
        """In front of a cell: make these names hold their tasks' results."""
        __tracebackhide__ = True
        asked: set[str] = set()
        todo = set(names)
        while todo:
            asked |= todo
            self._place(todo)
            # Functions that tasks have made may read results, too.
            behind = {name for word in todo for name in self.prologue.through_functions(word)}
            todo = behind & self._interesting() - asked

    def _place(self, names: Iterable[str]) -> None:
        __tracebackhide__ = True
        wanted: dict[str, TaskCell] = {}
        for name in names:
            cell = self._notebook.producer_for(self._cell_key(), name)
            if cell is None:
                continue
            if name in cell.outputs:
                wanted[name] = cell
            else:
                self._values.import_modules(m for m in cell.declared.imports if m.name == name)
        self._values.need(wanted)
        namespace = self._notebook.shell.user_ns
        for name in wanted:
            self._before[name] = namespace.get(name, _MISSING)

    def end(self, whole: bool) -> None:
        """A cell has been run (`post_run_cell`): has it put something in a task's place?

        :param whole: it ran to its end.
        """
        try:
            taken = self._taken_over()
            self._remember(taken, whole)
        finally:
            self._before = {}
            self._objects = snapshot(self._notebook.shell.user_ns)
            self._notebook.flush(inside_cell=True)
        if not taken:
            return
        self._values.forget(taken)
        owners = {name: self._notebook.producer_for(self._cell_key(), name) for name in taken}
        self._notebook.plain(self._cell_key(), taken)
        for name, cell in owners.items():
            if cell is not None:
                self._say(
                    f"`{name}` is this cell's own value from here on; task {cell.name} no longer "
                    "provides it to later cells."
                )

    def note_early(self, text: str, binds: frozenset[str], whole: bool) -> None:
        """A cell that has run before anybody listened."""
        if not _is_task(text):
            self._notebook.lineage.note(Ran(text, binds, self._fixed(binds), whole))
        self._objects = snapshot(self._notebook.shell.user_ns)

    def _fixed(self, names: frozenset[str]) -> frozenset[str]:
        namespace = self._notebook.shell.user_ns
        return frozenset(n for n in names if n in namespace and is_fixed(namespace[n]))

    def _remember(self, taken: list[str], whole: bool) -> None:
        """Write down what the cell has done, for values that can only be known by that."""
        if _is_task(self._text):
            return
        bound = bound_since(self._objects, self._notebook.shell.user_ns)
        read = [
            name for name in self._values.placed if name in self.prologue.words or name in bound
        ]
        wide = [name for name in read if self._values.is_wide(name)]
        results = {name: self._values.digests(name) for name in read if name not in wide}
        own = bound - {*read} | set(taken)
        fixed = self._fixed(own)
        unknown = f"it has read the very many results of `{wide[0]}`" if wide else ""
        self._notebook.lineage.note(Ran(self._text, own, fixed, whole, results, unknown=unknown))

    def _taken_over(self) -> list[str]:
        """Outputs' names that now mean something else than what tasks put there."""
        if not self._before or _is_task(self._text):
            return []
        namespace = self._notebook.shell.user_ns
        words = self.prologue.words
        rebound = [
            name
            for name, before in self._before.items()
            if name in words and namespace.get(name, _MISSING) is not before
        ]
        changed = self._values.replaced(name for name in self._before if name in words)
        visible = self._visibly_changed(words)
        return list(dict.fromkeys([*rebound, *changed, *visible]))

    def _visibly_changed(self, words: set[str]) -> list[str]:
        """Values that the text says are changed in place, of whatever size."""
        placed = [name for name in self._values.placed if name in words]
        if not placed:
            return []
        try:
            facts = analyse(self._notebook.shell.transform_cell(self._text))
        except UsageError:
            return []
        return [name for name in placed if name in facts.mutates]

    def _cell_key(self) -> str:
        if not self._key:
            shell = self._notebook.shell
            self._key = channel_for(shell).cell_id or f"plain {next(self._plain_cells)}"
        return self._key

    def _interesting(self) -> set[str]:
        return self._notebook.task_made_names()

    def _say(self, text: str) -> None:
        markup = f'<div style="opacity:.7;font-size:12px">◇ {html.escape(text)}</div>'
        self._notebook.shell.display_pub.publish(
            {"text/plain": f"◇ {text}", "text/html": markup}, {}
        )


def _is_task(text: str) -> bool:
    return text.lstrip().startswith("%%orion_task")
