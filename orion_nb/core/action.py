"""The action key: the name of a computation, made from what it reads and nothing else.

A key is the SHA-256 over a scheme tag and a sequence of components, each written as
``kind name digest`` with the lengths in front of the texts that may hold anything. So no
two different sequences are written alike: ``("ab", "c")`` is not ``("a", "bc")``, and
f(a, b) is not f(b, a) because order and binding are both in it.

A component's `note` is for people (a line number, a version in words) and stays out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from .model import Component, Digest, KeyRecipe

SCHEME = "orion-action-1"
"""First in every key. Change it when the meaning of any component changes: old entries are
then simply never found again."""

INPUT = "input"
"""Kind of the components that stand for values the task reads by name."""


def hash_parts(tag: str, *parts: str | bytes) -> Digest:
    """SHA-256 over a tag and parts, each with its type and length in front.

    The tag says what is hashed, so that a list and a tuple, or a function and its source
    as a text, never share a digest.
    """
    framed = [_frame(tag)]
    framed += [_frame(part) for part in parts]
    return sha256(b"".join(framed)).hexdigest()


def input_components(inputs: Iterable[tuple[str, Digest]]) -> tuple[Component, ...]:
    """The inputs of a task as components, as `action_key` hashes them and a cache keeps them."""
    return tuple(Component(INPUT, binding, digest) for binding, digest in inputs)


def action_key(recipe: KeyRecipe, inputs: Iterable[tuple[str, Digest]] = ()) -> Digest:
    """The key of a task whose `inputs` — (binding, digest of the upstream output), in the
    order of `Task.inputs` — are known. A few microseconds: the scheduler calls it per task.
    """
    # Kinds and digests need no length: neither holds a space. Names may hold anything.
    # (Appending to one list and joining once is the fastest of the ways tried.)
    text = [SCHEME]
    for kind, name, digest, _ in recipe.components:
        text += kind, str(len(name)), name, digest
    for name, digest in inputs:
        text += INPUT, str(len(name)), name, digest
    return sha256(" ".join(text).encode("utf-8", "surrogatepass")).hexdigest()


def components_key(components: Sequence[Component]) -> Digest:
    """The key of components that include the inputs' (as a cache keeps them)."""
    return action_key(KeyRecipe(tuple(components)))


def _frame(part: str | bytes) -> bytes:
    if isinstance(part, str):
        data = part.encode("utf-8", "surrogatepass")
        return b"s%d:%b" % (len(data), data)
    return b"b%d:%b" % (len(part), part)
