"""What the workers run. Importable everywhere, so no engine pays for shipping code."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

BIG = 25_000_000
"""Elements of the large array: 200 MB of float64."""


def noop(i: int) -> int:
    return i


def inc(x: int) -> int:
    return x + 1


def add3(a: int, b: int, c: int) -> int:
    return a + b + c


def pid(_: int) -> int:
    """Keep a worker busy for a moment, so that every worker is started; say which one it was."""
    time.sleep(0.05)
    return os.getpid()


def load_numpy(i: int) -> int:
    """Have what `make_big` and `take_big` need in this process."""
    import numpy as np

    np.ones(10).sum()
    return pid(i)


def make_big(_: int) -> Any:
    """200 MB that remember when they were ready, and in which process."""
    import numpy as np

    array = np.ones(BIG)
    array[1] = os.getpid()
    array[0] = time.time()
    return array


def take_big(array: Any) -> tuple[float, int, int]:
    """(seconds from ready there to read here, maker's process, this process).

    The sum reads every page, so nothing is gained by mapping lazily.
    """
    array.sum()
    return time.time() - float(array[0]), int(array[1]), os.getpid()


def hold(folder: str, name: str) -> None:
    """Occupy a worker from the moment that `name.held` appears until `name.release` does."""
    open(os.path.join(folder, f"{name}.held"), "w").close()
    while not os.path.exists(os.path.join(folder, f"{name}.release")):
        time.sleep(0.001)


def moment(i: int, seconds: float) -> float:
    """Sleep, then say what time it is (seconds since the epoch)."""
    time.sleep(seconds)
    return time.time()


def hold_interpreter(seconds: float) -> None:
    """One call into C that lets no other thread of this process run, for about so long."""
    began = time.perf_counter()
    sum(range(1_000_000))
    each = (time.perf_counter() - began) / 1_000_000
    sum(range(int(seconds / each)))


def spin(seconds: float) -> None:
    """A loop in Python: other threads run now and then."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def first_time(marker: str) -> bool:
    """Whether nobody has asked for this marker file before; atomic between processes."""
    try:
        os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True


def brief(i: int, seconds: float, slow: float, folder: str) -> int:
    """Sleep `seconds`; task 0's first attempt sleeps `slow` seconds instead (0: it does not)."""
    late = slow and i == 0 and first_time(os.path.join(folder, "slow"))
    time.sleep(slow if late else seconds)
    return i


def mortal(i: int, seconds: float, folder: str) -> int:
    """Sleep; task 7 kills its own worker half-way through its first attempt."""
    if i == 7 and first_time(os.path.join(folder, "killed")):
        time.sleep(seconds / 2)
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    time.sleep(seconds)
    return i


def small_result(i: int) -> int:
    """What the cache cases cache."""
    return i * i


def make_array(n: int) -> Any:
    """An array of n float64."""
    import numpy as np

    return np.ones(n)


def length(array: Any) -> int:
    """A cheap function of an argument that may be large."""
    return len(array)
