"""Output under the cell that submitted, in the way that each kind of front end takes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from orion_nb.core.model import Frame
from orion_nb.magics.transcript import DISPLAY, LIVE, TERMINAL, Transcript


class Recorder:
    """A channel that keeps what is sent."""

    def __init__(self, style: str) -> None:
        self.style = style
        self.pictures = False
        self.sent: list[tuple[str, dict[str, Any]]] = []

    def send(self, kind: str, content: Mapping[str, Any]) -> None:
        self.sent.append((kind, dict(content)))

    def take(self) -> list[str]:
        """What was sent since, briefly."""
        brief = [
            f"{kind}:{c.get('text', '') or c.get('data', {}).get('text/plain', '')}"
            for kind, c in self.sent
        ]
        self.sent.clear()
        return brief


class Setup:
    def __init__(self, style: str, tasks: list[tuple[str, str]]) -> None:
        self.channel = Recorder(style)
        self.status = "running"
        self.transcript = Transcript(
            "load", tasks, self.channel, lambda: (self.status, f"<i>{self.status}</i>")
        )
        self.transcript.open()

    def frame(self, text: str, task: str = "t", kind: str = "stream") -> None:
        data = {"name": "stdout", "text": text} if kind == "stream" else {"wait": True}
        self.transcript.add(Frame(task, 1, 0, kind, data))


def test_live_messages_are_merged_and_follow_the_status() -> None:
    one = Setup(LIVE, [("t", "")])
    one.frame("a\n")
    one.frame("b\n")
    one.transcript.flush()
    assert one.channel.take() == ["display_data:running", "stream:a\nb\n"]
    one.transcript.flush()
    assert one.channel.take() == []
    one.status = "done"
    one.transcript.flush()
    assert one.channel.take() == ["update_display_data:done"]


@pytest.mark.parametrize("kind", ["clear", "reset"])
def test_clearing_keeps_the_status(kind: str) -> None:
    one = Setup(LIVE, [("t", "")])
    one.frame("old\n")
    one.frame("", kind=kind)
    one.frame("new\n")
    one.transcript.flush()
    assert one.channel.take() == [
        "display_data:running",
        "stream:old\n",
        "clear_output:",
        "display_data:running",
        "stream:new\n",
    ]


def test_parallel_tasks_are_shown_in_blocks() -> None:
    two = Setup(LIVE, [("a", "n=1"), ("b", "n=2")])
    two.channel.take()
    two.frame("b1\n", "b")
    two.frame("a1\n", "a")
    two.frame("b2\n", "b")
    two.transcript.ended("b")
    two.transcript.flush()
    assert two.channel.take() == ["stream:── n=2 ──\nb1\nb2\n"]
    two.transcript.ended("a")
    two.transcript.flush()
    assert two.channel.take() == ["stream:── n=1 ──\na1\n"]


def test_one_display_holds_everything_in_task_order() -> None:
    two = Setup(DISPLAY, [("a", "n=1"), ("b", "n=2")])
    two.channel.take()
    two.frame("second\n", "b")
    two.frame("first\n", "a")
    two.status = "done"
    two.transcript.flush()
    assert two.channel.take() == ["update_display_data:done\n── n=1 ──\nfirst\n── n=2 ──\nsecond"]


def test_a_display_is_sent_again_inside_a_cell() -> None:
    """What a background thread sent between two cells was dropped by an executing program."""
    one = Setup(DISPLAY, [("t", "")])
    one.frame("x\n")
    one.transcript.flush()
    one.transcript.flush()
    one.channel.take()
    one.transcript.flush(inside_cell=True)
    assert one.channel.take() == ["update_display_data:running\nx"]
    one.transcript.flush(inside_cell=True)
    assert one.channel.take() == []


def test_a_terminal_gets_prefixed_lines_and_no_ticking_clock() -> None:
    one = Setup(TERMINAL, [("t", "")])
    one.status = "running 0.1 s"
    one.transcript.flush()
    one.status = "running 0.2 s"
    one.frame("a\nb\n")
    one.transcript.flush()
    one.status = "done in 0.3 s"
    one.transcript.flush()
    assert one.channel.take() == [
        "stream:running\n",
        "stream:[load] a\n[load] b\n",
        "stream:done in 0.3 s\n",
    ]


def test_a_figure_gets_through_to_a_console_that_can_show_it() -> None:
    one = Setup(TERMINAL, [("t", "")])
    data = {"data": {"image/png": "iVBO", "text/plain": "<Figure>"}, "metadata": {}}
    for one.channel.pictures in (True, False):
        one.transcript.add(Frame("t", 1, 0, "display", data))
        one.transcript.flush()
    assert one.channel.take() == [
        "stream:running\n",
        "display_data:<Figure>",
        "stream:[load] <Figure>\n",
    ]


def test_a_closed_transcript_is_silent() -> None:
    one = Setup(LIVE, [("t", "")])
    one.channel.take()
    one.transcript.close()
    one.frame("late\n")
    one.transcript.flush()
    assert one.channel.take() == []
