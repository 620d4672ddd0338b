"""Was a decoded value changed in place since it was decoded?

The value is compared with a fresh decoding of the same blob, never with the blob's own bytes:
pickle writes shared and equal objects differently, and both sides here have been through
the same decoding. Big buffers are compared in memory, which is many times faster than hashing.
"""

from __future__ import annotations

import mmap
import sys
from typing import Any

from ..digests import Buffer
from .pickler import dump
from .values import decode

_STEP = 1 << 16  # bytes compared at a time; above 128 KiB the C library maps fresh pages for each


def changed_since_load(value: Any, buffer: Buffer | mmap.mmap) -> bool:
    """Whether a value differs from what its blob decodes to.

    A rearrangement that nobody can see (pandas joining its blocks) is no change. When in
    doubt the answer is True: an object that cannot be encoded any more, or whose pickling is not
    reproducible.

    :param buffer: the blob, opened *anew*: a value may lie in the mapping that it was decoded
        from, and then changes with it.
    """
    return not _same(value, decode(buffer))


def _same(value: Any, fresh: Any) -> bool:
    if type(value) is not type(fresh):
        return False
    if _same_encoding(value, fresh):
        return True
    if _is_pandas(value):
        return _same_pandas(value, fresh)
    if isinstance(value, dict):
        return list(map(_key, value)) == list(map(_key, fresh)) and all(
            _same(item, fresh_item)
            for item, fresh_item in zip(value.values(), fresh.values(), strict=True)
        )
    if type(value) in (list, tuple):
        return len(value) == len(fresh) and all(map(_same, value, fresh))
    return False


def _key(key: Any) -> tuple[type, Any]:
    return type(key), key


def _same_encoding(value: Any, fresh: Any) -> bool:
    try:
        stream, buffers, _ = dump(value)
    except Exception:  # noqa: BLE001  whatever it is now, it is not what was decoded
        return False
    fresh_stream, fresh_buffers, _ = dump(fresh)
    return (
        len(buffers) == len(fresh_buffers)
        and b"".join(stream) == b"".join(fresh_stream)
        and all(map(same_bytes, buffers, fresh_buffers))
    )


def same_bytes(left: memoryview, right: memoryview) -> bool:
    """Whether two flat buffers hold the same bytes."""
    if left.nbytes != right.nbytes:
        return False
    # Comparing memoryviews goes item by item; bytes objects are compared at memory speed.
    return all(
        left[start : start + _STEP].tobytes() == right[start : start + _STEP].tobytes()
        for start in range(0, left.nbytes, _STEP)
    )


def _is_pandas(value: Any) -> bool:
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, (pandas.DataFrame, pandas.Series))


def _same_pandas(value: Any, fresh: Any) -> bool:
    axes = zip(value.axes, fresh.axes, strict=True)
    return bool(
        all(left.identical(right) for left, right in axes)
        and value.equals(fresh)
        and value.attrs == fresh.attrs
        and getattr(value, "name", None) == getattr(fresh, "name", None)
    )
