"""Stopping a thread that runs Python code."""

from __future__ import annotations

import ctypes


class TaskInterrupt(KeyboardInterrupt):
    """Raised inside the code of a cancelled task that runs in a thread."""


def interrupt_thread(ident: int) -> None:
    """Have the thread raise `TaskInterrupt` at its next Python instruction."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(ident), ctypes.py_object(TaskInterrupt)
    )


def clear_interrupt(ident: int) -> None:
    """Take back an interrupt that the thread has not met yet."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), None)
