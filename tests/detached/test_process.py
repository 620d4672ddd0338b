"""The process: one per project, reachable soon, and gone with all it started, however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import pytest

from orion_nb.client import connect
from orion_nb.client.connect import Finder
from orion_nb.client.socket_session import SocketSession
from orion_nb.exceptions import RuntimeMismatch, RuntimeUnreachable

from .processes import Yard, needs_proc, wait_for

_FINDS = """
import sys
from pathlib import Path
from orion_nb.client.connect import Finder
from orion_nb.client.socket_session import SocketSession
from orion_nb.local.place import place_of
sys.stdin.readline()
print(Finder(place_of(Path(sys.argv[1])))().instance)
"""


def test_kernels_that_start_at_the_same_instant_share_one_runtime(yard: Yard) -> None:
    command = [sys.executable, "-c", _FINDS, str(yard.project)]
    pipe = subprocess.PIPE
    racers = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(4)]
    for racer in racers:
        assert racer.stdin is not None
        racer.stdin.write("go\n")
        racer.stdin.flush()
    found = {racer.communicate()[0].strip() for racer in racers}
    assert found == {yard.find().instance}


def test_a_second_process_for_the_same_place_steps_back(yard: Yard) -> None:
    contact = yard.find()
    place = yard.place
    command = [
        *(sys.executable, "-m", "orion_nb.detached", "--foreground"),
        *("--project", str(place.project), "--directory", str(place.directory)),
    ]
    second = subprocess.run(command, capture_output=True, text=True, timeout=20, check=True)
    assert "taken" in second.stdout
    assert yard.find() == contact


def _terminate(yard: Yard) -> None:
    os.kill(yard.find().pid, signal.SIGTERM)


def _kill(yard: Yard) -> None:
    os.kill(yard.find().pid, signal.SIGKILL)


def _delete_project(yard: Yard) -> None:
    shutil.rmtree(yard.project)


def _delete_connection_file(yard: Yard) -> None:
    yard.place.connection_file.unlink()


def _put_another_in_its_place(yard: Yard) -> None:
    yard.place.publish(replace(yard.find(), instance="another"))


def _leave_it_alone(yard: Yard) -> None:
    """The idle time-out of these tests is a second."""


@needs_proc
@pytest.mark.parametrize(
    "end",
    [
        _terminate,
        _kill,
        _delete_project,
        _delete_connection_file,
        _put_another_in_its_place,
        _leave_it_alone,
    ],
)
def test_nothing_is_left_behind(
    yard: Yard, monkeypatch: pytest.MonkeyPatch, end: Callable[[Yard], None]
) -> None:
    monkeypatch.setenv("ORION_IDLE_TIMEOUT", "1" if end is _leave_it_alone else "60")
    contact = yard.find()
    notebook = SocketSession(Finder(yard.place), "nb") if end is _leave_it_alone else None
    # The runtime, its fork server, two workers.
    wait_for(lambda: len(yard.processes()) == 4, lambda: str(yard.processes()))
    if notebook is not None:
        notebook.detach()
    end(yard)
    yard.wait_until_empty()
    if end is _kill:
        assert yard.place.read() == contact  # left behind, and not believed
        assert Finder(yard.place).living() is None
    elif end is not _put_another_in_its_place:
        assert yard.place.read() is None


@needs_proc
def test_it_survives_what_ends_a_notebook(yard: Yard) -> None:
    command = [sys.executable, "-c", _FINDS, str(yard.project)]
    kernel = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    instance = kernel.communicate("go\n")[0].strip()
    contact = yard.find()
    assert contact.instance == instance
    assert os.getsid(contact.pid) not in (kernel.pid, os.getsid(0))
    parent = _status(contact.pid)["PPid"]
    assert int(parent) not in (kernel.pid, os.getpid())
    for harmless in (signal.SIGINT, signal.SIGHUP):
        os.kill(contact.pid, harmless)
    assert yard.find() == contact
    os.kill(contact.pid, signal.SIGTERM)
    yard.wait_until_empty()


def _status(pid: int) -> dict[str, str]:
    with open(f"/proc/{pid}/status") as file:
        return dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)


def test_an_idle_runtime_of_another_version_is_replaced_and_that_is_said(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = yard.find()
    monkeypatch.setattr(connect, "_version", lambda: "99.0")
    monkeypatch.setattr(connect, "is_ours", lambda found: found.instance != old.instance)
    said: list[str] = []
    new = Finder(yard.place, say=said.append)()
    assert new.instance != old.instance
    assert [line.startswith(f"a runtime of Orion {old.version} was idle") for line in said] == [
        True
    ]


def test_one_of_another_version_that_is_in_use_is_left_alone_and_that_is_said(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = SocketSession(Finder(yard.place, say=print), "nb")
    monkeypatch.setattr(connect, "is_ours", lambda found: False)
    monkeypatch.setattr(connect, "LEAVE_TIMEOUT", 3.0)
    with pytest.raises(RuntimeMismatch, match=r"still in use; `orion local stop` ends it"):
        yard.find()
    assert session.overview().kind == "detached"
    assert not yard.place.is_asked_to_leave()
    session.shutdown()


def test_a_version_that_cannot_be_used_never_is(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connect, "is_ours", lambda found: False)
    with pytest.raises(RuntimeMismatch):
        yard.find()


def test_what_it_cannot_do_is_one_clear_line(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORION_IDLE_TIMEOUT", "soon")
    with pytest.raises(RuntimeUnreachable, match=r"^ORION_IDLE_TIMEOUT='soon' is not a time"):
        yard.find()
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(RuntimeUnreachable, match="no process can be started"):
        yard.find()
