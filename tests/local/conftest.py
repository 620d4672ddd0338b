"""Real worker processes. Tests wait for events; the time limits are for when they fail."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from orion_nb.core.commands import Change
from orion_nb.core.model import Frame
from orion_nb.local.runtime import Runtime

LIMIT = 20.0
"""Seconds that anything may take."""


@pytest.fixture
def runtime(tmp_path: Path) -> Iterator[Runtime]:
    """Two worker processes and a cache of their own."""
    with Runtime(2, cache_dir=tmp_path / "cache") as made:
        yield made
        made.shutdown(wait=False, cancel=True)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The same for all tests of a file that leave it as it was."""
    made = Runtime(2, cache_dir=tmp_path_factory.mktemp("cache"))
    yield made
    made.shutdown(wait=False, cancel=True)


class Watcher:
    """Collects what a runtime's feed says, and waits for something in it."""

    def __init__(self, runtime: Runtime, *, replay: bool = False) -> None:
        self.items: list[Any] = []
        self._arrived = threading.Condition()
        self.subscription = runtime.subscribe(self._hear, replay=replay)

    def _hear(self, items: Any) -> None:
        with self._arrived:
            self.items.extend(items)
            self._arrived.notify_all()

    def wait_for(self, condition: Callable[[list[Any]], Any]) -> Any:
        """What `condition` says of the items, once that is true."""
        with self._arrived:
            result = None

            def holds() -> bool:
                nonlocal result
                result = condition(self.items)
                return bool(result)

            assert self._arrived.wait_for(holds, LIMIT), self.items
            return result

    def wait_change(self, task: str, why: str) -> Change:
        return self.wait_for(
            lambda items: next(
                (i for i in items if isinstance(i, Change) and i.task == task and i.why == why),
                None,
            )
        )

    def wait_text(self, task: str, text: str) -> str:
        """All text of the task's frames so far, once `text` is in it."""

        def seen(items: list[Any]) -> str:
            all_text = text_of([i for i in items if isinstance(i, Frame) and i.task == task])
            return all_text if text in all_text else ""

        return self.wait_for(seen)


@pytest.fixture
def watch(runtime: Runtime) -> Watcher:
    return Watcher(runtime)


def kinds_of(items: list[Any], task: str) -> list[str]:
    """Kinds of the task's frames in order; how a text was cut into frames does not matter."""
    kinds = (item.kind for item in items if isinstance(item, Frame) and item.task == task)
    return [kind for kind, _ in itertools.groupby(kinds)]


def text_of(frames: list[Frame], stream: str | None = None) -> str:
    return "".join(
        frame.data["text"]
        for frame in frames
        if frame.kind == "stream" and stream in (None, frame.data["name"])
    )
