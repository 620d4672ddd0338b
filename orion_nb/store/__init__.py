"""Where values live: codec, content-addressed blobs, object store, action cache."""
