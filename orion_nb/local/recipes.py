"""From the options and arguments of a submission to its policy and its recipe."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ..core.model import CacheMode, KeyRecipe, Policy, WorkerKind


@functools.lru_cache(maxsize=256)
def policy_of(
    cache: CacheMode | str,
    retries: int,
    timeout: float | None,
    wait_timeout: float | None,
    speculate_after: float | None,
    impure: bool,
    kind: WorkerKind | str,
    priority: int,
) -> Policy:
    """Remembered, because loops submit with the same options again and again.

    :raises ValueError: no such cache mode or kind of worker.
    """
    return Policy(
        cache=CacheMode(cache),
        retries=retries,
        timeout=timeout,
        wait_timeout=wait_timeout,
        speculate_after=speculate_after,
        impure=impure,
        kind=WorkerKind(kind),
        priority=priority,
    )


def recipe_of(
    fn: Callable[..., Any],
    args: Sequence[Any],
    kwargs: Mapping[str, Any],
    *,
    version: str = "",
    files: Iterable[str | os.PathLike[str]] = (),
    env: Iterable[str] = (),
) -> tuple[KeyRecipe | None, str]:
    """The recipe for a call, or None and the reason why there is none.

    :raises UsageError: a declared file cannot be read.
    """
    keys = _keys()
    try:
        return keys.recipe_for_call(fn, args, kwargs, version=version, files=files, env=env), ""
    except keys.Unhashable as error:
        return None, str(error)


@functools.cache
def _keys() -> Any:
    from .. import keys  # many modules; only tasks that are cached need them

    return keys
