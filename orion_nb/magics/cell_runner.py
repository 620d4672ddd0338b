"""Running one task cell inside a worker, as the plain cell would have run in the kernel.

`CellSpec` is all that travels beside the inputs; `run_cell` is the function that the worker
calls. This file is imported by every worker, so IPython comes in only when a cell runs.
"""

from __future__ import annotations

import builtins
import contextlib
import functools
import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from orion_nb.client import travel
from orion_nb.core.model import VALUE
from orion_nb.exceptions import NotPicklable, UsageError

from .in_place import Origin, Watch
from .rebind import Rebinder

if TYPE_CHECKING:
    from .worker_shell import WorkerShell


class ModuleName(NamedTuple):
    """A name that an earlier cell bound by an import: done again in the worker."""

    name: str
    module: str
    attribute: str = ""  # `from module import attribute`

    def load(self) -> Any:
        """Import it, and give what the name was bound to."""
        value: Any = importlib.import_module(self.module)
        if self.attribute:
            return getattr(value, self.attribute)
        top = self.module.partition(".")[0]
        return sys.modules[top] if self.name == top else value  # `import a.b` binds a


class CellSource(NamedTuple):
    """An earlier cell, so that a traceback through its functions shows their lines."""

    filename: str  # as its code objects name it in the kernel
    number: int  # n in `Cell In[n]`
    text: str


@dataclass(frozen=True, slots=True)
class CellSpec:
    """What a worker must know to run a cell; its inputs come as arguments."""

    source: str  # the body, as typed, without the magic's own line
    number: int  # n in `Cell In[n]`
    lines_before: int = 1  # lines of the cell above the body, so that line numbers are the cell's
    outputs: tuple[str, ...] = ()
    stated: bool = False  # the outputs were written by the user: each must exist
    namespace: bytes = b""  # packed: functions, classes and values of earlier cells
    modules: tuple[ModuleName, ...] = ()
    sources: tuple[CellSource, ...] = ()
    code_files: Mapping[str, str] | None = None  # function's qualified name → CellSource.filename
    watched: tuple[str, ...] = ()  # names whose change in place nobody would see
    origins: Mapping[str, Origin] = field(default_factory=dict)  # of those that are inputs


class Unbound(NamedTuple):
    """Stands for an output that has no value; `why` is what a reader is told."""

    name: str
    why: str
    stayed: bool = False  # it had a value, which could not leave the worker


def cell_with_lines(shell: Any, source: str, lines_before: int) -> str:
    """The cell after IPython's transform, moved down to its own line numbers.

    The transform drops leading blank lines; they are put back, with those of the magic.
    """
    lines = source.splitlines()
    blank = next((i for i, line in enumerate(lines) if line.strip()), len(lines))
    transformed: str = shell.transform_cell(source)
    return "\n" * (lines_before + blank) + transformed


def run_cell(packed: bytes, names: str, /, *values: Any) -> Any:
    """Run the cell and return its outputs (see `collect`). Raises what the cell raised.

    :param packed: its `CellSpec`. Bytes, and names as one text: then calls of thousands of tasks
        consist of little but short scalars and are quick to encode.
    :param names: of `values`, with a space between.

    The exception carries the formatted traceback, at the cell's own lines, as
    `__orion_traceback__` (a list of lines, as in a Jupyter error message).
    """
    spec = unpacked(packed)
    inputs = dict(zip(names.split(), values, strict=True))
    shell = _shell()
    with _surroundings():
        namespace = shell.begin(spec.number)
        try:
            _fill(namespace, spec, inputs, shell)
            watch = Watch(
                {name: namespace[name] for name in spec.watched if name in namespace},
                spec.origins,
            )
            result = shell.execute(
                spec.source, cell_with_lines(shell, spec.source, spec.lines_before)
            )
            error = result.error_before_exec or result.error_in_exec
            if error is not None:
                report_error(error, shell.last_traceback)
                raise error
            warn_of_changes(watch.changed(namespace), spec)
            return collect(namespace, spec)
        finally:
            shell.end()


@functools.lru_cache(maxsize=32)
def unpacked(packed: bytes) -> CellSpec:
    """The spec of a call; the same for every task of a cell."""
    spec: CellSpec = travel.unpack(packed)["spec"]
    return spec


