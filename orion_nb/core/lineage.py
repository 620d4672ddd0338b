"""Rules about neighbours: failures that travel down, lost values that are recomputed, retries, forgetting.

The work of each is proportional to the tasks that really change state, never to the graph.
Nothing here recurses: a chain of 100,000 tasks is legal.
"""

from __future__ import annotations

from ..exceptions import UnknownDependency, UsageError
from .events import Archived, CancelRequested, Forgotten, ObjectLost, ObjectWanted, RetryRequested
from .graph import BROKEN, Node
from .machine import Machine, dead_letter
from .model import TaskError
from .transitions import BACKOFF, CANCELLED, DONE, READY, UPSTREAM_FAILED, WAITING

# -- downwards: what can never run ---------------------------------------------------------------


def upstream_failed(machine: Machine, node: Node, cause: Node) -> None:
    """`node` needs something of `cause` that can never arrive; nor can what needs `node`."""
    _mark(machine, node, cause)
    propagate(machine, node)


def _mark(machine: Machine, node: Node, cause: Node) -> None:
    root = cause.root or cause.id
    ended = "was cancelled" if cause.error and cause.error.kind == "cancelled" else "failed"
    if cause.state is UPSTREAM_FAILED and cause.error is not None:
        message = cause.error.message
    else:
        message = f"needs {root!r}, which {ended}"
    was_done = node.state is DONE
    if node.state is READY:
        machine.leave_ready(node)
    node.root = root
    node.error = TaskError("upstream", "", message, retryable=False)
    machine.move(node, "upstream-failed", detail={"root": root, "error": node.error})
    if not was_done:
        machine.close(node)


def propagate(machine: Machine, cause: Node) -> None:
    """A task ended without a result: so do the waiting tasks that need it, and theirs."""
    stack = [cause]
    while stack:
        failed = stack.pop()
        for node in tuple(failed.dependents or ()):
            if node.state in (WAITING, BACKOFF) and node.unmet and not node.satisfied(failed):
                _mark(machine, node, failed)
                stack.append(node)


# -- upwards: what must run (again) ----------------------------------------------------------------


def wait_again(machine: Machine, node: Node) -> None:
    """An unfinished task without a running attempt misses an input (`unmet` > 0)."""
    broken = _broken_dep(node)
    if broken is not None:
        upstream_failed(machine, node, broken)
        return
    if node.state is READY:
        machine.leave_ready(node)
    machine.move(node, "input-lost")
    watch_wait(machine, node)
    need(machine, node)


def _broken_dep(node: Node) -> Node | None:
    for dep in node.deps:
        if dep.state in BROKEN and not node.satisfied(dep):
            return dep
    return None


def watch_wait(machine: Machine, node: Node) -> None:
    """Limit how long the task may stay in WAITING."""
    limit = node.task.policy.wait_timeout
    if limit is not None:
        machine.timer("wait", node, limit)


def need(machine: Machine, node: Node) -> None:
    """Recompute what `node` reads and what was lost, and in turn what that needs."""
    for dep in node.unsatisfied():
        if dep.state is DONE:
            recompute(machine, dep)


def recompute(machine: Machine, lost: Node) -> None:
    """Run a done task again for an output that can no longer be read.

    The cache is not asked: its entry points to the value that is gone.
    """
    stack = [lost]
    while stack:
        node = stack.pop()
        if node.state is not DONE:
            continue  # runs again already, for another reader
        missing = node.unsatisfied()
        broken = next((dep for dep in missing if dep.state in BROKEN or dep.dropped), None)
        if broken is not None:
            _give_up(machine, node, broken)
            continue
        node.recomputing = True
        machine.open(node)
        machine.move(node, "recompute", detail={"outputs": tuple(sorted(node.lost or ()))})
        if missing:
            watch_wait(machine, node)
            stack.extend(dep for dep in missing if dep.state is DONE)
        else:
            machine.start(node)


def _give_up(machine: Machine, node: Node, broken: Node) -> None:
    """A done task cannot run again: what it was made from is forgotten, or broken itself."""
    if broken.dropped:
        lost = ", ".join(sorted(node.lost or ()))
        message = f"output {lost} was lost, and {broken.id!r}, which it was made from, is forgotten"
        error = TaskError("lost-object", "", message, retryable=False)
        dead_letter(machine, node, "lost-for-good", error)
        propagate(machine, node)
    else:
        upstream_failed(machine, node, broken)


def on_object_lost(machine: Machine, event: ObjectLost) -> None:
    node = machine.nodes.get(event.ref.task)
    if node is None or node.outputs is None:
        return  # forgotten, or a result that was never accepted
    name = event.ref.output
    if name not in node.task.outputs:
        raise machine.invalid(node, f"lost output {name!r}, which it does not make")
    before = node.lost or frozenset()
    if name in before:
        return
    node.lost = before | {name}
    if node.state is DONE:
        machine.move(node, "object-lost", detail={"output": name, "reason": event.why})
    for reader in tuple(node.dependents or ()):
        state = reader.state
        if state is None or state.final or not reader.reads(node, (name,)):
            continue
        if not reader.reads(node, before):
            reader.unmet += 1
        # RUNNING has its inputs or fails; PROBING may be a hit, and then nobody reads them.
        if state is READY:
            wait_again(machine, reader)
        elif state is WAITING or state is BACKOFF:
            if node.state in BROKEN:
                upstream_failed(machine, reader, node)
            else:
                need(machine, reader)


