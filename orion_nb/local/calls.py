"""What is submitted: a `Call`, and how it is made ready to travel."""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..core.model import (
    DEFAULT_POLICY,
    VALUE,
    KeyRecipe,
    ObjectRef,
    Policy,
    Task,
    TaskId,
    WorkerKind,
)
from ..store import INLINE_LIMIT, BlobStore, codec
from .running import Thunk

_counter = itertools.count(1)
_UNWELCOME = re.compile(r"[^\w.-]+")


def new_task_id(name: str) -> TaskId:
    """An id that no other task of this process has, e.g. ``clean-1f``."""
    return f"{_UNWELCOME.sub('', name) or 'task'}-{next(_counter):x}"


@dataclass(frozen=True, slots=True)
class Call:
    """One task as its submitter describes it.

    ObjectRefs anywhere in `args` and `kwargs` are its inputs; they may name tasks of the same
    batch. With `outputs` other than ``("value",)``, `fn` returns a dict of them.
    """

    fn: Callable[..., Any]
    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)
    id: TaskId = ""
    """"": one is made from `name`."""
    name: str = ""
    group: str = ""
    """"": one is made from the function."""
    after: tuple[TaskId, ...] = ()
    outputs: tuple[str, ...] = (VALUE,)
    recipe: KeyRecipe | None = None
    uncached_because: str = ""
    policy: Policy = DEFAULT_POLICY
    labels: Mapping[str, str] = field(default_factory=dict)
    session: str = ""


class Surroundings(NamedTuple):
    """What code may depend on besides its arguments, as it was at the submission."""

    directory: str
    path: tuple[str, ...]
    environment: Mapping[str, str]


NOWHERE = Surroundings("", (), {})
"""Of what will not run."""


class Watcher:
    """Gives the present `Surroundings`; the same object as long as nothing has changed.

    Threads that race get equal objects, at worst one more than needed.
    """

    def __init__(self) -> None:
        # Comparing the raw mapping is 30 times as fast as decoding every variable.
        self._raw: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
        self._seen: dict[Any, Any] = {}
        self._path: list[str] = []
        self._last = NOWHERE

    def now(self) -> Surroundings:
        try:
            directory = os.getcwd()
        except FileNotFoundError:  # deleted under us
            directory = self._last.directory
        last = self._last
        if directory != last.directory or sys.path != self._path or self._raw != self._seen:
            self._path = list(sys.path)
            self._seen = dict(self._raw)
            path = tuple(str(entry) for entry in self._path)
            self._last = last = Surroundings(directory, path, dict(os.environ))
        return last


Packed = bytes | str | Thunk
"""An encoded call, the digest of its blob, or the objects themselves for a thread."""

NO_LABELS: Mapping[str, str] = {}


def pack(
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: Mapping[str, Any],
    kind: WorkerKind,
    blobs: Callable[[], BlobStore],
) -> tuple[Packed, tuple[ObjectRef, ...]]:
    """Make a call ready to travel, and find its inputs.

    :raises NotPicklable: names the argument, or the part of the function, that cannot travel.
    """
    if kind is WorkerKind.THREAD:
        thunk = Thunk(fn, args, dict(kwargs))
        return thunk, thunk.refs()
    encoded, refs = codec.encode_call(fn, args, kwargs)
    small = encoded.size <= INLINE_LIMIT
    return encoded.to_bytes() if small else blobs().put(encoded).digest, refs


def bindings(refs: tuple[ObjectRef, ...]) -> tuple[tuple[str, ObjectRef], ...]:
    """Inputs of a call are bound by number, in the order met: see `keys.recipe_for_call`.

    Copies of the refs: the submitter's own ones tell, by going away, what may be forgotten."""
    return tuple([(str(index), ObjectRef(ref.task, ref.output)) for index, ref in enumerate(refs)])


def prepare(
    call: Call,
    blobs: Callable[[], BlobStore],
    new_id: Callable[[str], TaskId] = new_task_id,
) -> tuple[Task, Packed]:
    """The machine's `Task` for a call, and what only the host keeps. Raises as `pack`."""
    packed, refs = pack(call.fn, call.args, call.kwargs, call.policy.kind, blobs)
    name = call.name or function_name(call.fn)
    task = Task(
        call.id or new_id(name),
        name,
        bindings(refs),
        call.after,
        call.outputs,
        call.group or group_name(call.fn),
        call.recipe,
        call.uncached_because,
        call.policy,
        call.session,
        call.labels,
    )
    return task, packed


def function_name(fn: Callable[..., Any]) -> str:
    return getattr(fn, "__name__", "") or type(fn).__name__


def group_name(fn: Callable[..., Any]) -> str:
    """Same function, same group."""
    where = getattr(fn, "__module__", "") or ""
    return f"{where}.{getattr(fn, '__qualname__', '') or type(fn).__qualname__}"


def as_ref(value: Any) -> ObjectRef:
    """:raises TypeError: not an ObjectRef."""
    if isinstance(value, ObjectRef):
        return value
    raise TypeError(f"an ObjectRef is wanted, not {type(value).__name__}: {value!r:.80}")
