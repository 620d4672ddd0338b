"""Everything that a task in a worker process prints, whoever prints it.

Python's `sys.stdout` and `sys.stderr` are replaced by streams that pass text on at once.
Descriptors 1 and 2 lead into pipes, so child programs and C libraries are heard too: the
attendant reads the pipes as they fill, and before each piece of Python output they are
drained, so that ``print("a"); os.system("echo b"); print("c")`` arrives in that order.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import os
import select
import sys
import threading

from .outgoing import Outgoing

_NAMES = ("stdout", "stderr")


class Capture:
    """Installs the streams; one for the life of a worker process."""

    def __init__(self, outgoing: Outgoing) -> None:
        self._outgoing = outgoing
        self.pipes: dict[int, str] = {}  # read end → stream's name; for the attendant to watch
        self._decoders: dict[str, codecs.IncrementalDecoder] = {}
        self._poll = select.poll() if hasattr(select, "poll") else None

    def install(self) -> None:
        """Redirect descriptors 1 and 2, standard input (to nothing), and the `sys` streams."""
        null = os.open(os.devnull, os.O_RDONLY)
        os.dup2(null, 0)
        os.close(null)
        sys.stdin = open(os.devnull)  # noqa: SIM115  (for the life of the process)
        for descriptor, name in enumerate(_NAMES, start=1):
            read, write = os.pipe()
            os.dup2(write, descriptor)
            os.close(write)
            self._decoders[name] = codecs.getincrementaldecoder("utf-8")("replace")
            self._watch(read, name)
            stream = TaskStream(self, name, descriptor)
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)
        _unbuffer_c_streams()

    def write(self, name: str, text: str) -> None:
        with self._outgoing.lock:
            self.drain()
            self._outgoing.text(name, text)

    def drain(self) -> None:
        """Take what waits in the pipes, without blocking."""
        if self._poll is None:
            return
        with self._outgoing.lock:
            for read, event in self._poll.poll(0):
                data = os.read(read, 1 << 16) if event & select.POLLIN else b""
                name = self.pipes[read]
                if data:
                    self._outgoing.text(name, self._decoders[name].decode(data))
                    if len(data) == 1 << 16:
                        self.drain()
                else:  # someone closed descriptor 1 or 2: nothing will come any more
                    self._poll.unregister(read)
                    del self.pipes[read]

    def _watch(self, read: int, name: str) -> None:
        if self._poll is not None:
            self.pipes[read] = name
            self._poll.register(read, select.POLLIN)
            return

        def forward() -> None:  # where pipes cannot be polled, order with Python's output is lost
            while data := os.read(read, 1 << 16):
                self._outgoing.text(name, self._decoders[name].decode(data))

        threading.Thread(target=forward, name=f"orion-{name}", daemon=True).start()


class TaskStream(io.TextIOBase):
    """A `sys.stdout` that passes on what is written, unbuffered."""

    def __init__(self, capture: Capture, name: str, descriptor: int) -> None:
        self._capture = capture
        self._name = name
        self._descriptor = descriptor
        self.buffer = _Bytes(self)

    @property
    def name(self) -> str:
        return f"<{self._name}>"

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]
        return "replace"

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self._capture.write(self._name, text)
        return len(text)

    def fileno(self) -> int:
        """The descriptor under it, for programs that are started with it."""
        return self._descriptor

    def writable(self) -> bool:
        return True

    def isatty(self) -> bool:
        return False

    def close(self) -> None:
        """Stays open: it belongs to the worker, not to the task."""


class _Bytes(io.RawIOBase):
    """`sys.stdout.buffer`."""

    def __init__(self, stream: TaskStream) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def write(self, data: object) -> int:
        raw = bytes(data)  # type: ignore[call-overload]
        self._stream.write(self._decoder.decode(raw))
        return len(raw)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stream.fileno()

    def close(self) -> None:
        """As the stream's."""


def _unbuffer_c_streams() -> None:
    """C code's `printf` must not sit in a buffer until some later task."""
    with contextlib.suppress(ImportError, OSError, AttributeError, ValueError):
        import ctypes

        libc = ctypes.CDLL(None)
        for name in ("stdout", "stderr"):
            symbol = name if sys.platform != "darwin" else f"__{name}p"
            stream = ctypes.c_void_p.in_dll(libc, symbol)
            libc.setvbuf(stream, None, 2, 0)  # 2: _IONBF
