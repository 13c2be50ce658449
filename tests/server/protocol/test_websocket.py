"""GraphQL over WebSocket, message by message, against a real uvicorn."""

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from domain.viewer import Role, Viewer
from server.graphql import Schema
from server.protocol.trusted import TrustedDocuments
from tests.server.protocol import toy
from tests.server.protocol.conftest import Served, application, serving

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


async def eventually(condition: Any) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


async def test_a_subscription_gets_its_events_and_completes(served: Served) -> None:
    async with initialised(served) as socket:
        await subscribe(socket, "subscription {count(to: 2)}", 'a"b')
        assert [await received(socket) for _ in range(3)] == [
            {"id": 'a"b', "type": "next", "payload": {"data": {"count": 1}}},
            {"id": 'a"b', "type": "next", "payload": {"data": {"count": 2}}},
            {"id": 'a"b', "type": "complete"},
        ]


async def test_a_query_gets_one_result_and_completes(served: Served) -> None:
    async with initialised(served) as socket:
        await subscribe(socket, "{hello}")
        assert await received(socket) == {
            "id": "1",
            "type": "next",
            "payload": {
                "data": {"hello": "world"},
                "extensions": {"cost": {"requested": 1, "limit": 20000}},
            },
        }
        assert await received(socket) == {"id": "1", "type": "complete"}


async def test_an_id_is_free_again_once_its_operation_is_complete(served: Served) -> None:
    async with initialised(served) as socket:
        for _ in range(3):
            await subscribe(socket, "{hello}")
            await received(socket)
            assert await received(socket) == {"id": "1", "type": "complete"}


@pytest.mark.parametrize(
    ("query", "message", "code"),
    [
        ("{hello", "Syntax Error: Expected Name, found <EOF>.", "GRAPHQL_PARSE_FAILED"),
        ("{nope}", "Cannot query field 'nope' on type 'Query'.", "GRAPHQL_VALIDATION_FAILED"),
        (
            "{" + "hello " * 2_000 + "}",
            "Syntax Error: Document contains more than 2000 tokens. Parsing aborted.",
            "GRAPHQL_PARSE_FAILED",
        ),
        (
            "subscription {customers(to: 1) {events(first: 5000) {edges {node {id}}}}}",
            "The answer could hold 20001 values; 20000 are allowed: "
            "ask for shorter pages (`first`) or fewer fields",
            "QUERY_TOO_COSTLY",
        ),
        (
            "subscription {expiredCursor}",
            "The cursor is too old: read the customer again",
            "CURSOR_EXPIRED",
        ),
    ],
)
async def test_an_operation_that_does_not_start_says_why_and_the_socket_stays(
    served: Served, query: str, message: str, code: str
) -> None:
    async with initialised(served) as socket:
        await subscribe(socket, query)
        answer = await received(socket)
        assert (answer["id"], answer["type"], len(answer["payload"])) == ("1", "error", 1)
        assert answer["payload"][0]["message"] == message
        assert answer["payload"][0]["extensions"] == {"code": code}
        await subscribe(socket, "{hello}")
        assert (await received(socket))["payload"]["data"] == {"hello": "world"}


async def test_a_subscription_that_breaks_ends_with_a_masked_error(
    served: Served, logged: list[MutableMapping[str, Any]]
) -> None:
    async with initialised(served) as socket:
        await subscribe(socket, "subscription {breaks}")
        assert (await received(socket))["payload"] == {"data": {"breaks": 1}}
        answer = await received(socket)
    reference = logged[0]["reference"]
    assert answer == {
        "id": "1",
        "type": "error",
        "payload": [
            {
                "message": f"Internal error, reference {reference}",
                "extensions": {"code": "INTERNAL_ERROR", "reference": reference},
            }
        ],
    }


async def test_a_client_ends_its_subscription_and_the_context_is_closed(served: Served) -> None:
    async with initialised(served) as socket:
        toy.CLOSED.clear()
        await subscribe(socket, 'subscription {endless(name: "ended")}')
        assert (await received(socket))["payload"] == {"data": {"endless": ""}}
        assert "ended" in toy.RUNNING
        await send(socket, {"type": "complete", "id": "1"})
        await eventually(lambda: "ended" not in toy.RUNNING)
        await eventually(lambda: len(toy.CLOSED) == 1)


async def test_a_client_that_leaves_ends_its_subscriptions(served: Served) -> None:
    async with initialised(served) as socket:
        await subscribe(socket, 'subscription {endless(name: "left")}')
        await received(socket)
        assert "left" in toy.RUNNING
    await eventually(lambda: "left" not in toy.RUNNING)


