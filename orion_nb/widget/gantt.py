"""The timeline of a finished run as shapes: one lane for each worker, idle times cut out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .format import names, span
from .scene import Rect, Scene, Stroke, Words, fits, straight, text_width

LANE, BAR = 22.0, 14.0
_LABEL = 84.0
_GAP = 10.0
"""Pixels that stand for a time in which nothing was going on."""

_ROLE = {
    "done": "done",
    "won": "clone",
    "lost": "cancelled",
    "failed": "failed",
    "cancelled": "cancelled",
    "moved": "cancelled",
    "running": "running",
}


def draw_timeline(
    scene: Scene, snapshot: dict[str, Any], x: float, top: float, width: float
) -> float:
    """Draw it below `top`; where it ends. Nothing is drawn for a run without workers."""
    spans, workers = snapshot["spans"], snapshot["run"]["workers"]
    bursts = [(a, snapshot["clock"] if b is None else b) for a, b in snapshot["run"]["bursts"]]
    if not bursts or not spans:
        return top
    hits = any(row[5] == "hit" for row in spans)
    lanes = [*workers, *(["cache"] if hits else [])]
    place = scale(bursts, x + _LABEL, width - _LABEL)
    scene.add(Words(x, top + 14, "Workers", 12, "text", bold=True))
    y0 = top + 26
    for i, lane in enumerate(lanes):
        y = y0 + i * LANE
        scene.add(Words(x, y + 11, lane, 11, "muted", width=_LABEL - 10))
        scene.add(Rect(x + _LABEL, y, width - _LABEL, BAR, "canvas", "", radius=4))
    for row in spans:
        _draw(scene, row, snapshot, place, {lane: y0 + i * LANE for i, lane in enumerate(lanes)})
    bottom = y0 + len(lanes) * LANE
    _axis(scene, bursts, place, bottom + 2)
    return bottom + 16


def scale(bursts: list[tuple[float, float]], x: float, width: float) -> Callable[[float], float]:
    """Time → x, with every idle time shrunk to a narrow gap."""
    busy = sum(b - a for a, b in bursts) or 1.0
    per_second = (width - _GAP * (len(bursts) - 1)) / busy

    def place(at: float) -> float:
        offset = x
        for a, b in bursts:
            if at <= b:
                return offset + max(0.0, at - a) * per_second
            offset += (b - a) * per_second + _GAP
        return x + width

    return place


def _draw(
    scene: Scene,
    row: list[Any],
    snapshot: dict[str, Any],
    place: Callable[[float], float],
    lanes: dict[str, float],
) -> None:
    _, task, worker, start, end, outcome, clone = row
    left, right = place(start), place(snapshot["clock"] if end is None else end)
    if outcome == "hit":
        y = lanes["cache"]
        scene.add(
            Stroke(((left, y + 1), *straight((left, y + 1), (left, y + BAR - 1))), "hit", 2.2)
        )
        return
    y, role = lanes[worker], _ROLE[outcome]
    wide = max(1.5, right - left - 1)
    faded = outcome in ("lost", "cancelled", "moved")
    fill = f"{role}-tint" if faded else f"{role}-half" if not clone else "clone-tint"
    stroke = role if wide > 4 and (clone or faded or outcome == "failed") else ""
    scene.add(Rect(left, y, wide, BAR, fill, stroke, radius=3, dashed=clone or faded))
    name = snapshot["nodes"].get(task, {}).get("name", "")
    if wide > 26 and name:
        ink = "muted" if faded else "text"
        ways = names(name)
        name = next((way for way in ways if fits(way, 9.5, wide - 9)), ways[-1])
        if wide > min(60, text_width(name, 9.5) + 10):
            scene.add(Words(left + 5, y + 10.5, name, 9.5, ink, width=wide - 9))


def _axis(
    scene: Scene, bursts: list[tuple[float, float]], place: Callable[[float], float], y: float
) -> None:
    """Seconds since the start, of time in which anything was going on."""
    total = sum(b - a for a, b in bursts)
    step = next((s for s in (0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600)
                 if total / s <= 8), 7200)  # fmt: skip
    passed = 0.0
    for a, b in bursts:
        tick = -(-passed // step) * step
        while tick <= passed + (b - a):
            label = "0" if tick == 0 else span(tick)
            scene.add(Words(place(a + tick - passed), y + 8, label, 9.5, "faint", anchor="middle"))
            tick += step
        passed += b - a
