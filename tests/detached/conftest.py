from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from .processes import Yard, make_yard


@pytest.fixture
def yard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Yard]:
    yield from make_yard(tmp_path, monkeypatch)
