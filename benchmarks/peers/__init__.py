"""One adapter per engine, by the name used on the command line."""

from __future__ import annotations

import importlib

from .base import Peer

TITLES = {
    "orion": "Orion",
    "detached": "Orion (detached)",
    "futures": "concurrent.futures",
    "loky": "loky / joblib",
    "dask": "Dask",
    "ray": "Ray",
}
"""Name of the module here → heading of the column."""


def open_peer(name: str) -> Peer:
    """The engine's adapter. Raises ImportError where the engine is not installed."""
    return importlib.import_module(f"{__name__}.{name}_peer").make()
