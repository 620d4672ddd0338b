"""Where the detached runtime of a project is met: one directory per user and project.

::

    <root>/flights-3fa9c2d1e0/
        connection.json   how to reach the runtime that lives now; only the user may read it
        lock              held by the runtime as long as it lives, whatever ends it; its pid
        starting          held by whoever looks for a runtime, or starts one
        leave             there: a runtime of another version wants to take the place
        socket            the runtime's; elsewhere if this path is too long for a socket
        runtime.log       what it says, and its workers' last words
        tasks.sqlite      the durable log (`detached.log`)

`root` is ``$ORION_RUNTIME_DIR``, else ``runtimes`` in the cache directory. Whether a runtime lives
is told by its lock, never by a pid: pids are given out again, locks go with their process.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import socket
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from ..exceptions import StoreError
from ..store import paths
from ..store.filelock import try_lock

ROOT_VARIABLE = "ORION_RUNTIME_DIR"
MARKS = (".git", "pyproject.toml")
"""What makes a directory the root of a project."""
SOCKET_LIMIT = 100
"""Bytes of a socket's path; macOS allows 104, Linux 108."""
_FORMAT = 1
_SEARCH_WITHIN = 60.0  # seconds
_POLL = 0.01


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach a runtime, and which one it is: the content of ``connection.json``."""

    instance: str
    """Another one for every start of a runtime."""
    version: str
    protocol: int
    pid: int
    started: float  # seconds since the epoch
    address: str
    """``unix:/path``, or ``127.0.0.1:port``."""
    token: str
    project: str
    cache_dir: str
    python: str  # the interpreter's version
    executable: str
    log: str
    boot: str = ""
    """Which start of which machine it runs on; "" where that cannot be told."""

    def to_json(self) -> str:
        return json.dumps({"format": _FORMAT, **asdict(self)}, indent=1)

    @classmethod
    def from_json(cls, text: str) -> Contact | None:
        """None: damaged, or of a format that is not known here."""
        try:
            data = json.loads(text)
            if data.pop("format") != _FORMAT:
                return None
            known = {field.name for field in fields(cls)}
            made = cls(**{name: value for name, value in data.items() if name in known})
        except (ValueError, TypeError, KeyError, AttributeError):
            return None
        well_typed = isinstance(made.address, str) and isinstance(made.token, str)
        return made if well_typed and isinstance(made.pid, int) else None


@dataclass(frozen=True, slots=True)
class Place:
    """The directory of one project's runtime."""

    project: Path
    directory: Path

    @property
    def connection_file(self) -> Path:
        return self.directory / "connection.json"

    @property
    def text_log(self) -> Path:
        return self.directory / "runtime.log"

    @property
    def database(self) -> Path:
        return self.directory / "tasks.sqlite"

    def prepare(self) -> None:
        """Make the directory, for this user only.

        :raises StoreError: it cannot be made, or somebody else owns it."""
        make_own(self.directory)

    def read(self) -> Contact | None:
        """The connection file; None if there is none, or nothing that can be understood. That
        there is one does not mean that its runtime lives."""
        try:
            return Contact.from_json(self.connection_file.read_text("utf-8"))
        except (OSError, UnicodeDecodeError):
            return None

    def publish(self, contact: Contact) -> None:
        """Write the connection file, whole or not at all, readable by this user only.

        :raises StoreError: it cannot be written."""
        temporary = self.directory / f"connection-{uuid.uuid4().hex[:8]}.tmp"
        try:
            fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8") as file:
                file.write(contact.to_json())
            os.replace(temporary, self.connection_file)
        except OSError as error:
            raise StoreError(f"cannot write {self.connection_file}: {error}") from error

    def withdraw(self, contact: Contact) -> None:
        """Remove the connection file, unless it is another runtime's by now."""
        if self.is_current(contact):
            with contextlib.suppress(OSError):
                self.connection_file.unlink()

    def is_current(self, contact: Contact) -> bool:
        """Whether the file still names this runtime."""
        found = self.read()
        return found is not None and found.instance == contact.instance

    def hold(self) -> int | None:
        """Take the runtime's lock for as long as the returned descriptor is open; None: a runtime
        lives here. Children do not inherit it.

        :raises StoreError: the file cannot be opened."""
        fd = self._try_lock()
        if fd is not None:
            os.ftruncate(fd, 0)
            os.write(fd, f"{os.getpid()}\n".encode())
        return fd

    def is_held(self) -> bool:
        """Whether a runtime lives here, ready or not. Ask only within `searching`, else a runtime
        that starts at this moment would take the question for a rival."""
        if not self._lock.exists():
            return False
        fd = self._try_lock()
        if fd is None:
            return True
        os.close(fd)
        return False

    def holder(self) -> int | None:
        """The pid of the runtime that lives here, if `is_held`."""
        try:
            return int(self._lock.read_text("ascii"))
        except (OSError, ValueError):
            return None

    @property
    def _lock(self) -> Path:
        return self.directory / "lock"

    def _try_lock(self) -> int | None:
        try:
            fd = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(f"cannot open the lock in {self.directory}: {error}") from error
        if try_lock(fd):
            return fd
        os.close(fd)
        return None

    @contextmanager
    def searching(self) -> Iterator[None]:
        """Only one process at a time looks whether a runtime lives here, and starts one if not.

        :raises StoreError: the directory cannot be used, or somebody has been at it for a minute.
        """
        self.prepare()
        try:
            fd = os.open(self.directory / "starting", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(f"cannot use {self.directory}: {error}") from error
        try:
            deadline = time.monotonic() + _SEARCH_WITHIN
            while not try_lock(fd):
                if time.monotonic() > deadline:
                    raise StoreError(
                        f"some other process has been starting a runtime in {self.directory} for "
                        f"{_SEARCH_WITHIN:.0f} s; it may hang"
                    )
                time.sleep(_POLL)
            yield
        finally:
            os.close(fd)

    def ask_to_leave(self) -> None:
        """Ask the runtime that lives here to end as soon as it is idle, so that another version can
        take its place. A file, because versions may not understand each other's words."""
        with contextlib.suppress(OSError):
            (self.directory / "leave").touch()

    def is_asked_to_leave(self) -> bool:
        return (self.directory / "leave").exists()

    def take_back(self) -> None:
        """It need not leave any more, or has."""
        with contextlib.suppress(OSError):
            (self.directory / "leave").unlink()

    def socket_path(self) -> Path | None:
        """Where the runtime's socket shall be; None where there are no Unix sockets.

        :raises StoreError: no directory can be had for it."""
        if not hasattr(socket, "AF_UNIX") or sys.platform == "win32":
            return None
        near = self.directory / "socket"
        if len(os.fsencode(near)) <= SOCKET_LIMIT:
            return near
        short = Path(tempfile.gettempdir()) / f"orion-{os.getuid()}"
        make_own(short)
        return short / f"{_digest(str(self.directory))}.sock"


def place_of(project: Path, root: Path | None = None) -> Place:
    """The place of a project's runtime; nothing is created.

    :param root: None: the usual one (`root_directory`)."""
    real = project.resolve()
    slug = re.sub(r"[^\w.-]+", "-", real.name)[:24].strip("-.") or "root"
    name = f"{slug}-{_digest(os.path.normcase(real))}"
    return Place(real, (root or root_directory()) / name)


def places(root: Path | None = None) -> list[Place]:
    """All places in the root where a runtime lives or has lived and left its connection file."""
    found = []
    for file in sorted((root or root_directory()).glob("*/connection.json")):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            contact = Contact.from_json(file.read_text("utf-8"))
            if contact is not None:
                found.append(Place(Path(contact.project), file.parent))
    return found


def sweep(root: Path, unused: float) -> list[Path]:
    """Delete the places where no runtime lives, nor has lived for so many seconds: of projects that
    are gone, mostly. What a runtime's log kept is older than it would keep it by then.

    :return: what was deleted."""
    gone = []
    for lock in root.glob("*/lock"):
        place = Place(Path(), lock.parent)
        with contextlib.suppress(OSError, StoreError):
            if time.time() - _touched(place) < unused:
                continue
            with place.searching():
                if not place.is_held():
                    shutil.rmtree(place.directory)
                    gone.append(place.directory)
    return gone


def _touched(place: Place) -> float:
    """When a runtime was last here, in seconds since the epoch."""
    files = (place.directory / "lock", place.text_log, place.database)
    return max(file.stat().st_mtime for file in files if file.exists())


def project_of(directory: Path) -> Path:
    """The project that a directory belongs to: the nearest one above it, or itself, that holds
    a ``.git`` or ``pyproject.toml``; none: the directory itself."""
    real = directory.resolve()
    for candidate in (real, *real.parents):
        if any((candidate / mark).exists() for mark in MARKS):
            return candidate
    return real


def root_directory() -> Path:
    """Where the places are."""
    chosen = os.environ.get(ROOT_VARIABLE)
    if chosen:
        return Path(chosen).expanduser().absolute()
    return paths.default_cache_dir() / "runtimes"


def boot_id() -> str:
    """Names this start of this machine, where the system tells."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""


def make_own(directory: Path) -> None:
    """Make a directory that belongs to this user, and that nobody else can look into.

    :raises StoreError: it cannot be made, or is somebody else's (who could serve us wrong tasks).
    """
    try:
        paths.make_private(directory)
        stat = directory.lstat()
        if hasattr(os, "getuid"):
            if stat.st_uid != os.getuid() or not directory.is_dir() or directory.is_symlink():
                raise StoreError(f"{directory} is not this user's directory; it is not used")
            if stat.st_mode & 0o077:
                directory.chmod(0o700)
    except OSError as error:
        raise StoreError(f"cannot make {directory}: {error}") from error


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:10]
