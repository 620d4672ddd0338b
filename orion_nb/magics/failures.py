"""How a failed task looks where its output is read: its own traceback first, then the story."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orion_nb.core.commands import Change
from orion_nb.core.transitions import WHY
from orion_nb.exceptions import OrionError

_TOLD = 12
"""Changes of a story that are shown: the newest."""


def dress(
    error: OrionError,
    name: str,
    cell: str,
    blamed: str,
    cause: BaseException | None,
    changes: Sequence[Change],
) -> OrionError:
    """Make the error show, in IPython, the task's traceback at its cell's lines and its story.

    :param name: what was read ("": nothing, the failure is told), :param cell: whose output it is, :param blamed: the cell that has
        failed, :param cause: its exception, :param changes: the life of `cell`'s task.
    """
    kind = f"\x1b[31m{type(error).__name__}\x1b[0m"
    what = f"task {cell} failed" if blamed == cell else f"task {cell} did not run: {blamed} failed"
    original = traceback_of(cause)
    # Without the task's own traceback, Orion's words are all there is.
    told = f"no value for `{name}`: " if name else ""
    head = f"{kind}: {told}" + (what if original else str(error))
    lines = [head, *(["", *original] if original else [])]
    life = story(changes)
    if life:
        lines += ["", f"\x1b[1mWhat happened to {cell}\x1b[0m", *(f"  {line}" for line in life)]
    lines += ["", f"%orion logs {blamed}  shows its output,  %orion retry {blamed}  tries again."]
    # IPython asks the exception itself how it wants to be shown.
    error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
    return error


def traceback_of(error: BaseException | None) -> list[str]:
    """The lines that the worker's shell made for the task's exception."""
    lines: Any = getattr(error, "__orion_traceback__", None)
    return [str(line) for line in lines] if isinstance(lines, (list, tuple)) else []


def story(changes: Any) -> list[str]:
    """A task's life, one line for each change, oldest first."""
    known = [change for change in changes if isinstance(change, Change)]
    if not known:
        return []
    began = known[0].at
    lines = []
    for change in known[-_TOLD:]:
        where = f" · {change.worker}" if change.worker else ""
        which = f" · attempt {change.attempt}" if change.attempt else ""
        lines.append(
            f"{change.at - began:8.2f} s  {change.new.value:<15}  "
            f"{WHY.get(change.why, change.why)}{which}{where}"
        )
    return lines
