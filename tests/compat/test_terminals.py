"""IPython in a terminal, and `jupyter console`: progress and results as text."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from .terminals import Terminal

IPYTHON = [sys.executable, "-m", "IPython", "--no-banner"]
CONSOLE = [sys.executable, "-m", "jupyter_console", "--kernel", "python3"]

LOAD = "%%orion_task load\nimport time\nprint('loading')\ntime.sleep(0.5)\nx = 3"
SLOW = """%%orion_task slow
import time
for step in range(3000):
    print("step", step)
    time.sleep(0.2)
y = step"""


@pytest.fixture(params=["ipython", "jupyter console"])
def terminal(request: pytest.FixtureRequest, environ: dict[str, str]) -> Iterator[Terminal]:
    if request.param == "jupyter console":
        pytest.importorskip("jupyter_console", reason="pip install 'orion-nb[test]'")
    one = Terminal(IPYTHON if request.param == "ipython" else CONSOLE, environ)
    yield one
    one.close()


def test_a_session_at_the_terminal(terminal: Terminal) -> None:
    # A line that a thread writes while a prompt is being closed may be lost by the prompt's
    # library, so no single one of them is waited for but while a cell runs.
    terminal.run("%load_ext orion_nb")
    said = terminal.run(LOAD) + terminal.run("x + 1")
    assert "load · " in said and "4" in said
    assert "loading" in terminal.run("%orion logs load")
    graph = terminal.run("%orion dag")
    assert "1 task" in graph and "1 done" in graph
    assert "load" in terminal.run("%orion status")

    terminal.run(SLOW)
    terminal.start("y")
    waiting = terminal.until("waiting for `y` of slow") + terminal.until(r"\[slow\] step \d")
    stopped = terminal.interrupt()
    assert "Stopped waiting; the tasks go on." in stopped
    assert "KeyboardInterrupt" in stopped
    said = "".join(map(terminal.run, ("%orion cancel slow", "%orion wait", "6 * 7")))
    assert "Cancelling: slow" in said and "42" in said
    assert "cancelled" in terminal.run("%orion status slow")

    for word in ("Widget", "object at 0x", "<div", "Traceback"):
        assert word not in graph + waiting + stopped + said
    assert terminal.leave() == 0
