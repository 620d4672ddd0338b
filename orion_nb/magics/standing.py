"""What ``%orion status`` says of the runtime itself, and of everybody who uses it. Pure."""

from __future__ import annotations

import html
import time
from collections import Counter
from collections.abc import Sequence

from orion_nb.client.session import RuntimeReport, SessionReport

from .tables import html_table, text_table
from .wording import seconds

Report = tuple[str, str]

_EVENTS = 5
"""Of what has happened to the runtime, so many are told: the newest."""


def runtime(report: RuntimeReport) -> Report:
    """Where the runtime is, since when, and what has happened to it."""
    since = time.strftime("%H:%M", time.localtime(report.started))
    age = seconds(max(0.0, time.time() - report.started))
    busy = sum(1 for worker in report.workers if worker.task)
    where = "in this kernel" if report.kind == "in-process" else f"process {report.pid}"
    lines = [
        f"runtime: {where} since {since} ({age}) · {busy} of {len(report.workers)} workers busy · "
        f"Python {report.python}"
    ]
    lines += [f"  {event}" for event in report.events[-_EVENTS:]]
    tip = " · ".join(filter(None, (f"cache {report.cache}", report.log and f"log {report.log}")))
    return "\n".join(lines), _small(lines, tip)


def everybody(report: RuntimeReport, own: str) -> Report:
    """One row for each notebook or script that has tasks in the runtime.

    :param own: the name of the session that asks.
    """
    head = ["notebook", "", "waiting", "running", "done", "failed"]
    short = _short_names(report.sessions)
    rows = [_row(one, short[one.name], own) for one in report.sessions]
    return text_table(head, rows), html_table(head, rows)


def _row(one: SessionReport, name: str, own: str) -> list[str]:
    here = "this one" if one.name == own else ("open" if one.connected else "closed")
    counts = (one.waiting, one.running, one.done, one.failed)
    return [name, here, *(str(count) if count else "" for count in counts)]


def _short_names(sessions: Sequence[SessionReport]) -> dict[str, str]:
    """Sessions are named by the notebook's path; its last part is enough where it is the only one."""
    files = Counter(one.name.rpartition("/")[2] for one in sessions)
    short = {one.name: one.name.rpartition("/")[2] for one in sessions}
    return {
        name: (file if files[file] == 1 else name) or "(no name)" for name, file in short.items()
    }


def others_at_work(report: RuntimeReport, own: str) -> list[str]:
    """Names of other notebooks whose tasks are not over."""
    short = _short_names(report.sessions)
    return [
        short[one.name] for one in report.sessions if one.name != own and one.waiting + one.running
    ]


def _small(lines: Sequence[str], tip: str) -> str:
    text = "<br>".join(html.escape(line) for line in lines)
    return f'<div title="{html.escape(tip, quote=True)}" style="opacity:.7;font-size:12px">{text}</div>'
