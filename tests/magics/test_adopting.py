"""Task cells of earlier kernels: found again, replayed, taken over; nothing computed twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from orion_nb.core.model import ObjectRef, TaskState
from orion_nb.magics.completion import candidates

from .conftest import Kernels, Notebook

GATED = """
import pathlib, time
print("begun", flush=True)
_ = pathlib.Path("runs").open("a").write("x")
while not pathlib.Path("go").exists():
    time.sleep(0.01)
print("over")
"""


@pytest.fixture
def runs(tmp_path: Path) -> Callable[[], int]:
    """How often gated code has begun to run."""
    return lambda: len((tmp_path / "runs").read_text()) if (tmp_path / "runs").exists() else 0


def begun(notebook: Notebook, name: str) -> None:
    """Wait until the task has printed."""
    notebook.until(name, "running")
    told = notebook.parts.notebook
    with told.changed:
        assert told.changed.wait_for(lambda: told.tracks(notebook.cell(name))[0].frames, 20)


@pytest.mark.parametrize("options", ["", "--cache off", "--cache recompute"])
def test_a_running_task_is_attached_to(
    kernels: Kernels, tmp_path: Path, runs: Callable[[], int], options: str
) -> None:
    cell = f"%%orion_task slow {options}\n{GATED}x = 41"
    first = kernels.start()
    first.run(cell)
    begun(first, "slow")
    (task,) = first.cell("slow").tasks
    second = kernels.start()
    printed = second.run(cell)
    assert second.cell("slow").tasks == (task,)
    assert "running" in printed
    (tmp_path / "go").touch()
    assert second["x + 1"] == 42
    assert second.output("slow") == "begun\nover"
    assert runs() == 1
    frames = second.parts.notebook.tracks(second.cell("slow"))[0].frames
    assert [frame.data["text"] for frame in frames if frame.kind == "stream"] == [
        "begun\n",
        "over\n",
    ]


def test_what_ended_meanwhile_is_shown_once_even_if_it_is_not_cached(
    kernels: Kernels, tmp_path: Path, runs: Callable[[], int]
) -> None:
    cell = f"%%orion_task slow --cache off\n{GATED}x = 41"
    first = kernels.start()
    first.run(cell)
    begun(first, "slow")
    (task,) = first.cell("slow").tasks
    kernels.stop()
    (tmp_path / "go").touch()
    second = kernels.start()
    second.parts.notebook.session.result(ObjectRef(task, "x"))
    printed = second.run(cell)
    assert "already done" in printed
    second.wait()
    assert second.output("slow") == "begun\nover"
    assert second["x"] == 41
    assert runs() == 1
    second.run(cell)  # now it has been seen: `--cache off` means to compute it again
    second.wait()
    assert runs() == 2
    third = kernels.start()
    third.run(cell)
    third.wait()
    assert runs() == 3


def test_a_failure_that_nobody_saw_is_shown_and_then_tried_again(kernels: Kernels) -> None:
    cell = "%%orion_task bad\nimport pathlib\npathlib.Path('runs').open('a').write('x')\n1 / 0"
    first = kernels.start()
    session = first.parts.notebook.session
    publisher = first.parts.notebook._publisher
    assert publisher is not None
    publisher.close()  # the kernel dies before it has shown anything
    first.run(cell)
    (task,) = first.cell("bad").tasks
    first.until("bad", "failed")
    first.parts.notebook.memory.told = lambda key: None  # type: ignore[method-assign]
    second = kernels.start()
    assert "failed: ZeroDivisionError" in second.run(cell)
    assert second.cell("bad").tasks == (task,)
    second.wait()
    second.run(cell)
    second.wait()
    assert second.cell("bad").tasks != (task,)
    assert session is not second.parts.notebook.session


def test_a_changed_cell_replaces_what_the_earlier_kernel_has_left(
    kernels: Kernels, runs: Callable[[], int]
) -> None:
    first = kernels.start()
    first.run(f"%%orion_task slow\n{GATED}x = 41")
    begun(first, "slow")
    (old,) = first.cell("slow").tasks
    second = kernels.start()
    second.run("%%orion_task slow\nx = 7")
    assert second["x"] == 7
    report = second.parts.notebook.session.report(old)
    assert report is None or report.state is TaskState.CANCELLED


def test_downstream_cells_and_helpers(kernels: Kernels, tmp_path: Path) -> None:
    cells = [
        "step = 2\ndef helper(v):\n    return v * step",
        f"%%orion_task load\n{GATED}x = [1, 2, 3]",
        "%%orion_task part --map n in range(3)\np = helper(x[n])",
        "%%orion_task total --after load\ntotal = sum(p)",
    ]
    first = kernels.start()
    for cell in cells:
        first.run(cell)
    begun(first, "load")
    tasks = {name: first.cell(name).tasks for name in ("load", "part", "total")}
    second = kernels.start()
    for cell in cells:
        second.run(cell)
    assert {name: second.cell(name).tasks for name in tasks} == tasks
    (tmp_path / "go").touch()
    assert second["total"] == 12
    view = second.parts.notebook.view
    with view.lock:
        assert {card.name for card in view.cards()} >= {"load", "total"}
        assert view.finished


def test_large_values_of_the_notebook_are_the_same_work(kernels: Kernels) -> None:
    cells = ["big = bytes(3_000_000)", "%%orion_task size --cache off\nsize = len(big)"]
    first = kernels.start()
    for cell in cells:
        first.run(cell)
    first.until("size", "done")
    tasks = first.cell("size").tasks
    kernels.stop()
    for name in [name for name in kernels.notes if name.startswith("told")]:
        del kernels.notes[name]  # as if the kernel had died before it was shown
    second = kernels.start()
    for cell in cells:
        second.run(cell)
    assert second.cell("size").tasks == tasks


def test_a_cell_with_another_id_is_found_by_its_name(kernels: Kernels, tmp_path: Path) -> None:
    first = kernels.start()
    first.run(f"%%orion_task slow\n{GATED}x = 41")
    begun(first, "slow")
    tasks = first.cell("slow").tasks
    (note,) = [name for name in kernels.notes if name.startswith("cell")]
    memory = first.parts.notebook.memory
    declared = first.cell("slow").declared
    memory.drop([declared.written.key])
    memory.keep(replace(declared, written=replace(declared.written, key="other")), tasks, 1.0)
    second = kernels.start()
    second.run(f"%%orion_task slow\n{GATED}x = 41  # edited, not changed")
    assert second.cell("slow").tasks == tasks
    assert [name for name in kernels.notes if name.startswith("cell")] == [note]
    (tmp_path / "go").touch()
    second.wait()


def test_a_dropped_cell_is_not_remembered(kernels: Kernels) -> None:
    first = kernels.start()
    first.run("%%orion_task a\nx = 1")
    first.run("%%orion_task b\ny = 1")
    first.wait()
    first.parts.notebook.drop(first.cell("a"))
    second = kernels.start()
    second.run("%orion attach")
    assert second.parts.notebook.task_names() == ["b"]


def test_attach_brings_everything_back_without_running_cells(
    kernels: Kernels, tmp_path: Path, runs: Callable[[], int]
) -> None:
    first = kernels.start()
    first.run("step = 2\ndef helper(v):\n    return v * step")
    first.run(f"%%orion_task load\n{GATED}x = 20\nimport json")
    first.run(
        "%%orion_task use\nprint('using', x)\ny = helper(x)\ndef shout():\n    return f'{y}!'"
    )
    begun(first, "load")
    second = kernels.start()
    assert second.parts.notebook.session.durable  # it is open, so notes have been read
    names = second.parts.names
    assert candidates("%orion attach lo", *names) == ["load"]
    assert candidates("%orion logs lo", *names) == []
    printed = second.run("%orion attach")
    assert "to run use anew, run the plain cells first that make `helper`, `step`" in printed
    assert "▶ load" in printed
    (tmp_path / "go").touch()
    assert second["y"] == 40
    assert second["shout()"] == "40!"
    assert second["json.dumps(x)"] == "20"
    second.wait()
    assert second.output("use") == "using 20"
    assert runs() == 1
    assert "No earlier kernel" in second.run("%orion attach")
    (box,) = second.parts.notebook.view.cards()[-1:]
    assert box.name == "use"
    # The cells themselves are known by their place: executing one attaches to it.
    tasks = second.cell("load").tasks
    second.run(f"%%orion_task load\n{GATED}x = 20\nimport json")
    assert second.cell("load").tasks == tasks


def test_a_name_of_an_earlier_kernel_is_hinted_at(kernels: Kernels) -> None:
    first = kernels.start()
    first.run("%%orion_task load\nx = 20")
    first.wait()
    second = kernels.start()
    assert "%orion attach" in second.refuse("%%orion_task use\ny = x")
    second.run("%orion attach load")
    second.run("%%orion_task use\ny = x")
    assert second["y"] == 20


def test_what_the_runtime_has_forgotten_is_said(kernels: Kernels) -> None:
    first = kernels.start()
    first.run("%%orion_task load\nx = 20")
    first.wait()
    first.parts.notebook.session.forget(first.cell("load").tasks)
    second = kernels.start()
    assert "no longer known to the runtime: load" in second.run("%orion attach")
    assert not [name for name in kernels.notes if name.startswith("cell")]


def test_a_runtime_in_the_kernel_has_nothing_to_attach_to(notebook: Notebook) -> None:
    assert "end with their kernel" in notebook.refuse("%orion attach")


def test_many_tasks(kernels: Kernels) -> None:
    cell = "%%orion_task m --map n in range(400)\nif n % 100 == 0:\n    print('said', n)\nm = n"
    first = kernels.start()
    first.run(cell)
    tasks = first.cell("m").tasks
    second = kernels.start()
    second.run(cell)
    assert second.cell("m").tasks == tasks
    assert second["sum(m)"] == sum(range(400))
    second.wait()
    assert second.output("m").split() == ["said", "0", "said", "100", "said", "200", "said", "300"]
    assert len(next(iter(kernels.notes.values()))) < 5000
