"""Frames of tasks → output under the cell that submitted them.

A `Transcript` belongs to one execution of one task cell. It holds what its tasks have put out
and brings it to the front end in the way that this one can take (see `channels`). It is told
of frames and states on the feed's thread and flushed by the `Publisher`; both may also be
asked to flush by the main thread.
"""

from __future__ import annotations

import html
import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from orion_nb.core.model import Frame, TaskId

from .channels import BOX, DISPLAY, LIVE, TERMINAL, Channel
from .publisher import TICK
from .rendering import Piece, Pieces, as_html, as_text

Status = tuple[str, str]
"""One line, as text and as HTML."""

LARGE, SLOWLY = 1 << 18, 2.0
"""A display of more characters than this is sent as a whole only every so many seconds."""

_TIME = re.compile(r" ?\b[\d.]+ (?:ms|s|min|h)\b|\d+")
"""Durations and counts in a status line."""

_TERMINAL_LINE = "[{name}] {line}\n"


class Transcript:
    """The output of one execution of a task cell.

    :param tasks: in the order in which their output is to be read; (id, label) where the label
        is empty for a task that stands alone.
    :param status: makes the status line of this moment.
    :param before: the transcript whose place this one takes, where the cell was not executed
        again: the same channel and the same display go on.
    """

    def __init__(
        self,
        name: str,
        tasks: Sequence[tuple[TaskId, str]],
        channel: Channel,
        status: Callable[[], Status],
        *,
        before: Transcript | None = None,
    ) -> None:
        self.name = name
        self.channel = channel
        self._again = before is not None
        self._status = status
        self._labels = dict(tasks)
        self._waiting: list[Frame] = []  # not yet sent (LIVE, TERMINAL)
        # Of the tasks that have put out anything: few of many thousands have.
        self._held: dict[TaskId, list[Frame]] = {}
        self._pieces: dict[TaskId, Pieces] = {}
        self._sorted: list[TaskId] = []  # those of `_pieces` in the order of the tasks
        self._display: str = (
            before._display if before is not None else f"orion-{uuid.uuid4().hex[:12]}"
        )
        self._lock = threading.RLock()
        self._shown: Status | None = None
        self._sent_at = 0.0
        self._shown_body: tuple[str, str] | None = None
        self._size = 0  # characters of what was shown last
        self._confirmed = True
        self.closed = False  # a later execution of the cell has taken over

    @property
    def style(self) -> str:
        return self.channel.style

    @property
    def _whole(self) -> bool:
        """Is everything one display, which is sent again when it has grown?"""
        return self.style in (DISPLAY, BOX)

    # ---------------------------------------------------------------- what happened

    def add(self, frame: Frame) -> None:
        """One more frame of one of the tasks."""
        with self._lock:
            if frame.task not in self._labels or self.closed:
                return
            if self._whole:
                self._pieces.setdefault(frame.task, Pieces()).add(frame)
                return
            if len(self._labels) > 1:
                # Blocks of parallel tasks must not be mixed: each is shown when it ends.
                self._held.setdefault(frame.task, []).append(frame)
            else:
                self._waiting.append(frame)

    def ended(self, task: TaskId) -> None:
        """The task has ended: what was held back can be shown."""
        with self._lock:
            held = self._held.pop(task, None)
            if held:
                head = Frame(task, 0, 0, "stream", {"name": "stdout", "text": self._heading(task)})
                # A retry or a winning clone resets only this task's own block.
                last = max((i for i, f in enumerate(held) if f.kind == "reset"), default=-1)
                body = [f for f in held[last + 1 :] if f.kind != "clear"]
                self._waiting.extend([head, *body] if body else [])

    def close(self) -> None:
        """Nothing more is sent: the cell has been executed again."""
        with self._lock:
            self.closed = True

    # ---------------------------------------------------------------- to the front end

    def open(self) -> None:
        """Show the status line for the first time; called while the cell executes, or in place
        of the transcript before."""
        status = self._status()
        with self._lock:
            if self.style == TERMINAL:
                self._terminal_status(status)
            elif self._whole:
                self._send_display("update_display_data" if self._again else "display_data", status)
            else:
                if self._again:
                    self.channel.send("clear_output", {"wait": True})
                self._send_display("display_data", status)

    def flush(self, *, inside_cell: bool = False) -> None:
        """Send what is new. `inside_cell`: the caller runs within an executing cell, so even
        an executing program will take it."""
        status = self._status()  # takes its owner's lock, so not under ours
        with self._lock:
            if self.closed:
                return
            if self._whole:
                self._flush_display(status, inside_cell)
            elif self.style == TERMINAL:
                self._flush_terminal(status)
            else:
                self._flush_messages(status)

    def _flush_messages(self, status: Status) -> None:
        frames, self._waiting = self._waiting, []
        for kind, content in _merged(frames):
            self.channel.send(kind, content)
            if kind == "clear_output":
                # It wipes the status line too.
                self._send_display("display_data", status)
        if self._is_news(status):
            self._send_display("update_display_data", status)

    def _is_news(self, status: Status) -> bool:
        """A status whose seconds alone have moved on is sent once a second."""
        if status == self._shown:
            return False
        return not _only_time(status, self._shown) or time.monotonic() - self._sent_at >= TICK

    def _flush_terminal(self, status: Status) -> None:
        frames, self._waiting = self._waiting, []
        for frame in frames:
            self._terminal_frame(frame)
        if not _only_time(status, self._shown):
            self._terminal_status(status)

    def _flush_display(self, status: Status, inside_cell: bool) -> None:
        if not inside_cell and self._size > LARGE and time.monotonic() - self._sent_at < SLOWLY:
            return
        known = not self._is_news(status) and self._body() == self._shown_body
        if known and (self._confirmed or not inside_cell):
            return
        self._send_display("update_display_data", status)
        self._confirmed = inside_cell or self.style == BOX

    def _send_display(self, kind: str, status: Status) -> None:
        self._shown = status
        self._sent_at = time.monotonic()
        text, markup = status
        if self._whole:
            self._shown_body = body = self._body()
            self._size = len(body[0]) + len(body[1])
            text = "\n".join(filter(None, (text, body[0])))
            markup = "\n".join(filter(None, (markup, body[1])))
        self.channel.send(
            kind,
            {
                "data": {"text/plain": text, "text/html": markup},
                "metadata": {},
                "transient": {"display_id": self._display},
            },
        )

    def _body(self) -> tuple[str, str]:
        """Everything that the tasks have put out, in the order of the tasks."""
        texts, markups = [], []
        if len(self._pieces) != len(self._sorted):
            self._sorted = [task for task in self._labels if task in self._pieces]
        for task in self._sorted:
            pieces = self._pieces[task]
            if not pieces:
                continue
            heading = self._heading(task).rstrip() if self._labels[task] else ""
            if heading:
                texts.append(heading)
                markups.append(as_html([Piece("stream", "stdout", [heading])]))
            texts.append(as_text(pieces))
            markups.append(as_html(pieces))
        return "\n".join(texts), "\n".join(markups)

    def _heading(self, task: TaskId) -> str:
        label = self._labels.get(task, "")
        return f"── {label} ──\n" if label else ""

    def _terminal_status(self, status: Status) -> None:
        self._shown = status
        self.channel.send("stream", {"name": "stdout", "text": status[0] + "\n"})

    def _terminal_frame(self, frame: Frame) -> None:
        if self.channel.pictures and _is_picture(frame):
            self.channel.send("display_data", _bundle(frame.data))
            return
        text = as_text(Pieces([frame]))
        if text:
            lines = "".join(
                _TERMINAL_LINE.format(name=self.name, line=line) for line in text.splitlines()
            )
            self.channel.send("stream", {"name": "stdout", "text": lines})


