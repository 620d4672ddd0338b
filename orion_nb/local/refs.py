"""Noticing that nobody holds a task's ObjectRef any more."""

from __future__ import annotations

import weakref
from collections import deque

from ..core.model import ObjectRef, TaskId


class Held(weakref.ref[ObjectRef]):
    """Watches the ObjectRef that `Runtime.submit` returned; calls back when it is collected.

    Copies (of a pickle, or made by hand) are not watched: who keeps one without the
    original may find the task forgotten, after some time.
    """

    __slots__ = ("task",)

    task: TaskId


def hold(ref: ObjectRef, dropped: deque[TaskId]) -> Held:
    """`dropped` gets the task's id when `ref` is gone. That may happen anywhere, also inside
    locks: appending to a deque is all that is done."""
    held = Held(ref, lambda gone: dropped.append(gone.task))
    held.task = ref.task
    return held
