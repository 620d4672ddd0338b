"""What stands behind ``%%orion_task`` on its line, as one checked value.

The parser is IPython's `magic_arguments`, so the help, the completion and the one-line
errors are those that users know. Only ``--map VAR in EXPR`` is read by hand: EXPR is
Python and may hold spaces, quotes and dashes.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass

from IPython.core.magic_arguments import MagicArgumentParser

from orion_nb.core.model import DEFAULT_POLICY, CacheMode, Policy, WorkerKind
from orion_nb.exceptions import UsageError

_MAP = re.compile(r"(?:^|\s)--map(?:\s+|=)")
_TARGET = re.compile(r"\(?\s*([^\W\d]\w*(?:\s*,\s*[^\W\d]\w*)*)\s*,?\s*\)?\s+in\s+", re.UNICODE)
_SECONDS = re.compile(r"^(\d+(?:\.\d*)?|\.\d+)(ms|s|m|h)?$")
_UNITS = {None: 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class MapClause:
    """``--map VAR in EXPR``: one task for each item."""

    names: tuple[str, ...]  # several: each item is unpacked
    expression: str


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """The options of one ``%%orion_task`` line, checked but not yet bound to any name."""

    name: str = ""
    deps: tuple[str, ...] = ()
    out: tuple[str, ...] | None = None  # None: inferred from the cell
    after: tuple[str, ...] = ()
    version: str = ""
    files: tuple[str, ...] = ()
    by_provenance: tuple[str, ...] = ()
    map: MapClause | None = None
    wait: bool = False
    on_interrupt: str = ""  # "": as `%orion interrupts` says
    policy: Policy = DEFAULT_POLICY


def task_parser() -> MagicArgumentParser:
    """The parser of ``%%orion_task``; its help is what ``%%orion_task?`` shows."""
    parser = MagicArgumentParser(
        prog="%%orion_task",
        description="Run this cell as a task: in the background, in parallel, cached by content.",
        add_help=False,
    )
    add = parser.add_argument
    add(
        "name",
        nargs="?",
        default="",
        metavar="NAME",
        help="name of the task (default: its first output)",
    )
    add(
        "--deps",
        action="append",
        metavar="A,B",
        help="names or tasks that the cell needs, beside those that are found",
    )
    add(
        "--out",
        action="append",
        metavar="A,B",
        help="exactly these names leave the cell (default: all that it assigns)",
    )
    add(
        "--after",
        action="append",
        metavar="A,B",
        help="tasks that must be done first though nothing of them is read",
    )
    add("--cache", choices=[mode.value for mode in CacheMode], default="default",
        help="default: read and write the cache; recompute: write only; off: neither")  # fmt: skip
    add("--version", default="", help="any text; part of the cache key, so changing it recomputes")
    add(
        "--files",
        action="append",
        metavar="A,B",
        help="files or folders that the cell reads: when their content changes it is computed again",
    )
    add(
        "--by-provenance",
        action="append",
        metavar="A,B",
        help="values without a content (a connection): keyed by the code of the cells that made "
        "them. You say that this code makes the same each time and that the task leaves them as "
        "they are",
    )
    add(
        "--retries",
        type=int,
        default=0,
        metavar="N",
        help="attempts after the cell's own error (default 0)",
    )
    add("--timeout", metavar="S", help="seconds that one attempt may run; also 90s, 5m, 2h")
    add("--speculate-after", metavar="S", help="seconds after which a second copy races the first")
    add(
        "--impure",
        action="store_true",
        help="has effects beside its outputs: never cached, never run twice at once",
    )
    add(
        "--kind",
        choices=[kind.value for kind in WorkerKind],
        default="process",
        help="where it runs",
    )
    add(
        "--map",
        nargs=3,
        metavar=("VAR", "in", "EXPR"),
        help="one task per item of EXPR; outputs become lists, in order",
    )
    add("--wait", action="store_true", help="wait here until the task is done")
    add(
        "--on-interrupt",
        choices=("twice", "cancel", "detach"),
        help="what interrupting a cell that waits for the task does to it: a second interrupt "
        "cancels it (twice), the first does (cancel), none does (detach). Default: twice, or what "
        "%%orion interrupts  says",
    )
    return parser


def parse_task_line(line: str) -> TaskOptions:
    """Read the line. Raises UsageError, in one line, for anything that cannot be meant."""
    rest, clause = _take_map(line)
    # `--out a, b` is what people type; argparse would see two words.
    rest = re.sub(r"\s*,\s*", ",", rest)
    args = task_parser().parse_argstring(rest)
    name = _unquoted(args.name)
    if name and not re.fullmatch(r"[^\W\d][\w.-]*", name):
        raise UsageError(f"{name!r} is no name for a task: letters, digits, '_', '-' and '.' only")
    if args.retries < 0:
        raise UsageError(f"--retries {args.retries}: must be 0 or more")
    kind = WorkerKind(args.kind)
    timeout = _seconds("--timeout", args.timeout)
    if kind is WorkerKind.THREAD and timeout is not None:
        raise UsageError("--timeout cannot stop a thread: leave out --kind thread, or --timeout")
    policy = Policy(
        cache=CacheMode(args.cache),
        retries=args.retries,
        timeout=timeout,
        speculate_after=_seconds("--speculate-after", args.speculate_after),
        impure=args.impure,
        kind=kind,
    )
    return TaskOptions(
        name=name,
        deps=_names("--deps", args.deps) or (),
        out=_names("--out", args.out, identifiers=True),
        after=_names("--after", args.after) or (),
        version=_unquoted(args.version),
        files=_names("--files", args.files) or (),
        by_provenance=_names("--by-provenance", args.by_provenance, identifiers=True) or (),
        map=clause,
        wait=args.wait,
        on_interrupt=args.on_interrupt or "",
        policy=policy,
    )


def _take_map(line: str) -> tuple[str, MapClause | None]:
    """The line without its map clause, and the clause.

    EXPR ends at the first place where what follows is an option or nothing and what
    precedes is an expression; so ``--map n in [1, 2] --retries 2`` needs no quotes.
    """
    found = _MAP.search(line)
    if found is None:
        return line, None
    head, tail = line[: found.start()], line[found.end() :]
    target = _TARGET.match(tail)
    if target is None:
        raise UsageError("--map needs: --map VAR in EXPR, for example --map n in range(8)")
    names = tuple(part.strip() for part in target.group(1).split(","))
    text = tail[target.end() :]
    ends = [match.start() for match in re.finditer(r"\s+--[a-z]", text)] + [len(text)]
    for end in ends:
        expression = text[:end].strip()
        try:
            ast.parse(expression, mode="eval")
        except SyntaxError:
            continue
        return f"{head} {text[end:]}", MapClause(names, expression)
    raise UsageError(f"--map: {text.strip()!r} is not a Python expression")


def _names(
    option: str, given: list[str] | None, *, identifiers: bool = False
) -> tuple[str, ...] | None:
    if given is None:
        return None
    names = [name for item in given for name in _unquoted(item).split(",") if name]
    if not names:
        raise UsageError(f"{option} needs at least one name")
    for name in names:
        if identifiers and not name.isidentifier():
            raise UsageError(f"{option} {name}: is not a name")
    return tuple(dict.fromkeys(names))


def _seconds(option: str, text: str | None) -> float | None:
    if text is None:
        return None
    match = _SECONDS.match(_unquoted(text))
    if match is None or float(match.group(1)) == 0:
        raise UsageError(f"{option} {text}: needs seconds above 0, for example 2.5, 90s, 5m")
    return float(match.group(1)) * _UNITS[match.group(2)]


def _unquoted(text: str) -> str:
    """IPython keeps the quotes of an argument; nobody means them."""
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text
