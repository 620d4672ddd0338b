"""The clean process from which worker processes are forked (POSIX).

It is single-threaded, never runs user code and never had a kernel, a GUI or a user's main
module in it: forking it is safe and costs milliseconds, with the heavy libraries already
imported. It also is the workers' parent, so it reaps them, tells the host how they ended, and
kills their process groups: a dead worker's child programs go with it, and when the
host is gone (end of file on the socket) everything goes.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Sequence

from . import wire

REQUEST = struct.Struct("<cII")
"""operation, worker's serial, argument. One request is one `recv` of exactly this size."""
FORK = b"F"  # with two descriptors: task and control socket
KILL = b"K"  # argument: the signal, sent to the worker's process group

# server → host, in `wire` frames
FORKED = 30  # (FORKED, serial, pid)
EXITED = 31  # (EXITED, serial, status): exit code, or minus the signal
REFUSED = 32  # (REFUSED, serial, why): no process could be made


def main(descriptor: int, preload: Sequence[str]) -> None:
    """Serve until the host closes its end. Never returns in a forked worker."""
    host = socket.socket(fileno=descriptor)
    os.set_inheritable(descriptor, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for name in preload:
        # A library that cannot be imported here will say so where it is used.
        with contextlib.suppress(Exception):  # whatever its import raises
            importlib.import_module(name)
    from . import decorator, worker  # noqa: F401  (so that forked workers find them imported)

    gc.collect()
    gc.freeze()  # collected pages would be copied in every child
    _Server(host).serve()


class _Server:
    def __init__(self, host: socket.socket) -> None:
        self.host = host
        self.children: dict[int, int] = {}  # pid → serial
        self.wake_read, self.wake_write = os.pipe()
        os.set_blocking(self.wake_read, False)
        os.set_blocking(self.wake_write, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self.wake_write, warn_on_full_buffer=False)

    def serve(self) -> None:
        try:
            while True:
                ready, _, _ = select.select([self.host.fileno(), self.wake_read], [], [])
                if self.wake_read in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(self.wake_read, 4096)
                    self.reap()
                if self.host.fileno() in ready and not self.answer():
                    return
        except (BrokenPipeError, ConnectionResetError):
            return  # the host died; `finally` takes the workers along
        finally:
            for pid in self.children:
                _kill_group(pid, signal.SIGKILL)

    def answer(self) -> bool:
        """Perform one request; False when the host is gone."""
        data, descriptors, _, _ = socket.recv_fds(self.host, REQUEST.size, 2)
        if not data:
            return False
        operation, serial, argument = REQUEST.unpack(data)
        if operation == FORK:
            self.fork(serial, descriptors)
        else:
            for pid, known in self.children.items():
                if known == serial:
                    _kill_group(pid, argument)
        return True

    def fork(self, serial: int, descriptors: list[int]) -> None:
        try:
            pid = os.fork()
        except OSError as error:
            wire.send_all(self.host, [(REFUSED, serial, str(error))])
        else:
            if pid == 0:
                self.become_worker(descriptors)
            self.children[pid] = serial
            wire.send_all(self.host, [(FORKED, serial, pid)])
        for descriptor in descriptors:
            os.close(descriptor)

    def become_worker(self, descriptors: list[int]) -> None:
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(self.wake_read)
            os.close(self.wake_write)
            self.host.close()
            os.setsid()  # signals to the host's group (a kernel interrupt) do not come here
            from . import worker

            task, control = (socket.socket(fileno=descriptor) for descriptor in descriptors)
            worker.main(task, control)
            code = 0
        except BaseException:  # noqa: BLE001  (shown, then the process ends)
            sys.excepthook(*sys.exc_info())
        finally:
            os._exit(code)  # not through the server's stack, nor its exit handlers

    def reap(self) -> None:
        while self.children:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            serial = self.children.pop(pid, None)
            if serial is not None:
                _kill_group(pid, signal.SIGKILL)  # its child programs
                wire.send_all(self.host, [(EXITED, serial, os.waitstatus_to_exitcode(status))])


def _kill_group(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)
