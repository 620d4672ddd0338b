from __future__ import annotations

import pytest
from keys_notebook import Notebook


@pytest.fixture
def notebook() -> Notebook:
    return Notebook()
