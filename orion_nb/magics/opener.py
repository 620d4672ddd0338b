"""Opening the session while the user goes on. Imports little: it begins with ``%load_ext``."""

from __future__ import annotations

import contextlib
import os
import secrets
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orion_nb.exceptions import OrionError

if TYPE_CHECKING:
    from orion_nb.client.session import Session

PRELOAD = ("orion_nb.magics.worker_shell",)
"""What a worker needs for its first cell, so that a fork server imports it once for all."""


def notebook_path(namespace: dict[str, Any]) -> str:
    """Of the notebook's file, as far as the front end tells; "" if it does not."""
    # Jupyter's server tells it in the environment, VS Code's extension in the namespace.
    return os.environ.get("JPY_SESSION_NAME") or str(namespace.get("__vsc_ipynb_file__") or "")


def open_session(path: str, say: Callable[[str], None]) -> Session:
    """A session for the notebook of this path, of a runtime as ``$ORION_RUNTIME`` says.

    :param path: "": nobody knows of which notebook; then no later kernel can find its tasks.
    :param say: gets what the user has to know, one line each.
    """
    from orion_nb.client.connect import open_session

    name = path or f"kernel {os.getpid()}-{secrets.token_hex(2)}"
    return open_session(name, preload=PRELOAD, say=say)


class Opener:
    """A session that is opened on a thread of its own; asking for it waits."""

    def __init__(self, open_session: Callable[[], Session]) -> None:
        self._open = open_session
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._session: Session | None = None
        self._error: BaseException | None = None

    def start(self) -> None:
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="orion-session", daemon=True)
                self._thread.start()

    def wait(self, timeout: float) -> None:
        """Until it is open or has failed, but no longer than so many seconds."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout)

    def result(self) -> Session:
        self.start()
        assert self._thread is not None
        self._thread.join()
        if self._session is None:
            assert self._error is not None
            error, self._thread = self._error, None  # the next one tries again
            raise error
        return self._session

    def close(self, *, stop: bool = False) -> None:
        """Leave the session; what runs goes on where it can.

        :param stop: stop the runtime itself. Errors of that are raised.
        """
        if self._thread is None:
            return
        if stop:
            self.result().shutdown()
        else:
            with contextlib.suppress(OrionError, OSError):
                self.result().detach()
        self._thread = self._session = None

    def _run(self) -> None:
        try:
            self._session = self._open()
        except BaseException as error:  # noqa: BLE001  (raised where somebody asks for it)
            self._error = error
