"""In a real ipykernel: output under its own cell, restarts, interrupts, executed notebooks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from .kernels import Kernel, environment, kernel

BARRIER = """
import pathlib, time
def meet(mine, other):
    "Both tasks run at once, or this never ends."
    pathlib.Path(mine).touch()
    end = time.monotonic() + 20
    while not pathlib.Path(other).exists():
        assert time.monotonic() < end, "alone"
        time.sleep(0.01)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("notebook")


@pytest.fixture(scope="module")
def one(folder: Path) -> Iterator[Kernel]:
    with kernel(folder) as started:
        started.run(BARRIER)
        # The machinery is imported and a worker is up; what follows measures cells.
        started.run("%%orion_task warm --wait\nwarm = 1")
        yield started


def test_the_cell_returns_at_once(one: Kernel) -> None:
    took = []
    for number in range(5):
        request, seconds = one.run(
            f"%%orion_task quick{number}\nimport time\ntime.sleep(0.3)\nq{number} = 1", f"q{number}"
        )
        took.append(seconds)
        assert len(one.kinds(request, "display_data")) == 1  # one line of status
    assert min(took) <= 0.05, took


def test_two_cells_run_at_once_and_print_under_themselves(one: Kernel, folder: Path) -> None:
    first, _ = one.run("%%orion_task left\nprint('left says', 1)\nmeet('l', 'r')\n'L'", "left")
    second, _ = one.run("%%orion_task right\nprint('right says', 2)\nmeet('r', 'l')\n'R'", "right")
    busy = one.start("meet('busy', 'both done')\nprint('plain')", "plain")
    one.until_text(first, "done")
    one.until_text(second, "done")
    assert not one.is_idle(busy)  # they arrived while another cell ran
    assert "left says 1" in one.text(first)
    assert "'L'" in one.text(first)
    assert "right" not in one.text(first)
    assert "right says 2" in one.text(second)
    (folder / "both done").touch()
    one.until(lambda: one.is_idle(busy), "the plain cell")
    assert one.text(busy).strip() == "plain"


def test_output_is_streamed_while_the_task_runs(one: Kernel, folder: Path) -> None:
    cell, _ = one.run(
        "%%orion_task talks --cache off\nprint('begun', flush=True)\nmeet('me', 'go')\nprint('end')",
        "talks",
    )
    one.until_text(cell, "begun")
    assert "end" not in one.text(cell)
    (folder / "go").touch()
    one.until_text(cell, "end")


def test_updates_are_coalesced(one: Kernel) -> None:
    cell, _ = one.run(
        "%%orion_task chatty\nfor i in range(300):\n    print(i)\n    time.sleep(0.002)", "chatty"
    )
    one.until_text(cell, "done")
    streams = one.kinds(cell, "stream")
    assert "".join(s["text"] for s in streams) == "".join(f"{i}\n" for i in range(300))
    assert len(streams) <= 20


def test_figures_and_errors_under_the_cell(one: Kernel) -> None:
    cell, _ = one.run(
        "%%orion_task draws\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n1 / 0",
        "draws",
    )
    one.until_text(cell, "failed")
    assert any("image/png" in shown["data"] for shown in one.kinds(cell, "display_data"))
    (error,) = one.kinds(cell, "error")
    assert error["ename"] == "ZeroDivisionError"
    assert "line 5" in "\n".join(error["traceback"])


def test_a_reading_cell_waits_with_progress(one: Kernel) -> None:
    one.run("%%orion_task slow\ntime.sleep(0.8)\nslow = 7", "slow")
    reader, seconds = one.run("slow + 1", "reader")
    assert one.text(reader).endswith("8\n")
    assert "waiting for `slow` of slow" in one.text(reader)
    again, seconds = one.run("slow + 1", "reader")
    assert one.text(again) == "8\n"
    assert seconds < 0.5


def test_a_wide_map_stays_short(one: Kernel) -> None:
    cell, _ = one.run(
        "%%orion_task wide --map n in range(400)\nif n % 100 == 0:\n    print('said', n)\nw = -n",
        "wide",
    )
    result, _ = one.run("w == [-n for n in range(400)]")
    assert one.text(result).endswith("True\n")
    one.until_text(cell, "400/400 done")
    assert len(one.messages[cell]) < 100
    assert one.text(cell).count("──\nsaid") == 4
    table, _ = one.run("%orion status wide")
    assert len(one.text(table).splitlines()) == 3
    logs, _ = one.run("%orion logs wide")
    assert [line for line in one.text(logs).splitlines() if "said" not in line] == [
        f"── n={n} ──" for n in (0, 100, 200, 300)
    ]


