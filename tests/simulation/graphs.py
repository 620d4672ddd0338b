"""Random graphs of tasks whose results and failures are known beforehand."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from random import Random

from orion_nb.core.model import (
    VALUE,
    CacheMode,
    Component,
    Digest,
    KeyRecipe,
    ObjectRef,
    Output,
    Policy,
    Task,
    TaskId,
)

ENDLESS = 1_000_000
"""A budget that infrastructure cannot use up: results must not depend on its faults."""


@dataclass
class Plan:
    """What a task's code does, however often and wherever it runs."""

    seconds: float
    failures: int = 0  # raises until the scheduler has counted so many errors
    hangs: int = 0  # runs for ever until it has counted so many errors
    hopeless: bool = False  # always raises


@dataclass
class Graph:
    """Tasks in a valid order of submission, and what each does."""

    tasks: list[Task] = field(default_factory=list)
    plans: dict[TaskId, Plan] = field(default_factory=dict)

    def doomed(self, also: frozenset[TaskId] = frozenset()) -> set[TaskId]:
        """Tasks that end without a result in a world without faults, when `also` do."""
        found: set[TaskId] = set()
        for task in self.tasks:
            needs = {ref.task for _, ref in task.inputs} | set(task.after)
            if self.plans[task.id].hopeless or task.id in also or needs & found:
                found.add(task.id)
        return found

    def results(self) -> dict[tuple[TaskId, str], Digest]:
        """Every output's digest in a world without faults: a plain fold over the graph."""
        digests: dict[tuple[TaskId, str], Digest] = {}
        for task in self.tasks:
            inputs = {name: digests[ref.task, ref.output] for name, ref in task.inputs}
            for name, output in compute(task, inputs).items():
                digests[task.id, name] = output.digest
        return digests


def compute(task: Task, inputs: Mapping[str, Digest]) -> dict[str, Output]:
    """The "code" of a task: its result depends on what it is and on what it reads, only."""
    text = f"{task.name} {sorted(inputs.items())}"
    return {
        name: Output(hashlib.sha256(f"{text} {name}".encode()).hexdigest(), len(text))
        for name in task.outputs
    }


def random_graph(random: Random, size: int, prefix: str, earlier: Graph | None = None) -> Graph:
    """A graph of `size` tasks; `earlier`: the same work again under new ids, for cache hits."""
    graph = Graph()
    # Now and then many short tasks: work is queued at workers, stolen and given back.
    paces = [0.004] if random.random() < 0.2 else [0.001, 0.002, 0.05, 0.3, 1.5]
    for number in range(size):
        task_id = f"{prefix}{number}"
        if earlier is not None:
            graph.tasks.append(_again(earlier.tasks[number], task_id, prefix))
            graph.plans[task_id] = earlier.plans[earlier.tasks[number].id]
            continue
        plan = _random_plan(random, random.choice(paces))
        graph.plans[task_id] = plan
        graph.tasks.append(_random_task(random, task_id, plan, graph.tasks))
    return graph


def _again(task: Task, task_id: TaskId, prefix: str) -> Task:
    inputs = tuple(
        (name, ObjectRef(prefix + ref.task[1:], ref.output)) for name, ref in task.inputs
    )
    after = tuple(prefix + other[1:] for other in task.after)
    return Task(
        task_id,
        task.name,
        inputs,
        after,
        task.outputs,
        task.group,
        task.recipe,
        policy=task.policy,
        session="another",
    )


def _random_plan(random: Random, pace: float) -> Plan:
    seconds = pace * random.uniform(0.8, 1.2)
    kind = random.random()
    if kind < 0.04:
        return Plan(seconds, hopeless=True)
    if kind < 0.12:
        return Plan(seconds, failures=random.randint(1, 3))
    if kind < 0.16:
        return Plan(seconds, hangs=random.randint(1, 2))
    return Plan(seconds)


def _random_task(random: Random, task_id: TaskId, plan: Plan, before: list[Task]) -> Task:
    parents = random.sample(before, min(len(before), random.choice([0, 0, 1, 1, 2, 3])))
    inputs: list[tuple[str, ObjectRef]] = []
    after: list[TaskId] = []
    for number, parent in enumerate(parents):
        if random.random() < 0.15:
            after.append(parent.id)
        else:
            inputs.append((f"x{number}", ObjectRef(parent.id, random.choice(parent.outputs))))
    cached = random.random() < 0.6
    policy = Policy(
        cache=random.choice([CacheMode.DEFAULT] * 4 + [CacheMode.RECOMPUTE, CacheMode.OFF]),
        # Twice: a clone that began before the original failed fails in the same way.
        retries=2 * (plan.failures + plan.hangs) if not plan.hopeless else random.randint(0, 2),
        lost_worker_retries=ENDLESS,
        timeout=20.0 if plan.hangs else None,
        speculate_after=random.choice([None, None, 0.5]),
        impure=random.random() < 0.1,
        priority=random.choice([0, 0, 0, 1, -1]),
    )
    return Task(
        id=task_id,
        name=task_id[1:],
        inputs=tuple(inputs),
        after=tuple(after),
        outputs=random.choice([(VALUE,), (VALUE,), ("left", "right")]),
        session=random.choice(["", "n1", "n2"]),
        group=random.choice(["", *[f"g{round(math.log10(plan.seconds))}"] * 3]),
        recipe=KeyRecipe((Component("code", task_id[1:], "0" * 64),)) if cached else None,
        policy=policy,
    )
