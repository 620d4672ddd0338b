"""Ways to put output under a cell, also after the cell has ended.

A front end that keeps cells apart by id (JupyterLab, Notebook 7, VS Code) takes late messages
that carry the parent header of the submitting cell. Programs that execute notebooks (nbclient,
papermill) drop those, but they let any later cell update an earlier *display*. A terminal
takes text, and so does a console on a kernel (`jupyter console`), which has no cells to go back
to and leaves out updates of displays.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any, Protocol

LIVE = "live"  # messages with the submitting cell's parent
DISPLAY = "display"  # one display, updated as a whole
BOX = "box"  # so, too, because other tasks write under the same cell
TERMINAL = "terminal"  # text


class Channel(Protocol):
    """Sends Jupyter messages on behalf of one execution of one cell. Any thread."""

    style: str
    pictures: bool  # in a terminal: whether figures get through

    def send(self, kind: str, content: Mapping[str, Any]) -> None: ...


class KernelChannel:
    """A Jupyter kernel's iopub, as the cell that was executing when this was made."""

    pictures = True

    def __init__(self, kernel: Any) -> None:
        self._kernel = kernel
        self._parent = kernel.get_parent("shell")
        self.style = _style(self._parent)

    @property
    def cell_id(self) -> str:
        """The notebook's id of the cell; empty when the front end gives none."""
        return str(self._parent.get("metadata", {}).get("cellId") or "")

    def send(self, kind: str, content: Mapping[str, Any]) -> None:
        parent = self._parent
        if self.style == DISPLAY and kind == "update_display_data":
            # Dropped unless it seems to come from the cell that executes now.
            parent = self._kernel.get_parent("shell")
        self._kernel.session.send(
            self._kernel.iopub_socket, kind, dict(content), parent=parent, ident=kind.encode()
        )


class TerminalChannel:
    """IPython in a terminal, or any shell without a kernel: text on standard output."""

    style = TERMINAL
    pictures = False
    cell_id = ""

    def send(self, kind: str, content: Mapping[str, Any]) -> None:
        text = content.get("text") or content.get("data", {}).get("text/plain", "")
        if text:
            sys.stdout.write(text if text.endswith("\n") else text + "\n")
            sys.stdout.flush()


def _style(parent: Mapping[str, Any]) -> str:
    if parent.get("metadata", {}).get("cellId"):
        return LIVE
    # A program that executes notebooks cannot answer questions; a person at a console can.
    return TERMINAL if parent.get("content", {}).get("allow_stdin", True) else DISPLAY


def box_for(shell: Any) -> KernelChannel | TerminalChannel:
    """A channel for one of several outputs that stand under the cell that executes now."""
    channel = channel_for(shell)
    if isinstance(channel, KernelChannel) and channel.style == LIVE:
        channel.style = BOX
    return channel


def channel_for(shell: Any) -> KernelChannel | TerminalChannel:
    """The channel of the cell that the shell executes now."""
    kernel = getattr(shell, "kernel", None)
    if kernel is None or not hasattr(kernel, "iopub_socket"):
        return TerminalChannel()
    return KernelChannel(kernel)
