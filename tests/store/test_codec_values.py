"""encode / decode: what comes back is equal, writable, private, and named when it cannot go."""

from __future__ import annotations

import math
import pickle
import struct
import subprocess
import sys
import threading
import types

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from orion_nb.core.model import ObjectRef
from orion_nb.exceptions import NotPicklable, Undecodable
from orion_nb.store import CasStore, codec

LOCK = threading.Lock()

plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


def round_trip(value):
    return codec.decode(codec.encode(value).to_bytes())


@given(plain)
def test_plain_values_come_back_equal_and_of_the_same_type(value):
    back = round_trip(value)
    assert back == value
    assert type(back) is type(value)


@given(plain)
def test_size_and_digest_are_those_of_the_bytes(value):
    encoded = codec.encode(value)
    data = encoded.to_bytes()
    assert encoded.size == len(data)
    assert encoded.digest == codec.Encoded.of_bytes(data).digest


def test_arrays_come_back_writable_aligned_and_private():
    array = np.arange(100_000, dtype="f8")
    data = codec.encode({"a": array, "tail": [array[:5]]}).to_bytes()
    before = bytes(data)
    back = codec.decode(data)
    assert back["a"].flags.writeable
    assert back["a"].ctypes.data % codec.ALIGN == 0
    back["a"][:] = -1
    assert data == before
    assert codec.decode(data)["a"][1] == 1


def test_an_array_is_not_copied_to_be_encoded():
    array = np.zeros(1_000_000)
    encoded = codec.encode([array])
    assert any(
        np.shares_memory(np.frombuffer(piece, "u1"), array)
        for piece in encoded.segments
        if len(piece) == array.nbytes
    )


@pytest.mark.skipif(sys.platform == "win32", reason="measures with getrusage")
def test_storing_a_big_array_takes_no_second_copy_and_reading_maps_the_file(tmp_path):
    script = """
import resource, sys, mmap
import numpy as np
from orion_nb.store import CasStore, codec
store = CasStore(sys.argv[1])
store.put(codec.encode(np.ones(1_000_000)))
array = np.ones(10_000_000)
unit = 1 if sys.platform == "darwin" else 1024
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
digest = store.put(codec.encode({"a": array})).digest
grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit - before
assert grown < 20_000_000, grown
blob = store.open(digest)
assert isinstance(blob.buffer, mmap.mmap)
assert np.shares_memory(codec.decode(blob.buffer)["a"], np.frombuffer(blob.buffer, "u1"))
"""
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True)


def test_big_bytes_are_not_copied_to_be_encoded():
    data = b"x" * 5_000_000
    assert any(piece is data for piece in codec.encode([data]).segments)


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame({"x": np.arange(50_000), "s": ["a", "b"] * 25_000, "f": 0.5}),
        pd.DataFrame({"t": pd.date_range("2013-01-01", periods=9_000, freq="h", tz="UTC")}),
        pd.DataFrame({"c": pd.Categorical(["u", "v", None] * 3000)}).set_index("c"),
        pd.DataFrame(),
    ],
)
def test_frames_come_back_equal_and_writable(frame):
    back = round_trip(frame)
    pd.testing.assert_frame_equal(back, frame)
    if "x" in back:
        back.loc[0, "x"] = 99
        back["new"] = 1
        assert frame.loc[0, "x"] == 0


def test_read_only_and_strided_arrays():
    array = np.arange(10_000.0).reshape(100, 100)
    array.flags.writeable = False
    back = round_trip((array, array.T, array[::2, ::3], np.array(3), np.array([])))
    for got, expected in zip(
        back, (array, array.T, array[::2, ::3], np.array(3), np.array([])), strict=True
    ):
        np.testing.assert_array_equal(got, expected)


def test_a_strided_view_is_laid_out_once_and_mapped():
    view = np.arange(200_000).reshape(4, -1)[:, 100:40_000]
    encoded = codec.encode(view)
    assert len(encoded.segments[1]) < 1000, "its data are not in the stream"
    back = codec.decode(encoded.to_bytes())
    np.testing.assert_array_equal(back, view)
    assert back.flags.writeable


