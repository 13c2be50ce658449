"""uvicorn's WebSocket, with a channel for those who send the same to thousands.

ASGI sends one message at a time, through four layers that each look at it anew. The channel takes
frames that are written already, and says at once whether the reader keeps up.
"""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request

from server.protocol.listeners import CHANNEL


class ChanneledWebSocket(WebSocketsSansIOProtocol):
    """A connection that offers itself as the channel of its scope (`listeners.Channel`)."""

    def handle_connect(self, event: Request) -> None:
        """Offer the channel, unless messages are compressed: frames would have to be, too."""
        super().handle_connect(event)
        if not self.close_sent and not self.config.ws_per_message_deflate:
            self.scope["extensions"][CHANNEL] = {"channel": self}

    @property
    def is_over(self) -> bool:
        """Whether nothing can be sent any more."""
        return self.close_sent or self.disconnected or self.transport.is_closing()

    def write(self, frames: bytes) -> bool:
        """Send frames; False where they pile up, or the socket is closed."""
        if self.is_over:
            return False
        self.transport.write(frames)
        return self.writable.is_set()

    async def drained(self) -> None:
        """Return when there is room again. Raises ConnectionError when the socket is closed."""
        await self.writable.wait()
        if self.is_over:
            raise ConnectionResetError("the socket is closed")

    def close(self, code: int, reason: str) -> None:
        """Send a close frame behind whatever piles up."""
        if not self.is_over:
            self.conn.send_close(code, reason)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
