"""Where the runtime is: what a connection asks of whoever knows. `connect.Finder` is one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


class Contact(Protocol):
    """How to reach a runtime."""

    @property
    def address(self) -> str:
        """``unix:/path``, or ``127.0.0.1:port``."""

    @property
    def token(self) -> str: ...


class Finding(Protocol):
    """Any thread."""

    def __call__(self) -> Contact:
        """Find the runtime, or start one.

        :raises RuntimeUnreachable: neither was possible.
        """

    def living(self) -> Contact | None:
        """The one that lives now; none is started."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """A runtime at a known address, which is there or not; a `Finding` and its only `Contact`."""

    address: str
    token: str

    def __call__(self) -> Contact:
        return self

    def living(self) -> Contact | None:
        return self
