from __future__ import annotations

import pytest

from orion_nb.exceptions import UsageError
from orion_nb.store import CasStore, paths


def test_the_cache_directory_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("ORION_CACHE_DIR", str(tmp_path))
    assert paths.default_cache_dir() == tmp_path
    monkeypatch.delenv("ORION_CACHE_DIR")
    assert paths.default_cache_dir().name == "orion_nb"


@pytest.mark.parametrize(
    ("text", "size"), [("500M", 500 << 20), ("1.5 GiB", 3 << 29), ("2g", 2 << 30), ("1000", 1000)]
)
def test_sizes(text, size, monkeypatch, tmp_path):
    assert paths.parse_size(text) == size
    monkeypatch.setenv("ORION_CACHE_LIMIT", text)
    assert CasStore(tmp_path).limit == size


@pytest.mark.parametrize("text", ["", "many", "-1G", "0", "1X"])
def test_what_is_no_size(text):
    with pytest.raises(UsageError, match="is not a size"):
        paths.parse_size(text)


def test_the_default_limit_is_bounded(monkeypatch, tmp_path):
    monkeypatch.delenv("ORION_CACHE_LIMIT", raising=False)
    assert paths.GIB <= CasStore(tmp_path).limit <= paths.DEFAULT_LIMIT
