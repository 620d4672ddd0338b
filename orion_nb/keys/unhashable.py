"""The one error of this room."""

from __future__ import annotations

from ..exceptions import UsageError


class Unhashable(UsageError):
    """A value has no content that could be hashed, so a task that reads it has no key.

    `subject` says which part of what (``"global `conn` read by load()"``), `why` the reason.
    Never answered by a guess: a constant or a `repr` in its place would make wrong hits.
    """

    def __init__(self, why: str, *, subject: str = "") -> None:
        super().__init__(f"{subject}: {why}" if subject else why)
        self.why = why
        self.subject = subject

    def of(self, subject: str) -> Unhashable:
        """The same, said of something that holds the subject of this error."""
        inner = f"{self.subject} in {subject}" if self.subject else subject
        return Unhashable(self.why, subject=inner)
