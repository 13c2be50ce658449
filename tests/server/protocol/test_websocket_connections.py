"""Who may open a socket, and when it ends."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

import pytest
from websockets.exceptions import InvalidStatus

from domain.viewer import Role, Viewer
from tests.server.protocol import toy
from tests.server.protocol.conftest import Served
from tests.server.protocol.sockets import (
    closed,
    eventually,
    initialised,
    opened,
    received,
    send,
    subscribe,
)


@pytest.mark.parametrize(
    ("message", "code", "reason"),
    [
        ({"type": "connection_init"}, 4403, "Send a valid token as `Authorization: Bearer …`"),
        (
            {"type": "connection_init", "payload": {"token": "bad"}},
            4403,
            "Send a valid token as `Authorization: Bearer …`",
        ),
        (
            {"type": "connection_init", "payload": {"token": "database-away"}},
            1013,
            "The service cannot reach its database now",
        ),
        ({"type": "connection_init", "payload": {"token": 7}}, 4400, '"token" must be a string'),
        ({"type": "connection_init", "payload": []}, 4400, "A payload must be an object or absent"),
        (
            {"type": "subscribe", "id": "1", "payload": {"query": "{hello}"}},
            4401,
            "Unauthorized",
        ),
    ],
)
async def test_who_does_not_say_who_it_is_is_refused(
    served: Served, message: object, code: int, reason: str
) -> None:
    async with opened(served) as socket:
        await send(socket, message)
        assert await closed(socket) == (code, reason)


async def test_the_token_may_come_with_the_handshake(served: Served) -> None:
    async with opened(served, authorization="Bearer good") as socket:
        await send(socket, {"type": "connection_init"})
        assert await received(socket) == {"type": "connection_ack"}


async def test_a_silent_socket_is_closed(served: Served) -> None:
    async with opened(served) as socket:
        assert await closed(socket) == (4408, "Connection initialisation timeout")


async def test_a_second_initialisation_closes_the_socket(served: Served) -> None:
    async with initialised(served) as socket:
        await send(socket, {"type": "connection_init", "payload": {"token": "good"}})
        assert await closed(socket) == (4429, "Too many initialisation requests")


@pytest.mark.parametrize("origin", ["https://evil.example.com", "null", "http://["])
async def test_a_page_of_another_origin_may_not_open_a_socket(served: Served, origin: str) -> None:
    with pytest.raises(InvalidStatus) as caught:
        async with opened(served, origin=origin):
            pass
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("origin", ["https://app.example.com", "HTTPS://App.Example.com", "same"])
async def test_a_page_of_ours_or_of_an_allowed_origin_may(served: Served, origin: str) -> None:
    own = f"http://127.0.0.1:{served.port}"
    async with opened(served, origin=own if origin == "same" else origin) as socket:
        await send(socket, {"type": "connection_init", "payload": {"token": "good"}})
        assert await received(socket) == {"type": "connection_ack"}


async def test_a_socket_closes_when_its_token_expires(served: Served) -> None:
    expires_at = datetime.now(UTC) + timedelta(seconds=0.5)
    toy.VIEWERS["brief"] = Viewer(Role.CSM, "Bea", expires_at=expires_at)
    async with initialised(served, "brief") as socket:
        await subscribe(socket, 'subscription {endless(name: "expiring")}')
        assert await closed(socket) == (4403, "The token has ended: connect with a new one")
    assert datetime.now(UTC) >= expires_at
    await eventually(lambda: "expiring" not in toy.RUNNING)


async def test_a_socket_closes_when_its_key_is_revoked(served: Served) -> None:
    toy.VIEWERS["key"] = Viewer(Role.CSM, "Kim", api_key_id=7)
    async with initialised(served, "key") as socket, initialised(served) as other:
        await subscribe(socket, 'subscription {endless(name: "revoked")}')
        await received(socket)
        toy.REVOKED.add("Kim")
        assert await closed(socket) == (4403, "The token has ended: connect with a new one")
        await send(other, {"type": "ping"})
        assert await received(other) == {"type": "pong"}
    await eventually(lambda: "revoked" not in toy.RUNNING)


async def test_a_client_that_stops_reading_loses_its_connection_and_its_subscription(
    served: Served,
) -> None:
    await eventually(lambda: served.connections == 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1_024)
    writer.write(
        b"GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.write(frame({"type": "connection_init", "payload": {"token": "good"}}))
    await reader.readuntil(b"connection_ack")
    query = 'subscription {endless(name: "stalled", filler: 100000)}'
    writer.write(frame({"type": "subscribe", "id": "1", "payload": {"query": query}}))
    await eventually(lambda: "stalled" in toy.RUNNING)
    await eventually(lambda: "stalled" not in toy.RUNNING)
    await eventually(lambda: served.connections == 0)
    writer.close()


def frame(message: object) -> bytes:
    """A masked text frame (RFC 6455, 5.2), by hand: a client library would go on reading."""
    payload = json.dumps(message).encode()
    assert len(payload) < 126
    return bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload
