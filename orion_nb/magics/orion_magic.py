"""``%orion``: what each of its words does. What they are called is in `commands`."""

from __future__ import annotations

import html
from argparse import Namespace
from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.error import UsageError as ShellUsageError

from orion_nb.core.model import ObjectRef, TaskId
from orion_nb.exceptions import OrionError, UsageError

from . import accepting, attaching, debugging, programs, reports, standing
from .cells import TaskCell
from .channels import DISPLAY, TERMINAL, channel_for
from .commands import Command, parse
from .dag_panel import DagPanel, make_widget
from .interrupts import WHAT_INTERRUPTS_DO
from .notebook import Notebook
from .rendering import Pieces, as_html, as_text
from .upkeep import plan, run
from .values import Values


class OrionMagic:
    """The line magic of one notebook.

    :param stop: what ``%orion shutdown`` does.
    """

    def __init__(self, notebook: Notebook, values: Values, stop: Callable[[], None]) -> None:
        self._notebook = notebook
        self._values = values
        self._stop = stop

    def __call__(self, line: str) -> Any:
        try:
            answer = parse(line, self._run)
        except OrionError as error:
            if getattr(error, "_render_traceback_", None) is not None:
                raise  # a failed task: it shows itself
            raise ShellUsageError(" ".join(str(error).split())) from None
        if isinstance(answer, str):
            print(answer)
            return None
        return answer

    def _run(self, command: Command, arguments: Namespace) -> Any:
        words: dict[str, Callable[[Namespace], Any]] = {
            "status": self._status,
            "attach": self._attach,
            "inputs": self._inputs,
            "accept": self._accept,
            "interrupts": self._interrupts,
            "dag": self._dag,
            "run": self._bring_up_to_date,
            "why": self._why,
            "plan": self._plan,
            "logs": self._logs,
            "cancel": self._cancel,
            "retry": self._retry,
            "workers": self._workers,
            "cache": self._cache,
            "wait": self._wait,
            "ref": self._ref,
            "shutdown": self._shutdown,
        }
        return words[command.word](arguments)

    # ---------------------------------------------------------------- looking

    def _status(self, arguments: Namespace) -> None:
        cells = self._notebook.find(arguments.names)
        shown = [reports.status(self._notebook, cells)]
        if not arguments.names or arguments.all:
            overview = self._notebook.session.overview()
            if arguments.all:
                shown.append(standing.everybody(overview, self._notebook.session.name))
            shown.append(standing.runtime(overview))
        self._show("\n\n".join(text for text, _ in shown), "".join(markup for _, markup in shown))

    def _attach(self, arguments: Namespace) -> None:
        done = attaching.attach(self._notebook, arguments.names)
        if done.cells:
            self._show(*reports.status(self._notebook, done.cells))
        for line in attaching.words(done):
            self._say(line)
        if not done.cells and not done.forgotten:
            print("No earlier kernel has left a task that is not here already.")
        attaching.show(self._notebook, done.cells)

    def _plan(self, arguments: Namespace) -> None:
        steps = plan(self._notebook, self._values, self._notebook.find(arguments.names))
        self._show(*reports.plan(self._notebook, steps))

    def _why(self, arguments: Namespace) -> None:
        (cell,) = self._notebook.find([arguments.name])
        self._show(*reports.why(self._notebook, cell))

    def _logs(self, arguments: Namespace) -> None:
        (cell,) = self._notebook.find([arguments.name])
        texts, markups = [], []
        for task, label in zip(cell.tasks, cell.labels, strict=True):
            pieces = Pieces(self._notebook.session.frames(task))
            if not pieces:
                continue
            if label:
                texts.append(f"── {label} ──")
                markups.append(f"<div>── {html.escape(label)} ──</div>")
            texts.append(as_text(pieces))
            markups.append(as_html(pieces))
        self._show("\n".join(texts) or "(no output)", "\n".join(markups) or "(no output)")

    def _ref(self, arguments: Namespace) -> ObjectRef | list[ObjectRef]:
        name = arguments.name
        (cell,) = self._notebook.find([name])
        if name in cell.outputs:
            refs = cell.refs(name)
        elif len(cell.outputs) == 1:
            refs = cell.refs(cell.outputs[0])
        else:
            raise UsageError(
                f"task {name} makes {', '.join(cell.outputs) or 'nothing'}: name one of them"
            )
        return refs if isinstance(refs, ObjectRef) else list(refs)

    def _dag(self, arguments: Namespace) -> None:
        notebook = self._notebook
        channel = channel_for(notebook.shell)
        if channel.style == TERMINAL:
            from orion_nb.widget import static

            print(static.table(notebook.view))
            return
        widget = make_widget(notebook, retry=self._retry_from_graph)
        panel = DagPanel(notebook.view, channel, widget)
        from IPython.display import display

        display(widget)
        panel.open()
        with notebook.lock:
            notebook.panels.append(panel)

    def _retry_from_graph(self, tasks: Sequence[TaskId]) -> None:
        """A click: on another thread, so the notebook's names are not touched."""
        for task in tasks:
            cell = self._notebook.cell_of_task(task)
            if cell is not None and cell.stale:
                raise UsageError(f"out of date: run its cell again, or  %orion run {cell.name}")
        self._notebook.session.retry(tasks)

    # ---------------------------------------------------------------- doing

    def _bring_up_to_date(self, arguments: Namespace) -> None:
        done = run(self._notebook, self._values, self._notebook.find(arguments.names))
        if not done:
            print("Everything is up to date.")
            return
        print(f"Started: {', '.join(one.cell.name for one in done)}")
        if arguments.wait:
            tasks = [task for one in done for task in one.tasks]
            self._notebook.wait([one.cell for one in done], "what was started", submitted=tasks)

    def _wait(self, arguments: Namespace) -> None:
        cells = self._notebook.find(arguments.names)
        unfinished = [cell for cell in cells if self._notebook.unfinished(cell)]
        what = ", ".join(cell.name for cell in unfinished)
        self._notebook.wait(cells, what if len(what) < 60 else f"{len(unfinished)} cells")
        if channel_for(self._notebook.shell).style == DISPLAY:
            programs.raise_failure(self._notebook, cells)

    def _inputs(self, arguments: Namespace) -> None:
        if arguments.close:
            debugging.close_inputs(self._notebook)
            print("Names mean the newest results of their tasks again.")
            return
        if not arguments.name:
            raise UsageError("%orion inputs NAME: whose inputs? (--close gives names back)")
        (cell,) = self._notebook.find([arguments.name])
        opened = debugging.open_inputs(self._notebook, self._values, cell, arguments.item)
        print(*debugging.words(opened), sep="\n")

    def _accept(self, arguments: Namespace) -> None:
        (cell,) = self._notebook.find([arguments.name])
        done = accepting.accept(self._notebook, self._values, cell)
        self._notebook.wait([done.cell], done.cell.name, submitted=done.tasks)
        print(f"Accepted: the result of {done.cell.name} is that of its cell as it is now.")
        if done.stale:
            names = ", ".join(one.name for one in done.stale)
            print(f"%orion run  brings up to date what comes after it: {names} (hits, if cached)")

    def _interrupts(self, arguments: Namespace) -> None:
        interrupts = self._notebook.interrupts
        if arguments.choice is not None:
            interrupts.default = arguments.choice
        print(WHAT_INTERRUPTS_DO[interrupts.default])

    def _cancel(self, arguments: Namespace) -> None:
        if arguments.all:
            if arguments.names:
                raise UsageError("%orion cancel --all: takes no names")
            self._notebook.session.cancel_all()
            print("Cancelling every task of this notebook.")
            return
        cells = self._notebook.find(arguments.names)
        tasks = self._tasks(cells, lambda cell: self._notebook.unfinished(cell))
        if not tasks:
            print("Nothing is running.")
            return
        self._notebook.session.cancel(tasks)
        print(f"Cancelling: {self._names(tasks)}")

    def _retry(self, arguments: Namespace) -> None:
        cells = self._notebook.find(arguments.names)
        tasks = self._tasks(cells, self._notebook.broken)
        if not tasks:
            print("Nothing has failed or was cancelled.")
            return
        self._notebook.session.retry(tasks, downstream=arguments.downstream)
        print(f"Trying again: {self._names(tasks)}")

    def _workers(self, arguments: Namespace) -> None:
        if arguments.count is not None:
            self._notebook.session.resize(arguments.count)
        self._show(*reports.workers(self._notebook))

    def _cache(self, arguments: Namespace) -> None:
        session = self._notebook.session
        if arguments.action == "list":
            self._show(*reports.cache_list(session.cache_list()))
        elif arguments.action == "clear":
            count = session.cache_clear()
            with self._notebook.lock:
                for cell in self._notebook.cells.values():
                    cell.cleared = True
            print(f"Forgot {count} cached result{'' if count == 1 else 's'}.")
        else:
            self._show(*reports.cache_size(session.cache_report()))

    def _shutdown(self, arguments: Namespace) -> None:
        session = self._notebook.session
        others = (
            standing.others_at_work(session.overview(), session.name) if session.durable else []
        )
        if others and not arguments.force:
            raise UsageError(
                f"tasks of {', '.join(others)} run in it: %orion shutdown --force  stops them, too"
            )
        self._stop()
        print("The runtime has stopped; the cache stays. The next task starts it again.")

    # ----------------------------------------------------------------

    def _tasks(
        self, cells: Sequence[TaskCell], choose: Callable[[TaskCell], list[TaskId]]
    ) -> list[TaskId]:
        return [task for cell in cells for task in choose(cell)]

    def _names(self, tasks: Sequence[TaskId]) -> str:
        cells = [self._notebook.cell_of_task(task) for task in tasks]
        return ", ".join(dict.fromkeys(cell.name for cell in cells if cell is not None))

    def _say(self, text: str) -> None:
        markup = f'<div style="opacity:.7;font-size:12px">◇ {html.escape(text)}</div>'
        self._show(f"◇ {text}", markup)

    def _show(self, text: str, markup: str) -> None:
        self._notebook.shell.display_pub.publish({"text/plain": text, "text/html": markup}, {})
