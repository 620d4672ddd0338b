"""A small language for scenarios: facts in, news and orders out, as text that anyone can read.

A line ``> …`` is one fact; the lines below it are what the scheduler answered. ``#`` begins a
comment. The clock stands still but for ``> +SECONDS``.

=========================================  =====================================================
``submit a b(x=a, y=c.left){retries=1}``   one graph; options below
``worker w1 [thread] [slots=2] [on n1]``   a worker joins; ``drain w1``; ``lose w1 [why]``
``started a [#n]``                         #n: the attempt, else the newest; @w: its worker
``finished a [#n] [left=v] [took 2]``      output "value" (or the named ones) becomes v, else "a"
``failed a [#n] [kind=k] [fatal] words``   ``fatal``: not retryable
``abandoned a [#n]``                       answer to an order to abandon
``released a [#n]``, ``kept a [#n]``       answers to an order to give back
``hit a [left=v]``, ``miss a [why]``       answers of the cache
``timer NAME``                             a timer fires
``cancel a b``, ``retry a [alone]``        what people ask for
``gone a[.left]``, ``want a[.left]``       an output is lost, or wanted from outside
``forget a b``, ``archive a b``            the host has no use for them, or keeps them elsewhere
``restore a b``                            as they were when they were archived
``restore a(x=b){…}=done [left=v]``        … or as they ended in another life (failed, cancelled, …)
``outstanding``, ``load``, ``info a``      what a host may ask
=========================================  =====================================================

Options of a task: retries, lost, timeout, wait, speculate, priority, group, session, outputs (l+r),
after (a+b), code, and the words cached, recompute, impure, thread.

Answers: ``a  ready → running  dispatched #1 @w1`` is a change, ``» run a #1 @w1 x=v`` an order,
``! InvalidTransition: …`` a refusal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from orion_nb.core import commands as c
from orion_nb.core import events as e
from orion_nb.core.model import (
    VALUE,
    ActionResult,
    CacheMode,
    Component,
    KeyRecipe,
    ObjectRef,
    Output,
    Policy,
    Task,
    TaskError,
    TaskState,
    WorkerKind,
)
from orion_nb.core.policies import SchedulerConfig
from orion_nb.core.remains import Ended
from orion_nb.core.scheduler import Scheduler
from orion_nb.exceptions import OrionError

_TASK = re.compile(r"(?P<id>[\w-]+)(?:\((?P<inputs>[^)]*)\))?(?:\{(?P<options>[^}]*)\})?")
_NUMBERS = {
    "retries": ("retries", int),
    "lost": ("lost_worker_retries", int),
    "timeout": ("timeout", float),
    "wait": ("wait_timeout", float),
    "speculate": ("speculate_after", float),
    "priority": ("priority", int),
}
_SHOWN = ("delay", "root", "duration", "clone", "saved", "output", "outputs", "reason", "leader")


def parse_ref(text: str) -> ObjectRef:
    task, _, output = text.partition(".")
    return ObjectRef(task, output or VALUE)


def recipe(code: str) -> KeyRecipe:
    return KeyRecipe((Component("code", code, "0" * 64),))


def parse_task(match: re.Match[str]) -> Task:
    inputs = [
        part.split("=") for part in (match["inputs"] or "").replace(" ", "").split(",") if part
    ]
    policy: dict[str, Any] = {"cache": CacheMode.OFF}
    task: dict[str, Any] = {}
    for option in (match["options"] or "").split():
        word, _, value = option.partition("=")
        if word in _NUMBERS:
            name, convert = _NUMBERS[word]
            policy[name] = convert(value)
        elif word in ("after", "outputs"):
            task[word] = tuple(value.split("+"))
        elif word in ("group", "session"):
            task[word] = value
        elif word in ("cached", "recompute"):
            policy["cache"] = CacheMode.DEFAULT if word == "cached" else CacheMode.RECOMPUTE
            task.setdefault("recipe", recipe(match["id"]))
        elif word == "code":
            task["recipe"] = recipe(value)
        elif word == "impure":
            policy["impure"] = True
        elif word == "thread":
            policy["kind"] = WorkerKind.THREAD
        else:
            raise ValueError(f"unknown option {option!r}")
    return Task(
        id=match["id"],
        name=match["id"],
        inputs=tuple((name, parse_ref(ref)) for name, ref in inputs),
        policy=Policy(**policy),
        **task,
    )


class Script:
    """A scheduler that is driven by lines of text; invariants are checked after each.

    Jitter is 1, so every delay is its upper bound.
    """

    def __init__(self, after_step: Callable[[Scheduler], None] = Scheduler.validate) -> None:
        self.scheduler = Scheduler(SchedulerConfig(random=lambda: 1.0))
        self.now = 0.0
        self.rows: set[tuple[Any, str]] = set()  # of the lifecycle table that were taken
        self.archive: dict[str, Ended] = {}
        self._workers: dict[tuple[str, int], str] = {}
        self._after_step = after_step

    def run(self, line: str) -> list[str]:
        """Perform one directive; the answer as lines."""
        if line.startswith("+"):
            self.now += float(line[1:])
            return []
        word, _, rest = line.partition(" ")
        if word in ("outstanding", "load", "info"):
            return list(self._ask(word, rest))
        return self.feed(self.parse(word, rest.strip()))

    def feed(self, event: e.Event) -> list[str]:
        try:
            effects = self.scheduler.step(event)
        except OrionError as error:
            self._after_step(self.scheduler)
            return [f"! {type(error).__name__}: {error}"]
        self._after_step(self.scheduler)
        for command in effects.commands:
            if isinstance(command, c.RunTask):
                self._workers[command.task, command.attempt] = command.worker
        self.rows.update((change.old, change.why) for change in effects.changes)
        lines = [show_change(change) for change in effects.changes]
        return lines + [show_command(command) for command in effects.commands]

    def parse(self, word: str, rest: str) -> e.Event:
        words, now = rest.split(), self.now
        match word:
            case "submit":
                return e.Submitted(now, tuple(parse_task(m) for m in _TASK.finditer(rest)))
            case "worker":
                kind = WorkerKind.THREAD if "thread" in words else WorkerKind.PROCESS
                slots = next((int(w[6:]) for w in words if w.startswith("slots=")), 1)
                node = words[words.index("on") + 1] if "on" in words else ""
                return e.WorkerJoined(now, words[0], kind, node, slots)
            case "drain":
                return e.WorkerDraining(now, words[0])
            case "lose":
                return e.WorkerLost(now, words[0], " ".join(words[1:]))
            case "timer":
                return e.TimerFired(now, words[0])
            case "cancel":
                return e.CancelRequested(now, tuple(words))
            case "retry":
                tasks = tuple(w for w in words if w != "alone")
                return e.RetryRequested(now, tasks, downstream="alone" not in words)
            case "gone":
                return e.ObjectLost(now, parse_ref(words[0]), " ".join(words[1:]))
            case "want":
                return e.ObjectWanted(now, parse_ref(words[0]))
            case "forget":
                return e.Forgotten(now, tuple(words))
            case "archive":
                for name in words:
                    if name in self.scheduler and self.scheduler.info(name).state.final:
                        self.archive[name] = self.scheduler.ended(name)
                return e.Archived(now, tuple(words))
            case "restore":
                return e.Restored(now, tuple(self._ended(rest)))
            case "hit":
                return e.CacheAnswered(now, words[0], self._result(words[0], words[1:]))
            case "miss":
                return e.CacheAnswered(now, words[0], None, " ".join(words[1:]) or "never seen")
        return self._fact(word, words)

    def _ended(self, rest: str) -> Iterable[Ended]:
        for match in re.finditer(_TASK.pattern + r"(?:=(?P<state>\w+))?", rest):
            if not match["state"]:
                yield self.archive[match["id"]]
                continue
            task, state = parse_task(match), TaskState(match["state"])
            error = None if state is TaskState.DONE else TaskError("exception", "", "long ago")
            outputs = {name: Output(f"{task.id}.{name}", 1) for name in task.outputs}
            done = state is TaskState.DONE
            yield Ended(task, state, outputs if done else None, error, attempts=int(done))

    def _fact(self, word: str, words: list[str]) -> e.Event:
        """A fact about an attempt: ``WORD task [#n] [@worker] …``."""
        task, words = words[0], words[1:]
        numbers = [int(w[1:]) for w in words if w.startswith("#")]
        places = [w[1:] for w in words if w.startswith("@")]
        words = [w for w in words if w[0] not in "#@"]
        number = numbers[0] if numbers else self.scheduler.info(task).attempts
        worker = places[0] if places else self._workers.get((task, number), "?")
        at = (self.now, task, number, worker)
        match word:
            case "started":
                return e.Started(*at)
            case "finished":
                took = float(words[words.index("took") + 1]) if "took" in words else 1.0
                return e.Finished(*at, self._outputs(task, words), took)
            case "failed":
                kind = next((w[5:] for w in words if w.startswith("kind=")), "exception")
                text = [w for w in words if w != "fatal" and not w.startswith("kind=")]
                error = TaskError(
                    kind, "ValueError", " ".join(text), retryable="fatal" not in words
                )
                return e.Failed(*at, error)
            case "abandoned":
                return e.Abandoned(*at)
            case "released" | "kept":
                return e.StealConfirmed(*at, released=word == "released")
        raise ValueError(f"unknown directive {word!r}")

    def _outputs(self, task: str, words: Iterable[str]) -> dict[str, Output]:
        named = dict(w.split("=") for w in words if "=" in w)
        if not named:
            named = {VALUE: task}
        return {name: Output(value, 1) for name, value in named.items()}

    def _result(self, task: str, words: list[str]) -> ActionResult:
        key = next((w[4:] for w in words if w.startswith("key=")), None)
        outputs = self._outputs(task, [w for w in words if not w.startswith("key=")])
        return ActionResult(key or self.scheduler.info(task).key or "", outputs, 5.0)

    def _ask(self, word: str, rest: str) -> Iterable[str]:
        if word == "outstanding":
            yield from (show_command(command) for command in self.scheduler.outstanding())
        elif word == "load":
            for worker, load in self.scheduler.worker_load().items():
                yield f"{worker}: runs {' '.join(load.running) or '-'}, holds {' '.join(load.queued) or '-'}"
        else:
            info = self.scheduler.info(rest)
            error = f" error={info.error.kind}: {info.error.message}" if info.error else ""
            outputs = "".join(f" {n}={o.digest}" for n, o in (info.outputs or {}).items())
            yield (
                f"{info.state.value} attempts={info.attempts} failures={info.failures} "
                f"losses={info.losses}{outputs}{' root=' + info.root if info.root else ''}{error}"
            )


def show_change(change: c.Change) -> str:
    old = change.old.value if change.old is not None else "new"
    text = f"{change.task}  {old} → {change.new.value}  {change.why}"
    if change.attempt:
        text += f" #{change.attempt}"
    if change.worker:
        text += f" @{change.worker}"
    for name in _SHOWN:
        value = change.detail.get(name)
        if value is not None and not (name == "outputs" and isinstance(value, Mapping)):
            shown = f"{value:g}" if isinstance(value, float) else value
            text += f" {name}={shown}"
    error = change.detail.get("error")
    return f"{text} ({error.kind}: {error.message})" if error else text


def show_command(command: c.Command) -> str:
    match command:
        case c.ProbeCache(task, key):
            return f"» probe {task} key={key[:6]}"
        case c.RunTask(task, attempt, worker, inputs, clone):
            reads = "".join(f" {name}={output.digest}" for name, output in inputs)
            return f"» run {task} #{attempt} @{worker}{reads}{' as a clone' if clone else ''}"
        case c.AbandonTask(task, attempt, worker, why):
            return f"» abandon {task} #{attempt} @{worker} ({why})"
        case c.StealTask(task, attempt, worker):
            return f"» steal {task} #{attempt} @{worker}"
        case c.StartTimer(timer, delay):
            return f"» timer {timer} in {delay:g} s"
        case c.RecordResult(task, attempt, key, _, duration):
            return f"» record {task} #{attempt} key={key[:6]} took {duration:g} s"
        case c.DeadLetter(task, error):
            return f"» dead letter {task} ({error.kind}: {error.message})"
        case c.ReleaseObjects(refs):
            return f"» release {' '.join(ref.id for ref in refs)}"
    raise AssertionError(command)


def replay(text: str, script: Script) -> str:
    """Run a scenario; the same text with the answers that came."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("> "):
            lines.append(line)
            lines.extend(script.run(line[2:]))
        elif not line or line.startswith("#"):
            lines.append(line)
    return "\n".join(lines).rstrip("\n") + "\n"
