"""Running one task cell on a thread of the kernel (``--kind thread``).

For what cannot travel to another process. The kernel has one shell and one set of figures, so
here the cell runs beside the shell: its names, its last expression and what it displays are
its own; figures must be displayed explicitly.
"""

from __future__ import annotations

import ast
import asyncio
import contextlib
import inspect
import types
from collections.abc import Iterator
from typing import Any

from orion_nb.client import travel

from .cell_runner import (
    CellSpec,
    cell_with_lines,
    collect,
    no_input,
    report_error,
    warn,
    warn_of_changes,
)
from .in_place import Watch
from .rebind import HOME
from .worker_shell import portable


def run_cell_in_thread(spec: CellSpec, /, **inputs: Any) -> Any:
    """As `cell_runner.run_cell`, with the submitter's own objects as inputs."""
    from IPython import get_ipython

    shell = get_ipython()
    namespace: dict[str, Any] = {"__name__": HOME, "input": no_input, "get_ipython": lambda: shell}
    for module in spec.modules:
        namespace[module.name] = module.load()
    for name, value in inputs.items():
        namespace[name] = _at_home(value, namespace)
    watch = Watch({name: namespace[name] for name in spec.watched if name in namespace})
    source = cell_with_lines(shell, spec.source, spec.lines_before)
    filename = shell.compile.cache(source, spec.number)
    with _displays_as_frames(shell):
        try:
            _run(ast.parse(source), filename, namespace, shell)
        except BaseException as error:
            report_error(error, _traceback(shell, error))
            raise
    changed = watch.changed(namespace)
    warn_of_changes([name for name in changed if name in spec.origins], spec)
    _warn_of_shared([name for name in changed if name not in spec.origins])
    return collect(namespace, spec)


def _warn_of_shared(changed: list[str]) -> None:
    """Values of the notebook that the task has changed under everybody's feet."""
    if not changed:
        return
    names = " and ".join(f"`{name}`" for name in changed)
    verb, it = ("was", "it") if len(changed) == 1 else ("were", "them")
    warn(
        f"⚠ {names} {verb} changed in place by this task. It runs in a thread of the notebook, so "
        f"cells and other tasks see the change, whenever it happens: copy {it} first, or leave out "
        "--kind thread\n"
    )


def _run(tree: ast.Module, filename: str, namespace: dict[str, Any], shell: Any) -> None:
    last = tree.body[-1] if tree.body else None
    shown: ast.Expression | None = None
    if isinstance(last, ast.Expr):
        tree.body.pop()
        shown = ast.Expression(last.value)
    _evaluate(compile(tree, filename, "exec", flags=_FLAGS), namespace)
    if shown is not None:
        value = _evaluate(compile(shown, filename, "eval", flags=_FLAGS), namespace)
        if value is not None:
            data, metadata = shell.display_formatter.format(value)
            travel.emit("result", {"data": portable(data), "metadata": metadata, "transient": {}})


_FLAGS = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT


def _evaluate(code: types.CodeType, namespace: dict[str, Any]) -> Any:
    value = eval(code, namespace)
    if code.co_flags & inspect.CO_COROUTINE:
        return asyncio.run(value)
    return value


def _at_home(value: Any, namespace: dict[str, Any]) -> Any:
    """A function of the notebook sees the task's names. Nothing that is shared is touched."""
    if not isinstance(value, types.FunctionType) or value.__module__ != HOME:
        return value
    home = types.FunctionType(
        value.__code__, namespace, value.__name__, value.__defaults__, value.__closure__
    )
    home.__kwdefaults__ = value.__kwdefaults__
    home.__dict__.update(value.__dict__)
    return home


@contextlib.contextmanager
def _displays_as_frames(shell: Any) -> Iterator[None]:
    """Catch what this thread displays; ipykernel's publisher keeps hooks per thread."""
    publisher = shell.display_pub
    if not hasattr(publisher, "register_hook"):
        yield
        return

    def hook(message: dict[str, Any]) -> None:
        content = message["content"]
        kind = "update_display" if message["msg_type"] == "update_display_data" else "display"
        travel.emit(kind, {**content, "data": portable(content["data"])})

    publisher.register_hook(hook)
    try:
        yield
    finally:
        publisher.unregister_hook(hook)


def _traceback(shell: Any, error: BaseException) -> list[str]:
    travel.hide_own_frames(error)
    lines: list[str] = shell.InteractiveTB.structured_traceback(
        type(error), error, error.__traceback__, tb_offset=0
    )
    return lines
