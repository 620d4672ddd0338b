"""Starts worker processes, and learns how they ended. Host side.

`ForkServer` is the usual way. `Spawner` is its twin where there is no `fork` (Windows), or
on request: a fresh interpreter per worker, joined by two loopback connections that
must show a secret. Neither ever imports the user's main module.
"""

from __future__ import annotations

import contextlib
import hmac
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import Protocol

from ..exceptions import OrionError
from . import forkserver, wire

_CONNECT_TIMEOUT = 30.0  # seconds until a spawned worker must have connected
_PRELOADABLE = ("numpy", "pandas", "IPython.core.interactiveshell", "matplotlib")
"""Slow to import and safe to fork. What of these the host has imported, its tasks will want."""


class WorkerProcess:
    """One worker process as the host sees it: two sockets, and later a pid and an exit status."""

    __slots__ = ("control", "exit_status", "pid", "popen", "serial", "task")

    def __init__(self, serial: int, task: socket.socket, control: socket.socket) -> None:
        self.serial = serial
        self.task = task
        self.control = control
        self.pid = 0
        self.exit_status: int | None = None  # exit code, or minus the signal
        self.popen: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        self.task.close()
        self.control.close()


class Launcher(Protocol):
    def start(self, serial: int) -> WorkerProcess:
        """Returns at once; the worker says READY on its task socket when it is.

        :raises OSError: no process or socket can be made."""

    def kill(self, process: WorkerProcess, number: int) -> None:
        """Send a signal to the worker's process group. No error if it is gone already."""

    def notices(self) -> socket.socket | None:
        """Readable when `collect` has news; None: `collect` has to be asked."""

    def collect(self, processes: dict[int, WorkerProcess]) -> list[WorkerProcess]:
        """Never blocks. Fills in pids and exit statuses; gives those that ended.

        :raises ConnectionError: the server is gone; workers of it live on."""

    def close(self) -> None:
        """Every worker ends at once."""


def default_preload() -> list[str]:
    return ["cloudpickle", *(name for name in _PRELOADABLE if name in sys.modules)]


def make_launcher(method: str, preload: Sequence[str], workers: int) -> Launcher:
    """`method`: "fork-server", "spawn", or "auto"."""
    if method == "auto":
        method = "fork-server" if hasattr(os, "fork") and hasattr(socket, "send_fds") else "spawn"
    return (ForkServer if method == "fork-server" else Spawner)(preload, workers)


def _interpreter(code: str) -> list[str]:
    """A command that runs `code` with this process's import path, whatever changed it."""
    return [
        sys.executable,
        "-c",
        f"import sys; sys.path[:] = {[str(p) for p in sys.path]!r}; {code}",
    ]


