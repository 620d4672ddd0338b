"""Finding the runtime of a project, starting it, or saying in one line why there is none.

``$ORION_RUNTIME`` chooses: ``detached`` is a process of its own that outlives the notebook,
``inprocess`` one that lives and dies with it.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orion_nb.exceptions import OrionError, RuntimeMismatch, RuntimeUnreachable, UsageError
from orion_nb.local.launch import default_preload
from orion_nb.local.place import Contact, Place, boot_id, place_of, project_of
from orion_nb.rpc.metadata import PROTOCOL

if TYPE_CHECKING:
    from .session import Session

log = logging.getLogger(__name__)

MODE_VARIABLE = "ORION_RUNTIME"
DEFAULT_MODE = "detached"
START_TIMEOUT = 30.0
"""Seconds that a runtime may take to start; it usually takes half of one."""
LEAVE_TIMEOUT = 10.0
"""Seconds that one which is ending, or is asked to make room, may take for it."""
_POLL = 0.02

_ROOT = str(Path(__file__).resolve().parents[2])
_PROGRAM = (
    "import sys; {root!r} in sys.path or sys.path.append({root!r}); "
    "from orion_nb.detached.process import main; sys.exit(main(sys.argv[1:]))"
)
"""``python -m orion_nb.detached``, of this Orion, wherever this process has found it."""

Say = Callable[[str], None]


def mode() -> str:
    """``detached`` or ``inprocess``.

    :raises UsageError: ``$ORION_RUNTIME`` makes no sense."""
    chosen = os.environ.get(MODE_VARIABLE) or DEFAULT_MODE
    if chosen not in ("detached", "inprocess"):
        raise UsageError(f"{MODE_VARIABLE}={chosen!r}: write detached or inprocess")
    return chosen


class Finder:
    """Gives the contact to the runtime of one place, whether or not one lives there yet.

    :param preload: modules that its workers shall have imported, besides the usual ones.
    :param say: gets a line when something has to be known: an older runtime was replaced.
    """

    def __init__(self, place: Place, preload: Sequence[str] = (), say: Say | None = None) -> None:
        self.place = place
        self._preload = [*default_preload(), *preload]
        self._say: Say = say if say is not None else log.warning

    def __call__(self) -> Contact:
        """Find it, or start it; at most half a minute.

        :raises RuntimeUnreachable: neither was possible; the message says why, and what to do.
        :raises RuntimeMismatch: one of another version is in use.
        :raises StoreError: the place's directory cannot be used.
        """
        found = self.living()
        if found is None or not is_ours(found):
            with self.place.searching():  # one starts it, the others find it
                found = self.living()
                if found is not None and not is_ours(found):
                    self._replace(found)
                    found = None
                if found is None:
                    found = self._start()
        return found

    def living(self) -> Contact | None:
        """The contact of a runtime that answers; None: there is none."""
        found = self.place.read()
        return found if found is not None and is_reachable(found) else None

    def _start(self) -> Contact:
        """Within `place.searching`."""
        deadline = time.monotonic() + LEAVE_TIMEOUT
        while self.place.is_held():  # one is ending, or was started by hand and is not ready yet
            found = self.living()
            if found is not None:
                return _checked(found)
            if time.monotonic() > deadline:
                raise RuntimeUnreachable(_occupied(self.place))
            time.sleep(_POLL)
        start(self.place, self._preload)
        found = self.living()
        if found is None:
            raise RuntimeUnreachable(
                f"the runtime of {self.place.project} ended as soon as it had started; see "
                f"{self.place.text_log}"
            )
        return _checked(found)

    def _replace(self, old: Contact) -> None:
        """Ask a runtime of another version to make room, which it does when it is idle."""
        self.place.ask_to_leave()
        deadline = time.monotonic() + LEAVE_TIMEOUT / 2
        while self.place.is_held():
            if time.monotonic() > deadline:
                self.place.take_back()
                raise RuntimeMismatch(
                    f"the runtime of this project is of Orion {old.version}, this is "
                    f"{_version()}, and it is still in use; `orion local stop` ends it"
                )
            time.sleep(_POLL)
        self._say(
            f"a runtime of Orion {old.version} was idle here; one of {_version()} takes its place"
        )


def open_session(
    name: str = "",
    *,
    directory: str | os.PathLike[str] | None = None,
    preload: Sequence[str] = (),
    say: Say | None = None,
) -> Session:
    """A session of the project's detached runtime, or of one in this process.

    Takes the time that finding or starting takes (≤ 1 s): open it on a thread of its own when
    somebody is waiting. When no process can be started, `say` gets one line about it and the session
    is one in this process.

    :param name: whose session it is: the notebook's path.
    :param directory: where the notebook is; None: the current directory. It tells the project.
    :param preload: modules that workers shall have imported, besides the usual ones.
    :raises UsageError: ``$ORION_RUNTIME`` makes no sense.
    """
    if mode() == "detached":
        place = place_of(project_of(Path(directory or Path.cwd())))
        finder = Finder(place, preload, say)
        try:
            return _attach(finder, name)
        except OrionError as error:
            if isinstance(error, UsageError):
                raise
            line = f"this notebook's tasks will end with its kernel: {error}"
            (say or log.warning)(line)
    from .local_session import open_local

    return open_local(name, preload)


def _attach(finder: Finder, name: str) -> Session:
    from .socket_session import SocketSession  # grpc: only when it is needed

    return SocketSession(finder, name)


def is_ours(found: Contact) -> bool:
    """Whether it is of this version: another one may understand the same words differently."""
    return found.version == _version() and found.protocol == PROTOCOL


def _checked(found: Contact) -> Contact:
    """One that has just been started, by us or by hand."""
    if not is_ours(found):
        raise RuntimeMismatch(
            f"a runtime of Orion {found.version} was started ({found.executable}), and this is Orion "
            f"{_version()}"
        )
    return found


def is_reachable(found: Contact) -> bool:
    """Whether somebody listens at the address. Quick: nothing is said."""
    if found.boot and found.boot != boot_id():
        return False  # of another machine that shares the directory, or from before its restart
    try:
        with contextlib.closing(_socket_to(found.address)):
            return True
    except (OSError, ValueError):
        return False


def _socket_to(address: str) -> socket.socket:
    if address.startswith("unix:"):
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.settimeout(2.0)
            made.connect(address.removeprefix("unix:"))
        except OSError:
            made.close()
            raise
        return made
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), timeout=2.0)


# -- starting ---------------------------------------------------------------------------------


def start(place: Place, preload: Sequence[str] = (), timeout: float = START_TIMEOUT) -> None:
    """Start a runtime and wait until it can be used. Call it within `place.searching`.

    :raises RuntimeUnreachable: it does not start; the message says why."""
    place.prepare()
    command = [
        *(sys.executable, "-P", "-c", _PROGRAM.format(root=_ROOT)),
        *("--project", str(place.project), "--directory", str(place.directory)),
        *(f"--preload={module}" for module in preload),
    ]
    try:
        with open(place.text_log, "ab") as text_log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=text_log,
                cwd=place.project,
                env=_environment(),
                **_detached(),
            )
    except OSError as error:
        raise RuntimeUnreachable(f"no process can be started ({error})") from error
    answer = _first_line(process, timeout)
    if not answer:
        raise RuntimeUnreachable(
            f"the runtime of {place.project} did not start; see the end of {place.text_log}"
        )
    if "error" in answer:
        raise RuntimeUnreachable(str(answer["error"]))


def _detached() -> dict[str, Any]:
    """Nothing that ends the notebook's kernel, its terminal or its process group may end it."""
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
        return {"creationflags": flags}
    return {"start_new_session": True}


