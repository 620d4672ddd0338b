"""What keys cost: ``python benchmarks/keys_bench.py`` prints a Markdown table.

The budgets are those of the design: an action key is computed per task by the scheduler, a
recipe per call by whoever submits it, and a large argument is hashed at the speed of SHA-256.
"""

from __future__ import annotations

import timeit
from collections.abc import Callable
from hashlib import sha256

import numpy as np
import pandas as pd

from orion_nb.core.action import action_key
from orion_nb.keys import content_hash, recipe_for_call
from orion_nb.magics.analysis import analyse

LIMIT = 3


def helper(x: int) -> int:
    return x + LIMIT


def work(x: int, scale: int = 2) -> int:
    return helper(x) * scale


CELL = """
flights = flights.dropna(subset=["arr_delay"])
late = flights[flights.arr_delay > LIMIT]
by_carrier = {name: group.arr_delay.mean() for name, group in late.groupby("carrier")}
def share(frame):
    return len(frame) / len(flights)
late["share"] = share(late)
"""


def best(function: Callable[[], object], number: int) -> float:
    """Seconds of one call: the best of five rounds."""
    function()
    return min(timeit.repeat(function, number=number, repeat=5)) / number


def main() -> None:
    recipe = recipe_for_call(work, (1,))
    inputs = [("0", "a" * 64)]
    array = np.random.default_rng(1).random(25_000_000)
    frame = pd.DataFrame({name: array[:5_000_000] for name in "abcde"})
    texts = pd.DataFrame({"a": [f"text {i}" for i in range(1_000_000)]})
    raw = memoryview(array).cast("B")
    rows = [
        ("action_key, 6 components, 1 input", best(lambda: action_key(recipe, inputs), 20_000), 3e-6),
        ("recipe_for_call, helper and global, one int", best(lambda: recipe_for_call(work, (1,)), 5_000), 20e-6),
        ("recipe_for_call, a list of 3", best(lambda: recipe_for_call(work, ([1, 2, 3],)), 5_000), 20e-6),
        ("analyse, a cell of 6 lines", best(lambda: analyse(CELL), 200), 5e-3),
        ("sha256 of 200 MB, one core", best(lambda: sha256(raw).digest(), 1), None),
        ("content_hash, numpy 200 MB", best(lambda: content_hash(array), 1), 0.2),
        ("content_hash, pandas 200 MB of floats", best(lambda: content_hash(frame), 1), 0.2),
        ("content_hash, pandas, 1,000,000 texts", best(lambda: content_hash(texts), 1), None),
    ]  # fmt: skip
    print("| what | time | budget |\n|---|---|---|")
    for what, seconds, budget in rows:
        print(f"| {what} | {_short(seconds)} | {_short(budget) if budget else '–'} |")


def _short(seconds: float) -> str:
    return f"{seconds * 1e6:.1f} µs" if seconds < 1e-3 else f"{seconds * 1e3:.1f} ms"


if __name__ == "__main__":
    main()
