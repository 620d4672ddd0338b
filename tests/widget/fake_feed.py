"""Feeds as a real run makes them, without a runtime: a toy scheduler on a virtual clock.

Each builder returns the whole feed, a list of `Change` and `Progress` in order of time, the
same every time. What a task does is said by its `Act`.
"""

from __future__ import annotations

import heapq
import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from orion_nb.core.commands import Change
from orion_nb.core.model import ActionResult, ObjectRef, Progress, Task, TaskError, TaskState

S = TaskState
Item = Change | Progress

TRACEBACK = (
    "\x1b[0;31m---------------------------------------------------------------------------\x1b[0m\n"
    "\x1b[0;31mValueError\x1b[0m                                Traceback (most recent call last)\n"
    "Cell \x1b[0;32mIn[9], line 4\x1b[0m\n"
    "\x1b[1;32m      2\x1b[0m model \x1b[38;5;241m=\x1b[39m GradientBoostingRegressor(max_depth\x1b[38;5;241m=\x1b[39mdepth)\n"
    "\x1b[1;32m      3\x1b[0m X, y \x1b[38;5;241m=\x1b[39m features[columns], features.delay\n"
    "\x1b[0;32m----> 4\x1b[0m model\x1b[38;5;241m.\x1b[39mfit(X, y)\n"
    "\n\x1b[0;31mValueError\x1b[0m: Input X contains NaN: 212 rows of <dep_delay> are missing"
)


@dataclass
class Act:
    """What happens when a task runs. Seconds."""

    seconds: float = 1.0
    hit: float | None = None  # the cached result took this long
    fail: bool = False
    fail_first: int = 0  # attempts that fail before one works
    clone_after: float | None = None  # a second attempt, which takes `clone_seconds`
    clone_seconds: float = 1.0
    cancel_after: float | None = None
    progress: int = 0  # reports while it runs


@dataclass
class Run:
    """Tasks, what they do, and the workers that do it."""

    workers: int = 4
    tasks: list[Task] = field(default_factory=list)
    acts: dict[str, Act] = field(default_factory=dict)
    start: float = 100.0

    def task(self, id: str, *needs: str, name: str = "", group: str = "", **act: Any) -> str:
        self.tasks.append(
            Task(
                id=id,
                name=name or id,
                group=group,
                inputs=tuple((need, ObjectRef(need)) for need in needs),
            )
        )
        self.acts[id] = Act(**act)
        return id

    def feed(self) -> list[Item]:
        return _Toy(self).play()


