"""A person at a terminal: types cells, reads the screen's text, presses Ctrl-C."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

TIMEOUT = 40.0
"""Seconds until a test gives up waiting for words on the terminal."""

_ESCAPE = re.compile(r"\x1b(?:\[[0-9;?>=]*[a-zA-Z]|\][^\x07]*\x07|[()][A-Z0-9]|[=>78])")
_PASTE, _PASTED, _ACCEPT = "\x1b[200~", "\x1b[201~", "\x1b\r"
"""Bracketed paste, so that nothing is indented for us, and Alt-Enter: run what is there."""


class Terminal:
    """A program with IPython's prompt, in a pseudo-terminal of its own."""

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        pexpect = pytest.importorskip("pexpect", reason="pip install 'orion-nb[test]'")
        if not hasattr(pexpect, "spawn"):
            pytest.skip("pexpect has no pseudo-terminals on this system")
        terminal = {"TERM": "xterm", "PROMPT_TOOLKIT_NO_CPR": "1"}
        self._child: Any = pexpect.spawn(
            command[0], list(command[1:]), env={**environ, **terminal}, encoding="utf-8",
            timeout=TIMEOUT, dimensions=(50, 160),
        )  # fmt: skip
        self._end = pexpect.EOF
        self._number = 1
        self.until(self._prompt())

    def _prompt(self) -> str:
        return rf"In \[(?:\x1b\[[0-9;?]*m)*{self._number}(?:\x1b\[[0-9;?]*m)*\]: "

    def until(self, pattern: str) -> str:
        """Wait for words; the plain text that came before and with them."""
        self._child.expect(pattern)
        return _plain(self._child.before + self._child.after)

    def start(self, cell: str) -> None:
        """Type a cell and run it; does not wait for its end."""
        self._child.send(_PASTE + cell + _PASTED)
        # Keys that arrive before the editor has shown the cell would be taken as its text.
        last = cell.rstrip().splitlines()[-1].split()[-1]
        self._child.expect_exact(last)
        self._child.send(_ACCEPT)
        self._number += 1

    def run(self, cell: str) -> str:
        """Run a cell; what is written until the next prompt stands there."""
        self.start(cell)
        return self.until(self._prompt())

    def interrupt(self) -> str:
        """Ctrl-C while a cell runs; what is written until the next prompt."""
        self._child.sendintr()
        return self.until(self._prompt())

    def leave(self) -> int:
        """``exit``; the exit status."""
        self.start("exit")
        if self._child.expect([self._end, r"\?"]) == 1:  # jupyter console asks
            self._child.send("y\r")
            self._child.expect(self._end)
        self._child.close()
        status: int = self._child.exitstatus
        return status

    def close(self) -> None:
        self._child.close(force=True)


def _plain(text: str) -> str:
    return _ESCAPE.sub("", text).replace("\r", "")
