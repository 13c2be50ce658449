"""uvicorn's HTTP, with head and body of an answer in one write.

ASGI says them one after the other, and each would be a packet, a wake-up of its reader and a call
of the system by itself.
"""

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES = 65_536
"""With more the transport is asked at once, which says when its buffer is full."""


class Gathering:
    """A transport whose writes leave together, when whoever writes pauses."""

    __slots__ = ("_held", "_loop", "_size", "within")

    def __init__(self, within: Any, loop: asyncio.AbstractEventLoop) -> None:
        self.within = within
        self._loop = loop
        self._held: list[bytes] = []
        self._size = 0

    def write(self, part: bytes) -> None:
        """Send it with what follows before the loop's next round."""
        if not self._held:
            self._loop.call_soon(self.flush)
        self._held.append(part)
        self._size += len(part)
        if self._size >= MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Send what is held."""
        if self._held:
            held, self._held, self._size = self._held, [], 0
            self.within.writelines(held)

    def close(self) -> None:
        """Close when all has been sent."""
        self.flush()
        self.within.close()

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        closing: bool = self.within.is_closing()
        return closing

    def __getattr__(self, name: str) -> Any:
        return getattr(self.within, name)


class WholeAnswers(HttpToolsProtocol):
    """A connection over which an answer that is ready leaves whole."""

    def connection_made(self, transport: Any) -> None:
        """Gather what is written."""
        super().connection_made(Gathering(transport, self.loop))  # type: ignore[arg-type]

    def handle_websocket_upgrade(self) -> None:
        """A WebSocket gathers for itself."""
        transport: Any = self.transport
        transport.flush()
        self.transport = transport.within
        super().handle_websocket_upgrade()
