"""How an encoded value lies in a blob, and `Encoded`, which has not been written yet.

::

    header   24 bytes   magic "ORNB", version, flags, Python major and minor (0, 0: any),
                        number of buffers, length of the function stream, length of all streams
    table    16 bytes   for each buffer: offset, length
    streams             [function stream] pickle stream
    buffers             each at a multiple of 64 bytes from the start, zeros between

All little-endian. A reader maps the file and hands the buffers out as they lie there.
A blob with another version is not understood (`Undecodable`), which a cache takes as a miss.
"""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from typing import NamedTuple

from ...core.model import Digest, Output
from ...exceptions import Undecodable
from ..digests import Buffer, segments_digest

MAGIC = b"ORNB"
VERSION = 1
ALIGN = 64
"""Bytes; what numpy, Arrow and vector instructions like best."""

CALL = 1
"""Flag: a function, its arguments and its keyword arguments; only `decode_call` reads it."""
REUSABLE = 2
"""Flag: the function is made of immutable parts; a worker may keep it while they hold."""

PYTHON = (sys.version_info.major, sys.version_info.minor)
ANY_PYTHON = (0, 0)

_HEADER = struct.Struct("<4sBBBBIIQ")
_ENTRY = struct.Struct("<QQ")
_PLAIN = _HEADER.pack(MAGIC, VERSION, 0, 0, 0, 0, 0, 0)[:-8]


class Encoded:
    """A value in encoded form: pieces that may still share memory with the value.

    Write it, or take its bytes, before the value changes. The digest is computed when it
    is first asked for; a store computes it while it writes.
    """

    __slots__ = ("_digest", "segments", "size")

    def __init__(self, segments: Sequence[Buffer], size: int, digest: Digest = "") -> None:
        self.segments = segments
        self.size = size
        self._digest = digest

    @classmethod
    def of_bytes(cls, data: bytes) -> Encoded:
        """Bytes that are a complete blob already."""
        return cls((data,), len(data))

    @property
    def digest(self) -> Digest:
        if not self._digest:
            self._digest = segments_digest(self.segments, self.size)
        return self._digest

    @property
    def known_digest(self) -> Digest:
        """The digest if it was computed already, else empty."""
        return self._digest

    def digest_is(self, digest: Digest) -> None:
        """Said by a store that hashed the pieces while it wrote them."""
        self._digest = digest

    @property
    def output(self) -> Output:
        return Output(self.digest, self.size)

    def to_bytes(self) -> bytes:
        """One contiguous copy (none if it lies in one piece of bytes)."""
        if len(self.segments) == 1 and isinstance(self.segments[0], bytes):
            return self.segments[0]
        return b"".join(self.segments)

    def __repr__(self) -> str:
        return f"<Encoded {self.size:,} bytes {self._digest[:12]}>"


def pack_plain(stream: bytes) -> Encoded:
    """A value whose encoding is one pickle stream, readable by every Python: the quick way."""
    data = b"".join((_PLAIN, len(stream).to_bytes(8, "little"), stream))
    return Encoded((data,), len(data))


def pack(
    streams: Sequence[Buffer],
    buffers: Sequence[memoryview] = (),
    *,
    flags: int = 0,
    python: tuple[int, int] = ANY_PYTHON,
    function_length: int = 0,
) -> Encoded:
    """Lay streams and out-of-band buffers out as one blob; nothing is copied yet."""
    length = sum([len(stream) for stream in streams])  # a list: quicker for the usual two
    header = _HEADER.pack(MAGIC, VERSION, flags, *python, len(buffers), function_length, length)
    if not buffers:
        if len(streams) == 1 and length > _COPY_BELOW:
            return Encoded((header, streams[0]), len(header) + length)
        if length <= _COPY_BELOW:
            data = b"".join((header, *streams))
            return Encoded((data,), len(data))
        return Encoded((header, *streams), len(header) + length)
    position = _HEADER.size + _ENTRY.size * len(buffers) + length
    table: list[bytes] = []
    tail: list[Buffer] = []
    for buffer in buffers:
        padding = -position % ALIGN
        if padding:
            tail.append(bytes(padding))
        position += padding
        table.append(_ENTRY.pack(position, buffer.nbytes))
        tail.append(buffer)
        position += buffer.nbytes
    head = b"".join((header, *table))
    return Encoded((head, *streams, *tail), position)


_COPY_BELOW = 1 << 17  # joining this little is cheaper than handling pieces


class Parts(NamedTuple):
    """A blob taken apart; everything is a view into it."""

    flags: int
    function: memoryview
    stream: memoryview
    buffers: list[memoryview]


def unpack(data: memoryview) -> Parts:
    """Take a blob apart.

    :raises Undecodable: not an encoded value, cut short, of another format version, or
        holding code of another Python version.
    """
    if len(data) < _HEADER.size:
        raise Undecodable(f"not an encoded value: {len(data)} bytes are less than a header")
    magic, version, flags, major, minor, count, function_length, length = _HEADER.unpack_from(data)
    if magic != MAGIC:
        raise Undecodable("not an encoded value: it does not begin with ORNB")
    if version != VERSION:
        raise Undecodable(f"encoded in format {version}, this is format {VERSION}")
    if (major, minor) not in (ANY_PYTHON, PYTHON):
        raise Undecodable(
            f"holds code of Python {major}.{minor}, this is Python {PYTHON[0]}.{PYTHON[1]}"
        )
    start = _HEADER.size + _ENTRY.size * count
    if start + length > len(data) or function_length > length:
        raise Undecodable("the encoded value is cut short")
    buffers = []
    for index in range(count):
        offset, size = _ENTRY.unpack_from(data, _HEADER.size + _ENTRY.size * index)
        if offset + size > len(data):
            raise Undecodable("the encoded value is cut short")
        buffers.append(data[offset : offset + size])
    middle = start + function_length
    return Parts(flags, data[start:middle], data[middle : start + length], buffers)
