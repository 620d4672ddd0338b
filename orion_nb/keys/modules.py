"""What a key says of modules: of the user's own, their source; of installed packages, a version.

* The standard library is part of the Python version, which is in every key (`recipe`).
* A module below a ``site-packages`` is an installed package: ``name==version``.
* Anything else with a file is the user's own project: its normalized source and, transitively,
  that of the project modules it imports — read from the files, because workers import them.
  What was assigned to such a module at run time does not travel to workers and is not here.
"""

from __future__ import annotations

import ast
import importlib.util
import os
import sys
import sysconfig
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib.machinery import ModuleSpec
from typing import NamedTuple

from ..core.action import hash_parts
from ..core.model import Component, Digest
from .source import normalized_code

_RACY = 0.1
"""Seconds. A file written so shortly before it was read may be written again without a change
of its times: it is read again until it has been quiet for so long (as git does)."""

_STANDARD = sys.stdlib_module_names | {"__main__", "__mp_main__", "builtins", "orion_nb"}
"""Known by the Python version; ours change where code runs, not what it computes."""

_INSTALLED = tuple(
    os.path.realpath(path) + os.sep
    for key, path in sysconfig.get_paths().items()
    if key in ("stdlib", "platstdlib", "purelib", "platlib")
)


_Stamp = tuple[int, int, int, int]


class _File(NamedTuple):
    """A project file as it was read."""

    stamp: _Stamp
    settled: bool
    digest: Digest
    imports: tuple[str, ...]
    """Absolute dotted names: of modules, and of names in modules that may be modules."""


class _Known(NamedTuple):
    """Components found before, and the files that must be unchanged for them to hold."""

    components: tuple[Component, ...]
    files: tuple[tuple[str, _Stamp], ...]


_files: dict[str, _File] = {}  # by path; one entry per file of the project
_known: dict[tuple[str, ...], _Known] = {}
_MAX_KNOWN = 1024


def module_components(names: tuple[str, ...]) -> tuple[Component, ...]:
    """The components for the modules of these names and all that project modules import.

    Files are looked at (``stat``) on every call, and read again when they changed.
    """
    known = _known.get(names)
    if known is not None and all(_stamp(path) == stamp for path, stamp in known.files):
        return known.components
    found: dict[str, Component] = {}
    files: list[tuple[str, _Stamp]] = []
    packages: set[str] = set()
    settled = True
    todo = list(names)
    while todo:
        name = todo.pop()
        top = name.partition(".")[0]
        if name in found or top in packages or top in _STANDARD:
            continue
        path = project_file(name)
        if path is not None:
            file = _read(path, name)
            settled = settled and file.settled
            files.append((path, file.stamp))
            found[name] = Component("module", name, file.digest, f"module {name}")
            todo += file.imports
            if "." in name:
                todo.append(name.rpartition(".")[0])  # importing a.b runs a
        elif is_installed(name):
            version = package_version(top)
            packages.add(top)
            found[top] = Component("module", top, hash_parts("package", version), version)
    components = tuple(found[name] for name in sorted(found))
    if settled:
        if len(_known) >= _MAX_KNOWN:
            _known.clear()
        _known[names] = _Known(components, tuple(files))
    return components


def is_installed(name: str) -> bool:
    """Whether the module is somebody else's: of the standard library or of a package."""
    top = name.partition(".")[0]
    if top in _STANDARD:
        return top not in ("__main__", "__mp_main__")
    place = _place(name)
    return place is not None and _below_installed(place)


def project_file(name: str) -> str | None:
    """The file of a module of the user's own project; None for any other name."""
    if name.partition(".")[0] in _STANDARD:
        return None
    place = _place(name)
    if place is None or _below_installed(place) or not os.path.isfile(place):
        return None
    return place


def _place(name: str) -> str | None:
    """The location of a module; of its top-level package where that says enough."""
    top = _location(name.partition(".")[0])
    # The parts of a namespace package (a folder) may be of the project and of others.
    return top if top and os.path.isfile(top) and _below_installed(top) else _location(name)


