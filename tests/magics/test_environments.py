"""Differences between the kernel and the workers: told once, and part of the key."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from orion_nb.client import travel

from .conftest import Kernels, LastingSession


def pretend(monkeypatch: pytest.MonkeyPatch, **there: str) -> None:
    def environment(self: LastingSession, packages: Iterable[str]) -> dict[str, str]:
        found = travel.environment(packages)
        return {name: there.get(name, version) for name, version in found.items()}

    monkeypatch.setattr(LastingSession, "environment", environment)


def keyed(kernels: Kernels, cell: str) -> tuple[str, dict[str, str]]:
    """What is printed under a cell, and the notes of its key's components by name."""
    notebook = kernels.start()
    printed = notebook.run(cell)
    notebook.wait()
    (task,) = notebook.cell("a").tasks
    report = notebook.parts.notebook.session.report(task)
    assert report is not None
    assert report.task.recipe is not None
    return printed, {one.name: one.note for one in report.task.recipe.components}


def test_what_differs_is_shown_once_and_is_in_the_key(
    kernels: Kernels, monkeypatch: pytest.MonkeyPatch
) -> None:
    cell = "%%orion_task a\nimport numpy, pytest\nx = 1"
    printed, notes = keyed(kernels, cell)
    assert "this kernel" not in printed
    pretend(monkeypatch, numpy="0.1", python="3.99.1")
    printed, other = keyed(kernels, cell + "  # elsewhere")
    assert other["numpy"] == "numpy 0.1"
    assert other["python"].endswith(" 3.99")
    assert other["pytest"] == notes["pytest"]
    assert notes["numpy"] != other["numpy"]
    rows = [line.split() for line in printed.splitlines()]
    assert ["numpy", notes["numpy"].split()[1], "0.1"] in rows
    assert "Functions cannot travel between minor versions" in printed
    assert "pytest" not in printed
    notebook = kernels.start()
    notebook.run(cell)
    assert "this kernel" not in notebook.run("%%orion_task b\nimport numpy\ny = 1")
