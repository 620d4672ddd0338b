"""The live picture of a run: what the scheduler's changes look like to a person.

Everything before the browser is pure or nearly so::

    Change, Progress ──▶ view.GraphView ──▶ snapshot / delta (JSON) ──▶ dag.DagWidget ──▶ static/*.js
                               │
                               └──▶ picture.layout (graphviz) ──▶ static.bundle (SVG, PNG, text)

The widget decides nothing and knows no runtime: it imports `core` only, and talks back
through callbacks (cancel, retry, logs) that whoever shows it passes in. `dag` is the only
module that imports anywidget; it is loaded on first use.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .dag import DagWidget
    from .view import GraphView

__all__ = ["DagWidget", "GraphView"]


def __getattr__(name: str) -> Any:
    if name == "DagWidget":
        from .dag import DagWidget

        return DagWidget
    if name == "GraphView":
        from .view import GraphView

        return GraphView
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