def test_object_refs_in_a_value_stay_refs():
    assert round_trip([ObjectRef("a", "b")]) == [ObjectRef("a", "b")]


def test_code_of_main_travels_by_value_into_another_process(tmp_path):
    """What plain pickle would write as a name that no worker knows."""
    script = """
import sys
from orion_nb.store import codec, CasStore
FACTOR = 3
class Point:
    def __init__(self, x): self.x = x
    def scaled(self): return self.x * FACTOR
def make(x): return Point(x)
value = {"make": make, "point": Point(2), "lambda": lambda: make(5).scaled()}
print(CasStore(sys.argv[1]).put(codec.encode(value)).digest)
"""
    digest = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    ).stdout.strip()
    value = codec.decode(CasStore(tmp_path).open(digest).buffer)
    assert value["point"].scaled() == 6
    assert value["make"](4).scaled() == 12
    assert value["lambda"]() == 15


def test_importable_things_travel_by_reference():
    assert round_trip(math.sin) is math.sin
    assert round_trip(types.SimpleNamespace) is types.SimpleNamespace
    assert len(codec.encode(CasStore).to_bytes()) < 100


class Holder:
    def __init__(self, lock):
        self.fine = 1
        self.lock = lock


def test_not_picklable_names_the_part_its_type_and_what_to_do():
    value = {"ok": [1, 2], "model": Holder(threading.Lock())}
    with pytest.raises(NotPicklable) as caught:
        codec.encode(value)
    message = str(caught.value)
    assert "result['model'].lock" in message
    assert "_thread.lock" in message
    assert "make locks and threads inside the task" in message


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([0, (x for x in "ab")], "df[1]"),
        ({"rows": [{"g": iter(lambda: 1, 2), "h": (i for i in ())}]}, "df['rows'][0]['h']"),
        (lambda lock=LOCK: lock, "df → default 0"),
        (type("C", (), {"__module__": "__main__", "lock": LOCK}), "df.lock"),
    ],
)
def test_not_picklable_paths(value, path):
    with pytest.raises(NotPicklable) as caught:
        codec.encode(value, label="df")
    assert path in str(caught.value)


def test_a_failing_reduce_of_the_users_own_is_not_picklable():
    class Bad:
        def __reduce__(self):
            raise RuntimeError("no way")

    with pytest.raises(NotPicklable, match=r"result\[0\].*no way"):
        codec.encode([Bad()])


def test_a_list_that_contains_itself():
    value: list = [1]
    value.append(value)
    back = round_trip(value)
    assert back[1] is back


@pytest.mark.parametrize("cut", [0, 3, 23, 24, 30, -5000, -1])
def test_cut_short_is_undecodable(cut):
    data = codec.encode(np.arange(10_000)).to_bytes()
    with pytest.raises(Undecodable):
        codec.decode(data[:cut])


def test_another_version_and_another_python_are_undecodable():
    data = bytearray(codec.encode(lambda: 1).to_bytes())
    newer = bytes(data[:4]) + bytes([codec.VERSION + 1]) + bytes(data[5:])
    with pytest.raises(Undecodable, match="format"):
        codec.decode(newer)
    assert tuple(data[6:8]) == sys.version_info[:2]
    other = bytes(data[:6]) + struct.pack("BB", 3, 2) + bytes(data[8:])
    with pytest.raises(Undecodable, match=r"Python 3\.2"):
        codec.decode(other)
    assert tuple(codec.encode(np.arange(3)).to_bytes()[6:8]) == (0, 0), "data suits any Python"


def test_a_missing_module_says_so(monkeypatch):
    module = types.ModuleType("soon_gone")
    exec("class Thing: pass", module.__dict__)
    monkeypatch.setitem(sys.modules, "soon_gone", module)
    data = codec.encode(module.Thing()).to_bytes()
    monkeypatch.delitem(sys.modules, "soon_gone")
    with pytest.raises(Undecodable, match="install 'soon_gone'"):
        codec.decode(data)


def test_the_same_value_gives_the_same_digest_by_every_way():
    for value in (None, 1, "x", (1, "a"), b"\0" * 100):
        stream = pickle.dumps(value, 5)
        assert codec.encode(value).to_bytes().endswith(stream)
