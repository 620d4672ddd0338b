"""Completion in the lines of ``%%orion_task`` and ``%orion``: words, options, task names.

Asks nobody but the notebook's own tables, so it is quick even when the runtime is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from .commands import COMMANDS

_ORION = re.compile(r"^\s*(?:[\w.]+\s*=\s*)?%orion\s+(.*)$")
_TASK = re.compile(r"^\s*%%orion_task\s+(.*)$")

TASK_OPTIONS = (
    "--deps", "--out", "--after", "--cache", "--version", "--retries", "--timeout",
    "--speculate-after", "--impure", "--kind", "--map", "--wait", "--on-interrupt", "--files",
    "--by-provenance",
)  # fmt: skip
_VALUES = {
    "--cache": ("default", "recompute", "off"),
    "--kind": ("process", "thread"),
    "--on-interrupt": ("twice", "cancel", "detach"),
}

Names = Callable[[], Sequence[str]]


def _none() -> Sequence[str]:
    return ()


def candidates(line: str, tasks: Names, outputs: Names, left: Names = _none) -> list[str] | None:
    """What may stand at the end of this line (up to the cursor); None: not a line of ours.

    :param tasks: names of tasks, :param outputs: names that tasks make, :param left: names of
        tasks of earlier kernels.
    """
    orion = _ORION.match(line)
    if orion is not None:
        return _orion(orion.group(1), tasks, outputs, left)
    task = _TASK.match(line)
    return _task(task.group(1), tasks, outputs) if task is not None else None


def _orion(rest: str, tasks: Names, outputs: Names, left: Names) -> list[str]:
    words = rest.split(" ")
    typed = words[-1]
    if len(words) == 1:
        return _starting(typed, COMMANDS)
    command = COMMANDS.get(words[0])
    if command is None or command.completes == "nothing":
        return []
    if command.completes == "choices":
        return _starting(typed, command.choices)
    if typed.startswith("-"):
        return _starting(typed, [f for f, _ in command.arguments if f.startswith("-")])
    return _starting(typed, left() if command.completes == "left" else [*tasks(), *outputs()])


def _task(rest: str, tasks: Names, outputs: Names) -> list[str]:
    words = rest.split(" ")
    typed, before = words[-1], words[-2] if len(words) > 1 else ""
    if typed.startswith("-"):
        return _starting(typed, TASK_OPTIONS)
    if before in _VALUES:
        return _starting(typed, _VALUES[before])
    if before in ("--deps", "--after", "--out"):
        done, _, last = typed.rpartition(",")
        names = tasks() if before == "--after" else [*outputs(), *tasks()]
        return [f"{done},{name}" if done else name for name in _starting(last, names)]
    return _starting(typed, tasks()) if len(words) == 1 else []


def _starting(typed: str, names: Any) -> list[str]:
    return [name for name in dict.fromkeys(names) if name.startswith(typed)]


def make_matcher(tasks: Names, outputs: Names, left: Names = _none) -> Any:
    """A matcher for IPython's completer."""
    from IPython.core.completer import SimpleCompletion, context_matcher

    @context_matcher()  # type: ignore[untyped-decorator]
    def orion_matcher(context: Any) -> dict[str, Any]:
        line = context.line_with_cursor[: context.cursor_position]
        found = candidates(line, tasks, outputs, left)
        if found is None:
            return {"completions": [], "suppress": False}
        # The completer replaces its own token, which may be only the end of our word.
        typed = line.rsplit(" ", 1)[-1]
        before = typed.removesuffix(context.token)
        return {
            "completions": [
                SimpleCompletion(text=name.removeprefix(before), type="orion") for name in found
            ],
            "suppress": True,
        }

    return orion_matcher
