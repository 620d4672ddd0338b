"""Words and numbers for people. ``static/format.js`` says the same in the browser."""

from __future__ import annotations

import re
from typing import Any


def span(seconds: float) -> str:
    """``40 ms``, ``3.2 s``, ``42 s``, ``3 min 20 s``, ``1 h 05 min``."""
    if seconds < 0.0995:
        return f"{max(0, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 59.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest:02d} s"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def plural(count: int, word: str, many: str = "") -> str:
    """``1 task``, ``2 tasks``, ``2 retries``."""
    return f"{count} {word if count == 1 else many or word + 's'}"


_INDEXED = re.compile(r"^(.*?)\[(.*)\]$", re.DOTALL)
_KEYWORD = re.compile(r"\b[^\W\d]\w*=(?=[^=])")


def names(name: str) -> list[str]:
    """Ways to write a task's name, longest first. What tells the tasks of a map apart is their
    item, so that is kept: ``score[known='schedule', leaves=15]`` → ``schedule, 15``."""
    found = _INDEXED.match(name)
    if found is None:
        return [name]
    item = _KEYWORD.sub("", found[2]).replace("'", "").replace('"', "")
    if len(item) < 5:  # says too little alone
        short = f"{found[1][:9] + '…' if len(found[1]) > 10 else found[1]}[{item}]"
        return [name] if short == name else [name, short]
    return [name, f"{found[1]}[{item}]", item]


def label(state: str) -> str:
    """A state in words: ``upstream failed``, ``cache hit``."""
    return {
        "hit": "cache hit",
        "ready": "queued",
        "probing": "asking the cache",
        "backoff": "to be retried",
    }.get(state, state.replace("_", " "))


def sentence(node: dict[str, Any], clock: float) -> str:
    """The second line of a card: what it does, for how long, where."""
    return " · ".join(part for part in _parts(node, clock) if part)


def _parts(node: dict[str, Any], clock: float) -> list[str]:
    state, worker = node["state"], node.get("worker", "")
    if node["kind"] == "group":
        return _pile(node)
    if state == "running":
        elapsed = span(max(0.0, clock - node["since"])) if "since" in node else "starting"
        usual = (
            f" of ~{span(node['estimate'])}" if node.get("estimate") and "clone" not in node else ""
        )
        return [elapsed + usual, worker]
    if state == "done":
        took = span(node["seconds"]) if node.get("seconds") is not None else "done"
        return [took, "clone won" if "won" in node else worker]
    if state == "hit":
        return ["cache hit", f"saved {span(node['saved'])}" if node.get("saved") else ""]
    if state == "failed":
        return [node.get("error") or "failed"]
    if state == "upstream_failed":
        return [f"needs {node['root']}" if node.get("root") else "upstream failed"]
    if state == "waiting" and node.get("waits"):
        return [f"waits for {plural(node['waits'], 'task')}"]
    if state == "backoff":
        left = span(max(0.0, node.get("retry_at", clock) - clock))
        return [f"retry {node.get('retries', 1)} in {left}"]
    return [label(state), worker if state == "ready" else ""]


def _pile(node: dict[str, Any]) -> list[str]:
    counts = node["counts"]
    ended = sum(counts.get(w, 0) for w in ("done", "hit"))
    bad = counts.get("failed", 0)
    rest = f"{bad} failed" if bad else ""
    if not rest and counts.get("running"):
        rest = f"{counts['running']} running"
    if not rest and counts.get("hit"):
        rest = f"{counts['hit']} hit{'s' * (counts['hit'] != 1)}"
    return [f"{ended} of {node['total']}{'' if rest else ' done'}", rest]


BADGE_WORDS = {
    "provenance": "keyed by provenance",
    "accepted": "result kept",
    "replayed": "output replayed",
}


def badges(node: dict[str, Any]) -> list[str]:
    """Badges in words, a pile's with counts."""
    found = node.get("badges", {})
    if node["kind"] == "group":
        return [f"{count} {BADGE_WORDS[kind]}" for kind, count in found.items()]
    return [BADGE_WORDS[kind] for kind in found]


def tag(node: dict[str, Any]) -> tuple[str, str]:
    """The short word at the right of the second line, and its kind; ("", "") for none."""
    if "clone" in node:
        return node["clone"]["worker"] or "clone", "clone"
    if node.get("stale"):
        return (f"{node['stale']} stale" if node["kind"] == "group" else "stale"), "stale"
    if node.get("won") and node["kind"] == "task":
        return f"−{span(node['won'])}", "clone"
    if node.get("retries") and node["kind"] == "task" and node["state"] != "backoff":
        return plural(node["retries"], "retry", "retries"), "retry"
    return "", ""
