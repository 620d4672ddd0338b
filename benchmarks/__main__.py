"""Measure Orion beside other engines and print one Markdown table.

Every measurement is a process of its own. The repeats of a case are interleaved between the
engines, so that a slow minute of the machine hits all of them; medians are compared.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from .cases import CASES, Case
from .one import MARK
from .peers import TITLES
from .table import Measurements, markdown

ROOT = Path(__file__).resolve().parent.parent
BEGIN, END = "<!-- benchmarks: begin -->", "<!-- benchmarks: end -->"
PATIENCE = 600.0
"""Seconds that one measurement may take."""


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    names = [c.name for c in CASES]
    parser.add_argument("--case", action="append", choices=names, help="only this (repeatable)")
    parser.add_argument("--peer", action="append", choices=list(TITLES), help="only this engine")
    parser.add_argument("--rounds", type=int, default=0, help="repeats of each case (default 3)")
    parser.add_argument("--quick", action="store_true", help="one round, fewer repeats inside")
    parser.add_argument("--json", type=Path, help="write every figure to this file as well")
    parser.add_argument("--into", type=Path, help="put the table into this page, between its marks")
    return parser.parse_args()


def put_into(page: Path, table: str) -> None:
    """Replace what stands between the marks of a Markdown page."""
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"{page} has no {BEGIN} … {END}")
    page.write_text(f"{before}{BEGIN}\n{table}\n{END}{after}", encoding="utf-8")


def measure(case: Case, peer: str, size: int) -> dict[str, Any]:
    """Run `benchmarks.one` in a fresh process; its failure is a result, not an error."""
    command = [sys.executable, "-m", "benchmarks.one", case.name, peer, str(size)]
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path},  # an engine's workers need `benchmarks.work`
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        out, err = process.communicate(timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        return {"failed": f"over {PATIENCE:.0f} s"}
    finally:
        _end(process)
    for line in out.splitlines():
        if line.startswith(MARK):
            result: dict[str, Any] = json.loads(line.removeprefix(MARK))
            if "raises" in result.get("failed", ""):
                sys.stderr.write(err)
            return result
    sys.stderr.write(err)
    return {"failed": f"exit {process.returncode}"}


def _end(process: subprocess.Popen[str]) -> None:
    """Whatever an engine left behind in its process group ends now."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
    else:
        process.kill()
    process.wait()


def main() -> None:
    chosen = arguments()
    # Ended from outside, it must still end what it has started: `measure` does on the way out.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    cases = [c for c in CASES if not chosen.case or c.name in chosen.case]
    peers = [p for p in TITLES if not chosen.peer or p in chosen.peer]
    rounds = chosen.rounds or (1 if chosen.quick else 3)
    measured = Measurements()
    for case in cases:
        for turn in range(1 if case.once else rounds):
            for peer in peers[turn % len(peers) :] + peers[: turn % len(peers)]:
                began = time.monotonic()
                measured.add(
                    case, peer, measure(case, peer, case.quick if chosen.quick else case.size)
                )
                took = time.monotonic() - began
                print(f"{case.name} · {TITLES[peer]} · {took:.1f} s", file=sys.stderr)
    if chosen.json:
        chosen.json.write_text(json.dumps(measured.as_json(), indent=2) + "\n", encoding="utf-8")
    table = markdown(measured, cases, peers)
    if chosen.into:
        put_into(chosen.into, table)
    print(table)


if __name__ == "__main__":
    main()