async def test_a_ping_is_answered_with_its_payload(served: Served) -> None:
    async with initialised(served) as socket:
        await send(socket, {"type": "ping"})
        assert await received(socket) == {"type": "pong"}
        await send(socket, {"type": "pong", "payload": {}})
        await send(socket, {"type": "ping", "payload": {"n": 1}})
        assert await received(socket) == {"type": "pong", "payload": {"n": 1}}


@pytest.mark.parametrize("subprotocol", ["graphql-ws", "something"])
async def test_only_graphql_transport_ws_is_spoken(served: Served, subprotocol: str) -> None:
    async with opened(served, subprotocol=Subprotocol(subprotocol)) as socket:
        assert socket.subprotocol is None
        assert await closed(socket) == (
            4406,
            "Only the subprotocol graphql-transport-ws is spoken here",
        )


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ("[]", 'A message must be a JSON object with a string "type"'),
        ('"x"', 'A message must be a JSON object with a string "type"'),
        ("7", 'A message must be a JSON object with a string "type"'),
        ("null", 'A message must be a JSON object with a string "type"'),
        ("{}", 'A message must be a JSON object with a string "type"'),
        ('{"type": 7}', 'A message must be a JSON object with a string "type"'),
        ('{"type": "start"}', "Unknown message type: start"),
        ('{"type": "subscribe"}', '"id" must be a string of 1 to 256 characters'),
        ('{"type": "subscribe", "id": 7}', '"id" must be a string of 1 to 256 characters'),
        ('{"type": "complete", "id": ""}', '"id" must be a string of 1 to 256 characters'),
        (
            '{"type": "subscribe", "id": "1"}',
            "The body must be a JSON object with `query`, not null",
        ),
        (
            '{"type": "subscribe", "id": "1", "payload": {"query": 7}}',
            "`query` must be a string or null, not a number",
        ),
        (
            '{"type": "subscribe", "id": "1", "payload": {"query": "{hello}", "variables": []}}',
            "`variables` must be an object or null, not a list",
        ),
        ('{"type": "ping", "payload": 7}', "A payload must be an object or absent"),
        (b'{"type": "ping"}', "Messages must be text frames"),
    ],
)
async def test_a_malformed_message_closes_with_4400(
    served: Served, frame: str | bytes, reason: str
) -> None:
    async with initialised(served) as socket:
        await socket.send(frame)
        assert await closed(socket) == (4400, reason)


@pytest.mark.parametrize("frame", ["{", "", "[" * 100_000, '{"type": "\\ud800"}'])
async def test_what_is_no_json_closes_with_4400(served: Served, frame: str) -> None:
    async with initialised(served) as socket:
        await socket.send(frame)
        code, reason = await closed(socket)
    assert code == 4400
    assert reason.startswith("This is not valid JSON: ")


async def test_a_message_above_256_kib_closes_with_websockets_own_code(served: Served) -> None:
    async with initialised(served) as socket:
        await socket.send(json.dumps({"type": "ping", "payload": {"x": "y" * 262_144}}))
        code, _ = await closed(socket)
    assert code == 1009


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


async def test_an_id_in_use_closes_the_socket(served: Served) -> None:
    async with initialised(served) as socket:
        for _ in range(2):
            await subscribe(socket, 'subscription {endless(name: "twice")}')
        assert await closed(socket) == (4409, "Subscriber for 1 already exists")
    await eventually(lambda: "twice" not in toy.RUNNING)


async def test_a_socket_runs_a_limited_number_of_operations(served: Served) -> None:
    async with initialised(served) as socket:
        for number in range(3):
            await subscribe(socket, 'subscription {endless(name: "many")}', str(number))
            await received(socket)
        await subscribe(socket, "{hello}", "more")
        assert await received(socket) == {
            "id": "more",
            "type": "error",
            "payload": [
                {
                    "message": "3 operations are running on this connection already",
                    "extensions": {"code": "TOO_MANY_OPERATIONS"},
                }
            ],
        }


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


async def test_a_trusted_document_is_named_in_place_of_the_query(schema: Schema) -> None:
    digest = sha256(b"{hello}").hexdigest()
    trusted = TrustedDocuments({digest: "{hello}"}, only=True)
    async with (
        serving(application(schema, trusted=trusted)) as served,
        initialised(served) as socket,
    ):
        await subscribe(socket, f"sha256:{digest}")
        assert (await received(socket))["payload"]["data"] == {"hello": "world"}
        await received(socket)
        await subscribe(socket, "subscription {count(to: 1)}")
        answer = await received(socket)
    assert answer["type"] == "error"
    assert answer["payload"][0]["extensions"] == {"code": "DOCUMENT_NOT_TRUSTED"}


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
