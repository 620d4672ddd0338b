"""Private folders for the programs that these tests start, and nothing of them left behind."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from magics.kernels import environment

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The environment of the programs, and of this process, where some of them run."""
    made = environment(tmp_path) | {"PYTHONPATH": str(ROOT)}
    for name, value in made.items():
        if os.environ.get(name) != value:
            monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return made
