"""Python and packages of the runtime's workers, where they differ from the kernel's.

A detached runtime may have been started by another environment, or before a package was updated.
Then keys have to say what computes a result, not what the kernel has; and the user has to know.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from orion_nb.client import travel
from orion_nb.client.session import Session
from orion_nb.core.action import hash_parts
from orion_nb.core.model import Component

from .tables import html_table, text_table

_PYTHON, _PLATFORM = "python", "platform"


class Difference(NamedTuple):
    """One thing that is not the same."""

    name: str
    here: str
    there: str


class Environments:
    """What is known of one session's workers. Main thread only, except `open`."""

    def __init__(self) -> None:
        self._session: Session | None = None
        self._there: dict[str, str] = {}
        self._here: dict[str, str] = {}
        self._shown: set[Difference] = set()

    def open(self, session: Session) -> None:
        """Workers of a runtime in this process have the environment of this process."""
        if session.durable:
            self._session = session
            self._learn(())

    def as_in_workers(self, components: Sequence[Component]) -> tuple[Component, ...]:
        """The components of a key, with the versions that the workers have."""
        if self._session is None:
            return tuple(components)
        self._learn(one.name for one in components if _is_package(one))
        return tuple([self._as_there(one) for one in components])

    def news(self) -> list[Difference]:
        """Differences that matter to what was submitted, and that were not asked for before."""
        new = [one for one in self._differences() if one not in self._shown]
        self._shown.update(new)
        return new

    def _learn(self, packages: Iterable[str]) -> None:
        unknown = [name for name in packages if name not in self._there]
        if self._session is not None and (unknown or not self._there):
            self._there.update(self._session.environment(unknown))
            self._here.update(travel.environment(unknown))

    def _differences(self) -> list[Difference]:
        return [
            Difference(name, self._here.get(name, ""), there)
            for name, there in self._there.items()
            if self._here.get(name, "") != there
        ]

    def _as_there(self, one: Component) -> Component:
        there = self._there.get(one.name)
        if there is None or there == self._here.get(one.name):
            return one
        if _is_package(one):
            version = f"{one.name} {there or '(not installed)'}"
            return one._replace(digest=hash_parts("package", version), note=version)
        if one.kind != "env" or one.name not in (_PYTHON, _PLATFORM):
            return one
        if one.name == _PYTHON:  # only its minor version is in keys
            there = f"{platform.python_implementation()} {_minor(there)}"
        return one._replace(digest=hash_parts(one.name, there), note=there)


def _is_package(one: Component) -> bool:
    return one.kind == "module" and not one.note.startswith("module ")


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def table(differences: Sequence[Difference]) -> tuple[str, str]:
    """As text and as HTML: what differs, and what to do about it."""
    head = ["", "this kernel", "the runtime's workers"]
    rows = [[one.name, one.here or "(none)", one.there or "(none)"] for one in differences]
    advice = (
        "Tasks run with what the workers have, and their keys say so.  %orion shutdown  and the next "
        "task start a runtime with this kernel's Python and packages."
    )
    minor = next((one for one in differences if one.name == _PYTHON), None)
    if minor is not None and _minor(minor.here) != _minor(minor.there):
        advice = f"Functions cannot travel between minor versions of Python. {advice}"
    return f"{text_table(head, rows)}\n{advice}", f"{html_table(head, rows)}<div>{advice}</div>"