@lru_cache(maxsize=1024)
def package_version(top: str) -> str:
    """ "pandas 2.3.0" for the top-level module of an installed package."""
    from importlib import metadata  # 60 ms, so not before it is needed

    try:
        return f"{top} {metadata.version(top)}"
    except metadata.PackageNotFoundError:
        names = sorted(set(_distributions().get(top, ())))
    if names:
        return ", ".join(f"{name} {metadata.version(name)}" for name in names)
    version = getattr(sys.modules.get(top), "__version__", None)
    return f"{top} {version}" if isinstance(version, str) else f"{top} (unknown version)"


@lru_cache(maxsize=1)
def _distributions() -> Mapping[str, list[str]]:
    """Top-level module → packages. Slow (all metadata is read), so only for names that differ."""
    from importlib import metadata

    return metadata.packages_distributions()


def _location(name: str) -> str | None:
    """The file, or for a namespace package a folder, of a module; nothing is imported."""
    spec: ModuleSpec | None = getattr(sys.modules.get(name), "__spec__", None)
    if spec is None:
        module_file: str | None = getattr(sys.modules.get(name), "__file__", None)
        if module_file is not None:
            return os.path.abspath(module_file)
        spec = _find_spec(name)
    if spec is None:
        return None
    if spec.has_location and spec.origin:
        return spec.origin
    return next(iter(spec.submodule_search_locations or ()), None)


def _find_spec(name: str) -> ModuleSpec | None:
    parent, _, _ = name.rpartition(".")
    path = None
    if parent:
        loaded = sys.modules.get(parent)
        package: ModuleSpec | None = getattr(loaded, "__spec__", None) or _find_spec(parent)
        if package is None or package.submodule_search_locations is None:
            return None
        path = list(package.submodule_search_locations)
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = find(name, path, None) if find is not None else None
        if spec is not None:
            return spec
    return None


@lru_cache(maxsize=4096)
def _below_installed(path: str) -> bool:
    real = os.path.realpath(path)
    folders = real.split(os.sep)
    return real.startswith(_INSTALLED) or "site-packages" in folders or "dist-packages" in folders


def _stamp(path: str) -> _Stamp | None:
    try:
        stat = os.stat(path)
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size, stat.st_ino


def _read(path: str, name: str) -> _File:
    known = _files.get(path)
    stamp = _stamp(path)
    if known is not None and known.settled and known.stamp == stamp:
        return known
    if stamp is None:
        return _File((0, 0, 0, 0), False, hash_parts("missing file"), ())
    with open(path, "rb") as stream:
        data = stream.read()
    settled = time.time_ns() - max(stamp[0], stamp[1]) > _RACY * 1e9
    imports: tuple[str, ...] = ()
    try:
        text = importlib.util.decode_source(data)
        digest = hash_parts("module source", normalized_code(text))
        package = name if os.path.basename(path) == "__init__.py" else name.rpartition(".")[0]
        imports = tuple(dict.fromkeys(imports_of(text, package)))
    except (SyntaxError, ValueError):  # an extension module, or not Python at all
        digest = hash_parts("module file", data)
    _files[path] = _File(stamp, settled, digest, imports)
    return _files[path]


def imports_of(source: str, package: str) -> Iterator[str]:
    """The absolute names that a source in `package` imports anywhere, also inside functions."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from imported(
                node.level, node.module or "", [a.name for a in node.names], package
            )


def imported(level: int, module: str, names: Iterable[str], package: str) -> Iterator[str]:
    """The absolute names that ``from module import names`` may load, written in `package`."""
    base = module
    if level:
        parents = package.split(".") if package else []
        kept = parents[: len(parents) - level + 1]
        base = ".".join([*kept, *([module] if module else [])])
    if base:
        yield base
        yield from (f"{base}.{name}" for name in names if name != "*")
