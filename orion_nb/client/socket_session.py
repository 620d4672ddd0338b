"""`SocketSession`: a `Session` served by a runtime in another process."""

from __future__ import annotations

import logging
import re
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count
from typing import Any

from orion_nb.core.model import VALUE, Frame, ObjectRef, TaskId, TaskState
from orion_nb.exceptions import (
    CorruptBlob,
    ObjectUnavailable,
    OrionError,
    RuntimeClosed,
    RuntimeUnreachable,
    UnknownDependency,
    UsageError,
)
from orion_nb.local import errors
from orion_nb.local.calls import Call
from orion_nb.local.running import Thunk
from orion_nb.rpc.connecting import ControlStream
from orion_nb.rpc.events import change_from, error_from, frame_from
from orion_nb.rpc.generated import runtime_pb2, stream_pb2
from orion_nb.rpc.tables import TableReader
from orion_nb.store import codec

from .ends import End, Ends, place_of
from .feeding import Feeding
from .finding import Finding
from .kernel_threads import KernelThreads
from .link import LEAVE_WITHIN, Link, Request
from .outgoing import Given, Ready, Writer, given, is_certain, ready
from .questions import Questions
from .session import FeedCallback, Subscription
from .values import Values, values_for

log = logging.getLogger(__name__)

_UNWELCOME = re.compile(r"[^\w.-]+")
ATTEMPTS = 3
"""How often a lost value is asked for again."""
PATIENCE = 10.0
"""Seconds without a runtime after which waiting for a task is given up."""
FOLLOW = 5_000
"""Tasks per order."""


