"""``python -m orion_nb.detached``: see `process`. Started by `client.connect`, or by hand."""

from __future__ import annotations

import sys

from .process import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
