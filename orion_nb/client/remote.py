"""What can be asked of a runtime without being a session of it."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from orion_nb.core.reports import RuntimeReport
from orion_nb.exceptions import OrionError, RuntimeUnreachable
from orion_nb.local.place import Contact, Place, boot_id
from orion_nb.rpc import reports
from orion_nb.rpc.channel import Channel
from orion_nb.rpc.generated import runtime_pb2

ANSWER_WITHIN = 10.0
"""Seconds."""
END_WITHIN = 30.0
_POLL = 0.02


def overview(contact: Contact) -> RuntimeReport:
    """How the runtime is.

    :raises RuntimeUnreachable: it does not answer, or is of another version."""
    with _asked(contact) as channel:
        return reports.runtime_state_from(
            channel.ask("Overview", runtime_pb2.Empty(), ANSWER_WITHIN)
        )


def end(place: Place, *, force: bool = False) -> bool:
    """End the runtime of a place, whatever its version, and wait until it is gone. What it does is
    cancelled; if it does not answer, the next runtime goes on with that.

    :param force: kill it if it does not end. :return: False: there was none.
    :raises RuntimeUnreachable: it lives on.
    """
    with place.searching():
        if not place.is_held():
            return False
        contact, pid = place.read(), place.holder()
    if contact is not None and contact.boot and contact.boot != boot_id():
        raise RuntimeUnreachable(f"the runtime of {place.project} lives on another machine")
    try:
        if contact is None:
            raise RuntimeUnreachable("it does not say where it is")
        with _asked(contact) as channel:
            channel.ask("Shutdown", runtime_pb2.Empty(), ANSWER_WITHIN)
    except OrionError:
        _signal(pid, signal.SIGTERM)
    if _is_gone(place, END_WITHIN):
        return True
    if force:
        _signal(pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        if _is_gone(place, END_WITHIN):
            return True
    raise RuntimeUnreachable(
        f"the runtime of {place.project} (pid {pid}) does not end; see {place.text_log}"
        + ("" if force else ", or use --force")
    )


@contextmanager
def _asked(contact: Contact) -> Iterator[Channel]:
    channel = Channel(contact.address, contact.token, "")
    try:
        yield channel
    except TimeoutError:
        raise RuntimeUnreachable(f"it does not answer within {ANSWER_WITHIN:g} s") from None
    finally:
        channel.close()


def _is_gone(place: Place, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while True:
        with place.searching():
            if not place.is_held():
                return True
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL)


def _signal(pid: int | None, number: int) -> None:
    """To the process that holds the place's lock."""
    if pid is not None:
        with contextlib.suppress(OSError):
            os.kill(pid, number)
