"""Run a notebook in a fresh kernel, as a person with *Run All Cells* would.

Unlike nbclient, output that arrives after its cell has ended still lands under that cell:
task cells return at once, and print and plot later.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
from jupyter_client.manager import KernelManager
from nbformat.notebooknode import NotebookNode

WIDGET = "application/vnd.jupyter.widget-view+json"
"""Such outputs are not kept: without a live kernel a widget shows nothing."""

Tick = Callable[[], None]


class CellFailed(Exception):
    """A cell raised; the message is its traceback."""


class NotebookRun:
    """One notebook, one kernel, from `__enter__` to `__exit__`.

    :param tick: called about ten times a second while the kernel works.
    :param log: where the kernel's own words go, which are for its terminal.
    """

    def __init__(
        self, path: Path, *, env: dict[str, str], log: Path, tick: Tick = lambda: None
    ) -> None:
        self.notebook: NotebookNode = nbformat.read(path, as_version=4)
        self._folder = path.parent
        self._env = env
        self._log = log
        self._tick = tick
        self._cells: dict[str, NotebookNode] = {}  # id of the request → its cell
        self._displays: dict[str, list[NotebookNode]] = {}  # display id → outputs that show it
        self._clear_next: set[str] = set()

    def __enter__(self) -> NotebookRun:
        self._began = time.perf_counter()
        self._manager = KernelManager(kernel_name="python3")
        with self._log.open("a") as log:
            self._manager.start_kernel(cwd=str(self._folder), env=self._env, stdout=log, stderr=log)
        self._client = self._manager.client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel()

    def run_all(self, after_first: str = "") -> float:
        """Execute every code cell in order; seconds until the last one has ended, since before
        the kernel was started.

        :param after_first: code to run silently after the first code cell.
        """
        for index, cell in enumerate(c for c in self.notebook.cells if c.cell_type == "code"):
            cell.outputs = []
            cell.execution_count = None
            self._execute(cell.source, cell)
            if index == 0 and after_first:
                self.run_hidden(after_first)
        return time.perf_counter() - self._began

    def run_hidden(self, code: str) -> None:
        """Execute code that belongs to no cell; what it prints is dropped."""
        self._execute(code, None)

    def settle(self, seconds: float = 1.0) -> None:
        """Take what still arrives, until nothing has for so long."""
        quiet = time.monotonic() + seconds
        while time.monotonic() < quiet:
            if self._receive():
                quiet = time.monotonic() + seconds

    def _execute(self, code: str, cell: NotebookNode | None) -> None:
        request = self._send(code, cell)
        while True:
            message = self._receive()
            if message is None or message["parent_header"].get("msg_id") != request:
                continue
            if message["msg_type"] == "error" and not _may_fail(cell):
                raise CellFailed("\n".join(message["content"]["traceback"]))
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                return

    def _send(self, code: str, cell: NotebookNode | None) -> str:
        """Ask the kernel to execute; the id of the request. Says which cell it is, as Jupyter does."""
        content = {"code": code, "silent": cell is None, "store_history": cell is not None,
                   "user_expressions": {}, "allow_stdin": False, "stop_on_error": True}  # fmt: skip
        metadata = {"cellId": cell.id} if cell is not None else {}
        message = self._client.session.msg("execute_request", content, metadata=metadata)
        request: str = message["header"]["msg_id"]
        if cell is not None:
            self._cells[request] = cell
        self._client.shell_channel.send(message)
        return request

    def _receive(self) -> dict[str, Any] | None:
        """Take one message of the kernel, if one comes within a tick, and keep its output."""
        self._tick()
        try:
            message: dict[str, Any] = self._client.get_iopub_msg(timeout=0.1)
        except Empty:
            if not self._client.is_alive():
                raise CellFailed("the kernel died") from None
            return None
        self._keep(message)
        return message

    def _keep(self, message: dict[str, Any]) -> None:
        """Put the output under its cell, as a front end would."""
        kind, content = message["msg_type"], message["content"]
        if kind == "update_display_data":
            for output in self._displays.get(content["transient"]["display_id"], ()):
                output.data = nbformat.from_dict(content["data"])
                output.metadata = nbformat.from_dict(content["metadata"])
            return
        request = message["parent_header"].get("msg_id", "")
        cell = self._cells.get(request)
        if cell is None:
            return
        if kind == "execute_input":
            cell.execution_count = content["execution_count"]
        elif kind == "clear_output":
            if content.get("wait"):
                self._clear_next.add(request)
            else:
                cell.outputs = []
        elif kind in ("stream", "display_data", "execute_result", "error"):
            if request in self._clear_next:
                self._clear_next.discard(request)
                cell.outputs = []
            self._append(cell, message)

    def _append(self, cell: NotebookNode, message: dict[str, Any]) -> None:
        output = nbformat.v4.output_from_msg(message)
        if output.output_type == "stream":
            last = cell.outputs[-1] if cell.outputs else None
            if last is not None and last.get("name") == output.name:
                last.text += output.text
                return
        elif WIDGET in output.get("data", ()):
            return
        elif "data" in output:
            display = message["content"].get("transient", {}).get("display_id")
            if display:
                self._displays.setdefault(display, []).append(output)
        cell.outputs.append(output)


def _may_fail(cell: NotebookNode | None) -> bool:
    """Jupyter's tag for cells that show an error on purpose."""
    return cell is not None and "raises-exception" in cell.metadata.get("tags", ())
