"""Why two keys differ, in words, from the components that were kept."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..core.action import INPUT
from ..core.model import Component
from . import lines
from .closure import BINDING, CLOSURE
from .files import FILE

_INDEX = re.compile(r"[.\[(#].*|\s#\d+$", re.DOTALL)


class Difference(NamedTuple):
    """One thing that is not as it was."""

    words: str
    name: str = ""
    """The name by which code refers to it; "" if it has none, or is the code itself."""


def explain(old: Sequence[Component], new: Sequence[Component]) -> list[str]:
    """One sentence for every difference between the components of two keys of a task.

    `old` is the earlier key. Both with their inputs (`core.action.input_components`). An empty
    list means that the keys are equal.
    """
    return [one.words for one in differences(old, new)]


def differences(old: Sequence[Component], new: Sequence[Component]) -> list[Difference]:
    """`explain`, with the names that the sentences are about."""
    before = {(one.kind, one.name): one for one in old}
    after = {(one.kind, one.name): one for one in new}
    found = []
    for where, now in after.items():
        was = before.get(where)
        if was is None:
            if not _renamed(now, before, after):
                found.append(Difference(_appeared(now), _name(now)))
        elif was.digest != now.digest:
            found.append(Difference(_changed(was, now), _name(now)))
    found += [
        Difference(_vanished(was))
        for where, was in before.items()
        if where not in after and not _renamed(was, after, before)
    ]
    if not found and [c[:3] for c in old] != [c[:3] for c in new]:
        found.append(Difference("the same things are read in another order"))
    return list({one.words: one for one in found}.values())


def _name(one: Component) -> str:
    """What code calls it: `clean` for ``clean()``, `p` for ``p[2]``."""
    if one.kind not in (CLOSURE, INPUT):
        return ""
    name = one.name.removeprefix(BINDING).removeprefix("class ")
    return _INDEX.sub("", name.partition(",")[0])


def _changed(was: Component, now: Component) -> str:
    return _CHANGED.get(now.kind, _other_changed)(was, now)


def _code_changed(was: Component, now: Component) -> str:
    where = lines.said(lines.changed(was.note, now.note))
    place = _place(now)
    if not where:
        return f"{_code(now)} changed{f' ({place})' if place else ''}"
    if not now.name:
        return f"{where} of {_cell(now)} changed"
    file = place.partition(" line ")[0]
    return f"{_code(now)} {where} changed{f' ({file})' if file else ''}"


def _closure_changed(was: Component, now: Component) -> str:
    if now.name.startswith(BINDING):
        return f"`{now.name.removeprefix(BINDING)}` is bound to something else"
    if _is_code(now):
        return _code_changed(was, now)
    old, new = _content(was), _content(now)
    return f"global `{now.name}` changed" + (f" ({old} → {new})" if old != new else "")


def _input_changed(was: Component, now: Component) -> str:
    return f"input `{now.name}` has a new content"


def _module_changed(was: Component, now: Component) -> str:
    if now.note.startswith("module "):
        return f"module `{now.name}` changed"
    return _arrow(was.note, now.note)


def _env_changed(was: Component, now: Component) -> str:
    if now.note.startswith("environment variable "):
        return f"{now.note.replace(now.name, f'`{now.name}`')} changed"
    return _arrow(was.note, now.note)


def _file_changed(was: Component, now: Component) -> str:
    return f"file `{now.name}` changed"


def _version_changed(was: Component, now: Component) -> str:
    return f"you wrote --version {now.note} instead of {was.note}"


def _other_changed(was: Component, now: Component) -> str:
    return f"{now.kind} {now.name} changed"


_CHANGED: dict[str, Callable[[Component, Component], str]] = {
    "code": _code_changed,
    CLOSURE: _closure_changed,
    INPUT: _input_changed,
    "module": _module_changed,
    "env": _env_changed,
    FILE: _file_changed,
    "version": _version_changed,
}


def _appeared(now: Component) -> str:
    if now.kind == "version":
        return f"you wrote --version {now.note}, and none before"
    if now.kind == "option":
        return f"{now.note} was added"
    if now.kind == "code":
        place = _place(now)
        return f"{_code(now)} is run now{f' ({place})' if place else ''}"
    return f"it now reads {_thing(now)}"


def _vanished(was: Component) -> str:
    if was.kind == "version":
        return f"you no longer write --version {was.note}"
    if was.kind == "option":
        return f"{was.note} was removed"
    if was.kind == "code":
        return f"{_code(was)} is no longer run"
    return f"it no longer reads {_thing(was)}"


def _thing(one: Component) -> str:
    if one.kind == INPUT:
        return f"input `{one.name}`"
    if one.kind == CLOSURE:
        if one.name.startswith(BINDING):
            return f"`{one.name.removeprefix(BINDING)}`"
        return _code(one) if _is_code(one) else f"global `{one.name}`"
    if one.kind == FILE:
        return f"file `{one.name}`"
    return lines.words(one.note) or f"{one.kind} {one.name}"


def _renamed(
    one: Component,
    there: dict[tuple[str, str], Component],
    here: dict[tuple[str, str], Component],
) -> bool:
    """A binding is said only once: as the function or class that it is bound to."""
    if one.kind != CLOSURE or not one.name.startswith(BINDING):
        return False
    name = one.name.removeprefix(BINDING)
    return any(
        (CLOSURE, label) in here and (CLOSURE, label) not in there
        for label in (f"{name}()", f"class {name}")
    )


def _is_code(one: Component) -> bool:
    return "()" in one.name or one.name.startswith("class ")


def _code(one: Component) -> str:
    if one.name.startswith("class "):
        return f"class `{one.name.removeprefix('class ')}`"
    return f"`{one.name}`" if one.name else f"the code of {_cell(one)}"


def _cell(one: Component) -> str:
    cell = lines.words(one.note).partition(" at ")[0]
    return f"cell `{cell}`" if cell else "the cell"


def _place(one: Component) -> str:
    return lines.words(one.note).partition(" at ")[2]


def _content(one: Component) -> str:
    """What a note says of a global's value: a number, or a type; "" if nothing."""
    return one.note.removeprefix(f"global {one.name}").removeprefix(", ").partition(", ")[0]


def _arrow(was: str, now: str) -> str:
    """ "pandas 2.2.0 → 2.3.0"; the common first word is said once."""
    old_name, _, _ = was.rpartition(" ")
    new_name, _, version = now.rpartition(" ")
    return f"{was} → {version if old_name == new_name else now}"
