"""`@orion_nb.task`: a function that is a task when it is called, for scripts.

::

    @orion_nb.task
    def square(x):
        return x * x

    ref = square(7)              # returns at once: an ObjectRef
    total = add(ref, square(8))  # ObjectRefs are dependencies
    print(orion_nb.get(total))  # waits for the value

Calls go to the runtime of the surrounding ``with Runtime() …`` block, or else to a default
runtime made on first use and ended with the program. Results are cached by default.
Inside a task the plain function is called: tasks do not submit tasks.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeVar, overload

from ..core.model import CacheMode, ObjectRef, Policy
from ..exceptions import UsageError
from . import context, lifetimes
from .calls import Call
from .getting import ALL_COMPLETED
from .recipes import policy_of, recipe_of
from .runtime import Runtime

F = TypeVar("F", bound=Callable[..., Any])

_lock = threading.Lock()
_default: Runtime | None = None


def default_runtime() -> Runtime:
    """The runtime of the innermost ``with`` block, or the default one, made if need be."""
    global _default
    active = lifetimes.active()
    if active is not None:
        return active
    with _lock:
        if _default is None or _default.closed:
            _default = Runtime(name="default")
        return _default


def shutdown(wait: bool = True) -> None:
    """End the default runtime, if there is one; the next use makes a new one."""
    global _default
    with _lock:
        runtime, _default = _default, None
    if runtime is not None:
        runtime.shutdown(wait=wait)


class TaskFunction:
    """What `@task` makes of a function. Calling it submits; `plain` is the function itself."""

    def __init__(self, fn: Callable[..., Any], options: dict[str, Any]) -> None:
        functools.update_wrapper(self, fn)
        self.plain = fn
        self._options = options

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Submit a call and return its ObjectRef; inside a task: call the function."""
        if context.current() is not None:
            return self.plain(*args, **kwargs)
        return self.submit(*args, **kwargs)

    def submit(self, *args: Any, **kwargs: Any) -> ObjectRef:
        """As calling it, but inside a task it is an error.

        :raises UsageError: inside a task.
        """
        if context.current() is not None:
            raise UsageError(
                f"{self.plain.__name__}.submit() inside a task: tasks do not submit tasks. Call "
                f"{self.plain.__name__}(…) to run it right here, or submit it from outside"
            )
        return default_runtime().submit_call(self.call(*args, **kwargs))

    def call(self, *args: Any, **kwargs: Any) -> Call:
        """The call, described but not submitted: for `Runtime.submit_call`."""
        options = self._options
        policy: Policy = options["policy"]
        recipe, why = None, ""
        if policy.cache is not CacheMode.OFF and not policy.impure:
            recipe, why = recipe_of(
                self.plain,
                args,
                kwargs,
                version=options["version"],
                files=options["files"],
                env=options["env"],
            )
        return Call(
            self.plain,
            args,
            kwargs,
            name=options["name"] or self.plain.__name__,
            recipe=recipe,
            uncached_because=why,
            policy=policy,
        )

    def map(self, *iterables: Iterable[Any]) -> list[ObjectRef]:
        """One task per tuple of items; refs in order."""
        return [self.submit(*items) for items in zip(*iterables, strict=False)]

    def __reduce__(self) -> tuple[Any, ...]:
        return (TaskFunction, (self.plain, self._options))

    def __repr__(self) -> str:
        return f"<task {self.plain.__qualname__}>"


@overload
def task(fn: F, /) -> TaskFunction: ...


@overload
def task(
    *,
    name: str | None = ...,
    cache: CacheMode | str = ...,
    version: str = ...,
    files: Iterable[str | os.PathLike[str]] = ...,
    env: Iterable[str] = ...,
    retries: int = ...,
    timeout: float | None = ...,
    wait_timeout: float | None = ...,
    speculate_after: float | None = ...,
    impure: bool = ...,
    kind: Literal["process", "thread"] = ...,
    priority: int = ...,
) -> Callable[[Callable[..., Any]], TaskFunction]: ...


def task(
    fn: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    cache: CacheMode | str = CacheMode.DEFAULT,
    version: str = "",
    files: Iterable[str | os.PathLike[str]] = (),
    env: Iterable[str] = (),
    retries: int = 0,
    timeout: float | None = None,
    wait_timeout: float | None = None,
    speculate_after: float | None = None,
    impure: bool = False,
    kind: Literal["process", "thread"] = "process",
    priority: int = 0,
) -> Any:
    """Make a function a task: ``@task``, or ``@task(retries=2)``.

    The options are those of `Runtime.submit`; only `cache` differs: by default the result is
    looked up, and remembered. `env`: environment variables that the function reads.
    """
    policy = policy_of(
        cache, retries, timeout, wait_timeout, speculate_after, impure, kind, priority
    )
    options = {
        "name": name,
        "policy": policy,
        "version": version,
        "files": tuple(files),
        "env": tuple(env),
    }

    def decorate(function: Callable[..., Any]) -> TaskFunction:
        return TaskFunction(function, options)

    return decorate if fn is None else decorate(fn)


def get(refs: Any, timeout: float | None = None) -> Any:
    """`Runtime.get` of the runtime that `@task` functions are using now."""
    return default_runtime().get(refs, timeout)


def wait(
    refs: Iterable[ObjectRef], timeout: float | None = None, return_when: str = ALL_COMPLETED
) -> tuple[list[ObjectRef], list[ObjectRef]]:
    """`Runtime.wait` of the runtime that `@task` functions are using now."""
    return default_runtime().wait(refs, timeout, return_when)
