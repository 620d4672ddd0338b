"""The project checks its own shape: which room imports which, sizes, exports, import cost.

Imports are read from the source, also those inside functions and under `TYPE_CHECKING`: a lazy
import is still a dependency. The rules are those of ARCHITECTURE.md; change both together.
"""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

import orion_nb

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "orion_nb"
MAX_LINES = 500

ALLOWED = {
    "exceptions": set(),
    "core": {"exceptions"},
    "store": {"exceptions", "core"},
    "keys": {"exceptions", "core"},
    "local": {"exceptions", "core", "store", "keys"},
    "rpc": {"exceptions", "core"},
    "detached": {"exceptions", "core", "store", "keys", "local", "rpc"},
    "client": {"exceptions", "core", "store", "local", "rpc"},
    "widget": {"exceptions", "core"},
    "magics": {"exceptions", "core", "keys", "client", "widget"},
    "cluster": {"exceptions", "core", "store", "local", "rpc"},
}
"""Which rooms a room may import. `cli` and the facade (`__init__`) may import everything."""

UNBOUND = {"cli", "__init__", "adr"}

PURE = {
    "__future__", "abc", "bisect", "collections", "contextlib", "dataclasses", "enum", "functools",
    "hashlib", "heapq", "itertools", "math", "operator", "statistics", "struct", "types", "typing",
}  # fmt: skip
"""All that `core` may import from outside: nothing with a clock, a thread, a file or chance."""

HEAVY = {
    "IPython", "anywidget", "graphviz", "grpc", "ipykernel", "ipywidgets", "matplotlib", "numpy",
    "pandas", "pyarrow", "sklearn",
}  # fmt: skip
"""Never loaded by `import orion_nb`; loaded when first needed, inside a function."""

LIGHT_ROOMS = {"core", "store", "keys", "local", "exceptions", "__init__"}


