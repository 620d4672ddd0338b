"""One function as one task."""

import orion_nb


def square(x: int) -> int:
    return x * x


with orion_nb.Runtime(workers=2) as runtime:
    ref = runtime.submit(square, 7)
    print(f"7 squared is {runtime.get(ref)}")
