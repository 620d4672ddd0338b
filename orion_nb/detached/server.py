"""`Server`: a runtime served on an address, until it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType

from ..local.runtime import Runtime
from ..rpc.serving import UNIX, RpcServer
from .frame_server import FrameServer
from .keeping import Keeping
from .service import Service


class Server:
    """Serves from the moment it is made. It does not own the runtime.

    :param address: ``unix:/path`` (the socket is private to the user) or ``127.0.0.1:port``; port 0:
        any free one. :param token: what every client must know.
    :param keeping: notes, events and the log; None: nothing outlives the process.
    :param on_shutdown: a client asks for the end of the runtime; it is answered when this returns.
    :raises RuntimeUnreachable: the address cannot be served.
    """

    def __init__(
        self,
        runtime: Runtime,
        address: str,
        token: str,
        keeping: Keeping | None = None,
        kind: str = "detached",
        on_shutdown: Callable[[], None] = lambda: None,
    ) -> None:
        self.service = Service(runtime, keeping, on_shutdown, kind)
        self._frames: FrameServer | None = None
        with ExitStack() as undo:
            undo.callback(self.service.close)
            self._rpc = RpcServer(address, token, self.service.handlers())
            undo.callback(self._rpc.stop)
            if address.startswith(UNIX):
                self._frames = FrameServer(self.service, address, token)
            undo.pop_all()

    @property
    def address(self) -> str:
        """With the port that was found."""
        return self._rpc.address

    @property
    def connected(self) -> int:
        """Clients that are connected now."""
        return self.service.connected

    def stop(self, grace: float = 1.0, farewell: str = "the runtime was stopped") -> None:
        """No more calls; those under way get `grace` seconds. Then the address is free.

        :param farewell: what clients are told; they do not try to come back by themselves.
        """
        self.service.farewell(farewell)
        self._rpc.stop(grace)
        if self._frames is not None:
            self._frames.stop()
        self.service.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
