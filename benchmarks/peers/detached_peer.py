"""Orion's detached runtime: a process of its own, reached over a socket, with a durable log.

Through `client.Session`, as a notebook does, in a project, a cache and a runtime directory of its
own. Wide graphs are submitted whole, as ``%%orion_task --map`` does.
"""

from __future__ import annotations

import os
import signal
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orion_nb
from orion_nb.client.connect import open_session
from orion_nb.client.session import Session
from orion_nb.core.model import ObjectRef
from orion_nb.keys import recipe_for_call
from orion_nb.local.calls import Call

from .. import work
from .base import WORKERS, Peer
from .orion_peer import quickstart_twice


class DetachedPeer(Peer):
    session: Session

    def version(self) -> str:
        return f"Orion {orion_nb.__version__}, detached"

    def start(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._home = Path(self._folder.name)
        self.session = _open(self._home)
        self._graph: list[Call] | None = None

    def stop(self) -> None:
        _shut_down(self.session)
        self._folder.cleanup()

    def submit(self, fn: Callable[..., Any], *args: Any) -> Any:
        if self._graph is None:
            return ObjectRef(self.session.submit([Call(fn, args)])[0])
        call = Call(fn, args, id=self.session.new_task_id(fn.__name__))
        self._graph.append(call)
        return ObjectRef(call.id)

    @contextmanager
    def whole_graph(self) -> Iterator[None]:
        self._graph = []
        yield
        self.session.submit(self._graph)
        self._graph = None

    def submit_many(self, fn: Callable[..., Any], calls: Iterable[tuple[Any, ...]]) -> list[Any]:
        return [ObjectRef(task) for task in self.session.submit([Call(fn, args) for args in calls])]

    def results(self, refs: Sequence[Any]) -> list[Any]:
        return [self.session.result(ref) for ref in refs]

    def wait(self, ref: Any) -> None:
        while True:
            report = self.session.report(ref.task)
            if report is not None and report.outputs:
                return
            time.sleep(0.002)

    def drop(self, ref: Any) -> None:
        self.session.forget([ref.task])

    def hits(self, folder: str, n: int) -> dict[str, float]:
        for _ in range(2):  # computed, then asked for in a runtime that has just started
            session = _open(Path(folder))
            began = time.perf_counter()
            calls = [_cached(work.small_result, i) for i in range(n)]
            squares = [session.result(ObjectRef(task)) for task in session.submit(calls)]
            many = time.perf_counter() - began
            assert squares == [i * i for i in range(n)]
            _shut_down(session)
        session = _open(Path(folder))
        alone = []
        for i in range(n):
            began = time.perf_counter()
            session.result(ObjectRef(session.submit([_cached(work.small_result, i)])[0]))
            alone.append(time.perf_counter() - began)
        _shut_down(session)
        return {"hits": many, "hit": statistics.median(alone)}

    def array_hit(self, folder: str, elements: int, tries: int) -> float:
        for _ in range(2):
            session = _open(Path(folder))
            made = ObjectRef(session.submit([_cached(work.make_array, elements)])[0])
            times = []
            for _ in range(tries):
                began = time.perf_counter()
                session.result(ObjectRef(session.submit([_cached(work.length, made)])[0]))
                times.append(time.perf_counter() - began)
            _shut_down(session)
        return statistics.median(times)

    def adopt(self, tasks: int) -> dict[str, float]:
        """As a restarted kernel: what ran and what is done is found again, then the newest result
        is read. As after a crash of the runtime: the same, and it has to be started first."""
        done = self.submit_many(work.noop, [(i,) for i in range(tasks)])
        self.results(done)
        runs = self.submit(time.sleep, 600)
        while self.session.report(runs.task) is None:
            time.sleep(0.005)
        self.session.detach()
        rows = {}
        began = time.perf_counter()
        self.session = _open(self._home, resize=False)
        assert {ref.task for ref in (*done, runs)} <= {r.task.id for r in self.session.earlier()}
        assert self.session.result(done[-1]) == tasks - 1
        rows["adopt"] = time.perf_counter() - began
        pid = self.session.overview().pid
        self.session.detach()
        _kill(pid)
        began = time.perf_counter()
        self.session = _open(self._home, resize=False)
        assert {ref.task for ref in (*done, runs)} <= {r.task.id for r in self.session.earlier()}
        assert self.session.result(done[-1]) == tasks - 1
        rows["recover"] = time.perf_counter() - began
        return rows

    def quickstart(self) -> tuple[float, float]:
        os.environ["ORION_RUNTIME"] = "detached"
        return quickstart_twice()


def _open(home: Path, resize: bool = True) -> Session:
    """A session of the runtime that lives in `home`; it is started if there is none."""
    (home / "project").mkdir(exist_ok=True)
    os.environ["ORION_RUNTIME"] = "detached"
    os.environ["ORION_CACHE_DIR"] = str(home / "cache")
    os.environ["ORION_RUNTIME_DIR"] = str(home / "run")
    os.environ["ORION_IDLE_TIMEOUT"] = "120"  # should a measurement die, its runtime does too
    session = open_session("benchmark", directory=home / "project")
    assert session.durable, "the runtime could not be started"
    if resize:
        session.resize(WORKERS)
    return session


def _shut_down(session: Session) -> None:
    pid = session.overview().pid
    session.shutdown()
    _wait_for_the_end(pid)


def _kill(pid: int) -> None:
    os.kill(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
    _wait_for_the_end(pid)


def _wait_for_the_end(pid: int) -> None:
    """Until it is gone: the system still answers for it for a moment."""
    try:
        os.waitpid(pid, 0)
    except ChildProcessError:  # it had let go of us
        with suppress(ProcessLookupError):
            while True:
                os.kill(pid, 0)
                time.sleep(0.002)


def _cached(fn: Callable[..., Any], *args: Any) -> Call:
    return Call(fn, args, recipe=recipe_for_call(fn, args, {}))


def make() -> Peer:
    return DetachedPeer()
