"""Two tasks, one of which needs the other: A = 10, B = A + 32."""

import orion_nb


@orion_nb.task
def make_a() -> int:
    return 10


@orion_nb.task
def make_b(a: int) -> int:
    return a + 32


a = make_a()  # returns at once, with an ObjectRef
b = make_b(a)  # waits for A by itself
print(f"A = {orion_nb.get(a)}, B = A + 32 = {orion_nb.get(b)}")