def test_an_interrupt_stops_waiting_and_not_the_task(one: Kernel, folder: Path) -> None:
    one.run("%%orion_task long --cache off\nmeet('x', 'interrupted')\nlong = 1", "long")
    reader = one.start("long", "reader2")
    one.until_text(reader, "waiting for")
    one.interrupt()
    one.until(lambda: one.is_idle(reader), "the interrupt")
    assert one.kinds(reader, "error")[0]["ename"] == "KeyboardInterrupt"
    assert "the tasks go on" in one.text(reader)
    assert "orion_nb/" not in one.text(reader)  # where it waited is nobody's business
    (folder / "interrupted").touch()
    result, _ = one.run("long")
    assert one.text(result).endswith("1\n")


def test_a_second_interrupt_cancels_what_the_cell_submitted(one: Kernel) -> None:
    cell = one.start("%%orion_task forever --wait\ntime.sleep(60)\nf = 1", "forever")
    one.until_text(cell, "waiting for")
    one.until_text(cell, "running")
    one.interrupt()
    one.until(lambda: one.is_idle(cell), "the first interrupt")
    assert "cancelled" not in one.text(cell)
    one.interrupt()
    one.until_text(cell, "cancelled")


def test_the_graph_is_shown_and_leaves_a_picture(one: Kernel) -> None:
    one.run("%orion wait")
    request, _ = one.run("%orion dag", "dag")
    shown = one.kinds(request, "display_data")
    assert "application/vnd.jupyter.widget-view+json" in shown[0]["data"]
    one.run("%%orion_task one_more\nmore = 1", "more")
    one.run("more")
    one.until(lambda: bool(one.kinds(request, "update_display_data")), "the picture")
    picture = one.kinds(request, "update_display_data")[-1]["data"]
    assert {"image/png", "image/svg+xml", "text/plain"} <= set(picture)


def test_a_new_kernel_finds_everything_in_the_cache(folder: Path) -> None:
    cells = [
        ("%%orion_task load\nprint('loading')\nx = 20", "a"),
        ("%%orion_task m --map n in range(3)\ny = x + n", "b"),
        ("%%orion_task total\nprint('adding')\nt = sum(y)", "c"),
    ]
    for expected in ("done", "cache hit"):
        with kernel(folder) as started:
            requests = [started.run(*cell)[0] for cell in cells]
            value, _ = started.run("t")
            assert started.text(value).endswith("63\n")
            for request in requests:
                started.until_text(request, expected)
            assert "loading" in started.text(requests[0])
            started.until_text(requests[2], "adding")
            if expected == "cache hit":
                started.until_text(requests[0], "output replayed")


def test_an_executed_notebook_holds_every_output_under_its_cell(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import nbclient
    import nbformat

    cells = [
        "%load_ext orion_nb",
        "%%orion_task slow\nimport time\nfor i in range(3):\n    print('slow', i)\n    time.sleep(0.1)\na = 1\na",
        "%%orion_task draw\nimport matplotlib.pyplot as plt\nplt.plot([1, 2])\nb = 2",
        "%%orion_task m --map k in range(3)\nprint('k is', k)\nsq = k * k + a",
        "%orion dag",
        "a + sum(sq)",
        "%orion wait",
    ]
    for variable, value in environment(folder).items():
        monkeypatch.setenv(variable, value)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cells])
    began = time.monotonic()
    nbclient.NotebookClient(notebook, timeout=60, kernel_name="python3").execute(cwd=str(folder))
    assert time.monotonic() - began < 60
    outputs = [cell.outputs for cell in notebook.cells]
    (slow,), (draw,), (mapped,) = outputs[1:4]
    assert slow.data["text/plain"].endswith("slow 0\nslow 1\nslow 2\n1")
    assert "done in" in slow.data["text/plain"]
    assert "slow 2" in slow.data["text/html"]
    assert 'src="data:image/png;base64,iVBORw' in draw.data["text/html"]
    blocks = [f"── k={k} ──\nk is {k}" for k in range(3)]
    assert mapped.data["text/plain"].endswith("\n".join(blocks))
    assert "image/png" in outputs[4][-1].data
    assert outputs[5][-1].data["text/plain"] == "9"
