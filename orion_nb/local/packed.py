"""Tasks as they travel between processes: ready to run, or finished. Nothing here is unpickled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..core.model import Digest, Output, Task
from .calls import NOWHERE, Packed, Surroundings

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
