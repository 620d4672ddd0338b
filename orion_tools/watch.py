"""Follow the tasks of a notebook from outside its kernel.

`recorder` is code for the kernel: it writes each change of each task to a file. `Tail` reads
the file while it grows and prints a line of progress; `Story` is what can be said at the end.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

LINE_EVERY = 5.0
"""Seconds between lines of progress where they cannot overwrite each other."""


def recorder(path: Path) -> str:
    """Code that makes a notebook's kernel write its feed of changes to `path`."""
    return f"import orion_tools.watch as _w; _w.record({str(path)!r}, get_ipython()); del _w"


def record(path: str, shell: Any) -> None:
    """In the kernel: append every change as one line of JSON."""
    from orion_nb.core.commands import Change

    names: dict[str, str] = {}
    file = open(path, "a", encoding="utf-8", buffering=1)  # noqa: SIM115 — open until the kernel ends

    def write(items: Any) -> None:
        for item in items:
            if isinstance(item, Change):
                if "task" in item.detail:
                    names[item.task] = item.detail["task"].name
                facts = {k: v for k, v in item.detail.items() if isinstance(v, int | float | str)}
                fields = {"at": item.at, "task": item.task, "name": names.get(item.task, ""),
                          "state": item.new.value, "why": item.why, "worker": item.worker, **facts}  # fmt: skip
                file.write(json.dumps(fields) + "\n")

    shell.orion.machinery.notebook.session.watch(write)


@dataclass
class Story:
    """What happened in one run, from its changes."""

    changes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def tasks(self) -> int:
        return len({c["task"] for c in self.changes})

    @property
    def done(self) -> int:
        return len({c["task"] for c in self.changes if c["state"] == "done"})

    @property
    def hits(self) -> int:
        return len({c["task"] for c in self.changes if c["state"] == "done" and c["why"] == "hit"})

    @property
    def running(self) -> list[str]:
        """Names of the tasks that run now."""
        last = {c["task"]: c for c in self.changes}
        return sorted({c["name"] for c in last.values() if c["state"] == "running"})

    @property
    def workers(self) -> int:
        return len({c["worker"] for c in self.changes if c["worker"]})

    @property
    def work(self) -> float:
        """Seconds that the accepted attempts took: what one after the other would need."""
        return sum(c.get("duration", 0.0) for c in self.changes if c["state"] == "done")

    def won_by_clones(self) -> list[str]:
        """A line for each straggler that its clone beat."""
        cloned = {c["task"] for c in self.changes if c["why"] == "cloned"}
        return [
            f"a clone of the straggler {c['name']!r} won"
            for c in self.changes
            if c["why"] == "finished" and c["task"] in cloned and c.get("clone")
        ]


def story_of(path: Path) -> Story:
    """The story of a run that has ended."""
    return Story([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])


class Tail:
    """Reads the recorded changes as they come and prints how far the run is."""

    def __init__(self, path: Path, label: str, *, quiet: bool = False) -> None:
        self._path = path
        self._label = label
        self._quiet = quiet
        self._read = 0
        self._began = time.monotonic()
        self._next_line = 0.0
        self._story = Story()

    def tick(self) -> None:
        """Called often: take what is new, print if it is time."""
        self._take()
        now = time.monotonic() - self._began
        if not self._quiet and now >= self._next_line:
            self._next_line = now + (0.5 if sys.stdout.isatty() else LINE_EVERY)
            self._print(now)

    def finish(self) -> Story:
        """Print the last line; everything that was recorded."""
        self._take()
        if not self._quiet:
            self._print(time.monotonic() - self._began)
            if sys.stdout.isatty():
                print()
        return self._story

    def _take(self) -> None:
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8") as file:
            file.seek(self._read)
            for line in iter(file.readline, ""):
                if not line.endswith("\n"):
                    break  # still being written
                self._story.changes.append(json.loads(line))
                self._read = file.tell()

    def _print(self, seconds: float) -> None:
        story = self._story
        running = ", ".join(story.running)
        line = f"  {self._label} {seconds:4.0f} s   {story.done} of {story.tasks} tasks done"
        line += f"   {running}" if running else ""
        if sys.stdout.isatty():
            print(f"\r{line:<78.78}", end="", flush=True)
        else:
            print(line, flush=True)
