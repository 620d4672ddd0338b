"""One clear line for a name that does not exist."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def unknown(kind: str, name: str, known: Iterable[str]) -> str:
    """ "no task 'laod'; did you mean 'load'?" """
    known = sorted(set(known))
    near = get_close_matches(name, known, n=1)
    if near:
        return f"there is no {kind} {name!r}; did you mean {near[0]!r}?"
    if known:
        shown = ", ".join(known[:8]) + (" …" if len(known) > 8 else "")
        return f"there is no {kind} {name!r}; there are: {shown}"
    return f"there is no {kind} {name!r}: no cell has been made a task yet"
