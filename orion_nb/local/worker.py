"""The main program of a worker process.

The main thread reads assignments from the task socket, runs them one by one and
answers. `Attendant` is its second thread. The state that both touch is small and has one lock:
which run has begun (`_begun`), which one runs (`_running`), which are revoked.
Run numbers rise, so "has it begun?" is a comparison, also for runs not yet received.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import threading
from collections import deque
from functools import partial
from types import FrameType
from typing import Any

from ..store import BlobStore, CasStore
from . import context, display, wire
from .attendant import Attendant, end_process, interrupt_group
from .capture import Capture
from .modules import UserModules
from .outgoing import Outgoing
from .running import (
    Assignment,
    decode_assignment,
    encode_outputs,
    input_changed,
    no_result,
    timed_call,
)


def main(task_socket: socket.socket, control_socket: socket.socket) -> None:
    """Serve the host at the other end of the sockets; ends the process when it is gone."""
    Worker(task_socket, control_socket).serve()


class Worker:
    def __init__(self, task_socket: socket.socket, control_socket: socket.socket) -> None:
        self._socket = task_socket
        self._reader = wire.FrameReader()
        self._attendant = Attendant(control_socket)
        self.outgoing = Outgoing(task_socket, self._attendant.wake)
        self.capture = Capture(self.outgoing)
        self._queue: deque[wire.Message] = deque()
        self._modules = UserModules()
        self._blobs: BlobStore | None = None
        self._store_at: tuple[str, int | None, float] = ("", None, 0.0)
        self._directory = ""

        self._lock = threading.Lock()
        self._begun = 0  # the newest run that has begun
        self._running = 0  # the run between its begin and its end, or 0
        self._revoked: set[int] = set()  # taken back before they began
        self._cancelled = 0  # the run that shall stop
        self._interruptible = False  # user code is on the stack
        self._interrupted = 0  # the run that got its KeyboardInterrupt

    # -- the main thread ----------------------------------------------------------------------

    def serve(self) -> None:
        signal.signal(signal.SIGINT, self._on_sigint)
        _fresh_randomness()
        self.capture.install()
        self._attendant.start(self)
        self.outgoing.post((wire.READY, os.getpid()))
        self.outgoing.flush()
        queue, outgoing = self._queue, self.outgoing
        with contextlib.suppress(OSError):  # the host is gone
            while True:
                if not queue:
                    messages = wire.receive(self._socket, self._reader)
                    if messages is None:
                        break
                    queue.extend(messages)
                    self._modules.refresh()
                message = queue.popleft()
                if message[0] == wire.RUN:
                    self._run(message[1], Assignment(*message[2:]))
                else:
                    self._set_up(message)
                if queue:
                    outgoing.tick()
                else:
                    outgoing.flush()
                self._tidy_up()  # now that nobody waits for it
        end_process()

    def _run(self, number: int, assignment: Assignment) -> None:
        with self._lock:
            self._begun = number
            if number in self._revoked:
                self._revoked.discard(number)
                return
            self._running = number
        outgoing = self.outgoing
        outgoing.begin(number)
        context.enter_process(
            context.TaskContext(
                assignment.task,
                assignment.attempt,
                assignment.name,
                outgoing.frame,
                outgoing.progress,
                lambda: self._cancelled == number,
                partial(input_changed, assignment, self._open_blobs),
            )
        )
        try:
            answer = self._attempt(number, assignment)
        except KeyboardInterrupt:  # it came in the last moment of `_attempt`
            answer = (wire.ABANDONED, number)
        context.enter_process(None)
        self._modules.note()  # before the answer: the user may edit a file as soon as it is there
        self.capture.drain()
        with self._lock:
            self._running = 0
        outgoing.end(answer)

    def _attempt(self, number: int, assignment: Assignment) -> wire.Message:
        try:
            self._interruptible = True
            if self._cancelled == number:
                raise KeyboardInterrupt
            value, seconds = timed_call(decode_assignment(assignment, self._open_blobs))
            made = encode_outputs(value, assignment.outputs, self._open_blobs)
            self._interruptible = False
            return (wire.DONE, number, made, seconds, "")
        except BaseException as error:  # noqa: BLE001  (whatever it is, it is the task's outcome)
            self._interruptible = False
            return self._failure(number, error)

    def _failure(self, number: int, error: BaseException) -> wire.Message:
        if self._cancelled == number:
            return (wire.ABANDONED, number)
        return no_result(number, error)

    def _tidy_up(self) -> None:
        """What a task may have changed and the next one must not see."""
        if signal.getsignal(signal.SIGINT) != self._on_sigint:
            signal.signal(signal.SIGINT, self._on_sigint)
        try:
            moved = os.getcwd() != self._directory
        except FileNotFoundError:
            moved = True
        if moved:
            with contextlib.suppress(OSError):
                os.chdir(self._directory)

    def _open_blobs(self) -> BlobStore:
        if self._blobs is None:
            root, limit, trust_since = self._store_at
            self._blobs = CasStore(root, limit=limit, trust_since=trust_since)
        return self._blobs

    def _set_up(self, message: wire.Message) -> None:
        """The host's surroundings, as they were when the next run was submitted."""
        _, directory, path, environment, store_at = message
        self._directory = directory
        with contextlib.suppress(OSError):  # gone since; the task will say so itself
            os.chdir(directory)
        if sys.path != list(path):
            sys.path[:] = path
        for name in set(os.environ) - set(environment):
            del os.environ[name]
        os.environ.update(environment)
        if store_at != self._store_at:
            self._store_at = store_at
            self._blobs = None
        display.install()

    # -- interrupts, and the attendant's thread -----------------------------------------------

    def _on_sigint(self, number: int, frame: FrameType | None) -> None:
        """SIGINT is an order of the attendant, for one run, once; others are not for us."""
        run = self._running
        if not run or self._cancelled != run or self._interrupted == run or not self._interruptible:
            return
        self._interrupted = run
        if self.outgoing.lock.depth:
            self.outgoing.lock.deferred = True
        else:
            raise KeyboardInterrupt

    def on_steal(self, number: int) -> None:
        with self._lock:
            released = number > self._begun and number not in self._revoked
            if released:
                self._revoked.add(number)
        self._answer((wire.STOLEN, number, released))

    def on_cancel(self, number: int) -> None:
        with self._lock:
            if number == self._running:
                self._cancelled = number
                interrupt_group()
                return
            if number > self._begun:
                self._revoked.add(number)
        self._answer((wire.ABANDONED, number))

    def _answer(self, message: wire.Message) -> None:
        self.outgoing.post(message)
        self.outgoing.flush()


def _fresh_randomness() -> None:
    """Forked workers must not all draw the same numbers."""
    numpy: Any = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed()
