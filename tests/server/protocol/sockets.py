"""Sockets as a client sees them, message by message."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.server.protocol.conftest import Served

TRANSPORT = Subprotocol("graphql-transport-ws")


@asynccontextmanager
async def opened(
    served: Served, *, subprotocol: Subprotocol = TRANSPORT, **headers: str
) -> AsyncIterator[ClientConnection]:
    """A socket before `connection_init`."""
    async with connect(
        served.ws, subprotocols=[subprotocol], additional_headers=headers, compression=None
    ) as socket:
        yield socket


@asynccontextmanager
async def initialised(served: Served, token: str = "good") -> AsyncIterator[ClientConnection]:
    """A socket that may subscribe."""
    async with opened(served) as socket:
        await send(socket, {"type": "connection_init", "payload": {"token": token}})
        assert await received(socket) == {"type": "connection_ack"}
        yield socket


async def send(socket: ClientConnection, message: object) -> None:
    await socket.send(json.dumps(message))


async def subscribe(socket: ClientConnection, query: str, operation_id: str = "1") -> None:
    await send(socket, {"type": "subscribe", "id": operation_id, "payload": {"query": query}})


async def received(socket: ClientConnection) -> Any:
    """The next message, which must be a text frame."""
    async with asyncio.timeout(5):
        message = await socket.recv()
    assert isinstance(message, str)
    return json.loads(message)


async def closed(socket: ClientConnection) -> tuple[int, str]:
    """The code and reason of the server's close."""
    async with asyncio.timeout(5):
        with suppress(ConnectionClosed):
            async for _ in socket:
                pass
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def eventually(condition: Any, seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