def _shell() -> WorkerShell:
    """The worker's shell, made for its first cell (~0.1 s; a preloaded fork server saves it)."""
    # Before pyplot is imported, as ipykernel does: figures appear inline without %matplotlib.
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    from IPython.core.interactiveshell import InteractiveShell

    from .worker_shell import WorkerShell

    if InteractiveShell.initialized():
        present = InteractiveShell.instance()
        if isinstance(present, WorkerShell):
            return present
        # Made by the first `display` of a plain function that ran in this worker.
        type(present).clear_instance()
    return WorkerShell.instance()


@contextlib.contextmanager
def _surroundings() -> Iterator[None]:
    """An `input()` that says that it cannot; afterwards the process's own `__main__` again."""
    import getpass

    asked, secret, main = builtins.input, getpass.getpass, sys.modules.get("__main__")
    builtins.input = no_input
    getpass.getpass = no_input
    try:
        yield
    finally:
        builtins.input, getpass.getpass = asked, secret
        if main is not None:
            sys.modules["__main__"] = main


def no_input(*_: object, **__: object) -> str:
    """What `input` is in a task."""
    raise UsageError(
        "a task cannot ask for input: it runs in the background. "
        "Ask in a plain cell and let the task read the variable."
    )


def _fill(
    namespace: dict[str, Any], spec: CellSpec, inputs: dict[str, Any], shell: WorkerShell
) -> None:
    """Put everything that the cell may read where it looks for it."""
    for module in spec.modules:
        namespace[module.name] = module.load()
    carried = travel.unpack(spec.namespace) if spec.namespace else {}
    names = {
        source.filename: shell.compile.cache(source.text, source.number) for source in spec.sources
    }
    files = {name: names[file] for name, file in (spec.code_files or {}).items() if file in names}
    everything = {**carried, **inputs}
    for name, value in everything.items():
        if not isinstance(value, Unbound):
            namespace[name] = value
        elif value.stayed:
            # Reading it raises NameError, as in a plain cell; that alone would not say why.
            warn(f"⚠ {value.why}\n")
    rebinder = Rebinder(namespace, files)
    for name in everything.keys() & namespace.keys():
        namespace[name] = rebinder(namespace[name])


def report_error(error: BaseException, lines: list[str]) -> None:
    """Show the traceback under the cell, and let the exception carry it to who reads an output."""
    if not isinstance(error, KeyboardInterrupt):  # somebody cancelled it: no news
        travel.emit(
            "error",
            {"ename": type(error).__name__, "evalue": _message(error), "traceback": lines},
        )
    # Exceptions with __slots__ cannot carry it; the worker then formats its own.
    with contextlib.suppress(AttributeError, TypeError):
        error.__orion_traceback__ = lines  # type: ignore[attr-defined]


def _message(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as broken:  # noqa: BLE001  (a user's __str__ may raise anything)
        return f"<its __str__ raised {type(broken).__name__}>"


def warn_of_changes(changed: list[str], spec: CellSpec) -> None:
    """Say under the cell which names it changed in place, and how to hand the change on."""
    if not changed:
        return
    names = " and ".join(f"`{name}`" for name in changed)
    every = ",".join(dict.fromkeys((*spec.outputs, *changed)))
    verb, it = ("was", "it") if len(changed) == 1 else ("were", "them")
    warn(
        f"⚠ {names} {verb} changed in place by this task. Other cells do not see the change: "
        f"to hand {it} on, write  --out {every}\n"
    )


def warn(text: str) -> None:
    """Say something under the task's cell."""
    travel.emit("stream", {"name": "stderr", "text": text})


_TRAVELLERS = frozenset({"numpy", "pandas", "polars", "pyarrow"})
"""Whose values are not encoded a second time only to see whether they can travel."""


def collect(namespace: Mapping[str, Any], spec: CellSpec) -> Any:
    """The values of the outputs.

    An output that was only inferred may be missing (a branch not taken) or unable to travel
    (a generator that the cell used for itself): that is no failure until somebody reads it.
    A dict by name, as a runtime expects it; of the single output `value`, the value itself.
    """
    outputs: dict[str, Any] = {}
    for name in spec.outputs:
        if name not in namespace:
            if spec.stated:
                raise UsageError(f"--out {name}: the cell has not bound {name!r}")
            outputs[name] = Unbound(name, f"name {name!r} is not defined: its task did not bind it")
            continue
        outputs[name] = value = namespace[name]
        if not spec.stated and type(value).__module__.partition(".")[0] not in _TRAVELLERS:
            try:
                travel.check(value, name)
            except NotPicklable as problem:
                outputs[name] = Unbound(name, str(problem), stayed=True)
                warn(f"⚠ `{name}` stays in the task: {problem}\n")
    return outputs[VALUE] if spec.outputs == (VALUE,) else outputs
