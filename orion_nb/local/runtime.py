"""`Runtime`: run functions as tasks on this machine.

::

    with Runtime(workers=4) as runtime:
        a = runtime.submit(load, "data.csv")
        b = runtime.submit(clean, a)            # ObjectRefs are dependencies
        print(runtime.get(b))
"""

from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from ..core.events import Archived, CancelRequested, RetryRequested
from ..core.model import (
    CacheMode,
    Digest,
    ObjectRef,
    Output,
    Policy,
    TaskId,
    TaskState,
    WorkerKind,
)
from ..core.policies import SchedulerConfig
from ..exceptions import (
    OrionError,
    UsageError,
)
from ..store import paths
from . import context, lifetimes
from .caching import CacheDesk
from .calls import (
    Call,
    as_ref,
)
from .getting import ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION, Getter
from .host import Host
from .journal import Journal
from .launch import default_preload, make_launcher
from .looking import Looking, task_of
from .packed import PackedCall, RestoredTask
from .pools import ProcessPool, ThreadPool
from .recipes import policy_of, recipe_of
from .records import Record
from .slots import Pool, WorkerInfo
from .submitting import ONE_OUTPUT, Submitter

if TYPE_CHECKING:
    from .executor import RuntimeExecutor


_Pool = TypeVar("_Pool", bound=Pool)


