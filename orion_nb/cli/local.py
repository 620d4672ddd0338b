"""`orion local`: the runtimes of this user on this machine, from a shell."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ..core.reports import RuntimeReport, SessionReport
from ..exceptions import OrionError
from ..local.place import Contact, Place, place_of, places, project_of

NONE = 3
"""Exit status of `status` when no runtime lives: what service managers use for "not running"."""

HELP = "the process that runs the tasks of a project's notebooks"
STATUS = """\
Exit status: 0 if a runtime lives, 3 if none does, 1 if one lives but does not answer."""
STOP = """\
Unfinished tasks are cancelled. Exit status: 0 if no runtime lives any more."""


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Declare the commands."""
    what = commands.add_parser("local", help=HELP, description=HELP.capitalize() + ".")
    actions = what.add_subparsers(dest="action", required=True, metavar="ACTION")
    start = actions.add_parser("start", help="start the project's runtime, if there is none")
    status = actions.add_parser("status", help="whether it lives, and what it does", epilog=STATUS)
    stop = actions.add_parser("stop", help="end it", epilog=STOP)
    for action in (start, status, stop):
        action.add_argument(
            "--project",
            type=Path,
            default=None,
            metavar="DIR",
            help="a directory of the project (default: the current one)",
        )
    for action in (status, stop):
        action.add_argument("--all", action="store_true", help="of every project")
    stop.add_argument("--force", action="store_true", help="kill it if it does not end")


def run(chosen: argparse.Namespace) -> int:
    """:raises OrionError: it cannot be done; the message says why."""
    if chosen.action == "start":
        return start(_place(chosen.project))
    every = places() if chosen.all else [_place(chosen.project)]
    if chosen.action == "status":
        return status(every, every_project=chosen.all)
    return stop(every, force=chosen.force)


def start(place: Place) -> int:
    """Find it, or start it."""
    from ..client.connect import Finder

    finder = Finder(place, say=lambda line: print(line, file=sys.stderr))
    lived = finder.living() is not None
    contact = finder()
    print(f"{'runs already' if lived else 'started'}: pid {contact.pid}, {place.project}")
    return 0


def status(found: Sequence[Place], *, every_project: bool) -> int:
    """What lives in these places."""
    from ..client.connect import Finder

    living = [(place, contact) for place in found if (contact := Finder(place).living())]
    if not living:
        where = "" if every_project else f" of {found[0].project}"
        print(f"no runtime{where} lives")
        return NONE
    result = 0
    for number, (place, contact) in enumerate(living):
        if number:
            print()
        result = max(result, _tell(place, contact))
    return result


def stop(found: Sequence[Place], *, force: bool) -> int:
    """End what lives in these places."""
    from ..client import remote

    result, ended = 0, 0
    for place in found:
        if not place.directory.exists():
            continue
        try:
            if remote.end(place, force=force):
                ended += 1
                print(f"ended: {place.project}")
        except OrionError as error:
            print(f"orion: {error}", file=sys.stderr)
            result = 1
    if not ended and not result:
        print("no runtime lives")
    return result


def _place(directory: Path | None) -> Place:
    return place_of(project_of(directory or Path.cwd()))


def _tell(place: Place, contact: Contact) -> int:
    from ..client import remote

    lines = [
        ("project", contact.project),
        ("process", f"pid {contact.pid}, since {_when(contact.started)}"),
        ("version", f"Orion {contact.version}, Python {contact.python} ({contact.executable})"),
        ("log", contact.log),
        ("cache", contact.cache_dir),
    ]
    result = 0
    try:
        report = remote.overview(contact)
        lines += _details(report)
    except OrionError as error:
        lines.append(("state", str(error)))
        result = 1
    for name, value in lines:
        print(f"{name:9} {value}")
    return result


def _details(report: RuntimeReport) -> list[tuple[str, str]]:
    busy = sum(1 for worker in report.workers if worker.task)
    lines = [("workers", f"{len(report.workers)}, {busy} busy")]
    lines += [("notebook", _session(session)) for session in report.sessions]
    lines += [("event", event) for event in report.events[-5:]]
    return lines


def _session(session: SessionReport) -> str:
    counts = (
        (session.running, "running"),
        (session.waiting, "waiting"),
        (session.done, "done"),
        (session.failed, "failed"),
    )
    told = ", ".join(f"{count:,} {word}" for count, word in counts if count) or "no tasks"
    here = "" if session.connected else " (not connected)"
    return f"{session.name or 'unnamed'}{here}: {told}"


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))