def on_object_wanted(machine: Machine, event: ObjectWanted) -> None:
    node = machine.nodes.get(event.ref.task)
    if node is None:
        raise UnknownDependency(f"there is no task {event.ref.task!r}; it may be forgotten")
    if event.ref.output not in node.task.outputs:
        raise UnknownDependency(f"{node.id!r} makes no output {event.ref.output!r}")
    if node.state is DONE and event.ref.output in (node.lost or ()):
        recompute(machine, node)


# -- what people ask for ---------------------------------------------------------------------------


def on_cancel(machine: Machine, event: CancelRequested) -> None:
    error = TaskError("cancelled", "", event.why, retryable=False)
    cancelled: list[Node] = []
    for name in event.tasks:
        node = machine.nodes.get(name)
        if node is None or node.state is None or node.state.final:
            continue  # forgotten, or too late
        if node.state is READY:
            machine.leave_ready(node)
        for attempt in node.attempts:
            machine.abandon(attempt, event.why)
        node.root = node.id
        node.error = error
        machine.move(node, "cancelled", detail={"error": error})
        machine.close(node)
        cancelled.append(node)
    # Only now: a task that is named itself is cancelled, not a victim of its upstream.
    for node in cancelled:
        propagate(machine, node)


def on_retry(machine: Machine, event: RetryRequested) -> None:
    chosen = _required(machine, event)
    if event.downstream:
        extra = _runnable_again(chosen)
        left_out = [node for node, free in extra.items() if not free]
        chosen |= {node: None for node, free in extra.items() if free}
    else:
        left_out = []
    for node in chosen:
        node.redo = event.downstream and node.outputs is not None
        node.failures = node.losses = 0
        node.recomputing = node.outputs is not None
        node.error = None
        node.root = ""
        machine.move(node, "retried")
    for node in chosen:
        machine.open(node)
    for node in chosen:
        if node.state is not WAITING:
            continue  # broken meanwhile: a lost input of it cannot be recomputed
        if node.unmet:
            watch_wait(machine, node)
            need(machine, node)
        else:
            machine.start(node)
    for node in left_out:
        broken = _broken_dep(node) if node.state is UPSTREAM_FAILED else None
        if broken is not None and broken.root != node.root:
            _mark_blocked(machine, node, broken)


def redo(machine: Machine) -> None:
    """Done tasks whose input was replaced are done again, unless something else that they need
    cannot arrive any more: then the old result is better than none."""
    outdated, machine.outdated = machine.outdated, []
    for node in outdated:
        if (
            node.state is not DONE
            or _broken_dep(node)
            or any(d.dropped for d in node.unsatisfied())
        ):
            continue
        node.redo = True
        machine.open(node)
        machine.move(node, "input-changed")
        if node.unmet:
            watch_wait(machine, node)
            need(machine, node)
        else:
            machine.start(node)


def _required(machine: Machine, event: RetryRequested) -> dict[Node, None]:
    """The tasks to retry and, upwards, the broken ones that they need."""
    stack: list[Node] = []
    for name in event.tasks:
        if name not in machine.nodes:
            raise UnknownDependency(f"there is no task {name!r} to retry; it may be forgotten")
        node = machine.nodes[name]
        if node.state in BROKEN:
            stack.append(node)
    chosen: dict[Node, None] = {}
    while stack:
        node = stack.pop()
        if node in chosen:
            continue
        chosen[node] = None
        for dep in node.unsatisfied():
            if dep.dropped:
                raise UsageError(
                    f"{node.id!r} cannot be retried: it needs {dep.id!r}, which is forgotten"
                )
            if dep.state in BROKEN:
                stack.append(dep)
    return chosen


def _runnable_again(chosen: dict[Node, None]) -> dict[Node, bool]:
    """What had failed, or was cancelled, because of the chosen tasks → whether nothing else broken is in its way."""
    free: dict[Node, bool] = {}
    stack = list(chosen)
    while stack:
        cause = stack.pop()
        for node in cause.dependents or ():
            # Cancelled together with it, by name: else it would have failed because of it.
            together = node.state is CANCELLED and cause.state is CANCELLED
            fell = (node.state is UPSTREAM_FAILED or together) and not node.dropped
            if fell and node not in chosen and node not in free:
                free[node] = True
                stack.append(node)

    def blocked(node: Node) -> bool:
        return any(
            dep.dropped or (dep.state in BROKEN and dep not in chosen and not free.get(dep))
            for dep in node.unsatisfied()
        )

    stack = list(free)
    while stack:
        node = stack.pop()
        if free[node] and blocked(node):
            free[node] = False
            stack.extend(other for other in node.dependents or () if other in free)
    return free


def _mark_blocked(machine: Machine, node: Node, broken: Node) -> None:
    node.root = broken.root or broken.id
    message = f"needs {node.root!r}, which failed"
    node.error = TaskError("upstream", "", message, retryable=False)
    machine.move(node, "blocked", detail={"root": node.root, "error": node.error})


def on_forgotten(machine: Machine, event: Forgotten | Archived) -> None:
    """Archiving is for what is over: the host has to have a task's end before it lets it go."""
    archive = type(event) is Archived
    for name in event.tasks:
        node = machine.nodes.get(name)
        if node is None or node.leaving == "forgotten":
            continue
        if archive and not (node.state is not None and node.state.final):
            continue
        node.leaving = "archived" if archive else "forgotten"
        machine.drop_if_unneeded(node)
