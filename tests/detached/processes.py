"""Real runtimes for tests: every process of theirs can be found, and none outlives its test."""

from __future__ import annotations

import os
import signal
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orion_nb.client.connect import Finder
from orion_nb.local.place import Contact, Place, place_of

MARK = "ORION_TEST_MARK"
LIMIT = 20.0
"""Seconds that anything may take."""

needs_proc = pytest.mark.skipif(
    sys.platform != "linux", reason="counts processes by /proc; elsewhere the same code runs"
)


class Yard:
    """A project directory with a root for runtimes, and all processes that were started from it."""

    def __init__(self, tmp_path: Path) -> None:
        self.project = tmp_path / "project"
        self.project.mkdir()
        self.cache = tmp_path / "cache"
        self.mark = f"{MARK}={uuid.uuid4().hex}"

    @property
    def place(self) -> Place:
        return place_of(self.project)

    def find(self) -> Contact:
        return Finder(self.place, say=print)()

    def processes(self) -> dict[int, str]:
        """Command lines by pid: of the runtime, its fork server, its workers, whatever they started;
        not of this process, and not of dead ones that nobody has waited for."""
        found = {}
        for folder in Path("/proc").iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            try:
                environment = (folder / "environ").read_bytes()
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if self.mark.encode() in environment.split(b"\0") and command:
                found[int(folder.name)] = command.replace(b"\0", b" ").decode(errors="replace")
        return found

    def wait_until_empty(self) -> None:
        wait_for(lambda: not self.processes(), lambda: f"left behind: {self.processes()}")

    def wait_until_over(self) -> None:
        """The runtime has ended; its processes may take a moment more."""
        wait_for(lambda: not self.place.is_held(), lambda: self.text_log())

    def text_log(self) -> str:
        return self.place.text_log.read_text() if self.place.text_log.exists() else "(no log)"

    def kill_all(self) -> None:
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue


def wait_for(
    condition: Callable[[], Any], what: Callable[[], str] = lambda: "it does not happen"
) -> Any:
    """For what nobody tells: processes that end, files that go."""
    deadline = time.monotonic() + LIMIT
    while not (result := condition()):
        assert time.monotonic() < deadline, what()
        time.sleep(0.02)
    return result


def make_yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    yard = Yard(tmp_path)
    monkeypatch.setenv(*yard.mark.split("="))
    monkeypatch.setenv("ORION_CACHE_DIR", str(yard.cache))
    monkeypatch.setenv("ORION_WORKERS", "2")
    monkeypatch.delenv("ORION_RUNTIME_DIR", raising=False)
    yield yard
    yard.kill_all()
