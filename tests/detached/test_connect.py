"""What a notebook gets when it opens a session: a detached runtime's, or one clear line why not."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from orion_nb.client import Call
from orion_nb.client.connect import Finder, open_session
from orion_nb.client.finding import Fixed
from orion_nb.client.socket_session import SocketSession
from orion_nb.core.model import ObjectRef
from orion_nb.detached.house import House
from orion_nb.exceptions import RuntimeMismatch, UsageError
from orion_nb.local.place import Place

from .processes import LIMIT, Yard, needs_proc, wait_for


def add(a: int, b: int) -> int:
    return a + b


def test_a_notebook_gets_the_runtime_of_its_project(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORION_RUNTIME", "detached")
    (yard.project / "pyproject.toml").touch()
    (yard.project / "notebooks").mkdir()
    session = open_session("nb", directory=yard.project / "notebooks")
    other = open_session("other", directory=yard.project)
    (task,) = session.submit([Call(add, (40, 2))])
    assert session.result(ObjectRef(task), LIMIT) == 42
    assert session.durable
    report = other.overview()
    assert report.kind == "detached"
    assert report.pid == yard.find().pid
    assert {(each.name, each.connected) for each in report.sessions} == {
        ("nb", True), ("other", True),
    }  # fmt: skip
    session.detach()
    other.shutdown()
    yard.wait_until_over()


def test_without_a_process_the_tasks_run_in_this_one(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORION_RUNTIME", "detached")
    said: list[str] = []
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/no/such/python")
        open_session("nb", directory=yard.project, say=said.append).close()
    assert len(said) == 1
    assert "will end with its kernel: no process can be started" in said[0]
    monkeypatch.setenv("ORION_IDLE_TIMEOUT", "soon")
    session = open_session("nb", directory=yard.project, say=said.append)
    assert said[1].endswith("write seconds, or never")
    assert session.overview().kind == "in-process"
    assert not session.durable
    session.close()


def test_the_mode_is_chosen_by_a_variable(yard: Yard, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORION_RUNTIME", "inprocess")
    session = open_session("nb", directory=yard.project)
    assert session.overview().kind == "in-process"
    session.close()
    assert Finder(yard.place).living() is None
    monkeypatch.setenv("ORION_RUNTIME", "cloud")
    with pytest.raises(UsageError, match="write detached or inprocess"):
        open_session("nb", directory=yard.project)


@needs_proc
def test_a_connected_notebook_keeps_its_runtime_and_a_gone_one_does_not(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORION_RUNTIME", "detached")
    monkeypatch.setenv("ORION_IDLE_TIMEOUT", "0.5")
    session = open_session("nb", directory=yard.project)
    (task,) = session.submit([Call(pause, (2.5,))])  # several looks at the clock
    session.result(ObjectRef(task), LIMIT)
    assert Finder(yard.place).living() is not None
    session.detach()
    wait_for(lambda: not yard.processes(), lambda: str(yard.processes()))


def pause(seconds: float) -> None:
    import time

    time.sleep(seconds)


def test_without_unix_sockets_it_is_a_port_of_this_machine_with_a_token(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Place, "socket_path", lambda self: None)
    place = yard.place
    place.prepare()
    lock = place.hold()
    assert lock is not None
    house = House(place, [], lambda: None)
    try:
        place.publish(house.contact)
        assert house.contact.address.startswith("127.0.0.1:")
        session = SocketSession(Finder(place), "nb")
        (task,) = session.submit([Call(add, (1, 2))])
        assert session.result(ObjectRef(task), LIMIT) == 3
        session.detach()
        with pytest.raises(RuntimeMismatch, match="does not let this client in"):
            SocketSession(Fixed(house.contact.address, "a wrong token"), "nb")
    finally:
        house.close("the test is over", cancel=True)
        os.close(lock)


def test_who_opens_right_after_a_shutdown_gets_the_next_runtime(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORION_RUNTIME", "detached")
    said: list[str] = []
    pids = set()
    for _ in range(3):
        session = open_session("nb", directory=yard.project, say=said.append)
        (task,) = session.submit([Call(add, (40, 2))])
        assert session.result(ObjectRef(task), LIMIT) == 42
        pids.add(session.overview().pid)
        session.shutdown()
    assert len(pids) == 3
    assert said == []


@needs_proc
def test_who_opens_right_after_a_kill_gets_the_next_runtime(
    yard: Yard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORION_RUNTIME", "detached")
    said: list[str] = []
    for _ in range(3):
        session = open_session("nb", directory=yard.project, say=said.append)
        assert session.durable
        pid = session.overview().pid
        session.detach()
        os.kill(pid, signal.SIGKILL)
    session = open_session("nb", directory=yard.project, say=said.append)
    assert session.durable
    assert session.overview().pid != pid
    assert said == []
    session.shutdown()


def test_what_was_submitted_before_leaving_goes_on(yard: Yard) -> None:
    for number in range(5):
        leaving = SocketSession(Finder(yard.place, say=print), "nb")
        (task,) = leaving.submit([Call(add, (number, 2))])
        leaving.detach()
        staying = SocketSession(Finder(yard.place, say=print), "nb")
        assert staying.result(ObjectRef(task), LIMIT) == number + 2
        staying.detach()
    SocketSession(Finder(yard.place, say=print), "nb").shutdown()
