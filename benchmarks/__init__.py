"""Orion beside other engines: `python -m benchmarks` prints one Markdown table.

`cases` holds what is measured, `peers` one small adapter per engine, `work` the functions that
run in workers, `one` measures one case with one engine in a process of its own, `table` prints.
"""