class Runtime(Looking):
    """A pool of workers on this machine, and everything that decides what they do.

    :param workers: how many; None: one per core that this process may use.
    :param kind: "process" (isolated, replaceable, really cancellable) or "thread" (shares this
        process's objects; a thread that ignores its interrupt can only be given up). Single tasks
        may ask for the other kind.
    :param cache_dir: where results and large values are kept; None: the user's cache
        directory, or ``$ORION_CACHE_DIR``.
    :param cache_limit: bytes of large values; None: a share of the disk (`store.paths`).
    :param name: who this is, in the cache's records: a notebook, a script.
    :param start_method: "auto", "fork-server" or "spawn".
    :param preload: modules to import before workers are forked; None: the usual heavy
        ones that this process has imported.
    :param journal: a durable log that knows of submissions and ends before anybody else does
        (`local.journal`); the caller closes it, after `shutdown`.

    Usable from any thread. It is a context manager: leaving it waits for all tasks, unless by
    an exception, which cancels them.
    """

    def __init__(
        self,
        workers: int | None = None,
        *,
        kind: Literal["process", "thread"] = "process",
        cache_dir: str | os.PathLike[str] | None = None,
        cache_limit: int | None = None,
        name: str = "",
        start_method: Literal["auto", "fork-server", "spawn"] = "auto",
        preload: Sequence[str] | None = None,
        config: SchedulerConfig | None = None,
        journal: Journal | None = None,
    ) -> None:
        if context.current() is not None:
            raise UsageError(
                "a task cannot make a Runtime of its own: return what shall be computed next, or "
                "submit it from outside"
            )
        count = available_cores() if workers is None else workers
        if count < 1:
            raise UsageError(f"a runtime needs at least one worker, not {workers!r}")
        self.name = name
        self.kind = WorkerKind(kind)
        self._workers = count
        self.default_policy = Policy(cache=CacheMode.OFF, kind=self.kind)
        self._closed = False
        self._pid = os.getpid()
        where = Path(cache_dir) if cache_dir is not None else paths.default_cache_dir()
        self._desk = CacheDesk(where, cache_limit, name)
        config = config or SchedulerConfig(random=_random())
        self._host = host = Host(config, self._desk, journal)
        self._desk.news = host.take_turn
        self._getter = Getter(host)
        self._submitter = Submitter(host, self.name)
        modules = default_preload() if preload is None else list(preload)
        self._processes = ProcessPool(
            host, lambda: make_launcher(start_method, modules, count), self._desk
        )
        self._threads: Pool = ThreadPool(host, self._desk)
        host.ledger.starters = {kind: functools.partial(self._start, kind) for kind in WorkerKind}
        self._started: set[WorkerKind] = set()
        host.loop.start()
        lifetimes.opened(self)

    # -- submitting -----------------------------------------------------------------------------

    def submit(
        self,
        fn: Callable[..., Any],
        /,
        *args: Any,
        deps: Iterable[ObjectRef | TaskId] = (),
        name: str | None = None,
        cache: CacheMode | str | None = None,
        version: str = "",
        files: Iterable[str | os.PathLike[str]] = (),
        retries: int | None = None,
        timeout: float | None = None,
        wait_timeout: float | None = None,
        speculate_after: float | None = None,
        impure: bool = False,
        kind: Literal["process", "thread"] | None = None,
        priority: int = 0,
        **kwargs: Any,
    ) -> ObjectRef:
        """Run ``fn(*args, **kwargs)`` on a worker; returns at once.

        ObjectRefs anywhere in the arguments are dependencies, and `fn` gets their values. Arguments
        are encoded now: changing them afterwards changes nothing. The options are those of
        `core.model.Policy`, and for arguments of `fn` with such names use `submit_calls`.

        :param deps: what must be done first though its result is not an argument.
        :param cache: None or "off": compute it. "default": look into the action cache first, and
            remember the result; "recompute": only remember.
        :param version: a word of yours in the cache key. :param files: files that `fn` reads.
        :raises NotPicklable: names what cannot travel. :raises RuntimeClosed: after shutdown.
        :raises UnknownDependency: a ref of another runtime, or of a task that was forgotten.
        """
        policy = self.default_policy
        if (
            cache is not None
            or retries is not None
            or timeout is not None
            or wait_timeout is not None
            or speculate_after is not None
            or impure
            or kind is not None
            or priority
        ):
            policy = policy_of(
                cache if cache is not None else CacheMode.OFF,
                retries or 0,
                timeout,
                wait_timeout,
                speculate_after,
                impure,
                self.kind if kind is None else kind,
                priority,
            )
        recipe, why = None, ""
        if policy.cache is not CacheMode.OFF:
            recipe, why = recipe_of(fn, args, kwargs, version=version, files=files)
        after = tuple([task_of(dep) for dep in deps]) if deps else ()
        if self._closed or self._host.broken is not None:
            self._check_open()
        return self._submitter.one(
            fn, args, kwargs, name or "", "", after, ONE_OUTPUT, recipe, why, policy
        )

    def submit_call(self, call: Call) -> ObjectRef:
        """Submit one described call, whose inputs exist already. See `submit`.

        :return: of several outputs the first; the others are ``ObjectRef(ref.task, name)``.
        """
        self._check_open()
        return self._submitter.one(
            call.fn,
            call.args,
            call.kwargs,
            call.name,
            call.group,
            call.after,
            call.outputs,
            call.recipe,
            call.uncached_because,
            call.policy,
            call.id,
            call.labels,
            call.session,
        )

    def submit_calls(self, calls: Sequence[Call]) -> list[TaskId]:
        """Submit a graph: all of it, or nothing. Calls may refer to each other's ids.

        These tasks and their results are kept until `forget` or the end.

        :raises UsageError: an unknown dependency, a cycle, an id that is taken, something that
            cannot travel; nothing was submitted.
        """
        self._check_open()
        return self._submitter.batch(calls)

    def submit_packed(self, calls: Sequence[PackedCall], *, logged: bool = False) -> None:
        """Submit a graph of calls that were packed elsewhere: all of it, or nothing.

        The way of a server: no value is unpickled, in this process, now or later. Ids are the
        submitter's; dependencies may be known tasks or tasks of the same batch, in any order.
        When this returns, the first tasks are on their way to workers. They and their results
        are kept until `forget` or the end. With a journal, they are durable when this returns.

        :param logged: the journal has them already (a recovery): it is not told.
        :raises UsageError: `UnknownDependency`, `CyclicGraph`, `DuplicateTask` (an id is taken);
            nothing was submitted.
        :raises RuntimeClosed: after shutdown.
        """
        self._check_open()
        self._submitter.packed(calls, logged)

    def restore(self, tasks: Sequence[RestoredTask]) -> None:
        """Know tasks again that are over, without running them: those of an earlier process, or
        archived ones. They are as if they had ended here: new tasks may depend on them, they can be
        got, retried, made again if their value is lost, forgotten. Order does not matter, and what
        they depend on need not be known; it is needed only when they are to run again.

        The journal is not told. Watchers see the changes ``restored…`` (old state None).

        :raises UsageError: an id is taken (`DuplicateTask`), or a task is not over, or is done
            without outputs; nothing was restored.
        """
        self._check_open()
        self._host.restore(tasks)

    def archive(self, tasks: Iterable[TaskId]) -> None:
        """Let go of tasks that are over, without forgetting them: they leave the memory, with their
        values and stories; watchers see the change ``archived``. Those that are not over (or whose
        end is not durable yet) are left alone; one that an unfinished task needs goes when that has
        ended.

        With a journal they come back by themselves when they are needed (`Journal.find`): a new task
        depends on one, `get`, `info`, `retry` … name it, it is needed to make a lost value again. But
        not when something upstream is retried: what failed is better kept. Without a journal
        `restore` brings them back, with what `remains` said before.

        Large values are no longer pinned by this runtime: whoever keeps the task pins them (in
        `store`), before. `Journal.over` is the time to do so.
        """
        self._check_open()
        records = self._host.records
        over = [t for t in tasks if (r := records.get(t)) is not None and r.state is not None]
        if over:
            self._host.bring(Archived(time.monotonic(), tuple(over)))

    def put(self, value: Any, *, name: str = "value", labels: Mapping[str, str] = {}) -> ObjectRef:
        """Store a value once, so that many tasks can read it.

        :raises NotPicklable: it cannot travel.
        """
        self._check_open()
        return self._submitter.value(value, name, labels)

    def map(
        self, fn: Callable[..., Any], /, *iterables: Iterable[Any], **options: Any
    ) -> list[ObjectRef]:
        """One task per tuple of items, as the built-in `map` pairs them; refs in order.

        :param options: those of `submit`.
        """
        return [self.submit(fn, *items, **options) for items in zip(*iterables, strict=False)]

    def executor(self) -> RuntimeExecutor:
        """This runtime as a `concurrent.futures.Executor`. Shutting it down leaves the runtime."""
        from .executor import RuntimeExecutor

        self._check_open()
        return RuntimeExecutor(self)

    # -- waiting --------------------------------------------------------------------------------

    def get(self, refs: Any, timeout: float | None = None) -> Any:
        """The value of an ObjectRef, or a list of values for a list (tuple) of refs.

        Each caller gets a private copy to change at will; large arrays are mapped copy-on-write.
        A KeyboardInterrupt stops the waiting, not the tasks.

        :param timeout: seconds for all of it. :raises TimeoutError: not done by then.
        :raises TaskFailed: (or its kinds) the task raised: `__cause__` is its exception.
        :raises TaskCancelled: :raises ObjectUnavailable: lost, and cannot be made again.
        """
        if isinstance(refs, ObjectRef):
            return self._getter.one(refs, timeout)
        return self._getter.all([as_ref(ref) for ref in refs], timeout)

    def locate(
        self, ref: ObjectRef, lost: Digest | None = None, timeout: float | None = None
    ) -> tuple[Output, bytes | None]:
        """Where a finished value is; for servers, which decode nothing. See `Getter.locate`."""
        return self._getter.locate(ref, lost, timeout)

    def wait(
        self,
        refs: Iterable[ObjectRef],
        timeout: float | None = None,
        return_when: str = ALL_COMPLETED,
    ) -> tuple[list[ObjectRef], list[ObjectRef]]:
        """Wait without fetching: (those whose tasks are over, the others), each in order.

        :param return_when: "ALL_COMPLETED", "FIRST_COMPLETED" or "FIRST_EXCEPTION". A timeout
            is no error: it returns what is over by then.
        """
        return self._getter.wait(refs, timeout, return_when)

    def when_over(self, ref: ObjectRef, call: Callable[[Record], None]) -> None:
        """Call `call` once, when the task is over: on a thread of the runtime's, or right here if
        it is over already. It must be quick, and may not wait for other tasks."""
        record = self._getter.record(ref)
        if not self._host.waiters.call_when_over(record, call):
            call(record)

    def exception(self, ref: ObjectRef) -> OrionError | None:
        """What `get` would raise for a finished task; None when it is done or not over yet."""
        record = self._getter.record(ref)
        if record.state is None or record.state is TaskState.DONE:
            return None
        return self._getter.error(record)

    # -- steering -------------------------------------------------------------------------------

    def cancel(
        self,
        refs: ObjectRef | TaskId | Iterable[ObjectRef | TaskId],
        why: str = "asked by the user",
    ) -> None:
        """Stop tasks, and what depends on them. Running code is interrupted, after 5 seconds its
        process is killed. Returns at once; what is over stays as it is."""
        tasks = self._tasks_of(refs)
        self._host.bring(CancelRequested(time.monotonic(), tasks, why))

    def retry(
        self, refs: ObjectRef | TaskId | Iterable[ObjectRef | TaskId], *, downstream: bool = True
    ) -> None:
        """Start failed or cancelled tasks anew.

        :param downstream: also what failed or was cancelled because of them, and what is done with
            an old result of theirs, should the new one differ.
        """
        tasks = self._tasks_of(refs)
        self._host.bring(RetryRequested(time.monotonic(), tasks, downstream))

    def forget(self, refs: ObjectRef | TaskId | Iterable[ObjectRef | TaskId]) -> None:
        """Drop finished tasks with their results and stories; those that a waiting task still
        needs stay until it is over."""
        tasks = self._tasks_of(refs)
        for task in tasks:
            record = self._host.records.get(task)
            if record is not None:
                record.keep = False
        self._host.forget(tasks)

    def start(self) -> None:
        """Start the workers now; otherwise the first task that is no cache hit starts them."""
        self._check_open()
        start = self._host.ledger.starters.pop(self.kind, None)
        if start is not None:
            self._host.in_turn(start)

    def resize(self, workers: int) -> None:
        """Have this many workers from now on. Surplus ones finish what they run."""
        if workers < 1:
            raise UsageError(f"a runtime needs at least one worker, not {workers!r}")
        self._check_open()
        self._workers = workers
        for kind in tuple(self._started):
            self._host.in_turn(self._pool(kind).resize, workers)

    def shutdown(self, wait: bool = True, *, cancel: bool = False) -> None:
        """End the runtime: no new tasks, workers ended, nothing left behind: what was got stays
        valid, and small results can still be got, but large uncached ones are deleted.

        With a journal, tasks that are not over are neither cancelled nor forgotten: they run again
        when another runtime takes it up. Nor are large values deleted.

        :param wait: let all tasks finish first. :param cancel: cancel them instead.
        """
        if self._closed or os.getpid() != self._pid:
            return
        if wait and not cancel and self._host.broken is None:
            while pending := [r for r in list(self._host.records.values()) if r.state is None]:
                if not self._host.waiters.wait(pending, None) or self._host.broken is not None:
                    break
        self._closed = True
        lifetimes.closed(self)
        host = self._host
        open_tasks = [id for id, record in list(host.records.items()) if record.state is None]
        if open_tasks and (cancel or host.keeper is None):
            host.bring(
                CancelRequested(time.monotonic(), tuple(open_tasks), "the runtime was shut down")
            )
        host.waiters.close()
        host.close()
        self._desk.close()
        host.feed.close()

    def __enter__(self) -> Runtime:
        lifetimes.entered(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.shutdown(cancel=kind is not None)

    @property
    def closed(self) -> bool:
        return self._closed

    # -- within ---------------------------------------------------------------------------------

    def run_threads_by(self, make: Callable[[Host], _Pool]) -> _Pool:
        """Have tasks of kind "thread" run by a pool of the caller's: in processes that have what
        they share. Before the first such task."""
        self._host.crew.pools.remove(self._threads)
        self._threads = pool = make(self._host)
        self._host.crew.pools.append(pool)
        return pool

    def _pool(self, kind: WorkerKind) -> Pool:
        return self._processes if kind is WorkerKind.PROCESS else self._threads

    def _start(self, kind: WorkerKind) -> None:
        """Called by whoever has the host's turn."""
        self._pool(kind).resize(self._workers)
        self._started.add(kind)

    def _after_fork(self) -> None:
        """In a forked child: its copies of the sockets would keep dead workers' sockets open."""
        self._closed = True
        self._host.abandon()


def available_cores() -> int:
    """Cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on this platform
        return os.cpu_count() or 1


def _random() -> Callable[[], float]:
    import random

    return random.Random().random


__all__ = [
    "ALL_COMPLETED",
    "FIRST_COMPLETED",
    "FIRST_EXCEPTION",
    "Runtime",
    "WorkerInfo",
    "available_cores",
]
