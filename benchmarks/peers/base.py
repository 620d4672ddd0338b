"""What the cases ask of an engine."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Self

from .. import work

WORKERS = 2


class Unsupported(Exception):
    """The engine has nothing of the kind; the message is shown in the table."""


class Peer:
    """An engine with two worker processes, started and warm between `__enter__` and `__exit__`.

    `submit` takes results of `submit` as arguments: natively where the engine knows
    dependencies, else by waiting for the value, as its user would have to.
    """

    def version(self) -> str:
        """Name and version, for the caption."""
        raise NotImplementedError

    def start(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        raise NotImplementedError

    def submit(self, fn: Callable[..., Any], *args: Any) -> Any:
        raise NotImplementedError

    def submit_many(self, fn: Callable[..., Any], calls: Iterable[tuple[Any, ...]]) -> list[Any]:
        """`submit` for each tuple of arguments, the way that the engine likes best."""
        return [self.submit(fn, *args) for args in calls]

    def whole_graph(self) -> AbstractContextManager[None]:
        """What is submitted within belongs together; an engine may get it at the end, in one piece."""
        return nullcontext()

    def results(self, refs: Sequence[Any]) -> list[Any]:
        raise NotImplementedError

    def hand_over(self, i: int) -> tuple[float, int, int]:
        """Make 200 MB in one worker, take them in the other: see `work.take_big`.

        A held worker cannot run anything, so of two workers the other one must.
        """
        with tempfile.TemporaryDirectory() as folder:
            spare = self._hold(folder, "spare")
            made = self.submit(work.make_big, i)
            self.wait(made)
            maker = self._hold(folder, "maker")
            self._release(folder, "spare", spare)
            taken = self.results([self.submit(work.take_big, made)])[0]
            self._release(folder, "maker", maker)
        self.drop(made)
        return taken

    def drop(self, ref: Any) -> None:
        """The result is not needed any more. Most engines see that by themselves."""

    def wait(self, ref: Any) -> None:
        """Until the result exists somewhere; it need not come to the caller."""
        self.results([ref])

    def _hold(self, folder: str, name: str) -> Any:
        ref = self.submit(work.hold, folder, name)
        while not os.path.exists(os.path.join(folder, f"{name}.held")):
            time.sleep(0.001)
        return ref

    def _release(self, folder: str, name: str, ref: Any) -> None:
        open(os.path.join(folder, f"{name}.release"), "w").close()
        self.results([ref])

    def hits(self, folder: str, n: int) -> dict[str, float]:
        """Seconds for `n` hits of a cache that outlives the process, and for one alone."""
        raise Unsupported("no cache")

    def array_hit(self, folder: str, elements: int, tries: int) -> float:
        """Seconds for one hit of a function of an array that another task has made."""
        raise Unsupported("no cache")

    def adopt(self, tasks: int) -> dict[str, float]:
        """Seconds until a new kernel has found the tasks of the one before it."""
        raise Unsupported("ends with the kernel")

    def load_extension(self) -> float:
        raise Unsupported("")

    def quickstart(self) -> tuple[float, float]:
        raise Unsupported("")

    def __enter__(self) -> Self:
        self.start()
        self.everywhere(work.pid)
        return self

    def everywhere(self, fn: Callable[[int], int]) -> None:
        """Have every worker run `fn`, which gives its process's id."""
        seen: set[int] = set()
        for _ in range(20):
            seen.update(self.results([self.submit(fn, i) for i in range(2 * WORKERS)]))
            if len(seen) >= WORKERS:
                break

    def __exit__(self, *_: object) -> None:
        self.stop()
