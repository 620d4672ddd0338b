"""`DagWidget`: the live graph in a notebook (anywidget). Imported on first use only.

How it keeps out of everybody's way:

* One daemon thread of its own sends to the browser; a publisher's `update_from` or `push`
  and the kernel's main thread never wait for it. Layouts run on a second thread.
* At most `RATE` messages a second; a task that ends, or the end of all, goes at once while
  the budget lasts.
* The state that travels when the widget opens or a page is reloaded is made at that moment
  (`get_state`), so nothing keeps a large trait in step. In between, custom messages carry
  deltas with revisions; a front end that sees a gap asks for the snapshot.
* A custom message is lost if no view listens yet, and a busy kernel may not hear the first
  question of a view (its subshell is still being made). So until a front end has spoken, state goes
  as traits, which a page keeps whoever listens.
* Messages from the browser carry an id and are answered with it. They arrive on a subshell
  thread while a cell runs (or, without subshells, when it ends), so their handlers take no
  lock for long and never touch the user's names.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

import anywidget
import traitlets

from ..core.commands import Change
from ..core.model import Progress, TaskId
from ..exceptions import OrionError
from . import assets, picture
from .view import GraphView

RATE = 10.0
"""Messages to the browser a second, at most, in the long run."""

_BURST = 3.0
"""Messages that may go at once after a quiet time."""

_LOOK_EVERY, _TICK = 0.4, 1.0
"""Seconds between two looks ahead; and between two of them while nothing is heard."""

_BRIEF_BARS = 200  # of the timeline, in the snapshot that is a trait

_COUNT_EVERY = 2.0  # seconds between two questions for the number of workers

Action = Callable[[TaskId], Any]

log = logging.getLogger(__name__)


class DagWidget(anywidget.AnyWidget):
    """Shows a `GraphView` and keeps showing it as it changes.

    :param view: what to show; several widgets may share one.
    :param on_cancel: called with a task's id; what it returns is shown as the answer.
    :param on_retry: the same, for a failed, cancelled or stale task.
    :param on_logs: returns the task's output so far: text (ANSI colours welcome), or frames.
    :param on_why: returns why the task ran, was a hit or waits: lines of text.
    :param workers: how many tasks can run at a time; asked every few seconds. Without
        it the number is learned from the items that arrive.
    :param clock: seconds on the feed's clock now. Without it the offset between that clock and
        ours is learned from the items that arrive.

    A callback that is missing hides its button. One that raises `OrionError` shows its words.
    All are called on a thread that is not the main one while a cell runs.
    """

    _esm = assets.esm()
    _css = assets.css()
    snapshot = traitlets.Dict().tag(sync=True)
    geometry = traitlets.Dict().tag(sync=True)
    actions: traitlets.List[str] = traitlets.List().tag(sync=True)

    def __init__(
        self,
        view: GraphView,
        *,
        on_cancel: Action | None = None,
        on_retry: Action | None = None,
        on_logs: Action | None = None,
        on_why: Action | None = None,
        clock: Callable[[], float] | None = None,
        workers: Callable[[], int] | None = None,
    ) -> None:
        self.view = view
        self._callbacks = {
            name: call
            for name, call in (
                ("cancel", on_cancel), ("retry", on_retry), ("logs", on_logs), ("why", on_why)
            )
            if call is not None
        }  # fmt: skip
        self._clock = clock
        self._workers = workers
        self._count: int | None = None
        self._counted = -_COUNT_EVERY
        self._looked = self._look_cost = 0.0  # when we looked ahead, and how long it took
        self._offset: float | None = None
        self._wake = threading.Condition()
        self._urgent = self._dirty = self._sending = self._closing = False
        self._sent_rev = -1
        self._heard = False  # a front end has spoken: it listens to custom messages
        self._laid_out = -1
        self._laying_out = False
        self._layout: picture.Layout | None = None
        self._thread: threading.Thread | None = None
        super().__init__(snapshot=self._brief(), actions=sorted(self._callbacks))
        self._sent_rev = self.snapshot["rev"]
        self._answer_on_subshells()
        self.on_msg(self._on_message)
        self._thread = threading.Thread(target=self._publish, name="orion-dag", daemon=True)
        self._thread.start()
        self.push()

    # ---------------------------------------------------------------- for publishers

    def update_from(self, items: Iterable[Any]) -> None:
        """Feed the view with items (`Change`, `Progress`; others are ignored) and show them.

        Any thread, returns at once. Items that the view has seen already do no harm, so a
        shared view may be fed by its owner and by each of its widgets.
        """
        drawn = [item for item in items if isinstance(item, (Change, Progress))]
        changes = [item for item in drawn if isinstance(item, Change)]
        if changes:  # news is never from the future: the smallest lag seen is the offset
            offset = max(change.at for change in changes) - time.monotonic()
            self._offset = offset if self._offset is None else max(self._offset, offset)
        self.view.update(drawn)
        if drawn:
            self.push(urgent=any(change.new.final for change in changes))

    def push(self, *, urgent: bool = False) -> None:
        """The view has changed: show it soon (`urgent`: now, if the budget allows). Any thread."""
        with self._wake:
            self._dirty = True
            self._urgent = self._urgent or urgent
            self._wake.notify()

    def mark_stale(self, tasks: Iterable[TaskId]) -> None:
        """See `GraphView.mark_stale`."""
        self.view.mark_stale(tasks)
        self.push()

    def close(self) -> None:
        """Stop the publisher and close the widget in the browser."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        super().close()

    def flush(self, timeout: float = 10.0) -> bool:
        """Wait until what the view shows now has been sent and laid out (for tests and for the
        end of a script). False: not within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._wake:
            while (
                self._dirty
                or self._sending
                or self._laying_out
                or self._laid_out != self.view.topology
            ):
                if not self._wake.wait(max(0.0, deadline - time.monotonic())):
                    return False
        return True

    # ---------------------------------------------------------------- to the browser

    def get_state(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """What a page that opens or reloads gets: the state of this moment."""
        if self._thread is not None:
            self.set_silently(snapshot=self._brief())
        state: dict[str, Any] = super().get_state(*args, **kwargs)
        return state

    def set_silently(self, **traits: Any) -> None:
        """Set traits without telling anybody: whoever asks for the state reads them."""
        self._trait_values.update(traits)

    def _fresh(self) -> dict[str, Any]:
        return {**self.view.snapshot(), "clock": self._now()}

    def _brief(self) -> dict[str, Any]:
        """What travels as a trait, perhaps often and into the file: not all bars of a long timeline.
        A view asks for the whole as soon as it opens."""
        snapshot = self._fresh()
        if len(snapshot["spans"]) > _BRIEF_BARS:
            snapshot |= {"spans": snapshot["spans"][-_BRIEF_BARS:], "part": True}
        return snapshot

    def _now(self) -> float:
        if self._clock is not None:
            return round(self._clock(), 3)
        if self._offset is not None:
            return round(time.monotonic() + self._offset, 3)
        return self.view.latest

    def _publish(self) -> None:
        """The publisher's loop: a token bucket, spent early for ends, by the clock for the rest."""
        tokens, refilled = _BURST, time.monotonic()
        while True:
            with self._wake:
                ticked = not self._dirty and not self._await_news()
            if ticked and not self._look_ahead():
                continue
            with self._wake:
                self._dirty = self._dirty or ticked
                now = time.monotonic()
                tokens = min(_BURST, tokens + (now - refilled) * RATE)
                refilled = now
                # What is not urgent leaves a token for what may be.
                need = 1.0 if self._urgent or self.view.finished else 2.0
                if not self._closing and tokens < need:
                    self._wake.wait((need - tokens) / RATE)
                    continue
                if self._closing:
                    return
                self._dirty = self._urgent = False
                self._sending = True
            tokens -= 1
            try:
                self._send_delta()
            finally:
                with self._wake:
                    self._sending = False
                    self._wake.notify_all()

    def _await_news(self) -> bool:
        """Wait for something to send, `_wake` being held. False: none came for a while, but the
        end is foreseen, and a task that overruns what it usually takes moves it silently."""
        while not self._dirty and not self._closing:
            if not self._wake.wait(_TICK if "end" in self.view.outlook else None):
                return False
        return True

    def _look_ahead(self) -> bool:
        """Foresee the end, a few times a second and never for more than a twentieth of the time.
        True when there is news in it."""
        begun = time.monotonic()
        if begun - self._looked < max(_LOOK_EVERY, 20 * self._look_cost):
            return False
        if self._workers is not None and begun - self._counted >= _COUNT_EVERY:
            self._counted = begun
            try:
                self._count = self._workers()
            except OrionError as error:  # the runtime is gone: what we saw is all there is
                log.debug("no number of workers: %s", error)
        news = self.view.foresee(self._now(), self._count)
        self._looked = time.monotonic()
        self._look_cost = self._looked - begun
        return news

    def _send_delta(self) -> None:
        self._look_ahead()
        with self.view.lock:
            delta = self.view.delta(self._sent_rev)
            self._sent_rev = delta["rev"]
        if delta["topology"] != self._laid_out:
            self._start_layout()
        if self._heard:
            self.send({"type": "delta", **delta, "clock": self._now()})
        else:
            self.send_state("snapshot")

    def _start_layout(self) -> None:
        with self._wake:
            if self._laying_out:
                return  # the thread looks again before it ends
            self._laying_out = True
        threading.Thread(target=self._lay_out, name="orion-dag-layout", daemon=True).start()

    def _lay_out(self) -> None:
        """Lay out until the topology stands still; tasks that arrive meanwhile share a layout."""
        while True:
            with self.view.lock:
                topology = self.view.topology
                boxes, edges = self.view.shape()
            with self._wake:
                if topology == self._laid_out:
                    self._laying_out = False
                    self._wake.notify_all()
                    return
            found: dict[str, Any] = {"topology": topology}
            try:
                found |= picture.layout(boxes, edges).to_dict()
            except OrionError as error:
                log.warning("no picture of the graph: %s", error)
                found["problem"] = str(error)
            with self._wake:
                self._laid_out = topology
            self.set_silently(geometry=found)
            if self._heard:
                self.send({"type": "geometry", "geometry": found})
            else:
                self.send_state("geometry")

    # ---------------------------------------------------------------- from the browser

    def _answer_on_subshells(self) -> None:
        """ipykernel (7.1–7.4 at least) sends a front end's message to whichever shell published
        on the comm last: our publisher's thread counts as the busy main shell, so a click would wait
        for the cell to end. Answer where the message says. Private there, hence the guard;
        without it everything works, only later."""
        if hasattr(self.comm, "_reply_subshell_for"):
            self.comm._reply_subshell_for = lambda data, default: default

    def _on_message(self, _: Any, content: Any, buffers: Any) -> None:
        if not isinstance(content, dict) or "id" not in content:
            return
        self._heard = True
        answer: dict[str, Any] = {"type": "reply", "id": content["id"]}
        try:
            answer |= {"ok": True, **self._answer(content)}
        except OrionError as error:
            answer |= {"ok": False, "error": str(error)}
        except (
            Exception
        ) as error:  # a callback's own bug: its words go to the page, the rest to the log
            log.exception("the graph's button %r failed", content.get("type"))
            answer |= {"ok": False, "error": f"{type(error).__name__}: {error}"}
        self.send(answer)

    def _answer(self, content: dict[str, Any]) -> dict[str, Any]:
        kind, task = content.get("type"), str(content.get("task", ""))
        if kind == "snapshot":
            return {"snapshot": self._fresh(), "geometry": self.geometry}
        if kind == "detail":
            return {"detail": self.view.detail(task)}
        if kind == "members":
            return {"members": self.view.members(str(content.get("group", "")))}
        if kind == "open":
            opened = self.view.open_group(str(content.get("group", "")), bool(content.get("open")))
            self.push()
            return {"opened": opened}
        if kind in self._callbacks:
            return {"result": _jsonable(self._callbacks[kind](task))}
        raise OrionError(f"the graph cannot do {kind!r} here")


def _jsonable(result: Any) -> Any:
    """Callbacks may return frames: the browser gets those as plain lists of (kind, data)."""
    if isinstance(result, (list, tuple)):
        return [
            {"kind": item.kind, "data": dict(item.data)} if hasattr(item, "kind") else item
            for item in result
        ]
    return result if isinstance(result, (str, int, float, bool, dict, type(None))) else str(result)