def _is_picture(frame: Frame) -> bool:
    data = frame.data.get("data")
    return isinstance(data, Mapping) and any(str(kind).startswith("image/") for kind in data)


def _only_time(new: Status, old: Status | None) -> bool:
    """Only the seconds have moved on: not worth a line of its own in a terminal."""
    return old is not None and _TIME.sub("", new[0]) == _TIME.sub("", old[0])


def _merged(frames: Sequence[Frame]) -> list[tuple[str, dict[str, Any]]]:
    """Frames as Jupyter messages; neighbours on one stream become one message."""
    messages: list[tuple[str, dict[str, Any]]] = []
    for frame in frames:
        kind, content = _message(frame)
        if (
            kind == "stream"
            and messages
            and messages[-1][0] == "stream"
            and messages[-1][1]["name"] == content["name"]
        ):
            messages[-1][1]["text"] += content["text"]
        else:
            messages.append((kind, content))
    return messages


def _message(frame: Frame) -> tuple[str, dict[str, Any]]:
    data: Mapping[str, Any] = frame.data
    match frame.kind:
        case "stream":
            return "stream", {"name": data["name"], "text": data["text"]}
        case "clear":
            return "clear_output", {"wait": bool(data.get("wait"))}
        case "reset":
            # Waits for the next message, so the cell does not flicker.
            return "clear_output", {"wait": True}
        case "error":
            return "error", {key: data[key] for key in ("ename", "evalue", "traceback")}
        case "update_display":
            return "update_display_data", _bundle(data)
        case _:
            # Not `execute_result`: the cell has ended, and its number may be another's by now.
            return "display_data", _bundle(data)


def _bundle(data: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "data": dict(data["data"]),
        "metadata": dict(data.get("metadata") or {}),
        "transient": dict(data.get("transient") or {}),
    }


def status_html(text: str, *, colour: str, icon: str, title: str = "") -> str:
    """One status line in HTML: the colour carries nothing that icon and words do not."""
    tip = f' title="{html.escape(title, quote=True)}"' if title else ""
    return (
        f'<div{tip} style="font-family:var(--jp-ui-font-family,sans-serif);font-size:12px;'
        f'opacity:.9"><span style="color:{colour}" aria-hidden="true">{icon}</span> '
        f"{html.escape(text)}</div>"
    )


__all__ = ["BOX", "DISPLAY", "LIVE", "TERMINAL", "Status", "Transcript", "status_html"]
