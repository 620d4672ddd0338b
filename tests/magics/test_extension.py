"""Loading costs little and leaves nothing behind; plain cells pay next to nothing."""

from __future__ import annotations

import ast
import builtins
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell

from orion_nb.client.local_session import open_local
from orion_nb.magics import opener
from orion_nb.magics.extension import Extension, load_ipython_extension, unload_ipython_extension
from orion_nb.magics.prologue import NEED

from .conftest import Notebook, SharedSession, quiet_config


def test_unloading_cleans_up(notebook: Notebook) -> None:
    notebook.run("%%orion_task a\nx = 1")
    assert notebook["x"] == 1
    shell = notebook.shell
    extension = shell.orion  # type: ignore[attr-defined]
    unload_ipython_extension(shell)
    assert "orion_task" not in shell.magics_manager.magics["cell"]
    assert "orion" not in shell.magics_manager.magics["line"]
    assert extension not in shell.ast_transformers
    assert not shell.Completer.custom_matchers
    assert not hasattr(builtins, NEED)
    assert not [t.name for t in threading.enumerate() if t.name in ("orion-start", "orion-session")]
    assert notebook.run("x + 1") == "2\n" or shell.user_ns["x"] == 1
    load_ipython_extension(shell)
    load_ipython_extension(shell)  # twice is the same as once
    assert len(shell.Completer.custom_matchers) == 1
    assert notebook.run("%orion status")


def test_a_plain_cell_is_changed_only_when_it_reads_a_result(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nx = 1\nimport json")
    notebook.run("def f():\n    return x")
    parts = notebook.parts
    for code, expected in (
        ("y = 3", []),
        ("x = 2\nprint(x)", []),
        ("print(x)", ["x"]),
        ("for i in []:\n    print(x)", ["x"]),
        ("f()", ["x"]),
        ("json.dumps(1)", ["json"]),
        ("get_ipython().run_line_magic('time', 'f()')", ["x"]),
        ("get_ipython().system('echo {x}')", ["x"]),
        ("get_ipython().run_line_magic('pinfo', 'x')", ["x"]),
        ("get_ipython().run_line_magic('orion', 'logs x')", []),
        ("get_ipython().run_cell_magic('orion_task', '', 'z = x')", []),
        ("class A:\n    y = x", ["x"]),
        ("lambda x: x", []),
        ("x: int", []),
    ):
        parts.plain.prologue.begin_cell(code)
        tree = ast.parse(code)
        assert parts.plain.prologue.reads(tree) == expected, code


def test_the_prologue_comes_after_future_imports(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nx = 1")
    notebook.run("from __future__ import annotations\ny = x")
    assert notebook["y"] == 1


def test_a_cell_that_reads_no_result_pays_less_than_a_millisecond(notebook: Notebook) -> None:
    notebook.run("%%orion_task load\nx = 1")
    code = "\n".join(f"name{i} = [j * {i} for j in range(10)]" for i in range(200))
    tree = ast.parse(code)
    prologue = notebook.parts.plain.prologue
    best = float("inf")
    for _ in range(20):
        began = time.perf_counter()
        prologue.begin_cell(code)
        prologue.visit(tree)
        best = min(best, time.perf_counter() - began)
    assert best < 0.001


def test_loading_imports_nothing_heavy_and_no_machinery(tmp_path: Path) -> None:
    probe = (
        "import sys\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "import orion_nb.magics.extension as e\n"
        "light = set(sys.modules)\n"
        "heavy = {'pandas', 'numpy', 'anywidget', 'ipywidgets', 'grpc', 'matplotlib',\n"
        "         'orion_nb.magics.machinery', 'orion_nb.local.runtime', 'orion_nb.widget'}\n"
        "assert not light & heavy, light & heavy\n"
        "shell.run_line_magic('load_ext', 'orion_nb')\n"
        "shell.run_cell_magic('orion_task', 'a --wait', 'x = 1')\n"
        "late = heavy - {'grpc', 'orion_nb.magics.machinery', 'orion_nb.local.runtime', 'orion_nb.widget'}\n"
        "late |= {'orion_nb.magics.orion_magic', 'orion_nb.widget.static'}\n"
        "assert not set(sys.modules) & late, set(sys.modules) & late\n"
        "shell.run_line_magic('unload_ext', 'orion_nb')\n"
    )
    environment = {**os.environ, "ORION_CACHE_DIR": str(tmp_path), "ORION_WORKERS": "1"}
    subprocess.run([sys.executable, "-c", probe], check=True, timeout=60, env=environment)


def test_loading_takes_less_than_0_3_seconds(tmp_path: Path) -> None:
    """`import orion_nb` and `%load_ext`, in a process that has IPython, as a kernel has."""
    # As an installed package has it: compiled once.
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": str(tmp_path)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    probe = (
        "import time\n"
        "from IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\n"
        "began = time.perf_counter()\n"
        "import orion_nb\n"
        "shell.run_line_magic('load_ext', 'orion_nb')\n"
        "print(time.perf_counter() - began)\n"
        "shell.run_line_magic('unload_ext', 'orion_nb')\n"
    )
    took = [
        float(subprocess.check_output([sys.executable, "-c", probe], timeout=60, env=environment))
        for _ in range(4)
    ]
    assert min(took) <= 0.3, took


def test_the_first_cell_does_not_wait_for_workers(
    notebook: Notebook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = tmp_path / "gate"
    (tmp_path / "slow_to_import.py").write_text(
        f"import pathlib, time\nwhile not pathlib.Path({str(gate)!r}).exists():\n"
        "    time.sleep(0.01)\n"
    )
    monkeypatch.setenv("ORION_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(
        opener, "open_session", lambda path, say: open_local(path, preload=["slow_to_import"])
    )
    notebook.run("%orion shutdown")  # the next task opens a session of its own
    try:
        notebook.run("%%orion_task a\nx = 1")
        notebook.run("%%orion_task b\ny = x + 1")
        assert notebook.state("a") == "queued"
        assert notebook.state("b") == "waiting"
    finally:
        gate.touch()
    assert notebook["y"] == 2


def test_cells_that_run_while_the_machinery_is_imported_are_not_missed(
    session: SharedSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opener, "open_session", lambda path, say: session)
    shell = InteractiveShell(config=quiet_config())
    extension = Extension(shell)
    shell.orion = extension  # type: ignore[attr-defined]
    try:
        with extension._lock:  # what the importing thread holds meanwhile
            extension._machinery = None
            shell.run_cell("import threading\nlock = threading.Lock()")
            shell.run_cell("fails = 1\n1 / 0")
        shell.run_cell("%%orion_task a --kind thread --by-provenance lock\nx = lock.locked()")
        (cell,) = extension.machinery.notebook.cells.values()
        assert cell.declared.provenance == ("lock",)
    finally:
        extension.close()
