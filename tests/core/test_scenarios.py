"""Scenarios as text: what the scheduler answers to which facts (`scenarios/*.txt`).

A scenario that differs is either a bug or a change meant: ``ORION_RECORD=1 pytest
tests/core/test_scenarios.py`` writes the answers anew; read the diff before you commit it.
The language is described in `language.py`.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from orion_nb.core.transitions import TABLE

from .language import Script, replay

SCENARIOS = sorted((Path(__file__).parent / "scenarios").glob("*.txt"))


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda path: path.stem)
def test_scenario(path: Path, script: Script) -> None:
    text = path.read_text(encoding="utf-8")
    answered = replay(text, script)
    if os.environ.get("ORION_RECORD"):
        path.write_text(answered, encoding="utf-8")
        return
    assert answered == text


def test_scenarios_take_every_row_of_the_lifecycle_table() -> None:
    taken: set[object] = set()
    for path in SCENARIOS:
        script = Script(after_step=lambda scheduler: None)
        replay(path.read_text(encoding="utf-8"), script)
        taken |= script.rows
    assert {row for row in TABLE if row not in taken} == set()
