"""`Notebook`: everything that is known of one notebook's task cells, and its session.

One per kernel. The feed's thread writes into it, the main thread reads and submits, widget
callbacks come from anywhere: `lock` guards all of it and is held for moments only, never
while something is asked of the session.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol

from orion_nb import keys
from orion_nb.client.session import Session
from orion_nb.core.commands import Change
from orion_nb.core.model import Frame, TaskId
from orion_nb.exceptions import UnknownDependency
from orion_nb.widget.view import GraphView

from .cells import Prepared, Source, TaskCell
from .channels import Channel
from .interrupts import Interrupts
from .lineage import Lineage
from .names import NameTable
from .opener import Opener
from .publisher import Publisher
from .suggest import unknown
from .tracking import Track, Tracker
from .transcript import Status, Transcript, status_html
from .waiting import Waiter
from .wording import Words, words_for


class Panel(Protocol):
    """Something else that shows the tasks: told of the feed, flushed by the publisher."""

    def tell(self, items: Sequence[Any]) -> None: ...

    def flush(self, *, inside_cell: bool = False) -> None: ...

    def close(self) -> None: ...


class Notebook:
    """The task cells of one kernel.

    :param open_session: makes the session; called once, on a thread of its own.
    :param path: of the notebook's file, if the front end tells; for people.
    """

    def __init__(self, shell: Any, open_session: Callable[[], Session], *, path: str = "") -> None:
        self.shell = shell
        self.path = path
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.tracker = Tracker()
        self.names = NameTable()
        self.lineage = Lineage(shell.transform_cell)
        self.cells: dict[str, TaskCell] = {}  # by key, in order of first declaration
        self.view = self._new_view()
        self.panels: list[Panel] = []  # live graphs
        self.interrupts = Interrupts(shell, self._cancel)
        self.waiter = Waiter(shell, self.tracker, self.changed, self.interrupts, self.clock)
        self._owner: dict[TaskId, str] = {}  # task → key of its cell
        self._replays: set[TaskId] = set()
        self._replaying = threading.Lock()
        self._stored: dict[tuple[str, str], Source] = {}  # by name and content
        self._opener = Opener(open_session)
        self._subscription: Any = None
        self._publisher: Publisher | None = None

    # ---------------------------------------------------------------- the session

    def start(self) -> None:
        """Begin to start the runtime, without waiting for it."""
        self._opener.start()

    @property
    def session(self) -> Session:
        """The session; waits for it if it is still being started."""
        session = self._opener.result()
        with self.lock:
            if self._subscription is None:
                self._publisher = Publisher(self._publish, self._ticking)
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

    def reset(self) -> None:
        """Stop the runtime and forget every cell; asking for the session starts anew."""
        self.close()
        with self.lock:
            for cell in self.cells.values():
                if cell.transcript is not None:
                    cell.transcript.close()
            self.cells.clear()
            self._owner.clear()
            self._stored.clear()
            self.tracker.forget(list(self.tracker.tracks))
            self.view = self._new_view()  # another runtime counts its changes anew
            self.names = NameTable()
            self.panels.clear()

    def close(self) -> None:
        """Stop everything: transcripts, publisher, runtime."""
        self.interrupts.close()
        for panel in self.panels:
            panel.close()
        if self._subscription is not None:
            self._subscription.close()
        if self._publisher is not None:
            self._publisher.close()
        self._subscription = self._publisher = None
        self._opener.close()

    # ---------------------------------------------------------------- cells

    def cell_of_task(self, task: TaskId) -> TaskCell | None:
        """The cell that a task belongs to now; None for tasks of earlier executions."""
        return self.cells.get(self._owner.get(task, ""))

    def cell_named(self, name: str) -> TaskCell | None:
        """The cell of a task's name, or else the newest that makes an output of this name."""
        with self.lock:
            for cell in self.cells.values():
                if cell.name == name:
                    return cell
            producer = self.names.producer(name)
            return self.cells.get(producer) if producer is not None else None

    def find(self, names: Iterable[str]) -> list[TaskCell]:
        """The cells of these names; all of them for no names.

        :raises UnknownDependency: in one line, with what it may have meant.
        """
        names = list(names)
        if not names:
            return self.in_order()
        found = []
        for name in names:
            cell = self.cell_named(name)
            if cell is None:
                raise UnknownDependency(unknown("task", name, self.task_names()))
            found.append(cell)
        return list({cell.key: cell for cell in found}.values())

    def in_order(self) -> list[TaskCell]:
        """All cells in the order in which they were first declared."""
        with self.lock:
            return sorted(self.cells.values(), key=lambda cell: self.names.position(cell.key))

    def namesake(self, prepared: Prepared) -> TaskCell | None:
        """Another cell whose task has this name."""
        with self.lock:
            return next(
                (
                    cell
                    for cell in self.cells.values()
                    if cell.name == prepared.name and cell.key != prepared.written.key
                ),
                None,
            )

    def drop(self, cell: TaskCell) -> None:
        """The cell is gone: another one has its name now."""
        with self.lock:
            self.cells.pop(cell.key, None)
            self.names.remove(cell.key)
            if cell.transcript is not None:
                cell.transcript.close()
            for task in cell.tasks:
                self._owner.pop(task, None)
            self.view.forget(cell.tasks)
            self.tracker.forget(cell.tasks)

    def producer_for(self, key: str, name: str) -> TaskCell | None:
        """The task cell that makes a name as this cell sees it; None for a plain name."""
        with self.lock:
            producer = self.names.bind(key, name)
            return self.cells.get(producer) if producer is not None else None

    def task_made_names(self) -> set[str]:
        """Names that stand for outputs or imports of task cells."""
        with self.lock:
            return {name for cell in self.cells.values() for name in cell.declared.makes}

    def declare(self, prepared: Prepared) -> None:
        """From here on the cell makes these names, for cells that come after it."""
        with self.lock:
            self.names.declare(prepared.written.key, prepared.declaration.makes)

    def plain(self, key: str, names: Iterable[str]) -> None:
        """A plain cell has bound these names: later cells get its values."""
        with self.lock:
            self.names.declare_plain(key, names)

    def task_names(self) -> list[str]:
        with self.lock:
            return [cell.name for cell in self.cells.values()]

    def output_names(self) -> list[str]:
        with self.lock:
            return list(dict.fromkeys(n for cell in self.cells.values() for n in cell.outputs))

    def tracks(self, cell: TaskCell) -> list[Track]:
        """Its tasks as they are now. Hold the lock to look at more than one moment."""
        return [self.tracker.get(task) for task in cell.tasks]

    def words(self, cell: TaskCell) -> Words:
        """What is said of a cell now."""
        with self.lock:
            waits = self._waits_for(cell)
            return words_for(
                self.tracks(cell),
                self.clock(),
                waits_for=waits,
                stale=cell.stale,
                again=cell.again,
                blames=self.blames(cell),
            )

    def broken(self, cell: TaskCell) -> list[TaskId]:
        """Its tasks that failed, never ran because of a failure, or were cancelled."""
        with self.lock:
            return [track.id for track in self.tracks(cell) if track.final and not track.done]

    def blames(self, cell: TaskCell) -> str:
        """The name of the cell whose failure kept this one from running; "" if none did."""
        roots = (self.cell_of_task(track.root) for track in self.tracks(cell) if track.root)
        return next((root.name for root in roots if root is not None and root is not cell), "")

    def unfinished(self, cell: TaskCell) -> list[TaskId]:
        with self.lock:
            return [track.id for track in self.tracks(cell) if not track.final]

    def _waits_for(self, cell: TaskCell) -> str:
        """Names of the cells whose tasks keep this one waiting."""
        waits = []
        for key in cell.declared.needs:
            other = self.cells.get(key)
            if other is not None and not all(track.final for track in self.tracks(other)):
                waits.append(other.name)
        return ", ".join(waits)

    # ---------------------------------------------------------------- submitting

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
            cell = TaskCell(prepared.declaration, tuple(tasks))
            self.cells[key] = cell
            self._owner.update(dict.fromkeys(tasks, key))
            self._show(cell, channel, old.transcript if old is not None else None)
        return cell

    def attach(self, cell: TaskCell, prepared: Prepared, channel: Channel) -> None:
        """The cell was executed again and its tasks still are what it asks for."""
        with self.lock:
            before = cell.transcript
            cell.declared = prepared.declaration
            cell.stale = ""
            cell.again = all(track.final for track in self.tracks(cell))
            self._show(cell, channel, before)

    def _retire(self, old: TaskCell, tasks: Sequence[TaskId]) -> None:
        for task in old.tasks:
            self._owner.pop(task, None)
        if len(old.tasks) == len(tasks):
            for before, after in zip(old.tasks, tasks, strict=True):
                self.view.supersede(before, after)
        else:
            self.view.forget(old.tasks)
        self.tracker.forget(old.tasks)

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
        words = self.words(cell)
        text = f"{cell.name} · {words.text}"
        if cell.declared.provenance:
            text += " · keyed by provenance"
        tip = f"not cached: {'; '.join(cell.uncached)}" if cell.uncached else ""
        return f"{words.icon} {text}", status_html(
            text, colour=words.colour, icon=words.icon, title=tip
        )

    def mark_stale_after(self, cell: TaskCell) -> list[TaskCell]:
        """Everything that was made from this cell's earlier result is out of date."""
        with self.lock:
            marked: dict[str, TaskCell] = {}
            todo = [cell]
            while todo:
                one = todo.pop()
                for other in self.cells.values():
                    if other.key in marked or other.key == cell.key:
                        continue
                    if any(origin.cell == one.key for origin in other.declared.origins.values()):
                        marked[other.key] = other
                        other.stale = other.stale or f"`{one.name}` has changed"
                        todo.append(other)
            tasks = [task for other in marked.values() for task in other.tasks]
            self.view.mark_stale(tasks)
            self._poke()
            return list(marked.values())

    # ---------------------------------------------------------------- waiting

    def wait(
        self, cells: Iterable[TaskCell], what: str, *, submitted: Sequence[TaskId] = ()
    ) -> None:
        """Wait until the cells' tasks have ended and their output stands under them.

        :raises KeyboardInterrupt: the wait was interrupted; the tasks go on.
        """
        tasks = [task for cell in cells for task in cell.tasks]
        try:
            self.waiter.wait(tasks, what, submitted=submitted)
        finally:
            self.flush(inside_cell=True)

    def flush(self, *, inside_cell: bool = False) -> None:
        """Bring every cell's output up to date now, from the calling thread."""
        self._replay()
        with self.lock:
            transcripts = [cell.transcript for cell in self.cells.values()]
            panels = list(self.panels)
        for transcript in transcripts:
            if transcript is not None:
                transcript.flush(inside_cell=inside_cell)
        for panel in panels:
            panel.flush(inside_cell=inside_cell)

    def _cancel(self, tasks: Sequence[TaskId]) -> None:
        self.session.cancel(tasks, "interrupted twice")

    # ---------------------------------------------------------------- the feed

    def _on_items(self, items: Sequence[Any]) -> None:
        urgent = False
        with self.changed:
            for item in items:
                task = self.tracker.apply(item)
                if task is None:
                    continue
                cell = self.cell_of_task(task)
                transcript = cell.transcript if cell is not None else None
                if isinstance(item, Frame) and transcript is not None:
                    transcript.add(item)
                if isinstance(item, Change):
                    if item.why == "hit":
                        self._replays.add(task)
                    if item.new.final:
                        urgent = True
                        if transcript is not None and item.why != "hit":
                            transcript.ended(task)
            self.view.update(items)
            panels = list(self.panels)
            self.changed.notify_all()
        for panel in panels:
            panel.tell(items)
        self._poke(urgent=urgent)

    def _replay(self) -> None:
        """Fetch what cache hits had put out when they were computed."""
        # Whoever comes second waits until the first has them all: its flush must be complete.
        with self._replaying:
            with self.lock:
                tasks, self._replays = self._replays, set()
            for task in tasks:
                self._replay_one(task, self.session.frames(task))

    def _replay_one(self, task: TaskId, frames: Sequence[Frame]) -> None:
        with self.lock:
            track = self.tracker.get(task)
            if track.frames:
                return
            track.frames.extend(frames)
            cell = self.cell_of_task(task)
            if cell is not None and cell.transcript is not None:
                for frame in frames:
                    cell.transcript.add(frame)
                cell.transcript.ended(task)

    def _publish(self) -> None:
        self.flush()

    def _poke(self, *, urgent: bool = False) -> None:
        if self._publisher is not None:
            self._publisher.poke(urgent=urgent)

    def _ticking(self) -> bool:
        with self.lock:
            return any(self.unfinished(cell) for cell in self.cells.values())
