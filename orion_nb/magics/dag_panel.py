"""``%orion dag``: the live widget, and beneath it the picture that stays in the file."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from orion_nb.core.model import TaskId, WorkerKind
from orion_nb.widget import static
from orion_nb.widget.view import GraphView

from . import reasons
from .channels import DISPLAY, Channel
from .notebook import Notebook

_WAITING = {
    "text/plain": "",
    "text/html": '<span style="opacity:.6;font-size:11px" aria-hidden="true"></span>',
}


class DagPanel:
    """One graph under one cell. The widget is live; when nothing runs any more a picture of the
    finished run takes its place beside it, which needs no kernel.

    :param widget: a `widget.dag.DagWidget`; None where no widget can be shown.
    """

    def __init__(self, view: GraphView, channel: Channel, widget: Any) -> None:
        self._view = view
        self._channel = channel
        self._widget = widget
        self._display = f"orion-dag-{uuid.uuid4().hex[:12]}"
        self._drawn = -1  # revision of the view that the picture shows
        self._pushed = -1  # … and that the widget was told of
        self._confirmed = True
        self._data: dict[str, Any] = _WAITING

    def open(self) -> None:
        """Show the place of the picture; the widget has been displayed before."""
        self._draw()
        self._send("display_data")

    def tell(self, items: Sequence[Any]) -> None:
        if self._widget is not None:
            self._widget.update_from(items)

    def flush(self, *, inside_cell: bool = False) -> None:
        """Draw the picture when all tasks have ended; called by one thread at a time."""
        self._push()
        if self._draw():
            self._send("update_display_data")
            self._confirmed = inside_cell
        elif inside_cell and not self._confirmed and self._channel.style == DISPLAY:
            self._send("update_display_data")
            self._confirmed = True

    def close(self) -> None:
        if self._widget is not None:
            self._widget.close()

    def _push(self) -> None:
        """Not all that changes the view has come by `tell`: tasks of an earlier kernel, tasks that
        are forgotten or out of date."""
        revision = self._view.rev
        if self._widget is not None and revision != self._pushed:
            self._pushed = revision
            self._widget.push()

    def _draw(self) -> bool:
        with self._view.lock:
            revision = self._view.rev
            ready = self._view.finished and revision != self._drawn
        if not ready:
            return False
        self._data = static.bundle(self._view)
        self._drawn = revision
        return True

    def _send(self, kind: str) -> None:
        self._channel.send(
            kind,
            {"data": self._data, "metadata": {}, "transient": {"display_id": self._display}},
        )


def make_widget(notebook: Notebook, *, retry: Callable[[Sequence[TaskId]], Any]) -> Any:
    """The live graph of a notebook, wired. anywidget is imported here and not before.

    :param retry: what a click on Retry does; it is not the session's, for a stale task must
        not be computed from what its cell was.
    """
    from orion_nb.widget.dag import DagWidget

    session = notebook.session

    def cancelled(task: TaskId) -> str:
        session.cancel([task])
        return "asked to stop"

    def retried(task: TaskId) -> str:
        retry([task])
        return "starts again"

    return DagWidget(
        notebook.view,
        on_cancel=cancelled,
        on_retry=retried,
        on_logs=session.frames,
        on_why=lambda task: reasons.of_task(notebook, task),
        clock=session.clock,
        workers=lambda: sum(one.kind == WorkerKind.PROCESS for one in session.workers()),
    )
