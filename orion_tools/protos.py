"""``python -m orion_tools.protos [--check]``: from ``proto/`` to ``orion_nb/rpc/generated/``.

What the compiler's own Python plugin writes refuses every protobuf that is older than the compiler,
and some that are much newer. So only the *descriptors*, which never change their format, are taken
from the compiler, and this writes the few lines that turn them into classes with public functions of
protobuf: what is committed runs with every version that ``pyproject.toml`` allows, whichever compiler
made it. The stubs beside it are for mypy and editors.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "proto"
TARGET = ROOT / "orion_nb" / "rpc" / "generated"
PACKAGE = "orion/v1"

_HEAD = "# Written by `python -m orion_tools.protos` from proto/orion/v1; do not edit.\n"

_POOL = (
    _HEAD
    + '''"""The descriptors of all messages, in a pool of their own."""

from base64 import b85decode

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

DESCRIPTORS = b85decode(
    {data}
)

_pool = descriptor_pool.DescriptorPool()
for _file in descriptor_pb2.FileDescriptorSet.FromString(DESCRIPTORS).file:
    _pool.AddSerializedFile(_file.SerializeToString())


def names_of(path):
    """Message classes and enum values of one .proto file, by name."""
    file = _pool.FindFileByName(path)
    found = {{
        name: message_factory.GetMessageClass(message)
        for name, message in file.message_types_by_name.items()
    }}
    for enum in file.enum_types_by_name.values():
        found.update({{value.name: value.number for value in enum.values}})
    return found


def methods_of(path, service):
    """(name, request class, answer class, requests are a stream, answers are one) of a service."""
    described = _pool.FindFileByName(path).services_by_name[service]
    return [
        (
            method.name,
            message_factory.GetMessageClass(method.input_type),
            message_factory.GetMessageClass(method.output_type),
            method.client_streaming,
            method.server_streaming,
        )
        for method in described.methods
    ]
'''
)

_MODULE = (
    _HEAD
    + """from ._pool import names_of

globals().update(names_of("{path}"))
"""
)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m orion_tools.protos", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether it is up to date")
    options = parser.parse_args(arguments)
    files = compiled()
    if options.check:
        stale = _stale(files)
        if stale:
            print(
                f"{', '.join(stale)}: not what proto/ says; run `python -m orion_tools.protos`",
                file=sys.stderr,
            )
        return 1 if stale else 0
    TARGET.mkdir(parents=True, exist_ok=True)
    for old in TARGET.glob("*.py*"):
        if old.name not in files:
            old.unlink()
    for name, text in files.items():
        (TARGET / name).write_text(text, encoding="utf-8")
    return 0


def compiled() -> dict[str, str]:
    """All files of the generated package, by name."""
    sources = sorted(path.relative_to(SOURCES).as_posix() for path in SOURCES.rglob("*.proto"))
    with tempfile.TemporaryDirectory() as folder:
        descriptors = Path(folder) / "all.bin"
        subprocess.run(
            [
                sys.executable,
                *("-m", "grpc_tools.protoc", f"-I{SOURCES}", f"--pyi_out={folder}"),
                *(f"--descriptor_set_out={descriptors}", *sources),
            ],
            check=True,
        )
        files = {
            "__init__.py": _HEAD + '"""Messages of the protocol; see `proto/orion/v1`."""\n',
            "_pool.py": _POOL.format(data=_literal(descriptors.read_bytes())),
        }
        for source in sources:
            name = Path(source).stem + "_pb2"
            files[f"{name}.py"] = _MODULE.format(path=source)
            stub = (Path(folder) / PACKAGE / f"{name}.pyi").read_text(encoding="utf-8")
            files[f"{name}.pyi"] = _HEAD + _beside(stub)
    return files


def _stale(files: dict[str, str]) -> list[str]:
    """Stubs may be written otherwise by another compiler: of them only the existence is looked at.
    They are made together with the descriptors, which differ whenever a message does."""
    wrong = []
    for name, text in files.items():
        path = TARGET / name
        if not path.exists() or (path.suffix == ".py" and path.read_text(encoding="utf-8") != text):
            wrong.append(name)
    return wrong


def _beside(stub: str) -> str:
    """With imports of the neighbours as they lie in the package."""
    return re.sub(r"^from orion\.v1 import", "from . import", stub, flags=re.MULTILINE)


def _literal(data: bytes) -> str:
    from base64 import b85encode

    text = b85encode(data).decode()
    lines = [text[start : start + 88] for start in range(0, len(text), 88)]
    return "\n    ".join(f'"{line}"' for line in lines)


if __name__ == "__main__":
    sys.exit(main())
