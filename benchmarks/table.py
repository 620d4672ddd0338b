"""From measurements to one Markdown table."""

from __future__ import annotations

import os
import platform
import statistics
from dataclasses import dataclass, field
from typing import Any

from .cases import CASES, Case, Limit
from .peers import TITLES

DETACHED = "detached"
ORIONS = ("orion", DETACHED)
TITLE_OF_ROW = {row: title for case in CASES for row, title in case.rows.items()}


@dataclass
class Measurements:
    """All that was measured: seconds by (row, peer), and why there are none."""

    seconds: dict[tuple[str, str], list[float]] = field(default_factory=dict)
    failed: dict[tuple[str, str], str] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def add(self, case: Case, peer: str, result: dict[str, Any]) -> None:
        if "version" in result:
            self.versions[peer] = result["version"]
        for row in case.rows:
            if row in result.get("rows", ()):
                self.seconds.setdefault((row, peer), []).append(result["rows"][row])
            else:
                self.failed[row, peer] = result.get("failed", "")

    def median(self, row: str, peer: str) -> float | None:
        times = self.seconds.get((row, peer))
        return statistics.median(times) if times else None

    def as_json(self) -> dict[str, Any]:
        """Every repeat, for programs."""
        return {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "versions": self.versions,
            "seconds": [
                {"row": row, "peer": peer, "repeats": times, "median": statistics.median(times)}
                for (row, peer), times in self.seconds.items()
            ],
            "failed": [
                {"row": row, "peer": peer, "why": why} for (row, peer), why in self.failed.items()
            ],
        }


def human(seconds: float) -> str:
    """Three significant digits in the unit that fits."""
    if seconds >= 1:
        return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.3g} ms" if seconds < 0.9995 else "1 s"
    return f"{seconds * 1e6:.3g} µs"


def factor(value: float) -> str:
    return (
        f"1/{1 / value:.3g}"
        if value < 1 and abs(1 / value - round(1 / value)) < 1e-9
        else (f"{value:.3g}")
    )


def verdict(measured: Measurements, row: str, limit: Limit) -> str:
    """``≤ 1/3 × Ray: 0.21 ✓`` — the target, what was reached, whether it holds."""
    if limit.peer:
        target = f"≤ {factor(limit.factor)} × {TITLES[limit.peer]}"
    elif limit.row:
        target = f"≤ {factor(limit.factor)} × “{TITLE_OF_ROW[limit.row]}”"
    else:
        target = f"≤ {human(limit.factor)}"
    reached = []
    for orion in [limit.only] if limit.only else ORIONS:
        mine = measured.median(row, orion)
        base = measured.median(limit.row or row, limit.peer or orion) if _relative(limit) else 1.0
        if mine is not None and base is not None:
            shown = f"{mine / base:.2g}" if _relative(limit) else human(mine)
            name = "detached " if orion == DETACHED else ""
            reached.append(f"{name}{shown} {'✓' if mine / base <= limit.factor else '✗'}")
    return f"{target}: {', '.join(reached) or 'not measured'}"


def _relative(limit: Limit) -> bool:
    return bool(limit.peer or limit.row)


def markdown(measured: Measurements, cases: list[Case], peers: list[str]) -> str:
    """The table with its caption."""
    lines = [
        "| case | " + " | ".join(TITLES[p] for p in peers) + " | target for Orion |",
        "|---" * (len(peers) + 2) + "|",
    ]
    for case in cases:
        for row, title in case.rows.items():
            cells = []
            for peer in peers:
                median = measured.median(row, peer)
                missing = measured.failed.get((row, peer)) or "–"
                cells.append(missing if median is None else human(median))
            targets = "<br>".join(verdict(measured, row, x) for x in case.limits.get(row, ()))
            lines.append(f"| {title} | {' | '.join(cells)} | {targets} |")
    versions = ", ".join(measured.versions[p] for p in peers if p in measured.versions)
    caption = (
        f"Medians; two workers each; {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}; {versions}."
    )
    return "\n".join(lines) + "\n\n" + caption
