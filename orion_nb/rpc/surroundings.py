"""What code may depend on besides its arguments, as a message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .generated import stream_pb2
from .tables import Malformed

_HOW = "surrogatepass"


def surroundings_message(
    directory: str, path: Sequence[str], environment: Mapping[str, str]
) -> stream_pb2.Surroundings:
    return stream_pb2.Surroundings(
        directory=directory.encode("utf-8", _HOW),
        path=[entry.encode("utf-8", _HOW) for entry in path],
        environment=[part.encode("utf-8", _HOW) for pair in environment.items() for part in pair],
    )


def surroundings_from(
    message: stream_pb2.Surroundings,
) -> tuple[str, tuple[str, ...], dict[str, str]]:
    """Directory, import path, environment variables."""
    try:
        parts = [part.decode("utf-8", _HOW) for part in message.environment]
        return (
            message.directory.decode("utf-8", _HOW),
            tuple([entry.decode("utf-8", _HOW) for entry in message.path]),
            dict(zip(parts[::2], parts[1::2], strict=True)),
        )
    except ValueError as error:
        raise Malformed(f"malformed surroundings: {error}") from error
