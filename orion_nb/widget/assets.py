"""The widget's front end as two strings, made from the files in ``static/``.

anywidget wants one ES module without relative imports. The sources are several small
modules that any browser or node can import as they are; here their imports of each other
and their ``export`` words are dropped and the rest is put in order. That is all the building there is:
no node, no bundler, no generated file to go stale.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from importlib.resources import files
from typing import Any

from .palette import css_tokens

MODULES = ("icons.js", "format.js", "state.js", "graph.js", "timeline.js", "panel.js", "dag.js")
"""In order of dependence; ``dag.js`` has the default export."""

_IMPORT = re.compile(r"^import\s[^;]*?from\s+\"\./[\w.]+\";\n", re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:const|let|function|class|async)\b)", re.MULTILINE)
_DOC = re.compile(r"^[ \t]*/\*\*(?:(?!\*/).)*\*/\n", re.MULTILINE | re.DOTALL)
_TYPE = re.compile(r"/\*\*[^\n]*?\*/ ?")
_LINE_COMMENT = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)


def read(name: str) -> str:
    """Text of a file in ``static/``."""
    return files(__package__).joinpath("static", name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def esm() -> str:
    """The whole front end as one ES module. Comments stay in the sources: the module travels
    with every widget."""
    parts = []
    for name in MODULES:
        text = _IMPORT.sub("", read(name))
        for pattern in (_DOC, _TYPE, _LINE_COMMENT, _EXPORT, _INDENT):
            text = pattern.sub("", text)
        parts.append(text.strip())
    return "\n".join(parts) + "\n"


@lru_cache(maxsize=1)
def css() -> str:
    """The style sheet, after the colours that it shares with the static picture."""
    return css_tokens() + read("dag.css")


@lru_cache(maxsize=1)
def icons() -> dict[str, dict[str, Any]]:
    """Icons on a 16 × 16 grid, shared with the browser: ``icons.js`` is JSON after its first
    ``{``, so that there is one source for both."""
    text = read("icons.js")
    found: dict[str, dict[str, Any]] = json.loads(text[text.index("{") : text.rindex("}") + 1])
    return found
