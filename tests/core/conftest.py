"""Fixtures of the core's tests: a scheduler whose invariants are checked after every test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .language import Script


@pytest.fixture
def script() -> Iterator[Script]:
    """A fresh scheduler, driven by text. `validate()` runs after each step and at the end."""
    script = Script()
    yield script
    script.scheduler.validate()
