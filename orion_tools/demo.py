"""`make demo`: run the quickstart for real, twice, and tell what happened.

Each run is a fresh kernel; both share one cache folder that is emptied first. The first run
computes everything, the second finds everything. Writes `out/demo/quickstart.html`, which
needs no network to be looked at.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from orion_nb.cli.local import stop
from orion_nb.local.place import places

from .notebook_run import CellFailed, NotebookRun
from .watch import Story, Tail, recorder

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "notebooks" / "quickstart.ipynb"
OUT = ROOT / "out" / "demo"


@dataclass
class Result:
    """One run of the notebook."""

    seconds: float
    story: Story
    run: NotebookRun


def run_once(label: str, folder: Path, *, quiet: bool = False) -> Result:
    """Execute the quickstart in a new kernel, with its cache in `folder`."""
    events = folder / f"{label.replace(' ', '-')}.jsonl"
    tail = Tail(events, label, quiet=quiet)
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, "ORION_CACHE_DIR": str(folder / "cache"), "PYTHONPATH": path}
    with NotebookRun(NOTEBOOK, env=env, log=folder / "kernel.log", tick=tail.tick) as run:
        seconds = run.run_all(after_first=recorder(events))
        run.settle()
    return Result(seconds, tail.finish(), run)


def run_twice(folder: Path, *, quiet: bool = False) -> tuple[Result, Result]:
    """A first run with an empty cache, and a second one in a new kernel, which finds the runtime
    of the first one; no process is left behind."""
    end_runtimes(folder)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    try:
        first = run_once("first run", folder, quiet=quiet)
        return first, run_once("second run", folder, quiet=quiet)
    finally:
        end_runtimes(folder)


def end_runtimes(folder: Path) -> None:
    """End the detached runtimes that live below this folder: of this demo, or of an earlier one
    that was killed."""
    root = folder / "cache" / "runtimes"
    if root.exists():
        with contextlib.redirect_stdout(io.StringIO()):
            stop(places(root), force=True)


def write_html(run: NotebookRun, path: Path) -> None:
    """One self-contained page: styles, figures and the graph are inside."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter(template_name="lab", mathjax_url="", require_js_url="", jquery_url="")
    resources = {"metadata": {"name": "Orion: the quickstart"}}
    page, _ = exporter.from_notebook_node(run.notebook, resources=resources)
    path.write_text(page, encoding="utf-8")


def summary(first: Result, second: Result) -> str:
    """What the two runs were, in lines."""
    one, two = first.story, second.story
    lines = [
        "",
        f"  first run    {one.tasks} tasks on {one.workers} workers in {first.seconds:.1f} s",
        f"               {one.work:.1f} s of work, so {one.work / first.seconds:.1f} × as fast as one after the other",
    ]
    lines += [f"               {words}" for words in one.won_by_clones()]
    lines += [
        f"  second run   {two.hits} of {two.tasks} tasks were cache hits, in {second.seconds:.1f} s:"
        f" {first.seconds / second.seconds:.0f} × as fast",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m orion_tools.demo", description=__doc__)
    parser.add_argument("--quiet", action="store_true", help="no progress, only the summary")
    chosen = parser.parse_args()
    if not chosen.quiet:
        print("Running notebooks/quickstart.ipynb twice, each time in a fresh kernel.", flush=True)
        print("The first run computes everything: about a minute or two on two cores.", flush=True)
    try:
        first, second = run_twice(OUT, quiet=chosen.quiet)
    except CellFailed as failure:
        print(f"\nThe quickstart failed:\n{failure}", file=sys.stderr)
        return 1
    page = OUT / "quickstart.html"
    write_html(first.run, page)
    print(summary(first, second))
    print(f"  To look at the first run: open {page.relative_to(ROOT)} in a browser")
    print("  To run it yourself:       make lab")
    return 0 if second.story.hits == second.story.tasks else 1


if __name__ == "__main__":
    sys.exit(main())
