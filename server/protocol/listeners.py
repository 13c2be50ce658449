"""The ways out to those who follow a subscription."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from server.protocol.answer import Answer
from server.protocol.messages import OperationMessages
from server.protocol.sharing import Batch

CHANNEL = "engagement.channel"
"""Under which of the scope's extensions a server offers its channel."""

MOST_WAITING = 64
"""Answers that wait for a transport; who lets more wait is told no more before they have left."""

Write = Callable[[Sequence[Answer]], Awaitable[None]]
"""Sends answers; raises TimeoutError where the reader stalls, OSError when it is gone."""


class Channel(Protocol):
    """A WebSocket that takes whole frames at once; ASGI takes one message at a time and waits."""

    def write(self, frames: bytes) -> bool:
        """Send frames; False where they pile up, or the socket is closed."""

    async def drained(self) -> None:
        """Return when there is room again. Raises OSError when the socket is closed."""

    def close(self, code: int, reason: str) -> None:
        """Send a close frame behind whatever piles up."""


class FrameListener:
    """An operation on a socket that has a channel."""

    __slots__ = ("_channel", "_say", "_seconds")

    def __init__(self, say: OperationMessages, channel: Channel, stall_seconds: float) -> None:
        self._say = say
        self._channel = channel
        self._seconds = stall_seconds

    def tell(self, batch: Batch) -> bool:
        """Write the answers in one go; False where they pile up."""
        return self._channel.write(batch.made(self._say.sort, self._say.frames))

    async def drained(self) -> None:
        """Raises TimeoutError for who stalls, OSError for who is gone."""
        async with asyncio.timeout(self._seconds):
            await self._channel.drained()

    def leave(self) -> None:
        """What was written leaves by itself."""


class PatientListener:
    """A listener whose transport must be waited for: a task of its own sends what has come."""

    def __init__(self, write: Write) -> None:
        self._write = write
        self._waiting: list[Answer] = []
        self._sending: asyncio.Task[None] | None = None

    def tell(self, batch: Batch) -> bool:
        """Have the answers sent; False where they pile up, or nothing can be sent any more."""
        self._waiting += batch.answers
        if self._sending is None:
            self._sending = asyncio.create_task(self._send())
        return len(self._waiting) < MOST_WAITING and not self._sending.done()

    async def drained(self) -> None:
        """Raises what sending raises."""
        if self._sending is not None:
            await self._sending

    def leave(self) -> None:
        """Send nothing more."""
        if self._sending is not None:
            self._sending.cancel()

    async def _send(self) -> None:
        while self._waiting:
            answers, self._waiting = self._waiting, []
            await self._write(answers)
        self._sending = None
