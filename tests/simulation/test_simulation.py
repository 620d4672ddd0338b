"""A thousand worlds full of faults; each must end as the one without.

A failing seed is in the test's message; ``python -m tests.simulation --seed N`` tells its story.
"""

from __future__ import annotations

import pytest

from orion_nb.core.events import Started

from .observer import Observer
from .world import World

CHUNK = 50


def run(first: int) -> None:
    for seed in range(first, first + CHUNK):
        try:
            World(seed).run()
        except Exception as error:
            error.add_note(f"replay: python -m tests.simulation --seed {seed}")
            raise


@pytest.mark.parametrize("first", range(0, 1000, CHUNK))
def test_every_world_ends_well(first: int) -> None:
    run(first)


def test_a_seed_replays_exactly() -> None:
    stories: list[list[str]] = [[], []]
    for story in stories:
        World(7, trace=story.append).run()
    assert stories[0] == stories[1]
    assert any(Started.__name__ in line for line in stories[0])


def test_worlds_contain_what_they_should_test() -> None:
    """Otherwise the thousand seeds could be a thousand calm days."""
    seen: set[str] = set()

    class Recorder(Observer):
        def _changed(self, change) -> None:  # type: ignore[no-untyped-def]
            seen.add(change.why)
            super()._changed(change)

    for seed in range(4 * CHUNK):
        world = World(seed)
        world.observer = Recorder()
        world.run()
    assert seen >= {
        "hit", "missed", "cloned", "stolen", "returned", "attempt-failed", "retry-now",
        "retry-later", "upstream-failed", "cancelled", "recompute", "input-lost", "joined", "asked-again", "archived",
        "restored", "forgotten",
    }  # fmt: skip
