"""The bounded story of one task: its changes, kept for error messages and for people.

A story is one flat list of fields, eight per change. Objects of their own would cost twice the
memory and, worse, be visited by every pass of the garbage collector: with 100,000
finished tasks that was a third of the cost of a step.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .commands import Change
from .model import ActionResult, Output, Task

FIELDS: Final = 8  # seq, at, old, new, why, attempt, worker, detail

Story = list[Any]


def trim(story: Story, limit: int) -> None:
    """Keep the first change, which says what the task is, and the newest."""
    del story[FIELDS : len(story) - FIELDS * (limit - 1)]


def read(story: Story, task: Task, outputs: Mapping[str, Output] | None) -> tuple[Change, ...]:
    """The changes again, oldest first.

    `move` stores the details of changes that nearly every task has in short: None for the first (its
    detail is the task), the duration for "finished", the result for "hit", and reason and key for
    "missed".
    """
    changes: list[Change] = []
    for start in range(0, len(story), FIELDS):
        seq, at, old, new, why, attempt, worker, detail = story[start : start + FIELDS]
        if detail is None:
            detail = {"task": task}
        elif isinstance(detail, float):
            detail = {"duration": detail, "outputs": outputs}
        elif isinstance(detail, ActionResult):
            detail = {"hit": detail, "outputs": detail.outputs}
        elif isinstance(detail, tuple):
            detail = {"reason": detail[0], "key": detail[1]}
        changes.append(Change(seq, at, task.id, old, new, why, attempt, worker, detail))
    return tuple(changes)