def _environment() -> dict[str, str]:
    """This process's, without what is the kernel's alone."""
    return {k: v for k, v in os.environ.items() if not k.startswith("JPY_")}


def _first_line(process: subprocess.Popen[bytes], timeout: float) -> dict[str, Any]:
    """What it says first (`detached.process`); {}: nothing, in all this time."""
    stream = process.stdout
    assert stream is not None
    said: list[bytes] = []
    reader = threading.Thread(target=lambda: said.append(stream.readline()), daemon=True)
    reader.start()  # not every platform can wait for a pipe with a time limit
    reader.join(timeout)
    if not said:
        process.kill()
        reader.join()
    stream.close()
    if sys.platform == "win32":
        process.returncode = 0  # it lives on, and nobody waits for it
    else:
        process.wait()  # it has only started the runtime, which is no child of ours
    try:
        answer = json.loads(said[0])
    except (ValueError, IndexError):
        return {}
    return answer if isinstance(answer, dict) else {}


def _version() -> str:
    from orion_nb import __version__

    return __version__


def _occupied(place: Place) -> str:
    found = place.read()
    if found is not None and found.boot and found.boot != boot_id():
        return (
            f"the runtime of {place.project} lives on another machine that shares "
            f"{place.directory}; set ORION_RUNTIME_DIR to a directory of this machine"
        )
    return (
        f"a runtime of {place.project} lives but does not answer; see {place.text_log}, or end it "
        "with `orion local stop`"
    )
