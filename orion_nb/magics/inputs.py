"""Which numbered input of a task belongs to which name of its cell. Pure.

A host counts the inputs of a call in the order in which it meets them, each once. People know
them by the names that the cell reads; the layout says which is which. It is in the key, because
a name may stand for many inputs and two names for one, and its note lets a later reader of the
components (`%orion why`) find the names again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from orion_nb.core.action import INPUT, hash_parts
from orion_nb.core.model import Component, ObjectRef

from .cells import Source, each_ref

_KIND, _NAME = "option", "inputs"

_NOWHERE = ObjectRef("nowhere")
"""Stands for the refs of a ``--map`` without items: its name is an input, with nothing to wait for."""


def known_refs(sources: Mapping[str, Source]) -> dict[str, ObjectRef]:
    """One ref for each name that is an input: enough to know that it is one."""
    return {name: next(iter(each_ref(s.refs)), _NOWHERE) for name, s in sources.items()}


def layout(sources: Mapping[str, Source]) -> tuple[Component, ...]:
    """The component that says which inputs belong to which name; none without inputs."""
    if not sources:
        return ()
    numbers: dict[ObjectRef, int] = {}
    lines = []
    for name, source in sorted(sources.items()):
        indexes = [numbers.setdefault(ref, len(numbers)) for ref in each_ref(source.refs)]
        many = "" if isinstance(source.refs, ObjectRef) else "*"
        lines.append(f"{name}{many}={_ranges(indexes)}")
    return (Component(_KIND, _NAME, hash_parts("layout", *lines), " ".join(lines)),)


def named(components: Iterable[Component]) -> tuple[Component, ...]:
    """The components of a key with each input under the name that the cell reads."""
    components = tuple(components)
    note = next((one.note for one in components if one[:2] == (_KIND, _NAME)), "")
    names = _names(note)
    return tuple(
        one._replace(name=names.get(one.name, one.name)) if one.kind == INPUT else one
        for one in components
        if one[:2] != (_KIND, _NAME)
    )


def _names(note: str) -> dict[str, str]:
    """The number of an input → what a person calls it."""
    names: dict[str, list[str]] = defaultdict(list)
    for line in note.split():
        name, _, numbers = line.partition("=")
        for place, number in enumerate(_numbers(numbers)):
            names[str(number)].append(
                f"{name.removesuffix('*')}[{place}]" if name.endswith("*") else name
            )
    return {number: ", ".join(them) for number, them in names.items()}


def _ranges(numbers: Iterable[int]) -> str:
    """``0,1,2,7`` as ``0-2,7``: a name may stand for thousands."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def _numbers(ranges: str) -> Iterable[int]:
    for part in filter(None, ranges.split(",")):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)
