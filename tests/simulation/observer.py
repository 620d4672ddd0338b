"""Rules that hold in every run, checked from outside: from events and effects alone.

The scheduler's own `validate()` looks at its memory; this looks at what a host would see.
"""

from __future__ import annotations

from orion_nb.core.action import action_key
from orion_nb.core.commands import (
    AbandonTask,
    Change,
    Effects,
    ProbeCache,
    RecordResult,
    ReleaseObjects,
    RunTask,
    StealTask,
)
from orion_nb.core.events import (
    Abandoned,
    Event,
    Failed,
    Finished,
    ObjectLost,
    Restored,
    StealConfirmed,
    Submitted,
    WorkerJoined,
    WorkerLost,
)
from orion_nb.core.model import (
    ActionResult,
    CacheMode,
    Digest,
    Task,
    TaskId,
    TaskState,
    WorkerKind,
)
from orion_nb.core.transitions import TABLE

Attempt = tuple[TaskId, int]
Line = tuple[str, WorkerKind]
"""Those who wait for workers of one kind: a session's tasks."""


class Observer:
    """Follows one scheduler and raises AssertionError when a rule is broken."""

    def __init__(self) -> None:
        self.tasks: dict[TaskId, Task] = {}
        self.states: dict[TaskId, TaskState] = {}
        self.digests: dict[tuple[TaskId, str], Digest] = {}  # of accepted results
        self.lost: set[tuple[TaskId, str]] = set()  # of these, told to be unreadable
        self.keys: dict[Attempt, Digest] = {}  # of the inputs that an attempt got
        self.active: dict[Attempt, str] = {}  # attempts that hold a worker
        self.stopping: set[Attempt] = set()
        self.known: set[Attempt] = set()
        self.workers: set[str] = set()
        self.released: set[str] = set()
        self.passed: dict[Line, set[Line]] = {}  # who waits → who had a turn meanwhile
        self.ran = 0
        self._seq = 0

    def before(self, event: Event) -> None:
        """A fact is about to be told."""
        match event:
            case Submitted(tasks=tasks):
                self.tasks.update((task.id, task) for task in tasks)
            case Restored(tasks=items):
                for item in items:
                    for name, output in (item.outputs or {}).items():
                        self.digests[item.task.id, name] = output.digest
                        if name not in item.lost:
                            self.lost.discard((item.task.id, name))
            case WorkerJoined(worker=worker):
                self.workers.add(worker)
            case WorkerLost(worker=worker):
                self.workers.discard(worker)
                for attempt in [a for a, place in self.active.items() if place == worker]:
                    self._over(attempt)
            case ObjectLost(ref=ref):
                self.lost.add((ref.task, ref.output))
            case Finished() | Failed() | Abandoned():
                self._over((event.task, event.attempt))
            case StealConfirmed(released=True):
                self._over((event.task, event.attempt))

    def _over(self, attempt: Attempt) -> None:
        self.active.pop(attempt, None)
        self.stopping.discard(attempt)

    def after(self, effects: Effects) -> None:
        """What the scheduler answered."""
        for change in effects.changes:
            self._changed(change)
        waiting = self._waiting()
        self.passed = {line: by for line, by in self.passed.items() if line in waiting}
        for command in effects.commands:
            match command:
                case RunTask():
                    self._runs(command)
                case AbandonTask(task, attempt, worker):
                    assert self.active.get((task, attempt)) == worker, command
                    self.stopping.add((task, attempt))
                case StealTask(task, attempt, worker):
                    assert self.active.get((task, attempt)) == worker, command
                case RecordResult(task, attempt, key):
                    assert key == self.keys[task, attempt], command
                case ProbeCache(task, key):
                    self._asks(task, key)
                case ReleaseObjects(refs):
                    self.released.update(ref.id for ref in refs)

    def _changed(self, change: Change) -> None:
        """Changes are numbered without a gap, and each is a row of the table."""
        self._seq += 1
        assert change.seq == self._seq, change
        assert self.states.get(change.task) is change.old, change
        assert TABLE[change.old, change.why] is change.new, change
        self.states[change.task] = change.new
        if change.why in ("finished", "hit"):
            hit = change.detail.get("hit")
            outputs = hit.outputs if isinstance(hit, ActionResult) else change.detail["outputs"]
            for name, output in outputs.items():
                self.digests[change.task, name] = output.digest
                self.lost.discard((change.task, name))
        if change.why == "dispatched":
            self._has_turn(change.task)
        if change.why in ("forgotten", "archived"):
            del self.states[change.task]

    def _is_plain(self, task: Task) -> bool:
        """Cached, and runs for the first time, not to make a lost value again."""
        policy = task.policy
        cached = task.recipe is not None and policy.cache is CacheMode.DEFAULT
        fresh = not any((task.id, name) in self.digests for name in task.outputs)
        cloned = sum(name == task.id for name, _ in self.active) > 1
        return cached and not policy.impure and fresh and not cloned

    def _line(self, task: TaskId) -> Line:
        return self.tasks[task].session, self.tasks[task].policy.kind

    def _waiting(self) -> set[Line]:
        """Sessions that have a task in the queue."""
        held = {task for task, _ in self.active}
        ready = [task for task, state in self.states.items() if state is TaskState.READY]
        return {self._line(task) for task in ready if task not in held}

    def _has_turn(self, task: TaskId) -> None:
        """Sessions take turns: while one waits, no other has two."""
        mine = self._line(task)
        self.passed.pop(mine, None)
        for line in self._waiting():
            if line != mine and line[1] is mine[1]:
                passed = self.passed.setdefault(line, set())
                assert mine not in passed, f"{task}: {line} waits, and is passed over again"
                passed.add(mine)

    def _asks(self, name: TaskId, key: Digest) -> None:
        """The cache is asked for the digests that the task would read now."""
        task = self.tasks[name]
        assert task.recipe is not None
        digests = [(name, self.digests[ref.task, ref.output]) for name, ref in task.inputs]
        assert key == action_key(task.recipe, digests), name

    def _runs(self, command: RunTask) -> None:
        """Dependencies precede; nothing runs twice at once except a clone, elsewhere."""
        attempt = (command.task, command.attempt)
        assert attempt not in self.known, f"{attempt} was dispatched twice"
        assert command.worker in self.workers, command
        others = [a for a in self.active if a[0] == command.task]
        if command.clone:
            assert len(others) == 1, command
            assert others[0] not in self.stopping, command
            assert self.active[others[0]] != command.worker, command
        else:
            assert not others, f"{command} beside {others}"
        task = self.tasks[command.task]
        assert [name for name, _ in command.inputs] == [name for name, _ in task.inputs]
        for (_, ref), (_, output) in zip(task.inputs, command.inputs, strict=True):
            assert output.digest == self.digests[ref.task, ref.output], command
            assert (ref.task, ref.output) not in self.lost, f"{command}: its input is lost"
        if task.recipe is not None:
            digests = [(name, output.digest) for name, output in command.inputs]
            key = self.keys[attempt] = action_key(task.recipe, digests)
            if self._is_plain(task) and not command.clone:
                rivals = [a for a in self.active if self.keys.get(a) == key and a[0] != task.id]
                for rival in rivals:
                    plain = self._is_plain(self.tasks[rival[0]]) and rival not in self.stopping
                    assert not plain, f"{command} computes the same as {rival}"
        for name in task.after:
            assert any(made == name for made, _ in self.digests), command
        self.known.add(attempt)
        self.active[attempt] = command.worker
        self.ran += 1
