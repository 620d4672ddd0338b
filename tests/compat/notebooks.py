"""Notebooks for programs that execute them, and what they have left in the file."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import nbformat


def notebook(*cells: str, parameters: int | None = None) -> Any:
    """A notebook of code cells; the one of number `parameters` is tagged for papermill."""
    made = nbformat.v4.new_notebook()
    made.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    if parameters is not None:
        made.cells[parameters].metadata["tags"] = ["parameters"]
    made.metadata["kernelspec"] = {
        "name": "python3",
        "display_name": "Python 3",
        "language": "python",
    }
    return made


def shown(cell: Any) -> str:
    """All text under a cell, without colours."""
    parts: Sequence[str] = [
        output.get("text")
        or output.get("data", {}).get("text/plain")
        or "\n".join(output.get("traceback", ()))
        for output in cell.outputs
    ]
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(parts))


def kinds(cell: Any) -> set[str]:
    """The MIME types under a cell."""
    return {kind for output in cell.outputs for kind in output.get("data", ())}
