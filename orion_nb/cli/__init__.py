"""The `orion` command: what is useful outside a notebook, such as looking into the cache.

Thin on purpose: it parses arguments, calls a room and prints. Nothing is decided here, and
what only this repository needs (the demo, the benchmarks) lives in `orion_tools/` and `benchmarks/`.
"""
