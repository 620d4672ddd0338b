"""``python -m tests.simulation``: run worlds by their seeds."""

from __future__ import annotations

import argparse
import sys
import time

from .world import World


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="run this one and tell its story")
    parser.add_argument("--seeds", type=int, default=1000, help="run so many (default 1000)")
    parser.add_argument("--first", type=int, default=0, help="the first of them (default 0)")
    options = parser.parse_args()
    if options.seed is not None:
        World(options.seed, trace=print).run()
        print(f"seed {options.seed}: all is well")
        return 0
    begin, attempts = time.perf_counter(), 0
    for seed in range(options.first, options.first + options.seeds):
        world, well = World(seed), False
        try:
            world.run()
            well = True
        finally:
            if not well:
                print(f"seed {seed} fails; replay: python -m tests.simulation --seed {seed}")
        attempts += world.observer.ran
    seconds = time.perf_counter() - begin
    print(f"{options.seeds} worlds, {attempts} attempts, {seconds:.1f} s: all is well")
    return 0


if __name__ == "__main__":
    sys.exit(main())
