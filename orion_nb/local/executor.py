"""A runtime as a `concurrent.futures.Executor`, for code that wants one."""

from __future__ import annotations

import concurrent.futures
import itertools
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..core.model import ObjectRef, TaskState
from ..exceptions import OrionError, TaskCancelled, TaskFailed
from .records import Record

if TYPE_CHECKING:
    from .runtime import Runtime


class TaskFuture(concurrent.futures.Future[Any]):
    """A future of a task. `cancel` also stops a task that is running."""

    ref: ObjectRef
    _orion: RuntimeExecutor

    def cancel(self) -> bool:
        """Stop the task. False only if it is over already."""
        with self._condition:
            if self._state in ("CANCELLED", "CANCELLED_AND_NOTIFIED"):
                return True
            if self._state == "FINISHED":
                return False
        self._orion._runtime.cancel(self.ref)
        # Whoever waits need not wait for the process to die; a result that is under way is ignored.
        with self._condition:
            if self._state == "FINISHED":
                return False
            self._state = "CANCELLED_AND_NOTIFIED"
            for waiter in self._waiters:
                waiter.add_cancelled(self)
            self._condition.notify_all()
        self._invoke_callbacks()  # type: ignore[attr-defined]
        return True

    def running(self) -> bool:
        """Whether the task is with a worker now."""
        return not self.done() and self._orion._is_running(self.ref)


class RuntimeExecutor(concurrent.futures.Executor):
    """Submits to a runtime that goes on after the executor's `shutdown`.

    Results raise what the function raised, as in `concurrent.futures`. Arguments may hold
    ObjectRefs. Tasks of a shut down executor are finished (or cancelled) like anyone's.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._open = True
        self._futures: weakref.WeakSet[TaskFuture] = weakref.WeakSet()
        self._pending: set[TaskFuture] = set()

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> TaskFuture:
        """:raises RuntimeError: after shutdown (as every executor)."""
        from .calls import Call

        runtime = self._runtime
        future = TaskFuture()
        future._orion = self
        with self._lock:
            if not self._open or runtime.closed:
                raise RuntimeError("cannot schedule new futures after shutdown")
            future.ref = runtime.submit_call(
                Call(fn, args, kwargs, policy=runtime.default_policy, session=runtime.name)
            )
            self._pending.add(future)

        def over(record: Record) -> None:
            self._resolve(future, record)

        runtime.when_over(future.ref, over)
        return future

    def map(  # type: ignore[override]
        self,
        fn: Callable[..., Any],
        /,
        *iterables: Iterable[Any],
        timeout: float | None = None,
        chunksize: int = 1,
        **_: Any,
    ) -> Iterator[Any]:
        """As `concurrent.futures.Executor.map`; with `chunksize` > 1 a task does so many calls.

        :raises TimeoutError: (while iterating) not done in time, counted from this call.
        """
        if chunksize < 1:
            raise ValueError("chunksize must be >= 1.")
        end = None if timeout is None else time.monotonic() + timeout
        items = zip(*iterables, strict=False)
        if chunksize == 1:
            futures = [self.submit(fn, *arguments) for arguments in items]
        else:
            futures = [self.submit(_call_each, fn, chunk) for chunk in _chunks(items, chunksize)]

        def results() -> Iterator[Any]:
            futures.reverse()
            try:
                while futures:
                    left = None if end is None else max(0.0, end - time.monotonic())
                    future = futures.pop()
                    try:
                        value = future.result(left)
                    finally:
                        future.cancel()  # does nothing to one that is done
                    if chunksize == 1:
                        yield value
                    else:
                        yield from value
            finally:
                for future in futures:
                    future.cancel()

        return results()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more; wait for what was submitted; cancel what has not begun, if asked."""
        with self._lock:
            self._open = False
            pending = list(self._pending)
        if cancel_futures:
            for future in pending:
                if not future.running():
                    future.cancel()
        if wait:
            concurrent.futures.wait(pending)

    def _is_running(self, ref: ObjectRef) -> bool:
        try:
            return self._runtime.info(ref).state is TaskState.RUNNING
        except OrionError:
            return False

    def _resolve(self, future: TaskFuture, record: Record) -> None:
        with self._lock:
            self._pending.discard(future)
        if future.done():
            return
        try:
            if record.state is TaskState.DONE:
                value, error = self._runtime.get(future.ref), None
            else:
                value, error = None, self._runtime.exception(future.ref)
        except OrionError as problem:
            value, error = None, problem
        if isinstance(error, TaskCancelled):
            TaskFuture.cancel(future)
            return
        if isinstance(error, TaskFailed) and error.__cause__ is not None:
            error = error.__cause__  # type: ignore[assignment]
        try:
            if error is None:
                future.set_result(value)
            else:
                future.set_exception(error)
        except concurrent.futures.InvalidStateError:
            pass  # cancelled in this very moment


def _call_each(fn: Callable[..., Any], chunk: list[tuple[Any, ...]]) -> list[Any]:
    return [fn(*arguments) for arguments in chunk]


def _chunks(items: Iterable[Any], size: int) -> Iterator[list[Any]]:
    iterator = iter(items)
    while chunk := list(itertools.islice(iterator, size)):
        yield chunk
