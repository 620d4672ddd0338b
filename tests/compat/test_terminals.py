"""IPython in a terminal, and `jupyter console`: progress and results as text."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from .terminals import Terminal

IPYTHON = [sys.executable, "-m", "IPython", "--no-banner"]
CONSOLE = [sys.executable, "-m", "jupyter_console", "--kernel", "python3"]

LOAD = "%%orion_task load\nimport time\nprint('loading')\ntime.sleep(0.5)\nx = 3"
SLOW = "%%orion_task slow\nimport time\nprint('slowly')\ntime.sleep(600)\ny = 3"


@pytest.fixture(params=["ipython", "jupyter console"])
def terminal(request: pytest.FixtureRequest, environ: dict[str, str]) -> Iterator[Terminal]:
    if request.param == "jupyter console":
        pytest.importorskip("jupyter_console", reason="pip install 'orion-nb[test]'")
    one = Terminal(IPYTHON if request.param == "ipython" else CONSOLE, environ)
    yield one
    one.close()


def test_a_session_at_the_terminal(terminal: Terminal) -> None:
    terminal.run("%load_ext orion_nb")
    said = terminal.run(LOAD)
    said += terminal.run("x + 1")
    assert "load · queued" in said or "load · running" in said
    assert "4" in said
    if "load · done" not in said or "[load] loading" not in said:  # they may come a moment later
        terminal.until("load · done")
    graph = terminal.run("%orion dag")
    assert "1 task" in graph and "1 done" in graph
    assert "load" in terminal.run("%orion status")

    assert "slow" in terminal.run(SLOW)
    terminal.start("y")
    waiting = terminal.until("waiting for `y` of slow")
    if "[slow] slowly" not in waiting:
        terminal.until(r"\[slow\] slowly")
    stopped = terminal.interrupt()
    assert "Stopped waiting; the tasks go on." in stopped
    assert "KeyboardInterrupt" in stopped
    said = terminal.run("%orion cancel slow") + terminal.run("%orion wait") + terminal.run("6 * 7")
    assert "slow · cancelled" in said
    assert "42" in said

    for word in ("Widget", "object at 0x", "<div", "Traceback"):
        assert word not in graph + waiting + stopped + said
    assert terminal.leave() == 0
