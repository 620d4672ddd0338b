"""Measure one case with one engine, in this process; print one line of JSON.

Usage: python -m benchmarks.one CASE PEER SIZE
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from .cases import CASES
from .peers import open_peer
from .peers.base import Unsupported

MARK = "benchmark-result: "
"""Engines print too; the result's line is known by this."""


def measure(case_name: str, peer_name: str, size: int) -> dict[str, Any]:
    """Rows in seconds, or why there are none. An engine's own error is a result too."""
    case = next(c for c in CASES if c.name == case_name)
    try:
        peer = open_peer(peer_name)
    except ImportError as error:
        return {"failed": f"not installed ({error.name or error})"}
    try:
        if case.alone:
            return {"rows": case.run(peer, size), "version": peer.version()}
        with peer:
            return {"rows": case.run(peer, size), "version": peer.version()}
    except Unsupported as why:
        return {"failed": str(why), "version": peer.version()}
    except Exception as error:  # noqa: BLE001 — what an engine raises is what the table shows
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return {"failed": f"raises {type(error).__name__}", "version": peer.version()}


def main() -> None:
    case, peer, size = sys.argv[1:]
    result = measure(case, peer, int(size))
    print(MARK + json.dumps(result), flush=True)
    # A broken pool may wait for ever for its dead workers; the result is out.
    os._exit(0)


if __name__ == "__main__":
    main()
