"""What only the session in this process has, and what travels to workers."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from orion_nb.client import travel
from orion_nb.client.local_session import open_local
from orion_nb.core.model import ObjectRef
from orion_nb.exceptions import NotPicklable


def add(a: int, b: int) -> int:
    return a + b


def test_what_travels() -> None:
    values = {"a": 1, "f": add}
    assert travel.unpack(travel.pack(values))["a"] == 1
    with pytest.raises(NotPicklable, match="lock"):
        travel.pack({"fine": 1, "lock": threading.Lock()})
    travel.emit("stream", {"text": "nobody listens"})
    assert travel.input_changed(ObjectRef("t"), 1) is None


def test_opening(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORION_CACHE_DIR", str(tmp_path))
    monkeypatch.setenv("ORION_WORKERS", "1")
    session = open_local("here")
    try:
        assert len(session.workers()) == 1
        assert session.name == "here"
        assert session.history("never seen") is None
    finally:
        session.close()
