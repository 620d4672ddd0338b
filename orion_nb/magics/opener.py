"""Opening the session while the user goes on."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from orion_nb.client.session import Session
from orion_nb.exceptions import OrionError


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
