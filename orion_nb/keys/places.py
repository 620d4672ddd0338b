"""Names of files for people: a cell by its number, a module by its file's name."""

from __future__ import annotations

import os
import sys


def file_label(filename: str) -> str:
    """ "Cell In[4]" for the file name of a notebook cell, else the last part of the path."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    format_name = getattr(getattr(shell, "compile", None), "format_code_name", None)
    named = format_name(filename) if format_name is not None else None
    if named is not None:
        return " ".join(named)  # ("Cell", "In[4]")
    return os.path.basename(filename) or filename
