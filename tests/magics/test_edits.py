"""A notebook, edited and run again in new kernels: what is computed again, and what is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from .kernels import Kernel, kernel

MODULE = "STEP = 1\ndef shift(rows):\n    return [row + STEP for row in rows]\n"
HELPERS = (
    "import edited_module\nscale = 2\ndef helper(rows):\n    return [scale * row for row in rows]"
)
TASKS = {
    "load": "rows = [1, 2, 3]",
    "clean": "clean = helper(edited_module.shift(rows))",
    "fit --map n in range(2)": "fitted = sum(clean) + n",
    "total": "total = max(fitted)",
}

MISS, HIT = "done", "hit"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "edited_module.py").write_text(MODULE)
    return tmp_path


def run(one: Kernel, helpers: str = HELPERS, tasks: Mapping[str, str] = TASKS) -> None:
    """The cells from the first to the last, as `Run All` does."""
    one.run(helpers, "helpers")
    for line, body in tasks.items():
        one.run(f"%%orion_task {line}\n{body}", line.partition(" ")[0])


def states(one: Kernel) -> dict[str, str]:
    """Of each task cell: computed in this kernel, or served by the cache."""
    one.run("%orion wait")
    table, _ = one.run("%orion status")
    found = {}
    cells, _, _runtime = one.text(table).partition("\n\n")
    for line in cells.splitlines()[2:]:
        _, name, said = re.split(r"\s+", line, maxsplit=2)
        found[name] = HIT if "cache hit" in said or "unchanged" in said else MISS
        assert "done" in said or "cache hit" in said, line
    return found


def value(one: Kernel) -> int:
    result, _ = one.run("total")
    return int(one.text(result).split()[-1])


def expect(one: Kernel, *which: str) -> None:
    assert list(states(one).values()) == list(which)


def test_new_kernels_compute_what_an_edit_has_changed(project: Path) -> None:
    module = project / "edited_module.py"
    with kernel(project) as one:
        run(one)
        expect(one, MISS, MISS, MISS, MISS)
        assert value(one) == 19

        # Edited on disk, below workers that have imported it: they must not use the old one.
        module.write_text(MODULE.replace("STEP = 1", "STEP = 5"))
        run(one)
        assert value(one) == 43
        module.write_text(MODULE)

    with kernel(project) as one:
        run(one)
        expect(one, HIT, HIT, HIT, HIT)
        assert value(one) == 19

        # Cosmetic edits everywhere.
        module.write_text("# The step.\n" + MODULE.replace("row + STEP", "(row  +  STEP)"))
        run(
            one,
            HELPERS.replace("def helper(rows):", 'def helper(rows):\n    """Scaled."""  # so'),
            {line: f"# comment\n\n{body}  # and another" for line, body in TASKS.items()},
        )
        expect(one, HIT, HIT, HIT, HIT)

    with kernel(project) as one:
        # Another helper that makes the same: what follows is cut off early.
        run(one, HELPERS.replace("scale * row", "row * scale"))
        expect(one, HIT, MISS, HIT, HIT)
        # A global that the helper reads.
        run(one, HELPERS.replace("scale = 2", "scale = 3"))
        expect(one, HIT, MISS, MISS, MISS)
        assert value(one) == 28
        # Only the last cell.
        run(
            one,
            HELPERS.replace("scale = 2", "scale = 3"),
            {**TASKS, "total": "total = min(fitted)"},
        )
        assert value(one) == 27
        story, _ = one.run("%orion why total")
        assert "line 2 of the cell changed" in one.text(story)

    with kernel(project) as one:
        module.write_text(MODULE.replace("STEP = 1", "STEP = 5"))
        run(one)
        expect(one, HIT, HIT, HIT, HIT)  # computed by the first kernel, after the edit
        assert value(one) == 43
