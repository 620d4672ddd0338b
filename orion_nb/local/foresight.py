"""Hits that will probably be asked for next.

Whoever asks for a few results of one task name, such as of a map, asks for more of them. Fetching them
together costs a fraction of asking one by one. What was fetched is believed for a moment only
(`BELIEVED`), and never after this process has removed results.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable

from ..core.model import Digest
from ..store import ActionCache, Probe

BELIEVED = 2.0
"""Seconds. Another process may have cleared the cache since; the results would still be right."""
FIRST = 4
"""Hits of one name after which those that were made after the last one are fetched ahead: a second
run asks in the order of the first."""
GROWTH = 16
"""So many times as many as were asked for, or as were fetched before and proved wanted: a wrong
guess costs little beside what was asked."""
MOST = 1000
MAX_BYTES = 16 << 20
"""Of values that are held at a time."""
NOTE_USES = 256


class Foresight:
    """Not thread-safe by itself: what threads do at the same time is at worst done twice."""

    def __init__(
        self, cache: Callable[[], ActionCache], note: Callable[[list[Digest]], None]
    ) -> None:
        """:param note: is told now and then what was used, for the cache's eviction."""
        self._cache = cache
        self._note = note
        self._known: dict[Digest, Probe] = {}
        self._bytes = 0
        self._until = 0.0
        self._generation = -1
        self._asked: defaultdict[str, int] = defaultdict(int)
        self._next: defaultdict[str, int] = defaultdict(lambda: FIRST)
        self._fetched = 0  # the last time
        self._served = 0  # of those
        self._used: list[Digest] = []

    def get(self, key: Digest) -> Probe | None:
        """A hit that was fetched ahead."""
        probe = self._known.get(key)
        if probe is None:
            return None
        if time.monotonic() > self._until or self._cache().generation != self._generation:
            self.forget()
            return None
        self._served += 1
        self._used.append(key)
        if len(self._used) >= NOTE_USES:
            self.note_uses()
        return probe

    def asked(self, name: str, made: float) -> None:
        """A result of this name, made at that time, was asked for by itself, and was a hit.

        :raises StoreError: the database cannot be read."""
        self._asked[name] = count = self._asked[name] + 1
        right = self._fetched and self._served >= self._fetched // 2
        if right or count >= self._next[name]:
            self._next[name] = count * 2
            wanted = max(count, self._fetched if right else 0)
            self._fetch(name, made, min(GROWTH * wanted, MOST))

    def _fetch(self, name: str, made: float, limit: int) -> None:
        cache = self._cache()
        if time.monotonic() > self._until or cache.generation != self._generation:
            self.forget(cache.generation)
        known = self._known
        keys = [key for key in cache.following(name, made, MOST) if key not in known][:limit]
        answers = cache.probe_many(keys, use=False)
        self._fetched, self._served = len(answers), 0
        for key, probe in answers.items():
            result = probe.result
            if result is None:
                continue
            self._bytes += sum(map(len, probe.inline.values()))
            if self._bytes > MAX_BYTES:
                break
            if all(output.digest in probe.inline for output in result.outputs.values()):
                self._known[key] = probe

    def forget(self, generation: int = -1) -> None:
        """Start anew."""
        self.note_uses()
        self._known = {}
        self._bytes = 0
        self._generation = generation
        self._until = time.monotonic() + BELIEVED

    def note_uses(self) -> None:
        if self._used:
            used, self._used = self._used, []
            self._note(used)
