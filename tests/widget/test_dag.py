"""The widget without a browser: what it sends, when, and how it answers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from orion_nb.core.model import Frame
from orion_nb.exceptions import OrionError
from orion_nb.widget import GraphView, picture
from orion_nb.widget.merge import merge

from .fake_feed import Item, Run, demo, folded, shifted, until

pytest.importorskip("anywidget")


class Browser:
    """Stands at the other end of the widget's comm: keeps messages, answers nothing."""

    def __init__(self, widget: Any) -> None:
        self.widget = widget
        self.messages: list[tuple[float, dict[str, Any]]] = []
        self.traits: list[tuple[float, dict[str, Any]]] = []
        self.arrived = threading.Condition()
        widget.send = self._message
        widget._send = self._trait

    def _message(self, content: dict[str, Any], buffers: Any = None) -> None:
        with self.arrived:
            self.messages.append((time.monotonic(), content))
            self.arrived.notify_all()

    def _trait(self, message: dict[str, Any], buffers: Any = None) -> None:
        with self.arrived:
            self.traits.append((time.monotonic(), message.get("state", {})))
            self.arrived.notify_all()

    def ask(self, **question: Any) -> dict[str, Any]:
        """Send a question as a page would, and wait for its answer."""
        number = f"q{len(self.messages)}"
        self.widget._handle_custom_msg({**question, "id": number}, [])
        return next(m for _, m in reversed(self.messages) if m.get("id") == number)

    def wait(self, condition: Any, timeout: float = 20.0) -> None:
        with self.arrived:
            assert self.arrived.wait_for(condition, timeout)

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [message for _, message in self.messages if message["type"] == kind]


@pytest.fixture
def made() -> Iterator[Any]:
    from orion_nb.widget.dag import DagWidget

    widgets: list[Any] = []

    def make(feed: list[Item] = (), **options: Any) -> tuple[Any, Browser]:  # type: ignore[assignment]
        view = GraphView(title="t")
        view.update(feed)
        widget = DagWidget(view, **options)
        widgets.append(widget)
        return widget, Browser(widget)

    yield make
    for widget in widgets:
        widget.close()


def test_a_page_that_opens_late_gets_the_state_of_that_moment(made: Any) -> None:
    widget, _ = made(until(demo(), 3.0))
    assert widget.flush()
    widget.update_from(demo())
    state = widget.get_state()
    assert state["snapshot"]["run"]["finished"]
    assert state["snapshot"]["rev"] == widget.view.rev
    assert len(state["geometry"]["nodes"]) == 15
    assert state["geometry"]["topology"] == widget.view.topology
    assert len(state["_esm"]) < 60_000


def test_the_trait_is_small_however_many_tasks_there_are(made: Any) -> None:
    widget, browser = made(folded(1000))
    trait = widget.get_state("snapshot")["snapshot"]
    assert len(json.dumps(trait)) < 25_000
    assert trait["part"]
    whole = browser.ask(type="snapshot")["snapshot"]
    assert "part" not in whole
    assert whole["spans"][-200:] == trait["spans"]
    rest = {key for key in trait if key not in ("spans", "clock", "part")}
    assert all(whole[key] == trait[key] for key in rest)


def test_until_a_page_speaks_state_goes_as_traits_then_as_deltas(made: Any) -> None:
    widget, browser = made()
    widget.update_from(until(demo(), 2.0))
    assert widget.flush()
    assert browser.of("delta") == []
    assert any("snapshot" in state for _, state in browser.traits)
    assert any("geometry" in state for _, state in browser.traits)
    known = browser.ask(type="snapshot")
    assert known["ok"]
    snapshot = known["snapshot"]
    for end in (4.0, 8.0, 30.0):
        widget.update_from(until(demo(), end))
        assert widget.flush()
    for delta in browser.of("delta"):
        delta = {key: value for key, value in delta.items() if key != "type"}
        snapshot = merge(snapshot, delta)
    want = widget.view.snapshot()
    assert {**snapshot, "clock": 0} == {**want, "clock": 0}


def test_messages_are_few_and_the_end_is_not_late(made: Any) -> None:
    widget, browser = made()
    browser.ask(type="snapshot")
    feed = folded(300)
    begun = time.monotonic()
    for start in range(0, len(feed), 25):  # about a second of it
        widget.update_from(feed[start : start + 25])
        time.sleep(0.01)
    last = time.monotonic()
    browser.wait(lambda: any(delta["run"]["finished"] for delta in browser.of("delta")))
    seconds = time.monotonic() - begun
    assert len(browser.of("delta")) <= 3 + 10 * seconds + 1
    finished = next(
        at for at, m in browser.messages if m["type"] == "delta" and m["run"]["finished"]
    )
    assert finished - last < 0.5


