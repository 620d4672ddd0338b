"""`orion local`: what a person types, what comes out, and the exit status."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from orion_nb.cli.main import main
from tests.detached.processes import Yard, make_yard, needs_proc


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    yield from make_yard(tmp_path, monkeypatch)


def test_start_status_stop(yard: Yard, capsys: pytest.CaptureFixture[str]) -> None:
    here = ["--project", str(yard.project)]
    assert main(["local", "status", *here]) == 3
    assert capsys.readouterr().out == f"no runtime of {yard.project} lives\n"
    assert main(["local", "start", *here]) == 0
    contact = yard.find()
    assert capsys.readouterr().out == f"started: pid {contact.pid}, {yard.project}\n"
    assert main(["local", "start", *here]) == 0
    assert capsys.readouterr().out.startswith(f"runs already: pid {contact.pid}")
    assert main(["local", "status", *here]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f"project   {yard.project}"
    assert any(line.startswith(f"process   pid {contact.pid}, since") for line in lines)
    assert "workers   2, 0 busy" in lines
    assert main(["local", "status", "--all"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == lines[0]
    assert main(["local", "stop", "--all"]) == 0
    assert capsys.readouterr().out == f"ended: {yard.project}\n"
    assert main(["local", "stop", *here]) == 0
    assert capsys.readouterr().out == "no runtime lives\n"
    assert main(["local", "status", "--all"]) == 3


@needs_proc
def test_stop_ends_one_that_does_not_answer(
    yard: Yard, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from orion_nb.client import remote

    contact = yard.find()
    os.kill(contact.pid, signal.SIGSTOP)
    monkeypatch.setattr(remote, "ANSWER_WITHIN", 0.5)
    monkeypatch.setattr(remote, "END_WITHIN", 0.5)
    here = ["--project", str(yard.project)]
    assert main(["local", "status", *here]) == 1
    assert main(["local", "stop", *here]) == 1
    assert "does not end" in capsys.readouterr().err
    monkeypatch.setattr(remote, "END_WITHIN", 20.0)
    os.kill(contact.pid, signal.SIGCONT)  # the SIGTERM that waits is heard now
    assert main(["local", "stop", "--force", *here]) == 0
    yard.wait_until_empty()


def test_help_says_what_the_exit_status_means(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["local", "status", "--help"])
    assert left.value.code == 0
    assert "3 if none does" in " ".join(capsys.readouterr().out.split())
