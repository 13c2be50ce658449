"""GraphQL over server-sent events, against a real uvicorn."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from domain.viewer import Role, Viewer
from tests.server.protocol import toy
from tests.server.protocol.conftest import Served
from tests.server.protocol.sockets import eventually

COST = '"extensions":{"cost":{"requested":1,"limit":20000}}'
COMPLETE = "event: complete\ndata:\n\n"


@asynccontextmanager
async def streaming(
    served: Served, query: str, *, token: str = "good", accept: str = "text/event-stream"
) -> AsyncIterator[httpx.Response]:
    headers = {"authorization": f"Bearer {token}", "accept": accept}
    async with (
        httpx.AsyncClient(timeout=10) as client,
        client.stream("POST", served.http, json={"query": query}, headers=headers) as response,
    ):
        yield response


async def events(served: Served, query: str, **options: str) -> str:
    """The whole stream, without the comments that keep it open."""
    async with streaming(served, query, **options) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        blocks = (await response.aread()).decode().split("\n\n")
        return "\n\n".join(block for block in blocks if block != ":")


async def test_a_subscription_gets_an_event_an_answer_and_completes(served: Served) -> None:
    assert await events(served, "subscription {count(to: 2)}") == (
        'event: next\ndata: {"data":{"count":1}}\n\n'
        'event: next\ndata: {"data":{"count":2}}\n\n' + COMPLETE
    )


@pytest.mark.parametrize(
    "accept", ["text/event-stream, application/json", "application/json, text/event-stream"]
)
async def test_a_client_of_both_gets_json_for_queries_and_a_stream_for_subscriptions(
    served: Served, accept: str
) -> None:
    assert (await events(served, "subscription {count(to: 1)}", accept=accept)).endswith(COMPLETE)
    async with streaming(served, "{hello}", accept=accept) as response:
        assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_a_query_is_a_stream_of_one(served: Served) -> None:
    assert await events(served, "{hello}") == (
        'event: next\ndata: {"data":{"hello":"world"},' + COST + "}\n\n" + COMPLETE
    )


async def test_an_operation_that_does_not_start_is_a_stream_of_its_errors(served: Served) -> None:
    assert await events(served, "{nope}") == (
        'event: next\ndata: {"errors":[{"message":"Cannot query field \'nope\' on type \'Query\'.",'
        '"locations":[{"line":1,"column":2}],'
        '"extensions":{"code":"GRAPHQL_VALIDATION_FAILED"}}]}\n\n' + COMPLETE
    )


async def test_an_expired_cursor_is_told_before_the_stream_completes(served: Served) -> None:
    assert await events(served, "subscription {expiredCursor}") == (
        'event: next\ndata: {"errors":[{"message":"The cursor is too old: read the customer again",'
        '"extensions":{"code":"CURSOR_EXPIRED"}}]}\n\n' + COMPLETE
    )


async def test_a_subscription_that_breaks_ends_with_a_masked_error(
    served: Served, logged: list[MutableMapping[str, Any]]
) -> None:
    text = await events(served, "subscription {breaks}")
    assert text.startswith('event: next\ndata: {"data":{"breaks":1}}\n\n')
    assert text.endswith(f'"reference":"{logged[0]["reference"]}"}}}}]}}\n\n' + COMPLETE)
    assert "hunter2" not in text


async def test_without_a_token_there_is_no_stream(served: Served) -> None:
    async with streaming(served, "{hello}", token="bad") as response:
        assert response.status_code == 401
        assert response.headers["content-type"] == "application/json; charset=utf-8"


async def test_comments_keep_a_quiet_stream_open(served: Served) -> None:
    async with streaming(served, "subscription {count(to: 1, pauseSeconds: 0.35)}") as response:
        text = (await response.aread()).decode()
    assert text.startswith(":\n\n:\n\n:\n\n:\n\n")
    assert text.endswith('event: next\ndata: {"data":{"count":1}}\n\n' + COMPLETE)


async def test_a_reader_that_leaves_ends_its_subscription(served: Served) -> None:
    async with streaming(served, 'subscription {endless(name: "sse left")}') as response:
        await anext(response.aiter_text())
        await eventually(lambda: "sse left" in toy.RUNNING)
    await eventually(lambda: "sse left" not in toy.RUNNING)


async def test_a_stream_ends_when_the_token_expires_and_says_so(served: Served) -> None:
    expires_at = datetime.now(UTC) + timedelta(seconds=0.3)
    toy.VIEWERS["brief sse"] = Viewer(Role.CSM, "Bob", expires_at=expires_at)
    query = 'subscription {endless(name: "sse expiring")}'
    text = await events(served, query, token="brief sse")
    assert text == (
        'event: next\ndata: {"data":{"endless":""}}\n\n'
        'event: next\ndata: {"errors":[{"message":"The token has ended: connect again with a new '
        'one","extensions":{"code":"UNAUTHENTICATED"}}]}\n\n' + COMPLETE
    )
    assert "sse expiring" not in toy.RUNNING


async def test_a_stream_ends_when_the_key_is_revoked(served: Served) -> None:
    toy.VIEWERS["key sse"] = Viewer(Role.CSM, "Kay", api_key_id=8)
    query = 'subscription {endless(name: "sse revoked")}'
    async with streaming(served, query, token="key sse") as response:
        await eventually(lambda: "sse revoked" in toy.RUNNING)
        toy.REVOKED.add("Kay")
        assert (await response.aread()).decode().endswith(COMPLETE)
    assert "sse revoked" not in toy.RUNNING


async def test_a_reader_that_stalls_loses_its_connection_and_its_subscription(
    served: Served,
) -> None:
    await eventually(lambda: served.connections == 0)
    body = b'{"query":"subscription {endless(name: \\"sse stalled\\", filler: 100000)}"}'
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port, limit=1_024)
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n"
        b"Accept: text/event-stream\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
    )
    await reader.readuntil(b"event: next")
    await eventually(lambda: "sse stalled" not in toy.RUNNING)
    await eventually(lambda: served.connections == 0)
    writer.close()
