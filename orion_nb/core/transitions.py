"""The lifecycle of a task as a literal table: (state, why) → state.

Every move of the machine goes through this table (`Machine.move`), so what is not written
here cannot happen. ``None`` stands for "not yet known to the machine". A row whose two states
are equal records something that happens inside a state. The picture in ``docs/lifecycle.md``
is drawn from the table: ``python -m orion_nb.core.transitions > docs/lifecycle.md``.
"""

from __future__ import annotations

from typing import Final

from .model import FINAL_STATES, TaskState

WAITING: Final = TaskState.WAITING
PROBING: Final = TaskState.PROBING
READY: Final = TaskState.READY
RUNNING: Final = TaskState.RUNNING
BACKOFF: Final = TaskState.BACKOFF
DONE: Final = TaskState.DONE
FAILED: Final = TaskState.FAILED
UPSTREAM_FAILED: Final = TaskState.UPSTREAM_FAILED
CANCELLED: Final = TaskState.CANCELLED

WHY: Final[dict[str, str]] = {
    "submitted": "new; waits for its dependencies",
    "probed": "nothing to wait for; the action cache was asked",
    "queued": "nothing to wait for and nothing to ask; wants a worker",
    "hit": "the action cache had the result",
    "missed": "the action cache did not have the result",
    "joined": "another task computes the same just now; waits for that result",
    "asked-again": "another task has computed the same meanwhile; the action cache was asked again",
    "dispatched": "an attempt was given to a worker",
    "started": "the attempt's code began to run",
    "cloned": "a straggler: a second attempt was given to another worker",
    "finished": "the first result arrived and was accepted",
    "attempt-failed": "one of two attempts ended without a result; the other runs on",
    "retry-later": "failed or lost its worker; tries again after a delay",
    "retry-now": "lost its worker; tries again at once",
    "backoff-over": "the delay before the next attempt has passed",
    "failed": "failed with no attempt left: a dead letter",
    "wait-timed-out": "its dependencies took longer than allowed: a dead letter",
    "stolen": "taken back from a worker that had not started it",
    "returned": "its worker was lost before it started the attempt",
    "cancelled": "someone asked for it",
    "upstream-failed": "something that it needs can never arrive",
    "blocked": "what failed upstream was retried, but something else upstream has failed too",
    "input-lost": "a value that it reads was lost; waits until that is recomputed",
    "object-lost": "one of its outputs can no longer be read",
    "recompute": "a lost output is needed again",
    "lost-for-good": "a lost output is needed, but what it was made from is forgotten",
    "retried": "someone asked to try again, with fresh budgets",
    "input-changed": "what it was made from was retried, with another result: done again",
    "forgotten": "the machine no longer knows it",
    "archived": "the machine no longer knows it, but its host does and may restore it",
    "restored": "it was done before; known again without running",
    "restored-failed": "it had failed before; known again without running",
    "restored-upstream-failed": "it had failed upstream before; known again without running",
    "restored-cancelled": "it was cancelled before; known again without running",
}
"""The words of :attr:`Change.why`, stable for programs, with their meaning for people."""

