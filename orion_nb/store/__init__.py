"""Where values live: codec, content-addressed blobs, object store, action cache.

* `codec`: a Python value (or a call) to one blob of bytes and back; the only home of pickle.
* `BlobStore`: immutable bytes by digest. `CasStore` keeps them in files that any number of
  processes share by mapping, `MemoryBlobs` in memory.
* `ObjectStore`: which value each `ObjectRef` has.
* `ActionCache`: which results an action key had before.

Nothing here decides what runs, and nothing computes an action key (`keys`, `core.action`).
"""

from . import codec, paths
from .actions import ActionCache
from .actions_rows import CacheSize, Entry, KeyUsed, Probe, Record
from .blobs import INLINE_LIMIT, Blob, BlobStore, MemoryBlobs
from .cas import CasStore, Usage
from .codec import Encoded
from .objects import ObjectStore

__all__ = [
    "INLINE_LIMIT",
    "ActionCache",
    "Blob",
    "BlobStore",
    "CacheSize",
    "CasStore",
    "Encoded",
    "Entry",
    "KeyUsed",
    "MemoryBlobs",
    "ObjectStore",
    "Probe",
    "Record",
    "Usage",
    "codec",
    "paths",
]
