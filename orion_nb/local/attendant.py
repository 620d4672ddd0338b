"""The second thread of a worker process: what must happen while the main thread is busy.

It hears steal and cancel on the control socket, reads what child programs print, and sends
what the main thread left unsent. When the host is gone it ends the process and its child
programs.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import socket
import threading
from typing import TYPE_CHECKING

from . import wire
from .outgoing import TICK

if TYPE_CHECKING:
    from .worker import Worker

_IDLE_TICKS = 5  # ticks without anything to do, after which it sleeps until it is woken


class Attendant:
    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._reader = wire.FrameReader()
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)

    def wake(self) -> None:
        """Called by the main thread: there is something to tick for."""
        with contextlib.suppress(BlockingIOError):
            self._wake_write.send(b"\0")

    def start(self, worker: Worker) -> None:
        threading.Thread(
            target=self._attend, args=(worker,), name="orion-attendant", daemon=True
        ).start()

    def _attend(self, worker: Worker) -> None:
        if hasattr(signal, "pthread_sigmask"):
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # it is for the main thread
        try:
            self._loop(worker)
        except OSError:
            pass  # the host is gone
        finally:
            end_process()

    def _loop(self, worker: Worker) -> None:
        outgoing = worker.outgoing
        selector = selectors.DefaultSelector()
        selector.register(self._control, selectors.EVENT_READ, self._control)
        selector.register(self._wake_read, selectors.EVENT_READ, self._wake_read)
        pipes = set(worker.capture.pipes)
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ, pipe)
        idle = 0
        while True:
            ready = {key.data for key, _ in selector.select(TICK if outgoing.ticking else None)}
            if self._wake_read in ready:
                idle = 0
                with contextlib.suppress(BlockingIOError):
                    self._wake_read.recv(4096)
            if ready & pipes:
                worker.capture.drain()
                for gone in pipes - set(worker.capture.pipes):
                    selector.unregister(gone)
                    pipes.discard(gone)
            if self._control in ready:
                data = self._control.recv(wire.RECEIVE)
                if not data:
                    return
                for tag, number in self._reader.feed(data):
                    (worker.on_steal if tag == wire.STEAL else worker.on_cancel)(number)
            if not ready and outgoing.ticking:
                with outgoing.lock:
                    idle = 0 if outgoing.pending() else idle + 1
                    if idle > _IDLE_TICKS:
                        outgoing.ticking = False
                outgoing.flush()


def interrupt_group() -> None:
    """A KeyboardInterrupt in the main thread; child programs of the worker get SIGINT too."""
    if hasattr(os, "killpg"):
        os.killpg(os.getpgid(0), signal.SIGINT)
    else:
        import _thread

        _thread.interrupt_main()


def end_process() -> None:
    """End this worker and its child programs, at once."""
    if hasattr(os, "killpg") and os.getpgid(0) == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)
