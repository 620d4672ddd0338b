"""What a notebook lives through: restarts, reloads, crashes, a second notebook. In JupyterLab, on a
detached runtime of its own.

The slow task waits for a file, so the test decides when it ends, and writes a line for every time
that it is begun, so the test knows what was computed twice.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orion_nb.local.place import Contact, places

from .conftest import Open
from .lab import Lab, LabPage

LOAD, DAG, QUICK, SLOW, VALUE, STATUS = range(6)
"""The cells of `Story.notebook`."""


class Story:
    """One notebook with a slow task that the test lets end.

    :param name: of the notebook; other names are other tasks.
    """

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name
        self.folder = lab.home / name
        self.folder.mkdir()
        self._runs = self.folder / "runs"
        self._go = self.folder / "go"

    def write(self) -> str:
        cells = [
            "%load_ext orion_nb",
            "%orion dag",
            f"%%orion_task quick_{self.name}\n{self._note('quick')}\nq = 6\nprint('quickly')",
            f"%%orion_task slow_{self.name}\n"
            "import time\nfrom pathlib import Path\n"
            f"{self._note('slow')}\n"
            "print('begun')\n"
            f"while not Path({str(self._go)!r}).exists():\n    time.sleep(0.05)\n"
            "print('over')\nx = 7",
            "q * x",
            "%orion status",
        ]
        return self.lab.write(f"{self.name}.ipynb", cells)

    def _note(self, what: str) -> str:
        return f"open({str(self._runs)!r}, 'a').write('{what}\\n')"

    def let_it_end(self) -> None:
        self._go.write_text("now")

    @property
    def runs(self) -> list[str]:
        """Which task was begun, each time that one was."""
        return self._runs.read_text().split() if self._runs.exists() else []

    def node(self, task: str, state: str) -> str:
        return f'.o-node[data-id*="{task}_{self.name}"][data-state="{state}"]'


@pytest.fixture(scope="module")
def detached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with tempfile.TemporaryDirectory(prefix="orion-") as runtimes:  # sockets need short paths
        environ = {
            "ORION_RUNTIME": "detached",
            "ORION_RUNTIME_DIR": runtimes,
            "ORION_IDLE_TIMEOUT": "120",
            "ORION_WORKERS": "2",
        }
        lab = Lab(tmp_path_factory.mktemp("detached"), environ=environ)
        lab.start()
        try:
            yield lab
        finally:
            lab.stop()
            orion = [sys.executable, "-m", "orion_nb.cli.main"]
            command = [*orion, "local", "stop", "--all", "--force"]
            subprocess.run(command, env=os.environ | environ, check=True, timeout=60)


def runtime_of(lab: Lab) -> Contact:
    """How to reach the runtime of the lab's notebooks."""
    (place,) = places(Path(lab.environ["ORION_RUNTIME_DIR"]))
    found = place.read()
    assert found is not None
    return found


def begin(page: LabPage, story: Story) -> None:
    """Run the cells until the quick task is done and the slow one runs."""
    page.page.set_viewport_size({"width": 1100, "height": 1500})  # pictures show every cell
    page.open(story.write())
    for _ in range(SLOW + 1):
        page.run_cell()
    page.page.wait_for_selector(story.node("quick", "done"))
    page.page.wait_for_selector(story.node("slow", "running"))
    page.until(SLOW, "begun")


def finish(page: LabPage, story: Story, shot: str) -> None:
    """In whatever kernel there is now: run all cells; the slow task still runs, then ends."""
    page.clear()
    page.run_all()
    page.until(QUICK, "quickly")
    page.until(SLOW, "begun")
    page.page.wait_for_selector(story.node("slow", "running"))
    page.shot(f"{shot}-running-again")
    story.let_it_end()
    page.until(SLOW, "over")
    page.until(VALUE, "42")
    page.until(STATUS, f"slow_{story.name}")
    page.page.wait_for_selector(story.node("slow", "done"))
    page.shot(f"{shot}-done")


def test_a_restarted_kernel_finds_its_running_task(detached: Lab, open_page: Open) -> None:
    page, story = open_page(detached), Story(detached, "restart")
    begin(page, story)
    page.restart()
    finish(page, story, "scenario-restart")
    assert sorted(story.runs) == ["quick", "slow"]


def test_a_killed_kernel_loses_nothing(detached: Lab, open_page: Open) -> None:
    page, story = open_page(detached), Story(detached, "kernel")
    begin(page, story)
    kernel = page.page.evaluate(
        """async () => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const future = kernel.requestExecute({code: "import os; print(os.getpid())"});
            return await new Promise((found) => { future.onIOPub = (message) => {
                if (message.header.msg_type === "stream") found(message.content.text); }; });
        }"""
    )
    os.kill(int(kernel), signal.SIGKILL)
    page.page.wait_for_selector(".jp-Dialog")  # it says that the kernel died
    page.shot("scenario-kernel-killed")
    page.page.locator(".jp-Dialog .jp-mod-accept").click()
    page.ready()
    finish(page, story, "scenario-kernel-killed")
    assert sorted(story.runs) == ["quick", "slow"]


def test_a_reloaded_page_shows_what_runs(detached: Lab, open_page: Open) -> None:
    page, story = open_page(detached), Story(detached, "reload")
    begin(page, story)
    page.save()
    page.page.reload()
    page.ready()
    page.page.wait_for_selector(story.node("slow", "running"))
    page.shot("scenario-reload-running")
    story.let_it_end()
    page.page.wait_for_selector(story.node("slow", "done"))
    page.clear()
    page.run_all()
    page.until(SLOW, "over")
    page.until(VALUE, "42")
    page.shot("scenario-reload-done")
    assert sorted(story.runs) == ["quick", "slow"]


def test_two_notebooks_share_a_runtime_and_are_cancelled_alone(
    detached: Lab, open_page: Open
) -> None:
    first, one = open_page(detached), Story(detached, "first")
    second, two = open_page(detached), Story(detached, "second")
    begin(first, one)
    runtime = runtime_of(detached)
    begin(second, two)
    assert runtime_of(detached).pid == runtime.pid

    first.page.locator(one.node("slow", "running")).click()
    first.page.locator(".o-panel [data-act=cancel]").click()
    first.page.wait_for_selector(one.node("slow", "cancelled"))
    first.shot("scenario-two-first-cancelled")
    assert second.page.locator(two.node("slow", "running")).count() == 1
    finish(second, two, "scenario-two-second")
    assert sorted(two.runs) == ["quick", "slow"]


def test_a_killed_runtime_comes_back_with_what_was_done(detached: Lab, open_page: Open) -> None:
    page, story = open_page(detached), Story(detached, "runtime")
    begin(page, story)
    before = runtime_of(detached)
    os.kill(before.pid, signal.SIGKILL)
    finish(page, story, "scenario-runtime-killed")
    page.until(STATUS, "restarted after a crash")
    page.until(STATUS, "1 started again")
    assert runtime_of(detached).pid != before.pid
    assert sorted(story.runs) == ["quick", "slow", "slow"]
