"""What tasks print and display, in order, while they run, and again on a hit."""

from __future__ import annotations

import logging
import os
import sys
import time

import pytest

import orion_nb
from orion_nb.core.model import Progress
from orion_nb.local import context

from .conftest import LIMIT, Watcher, kinds_of, text_of


def test_prints_stream_while_the_task_runs(runtime, watch, tmp_path):
    def work(gate):
        print("first")
        while not os.path.exists(gate):
            time.sleep(0.005)
        print("second", file=sys.stderr)

    ref = runtime.submit(work, tmp_path / "gate")
    watch.wait_text(ref.task, "first\n")
    assert runtime.info(ref).state.value == "running"
    (tmp_path / "gate").touch()
    runtime.get(ref, timeout=LIMIT)
    frames = runtime.frames(ref)
    assert text_of(frames, "stdout") == "first\n"
    assert text_of(frames, "stderr") == "second\n"
    assert text_of(frames) == "first\nsecond\n"
    assert [frame.seq for frame in frames] == list(range(len(frames)))


@pytest.mark.skipif(sys.platform == "win32", reason="order needs pipes that can be polled")
def test_child_programs_and_descriptors_are_heard_in_order(runtime):
    def work():
        import ctypes
        import subprocess

        print("1 python")
        os.system("echo 2 shell")
        subprocess.run(["echo", "3 program"], check=True)
        print("4 python")
        os.write(1, b"5 descriptor\n")
        sys.stdout.buffer.write("6 büffer\n".encode())
        ctypes.CDLL(None).printf(b"7 printf\n")
        print("8 python")
        os.system("echo 9 last >&2")

    ref = runtime.submit(work)
    runtime.get(ref, timeout=LIMIT)
    assert [line[0] for line in text_of(runtime.frames(ref)).splitlines()] == list("123456789")
    assert text_of(runtime.frames(ref), "stderr") == "9 last\n"


def test_output_of_one_task_is_not_anothers(runtime):
    def work(index):
        logging.getLogger().warning("log %d", index)
        print("out", index)

    refs = [runtime.submit(work, index) for index in range(50)]
    runtime.get(refs, timeout=LIMIT)
    for index, ref in enumerate(refs):
        assert text_of(runtime.frames(ref), "stdout") == f"out {index}\n"
        assert f"log {index}\n" in text_of(runtime.frames(ref), "stderr")


def test_much_output_arrives_whole_and_a_flood_is_cut(runtime):
    def work(lines):
        for index in range(lines):
            print(index)

    ref = runtime.submit(work, 20_000)
    runtime.get(ref, timeout=LIMIT)
    assert text_of(runtime.frames(ref)).split() == [str(i) for i in range(20_000)]

    def flood():
        for _ in range(50):
            print("x" * (1 << 20))

    ref = runtime.submit(flood)
    runtime.get(ref, timeout=60)
    text = text_of(runtime.frames(ref))
    assert len(text) < 34 << 20 and text.endswith("the rest is dropped.\n")


def test_display_makes_rich_frames_in_order_with_prints(runtime):
    def work():
        from IPython.display import HTML, clear_output, display

        print("before")
        handle = display(HTML("<b>bold</b>"), display_id="one")
        handle.update(HTML("<i>thin</i>"))
        clear_output(wait=True)
        print("after")

    ref = runtime.submit(work)
    runtime.get(ref, timeout=LIMIT)
    frames = runtime.frames(ref)
    assert kinds_of(frames, ref.task) == ["stream", "display", "update_display", "clear", "stream"]
    (shown,) = [frame for frame in frames if frame.kind == "display"]
    assert shown.data["data"]["text/html"] == "<b>bold</b>"
    assert shown.data["transient"] == {"display_id": "one"}


def test_frames_can_be_emitted_and_must_be_plain(runtime):
    def work():
        running = context.current()
        running.emit("result", {"data": {"text/plain": running.name}, "metadata": {}})
        running.emit("result", {"data": object()})

    ref = runtime.submit(work, name="speaker")
    with pytest.raises(orion_nb.TaskFailed, match="TypeError"):
        runtime.get(ref, timeout=LIMIT)
    (frame,) = runtime.frames(ref)
    assert frame.data == {"data": {"text/plain": "speaker"}, "metadata": {}}


def test_progress_is_throttled_and_its_end_arrives(runtime, watch):
    def work():
        for done in range(10_000):
            orion_nb.progress(done + 1, 10_000, "counting")

    ref = runtime.submit(work)
    runtime.get(ref, timeout=LIMIT)
    watch.wait_change(ref.task, "finished")
    reports = [item for item in watch.items if isinstance(item, Progress)]
    assert len(reports) < 50 and reports[-1][2:5] == (10_000, 10_000, "counting")
    assert runtime.progress(ref) == reports[-1]
    orion_nb.progress(1, 2)  # outside a task: nothing


def test_a_retry_starts_the_output_anew(runtime, watch, tmp_path):
    # What was printed in the last moment before a crash may be lost with the process.
    def crash(path):
        first = not os.path.exists(path)
        print("first" if first else "second", flush=True)
        if first:
            open(path, "w").close()
            time.sleep(0.3)
            os._exit(1)

    ref = runtime.submit(crash, tmp_path / "tried")
    runtime.get(ref, timeout=LIMIT)
    watch.wait_text(ref.task, "second")
    assert kinds_of(watch.items, ref.task) == ["stream", "reset", "stream"]
    assert text_of(runtime.frames(ref)) == "second\n"


def test_the_feed_survives_a_broken_watcher(runtime, watch, caplog):
    def broken(items):
        raise RuntimeError("watcher's mistake")

    with runtime.subscribe(broken):
        ref = runtime.submit(print, "hello")
        watch.wait_change(ref.task, "finished")
    assert "a subscriber of the feed failed" in caplog.text


def test_replayed_frames_come_with_a_late_subscription(runtime):
    ref = runtime.submit(print, "hello")
    runtime.get(ref, timeout=LIMIT)
    late = Watcher(runtime, replay=True)
    assert late.wait_text(ref.task, "hello\n") == "hello\n"
