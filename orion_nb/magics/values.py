"""Results of tasks as values in the notebook's namespace.

A plain cell that reads a task's output finds the value there, not a handle. What was put
there is remembered: it is put again only when another version is wanted, and it is noticed
when a cell has put something else in its place.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from orion_nb.core.model import VALUE, Digest, ObjectRef, TaskState
from orion_nb.exceptions import NotPicklable, OrionError, UsageError

from .cell_runner import ModuleName, Unbound, cell_with_lines
from .cells import Refs, TaskCell, each_ref
from .failures import dress
from .in_place import fingerprint
from .notebook import Notebook
from .rebind import Rebinder
from .tracking import WIDE

_MISSING = object()

FINGERPRINT_LIMIT = 10 << 20
"""Bytes; a larger value is not checked for changes in place by plain cells: it would take
longer than a cell may be held up."""

_SAMPLE = 16
"""Of many results, so many are looked at to see how big they are."""


class _Placed(NamedTuple):
    """A value that was put into the namespace."""

    refs: Refs
    value: Any
    fingerprint: str | None


class Values:
    """Puts results into the user's namespace. Main thread only."""

    def __init__(self, notebook: Notebook) -> None:
        self._notebook = notebook
        self._placed: dict[str, _Placed] = {}
        self._plain: dict[str, Any] = {}  # what plain cells had bound before

    @property
    def _namespace(self) -> dict[str, Any]:
        namespace: dict[str, Any] = self._notebook.shell.user_ns
        return namespace

    def need(self, wanted: Mapping[str, TaskCell]) -> None:
        """Make the names hold the outputs of these cells; wait for them if need be.

        :raises TaskFailed: and its kinds, with the traceback of the task's cell.
        :raises KeyboardInterrupt: the wait was interrupted.
        """
        missing = {
            name: cell
            for name, cell in wanted.items()
            if not self._is_placed(name, cell.refs(name))
        }
        for cell in {cell.key: cell for cell in wanted.values()}.values():
            self._warn_if_stale(cell)
        if not missing:
            return
        cells = list({cell.key: cell for cell in missing.values()}.values())
        names = ", ".join(f"`{name}`" for name in missing)
        self._notebook.wait(cells, f"{names} of {', '.join(cell.name for cell in cells)}")
        for name, cell in missing.items():
            self._place(name, cell)

    def import_modules(self, modules: Iterable[ModuleName]) -> None:
        """Bind names that a task cell has bound by importing, as the plain cell would have."""
        for module in modules:
            if module.name not in self._namespace:
                self._namespace[module.name] = module.load()

    def forget(self, names: Iterable[str]) -> None:
        """A plain cell has bound these names: they are the user's own now."""
        for name in names:
            self._placed.pop(name, None)

    def replaced(self, names: Iterable[str]) -> list[str]:
        """Those of the names whose placed value a plain cell has replaced, deleted or changed."""
        found = []
        for name in names:
            placed = self._placed.get(name)
            if placed is None:
                continue
            if self._namespace.get(name, _MISSING) is not placed.value or (
                placed.fingerprint and fingerprint(placed.value) != placed.fingerprint
            ):
                found.append(name)
        return found

    def digests(self, name: str) -> tuple[Digest, ...]:
        """Of the results that a name holds."""
        digest = self._notebook.digest
        refs = each_ref(self._placed[name].refs)
        return tuple(digest(ref) or f"forgotten {ref.task}" for ref in refs)

    def is_wide(self, name: str) -> bool:
        """Does a name hold so many results that nobody wants to ask for each?"""
        return len(each_ref(self._placed[name].refs)) > WIDE

    @property
    def placed(self) -> tuple[str, ...]:
        return tuple(self._placed)

    @contextmanager
    def as_plain_cells_left_it(self, names: Iterable[str]) -> Iterator[None]:
        """For a while these names hold what plain cells had bound, not what tasks made since."""
        swapped = {}
        for name in names:
            if name not in self._placed or name not in self._namespace:
                continue
            swapped[name] = self._namespace.pop(name)
            if name in self._plain:
                self._namespace[name] = self._plain[name]
        try:
            yield
        finally:
            self._namespace.update(swapped)

    def close(self) -> None:
        self._placed.clear()
        self._plain.clear()

    # ----------------------------------------------------------------

    def _is_placed(self, name: str, refs: Refs) -> bool:
        placed = self._placed.get(name)
        return (
            placed is not None
            and placed.refs == refs
            and self._namespace.get(name, _MISSING) is placed.value
        )

    def _place(self, name: str, cell: TaskCell) -> None:
        refs = cell.refs(name)
        value = self._fetch(name, cell, refs)
        present = self._namespace.get(name, _MISSING)
        placed = self._placed.get(name)
        if present is not _MISSING and (placed is None or present is not placed.value):
            self._plain[name] = present
        if isinstance(value, Unbound):
            self._namespace.pop(name, None)
            self._placed.pop(name, None)
            if value.stayed:
                raise NotPicklable(value.why)
            return  # reading it raises NameError, as it would after the plain cell
        value = self._at_home(name, value, cell)
        self._namespace[name] = value
        small = self._bytes(refs) <= FINGERPRINT_LIMIT
        self._placed[name] = _Placed(refs, value, fingerprint(value) if small else None)

    def _at_home(self, name: str, value: Any, cell: TaskCell) -> Any:
        """Functions read the notebook's globals and show their cell's lines in tracebacks."""
        files: dict[str, str] = {}
        if name in cell.declared.definitions:
            shell, written = self._notebook.shell, cell.declared.written
            text = cell_with_lines(shell, written.body, written.lines_before)
            files[name] = shell.compile.cache(text, written.number)
        return Rebinder(self._namespace, files, own=self._notebook.task_made_names())(value)

    def _fetch(self, name: str, cell: TaskCell, refs: Refs) -> Any:
        session = self._notebook.session
        try:
            values = [session.result(ref) for ref in each_ref(refs)]
        except OrionError as error:
            if cell.stale and not self._has_value(cell):
                raise UsageError(
                    f"`{name}` is out of date ({cell.stale}) and has no value: "
                    f"run its cell again, or  %orion run {cell.name}"
                ) from error
            raise self._explained(error, name, cell) from error.__cause__
        return values if cell.many else values[0]

    def _explained(self, error: OrionError, name: str, cell: TaskCell) -> OrionError:
        """The error with the traceback of the task that is to blame."""
        session = self._notebook.session
        task = getattr(error, "task", "")
        report = session.report(task) if task else None
        story = report.story if report is not None else ()
        cause: BaseException | None = error
        blamed = cell.name
        if report is not None and report.root and report.root != task:
            root = self._notebook.cell_of_task(report.root)
            blamed = root.name if root is not None else report.root
            root_report = session.report(report.root)
            output = (
                root_report.task.outputs[0] if root_report and root_report.task.outputs else VALUE
            )
            try:
                session.result(ObjectRef(report.root, output), timeout=0)
            except (OrionError, TimeoutError) as original:
                cause = original
        return dress(error, name, cell.name, blamed, cause.__cause__ if cause else None, story)

    def _has_value(self, cell: TaskCell) -> bool:
        with self._notebook.lock:
            return all(
                track.state is not TaskState.CANCELLED for track in self._notebook.tracks(cell)
            )

    def _bytes(self, refs: Refs) -> int:
        """Of the encoded results; of many, as a few of them make believe."""
        every = each_ref(refs)
        some = every[:: max(1, len(every) // _SAMPLE)]
        total = 0
        for ref in some:
            track = self._notebook.tracker.tracks.get(ref.task)
            outputs = track.outputs if track is not None else None
            if outputs is None:
                report = self._notebook.session.report(ref.task)
                outputs = report.outputs if report is not None else {}
            total += outputs[ref.output].size if ref.output in outputs else 0
        return total * len(every) // max(1, len(some))

    def _warn_if_stale(self, cell: TaskCell) -> None:
        if not cell.stale:
            return
        text = (
            f"◇ {cell.name} is out of date: {cell.stale}. This is its earlier result; "
            f"%orion run {cell.name}  brings it up to date."
        )
        markup = f'<div style="color:#c77700;font-size:12px">{html.escape(text)}</div>'
        self._notebook.shell.display_pub.publish({"text/plain": text, "text/html": markup}, {})
