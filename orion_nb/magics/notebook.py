"""`Notebook`: everything that is known of one notebook's task cells, and its session.

One per kernel. The feed's thread writes into it, the main thread reads and submits, widget
callbacks come from anywhere: `lock` guards all of it and is held for moments only, never
while something is asked of the session.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from orion_nb import keys
from orion_nb.client.session import Session
from orion_nb.core.model import Component, Digest, ObjectRef, TaskId
from orion_nb.exceptions import RuntimeUnreachable
from orion_nb.widget.view import GraphView

from .cell_table import CellTable
from .cells import Declaration, Prepared, Source, TaskCell
from .channels import DISPLAY, Channel
from .digests import digest_of
from .environments import Environments
from .incoming import Incoming
from .interrupts import CANCEL, TWICE, Interrupts
from .lineage import Lineage
from .names import NameTable
from .opener import Opener
from .publisher import TICK, Publisher
from .remembered import Memory, Remembered
from .tracking import WIDE
from .transcript import Status, Transcript, status_html
from .waiting import Waiter
from .wording import Words, words_for

AT_ONCE = 200
"""Tasks whose earlier output is fetched before what there is is shown."""


log = logging.getLogger(__name__)


class Panel(Protocol):
    """Something else that shows the tasks: told of the feed, flushed by the publisher."""

    def tell(self, items: Sequence[Any]) -> None: ...

    def flush(self, *, inside_cell: bool = False) -> None: ...

    def close(self) -> None: ...


class Notebook(CellTable):
    """The task cells of one kernel.

    :param open_session: makes the session; called once, on a thread of its own.
    :param path: of the notebook's file, if the front end tells; for people.
    """

    def __init__(self, shell: Any, open_session: Callable[[], Session], *, path: str = "") -> None:
        super().__init__()
        self.shell = shell
        self.path = path
        self.changed = threading.Condition(self.lock)
        self.lineage = Lineage(shell.transform_cell)
        self.view = self._new_view()
        self.panels: list[Panel] = []  # live graphs
        self.memory = Memory()
        self.environments = Environments()
        self.incoming = Incoming(self, lambda: self.view)
        self.interrupts = Interrupts(shell, self._cancel)
        self.waiter = Waiter(shell, self.tracker, self.changed, self.interrupts, self.clock)
        self._stored: dict[tuple[str, str], Source] = {}  # by name and content
        self._replaced: list[tuple[str, TaskId]] = []  # (cell, its task of an execution before)
        self._open_session = open_session
        self._opener = Opener(self._open)
        self._subscription: Any = None
        self._publisher: Publisher | None = None

    # ---------------------------------------------------------------- the session

    def start(self) -> None:
        """Begin to start the runtime, without waiting for it."""
        self._opener.start()

    def _open(self) -> Session:
        session = self._open_session()
        self.memory.open(session)
        self.environments.open(session)
        return session

    @property
    def session(self) -> Session:
        """The session; waits for it if it is still being started."""
        session = self._opener.result()
        with self.lock:
            if self._subscription is None:
                self._publisher = Publisher(self.flush, self._ticking)
                self._subscription = session.watch(self._on_items)
        return session

    @property
    def started(self) -> bool:
        """Whether there is a session (asking does not start one)."""
        return self._subscription is not None

    def clock(self) -> float:
        """Now, on the feed's clock."""
        return self.session.clock() if self.started else 0.0

    def _new_view(self) -> GraphView:
        title = self.path.rpartition("/")[2]
        return GraphView(title, history=lambda group: self.session.history(group))

    def put(self, name: str, value: Any) -> Source:
        """A value of the notebook in the store; the same content is stored once.

        :raises NotPicklable: names the value.
        """
        try:
            content = keys.content_hash(value)
        except keys.Unhashable:
            ref = self.session.put(name, value)
            return Source("", ref.output, ref)
        source = self._stored.get((name, content))
        if source is None:
            ref = self.session.put(name, value)
            source = self._stored[name, content] = Source("", ref.output, ref, content)
        return source

    def digest(self, ref: ObjectRef) -> Digest | None:
        """Of a result; None while it is not there, or when it was forgotten."""
        with self.lock:
            track = self.tracker.tracks.get(ref.task)
            known = (track.outputs or {}).get(ref.output) if track is not None else None
        return known.digest if known is not None else digest_of(self.session, ref)

    def as_in_workers(self, components: Sequence[Component]) -> tuple[Component, ...]:
        """Parts of a key with the versions that the workers have; waits for the session."""
        _ = self.session
        return self.environments.as_in_workers(components)

    def reset(self) -> None:
        """Stop the runtime and forget every cell; asking for the session starts anew."""
        self._leave()
        self._opener.close(stop=True)
        with self.lock:
            for cell in self.cells.values():
                if cell.transcript is not None:
                    cell.transcript.close()
            self.cells.clear()
            self._stored.clear()
            self._replaced.clear()
            self.tracker.forget(list(self.tracker.tracks))
            self.view = self._new_view()  # another runtime counts its changes anew
            self.names = NameTable()
            self.memory = Memory()
            self.environments = Environments()
            self.panels.clear()

    def close(self) -> None:
        """Leave: no thread stays. The tasks go on if their runtime outlives the kernel."""
        self._leave()
        self._opener.close()

    def _leave(self) -> None:
        self.interrupts.close()
        for panel in self.panels:
            panel.close()
        if self._subscription is not None:
            self._subscription.close()
        if self._publisher is not None:
            self._publisher.close()
        self._subscription = self._publisher = None

    # ---------------------------------------------------------------- cells

    def words(self, cell: TaskCell) -> Words:
        """What is said of a cell now."""
        with self.lock:
            return words_for(
                self.tracks(cell),
                self.clock(),
                waits_for=self.waits_for(cell),
                stale=cell.stale,
                again=cell.again,
                blames=self.blames(cell),
            )

    def introduce(self, tasks: Iterable[TaskId]) -> None:
        """These tasks will be submitted: what is told of them is ours."""
        with self.lock:
            for task in tasks:
                self.tracker.get(task)

    def adopt(
        self, prepared: Prepared, tasks: Sequence[TaskId], channel: Channel | None
    ) -> TaskCell:
        """The cell's tasks have been submitted: show their output through `channel`, or, where
        the cell was not executed for it (None), where its earlier output stands."""
        with self.lock:
            key = prepared.written.key
            old = self.cells.get(key)
            if old is not None:
                self._retire(old, tasks)
            cell = self._add(TaskCell(prepared.declaration, tuple(tasks)))
            if old is not None:
                cell.since = old.since
            self._show(cell, channel, old.transcript if old is not None else None)
        return cell

    def attach(self, cell: TaskCell, declared: Declaration, channel: Channel) -> None:
        """The cell was executed again and its tasks still are what it asks for; or it is one of
        an earlier kernel, and is to be shown."""
        with self.lock:
            before = cell.transcript
            cell.declared = declared
            cell.stale = ""
            cell.again = self.is_over(cell)
            self._show(cell, channel, before)

    def restore(self, found: Remembered, declared: Declaration) -> TaskCell:
        """A cell of an earlier kernel, whose tasks have been introduced. It is not shown yet."""
        with self.lock:
            cell = TaskCell(declared, found.tasks, since=found.since, told=found.told)
            cell.earlier = True
            self.declare(declared)
            return self._add(cell)

    def _add(self, cell: TaskCell) -> TaskCell:
        self.cells[cell.key] = cell
        self.tracker.assign(cell.tasks, cell.key)
        return cell

    def drop(self, cell: TaskCell) -> None:
        """The cell is gone: another one has its name now. Not to be called with the lock held."""
        with self.lock:
            self.cells.pop(cell.key, None)
            self.names.remove(cell.key)
            if cell.transcript is not None:
                cell.transcript.close()
            self._let_go(cell.tasks)
            self.view.forget(cell.tasks)
        self.memory.drop([cell.key])

    def not_needed(self, key: str, tasks: Iterable[TaskId]) -> list[TaskId]:
        """Tasks of replaced executions that may be forgotten: these, of the cell of this key, and
        earlier ones, except those that a failed task has read (`%orion inputs` opens that)."""
        with self.lock:
            self._replaced += [(key, task) for task in tasks]
            read = {
                origin.cell
                for cell in self.cells.values()
                if self.broken(cell)
                for origin in cell.declared.origins.values()
            }
            over = [task for cell, task in self._replaced if cell not in read]
            self._replaced = [one for one in self._replaced if one[0] in read]
            return over

    def _retire(self, old: TaskCell, tasks: Sequence[TaskId]) -> None:
        self._let_go(old.tasks)
        if len(old.tasks) == len(tasks):
            for before, after in zip(old.tasks, tasks, strict=True):
                self.view.supersede(before, after)
        else:
            self.view.forget(old.tasks)

    def _let_go(self, tasks: Sequence[TaskId]) -> None:
        self.tracker.forget(tasks)
        self.incoming.forget(tasks)

    def mark_stale_after(self, cell: TaskCell) -> list[TaskCell]:
        """Everything that was made from this cell's earlier result is out of date."""
        with self.lock:
            marked = self.downstream(cell)
            reader = {cell.key: cell.name}
            for other in marked:
                via = next(o.cell for o in other.declared.origins.values() if o.cell in reader)
                reader[other.key] = other.name
                other.stale = other.stale or f"`{reader[via]}` has changed"
            self.view.mark_stale([task for other in marked for task in other.tasks])
            self._poke()
            return marked

    # ---------------------------------------------------------------- showing

    def _show(self, cell: TaskCell, channel: Channel | None, before: Transcript | None) -> None:
        """Open the cell's output, with what its tasks have put out already."""
        labelled = list(zip(cell.tasks, cell.labels, strict=True))
        if before is not None:
            before.close()
        if channel is not None:
            place, predecessor = channel, None
        else:
            assert before is not None, "only a cell with output can be run without being executed"
            place, predecessor = before.channel, before
        transcript = Transcript(
            cell.name, labelled, place, lambda: self._status(cell), before=predecessor
        )
        cell.transcript = transcript
        for track in self.tracks(cell):
            for frame in track.frames:
                transcript.add(frame)
            if track.final:
                transcript.ended(track.id)
        transcript.open()
        self._poke()

    def _status(self, cell: TaskCell) -> Status:
        now = time.monotonic()
        if len(cell.tasks) > WIDE and cell.said is not None and not self.is_over(cell):
            said, status = cell.said
            if now - said < TICK:
                return status
        status = self._status_now(cell)
        cell.said = (now, status) if len(cell.tasks) > WIDE else None
        return status

    def _status_now(self, cell: TaskCell) -> Status:
        words = self.words(cell)
        text = f"{cell.name} · {words.text}"
        if cell.declared.provenance:
            text += " · keyed by provenance"
        if any(track.accepted for track in self.tracks(cell)):
            text += " · accepted despite an edit"
        tip = f"not cached: {'; '.join(cell.uncached)}" if cell.uncached else ""
        return f"{words.icon} {text}", status_html(
            text, colour=words.colour, icon=words.icon, title=tip
        )

    def wait(
        self, cells: Iterable[TaskCell], what: str, *, submitted: Sequence[TaskId] = ()
    ) -> None:
        """Wait until the cells' tasks have ended and their output stands under them.

        :raises KeyboardInterrupt: the wait was interrupted; the tasks go on.
        """
        cells = list(cells)
        tasks = [task for cell in cells for task in cell.tasks]
        second = [task for task in submitted if self._on_interrupt(task) == TWICE]
        first = [
            task for cell in cells for task in (cell.tasks if self._choice(cell) == CANCEL else ())
        ]
        try:
            self.waiter.wait(tasks, what, submitted=second, at_once=first)
        finally:
            if any(cell.transcript and cell.transcript.style == DISPLAY for cell in cells):
                # A program takes what is there when the cell ends, and nothing later.
                while self.incoming.fetch(self.session, AT_ONCE):
                    pass
            self.flush(inside_cell=True)

    def _on_interrupt(self, task: TaskId) -> str:
        cell = self.cell_of_task(task)
        return self._choice(cell) if cell is not None else self.interrupts.default

    def _choice(self, cell: TaskCell) -> str:
        return cell.declared.options.on_interrupt or self.interrupts.default

    def flush(self, *, inside_cell: bool = False) -> None:
        """Bring every cell's output up to date now, from the calling thread."""
        try:
            # A last round, after the session was left, must not open another one.
            more = self.incoming.fetch(self.session, AT_ONCE) if self.started else False
        except RuntimeUnreachable as error:  # it is said where something is asked of it
            log.info("earlier output cannot be fetched: %s", error)
            more = False
        with self.lock:
            shown = [cell for cell in self.cells.values() if cell.transcript is not None]
            ended = [cell for cell in shown if not cell.told and self.is_over(cell)]
            panels = list(self.panels)
        for cell in shown:
            if cell.transcript is not None:
                cell.transcript.flush(inside_cell=inside_cell)
        for panel in panels:
            panel.flush(inside_cell=inside_cell)
        for cell in ended:
            self._tell(cell)
        if more:
            self._poke(urgent=True)

    def _tell(self, cell: TaskCell) -> None:
        """How the cell's tasks ended has been shown."""
        cell.told = True
        if cell.before is not None and not self.broken(cell):
            before, cell.before = cell.before, None
            self.session.forget(self.not_needed(cell.key, before.tasks))
        if self.broken(cell) or not cell.declared.cacheable:  # others are taken over anyway
            self.memory.told(cell.key)

    def _cancel(self, tasks: Sequence[TaskId]) -> None:
        self.session.cancel(tasks, "interrupted")

    # ---------------------------------------------------------------- the feed

    def _on_items(self, items: Sequence[Any]) -> None:
        with self.changed:
            shown, ended = self.incoming.take(items)
            panels = list(self.panels)
            self.changed.notify_all()
        for panel in panels:
            panel.tell(shown)
        self._poke(urgent=ended)

    def _poke(self, *, urgent: bool = False) -> None:
        if self._publisher is not None:
            self._publisher.poke(urgent=urgent)

    def _ticking(self) -> bool:
        with self.lock:
            return any(not self.is_over(cell) for cell in self.cells.values())
