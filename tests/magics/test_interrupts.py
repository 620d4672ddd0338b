"""The first interrupt stops waiting, the second cancels; without a kernel, and its parts."""

from __future__ import annotations

import signal
import threading
import time
from types import SimpleNamespace

import pytest

from orion_nb.magics.interrupts import Interrupts


def interrupt_after(seconds: float) -> threading.Timer:
    timer = threading.Timer(
        seconds, lambda: signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    )
    timer.start()
    return timer


class Cancelled(list[tuple[str, ...]]):
    def __init__(self) -> None:
        super().__init__()
        self.happened = threading.Event()

    def __call__(self, tasks: object) -> None:
        self.append(tuple(tasks))  # type: ignore[arg-type]
        self.happened.set()


pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="POSIX signals")


def test_a_reading_cell_has_nothing_to_cancel() -> None:
    cancelled = Cancelled()
    interrupts = Interrupts(SimpleNamespace(), cancelled)
    interrupt_after(0.05)
    with pytest.raises(KeyboardInterrupt), interrupts.waiting():
        time.sleep(5)
    assert cancelled == []


def test_a_terminal_listens_for_the_second() -> None:
    cancelled = Cancelled()
    interrupts = Interrupts(SimpleNamespace(), cancelled)
    interrupt_after(0.05)
    interrupt_after(0.4)
    with pytest.raises(KeyboardInterrupt), interrupts.waiting(["t"]):
        time.sleep(5)
    assert cancelled.happened.wait(5)
    assert cancelled == [("t",)]


def test_a_kernel_listens_when_it_is_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    cancelled = Cancelled()
    kernel = SimpleNamespace(saved_sigint_handler=signal.SIG_IGN)
    interrupts = Interrupts(SimpleNamespace(kernel=kernel), cancelled)
    before = signal.getsignal(signal.SIGINT)
    try:
        interrupt_after(0.05)
        with pytest.raises(KeyboardInterrupt), interrupts.waiting(["t"]):
            time.sleep(5)
        assert signal.getsignal(signal.SIGINT) == kernel.saved_sigint_handler
        signal.raise_signal(signal.SIGINT)  # raises nothing: nobody is interrupted
        assert cancelled.happened.wait(5)
        signal.raise_signal(signal.SIGINT)
        assert cancelled == [("t",)]
        interrupts.close()
        assert kernel.saved_sigint_handler == signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_what_is_marked_is_cancelled_by_the_first() -> None:
    cancelled = Cancelled()
    interrupts = Interrupts(SimpleNamespace(), cancelled)
    interrupt_after(0.05)
    with pytest.raises(KeyboardInterrupt), interrupts.waiting([], ["u"]):
        time.sleep(5)
    assert cancelled.happened.wait(5)
    assert cancelled == [("u",)]
