"""Who calls: the token and the session's name, in a call's metadata."""

from __future__ import annotations

import hmac
import urllib.parse
from collections.abc import Iterable, Mapping
from typing import Any

TOKEN = "orion-token"
SESSION = "orion-session"

PROTOCOL = 1
"""Grows when a change of ``proto/`` cannot be understood by an older reader."""


def credentials(token: str, session: str) -> tuple[tuple[str, str], ...]:
    """What a client sends with every call."""
    return ((TOKEN, token), (SESSION, urllib.parse.quote(session, errors="backslashreplace")))


def session_of(metadata: Iterable[tuple[str, Any]]) -> str:
    return urllib.parse.unquote(str(_found(metadata).get(SESSION, "")))


def is_welcome(metadata: Iterable[tuple[str, Any]], token: str) -> bool:
    """Compared in a time that does not tell how much was right."""
    given = str(_found(metadata).get(TOKEN, ""))
    return hmac.compare_digest(given.encode(), token.encode())


def _found(metadata: Iterable[tuple[str, Any]]) -> Mapping[str, Any]:
    return dict(metadata)
