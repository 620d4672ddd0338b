"""Writing numpy, pandas and pyarrow values by their buffers, dtype, shape and labels.

None of these packages is imported: their types are recognised by name, and when one appears
its package is loaded. What has no rule here (an index, an extension array, a dtype, an
estimator) is made of arrays in the end and reaches them through `write_reduced`.

The memory layout of an array with several axes is part of its content when it is C or Fortran
order, since that is what the worker receives and sums along; other strides become C order.
"""

from __future__ import annotations

import sys
from typing import Any

from .buffers import StreamDigest
from .content import Encoder, Writer

_EXTENDED = {"g", "G"}  # long double: 10 bytes of content in 16 bytes of memory


def writer_for(kind: type) -> Writer | None:
    """The rule for a type of one of the packages, or for one derived from it."""
    known = _writers.get(kind)
    if known is not None:
        return known
    for base in kind.__mro__:
        write = _RULES.get((base.__module__.partition(".")[0], base.__qualname__))
        if write is not None:
            if kind is not base and write in _ONLY_EXACT:
                return None
            _writers[kind] = write
            return write
    return None


def _write_array(e: Encoder, value: Any) -> None:
    if e.met_before(value):
        return
    e.tag(b"ndarray", value.ndim)
    for length in value.shape:
        e.tag(b"axis", length)
    _write_elements(e, value)
    e.context.module("numpy")


def _write_memmap(e: Encoder, value: Any) -> None:
    e.tag(b"memmap")
    _write_array(e, sys.modules["numpy"].asarray(value))


def _write_masked(e: Encoder, value: Any) -> None:
    if e.met_before(value):
        return
    e.tag(b"masked")
    e.add(value.data)
    e.add(sys.modules["numpy"].ma.getmaskarray(value))
    e.add(value.fill_value)  # the attribute is set by being read: what it reduces to varies


def _write_elements(e: Encoder, value: Any) -> None:
    dtype = value.dtype
    e.text(dtype.str)
    if dtype.names is not None:
        # Field by field: the gaps between them are not content.
        e.tag(b"fields", len(dtype.names))
        for name in dtype.names:
            e.text(name)
            e.add(dtype.fields[name][1])
            e.add(dtype.fields[name][0].shape)
            _write_elements(e, value[name])
    elif dtype.hasobject or dtype.kind == "T":
        e.tag(b"elements")
        e.add(value.ravel().tolist())
    else:
        _write_memory(e, value)


def _write_memory(e: Encoder, value: Any) -> None:
    numpy = sys.modules["numpy"]
    if not value.flags.c_contiguous:
        if value.flags.f_contiguous:
            e.tag(b"fortran")
            value = value.T
        else:
            value = numpy.ascontiguousarray(value)
    if not value.size:
        return
    flat = value.reshape(-1).view(numpy.uint8)
    if value.dtype.char in _EXTENDED and numpy.finfo(value.dtype).nmant == 63:
        words = flat.reshape(-1, numpy.dtype(numpy.longdouble).itemsize)[:, :10]
        flat = numpy.ascontiguousarray(words).reshape(-1)
    e.buffer(memoryview(flat))


def _write_scalar(e: Encoder, value: Any) -> None:
    e.tag(b"numpy scalar")
    _write_elements(e, sys.modules["numpy"].asarray(value))
    e.context.module("numpy")


def _write_frame(e: Encoder, value: Any) -> None:
    if e.met_before(value):
        return
    e.tag(b"frame", value.shape[1])
    _write_labelled(e, value)
    e.add(value.columns)
    for _, column in value.items():  # noqa: PERF102  (not a dict: `values` is something else)
        # Every column on its own: in which blocks pandas keeps them is an accident.
        _write_column(e, column.array)


def _write_series(e: Encoder, value: Any) -> None:
    if e.met_before(value):
        return
    e.tag(b"series")
    _write_labelled(e, value)
    e.add(value.name)
    _write_column(e, value.array)


def _write_labelled(e: Encoder, value: Any) -> None:
    """What frames and series have in common: class, index, attributes, flags."""
    e.add(type(value))
    e.add(value.index)
    e.add(value.attrs)
    e.add(value.flags.allows_duplicate_labels)
    for name in value._metadata:  # of a subclass (a GeoDataFrame's geometry); a Series' is `name`
        if name != "_name":
            e.text(name)
            e.add(getattr(value, name, None))


def _write_column(e: Encoder, column: Any) -> None:
    if type(column).__name__ == "NumpyExtensionArray":
        _write_elements(e, column.to_numpy())
    else:
        e.add(column)


def _write_arrow(e: Encoder, value: Any) -> None:
    """As an IPC stream of one chunk: without the parts of buffers that a slice hides."""
    pyarrow = sys.modules["pyarrow"]
    e.tag(b"arrow")
    e.text(type(value).__name__)
    table = value
    if isinstance(value, pyarrow.RecordBatch):
        table = pyarrow.Table.from_batches([value])
    elif isinstance(value, pyarrow.Array | pyarrow.ChunkedArray):
        table = pyarrow.table({"": value})
    table = pyarrow.Table.from_arrays([_compact(one) for one in table.columns], schema=table.schema)
    sink = StreamDigest()
    with pyarrow.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    e.out.append(sink.digest())
    e.context.module("pyarrow")


def _compact(column: Any) -> Any:
    """One chunk whose buffers end where its content ends; copied only if it is not that yet.

    (The writer of streams pads a buffer with the bytes that follow in memory.)
    """
    pyarrow = sys.modules["pyarrow"]
    chunks = column.chunks
    if len(chunks) == 1 and chunks[0].offset == 0:
        # `nbytes` leaves out the one offset more than there are texts.
        size_of_offset = {"string": 4, "binary": 4, "large_string": 8, "large_binary": 8}
        extra = chunks[0].get_total_buffer_size() - chunks[0].nbytes
        if extra in (0, size_of_offset.get(str(column.type))):
            return chunks[0]
    if not chunks:
        return pyarrow.array([], column.type)
    return pyarrow.concat_arrays([*chunks, chunks[0].slice(0, 0)])  # of one, it would be no copy


_RULES: dict[tuple[str, str], Writer] = {
    ("numpy", "ndarray"): _write_array,
    ("numpy", "memmap"): _write_memmap,
    ("numpy", "MaskedArray"): _write_masked,
    ("numpy", "generic"): _write_scalar,
    ("pandas", "DataFrame"): _write_frame,
    ("pandas", "Series"): _write_series,
    ("pyarrow", "Table"): _write_arrow,
    ("pyarrow", "RecordBatch"): _write_arrow,
    ("pyarrow", "Array"): _write_arrow,
    ("pyarrow", "ChunkedArray"): _write_arrow,
}

_ONLY_EXACT = {_write_array, _write_memmap, _write_masked}
"""A subclass of an array (a matrix, a recarray) has more content than its elements."""

_writers: dict[type, Writer] = {}  # types seen, with their rule
