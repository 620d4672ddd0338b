"""`Service`: the client protocol over a `local.Runtime`, whoever carries the messages.

Nothing of a client is unpickled, and nothing it says is trusted: what is malformed or too much is
refused, in words, and the runtime goes on.
"""

from __future__ import annotations

import os
import platform
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

from orion_nb import __version__

from ..core.model import TaskId
from ..core.reports import RuntimeReport
from ..exceptions import OrionError, UnknownDependency, UsageError
from ..local import answers
from ..local.runtime import Runtime
from ..rpc.generated import stream_pb2
from ..rpc.limits import CONNECTIONS
from ..rpc.metadata import PROTOCOL
from ..rpc.serving import Caller, Handler
from .blobs import Blobs
from .connection import Connection
from .keeping import InMemory, Keeping
from .kernel_workers import KernelWorkers
from .orders import Orders
from .questions import Questions
from .ring import Ring
from .sending import Outbox, TrySend

MARK = "orion-here"
"""A file in the cache directory. A client that finds in it what the runtime says has the same disk."""


class Service:
    """One per runtime. Any thread.

    :param keeping: the notebooks' notes and the log. :param stop: end the whole process, soon; called when
        a client asks for it.
    """

    def __init__(
        self,
        runtime: Runtime,
        keeping: Keeping | None = None,
        stop: Callable[[], None] = lambda: None,
        kind: str = "detached",
    ) -> None:
        self._runtime = runtime
        self._keeping = keeping if keeping is not None else InMemory()
        self._kind = kind
        self.epoch = uuid.uuid4().hex
        self._started = time.time()
        self._ring = Ring(self._session_of)
        self._kernels = runtime.run_threads_by(lambda host: KernelWorkers(host, self.epoch))
        self._connections: set[Connection] = set()
        self._lock = threading.Lock()
        self._questions = Questions(runtime, self._keeping, self._tasks_of, self.overview, stop)
        self._blobs = Blobs(lambda: runtime.store)
        self._mark = ""
        self._subscription = runtime.subscribe(self._on_items, replay=True)
        self.last_used = time.monotonic()
        """When a client was last heard of; monotonic seconds."""

    def handlers(self) -> dict[str, Handler]:
        """By their names in the service of ``runtime.proto``."""
        return {
            "Connect": self.connect,
            **self._questions.handlers(),
            **self._blobs.handlers(),
        }

    @property
    def connected(self) -> int:
        """Clients with an open stream."""
        return len(self._connections)

    def overview(self) -> RuntimeReport:
        """What clients and people are told of the runtime."""
        with self._lock:
            sessions = [connection.session for connection in self._connections]
        return RuntimeReport(
            kind=self._kind,
            pid=os.getpid(),
            version=__version__,
            python=platform.python_version(),
            started=self._started,
            cache=str(self._runtime.store.root.parent),
            log=self._keeping.log_path,
            workers=tuple(answers.worker_reports(self._runtime)),
            events=tuple(self._keeping.events()),
            sessions=tuple(answers.session_reports(self._runtime, sessions)),
        )

    def farewell(self, words: str) -> None:
        """Tell every client that the runtime ends on purpose, and why; their streams end."""
        with self._lock:
            connections = tuple(self._connections)
        for connection in connections:
            connection.close(words)

    def close(self) -> None:
        """Listen to the runtime no longer."""
        self._subscription.close()
        if self._mark:
            name, _, _ = self._mark.partition(":")
            with suppress(OSError):
                (self._runtime.store.root.parent / name).unlink()

    # -- connections ----------------------------------------------------------------------------

    def connect(
        self,
        requests: Iterator[stream_pb2.ToRuntime],
        caller: Caller,
        try_send: TrySend | None = None,
    ) -> Iterator[stream_pb2.FromRuntime]:
        """A control stream: what to send; the calling thread is used up by it.

        :param try_send: sends a message past the iterator, if that is possible without waiting.
        """
        connection = Connection(self._runtime, requests, caller.context)
        with self._counted(connection):
            hello = connection.hello(__version__)
            outbox = Outbox(
                self._runtime, self._ring, self.epoch, hello.session, self._tasks_of, try_send
            )
            orders = Orders(self._runtime, self._ring, self._kernels, outbox, hello.session)
            try:
                yield from connection.serve(orders, outbox, self._welcome())
            finally:
                self._kernels.gone(outbox)

    @contextmanager
    def _counted(self, connection: Connection) -> Iterator[None]:
        with self._lock:
            if len(self._connections) >= CONNECTIONS:
                raise UsageError(f"the runtime has {CONNECTIONS} clients already")
            self._connections.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._connections.discard(connection)
                self.last_used = time.monotonic()

    def _welcome(self) -> stream_pb2.Welcome:
        welcome = stream_pb2.Welcome(
            protocol=PROTOCOL,
            version=__version__,
            epoch=self.epoch,
            clock=time.monotonic(),
            durable=self._keeping.durable,
            kind=self._kind,
        )
        try:
            store = self._runtime.store
            welcome.cache_limit = store.limit
            welcome.cache_mark = self._marked(store.root.parent)
            welcome.cache_dir = str(store.root.parent)
            welcome.cache_since = self._started
        except (OrionError, OSError, ValueError):
            welcome.cache_dir = (
                ""  # chunks will do; who needs the store hears what is wrong with it
            )
        return welcome

    def _marked(self, folder: Any) -> str:
        """Leave the mark, once."""
        with self._lock:
            if not self._mark:
                mark = uuid.uuid4().hex
                path = folder / f"{MARK}-{os.getpid()}"
                path.write_text(mark, encoding="ascii")
                self._mark = f"{path.name}:{mark}"
            return self._mark

    # -- the feed -------------------------------------------------------------------------------

    def _on_items(self, items: Any) -> None:
        """On the feed's thread."""
        self._ring.publish(items)

    def _session_of(self, task: TaskId) -> str:
        """Also while the runtime's turn is taken: only its records are looked at."""
        try:
            return self._runtime.record(task).task.session
        except UnknownDependency:
            return ""

    def _tasks_of(self, session: str | None) -> list[TaskId]:
        """Of a session or all, in memory or only in the log; in the order of submission."""
        here = self._ring.tasks_of(session)
        if session is None:
            return here
        known = set(here)
        return [task for task in self._keeping.tasks_of(session) if task not in known] + here