class _Toy:
    def __init__(self, run: Run) -> None:
        self.run = run
        self.now = run.start
        self.seq = 0
        self.error: TaskError | None = None
        self.state: dict[str, TaskState] = {}
        self.items: list[Item] = []
        self.idle = [f"w{i}" for i in range(run.workers)]
        self.queue: list[str] = []
        self.heap: list[tuple[float, int, Any]] = []
        self.count = 0
        self.open: dict[tuple[str, int], str] = {}  # (task, attempt) → worker
        self.made: dict[str, int] = {}
        self.waits = {t.id: {ref.task for _, ref in t.inputs} for t in run.tasks}
        self.children: dict[str, list[str]] = {}
        for task in run.tasks:
            for _, ref in task.inputs:
                self.children.setdefault(ref.task, []).append(task.id)

    def play(self) -> list[Item]:
        for task in self.run.tasks:
            self.say(task.id, S.WAITING, "submitted", detail={"task": task})
        for task in self.run.tasks:
            if not self.waits[task.id]:
                self.probe(task.id)
        self.dispatch()
        while self.heap:
            self.now, _, (call, args) = heapq.heappop(self.heap)
            call(*args)
            self.dispatch()
        return self.items

    def at(self, delay: float, call: Any, *args: Any) -> None:
        self.count += 1
        heapq.heappush(self.heap, (self.now + delay, self.count, (call, args)))

    def say(self, task: str, new: TaskState, why: str, attempt: int = 0, worker: str = "", *, detail: dict[str, Any] | None = None) -> None:  # fmt: skip
        old = self.state.get(task)
        self.state[task] = new
        self.seq += 1
        self.items.append(
            Change(self.seq, round(self.now, 4), task, old, new, why, attempt, worker, detail or {})
        )

    def probe(self, task: str) -> None:
        self.say(task, S.PROBING, "probed", detail={"key": f"{hash(task) & 0xFFFFFF:06x}"})
        self.at(0.004, self.probed, task)

    def probed(self, task: str) -> None:
        seconds = self.run.acts[task].hit
        if seconds is not None:
            result = ActionResult("0" * 64, {}, seconds)
            self.say(task, S.DONE, "hit", detail={"hit": result, "outputs": {}})
            self.release(task)
        else:
            self.say(task, S.READY, "missed")
            self.queue.append(task)

    def dispatch(self) -> None:
        while self.queue and self.idle:
            self.launch(self.queue.pop(0), "dispatched")

    def launch(self, task: str, why: str) -> None:
        act, worker = self.run.acts[task], self.idle.pop(0)
        attempt = self.made[task] = self.made.get(task, 0) + 1
        self.open[task, attempt] = worker
        detail = {"clone": True} if why == "cloned" else {}
        self.say(task, S.RUNNING, why, attempt, worker, detail=detail)
        self.say(task, S.RUNNING, "started", attempt, worker)
        seconds = act.clone_seconds if why == "cloned" else act.seconds
        if act.fail or attempt <= act.fail_first:
            self.at(seconds, self.failed, task, attempt)
        else:
            self.at(seconds, self.finished, task, attempt, seconds)
        for i in range(1, act.progress + 1):
            share = i / (act.progress + 1)
            self.at(seconds * share, self.report, task, attempt, i * 10, act.progress * 10 + 10)
        if act.clone_after is not None and why != "cloned":
            self.at(act.clone_after, self.clone, task)
        if act.cancel_after is not None:
            self.at(act.cancel_after, self.cancel, task)

    def report(self, task: str, attempt: int, done: int, total: int) -> None:
        if (task, attempt) in self.open:
            self.items.append(
                Progress(task, attempt, done, total, f"step {done}", round(self.now, 4))
            )

    def clone(self, task: str) -> None:
        if self.state[task] is S.RUNNING:
            if self.idle:
                self.launch(task, "cloned")
            else:
                self.at(0.1, self.clone, task)

    def close(self, task: str) -> None:
        for key in [key for key in self.open if key[0] == task]:
            self.idle.append(self.open.pop(key))

    def finished(self, task: str, attempt: int, seconds: float) -> None:
        worker = self.open.get((task, attempt))
        if worker is None:
            return
        detail: dict[str, Any] = {"duration": seconds}
        if self.made[task] > 1 and attempt > 1 and self.run.acts[task].clone_after is not None:
            detail["saved"] = self.run.acts[task].seconds - (
                seconds + (self.run.acts[task].clone_after or 0)
            )
        self.close(task)
        self.say(task, S.DONE, "finished", attempt, worker, detail=detail)
        self.release(task)

    def failed(self, task: str, attempt: int) -> None:
        worker = self.open.get((task, attempt))
        if worker is None:
            return
        self.close(task)
        act = self.run.acts[task]
        error = TaskError("exception", "ValueError", "Input X contains NaN: 212 rows", TRACEBACK)
        if act.fail:
            self.say(task, S.FAILED, "failed", attempt, worker, detail={"error": error})
            self.error = error
            self.sink(task, task)
        else:
            error = TaskError("exception", "ConnectionError", "weather service timed out")
            detail = {"error": error, "delay": 0.8}
            self.say(task, S.BACKOFF, "retry-later", attempt, worker, detail=detail)
            self.at(0.8, self.again, task)

    def again(self, task: str) -> None:
        self.say(task, S.READY, "backoff-over")
        self.queue.append(task)

    def sink(self, task: str, root: str) -> None:
        for child in self.children.get(task, ()):
            if self.state[child] is S.WAITING:
                self.say(
                    child,
                    S.UPSTREAM_FAILED,
                    "upstream-failed",
                    detail={"root": root, "error": self.error},
                )
                self.sink(child, root)

    def cancel(self, task: str) -> None:
        if self.state[task] is S.RUNNING:
            self.close(task)
            self.error = TaskError("cancelled", "", "asked by the user")
            self.say(task, S.CANCELLED, "cancelled", detail={"error": self.error})
            self.sink(task, task)

    def release(self, task: str) -> None:
        for child in self.children.get(task, ()):
            self.waits[child].discard(task)
            if not self.waits[child] and self.state[child] is S.WAITING:
                self.probe(child)


def demo(*, troubled: bool = False) -> list[Item]:
    """load → clean → join → features → 8 models → compare → plot, with a hit, a straggler whose
    clone wins and a retry; `troubled`: also a failure and a cancellation."""
    run = Run()
    run.task("load-1", name="load flights", hit=6.4)
    run.task("weather-1", name="load weather", seconds=1.4, fail_first=1)
    run.task("clean-1", "load-1", name="clean", seconds=1.8, progress=6)
    run.task("join-1", "clean-1", "weather-1", name="join weather", seconds=1.2)
    run.task("features-1", "join-1", name="features", seconds=2.2, progress=8)
    models = [
        "ridge",
        "lasso",
        "forest",
        "extra trees",
        "boosting",
        "k-nearest",
        "linear SVM",
        "MLP",
    ]
    for i, model in enumerate(models):
        act: dict[str, Any] = {"seconds": 1.6 + 0.35 * i, "progress": 5}
        if model == "boosting":
            act = {"seconds": 14.0, "clone_after": 4.5, "clone_seconds": 2.6, "progress": 20}
        if troubled and model == "MLP":
            act["fail"] = True
        if troubled and model == "k-nearest":
            act["cancel_after"] = 1.0
        run.task(f"model-{i}", "features-1", name=f"fit {model}", group="fit", **act)
    run.task("compare-1", *[f"model-{i}" for i in range(len(models))], name="compare", seconds=0.9)
    run.task("plot-1", "compare-1", "clean-1", name="plot", seconds=0.7)
    return run.feed()


