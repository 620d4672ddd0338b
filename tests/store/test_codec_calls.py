"""encode_call / decode_call: futures inside arguments, and functions that must not go stale."""

from __future__ import annotations

import operator
import threading
import types

import numpy as np
import pytest

from orion_nb.core.model import ObjectRef
from orion_nb.exceptions import NotPicklable, ObjectUnavailable, Undecodable
from orion_nb.store import codec

A, B = ObjectRef("a"), ObjectRef("b", "out")


def notebook(source: str) -> types.SimpleNamespace:
    """Names that cells of a notebook would define: functions that cannot be imported."""
    namespace = {"__name__": "__main__"}
    exec(source, namespace)
    return types.SimpleNamespace(ns=namespace, run=lambda code: exec(code, namespace))


def call(fn, *args, resolve=None, **kwargs):
    encoded, _ = codec.encode_call(fn, args, kwargs)
    fn, args, kwargs = codec.decode_call(encoded.to_bytes(), resolve)
    return fn(*args, **kwargs)


class Box:
    def __init__(self, inside):
        self.inside = inside


def test_refs_anywhere_are_found_in_order_and_replaced_once():
    asked = []

    def resolve(ref):
        asked.append(ref)
        return [ref.id]

    args = ([A, (B,)], {"k": Box(A)}, ObjectRef("a"))
    encoded, refs = codec.encode_call(print, args, {"z": B})
    assert refs == (A, B)
    fn, (first, second, third), kwargs = codec.decode_call(encoded.to_bytes(), resolve)
    assert fn is print
    assert first == [["a"], (["b.out"],)]
    assert second["k"].inside is third is first[0], "one ref is one value"
    assert kwargs == {"z": ["b.out"]}
    assert asked == [A, B]


def test_refs_captured_by_a_function_are_dependencies():
    cell = notebook("def f(x): return x + K")
    cell.ns["K"] = A
    encoded, refs = codec.encode_call(cell.ns["f"], (1,))
    assert refs == (A,)
    fn, args, _ = codec.decode_call(encoded.to_bytes(), lambda ref: 41)
    assert fn(*args) == 42


def test_what_resolve_raises_is_passed_on():
    encoded, _ = codec.encode_call(abs, (A,))
    error = ObjectUnavailable("gone")

    def resolve(ref):
        raise error

    with pytest.raises(ObjectUnavailable) as caught:
        codec.decode_call(encoded.to_bytes(), resolve)
    assert caught.value is error


def test_resolving_may_decode_other_calls():
    inner, _ = codec.encode_call(operator.add, (A, 1))
    outer, _ = codec.encode_call(operator.mul, (A, B))

    def resolve(ref):
        if ref == A:
            fn, args, _ = codec.decode_call(inner.to_bytes(), lambda ref: 10)
            return fn(*args)
        return 2

    fn, args, _ = codec.decode_call(outer.to_bytes(), resolve)
    assert fn(*args) == 22


def test_a_call_is_no_value_and_a_value_no_call():
    with pytest.raises(Undecodable):
        codec.decode(codec.encode_call(abs, (A,))[0].to_bytes())
    with pytest.raises(Undecodable):
        codec.decode_call(codec.encode(1).to_bytes(), lambda ref: None)


@pytest.mark.parametrize(
    ("source", "change"),
    [
        ("K = 1\ndef f(): return K", "K = 2"),
        ("def f(): return 1", "def f(): return 2"),
        ("def g(): return 1\ndef f(): return g()", "def g(): return 2"),
        ("def h(): return 1\ndef g(): return h()\ndef f(): return g()", "def h(): return 2"),
        ("L = [1]\ndef f(): return L[0]", "L[0] = 2"),
        ("def f(x=1): return x", "f.__defaults__ = (2,)"),
        ("def f(*, x=1): return x", "f.__kwdefaults__['x'] = 2"),
        ("def f(x=[1]): return x[0]", "f.__defaults__[0][0] = 2"),
        ("def f(): return f.x\nf.x = 1", "f.x = 2"),
        ("def f(): return 1", "f.__code__ = (lambda: 2).__code__"),
        ("class C: x = 1\ndef f(): return C.x", "C.x = 2"),
        (
            "def m():\n n = 1\n def f(): return n\n def s():\n  nonlocal n\n  n = 2\n return f, s\nf, s = m()",
            "s()",
        ),
        ("def m(b):\n def f(): return b[0]\n return f\nb = [1]\nf = m(b)", "b[0] = 2"),
        ("def f(): return (lambda: K)()\nK = 1", "K = 2"),
        ("def f(): return len([0])", "def len(x): return 2"),
        (
            "def d(g): return lambda: g()\ndef g(): return 1\nf = d(g)",
            "g.__code__ = (lambda: 2).__code__",
        ),
    ],
)
def test_the_next_call_always_sees_the_function_as_it_is_now(source, change):
    cell = notebook(source)
    assert call(cell.ns["f"]) == 1
    assert call(cell.ns["f"]) == 1
    cell.run(change)
    assert call(cell.ns["f"]) == 2
    assert call(cell.ns["f"]) == 2


@pytest.mark.parametrize(
    "source",
    [
        "def f(acc=[]):\n acc.append(1)\n return len(acc)",
        "N = 0\ndef f():\n global N\n N += 1\n return N",
        "L = []\ndef f():\n L.append(1)\n return len(L)",
        "def f():\n f.n = getattr(f, 'n', 0) + 1\n return f.n",
        "def m():\n n = 0\n def f():\n  nonlocal n\n  n += 1\n  return n\n return f\nf = m()",
    ],
)
def test_one_call_in_a_worker_leaves_nothing_behind_for_the_next(source):
    data = codec.encode_call(notebook(source).ns["f"])[0].to_bytes()
    for _ in range(3):
        fn, args, kwargs = codec.decode_call(data, None)
        assert fn(*args, **kwargs) == 1


def test_methods_partials_and_callables():
    import functools

    assert call([3, 1].index, 1) == 1
    assert call(functools.partial(operator.sub, 5), 3) == 2
    assert call(np.add, 1, 2) == 3
    assert call(Box, 4).inside == 4


def test_big_arguments_lie_outside_the_stream():
    array = np.arange(100_000)
    encoded, _ = codec.encode_call(np.sum, (array,))
    fn, args, _ = codec.decode_call(encoded.to_bytes(), None)
    assert fn(*args) == array.sum()
    assert args[0].flags.writeable


def test_not_picklable_names_the_argument_or_the_function():
    with pytest.raises(NotPicklable, match=r"argument 2 of .*Box.*\['a'\]"):
        codec.encode_call(Box, (1, {"a": threading.Lock()}))
    with pytest.raises(NotPicklable, match="argument key of"):
        codec.encode_call(Box, (1,), {"key": threading.Lock()})
    lock = threading.Lock()
    with pytest.raises(NotPicklable, match=r"function .*captured lock"):
        codec.encode_call(lambda: lock)
    cell = notebook("import threading\nL = threading.Lock()\ndef train(): return L")
    with pytest.raises(NotPicklable, match="function train → global L"):
        codec.encode_call(cell.ns["train"])