class SocketSession(Questions):
    """One notebook's connection to a runtime in another process; any thread.

    :param find: tells where the runtime is, now and whenever the connection was lost.
    :param name: whose session it is: the notebook's path.
    :param direct: read and write large values as files when the runtime's disk is this one.
    :param frames: use the quicker carrier where there is one (see ``stream.proto``).
    :raises RuntimeUnreachable: there is no runtime. :raises RuntimeMismatch: it is of another version.
    """

    def __init__(
        self, find: Finding, name: str = "", *, direct: bool = True, frames: bool = True
    ) -> None:
        self._name = name
        self._client = secrets.token_hex(4)
        self._numbers = count(1)
        self._direct = direct
        self._ends = Ends()
        self._writer = Writer()
        self._submitting = threading.Lock()
        self._skew = 0.0
        self._durable = False
        self._values: Values | None = None
        self._lost_since: float | None = None
        self._link = Link(find, name, self._client, self._hear, self._introduce, self._end, frames)
        self._feeding = Feeding(self._link.tell)
        self._threads = KernelThreads(self._store, self._report)
        super().__init__(self._link, name, lambda task: f"-{self._client}-" in task)
        self._link.ensure()

    @property
    def name(self) -> str:
        return self._name

    @property
    def durable(self) -> bool:
        return self._durable

    # -- tasks ----------------------------------------------------------------------------------

    def new_task_id(self, name: str) -> TaskId:
        """Unique among all clients of the runtime, now and after its restart."""
        stem = _UNWELCOME.sub("", name) or "task"
        return f"{stem}-{self._client}-{next(self._numbers):x}"

    def submit(self, calls: Sequence[Call]) -> list[TaskId]:
        tasks = ready(calls, self._store, self.new_task_id)
        for task, packed in tasks:
            if isinstance(packed, Thunk):
                self._threads.keep(task.id, packed)
        if tasks:
            self._send(tasks, wait=not is_certain(tasks, self._ends))
        return [task.id for task, _ in tasks]

    def put(self, name: str, value: Any) -> ObjectRef:
        encoded = codec.encode(value, label=name)
        item = given(self.new_task_id(name), name, encoded, self._store().put)
        self._send([item], wait=False)
        return ObjectRef(item.task.id)

    def _send(self, tasks: Sequence[Ready | Given], *, wait: bool) -> None:
        ids = [item[0].id for item in tasks]

        surroundings: list[stream_pb2.Surroundings] = []

        def orders(stream: ControlStream) -> Iterator[stream_pb2.ToRuntime]:
            yield from self._writer.graph(stream, tasks, patient=not wait)
            surroundings.append(self._writer.written)

        def again(messages: Sequence[stream_pb2.ToRuntime]) -> None:
            messages[0].submit.surroundings.CopyFrom(surroundings[0])

        def done(request: Request) -> None:
            if request.error is not None:
                if not wait:
                    log.warning("%d tasks were refused: %s", len(ids), request.error)
                self._ends.fail(ids, request.error)

        with self._submitting:
            taken = [id for id in ids if id in self._ends]
            self._ends.expect(id for id in ids if id not in self._ends)
            try:
                request = self._link.request(orders, done, again)
            except BaseException:
                self._ends.drop(set(ids).difference(taken))
                raise
        if wait:
            try:
                request.wait()
            except BaseException:
                self._ends.drop(set(ids).difference(taken))
                raise

    def cancel(self, tasks: Iterable[TaskId], why: str = "asked by the user") -> None:
        order = stream_pb2.Cancel(tasks=tasks, why=why)
        self._order(stream_pb2.ToRuntime(cancel=order))

    def retry(self, tasks: Iterable[TaskId], downstream: bool = False) -> None:
        order = stream_pb2.Retry(tasks=tasks, downstream=downstream)
        self._order(stream_pb2.ToRuntime(retry=order), lambda request: self._ends.doubt_failures())

    def forget(self, tasks: Iterable[TaskId]) -> None:
        gone = list(tasks)
        for part in _in_parts(gone):
            self._order(stream_pb2.ToRuntime(forget=part))
        self._ends.drop(gone)
        self._threads.drop(gone)

    def _order(
        self, message: stream_pb2.ToRuntime, on_done: Callable[[Request], None] | None = None
    ) -> None:
        self._link.request(lambda stream: (message,), on_done).wait()

    # -- values ---------------------------------------------------------------------------------

    def result(self, ref: ObjectRef, timeout: float | None = None) -> Any:
        deadline = None if timeout is None else time.monotonic() + timeout
        end = self._wait(ref.task, deadline)
        if isinstance(end, bytes):
            if ref.output != VALUE:
                raise UsageError(f"task {ref.task!r} has no output {ref.output!r}, only {VALUE!r}")
            return codec.decode(end)
        if end.state is TaskState.DONE:
            return self._value(ref, end, deadline)
        raise self._failure(ref.task, end)

    def _wait(self, task: TaskId, deadline: float | None) -> Any:
        while True:
            try:
                known = self._ends.get(task)
                if known is not None:
                    return known
                left = None if deadline is None else max(0.0, deadline - time.monotonic())
                return self._ends.wait(task, left, self._look_after)
            except KeyError:
                self._follow([task])

    def _follow(self, tasks: Sequence[TaskId]) -> None:
        """Tasks of another client, or such as were retried: have their ends told."""
        self._ends.expect(tasks)
        order = stream_pb2.ToRuntime(follow=stream_pb2.Tasks(tasks=tasks))
        self._link.request(lambda stream: (order,))

    def _look_after(self) -> None:
        """Now and then while somebody waits: a runtime that was lost is needed again."""
        if self._link.connected:
            self._lost_since = None
            return
        now = time.monotonic()
        if self._lost_since is None:
            self._lost_since = now
        try:
            self._link.ensure()
        except RuntimeUnreachable:
            if now - self._lost_since > PATIENCE:
                raise

    def _value(self, ref: ObjectRef, end: End, deadline: float | None) -> Any:
        place = place_of(end, ref.output)
        if place is not None and place.data is not None:
            return codec.decode(place.data)
        digest = place.output.digest if place is not None and place.output is not None else None
        lost = ""
        for _ in range(ATTEMPTS):
            if digest is None:
                where = self._locate(ref, lost, deadline)
                if where.HasField("data"):
                    return codec.decode(where.data)
                digest = where.digest
            try:
                return codec.decode(self._store().open(digest).buffer)
            except (ObjectUnavailable, CorruptBlob):
                lost, digest = digest, None  # the runtime looks for itself, and has it made again
        raise ObjectUnavailable(f"the value of {ref.id} was lost {ATTEMPTS} times")

    def _locate(self, ref: ObjectRef, lost: str, deadline: float | None) -> runtime_pb2.Located:
        left = None if deadline is None else max(0.001, deadline - time.monotonic())
        wanted = runtime_pb2.Wanted(task=ref.task, output=ref.output, lost=lost)
        located: runtime_pb2.Located = self._link.ask("Locate", wanted, left)
        return located

    def _failure(self, task: TaskId, end: End) -> Exception:
        """What to raise for a task that has no result."""
        if end.error is not None:
            return end.error
        try:
            told = self._link.ask("Failure", runtime_pb2.TaskName(name=task))
        except UnknownDependency as error:
            return error
        if not told.HasField("error"):
            return ObjectUnavailable(f"task {task!r} has just been started again")
        tables = TableReader(told.tables)
        return errors.rebuild(
            error_from(told.error),
            told.exception if told.HasField("exception") else None,
            task=task,
            name=told.name,
            story=tuple([change_from(change, tables) for change in told.story]),
        )

    def inputs(self, task: TaskId) -> tuple[tuple[Any, ...], dict[str, Any]]:
        thunk = self._threads.thunk(task)
        if thunk is not None:
            return thunk.resolved(self._present)[1:]
        code = self._link.ask("Call", runtime_pb2.TaskName(name=task))
        data: Any = code.call
        if code.WhichOneof("code") == "blob":
            data = self._store().open(code.blob).buffer
        _, args, kwargs = codec.decode_call(data, self._present)
        return args, kwargs

    def _present(self, ref: ObjectRef) -> Any:
        """The value of an input that is there; one that is still to be made is not waited for."""
        return self._value(ref, End(TaskState.DONE), None)

    def frames(self, task: TaskId) -> list[Frame]:
        batches = self._link.ask_many("Frames", runtime_pb2.FramesSince(task=task))
        return [frame_from(frame) for batch in batches for frame in batch.frames]

    def _store(self) -> Values:
        if self._values is None:
            self._link.ensure()
            assert self._values is not None
        return self._values

    # -- news -----------------------------------------------------------------------------------

    def watch(self, callback: FeedCallback, everything: bool = False) -> Subscription:
        self._link.ensure()
        return self._feeding.add(callback, everything)

    def clock(self) -> float:
        return time.monotonic() + self._skew

    def _introduce(
        self, welcome: stream_pb2.Welcome
    ) -> tuple[list[stream_pb2.ToRuntime], list[stream_pb2.ToRuntime]]:
        """On a new connection, before and after what is repeated."""
        skew = welcome.clock - time.monotonic()
        self._skew = skew if abs(skew) > 0.25 else 0.0  # on one machine they are the same clock
        self._durable = welcome.durable
        self._values = values_for(welcome, self._link, self._direct)
        self._threads.meet(welcome.epoch)
        before = [stream_pb2.ToRuntime(offer=part) for part in _in_parts(self._threads.offers())]
        watch = self._feeding.resumed()
        if watch is not None:
            before.append(stream_pb2.ToRuntime(watch=watch))
        after = [stream_pb2.ToRuntime(follow=part) for part in _in_parts(self._ends.under_way())]
        return before, after

    def _hear(self, message: stream_pb2.FromRuntime) -> None:
        """On the connection's thread."""
        if message.ended:
            self._ends.hear(message.ended)
        if message.HasField("feed"):
            self._feeding.hear(message.feed)
        for order in message.orders:
            self._threads.take(order)

    def _report(self, news: stream_pb2.WorkerNews, surely: bool) -> None:
        """A thread here has something to say of its run."""
        message = stream_pb2.ToRuntime(news=news)
        if surely:
            self._link.post(message)
        else:
            self._link.tell(message)

    def _end(self, words: str) -> None:
        """The runtime has ended on purpose: what has not ended by now will not, here."""
        self._ends.fail(self._ends.under_way(), RuntimeClosed(words))

    # -- the end --------------------------------------------------------------------------------

    def close(self) -> None:
        open_tasks = self._ends.under_way()
        if open_tasks and self._link.connected:
            try:
                self.cancel(open_tasks, "its session was closed")
            except OrionError as error:
                log.debug("nothing could be cancelled: %s", error)
        self.detach()

    def detach(self) -> None:
        self._link.settle(LEAVE_WITHIN)  # what was submitted a moment ago goes on, too
        self._feeding.close()
        self._threads.close()
        self._link.close()
        self._ends.fail(self._ends.under_way(), RuntimeClosed("this session has been closed"))

    def shutdown(self) -> None:
        self._link.ask_once("Shutdown", runtime_pb2.Empty())
        self.detach()


def _in_parts(tasks: Sequence[TaskId]) -> Iterator[stream_pb2.Tasks]:
    """As many to an order as a message can hold."""
    for start in range(0, len(tasks), FOLLOW):
        yield stream_pb2.Tasks(tasks=tasks[start : start + FOLLOW])