def _environment(workers: int) -> dict[str, str]:
    """Libraries with threads of their own share the cores among the workers."""
    environment = dict(os.environ)
    threads = str(max(1, (os.cpu_count() or 1) // max(1, workers)))
    for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        environment.setdefault(name, threads)
    return environment


class ForkServer:
    """Workers are forked from `forkserver`, which itself is started from scratch."""

    def __init__(self, preload: Sequence[str], workers: int) -> None:
        self._socket, theirs = socket.socketpair()
        self._lock = threading.Lock()
        self._reader = wire.FrameReader()
        self._alive = True
        with theirs:
            number = theirs.fileno()
            self._process = subprocess.Popen(
                _interpreter(
                    f"from orion_nb.local.forkserver import main; main({number}, {list(preload)!r})"
                ),
                pass_fds=[number],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                env=_environment(workers),
            )
        self._socket.setblocking(True)

    def start(self, serial: int) -> WorkerProcess:
        task, their_task = socket.socketpair()
        control, their_control = socket.socketpair()
        with their_task, their_control:
            self._request(forkserver.FORK, serial, 0, [their_task.fileno(), their_control.fileno()])
        return WorkerProcess(serial, task, control)

    def kill(self, process: WorkerProcess, number: int) -> None:
        try:
            self._request(forkserver.KILL, process.serial, number, [])
        except OSError:
            # The server died before its worker. The pid cannot be ours to reap, yet it is the
            # only handle left.
            if process.pid:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, number)

    def _request(self, operation: bytes, serial: int, argument: int, fds: list[int]) -> None:
        with self._lock:
            message = forkserver.REQUEST.pack(operation, serial, argument)
            if fds:
                socket.send_fds(self._socket, [message], fds)
            else:
                self._socket.sendall(message)

    def notices(self) -> socket.socket | None:
        return self._socket

    def collect(self, processes: dict[int, WorkerProcess]) -> list[WorkerProcess]:
        ended = []
        try:
            data = self._socket.recv(wire.RECEIVE, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return []
        if not data:
            raise ConnectionError("the fork server ended")
        for tag, serial, fact in self._reader.feed(data):
            process = processes.get(serial)
            if process is None:
                continue
            if tag == forkserver.FORKED:
                process.pid = fact
            else:
                process.exit_status = fact if tag == forkserver.EXITED else 1
                ended.append(process)
        return ended

    def close(self) -> None:
        self._socket.close()  # the server sees the end, kills its children's groups, and ends
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class Spawner:
    """Workers are interpreters of their own: slower to start, but they start anywhere."""

    def __init__(self, preload: Sequence[str], workers: int) -> None:
        self._preload = list(preload)
        self._environment = _environment(workers)
        self._processes: list[WorkerProcess] = []

    def start(self, serial: int) -> WorkerProcess:
        secret = secrets.token_hex(32)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(_CONNECT_TIMEOUT)
            popen = subprocess.Popen(
                _interpreter("from orion_nb.local.launch import spawned; spawned()"),
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
                env=self._environment,
            )
            assert popen.stdin is not None
            hello = {"port": listener.getsockname()[1], "secret": secret, "preload": self._preload}
            with popen.stdin as stream:
                stream.write(json.dumps(hello).encode())
            try:
                sockets = _accept(listener, secret)
            except OSError:
                popen.kill()
                popen.wait()
                raise
        process = WorkerProcess(serial, sockets["task"], sockets["control"])
        process.popen = popen
        process.pid = popen.pid
        self._processes.append(process)
        return process

    def kill(self, process: WorkerProcess, number: int) -> None:
        popen = process.popen
        if popen is None or popen.poll() is not None:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(popen.pid, number)
        elif number == signal.SIGTERM or number == getattr(signal, "SIGKILL", 9):
            popen.kill()

    def notices(self) -> socket.socket | None:
        return None

    def collect(self, processes: dict[int, WorkerProcess]) -> list[WorkerProcess]:
        ended = []
        for process in list(processes.values()):
            if process.popen is not None and process.exit_status is None:
                process.exit_status = process.popen.poll()
                if process.exit_status is not None:
                    self._processes.remove(process)
                    ended.append(process)
        return ended

    def close(self) -> None:
        for process in self._processes:
            self.kill(process, getattr(signal, "SIGKILL", 9))
        for process in self._processes:
            if process.popen is not None:
                process.popen.wait()
        self._processes.clear()


def _accept(listener: socket.socket, secret: str) -> dict[str, socket.socket]:
    """The two connections of the worker that knows the secret; others are turned away."""
    sockets: dict[str, socket.socket] = {}
    deadline = time.monotonic() + _CONNECT_TIMEOUT
    while len(sockets) < 2:
        listener.settimeout(max(0.01, deadline - time.monotonic()))
        connection, _ = listener.accept()
        connection.settimeout(5)
        line = b""
        with contextlib.suppress(OSError):
            while not line.endswith(b"\n") and len(line) < 200:
                line += connection.recv(1) or b"\n"
        role, _, shown = line.decode("ascii", "replace").strip().partition(" ")
        if role in ("task", "control") and hmac.compare_digest(shown, secret):
            connection.settimeout(None)
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sockets[role] = connection
        else:
            connection.close()
    return sockets


def spawned() -> None:
    """Main function of a spawned worker: connect back as the host's first line says."""
    hello = json.loads(sys.stdin.buffer.read())
    for name in hello["preload"]:
        with contextlib.suppress(Exception):
            __import__(name)
    from . import worker

    sockets = []
    for role in ("task", "control"):
        connection = socket.create_connection(("127.0.0.1", hello["port"]))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(f"{role} {hello['secret']}\n".encode())
        sockets.append(connection)
    if len(sockets) != 2:
        raise OrionError("the host is gone")
    worker.main(*sockets)
    os._exit(0)
