"""changed_since_load: changes are found, rearrangements that nobody sees are not reported."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from orion_nb.store import CasStore, codec


class Thing:
    def __init__(self):
        self.rows = [1]
        self.table = {"a": {1, 2}}


def frame():
    return pd.DataFrame({"x": np.arange(20_000), "s": ["u", "v"] * 10_000})


CHANGES = [
    (lambda: [1, 2], lambda v: v.append(3)),
    (lambda: {"a": [1]}, lambda v: v["a"].append(2)),
    (lambda: {"a": 1, "b": 2}, lambda v: v.update(a=v.pop("a"))),
    (lambda: {1, 2}, lambda v: v.add(3)),
    (Thing, lambda v: v.rows.append(2)),
    (Thing, lambda v: v.table["a"].discard(1)),
    (Thing, lambda v: setattr(v, "lambda_", lambda: 1)),
    (lambda: np.arange(1_000_000), lambda v: v.__setitem__(-1, 7)),
    (lambda: [np.arange(10)], lambda v: v[0].sort()),  # no change: was sorted
    (frame, lambda v: v.__setitem__("y", 1)),
    (frame, lambda v: v.loc.__setitem__((5, "x"), -1)),
    (frame, lambda v: v.__delitem__("s")),
    (frame, lambda v: v.index.set_names("i", inplace=True)),
    (frame, lambda v: v.attrs.update(unit="m")),
    (frame, lambda v: v.insert(0, "first", 0)),
]
UNCHANGED = 8


@pytest.mark.parametrize(("make", "change"), CHANGES)
def test_changes_in_place_are_found(make, change):
    data = codec.encode(make()).to_bytes()
    value = codec.decode(data)
    assert not codec.changed_since_load(value, data)
    change(value)
    assert codec.changed_since_load(value, data) == (change is not CHANGES[UNCHANGED][1])


def test_reading_is_no_change():
    data = codec.encode({"f": frame(), "t": Thing()}).to_bytes()
    value = codec.decode(data)
    value["f"].groupby("s").x.sum()
    value["f"].describe()
    value["f"].index.is_unique  # noqa: B018  fills a cache
    repr(value["t"].table)
    assert not codec.changed_since_load(value, data)


def test_joining_the_blocks_of_a_frame_is_no_change():
    table = pd.DataFrame({"a": np.arange(3000.0)})
    table["b"] = np.arange(3000.0)
    data = codec.encode([table]).to_bytes()
    value = codec.decode(data)
    value[0]._consolidate_inplace()
    assert not codec.changed_since_load(value, data)


def test_a_change_in_a_mapped_array_is_found_against_a_new_mapping(tmp_path):
    store = CasStore(tmp_path)
    output = store.put(codec.encode(np.zeros(1_000_000)))
    value = codec.decode(store.open(output.digest).buffer)
    assert not codec.changed_since_load(value, store.open(output.digest).buffer)
    value[123_456] = 1
    assert codec.changed_since_load(value, store.open(output.digest).buffer)


def test_what_cannot_be_encoded_any_more_has_changed():
    data = codec.encode([1]).to_bytes()
    value = codec.decode(data)
    value[0] = (x for x in ())
    assert codec.changed_since_load(value, data)
