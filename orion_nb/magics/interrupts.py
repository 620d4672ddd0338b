"""Interrupting a wait: the first stops waiting, a second within 2 s cancels what was submitted.

Unless ``--on-interrupt`` says that already the first cancels, or that none does.

After the first one the cell ends, so the second reaches a kernel that is idle or just closing
the cell. ipykernel ignores SIGINT there; its saved handler is replaced by one that listens.
Where there is no kernel, the wait stays for the 2 s.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from orion_nb.core.model import TaskId

WINDOW = 2.0
"""Seconds in which a second interrupt cancels."""

TWICE, CANCEL, DETACH = "twice", "cancel", "detach"
"""What interrupts do to tasks: the second cancels, the first cancels, or nothing."""

WHAT_INTERRUPTS_DO = {
    TWICE: "twice: an interrupt stops waiting; a second one within 2 s cancels what was submitted.",
    CANCEL: "cancel: an interrupt stops waiting and cancels what was waited for.",
    DETACH: "detach: an interrupt stops waiting; tasks go on.",
}


class Interrupts:
    """Watches for interrupts while a cell waits.

    :param cancel: called on a thread of its own with the tasks that the cell submitted.
    """

    def __init__(self, shell: Any, cancel: Callable[[Sequence[TaskId]], None]) -> None:
        self.default = TWICE  # for tasks whose cell does not say
        self._kernel = getattr(shell, "kernel", None)
        self._cancel = cancel
        self._stopped_at = float("-inf")
        self._submitted: tuple[TaskId, ...] = ()
        self._idle_handler: Any = None

    @contextlib.contextmanager
    def waiting(
        self, submitted: Sequence[TaskId] = (), at_once: Sequence[TaskId] = ()
    ) -> Iterator[None]:
        """Around a wait. KeyboardInterrupt passes through, once the second is listened for.

        :param submitted: what the second interrupt cancels. :param at_once: what the first does.
        """
        try:
            yield
        except KeyboardInterrupt as error:
            # What was waited for has been said; where in Orion that was, nobody wants to read.
            error._render_traceback_ = lambda: ["\x1b[31mKeyboardInterrupt\x1b[0m"]  # type: ignore[attr-defined]
            self._stopped_at = time.monotonic()
            self._submitted = tuple(at_once)
            if at_once:
                _say("Stopped waiting, and cancelling what is marked  --on-interrupt cancel")
                self._cancel_now()
            self._submitted = tuple(task for task in submitted if task not in {*at_once})
            if self._submitted:
                _say(
                    "Stopped waiting; the tasks go on. "
                    f"Interrupt again within {WINDOW:g} s to cancel what this cell submitted."
                )
                self._listen()
            elif not at_once:
                _say("Stopped waiting; the tasks go on.  %orion cancel NAME  stops one.")
            raise

    def close(self) -> None:
        """Give the kernel its own handler back."""
        if self._idle_handler is not None and self._kernel is not None:
            self._kernel.saved_sigint_handler = self._idle_handler
            self._idle_handler = None

    def _listen(self) -> None:
        if threading.current_thread() is not threading.main_thread():
            return  # a subshell: signals never come here
        if self._kernel is not None and hasattr(self._kernel, "saved_sigint_handler"):
            if self._idle_handler is None:
                self._idle_handler = self._kernel.saved_sigint_handler
            self._kernel.saved_sigint_handler = self._on_signal
            signal.signal(signal.SIGINT, self._on_signal)
            return
        try:
            time.sleep(WINDOW)
        except KeyboardInterrupt:
            self._cancel_now()

    def _on_signal(self, number: int, frame: Any) -> None:
        if self._submitted and time.monotonic() - self._stopped_at <= WINDOW:
            self._cancel_now()
        elif callable(self._idle_handler):
            self._idle_handler(number, frame)

    def _cancel_now(self) -> None:
        submitted, self._submitted = self._submitted, ()
        # Not here: a signal handler may have come in between somebody's taking of a lock.
        threading.Thread(
            target=self._cancel, args=(submitted,), name="orion-cancel", daemon=True
        ).start()


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
