"""The entry point `orion`: arguments in, exit status out."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from ..exceptions import OrionError
from . import cache, local


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="orion", description="Notebook cells as cached tasks.")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    commands.add_parser("version", help="the version of Orion, Python and the platform")

    what = commands.add_parser("cache", help="the results that are kept between runs")
    what.add_argument("--dir", type=Path, help="another cache folder than the default one")
    actions = what.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("size", help="how much is kept, and where")
    listing = actions.add_parser("list", help="the results, most recently used first")
    listing.add_argument("--limit", type=int, default=50, help="at most so many (default 50)")
    clear = actions.add_parser("clear", help="forget every result")
    clear.add_argument("--yes", action="store_true", help="do not ask")
    local.add_to(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0, or 1 with one clear line on standard error."""
    chosen = parser().parse_args(arguments)
    try:
        if chosen.command == "version":
            return version()
        if chosen.command == "local":
            return local.run(chosen)
        with cache.opened(chosen.dir) as kept:
            if chosen.action == "size":
                return cache.size(kept)
            if chosen.action == "list":
                return cache.listing(kept, chosen.limit)
            return cache.clear(kept, chosen.yes)
    except OrionError as error:
        print(f"orion: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # `orion cache list | head`
        sys.stderr.close()
        return 0


def version() -> int:
    import platform

    from .. import __version__

    print(f"orion_nb {__version__}, Python {platform.python_version()}, {platform.platform()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
