"""The only home of pickle: Python values to blobs and back.

* `encode(value) -> Encoded`, `decode(buffer) -> value`: one value.
* `encode_call(fn, args, kwargs) -> (Encoded, refs)`, `decode_call(buffer, resolve)`: one call.
* `changed_since_load(value, buffer)`: was a decoded value changed in place since?

Decoding runs code: decode only what someone allowed to submit tasks has encoded.
The bytes are no key: two equal values may encode differently. Keys come from `keys`.
"""

from .calls import decode_call, encode_call, forget_functions
from .changes import changed_since_load
from .layout import ALIGN, VERSION, Encoded
from .values import decode, encode

__all__ = [
    "ALIGN",
    "VERSION",
    "Encoded",
    "changed_since_load",
    "decode",
    "decode_call",
    "encode",
    "encode_call",
    "forget_functions",
]
