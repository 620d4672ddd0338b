"""How a failed task looks where its output is read: its own traceback first, then the story."""

from __future__ import annotations

from typing import Any

from orion_nb.core.commands import Change
from orion_nb.core.transitions import WHY
from orion_nb.exceptions import OrionError

_TOLD = 12
"""Changes of a story that are shown: the newest."""


def dress(error: OrionError, name: str, cell: str) -> OrionError:
    """Make the error show, in IPython, the task's traceback at its cell's lines and its story."""
    lines = _lines(error, name, cell)
    # IPython asks the exception itself how it wants to be shown.
    error._render_traceback_ = lambda: lines  # type: ignore[attr-defined]
    return error


def _lines(error: OrionError, name: str, cell: str) -> list[str]:
    lines = [
        f"\x1b[31m{type(error).__name__}\x1b[0m: `{name}` cannot be had from task {cell}: {error}"
    ]
    original = traceback_of(error.__cause__)
    if original:
        lines += ["", *original]
    told = story(getattr(error, "story", ()))
    if told:
        lines += ["", "\x1b[1mWhat happened\x1b[0m", *(f"  {line}" for line in told)]
    lines += ["", f"%orion logs {cell}  shows its output,  %orion retry {cell}  tries again."]
    return lines


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
