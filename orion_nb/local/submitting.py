"""From a call to a record that the host can take: the work of `Runtime.submit`, and its kinds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..core.model import (
    VALUE,
    CacheMode,
    Component,
    KeyRecipe,
    ObjectRef,
    Policy,
    Task,
    TaskId,
)
from ..exceptions import ObjectUnavailable, UnknownDependency
from ..store import INLINE_LIMIT, CasStore, codec
from .calls import (
    NO_LABELS,
    NOWHERE,
    Call,
    Packed,
    Watcher,
    bindings,
    function_name,
    group_name,
    new_task_id,
    pack,
    prepare,
)
from .host import Host
from .packed import PackedCall
from .records import Record

ONE_OUTPUT = (VALUE,)


class Submitter:
    """Any thread."""

    def __init__(self, host: Host, session: str) -> None:
        self._host = host
        self._session = session
        self._watcher = Watcher()

    def one(
        self,
        fn: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: Mapping[str, Any],
        name: str,
        group: str,
        after: tuple[TaskId, ...],
        outputs: tuple[str, ...],
        recipe: KeyRecipe | None,
        why: str,
        policy: Policy,
        id: TaskId = "",
        labels: Mapping[str, str] = NO_LABELS,
        session: str = "",
    ) -> ObjectRef:
        """One call, whose inputs exist already. (Its fields by themselves: making a `Call` of them
        would be a fifth of the cost.)

        :raises NotPicklable: :raises UnknownDependency: nothing was submitted.
        """
        host = self._host
        name = name or function_name(fn)
        hit = None
        packed: Packed
        refs: tuple[ObjectRef, ...]
        if (
            recipe is not None
            and policy.cache is CacheMode.DEFAULT
            and not after
            and not policy.impure
            and host.keeper is None
        ):
            hit = host.desk.whole_hit(name, recipe, args, kwargs, outputs)
        if hit is not None:  # it can never be lost, so it will not be computed
            packed, refs = b"", ()
        else:
            packed, refs = pack(fn, args, kwargs, policy.kind, self._blobs)
        records = host.records
        for ref in refs:
            if ref.task not in records and host.revive(ref.task) is None:
                raise UnknownDependency(_unknown(name, ref.task))
        for dep in after:
            if dep not in records and host.revive(dep) is None:
                raise UnknownDependency(_unknown(name, dep))
            records[dep].awaited = True
        task = Task(
            id or new_task_id(name),
            name,
            bindings(refs) if refs else (),
            after,
            outputs,
            group or group_name(fn),
            recipe,
            why,
            policy,
            session or self._session,
            labels,
        )
        # Of several outputs the caller makes the refs itself, so nothing tells when to forget.
        surroundings = self._watcher.now() if hit is None else NOWHERE
        record = Record(task, packed, surroundings, len(outputs) > 1)
        record.needs = refs
        ref = ObjectRef(task.id, outputs[0])
        record.held = host.ledger.holder.hold(ref)
        if hit is not None and hit.result is not None:
            host.submit_hit(record, hit.result, hit.inline)
        else:
            host.submit_one(record)
        return ref

    def batch(self, calls: Sequence[Call]) -> list[TaskId]:
        """A graph, whole or not at all.

        :raises UsageError: and its kinds; nothing was submitted.
        """
        surroundings = self._watcher.now()
        packed = [PackedCall(*prepare(call, self._blobs), surroundings) for call in calls]
        self.packed(packed)
        return [call.task.id for call in packed]

    def packed(self, calls: Sequence[PackedCall], logged: bool = False) -> None:
        """The same, of what somebody else has packed. `logged`: the journal knows them."""
        self._host.submit_batch([Record.of_call(call) for call in calls], logged)

    def value(self, value: Any, name: str, labels: Mapping[str, str]) -> ObjectRef:
        """A task that is nothing but a value: a cache hit whose answer the host knows by itself.

        :raises NotPicklable: it cannot travel.
        """
        encoded = codec.encode(value, label=name)
        inline = encoded.size <= INLINE_LIMIT
        output = encoded.output if inline else self._blobs().put(encoded)
        recipe = KeyRecipe((Component("value", name, output.digest),))
        labels = {"kind": "value", **labels}
        call = Call(_given, name=name, recipe=recipe, labels=labels, session=self._session)
        task, packed = prepare(call, self._blobs)
        record = Record(task, packed, self._watcher.now(), False)
        ref = ObjectRef(task.id)
        record.held = self._host.ledger.holder.hold(ref)
        record.given = output
        if inline:
            record.inline[output.digest] = encoded.to_bytes()
        self._host.submit_one(record)
        self._host.settle()
        return ref

    def _blobs(self) -> CasStore:
        return self._host.desk.blobs


def _given() -> None:
    """Stands for the code of a task that is nothing but a value."""
    raise ObjectUnavailable("a stored value cannot be made again")


def _unknown(name: str, dep: TaskId) -> str:
    return (
        f"{name} depends on {dep!r}, which this runtime does not know (of another runtime, or "
        "forgotten); nothing was submitted"
    )
