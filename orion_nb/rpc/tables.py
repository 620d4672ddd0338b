"""Tasks as messages. What many tasks of a message share is written once, in its `Tables`.

Whatever is malformed raises `Malformed`: it comes from outside.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..core.model import (
    DEFAULT_POLICY,
    VALUE,
    CacheMode,
    Component,
    KeyRecipe,
    ObjectRef,
    Policy,
    Task,
    TaskState,
    WorkerKind,
)
from ..exceptions import UsageError
from .generated import tasks_pb2 as pb

STATE = {state: getattr(pb, state.name) for state in TaskState}
STATES = {number: state for state, number in STATE.items()}
_CACHE = {
    CacheMode.DEFAULT: pb.CACHE_DEFAULT,
    CacheMode.RECOMPUTE: pb.CACHE_RECOMPUTE,
    CacheMode.OFF: pb.CACHE_OFF,
}
_CACHES = {number: mode for mode, number in _CACHE.items()}
_KIND = {WorkerKind.PROCESS: pb.PROCESS, WorkerKind.THREAD: pb.THREAD}
_KINDS = {number: kind for kind, number in _KIND.items()}
_ONE_OUTPUT: tuple[str, ...] = (VALUE,)
_new_tuple = tuple.__new__


class Malformed(UsageError):
    """A message that no client of this version sends."""


def clean(text: str) -> str:
    """The text, with what UTF-8 cannot say (lone surrogates) written out."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


class TableWriter:
    """Fills the tables of one message."""

    def __init__(self) -> None:
        self.tables = pb.Tables()
        self._strings: dict[str, int] = {}
        self._policies: dict[int, tuple[int, Policy]] = {}  # by identity: hashing one costs more
        self._components: dict[Component, int] = {}
        self._size = self._measured = 0

    def grown(self) -> int:
        """Bytes, about, that were written since the last call: of the tables and of tasks."""
        grown, self._measured = self._size - self._measured, self._size
        return grown

    def string(self, text: str) -> int:
        index = self._strings.get(text)
        if index is None:
            index = self._strings[text] = len(self._strings)
            self.tables.strings.append(clean(text))
            self._size += 2 + len(text)
        return index

    def policy(self, policy: Policy) -> int:
        known = self._policies.get(id(policy))
        if known is None:
            known = self._policies[id(policy)] = (len(self._policies), policy)
            self.tables.policies.append(policy_message(policy))
        return known[0]

    def component(self, component: Component) -> int:
        index = self._components.get(component)
        if index is None:
            index = self._components[component] = len(self._components)
            self.tables.components.append(component_message(component))
            self._size += 80 + len(component.name) + len(component.note)
        return index

    def task(self, task: Task, into: pb.Task, session: bool = True) -> None:
        """:param session: whether the reader has to be told whose it is."""
        string = self.string
        self._size += 40 + 40 * len(task.inputs) + 30 * len(task.after) + 4 * len(task.labels)
        into.id = task.id
        into.name = string(task.name)
        if task.group:
            into.group = string(task.group) + 1
        into.policy = self.policy(task.policy)
        for _, ref in task.inputs:
            name = ref.output
            into.inputs.add(task=ref.task, output="" if name == VALUE else name)
        if task.after:
            into.after.extend(task.after)
        if task.outputs != _ONE_OUTPUT:
            into.outputs.extend([string(name) for name in task.outputs])
        recipe = task.recipe
        if recipe is not None:
            written = into.recipe
            written.SetInParent()
            component = self.component
            written.components.extend([component(part) for part in recipe.components])
            self._size += 2 * len(recipe.components)
            if recipe.provenance:
                written.provenance.extend([clean(name) for name in recipe.provenance])
        if task.uncached_because:
            into.uncached_because = string(task.uncached_because) + 1
        if session and task.session:
            into.session = string(task.session) + 1
        for key, value in task.labels.items():
            into.labels.append(string(key))
            into.labels.append(string(value))


class TableReader:
    """Reads tasks of one message."""

    def __init__(self, tables: pb.Tables) -> None:
        try:
            self._strings = list(tables.strings)
            self._policies = [policy_from(message) for message in tables.policies]
            self._components = [component_from(message) for message in tables.components]
        except (KeyError, ValueError) as error:
            raise Malformed(f"malformed tables: {error!r}") from error

    def task(self, message: pb.Task, session: str | None = None) -> Task:
        """:param session: whose it is, whatever the message says."""
        strings = self._strings
        try:
            inputs: tuple[tuple[str, ObjectRef], ...] = ()
            if message.inputs:
                inputs = tuple(
                    [
                        (str(index), ObjectRef(ref.task, ref.output or VALUE))
                        for index, ref in enumerate(message.inputs)
                    ]
                )
            outputs = _ONE_OUTPUT
            if message.outputs:
                outputs = tuple([strings[index] for index in message.outputs])
            recipe = None
            if message.HasField("recipe"):
                components = self._components
                recipe = KeyRecipe(
                    tuple([components[index] for index in message.recipe.components]),
                    tuple(message.recipe.provenance),
                )
            if session is None:
                session = self._optional(message.session)
            labels = [strings[index] for index in message.labels]
            return Task(
                message.id,
                strings[message.name],
                inputs,
                tuple(message.after),
                outputs,
                self._optional(message.group),
                recipe,
                self._optional(message.uncached_because),
                self._policies[message.policy],
                session,
                dict(zip(labels[::2], labels[1::2], strict=True)) if labels else {},
            )
        except (IndexError, ValueError) as error:
            raise Malformed(f"task {message.id!r:.80} is malformed: {error}") from error

    def _optional(self, index: int) -> str:
        return self._strings[index - 1] if index else ""


def policy_message(policy: Policy) -> pb.Policy:
    return pb.Policy(
        cache=_CACHE[policy.cache],
        retries=policy.retries,
        lost_worker_retries=policy.lost_worker_retries,
        timeout=policy.timeout,
        wait_timeout=policy.wait_timeout,
        speculate_after=policy.speculate_after,
        impure=policy.impure,
        kind=_KIND[policy.kind],
        priority=policy.priority,
    )


def policy_from(message: pb.Policy) -> Policy:
    """The shared default one, if it is that."""
    policy = Policy(
        _CACHES[message.cache],
        message.retries,
        message.lost_worker_retries,
        message.timeout if message.HasField("timeout") else None,
        message.wait_timeout if message.HasField("wait_timeout") else None,
        message.speculate_after if message.HasField("speculate_after") else None,
        message.impure,
        _KINDS[message.kind],
        message.priority,
    )
    return DEFAULT_POLICY if policy == DEFAULT_POLICY else policy


def component_message(component: Component) -> pb.Component:
    kind, name, digest, note = component
    return pb.Component(kind=kind, name=clean(name), digest=digest, note=clean(note))


def component_from(message: pb.Component) -> Component:
    fields = (message.kind, message.name, message.digest, message.note)
    made: Component = _new_tuple(Component, fields)
    return made


def components_from(messages: Iterable[pb.Component]) -> tuple[Component, ...]:
    return tuple([component_from(message) for message in messages])