def test_questions_are_answered_with_their_id(made: Any) -> None:
    called: list[tuple[str, str]] = []

    def cancel(task: str) -> str:
        called.append(("cancel", task))
        return "asked to stop"

    def retry(task: str) -> None:
        raise OrionError("it still runs")

    def logs(task: str) -> list[Frame]:
        if task == "broken":
            raise KeyError(task)
        return [Frame(task, 1, 0, "stream", {"name": "stdout", "text": "hello"})]

    _, browser = made(demo(troubled=True), on_cancel=cancel, on_retry=retry, on_logs=logs)
    assert browser.ask(type="cancel", task="clean-1")["result"] == "asked to stop"
    assert called == [("cancel", "clean-1")]
    refused = browser.ask(type="retry", task="clean-1")
    assert (refused["ok"], refused["error"]) == (False, "it still runs")
    frames = browser.ask(type="logs", task="clean-1")["result"]
    assert frames == [{"kind": "stream", "data": {"name": "stdout", "text": "hello"}}]
    assert browser.ask(type="logs", task="broken")["error"] == "KeyError: 'broken'"
    assert "NaN" in browser.ask(type="detail", task="model-7")["detail"]["traceback"]
    assert browser.ask(type="detail", task="nobody")["detail"] is None
    assert len(browser.ask(type="members", group="fit")["members"]) == 8
    assert "cannot do" in browser.ask(type="explode")["error"]
    before = len(browser.messages)
    browser.widget._handle_custom_msg("no question", [])
    assert len(browser.messages) == before


def test_the_end_is_foreseen_while_it_runs_and_moves_while_nothing_is_heard(made: Any) -> None:
    run = Run(workers=1)
    run.task("a", seconds=5)
    run.task("b", "a", seconds=5)
    view = GraphView(title="t", history=lambda group: 5.0)
    from orion_nb.widget.dag import DagWidget

    now, asked = [100.5], []
    widget = DagWidget(view, clock=lambda: now[0], workers=lambda: asked.append(1) or 1)
    browser = Browser(widget)
    try:
        browser.ask(type="snapshot")
        widget.update_from(until(run.feed(), 0.4))
        browser.wait(lambda: any("end" in d.get("outlook", {}) for d in browser.of("delta")))
        first = browser.of("delta")[-1]["outlook"]
        assert first["end"] == pytest.approx(110.0, abs=0.1)
        now[0] = 130.0  # `a` takes much longer than it usually does, and says nothing
        browser.wait(lambda: browser.of("delta")[-1].get("outlook", first)["end"] > 130)
        assert asked
        widget.update_from(run.feed())
        browser.wait(lambda: browser.of("delta")[-1]["run"]["finished"])
    finally:
        widget.close()


def test_why_is_asked_of_whoever_knows(made: Any) -> None:
    widget, browser = made(demo(), on_why=lambda task: [f"`{task}()` line 7 changed"])
    assert widget.actions == ["why"]
    assert browser.ask(type="why", task="clean-1")["result"] == ["`clean-1()` line 7 changed"]


def test_a_missing_callback_has_no_button(made: Any) -> None:
    widget, browser = made(demo(), on_logs=lambda task: "")
    assert widget.actions == ["logs"]
    assert not browser.ask(type="cancel", task="clean-1")["ok"]


def test_a_pile_opened_by_a_click_is_laid_out_again(made: Any) -> None:
    widget, browser = made(folded(340))
    assert widget.flush()
    assert len(widget.geometry["nodes"]) == 7
    assert browser.ask(type="open", group="parse", open=True)["opened"]
    assert widget.flush()
    assert len(widget.geometry["nodes"]) == 6 + 112
    assert browser.of("geometry")[-1]["geometry"] == widget.geometry


def test_a_missing_graphviz_is_told_in_the_graph(
    made: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> str:
        raise picture.GraphvizMissing("pip install graphviz-pure")

    monkeypatch.setattr(picture, "executable", missing)
    widget, _ = made(demo())
    assert widget.flush()
    assert widget.geometry["problem"] == "pip install graphviz-pure"


def test_the_clock_is_learned_from_the_feed(made: Any) -> None:
    widget, browser = made()
    widget.update_from(shifted(until(demo(), 9.0), start=time.monotonic() + 1_000))
    now = browser.ask(type="snapshot")["snapshot"]["clock"]
    assert now == pytest.approx(time.monotonic() + 1_009, abs=1.0)
    _, browser = made(demo(), clock=lambda: 42.0)
    assert browser.ask(type="snapshot")["snapshot"]["clock"] == 42.0


def test_a_view_that_its_owner_feeds_is_shown_too(made: Any) -> None:
    widget, browser = made()
    browser.ask(type="snapshot")
    widget.view.update(demo())
    widget.update_from(demo())
    browser.wait(lambda: any(delta["run"]["finished"] for delta in browser.of("delta")))


def test_many_threads_may_feed_one_view(made: Any) -> None:
    widget, _ = made()
    feed = folded(300)
    threads = [threading.Thread(target=widget.update_from, args=(feed,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert widget.flush()
    single = GraphView(title="t")
    single.update(feed)
    assert widget.view.snapshot()["run"] == single.snapshot()["run"]
