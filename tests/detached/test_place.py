"""Where a runtime is met: one per project, private, and never believed to live when it does not."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from orion_nb.client import connect
from orion_nb.exceptions import StoreError
from orion_nb.local import place as places
from orion_nb.local.place import Contact, Place, place_of, project_of

HERE = Contact(
    "abc", "0.1", 1, 123, 1000.0, "127.0.0.1:1", "secret", "/p", "/c", "3.11", "py", "log"
)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = place_of(tmp_path, tmp_path / "run")
    made.prepare()
    return made


def test_a_project_is_the_nearest_marked_directory(tmp_path: Path) -> None:
    inside = tmp_path / "project" / "notebooks" / "deep"
    inside.mkdir(parents=True)
    (tmp_path / "project" / "pyproject.toml").touch()
    assert project_of(inside) == (tmp_path / "project").resolve()
    (inside.parent / ".git").mkdir()
    assert project_of(inside) == inside.parent.resolve()


def test_places_differ_by_project_and_have_readable_names(tmp_path: Path) -> None:
    root = tmp_path / "run"
    (tmp_path / "my flights").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "my flights")
    one, other = place_of(tmp_path / "my flights", root), place_of(tmp_path, root)
    assert one.directory.name.startswith("my-flights-")
    assert one.directory != other.directory
    assert place_of(tmp_path / "link", root) == one


def test_the_root_can_be_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORION_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("ORION_RUNTIME_DIR", raising=False)
    assert places.root_directory() == tmp_path / "cache" / "runtimes"
    monkeypatch.setenv("ORION_RUNTIME_DIR", str(tmp_path / "run"))
    assert places.root_directory() == tmp_path / "run"


def test_a_connection_file_is_private_and_read_back(place: Place) -> None:
    place.publish(HERE)
    assert place.read() == HERE
    assert stat.S_IMODE(place.connection_file.stat().st_mode) == 0o600
    assert stat.S_IMODE(place.directory.stat().st_mode) == 0o700
    assert places.places(place.directory.parent) == [Place(Path("/p"), place.directory)]
    place.withdraw(replace(HERE, instance="another"))
    assert place.read() == HERE
    place.withdraw(HERE)
    assert place.read() is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"format": 2}', '{"format": 1, "pid": 1}', "\0"])
def test_a_damaged_connection_file_is_none(place: Place, text: str) -> None:
    place.connection_file.write_text(text)
    assert place.read() is None
    assert places.places(place.directory.parent) == []


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs POSIX owners")
def test_a_directory_of_somebody_else_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: mine + 1)
    with pytest.raises(StoreError, match="not this user's"):
        place_of(tmp_path, tmp_path / "run").prepare()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs Unix sockets")
def test_a_long_path_gets_a_short_socket_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    near = place_of(tmp_path, Path("/r")).socket_path()
    assert near is not None and near.parent.parent == Path("/r")
    far = place_of(tmp_path, tmp_path / ("x" * 100)).socket_path()
    assert far is not None and len(os.fsencode(far)) <= places.SOCKET_LIMIT
    assert far != place_of(tmp_path, tmp_path / ("y" * 100)).socket_path()


def test_the_lock_goes_with_its_process(place: Place) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom orion_nb.local.place import Place\n"
        "lock = Place(Path('/'), Path(sys.argv[1])).hold()\n"
        "print(lock is not None, flush=True)\nsys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(place.directory)]
    assert not place.is_held()
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        assert place.is_held()
        assert place.hold() is None
        assert place.holder() == holder.pid
        holder.kill()
    assert not place.is_held()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="needs Unix sockets")
def test_nobody_lives_where_nobody_listens(place: Place) -> None:
    path = place.socket_path()
    assert path is not None
    living = replace(HERE, address=f"unix:{path}", boot=places.boot_id())
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert not connect.is_reachable(living)
        listener.listen()
        assert connect.is_reachable(living)
        assert not connect.is_reachable(replace(living, boot="another machine"))
    assert not connect.is_reachable(living)  # the file is there, as after a kill
    assert not connect.is_reachable(replace(HERE, address="nonsense"))


def test_places_that_nobody_uses_are_deleted(tmp_path: Path) -> None:
    root = tmp_path / "run"
    old, held, new = (Place(tmp_path, root / name) for name in ("old", "held", "new"))
    locks = []
    for place in (old, held, new):
        place.prepare()
        lock = place.hold()
        assert lock is not None
        locks.append(lock)
    for place in (old, held):
        os.utime(place.directory / "lock", (1.0, 1.0))
    os.close(locks[0])
    os.close(locks[2])
    assert places.sweep(root, 3600.0) == [old.directory]
    assert not old.directory.exists()
    assert held.is_held() and new.directory.exists()
    os.close(locks[1])


def test_whoever_hangs_while_starting_does_not_hang_the_others(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "_SEARCH_WITHIN", 0.05)
    with (
        place.searching(),
        pytest.raises(StoreError, match="some other process has been starting"),
        place.searching(),
    ):
        pass
    with place.searching():
        pass
