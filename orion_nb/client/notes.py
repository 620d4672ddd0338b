"""What may be noted for a notebook's next kernel."""

from __future__ import annotations

from orion_nb.exceptions import UsageError

MAX_NOTE = 1 << 20
"""Bytes of one note: names and ids, not values."""
MAX_KEY = 256
"""Characters."""


def check_note(key: str, data: bytes | None) -> None:
    """:raises UsageError: too big, or without a name."""
    if not key or len(key) > MAX_KEY:
        raise UsageError(f"the name of a note has 1 to {MAX_KEY} characters, not {len(key)}")
    if data is not None and len(data) > MAX_NOTE:
        raise UsageError(f"a note holds at most {MAX_NOTE:,} bytes; {key!r} has {len(data):,}")
