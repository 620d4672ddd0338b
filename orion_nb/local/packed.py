"""Tasks as they travel between processes: ready to run, or over. Nothing here is unpickled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from ..core.model import Digest, Output, Task, TaskId
from ..core.remains import Ended
from .calls import NOWHERE, Packed, Surroundings
from .wire import RawFrame

NO_BYTES: Mapping[Digest, bytes] = {}


class PackedCall(NamedTuple):
    """A task and its call, made ready by whoever submits it (`calls.prepare`), maybe in another
    process.

    Calls that were submitted together should share one `Surroundings` object: workers are told
    again only when it is another object.
    """

    task: Task
    packed: Packed
    """The encoded call; or the digest of its blob, which is in the store; or, in this process only,
    a `running.Thunk` for a thread."""
    surroundings: Surroundings = NOWHERE
    given: Output | None = None
    """Set: the task is nothing but this value, and `packed` is never run (`Runtime.put`)."""
    inline: Mapping[Digest, bytes] = NO_BYTES
    """The encoded bytes of `given` if it is small; a large one is in the store already."""


class RestoredTask(NamedTuple):
    """A task that is over with all that is left of it: what `Journal.over` gets, and what
    `Runtime.restore` and `Journal.find` give back."""

    call: PackedCall
    """To run it again, should it be retried or its value be lost."""
    ended: Ended
    """What the machine knows of it. (`ended.task` is `call.task`.)"""
    inline: Mapping[Digest, bytes] = NO_BYTES
    """The encoded bytes of its small outputs; large ones are in the store."""
    exception: bytes | None = None
    """Pickled, of a failed task."""
    frames: Sequence[RawFrame] = ()
    """The output that counts."""
    attempt: int = 0
    """Whose output that is; 0: output from the cache."""

    @property
    def id(self) -> TaskId:
        return self.call.task.id
