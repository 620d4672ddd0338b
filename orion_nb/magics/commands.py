"""The words of ``%orion``: what each takes and what its help says. Nothing here runs anything."""

from __future__ import annotations

from argparse import RawDescriptionHelpFormatter
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from IPython.core.magic_arguments import MagicArgumentParser

from orion_nb.exceptions import UsageError

NAMES = ("names", {"nargs": "*", "metavar": "NAME", "help": "tasks or outputs; none: all"})
NAME = ("name", {"metavar": "NAME", "help": "a task, or a name that a task makes"})


def _all(what: str) -> tuple[str, dict[str, Any]]:
    return "--all", {"action": "store_true", "help": what}


@dataclass(frozen=True, slots=True)
class Command:
    """One word of ``%orion``."""

    word: str
    summary: str
    arguments: tuple[tuple[str, dict[str, Any]], ...] = ()
    details: str = ""
    completes: str = "names"  # names | left (by earlier kernels) | choices | nothing
    choices: tuple[str, ...] = field(default=())

    def parser(self) -> MagicArgumentParser:
        parser = MagicArgumentParser(
            prog=f"%orion {self.word}",
            description=f"{self.summary}\n\n{self.details}".strip(),
            add_help=False,
            formatter_class=RawDescriptionHelpFormatter,
        )
        for flag, settings in self.arguments:
            parser.add_argument(flag, **settings)
        return parser

    def help(self) -> str:
        """What ``%orion WORD?`` shows."""
        return self.parser().format_help().rstrip()


COMMANDS: dict[str, Command] = {
    command.word: command
    for command in (
        Command(
            "status",
            "A table of all task cells: state, time, worker; and where they run.",
            (NAMES, _all("also every other notebook that uses the runtime")),
        ),
        Command(
            "attach",
            "Bring back the tasks of earlier kernels without running their cells.",
            (NAMES,),
            "They go on, or are done, in the runtime. Their output appears beneath this cell, and "
            "plain cells can read their results. To run such a task anew, run its cell.",
            completes="left",
        ),
        Command(
            "dag",
            "The live graph: states, progress, workers; click a task for its output.",
            details="When all tasks have ended, a static picture stays in the notebook file.",
            completes="nothing",
        ),
        Command(
            "run",
            "Bring stale, failed and cancelled tasks up to date.",
            (
                NAMES,
                ("--wait", {"action": "store_true", "help": "wait until they are done"}),
            ),
            "Also what depends on them. A task whose inputs turn out the same is a cache hit.",
        ),
        Command(
            "why",
            "Why a task ran, was a hit, waits or failed: which part of its key changed.",
            (NAME,),
        ),
        Command("plan", "What %orion run would do: hits, runs, what is blocked.", (NAMES,)),
        Command("logs", "All that a task has printed and displayed.", (NAME,)),
        Command(
            "cancel",
            "Stop tasks, and what depends on them.",
            (NAMES, _all("also what earlier kernels of this notebook have left running")),
            "Without a name: everything that has not ended. Never another notebook's tasks.",
        ),
        Command(
            "retry",
            "Start failed or cancelled tasks again, with what did not run because of them.",
            (
                NAMES,
                (
                    "--downstream",
                    {
                        "action": "store_true",
                        "help": "also what is done with an older result of theirs (this version does "
                        "that in any case)",
                    },
                ),
            ),
        ),
        Command(
            "inputs",
            "Open a task's exact inputs here, to run the code of its cell by hand.",
            (
                ("name", {"nargs": "?", "default": "", "metavar": "NAME", "help": NAME[1]["help"]}),
                (
                    "--item",
                    {
                        "default": "",
                        "metavar": "I",
                        "help": "of a --map: index or label (default: the first that failed)",
                    },
                ),
                (
                    "--close",
                    {"action": "store_true", "help": "names mean their newest results again"},
                ),
            ),
            "Names, helper functions and modules as the task gets them. What was changed since is "
            "told. When the cause is found:  %orion retry NAME --downstream",
        ),
        Command(
            "accept",
            "Keep a task's result although its cell, or what it uses, was edited.",
            (NAME,),
            "The result is recorded as that of the edited code: you say that it is the same.",
        ),
        Command(
            "interrupts",
            "What interrupting a waiting cell does: the second cancels, the first, or none.",
            (
                (
                    "choice",
                    {
                        "nargs": "?",
                        "choices": ("twice", "cancel", "detach"),
                        "help": "for tasks without --on-interrupt; none: show it",
                    },
                ),
            ),
            completes="choices",
            choices=("twice", "cancel", "detach"),
        ),
        Command(
            "workers",
            "Show the workers, or set how many there are.",
            (("count", {"nargs": "?", "type": int, "metavar": "N", "help": "new number"}),),
            completes="nothing",
        ),
        Command(
            "cache",
            "The cache: its size, its newest entries, or forget it all.",
            (
                (
                    "action",
                    {
                        "nargs": "?",
                        "choices": ("size", "list", "clear"),
                        "default": "size",
                        "help": "default: size",
                    },
                ),
            ),
            completes="choices",
            choices=("size", "list", "clear"),
        ),
        Command("wait", "Wait until tasks have ended; their output is then complete.", (NAMES,)),
        Command(
            "ref",
            "The ObjectRef behind a name, instead of its value:  r = %orion ref NAME",
            (NAME,),
        ),
        Command(
            "shutdown",
            "Cancel what runs and stop the runtime. The cache stays.",
            (
                (
                    "--force",
                    {"action": "store_true", "help": "though other notebooks' tasks run in it"},
                ),
            ),
        ),
    )
}


def overview() -> str:
    """What plain ``%orion`` shows."""
    width = max(map(len, COMMANDS))
    lines = [f"  %orion {c.word.ljust(width)}  {c.summary}" for c in COMMANDS.values()]
    return "\n".join(
        [
            "%%orion_task [NAME]   makes its cell a task:  %%orion_task?  shows the options",
            "",
            *lines,
            "",
            "%orion WORD?  shows the help of a word.",
        ]
    )


def parse(line: str, run: Callable[[Command, Any], Any]) -> Any:
    """Find the command of a line and call `run(command, arguments)`.

    Plain ``%orion``, ``help`` and a closing ``?``, ``-h`` or ``--help`` return help text.
    """
    words = line.split()
    if not words or words[0] in ("?", "-h", "--help"):
        return overview()
    if words[0] == "help":
        words = [*words[1:], "?"] if words[1:] else ["?"]
        return parse(" ".join(words), run)
    word = words[0].rstrip("?")
    command = COMMANDS.get(word)
    if command is None:
        near = get_close_matches(word, COMMANDS, n=1)
        hint = f"did you mean  %orion {near[0]}" if near else "%orion  lists the words"
        raise UsageError(f"%orion {word}: no such word; {hint}")
    if words[0].endswith("?") or words[-1] in ("?", "-h", "--help") or words[-1].endswith("?"):
        return command.help()
    return run(command, command.parser().parse_argstring(" ".join(words[1:])))
