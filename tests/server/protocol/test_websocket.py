"""GraphQL over WebSocket, message by message, against a real uvicorn."""

import json
from collections.abc import MutableMapping
from hashlib import sha256
from typing import Any

import pytest
from websockets.typing import Subprotocol

from server.graphql import Schema
from server.protocol.trusted import TrustedDocuments
from tests.server.protocol import toy
from tests.server.protocol.conftest import Served, application, serving
from tests.server.protocol.sockets import (
    closed,
    eventually,
    initialised,
    opened,
    received,
    send,
    subscribe,
)


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
