"""Takes a client's orders: from messages to calls of the runtime. Nothing in them is trusted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from ..core.model import Output, TaskId, WorkerKind
from ..exceptions import DuplicateTask, UnknownDependency, UsageError
from ..local.calls import NOWHERE, Packed, Surroundings
from ..local.packed import NO_BYTES, PackedCall
from ..local.runtime import Runtime
from ..rpc.errors import error_message
from ..rpc.generated import stream_pb2
from ..rpc.limits import GRAPH, GRAPH_TASKS, NAME
from ..rpc.surroundings import surroundings_from
from ..rpc.tables import Malformed, TableReader
from .kernel_workers import KernelWorkers
from .ring import Ring
from .sending import Outbox

_DIGEST = re.compile(r"[0-9a-f]{64}")

Order = Callable[[stream_pb2.ToRuntime], None]


class Orders:
    """Of one connection; called by its reading thread, one order after the other."""

    def __init__(
        self,
        runtime: Runtime,
        ring: Ring,
        kernels: KernelWorkers,
        outbox: Outbox,
        session: str,
    ) -> None:
        self._runtime = runtime
        self._kernels = kernels
        self._ring = ring
        self._outbox = outbox
        self._session = session
        self._surroundings = NOWHERE
        self._graph: list[PackedCall] = []
        self._graph_bytes = 0
        self._refused: Exception | None = None
        self._take: dict[str, Order] = {
            "submit": self._submit,
            "cancel": self._cancel,
            "retry": self._retry,
            "forget": self._forget,
            "follow": self._follow,
            "watch": lambda message: outbox.watch(message.watch),
            "unwatch": lambda message: outbox.unwatch(),
            "seen": lambda message: outbox.seen(message.seen.items),
            "news": lambda message: kernels.news(message.news),
            "offer": lambda message: kernels.keep(message.offer.tasks, outbox),
        }

    def take(self, message: stream_pb2.ToRuntime) -> None:
        """Do it, and acknowledge it. Never raises: what is wrong is told to the client."""
        kind = message.WhichOneof("order")
        if kind == "submit" and message.submit.more:
            self._gather(message.submit)
            return
        ack = stream_pb2.Ack(request=message.request)
        try:
            take = self._take.get(kind or "")
            if take is None:
                raise UsageError(f"an order that this runtime does not know: {kind}")
            take(message)
        except Exception as error:  # noqa: BLE001  (translated; a bug is logged and told as one)
            ack.error.CopyFrom(error_message(error))
        if message.request:
            self._outbox.acknowledge(ack, patient=kind == "submit" and message.submit.patient)

    # -- submitting -----------------------------------------------------------------------------

    def _gather(self, part: stream_pb2.Submit) -> None:
        """Take a part of a graph. If it is refused, so is the graph, when its last part comes."""
        if self._refused is not None:
            return
        try:
            self._read(part)
        except UsageError as error:
            self._refused = error
            self._graph.clear()

    def _read(self, part: stream_pb2.Submit) -> None:
        self._graph_bytes += part.ByteSize()
        count = len(self._graph) + len(part.tasks)
        if self._graph_bytes > GRAPH or count > GRAPH_TASKS:
            raise UsageError(
                f"a graph of more than {GRAPH_TASKS:,} tasks or {GRAPH >> 20} MiB is refused: submit "
                "it in pieces"
            )
        if part.HasField("surroundings"):
            self._surroundings = Surroundings(*surroundings_from(part.surroundings))
        tables = TableReader(part.tables)
        for message in part.tasks:
            self._graph.append(self._packed(message, tables))

    def _packed(self, message: stream_pb2.PackedTask, tables: TableReader) -> PackedCall:
        task = tables.task(message.task, self._session)
        if not 0 < len(task.id) <= NAME:
            raise Malformed(f"a task's id has 1 to {NAME} characters, not {len(task.id)}")
        code = message.WhichOneof("code")
        packed: Packed
        if code == "call":
            packed = message.call
        elif code == "blob":
            packed = _checked(message.blob)
        elif code == "given":
            given = message.given
            output = Output(_checked(given.digest), given.size)
            inline = {output.digest: given.data} if given.HasField("data") else NO_BYTES
            return PackedCall(task, b"", self._surroundings, output, inline)
        elif code == "kept":
            packed = b""
        else:
            raise Malformed(f"task {task.id!r} has no code")
        if (task.policy.kind is WorkerKind.THREAD) != (code == "kept"):
            raise Malformed(f"task {task.id!r}: who runs in a thread has its code there")
        return PackedCall(task, packed, self._surroundings)

    def _submit(self, message: stream_pb2.ToRuntime) -> None:
        """The last part of a graph, and with it the graph."""
        try:
            if self._refused is not None:
                raise self._refused
            self._read(message.submit)
            calls = self._graph
            if calls:
                self._start(calls)
        finally:
            self._graph, self._graph_bytes, self._refused = [], 0, None

    def _start(self, calls: Sequence[PackedCall]) -> None:
        ids = [call.task.id for call in calls]
        kept = [call.task.id for call in calls if call.packed == b"" and call.given is None]
        if kept:
            self._kernels.keep(kept, self._outbox)
        self._ring.expect(ids, self._session, self._outbox)
        self._outbox.expect(len(ids))
        try:
            self._runtime.submit_packed(calls)
        except DuplicateTask:
            if not self._are_mine(ids):
                self._ring.unexpect(ids)
                raise
            self._follow_all(ids)  # repeated, for its acknowledgement was lost
        except BaseException:
            self._ring.unexpect(ids)
            raise

    def _are_mine(self, ids: Sequence[TaskId]) -> bool:
        """All of them are known, and this session's."""
        known = self._known(ids)
        return len(known) == len(ids) and all(
            self._runtime.record(task).task.session == self._session for task in known
        )

    # -- everything else ------------------------------------------------------------------------

    def _cancel(self, message: stream_pb2.ToRuntime) -> None:
        known = self._known(message.cancel.tasks)
        if known:
            self._runtime.cancel(known, why=message.cancel.why or "asked by the user")

    def _retry(self, message: stream_pb2.ToRuntime) -> None:
        known = self._known(message.retry.tasks)
        if known:
            self._outbox.expect(len(known))
            self._runtime.retry(known)

    def _forget(self, message: stream_pb2.ToRuntime) -> None:
        known = self._known(message.forget.tasks)
        if known:
            self._runtime.forget(known)

    def _follow(self, message: stream_pb2.ToRuntime) -> None:
        self._follow_all(message.follow.tasks)

    def _follow_all(self, tasks: Iterable[TaskId]) -> None:
        for task in tasks:
            self._outbox.expect(1)
            try:
                record = self._runtime.record(task)
            except UnknownDependency:
                self._outbox.over(task)  # that it is not known will be told
                continue
            self._ring.follow(task, self._outbox)
            if record.state is not None:
                self._outbox.over(task)

    def _known(self, tasks: Iterable[TaskId]) -> list[TaskId]:
        known = []
        for task in tasks:
            try:
                self._runtime.record(task)
            except UnknownDependency:
                continue
            known.append(task)
        return known


def _checked(digest: str) -> str:
    if not _DIGEST.fullmatch(digest):
        raise Malformed(f"{digest!r:.80} is no digest")
    return digest