def layers(count: int = 60, *, width: int = 10, seed: int = 1) -> list[Item]:
    """Layers of `width` tasks, each with one to three parents in the layer before."""
    rng, run = random.Random(seed), Run(workers=8)
    words = ["parse", "filter", "tokenise", "embed", "score", "rank", "merge", "report"]
    for i in range(count):
        layer, column = divmod(i, width)
        parents = {
            f"t{(layer - 1) * width + min(width - 1, max(0, column + rng.choice((-1, 0, 0, 1))))}"
            for _ in range(rng.choice((1, 1, 2)))
        }
        needs = sorted(parents) if layer else []
        hit = rng.uniform(1, 5) if layer < 2 and rng.random() < 0.4 else None
        word = words[layer % len(words)]
        run.task(f"t{i}", *needs, name=f"{word}[{column}]", seconds=rng.uniform(0.3, 2), hit=hit)
    return run.feed()


def folded(count: int = 1000, *, seed: int = 2) -> list[Item]:
    """load → split → `count` tasks in three mapped groups → reduce: to be drawn as piles."""
    rng, run = random.Random(seed), Run(workers=8)
    run.task("load", name="load", seconds=0.5)
    run.task("split", "load", name="split", seconds=0.4)
    third = max(1, (count - 4) // 3)
    for i in range(third):
        run.task(
            f"p{i}", "split", name=f"parse[{i}]", group="parse", seconds=rng.uniform(0.02, 0.1)
        )
        run.task(
            f"s{i}", f"p{i}", name=f"score[{i}]", group="score",
            seconds=rng.uniform(0.05, 0.2), fail_first=int(i % 97 == 5), hit=2.0 if i % 5 == 0 else None,
        )  # fmt: skip
        run.task(
            f"e{i}", f"s{i}", name=f"embed[{i}]", group="embed", seconds=rng.uniform(0.05, 0.3)
        )
    run.task("reduce", *[f"e{i}" for i in range(third)], name="reduce", seconds=0.6)
    run.task("publish", "reduce", name="publish", seconds=0.2)
    return run.feed()


def staged(count: int = 2000, *, width: int = 100, apart: bool = False) -> list[Item]:
    """Stages of `width` tasks, each of which needs two of the stage before; `apart`: each with a
    name of its own, so that no piles can be drawn."""
    run = Run(workers=16)
    for i in range(count):
        stage, column = divmod(i, width)
        needs = [f"t{(stage - 1) * width + (column + k) % width}" for k in (0, 1)] if stage else []
        name, group = f"stage {chr(97 + stage)}[{column}]", f"stage {chr(97 + stage)}"
        if apart:
            name, group = f"{chr(97 + stage)}{column} step", ""
        run.task(
            f"t{i}", *needs, name=name, group=group, seconds=0.4 + 0.05 * (i % 7),
            hit=1.0 if i % 50 == 3 else None, fail_first=int(i % 331 == 17),
        )  # fmt: skip
    return run.feed()


def until(feed: list[Item], seconds: float) -> list[Item]:
    """The feed's first `seconds`."""
    return [item for item in feed if item.at <= feed[0].at + seconds]


def shifted(feed: list[Item], *, start: float, speed: float = 1.0) -> list[Item]:
    """The feed on another clock: it begins at `start` and runs `speed` times as fast."""
    first = feed[0].at
    return [item._replace(at=start + (item.at - first) / speed) for item in feed]


def replay(widget: Any, feed: list[Item], *, speed: float = 1.0) -> threading.Thread:
    """Feed a widget as a publisher would: from a thread, in batches, at the feed's own pace."""
    items = shifted(feed, start=time.monotonic(), speed=speed)

    def publish() -> None:
        pending = list(items)
        while pending:
            time.sleep(max(0.0, pending[0].at - time.monotonic()))
            now = time.monotonic()
            due = [item for item in pending if item.at <= now]
            pending = pending[len(due) :]
            widget.update_from(due)

    thread = threading.Thread(target=publish, daemon=True)
    thread.start()
    return thread
