"""Content hashes: what differs, what is the same, and that they stay what they are."""

from __future__ import annotations

import datetime as dt
import enum
import math
import os
import re
import subprocess
import sys
import threading
import uuid
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orion_nb.core.model import ObjectRef
from orion_nb.keys import Unhashable, content_hash
from orion_nb.keys.buffers import CHUNK, StreamDigest, buffer_digest

Point = namedtuple("Point", "x y")


class Colour(enum.Enum):
    RED = 1
    BLUE = 2


class Mode(enum.Flag):
    R = 1
    W = 2


@dataclass
class Settings:
    name: str
    sizes: list[int] = field(default_factory=list)


class Plain:
    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class Slotted:
    __slots__ = ("a",)

    def __init__(self, a: int) -> None:
        self.a = a


class Numbers(list[int]):
    pass


DIFFERENT: list[Any] = [
    None, ..., NotImplemented, False, True, 0, 1, -1, 2**70, -(2**70), 10**5000, 0.0, -0.0, 1.0, math.nan,
    math.inf, 1j, 1 + 0j, "", "1", "N;", "é", "\ud800", "x" * 5000, "y" * 5000, b"", b"1", b"x" * 5000,
    bytearray(b"1"), memoryview(b"1"), (), (1,), [], [1], [[1]], [1, [2]], [[1], 2], [1, 2], [2, 1],
    list(range(100)), [float(i) for i in range(100)], [str(i) for i in range(100)], ["1", "11"] * 20,
    ["11", "1"] * 20, [2**70] * 50, [*range(99), 99.0],
    {}, {"a": 1}, {"a": 2}, {"a": 1, "b": 2}, {"b": 2, "a": 1}, {1: "a"}, set(), {1}, {1, 2}, {True, "x"},
    frozenset(), frozenset({1}), frozenset({1, 2}), range(3), range(1, 3), slice(1, 2),
    Decimal("1"), Decimal("1.0"), Fraction(1, 2), dt.date(2020, 1, 1), dt.datetime(2020, 1, 1),
    dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2020, 1, 1, tzinfo=ZoneInfo("Europe/Paris")),
    dt.timedelta(1), dt.timedelta(seconds=1), dt.time(1), uuid.UUID(int=1), uuid.UUID(int=2),
    PurePosixPath("a"), PurePosixPath("b"), Path("a"), re.compile("a"), re.compile("a", re.I), re.compile(b"a"),
    Colour.RED, Colour.BLUE, Colour, Mode.R, Mode.W, Mode.R | Mode.W, Point(1, 2), Point(2, 1), (1, 2),
    Settings("a"), Settings("b"), Settings("a", [1]), Settings, Plain(a=1), Plain(a=2), Plain(b=1), Plain,
    Slotted(1), Slotted(2), Numbers([1]), Numbers([2]), OrderedDict(a=1), OrderedDict(a=2),
    defaultdict(int, a=1), defaultdict(list, a=1), Counter("a"), Counter("b"), deque([1]), deque([1], 3),
    int, float, len, max, math.sin, os.path.join, "x".join, "y".join, str.upper, [].append, [1].append,
    partial(max, 1), partial(max, 2), partial(min, 1), partial(max, key=len), Plain(a=1).__init__, math, os,
    ValueError("a"), ValueError("b"), KeyError("a"), list[int], int | str, Any,
]  # fmt: skip


def test_every_one_of_these_differs() -> None:
    hashes: dict[str, Any] = {}
    for value in DIFFERENT:
        digest = content_hash(value)
        assert re.fullmatch("[0-9a-f]{64}", digest)
        assert digest not in hashes, f"{value!r:.60} and {hashes[digest]!r:.60}"
        hashes[digest] = value


def test_equal_content_is_equal() -> None:
    assert content_hash({"b", "a", "c"}) == content_hash({"c", "b", "a"})
    assert content_hash(frozenset({(1, "x"), (2, "y")})) == content_hash(
        frozenset({(2, "y"), (1, "x")})
    )
    assert content_hash(Plain(a=1, b=2)) == content_hash(Plain(b=2, a=1))
    assert content_hash(Settings("a", [1])) == content_hash(Settings("a", [1]))
    assert content_hash([math.nan]) == content_hash([float("nan")])
    assert content_hash("ab" * 3000) == content_hash("".join(["ab"] * 3000))


def test_sharing_is_content() -> None:
    """A function that changes one of two list elements in place sees whether they are one."""
    one = [1]
    assert content_hash([one, one]) != content_hash([[1], [1]])
    assert content_hash([one, one]) == content_hash([two := [1], two])
    text = ("a", 1)
    assert content_hash([text, text]) == content_hash([("a", 1), ("a", 1)])


