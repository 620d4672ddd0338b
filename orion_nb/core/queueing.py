"""The queue of ready tasks: who is next, fairly among those who submit.

Each session (a notebook, a script) has a line of its own. Lines take turns, one task each, so a
notebook with a handful of tasks never waits behind the thousands of another. Within a line the order
is by rank, then as they came; ranks of different sessions are never compared, or everybody's work
would soon be the most urgent.

Every operation is O(1), but for the few ranks of a line. Entries of tasks that left READY another way
are dropped when they come up.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from .model import Policy
from .transitions import READY

if TYPE_CHECKING:
    from .graph import Node

_MANY = 256  # lines; more are remembered only while they hold something


def rank(policy: Policy, continues: bool) -> int:
    """Order among ready tasks of a session: by priority, then those that continue what was begun.

    Finishing branches before beginning new ones frees their values earlier, finds them still
    in caches, and shows results sooner.
    """
    return 2 * policy.priority + continues


class Line:
    """The ready tasks of one session."""

    __slots__ = ("listed", "order", "queues", "ready", "session")

    def __init__(self, session: str) -> None:
        self.session = session
        self.queues: dict[int, deque[Node]] = {}  # by rank
        self.order: list[deque[Node]] = []  # the same, highest rank first
        self.ready = 0  # tasks in the queues that really are READY
        self.listed = False  # in Queue.turns

    def add(self, rank: int) -> deque[Node]:
        """A queue for a rank that had none."""
        queue: deque[Node] = deque()
        self.queues[rank] = queue
        self.order = [self.queues[rank] for rank in sorted(self.queues, reverse=True)]
        return queue


class Queue:
    """All lines. (On the way of every task: its methods call no others.)"""

    __slots__ = ("_shown", "lines", "ready", "turns")

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}  # by session
        self.turns: deque[Line] = deque()  # lines that may have ready tasks; the first is next
        self.ready = 0
        self._shown: deque[Node] = deque()  # what `peek` has looked at

    def push(self, node: Node, front: bool = False) -> None:
        """Queue a READY task; `front`: it has waited before."""
        session = node.task.session
        line = self.lines.get(session)
        if line is None:
            if len(self.lines) >= _MANY:
                self.lines = {name: old for name, old in self.lines.items() if old.listed}
            line = self.lines[session] = Line(session)
        queue = line.queues.get(node.rank)
        if queue is None:
            queue = line.add(node.rank)
        if front:
            queue.appendleft(node)
        else:
            queue.append(node)
        line.ready += 1
        self.ready += 1
        if not line.listed:
            line.listed = True
            self.turns.append(line)

    def withdraw(self, node: Node) -> None:
        """A queued task left READY another way; its entry is dropped when it comes up."""
        line = self.lines[node.task.session]
        line.ready -= 1
        self.ready -= 1
        if not line.ready:
            for queue in line.order:
                queue.clear()

    def peek(self) -> Node:
        """The next task to run; `ready` must not be 0."""
        turns = self.turns
        line = turns[0]
        while not line.ready:
            line.listed = False
            turns.popleft()
            line = turns[0]
        for queue in line.order:
            while queue:
                node = queue[0]
                if node.state is READY and not node.attempts:
                    self._shown = queue
                    return node
                queue.popleft()
        raise AssertionError("the count of ready tasks is wrong")

    def take(self) -> None:
        """Remove the task that `peek` has just shown; its session's next turn comes after the
        others'."""
        self._shown.popleft()
        self.ready -= 1
        turns = self.turns
        line = turns[0]
        line.ready -= 1
        if not line.ready:  # what else is in it is stale, and dropped when it comes up
            line.listed = False
            turns.popleft()
        elif len(turns) > 1:
            turns.rotate(-1)