TABLE: Final[dict[tuple[TaskState | None, str], TaskState]] = {
    # A new task; it skips WAITING when there is nothing to wait for.
    (None, "submitted"): WAITING,
    (None, "probed"): PROBING,
    (None, "queued"): READY,
    # All dependencies are there.
    (WAITING, "probed"): PROBING,
    (WAITING, "queued"): READY,
    (PROBING, "hit"): DONE,
    (PROBING, "missed"): READY,
    (PROBING, "joined"): PROBING,
    (READY, "joined"): PROBING,
    (READY, "asked-again"): PROBING,
    # With a worker.
    (READY, "dispatched"): RUNNING,
    (RUNNING, "started"): RUNNING,
    (RUNNING, "cloned"): RUNNING,
    (RUNNING, "finished"): DONE,
    (RUNNING, "stolen"): READY,
    (RUNNING, "returned"): READY,
    # Trouble of its own.
    (RUNNING, "attempt-failed"): RUNNING,
    (RUNNING, "retry-now"): READY,
    (RUNNING, "retry-later"): BACKOFF,
    (BACKOFF, "backoff-over"): READY,
    (RUNNING, "failed"): FAILED,
    (WAITING, "wait-timed-out"): FAILED,
    # Trouble upstream. RUNNING: only when its attempt failed too, for it had its inputs.
    (WAITING, "upstream-failed"): UPSTREAM_FAILED,
    (PROBING, "upstream-failed"): UPSTREAM_FAILED,
    (READY, "upstream-failed"): UPSTREAM_FAILED,
    (RUNNING, "upstream-failed"): UPSTREAM_FAILED,
    (BACKOFF, "upstream-failed"): UPSTREAM_FAILED,
    (DONE, "upstream-failed"): UPSTREAM_FAILED,
    (UPSTREAM_FAILED, "blocked"): UPSTREAM_FAILED,
    # Values that disappear.
    (DONE, "object-lost"): DONE,
    (DONE, "recompute"): WAITING,
    (DONE, "lost-for-good"): FAILED,
    (PROBING, "input-lost"): WAITING,
    (READY, "input-lost"): WAITING,
    (RUNNING, "input-lost"): WAITING,
    (BACKOFF, "input-lost"): WAITING,
    # People.
    (WAITING, "cancelled"): CANCELLED,
    (PROBING, "cancelled"): CANCELLED,
    (READY, "cancelled"): CANCELLED,
    (RUNNING, "cancelled"): CANCELLED,
    (BACKOFF, "cancelled"): CANCELLED,
    (FAILED, "retried"): WAITING,
    (UPSTREAM_FAILED, "retried"): WAITING,
    (CANCELLED, "retried"): WAITING,
    (DONE, "input-changed"): WAITING,
    (DONE, "forgotten"): DONE,
    (FAILED, "forgotten"): FAILED,
    (UPSTREAM_FAILED, "forgotten"): UPSTREAM_FAILED,
    (CANCELLED, "forgotten"): CANCELLED,
    # Kept elsewhere, known again later.
    (DONE, "archived"): DONE,
    (FAILED, "archived"): FAILED,
    (UPSTREAM_FAILED, "archived"): UPSTREAM_FAILED,
    (CANCELLED, "archived"): CANCELLED,
    (None, "restored"): DONE,
    (None, "restored-failed"): FAILED,
    (None, "restored-upstream-failed"): UPSTREAM_FAILED,
    (None, "restored-cancelled"): CANCELLED,
}


def _by_state() -> dict[TaskState | None, dict[str, TaskState]]:
    rows: dict[TaskState | None, dict[str, TaskState]] = {state: {} for state in TaskState}
    rows[None] = {}
    for (old, why), new in TABLE.items():
        rows[old][why] = new
    return rows


NEXT: Final = _by_state()
"""`TABLE` again, nested: two lookups without building a tuple, for the hot path."""


def mermaid() -> str:
    """The lifecycle as a Mermaid state diagram; what happens inside a state is left out."""
    labels: dict[tuple[TaskState | None, TaskState], list[str]] = {}
    for (old, why), new in TABLE.items():
        if old is not new:
            labels.setdefault((old, new), []).append(why)
    lines = ["stateDiagram-v2"]
    for (old, new), words in labels.items():
        start = "[*]" if old is None else old.name
        lines.append(f"    {start} --> {new.name}: {', '.join(words)}")
    lines.extend(f"    {state.name} --> [*]" for state in TaskState if state in FINAL_STATES)
    return "\n".join(lines)


def document() -> str:
    """The text of ``docs/lifecycle.md``: the picture, the words, and what happens inside states."""
    inside = [f"| {s.name} | {why} | {WHY[why]} |" for (s, why), n in TABLE.items() if s is n and s]
    words = [f"| `{why}` | {meaning} |" for why, meaning in WHY.items()]
    return "\n".join(
        [
            "# The life of a task",
            "",
            "Generated from `orion_nb/core/transitions.py`; do not edit:",
            "`python -m orion_nb.core.transitions > docs/lifecycle.md`.",
            "",
            "```mermaid",
            mermaid(),
            "```",
            "",
            "## Inside a state",
            "",
            "| state | why | meaning |",
            "|---|---|---|",
            *inside,
            "",
            "## The words of a change",
            "",
            "| why | meaning |",
            "|---|---|",
            *words,
            "",
        ]
    )


if __name__ == "__main__":
    print(document(), end="")