class Import(NamedTuple):
    """One imported module: where, its absolute dotted name, and whether it runs at import time."""

    path: Path
    line: int
    module: str
    eager: bool

    @property
    def where(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"

    @property
    def top(self) -> str:
        return self.module.split(".")[0]


def sources() -> list[Path]:
    return sorted(p for p in PACKAGE.rglob("*.py") if "generated" not in p.parts)


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports_of(path: Path) -> Iterator[Import]:
    """Every import of a file; relative ones are made absolute."""
    package = ("orion_nb", *path.relative_to(PACKAGE).parent.parts)

    def visit(node: ast.AST, eager: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(path, child.lineno, alias.name, eager)
            elif isinstance(child, ast.ImportFrom):
                base = package[: len(package) - child.level + 1] if child.level else ()
                parts = (*base, *(child.module.split(".") if child.module else ()))
                for alias in child.names:
                    # `from orion_nb import store` names a room only in its last part.
                    yield Import(path, child.lineno, ".".join((*parts, alias.name)), eager)
            else:
                lazy = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                typing_only = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(
                    child.test
                )
                yield from visit(child, eager and not lazy and not typing_only)

    yield from visit(ast.parse(path.read_text(encoding="utf-8")), True)


def room_imported(item: Import) -> str | None:
    """The room of `orion_nb` that an import reaches; None for the facade and for others' code."""
    parts = item.module.split(".")
    if parts[0] != "orion_nb" or len(parts) < 2:
        return None
    inside = PACKAGE / parts[1]
    return parts[1] if inside.is_dir() or inside.with_suffix(".py").exists() else None


def test_every_room_is_known() -> None:
    unknown = {room_of(p) for p in sources()} - set(ALLOWED) - UNBOUND
    assert not unknown, f"add to ALLOWED and to ARCHITECTURE.md: {sorted(unknown)}"


def test_imports_point_one_way() -> None:
    wrong = [
        f"{item.where}: {room} may not import {target}"
        for path in sources()
        if (room := room_of(path)) in ALLOWED
        for item in imports_of(path)
        if (target := room_imported(item)) is not None
        and target != room
        and target not in ALLOWED[room]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_room_goes_through_the_facade() -> None:
    """`from orion_nb import get` inside a room would hide which room it really needs."""
    wrong = [
        f"{item.where}: {item.module}"
        for path in sources()
        if room_of(path) in ALLOWED
        for item in imports_of(path)
        if item.top == "orion_nb"
        and room_imported(item) is None
        and item.module != "orion_nb.__version__"
    ]
    assert not wrong, "\n".join(wrong)


def test_core_is_pure() -> None:
    wrong = [
        f"{item.where}: {item.module}"
        for path in sources()
        if room_of(path) in {"core", "exceptions"}
        for item in imports_of(path)
        if item.top not in PURE | {"orion_nb"}
    ]
    assert not wrong, "\n".join(wrong)


def test_heavy_packages_are_imported_late() -> None:
    wrong = [
        f"{item.where}: {item.module}"
        for path in sources()
        if room_of(path) in LIGHT_ROOMS
        for item in imports_of(path)
        if item.eager and item.top in HEAVY
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("package", "homes"), [("grpc", {"rpc"}), ("anywidget", {"widget"})])
def test_some_packages_have_one_home(package: str, homes: set[str]) -> None:
    wrong = [
        item.where
        for path in sources()
        if room_of(path) not in homes
        for item in imports_of(path)
        if item.top == package
    ]
    assert not wrong, "\n".join(wrong)


def test_files_can_be_read_in_one_sitting() -> None:
    folders = [PACKAGE, ROOT / "tests", ROOT / "benchmarks", ROOT / "orion_tools"]
    sizes = {
        path.relative_to(ROOT): len(path.read_text(encoding="utf-8").splitlines())
        for folder in folders
        for suffix in ("*.py", "*.js", "*.css")
        for path in folder.rglob(suffix)
        if "generated" not in path.parts
    }
    long = {str(path): lines for path, lines in sizes.items() if lines > MAX_LINES}
    assert not long, f"over {MAX_LINES} lines: {long}"


def modules() -> list[str]:
    return [m.name for m in pkgutil.walk_packages([str(PACKAGE)], "orion_nb.")] + ["orion_nb"]


@pytest.mark.parametrize("name", modules())
def test_modules_import_and_export_what_they_say(name: str) -> None:
    module = importlib.import_module(name)
    missing = [n for n in getattr(module, "__all__", ()) if not hasattr(module, n)]
    assert not missing, f"{name}.__all__ names what it does not have: {missing}"


@pytest.mark.parametrize("room", sorted(p.name for p in PACKAGE.iterdir() if p.is_dir()))
def test_rooms_say_what_they_are(room: str) -> None:
    init = PACKAGE / room / "__init__.py"
    if not init.exists():  # a folder of documents or assets
        return
    doc = ast.get_docstring(ast.parse(init.read_text(encoding="utf-8"))) or ""
    assert len(doc) > 40, f"orion_nb/{room}/__init__.py: say what the room is for, and is not"


def modules_after(code: str) -> set[str]:
    """Top-level names of what a fresh interpreter has loaded once it has run the code."""
    probe = f"{code}\nimport sys, json; print('\\n' + json.dumps(sorted(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return {name.split(".")[0] for name in json.loads(run.stdout.splitlines()[-1])}


def test_importing_orion_loads_nothing_heavy() -> None:
    loaded = modules_after("import orion_nb")
    assert not loaded & (HEAVY | {"cloudpickle", "multiprocessing", "sqlite3"})


def test_loading_the_extension_loads_nothing_heavy() -> None:
    load = (
        "from IPython.core.interactiveshell import InteractiveShell as S\n"
        "S.instance().run_line_magic('load_ext', 'orion_nb')"
    )
    assert not modules_after(load) & (HEAVY - {"IPython"})


def test_the_facade_exports_what_it_says() -> None:
    assert {"__version__"} <= set(dir(orion_nb))
    for name in getattr(orion_nb, "__all__", ()):
        assert getattr(orion_nb, name) is not None


def test_the_picture_of_the_lifecycle_is_the_table() -> None:
    module = "orion_nb.core.transitions"
    run = subprocess.run([sys.executable, "-m", module], capture_output=True, check=True, cwd=ROOT)
    page = (ROOT / "docs" / "lifecycle.md").read_bytes()
    assert page.decode() == run.stdout.decode(), f"run: python -m {module} > docs/lifecycle.md"
