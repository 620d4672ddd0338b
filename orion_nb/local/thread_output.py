"""What tasks in threads print: `sys.stdout` and `sys.stderr` that look who is writing.

The streams are replaced while a runtime has worker threads, and only pass on what other
threads write. Child programs of a thread's task write where the process's do.
"""

from __future__ import annotations

import sys
import threading
from typing import Any, TextIO

from . import context

_lock = threading.Lock()
_users = 0


class Router:
    """Stands before the original stream; all but `write` is the original's."""

    def __init__(self, name: str, original: TextIO) -> None:
        self._orion_name = name
        self._orion_original = original

    def write(self, text: str) -> int:
        running = context.current()
        if running is None:
            return self._orion_original.write(text)
        running.emit("stream", {"name": self._orion_name, "text": text})
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._orion_original, name)


def install() -> None:
    """Counted; each needs its `remove`."""
    global _users
    with _lock:
        _users += 1
    ensure()


def ensure() -> None:
    """Stand before the present streams, if somebody has replaced them."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if not isinstance(stream, Router):
            setattr(sys, name, Router(name, stream))


def remove() -> None:
    """Give the streams back, if this was the last user and nobody has replaced them since."""
    global _users
    with _lock:
        _users -= 1
        if _users == 0:
            for name in ("stdout", "stderr"):
                stream = getattr(sys, name)
                if isinstance(stream, Router):
                    setattr(sys, name, stream._orion_original)
