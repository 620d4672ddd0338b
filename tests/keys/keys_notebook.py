"""A notebook without Jupyter: cells that run in a namespace of their own."""

from __future__ import annotations

import linecache
import textwrap
from typing import Any


class Notebook:
    """Runs cells as a kernel does: in ``__main__``'s stead, each with a file name of its own
    whose lines `linecache` knows."""

    def __init__(self) -> None:
        self.names: dict[str, Any] = {"__name__": "__main__", "__builtins__": __builtins__}
        self._count = 0

    def run(self, source: str) -> Notebook:
        self._count += 1
        source = textwrap.dedent(source)
        filename = f"<cell {id(self)} {self._count}>"
        linecache.cache[filename] = (len(source), None, source.splitlines(True), filename)
        exec(compile(source, filename, "exec", dont_inherit=True), self.names)
        return self

    def __setitem__(self, name: str, value: Any) -> None:
        self.names[name] = value

    def __getitem__(self, name: str) -> Any:
        return self.names[name]