def test_cycles_end() -> None:
    def cycle(value: int) -> list[Any]:
        loop: list[Any] = [value]
        loop.append({"back": loop})
        return loop

    assert content_hash(cycle(1)) == content_hash(cycle(1)) != content_hash(cycle(2))
    node = Plain(name="a")
    node.me = node
    assert content_hash(node) != content_hash(Plain(name="a", me=None))


def test_deep_nesting_is_refused_not_crashed() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    with pytest.raises(Unhashable, match="too deeply"):
        content_hash(deep)


def test_the_part_to_blame_is_named() -> None:
    settings = Settings("a")
    settings.sizes = {"x": [1, threading.Lock()]}  # type: ignore[assignment]
    with pytest.raises(Unhashable, match=r"\.sizes\['x'\]\[1\]: a _thread\.lock cannot be hashed"):
        content_hash(settings)
    for bad in ((i for i in "abc"), sys.stdout, ObjectRef("a"), {ObjectRef("a")}):
        with pytest.raises(Unhashable):
            content_hash(bad)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 3), inner, max_size=4)
        | st.frozensets(st.integers(0, 9) | st.text(max_size=2), max_size=4)
    ),
    max_leaves=12,
)


def canonical(value: Any) -> str:
    """An independent rendering that tells types, signs and order apart, for comparison."""
    if isinstance(value, frozenset):
        return f"fs{sorted(map(canonical, value))}"
    if isinstance(value, dict):
        return f"d{[(canonical(k), canonical(v)) for k, v in value.items()]}"
    if isinstance(value, list | tuple):
        return f"{type(value).__name__}{[canonical(v) for v in value]}"
    if isinstance(value, float):
        return f"float{'nan' if math.isnan(value) else value.hex()}"
    return f"{type(value).__name__}{value!r}"


@given(values, values)
def test_hashes_agree_with_content(left: Any, right: Any) -> None:
    if "nan" in canonical(left) + canonical(right):
        return  # bits of a NaN are content
    assert (content_hash(left) == content_hash(right)) == (canonical(left) == canonical(right))


@given(
    st.binary(min_size=1, max_size=64),
    st.integers(0, 3 * CHUNK),
    st.sampled_from([4099, CHUNK - 1, CHUNK, 2 * CHUNK + 1]),
)
def test_streamed_and_whole_buffers_agree(seed: bytes, size: int, step: int) -> None:
    data = (seed * (size // len(seed) + 1))[:size]
    stream = StreamDigest()
    for at in range(0, size, step):
        stream.write(data[at : at + step])
    assert stream.digest() == buffer_digest(data)


def test_threads_do_not_change_a_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    data = os.urandom(CHUNK) * 21 + b"end"
    parallel = buffer_digest(data)
    monkeypatch.setattr("orion_nb.keys.buffers.MAX_THREADS", 1)
    assert buffer_digest(data) == parallel


PORTABLE = """
import datetime, decimal, pathlib, re, enum, collections, functools, fractions, uuid, zoneinfo, dataclasses
from orion_nb.keys import content_hash
print(content_hash([
    None, 1, 2**80, -0.0, float("nan"), 1j, "é", b"x" * 9999, (1, [2]), {"b": 1, "a": 2}, {3, "x", 1.5},
    list(range(50)), [0.5] * 50, ["a", "b"] * 50, datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc),
    datetime.datetime(2020, 1, 2, tzinfo=zoneinfo.ZoneInfo("UTC")), decimal.Decimal("1.50"), fractions.Fraction(1, 3),
    pathlib.PurePosixPath("a/b"), re.compile("a+", re.I), collections.OrderedDict(a=1), collections.Counter("ab"),
    collections.deque([1], 2), uuid.UUID(int=3), functools.partial(max, 1), range(3), slice(1), re.I, ValueError("x"),
]))
"""


def test_stable_across_interpreters() -> None:
    """One pinned digest, in a fresh process and in the other Pythons that this machine has."""
    pythons = [sys.executable]
    pythons += map(str, Path.home().glob(".pyenv/versions/3.1[1-4].*/bin/python"))
    root = Path(__file__).parents[2]
    digests = set()
    for python in pythons:
        for seed in ("1", "2"):
            environment = os.environ | {"PYTHONPATH": str(root), "PYTHONHASHSEED": seed}
            run = subprocess.run(
                [python, "-c", PORTABLE], capture_output=True, text=True, env=environment
            )
            assert not run.returncode, run.stderr
            digests.add(run.stdout.strip())
    assert digests == {"0b8a4c7f4ccae518235d628cb49cf5a6bbb38b77d4703de8dca764aaca3dfec1"}
