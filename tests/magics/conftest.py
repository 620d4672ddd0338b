"""A real IPython shell in this process, with the extension, on one runtime for all tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

from orion_nb.client.local_session import LocalSession
from orion_nb.client.session import TaskReport
from orion_nb.local.runtime import Runtime
from orion_nb.magics import machinery, opener
from orion_nb.magics.cells import TaskCell
from orion_nb.magics.extension import load_ipython_extension, unload_ipython_extension
from orion_nb.magics.rendering import Pieces, as_text


class SharedSession(LocalSession):
    """Outlives the notebooks that use it."""

    def close(self) -> None:
        """The fixture shuts the runtime down."""


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedSession]:
    folder = tmp_path_factory.mktemp("cache")
    preload = ["cloudpickle", "IPython.core.interactiveshell", *opener.PRELOAD]
    with Runtime(2, cache_dir=folder, name="tests", preload=preload) as runtime:
        yield SharedSession(runtime, "tests")


def quiet_config() -> Config:
    """Of a shell that keeps no history and prints no colours."""
    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "nocolor"
    return config


STATUS = ("▶ ", "◔ ", "◌ ", "✓ ", "⚡ ", "■ ")
"""How status lines of tasks begin."""


class Notebook:
    """Cells executed one after the other, as in a terminal."""

    def __init__(self, shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
        self.shell = shell
        self._capsys = capsys

    @property
    def parts(self) -> machinery.Machinery:
        parts: machinery.Machinery = self.shell.orion.machinery  # type: ignore[attr-defined]
        return parts

    def try_run(self, code: str) -> tuple[Any, str]:
        """Execute a cell; returns IPython's result and what was printed."""
        self._capsys.readouterr()
        result = self.shell.run_cell(code, store_history=True)
        out, err = self._capsys.readouterr()
        return result, out + err

    def run(self, code: str) -> str:
        """Execute a cell that works; returns what was printed meanwhile."""
        result, printed = self.try_run(code)
        assert result.success, printed
        return printed

    def refuse(self, code: str) -> str:
        """Execute a cell that is refused: one line, no traceback, nothing submitted."""
        before = {key: cell.tasks for key, cell in self.parts.notebook.cells.items()}
        result, printed = self.try_run(code)
        assert not result.success
        assert type(result.error_in_exec).__name__ == "UsageError", printed
        # The status line of a task that runs meanwhile may come in between.
        said = [line for line in printed.splitlines() if line and line[:2] not in STATUS]
        assert len(said) == 1, printed
        assert {key: c.tasks for key, c in self.parts.notebook.cells.items()} == before
        return printed

    def __getitem__(self, name: str) -> Any:
        """The value of a name, as a plain cell gets it."""
        result, printed = self.try_run(f"__value__ = {name}")
        assert result.success, printed
        return self.shell.user_ns["__value__"]

    def cell(self, name: str) -> TaskCell:
        found = self.parts.notebook.cell_named(name)
        assert found is not None, name
        return found

    def wait(self, *names: str) -> None:
        self.run(f"%orion wait {' '.join(names)}")

    def state(self, name: str) -> str:
        """One word for the state of a task cell."""
        return self.parts.notebook.words(self.cell(name)).state

    def until(self, name: str, *states: str) -> None:
        """Wait until the feed has told that a task cell is in one of these states."""
        told = self.parts.notebook
        with told.changed:
            assert told.changed.wait_for(lambda: self.state(name) in states, 20), self.state(name)

    def output(self, name: str) -> str:
        """What stands under a task cell that has ended."""
        self.wait(name)
        session = self.parts.notebook.session
        return "\n".join(as_text(Pieces(session.frames(task))) for task in self.cell(name).tasks)


@pytest.fixture
def notebook(
    session: SharedSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Notebook]:
    monkeypatch.setattr(opener, "open_session", lambda path, say: session)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    session.cache_clear()
    main = sys.modules["__main__"]
    InteractiveShell.clear_instance()
    shell = InteractiveShell.instance(config=quiet_config())
    load_ipython_extension(shell)
    try:
        yield Notebook(shell, capsys)
    finally:
        unfinished = [
            task
            for cell in shell.orion.machinery.notebook.cells.values()
            for task in shell.orion.machinery.notebook.unfinished(cell)
        ]
        session.cancel(unfinished)
        unload_ipython_extension(shell)
        InteractiveShell.clear_instance()
        sys.modules["__main__"] = main


class LastingSession(SharedSession):
    """One kernel's session at a runtime that outlives it, and keeps its notes: the double of a
    detached runtime."""

    durable = True

    def __init__(self, runtime: Runtime, name: str, notes: dict[str, bytes]) -> None:
        super().__init__(runtime, name)
        self._notes = notes

    def earlier(self) -> list[TaskReport]:
        reports = (self.report(task) for task in self._runtime.tasks())
        return [one for one in reports if one is not None and one.task.session == self.name]


class Kernels:
    """Kernels of one notebook, one after the other, at a runtime that outlives them."""

    def __init__(self, session: SharedSession, capsys: pytest.CaptureFixture[str]) -> None:
        self.notes: dict[str, bytes] = {}
        self.session: LastingSession | None = None
        self._runtime = session._runtime
        self._capsys = capsys
        self._main = sys.modules["__main__"]

    def open(self, path: str, say: object) -> LastingSession:
        self.session = LastingSession(self._runtime, path, self.notes)
        return self.session

    def start(self) -> Notebook:
        """End the kernel that is there, and start the next."""
        self.stop()
        shell = InteractiveShell.instance(config=quiet_config())
        load_ipython_extension(shell)
        return Notebook(shell, self._capsys)

    def stop(self) -> None:
        if InteractiveShell.initialized():
            unload_ipython_extension(InteractiveShell.instance())
            InteractiveShell.clear_instance()
        sys.modules["__main__"] = self._main


@pytest.fixture
def kernels(
    session: SharedSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Kernels]:
    made = Kernels(session, capsys)
    monkeypatch.setattr(opener, "open_session", made.open)
    monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / "analysis.ipynb"))
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.chdir(tmp_path)
    session.cache_clear()
    InteractiveShell.clear_instance()
    try:
        yield made
    finally:
        made.stop()
        if made.session is not None:
            made.session.cancel_all()


@pytest.fixture(autouse=True, scope="session")
def quiet_matplotlib(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ.setdefault("MPLCONFIGDIR", str(tmp_path_factory.mktemp("matplotlib")))
