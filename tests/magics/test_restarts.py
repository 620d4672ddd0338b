"""Real kernels and the real detached runtime: tasks outlive their kernel, however it ends."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .kernels import Kernel

SLOW = (
    "%%orion_task slow{}\nimport pathlib, time\nprint('begun', flush=True)\n"
    "_ = pathlib.Path('runs').open('a').write('x')\n"
    "while not pathlib.Path('go').exists():\n    time.sleep(0.01)\n"
    "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\nprint('over')\nx = 41"
)
USE = "%%orion_task use\nprint('using', x)\ny = x + 1"


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Kernel]]:
    """Starts kernels of notebooks in one project."""
    started = []

    def start(notebook: str = "analysis.ipynb") -> Kernel:
        monkeypatch.setenv("JPY_SESSION_NAME", str(tmp_path / notebook))
        one = Kernel(tmp_path)
        started.append(one)
        one.run("%load_ext orion_nb")
        return one

    (tmp_path / "pyproject.toml").touch()  # a project of its own, so a runtime of its own
    yield start
    (tmp_path / "go").touch()
    for one in started:
        if one.manager.is_alive():
            one.close()
        else:
            one.client.stop_channels()


def kill(one: Kernel) -> None:
    """SIGKILL, and nothing of it is left."""
    one.client.stop_channels()
    one.manager.signal_kernel(signal.SIGKILL)
    one.manager.shutdown_kernel(now=True)


def leave(one: Kernel) -> None:
    one.close()


@pytest.mark.parametrize("end", [leave, kill])
def test_a_task_outlives_its_kernel_and_is_replayed_in_the_next(
    start: Callable[..., Kernel], tmp_path: Path, end: Callable[[Kernel], None]
) -> None:
    first = start()
    slow, _ = first.run(SLOW.format(" --cache off"), "a")
    first.run(USE, "b")
    first.until_text(slow, "begun")
    end(first)
    second = start()
    slow, _ = second.run(SLOW.format(" --cache off"), "a")
    second.until_text(slow, "begun")
    (tmp_path / "go").touch()
    second.until_text(slow, "over")
    second.until_text(slow, "done")
    assert [m["msg_type"] for m in second.messages[slow] if "data" in m["content"]].count(
        "display_data"
    ) == 2  # its status, and the plot
    text = second.text(slow)
    assert text.index("begun") < text.index("over")
    assert (text.count("begun"), text.count("over")) == (1, 1)
    use, _ = second.run(USE, "b")
    second.until_text(use, "using 41")
    value, _ = second.run("y", "c")
    assert second.text(value).endswith("42\n")
    assert (tmp_path / "runs").read_text() == "x"


def test_attach_shows_what_ended_while_no_kernel_was_there(
    start: Callable[..., Kernel], tmp_path: Path
) -> None:
    first = start()
    slow, _ = first.run(SLOW.format(""), "a")
    first.run(USE, "b")
    first.until_text(slow, "begun")
    kill(first)
    (tmp_path / "go").touch()
    second = start()
    attached, _ = second.run("%orion attach", "z")
    second.until_text(attached, "using 41")
    second.until_text(attached, "✓ slow · ")
    boxes = [m["transient"]["display_id"] for m in second.kinds(attached, "display_data")[1:]]
    assert len({*boxes}) == 2  # one beneath the other
    last = {
        m["transient"]["display_id"]: m["data"]["text/html"]
        for m in second.kinds(attached, "update_display_data")
    }
    assert "image/png;base64" in last[boxes[0]]
    value, _ = second.run("y", "c")
    assert second.text(value).endswith("42\n")
    assert (tmp_path / "runs").read_text() == "x"
    # Its own cell takes its output back.
    slow, _ = second.run(SLOW.format(""), "a")
    second.until_text(slow, "over")
    assert (tmp_path / "runs").read_text() == "x"


def test_two_notebooks_share_a_runtime_and_leave_each_other_alone(
    start: Callable[..., Kernel], tmp_path: Path
) -> None:
    one, other = start("one.ipynb"), start("other.ipynb")
    slow, _ = one.run(SLOW.format(""), "a")
    one.until_text(slow, "begun")
    other.run("%%orion_task mine\nimport time\ntime.sleep(60)\nm = 1", "a")
    everybody, _ = other.run("%orion status --all")
    rows = [line.split() for line in other.text(everybody).splitlines()]
    names = {row[0]: row[1] for row in rows if row and row[0].endswith(".ipynb")}
    assert names == {"one.ipynb": "open", "other.ipynb": "this"}
    refused, _ = other.run("%orion shutdown")
    assert "one.ipynb run in it" in other.text(refused)
    other.run("%orion cancel --all")
    status, _ = other.run("%orion wait\n%orion status")
    assert "■ mine" in other.text(status)
    (tmp_path / "go").touch()
    one.until_text(slow, "done")


def test_the_runtime_is_killed_and_comes_back(start: Callable[..., Kernel], tmp_path: Path) -> None:
    one = start()
    quick, _ = one.run("%%orion_task quick\nprint('once')\nq = 1", "q")
    one.until_text(quick, "done in")
    slow, _ = one.run(SLOW.format(""), "a")
    one.until_text(slow, "begun")
    status, _ = one.run("%orion status")
    found = re.search(r"runtime: process (\d+)", one.text(status))
    assert found is not None
    os.kill(int(found.group(1)), signal.SIGKILL)
    status, _ = one.run("%orion status")
    assert "restarted after a crash: 1 finished kept, 1 started again" in one.text(status)
    (tmp_path / "go").touch()
    value, _ = one.run("q + x", "c")
    assert one.text(value).endswith("42\n")
    one.until_text(slow, "done in")
    assert one.kinds(slow, "clear_output")  # the second attempt has the cell for itself
    assert one.text(quick).count("once") == 1
