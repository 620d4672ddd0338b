"""Noticing that nobody holds a task's ObjectRef any more."""

from __future__ import annotations

import weakref
from collections import deque

from ..core.model import ObjectRef, TaskId


class Held(weakref.ref[ObjectRef]):
    """Watches the ObjectRef that `Runtime.submit` returned.

    Copies (of a pickle, or made by hand) are not watched: who keeps one without the
    original may find the task forgotten, after some time.
    """

    __slots__ = ("task",)

    task: TaskId


class Holder:
    """Makes `Held`s; `dropped` collects the ids of those whose ref is gone.

    A ref may go anywhere, also inside locks: appending to a deque is all that is done then.
    """

    def __init__(self) -> None:
        self.dropped: deque[TaskId] = deque()
        append = self.dropped.append

        def gone(held: Held) -> None:  # one for all: a closure each would be work for the collector
            append(held.task)

        self._gone = gone

    def hold(self, ref: ObjectRef) -> Held:
        held = Held(ref, self._gone)
        held.task = ref.task
        return held
