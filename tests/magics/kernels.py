"""A real ipykernel for the tests, and what arrives from it, by the cell that it belongs to."""

from __future__ import annotations

import os
import queue
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from jupyter_client.manager import KernelManager

TIMEOUT = 30.0
"""Seconds after which a test gives up; nothing here waits that long when it works."""


def environment(folder: Path) -> dict[str, str]:
    """Private directories, so that nothing of the user's is read or written."""
    return {
        **os.environ,
        "ORION_CACHE_DIR": str(folder / "cache"),
        "ORION_WORKERS": "2",
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
    }


class Kernel:
    """A kernel and a client that plays a notebook front end: every cell has an id."""

    def __init__(self, folder: Path) -> None:
        self.manager = KernelManager(kernel_name="python3")
        self.manager.start_kernel(env=environment(folder), cwd=str(folder))
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=TIMEOUT)
        self.messages: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def start(self, code: str, cell_id: str = "") -> str:
        """Send a cell; returns the id of the request, which names its output."""
        content = {
            "code": code,
            "silent": False,
            "store_history": True,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        metadata = {"cellId": cell_id} if cell_id else {}
        message = self.client.session.msg("execute_request", content, metadata=metadata)
        self.client.shell_channel.send(message)
        return str(message["header"]["msg_id"])

    def run(self, code: str, cell_id: str = "") -> tuple[str, float]:
        """Execute a cell to its reply; returns its id and the seconds that it took."""
        began = time.monotonic()
        request = self.start(code, cell_id)
        self.until(lambda: self.is_idle(request), f"the cell {code!r} to end")
        return request, time.monotonic() - began

    def is_idle(self, request: str) -> bool:
        return any(
            m["msg_type"] == "status" and m["content"]["execution_state"] == "idle"
            for m in self.messages[request]
        )

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Take messages until something holds."""
        end = time.monotonic() + TIMEOUT
        while not condition():
            try:
                message = self.client.get_iopub_msg(timeout=0.1)
            except queue.Empty:
                assert time.monotonic() < end, f"waited {TIMEOUT:g} s for {what}"
                continue
            self.messages[message["parent_header"].get("msg_id", "")].append(message)

    def until_text(self, request: str, text: str) -> None:
        self.until(lambda: text in self.text(request), f"{text!r}, have {self.text(request)!r}")

    def text(self, request: str) -> str:
        """All text that stands, or stood, under a cell."""
        parts = []
        for message in self.messages[request]:
            content = message["content"]
            if message["msg_type"] == "stream":
                parts.append(content["text"])
            elif "data" in content:
                parts.append(content["data"].get("text/plain", "") + "\n")
            elif message["msg_type"] == "error":
                parts.append("\n".join(content["traceback"]) + "\n")
        return "".join(parts)

    def kinds(self, request: str, kind: str) -> list[dict[str, Any]]:
        return [m["content"] for m in self.messages[request] if m["msg_type"] == kind]

    def interrupt(self) -> None:
        self.manager.interrupt_kernel()

    def close(self) -> None:
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=False)


@contextmanager
def kernel(folder: Path) -> Iterator[Kernel]:
    """A kernel with the extension loaded."""
    one = Kernel(folder)
    try:
        one.run("%load_ext orion_nb")
        yield one
    finally:
        one.close()
