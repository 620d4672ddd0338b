"""The rule by which a front end keeps up, in Python; ``static/state.js`` follows the same."""

from __future__ import annotations

from typing import Any

from .spans import Spans

_WHOLE = ("rev", "topology", "clock", "run", "boxes", "edges", "folded", "opened", "outlook")
"""Sent entire when sent at all; the rest of a delta holds only what changed."""


def merge(snapshot: dict[str, Any], delta: dict[str, Any]) -> dict[str, Any]:
    """The snapshot after `delta`. Neither argument is changed.

    :raises ValueError: the delta does not continue the snapshot: ask for a new one.
    """
    if delta.get("full"):
        return {key: value for key, value in delta.items() if key not in ("full", "since")}
    if delta["since"] != snapshot["rev"]:
        raise ValueError(f"delta continues {delta['since']}, the snapshot is at {snapshot['rev']}")
    merged = {**snapshot, **{key: delta[key] for key in _WHOLE if key in delta}}
    nodes = {**snapshot["nodes"], **delta["nodes"]}
    merged["nodes"] = {box: nodes[box] for box in merged["boxes"]}
    merged["spans"] = Spans.merge(snapshot["spans"], delta["spans"])
    return merged
