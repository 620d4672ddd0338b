"""Content hashes of numpy, pandas, pyarrow and scikit-learn values."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from orion_nb.keys import content_hash

np = pytest.importorskip("numpy")
pd = pytest.importorskip("pandas")
pa = pytest.importorskip("pyarrow")

STRUCT = np.dtype([("a", "i1"), ("b", "f8"), ("c", "U2", (2,))], align=True)


def frame(**columns: Any) -> Any:
    return pd.DataFrame(columns or {"a": [1, 2], "b": ["x", None]})


def structured(garbage: int) -> Any:
    """An array whose gaps between fields hold garbage."""
    array = np.frombuffer(bytes([garbage]) * STRUCT.itemsize * 2, dtype=STRUCT).copy()
    array["a"], array["b"], array["c"] = 1, 2.0, "x"
    return array


DIFFERENT: list[Callable[[], Any]] = [
    lambda: 1.0, lambda: np.float64(1), lambda: np.float32(1), lambda: np.int8(1), lambda: np.bool_(True),
    lambda: np.datetime64(1, "s"), lambda: np.datetime64(1, "ns"), lambda: np.str_("a"),
    lambda: np.array(1.0), lambda: np.array([1.0]), lambda: np.array([1.0], "f4"), lambda: np.array([1.0], ">f8"),
    lambda: np.array([[1.0]]), lambda: np.array([1, 2]), lambda: np.array([2, 1]), lambda: np.array([]),
    lambda: np.zeros((0, 2)), lambda: np.zeros((2, 0)), lambda: np.zeros(2, "M8[s]"), lambda: np.zeros(2, "M8[ns]"),
    lambda: np.zeros(2, "m8[s]"), lambda: np.zeros(2, bool), lambda: np.zeros(2, "V8"), lambda: np.zeros(2, "S3"),
    lambda: np.zeros(2, complex), lambda: np.zeros(2, np.longdouble), lambda: np.zeros(2, "f2"),
    lambda: np.array([1, "a", None], object), lambda: np.array([1, "a", ()], object), lambda: [1, "a", None],
    lambda: np.array(["a", "b"]), lambda: np.array(["a", "b"], np.dtypes.StringDType()),
    lambda: structured(0), lambda: structured(0)[["a", "b"]], lambda: np.arange(6).reshape(2, 3),
    lambda: np.asfortranarray(np.arange(6).reshape(2, 3)), lambda: np.arange(6).reshape(3, 2),
    lambda: np.ma.array([1, 2], mask=[0, 1]), lambda: np.ma.array([1, 2], mask=[1, 0]), lambda: np.matrix([[1, 2]]),
    lambda: np.dtype("f8"), lambda: np.dtype("f4"), lambda: STRUCT, lambda: np.add, lambda: np.multiply, lambda: np.mean,
    lambda: np.random.default_rng(1), lambda: np.random.default_rng(2), lambda: np.random.RandomState(1),
    lambda: frame(), lambda: frame(a=[1, 2]), lambda: frame(b=[1, 2]), lambda: frame(a=[1.0, 2.0]),
    lambda: frame(a=[1, 2], b=[1, 2]), lambda: frame(b=[1, 2], a=[1, 2]), lambda: frame(a=["1", "2"]),
    lambda: frame(a=[1, 2]).set_index([[5, 6]]), lambda: frame(a=[1, 2]).rename_axis("i"), lambda: pd.DataFrame(),
    lambda: pd.DataFrame(index=[0, 1]), lambda: frame(a=pd.Categorical(["x", "y"])),
    lambda: frame(a=pd.Categorical(["x", "y"], ["y", "x"])), lambda: frame(a=pd.Categorical(["x", "y"], ordered=True)),
    lambda: frame(a=pd.to_datetime(["2020", "2021"])), lambda: frame(a=pd.to_datetime(["2020", "2021"], utc=True)),
    lambda: frame(a=pd.to_datetime(["2020", "2021"]).tz_localize("Europe/Paris")),
    lambda: frame(a=pd.array([1, None], "Int64")), lambda: frame(a=pd.array([1, 0], "Int64")),
    lambda: frame(a=pd.array([1, None], "int64[pyarrow]")), lambda: frame(a=pd.array(["x", None], "string[python]")),
    lambda: frame(a=pd.array(["x", None], "string[pyarrow]")), lambda: frame(a=np.array(["x", None], object)),
    lambda: frame(a=pd.interval_range(0, 2)), lambda: frame(a=pd.period_range("2020", periods=2)),
    lambda: frame(a=pd.arrays.SparseArray([0, 1])), lambda: frame(a=pd.to_timedelta([1, 2])),
    lambda: frame(a=[1, 2]).assign(b=frame(a=[1, 2])["a"]).set_index(["a", "b"]),
    lambda: pd.Series([1, 2]), lambda: pd.Series([1, 2], name="a"), lambda: pd.Series([1, 2], index=[1, 0]),
    lambda: pd.Index([1, 2]), lambda: pd.RangeIndex(1, 3), lambda: pd.Index([1, 2], name="a"), lambda: pd.Index(["a"]),
    lambda: pd.MultiIndex.from_product([[1, 2], [3]]), lambda: pd.Timestamp("2020"), lambda: pd.Timestamp("2020", tz="UTC"),
    lambda: pd.Timedelta(1), lambda: pd.NaT, lambda: pd.NA, lambda: pd.CategoricalDtype(["a"]),
    lambda: pa.array([1, 2]), lambda: pa.array([1, None]), lambda: pa.array([1, 2], pa.int8()), lambda: pa.array(["a"]),
    lambda: pa.chunked_array([[1, 2]]), lambda: pa.table({"a": [1]}), lambda: pa.table({"b": [1]}),
    lambda: pa.table({"a": [1]}).replace_schema_metadata({"k": "v"}), lambda: pa.schema([("a", pa.int8())]),
    lambda: pa.record_batch({"a": [1]}), lambda: pa.array(["a", "b"]).dictionary_encode(), lambda: pa.scalar(1),
]  # fmt: skip


def test_every_one_of_these_differs_and_survives_travel() -> None:
    hashes: dict[str, int] = {}
    for number, make in enumerate(DIFFERENT):
        value = make()
        digest = content_hash(value)
        assert digest not in hashes, f"{value!r:.80} and {DIFFERENT[hashes[digest]]()!r:.80}"
        hashes[digest] = number
        assert content_hash(make()) == digest, f"{value!r:.80} is not reproducible"
        assert content_hash(pickle.loads(pickle.dumps(value, 5))) == digest, f"{value!r:.80}"


def test_strides_are_no_content() -> None:
    cube = np.arange(24.0).reshape(2, 3, 4)
    assert content_hash(cube[:, ::2]) == content_hash(cube[:, ::2].copy())
    assert content_hash(cube[::-1, 0, 0]) == content_hash(cube[::-1, 0, 0].copy())
    wide = np.arange(40_000.0)
    assert content_hash(wide[::2]) == content_hash(wide[::2].copy())


def test_gaps_are_no_content() -> None:
    assert content_hash(structured(0)) == content_hash(structured(0xAA))
    one = np.zeros(4, np.longdouble)
    two = one.copy()
    if one.itemsize == 16 and np.finfo(np.longdouble).nmant == 63:
        two.view(np.uint8).reshape(4, 16)[:, 10:] = 0xAA
    assert content_hash(one) == content_hash(two)


def test_blocks_of_a_frame_are_no_content() -> None:
    together = pd.DataFrame(np.arange(6.0).reshape(3, 2), columns=["a", "b"])
    apart = pd.DataFrame({"a": [0.0, 2.0, 4.0]})
    apart["b"] = [1.0, 3.0, 5.0]
    assert content_hash(together) == content_hash(apart)
    assert content_hash(together["b"]) == content_hash(apart["b"])


def test_slices_and_chunks_of_arrow_are_no_content() -> None:
    table = pa.table({"n": list(range(100)), "s": ["x" * (i % 7) for i in range(100)]})
    part = table.slice(13, 40)
    rebuilt = pa.table({"n": list(range(13, 53)), "s": ["x" * (i % 7) for i in range(13, 53)]})
    assert content_hash(part) == content_hash(rebuilt)
    assert content_hash(pa.concat_tables([table.slice(0, 50), table.slice(50)])) == content_hash(
        table
    )


def test_reading_a_frame_does_not_change_it() -> None:
    data = frame(a=list("abc"), b=[1, 2, 3]).set_index("a")
    before = content_hash(data)
    assert data.loc["b", "b"] == 2  # builds the index's engine and caches
    assert data.index.is_unique
    assert data["b"].mean() == 2
    assert content_hash(data) == before
    data.loc["b", "b"] = 7
    assert content_hash(data) != before


def test_estimators() -> None:
    linear = pytest.importorskip("sklearn.linear_model")
    ensemble = pytest.importorskip("sklearn.ensemble")
    pipeline = pytest.importorskip("sklearn.pipeline")
    rows, target = np.arange(20.0).reshape(10, 2), np.arange(10.0)

    def make(alpha: float, trees: int = 3) -> list[Any]:
        forest = ensemble.RandomForestRegressor(trees, random_state=1)
        return [
            pipeline.make_pipeline(linear.Ridge(alpha)),
            linear.Ridge(alpha).fit(rows, target),
            forest.fit(rows, target),
        ]

    ridge, fitted, forest = map(content_hash, make(1.0))
    assert [ridge, fitted, forest] == list(map(content_hash, make(1.0)))
    assert content_hash(pickle.loads(pickle.dumps(make(1.0)[2]))) == forest
    other = list(map(content_hash, make(2.0, trees=4)))
    assert not {ridge, fitted, forest} & set(other)
