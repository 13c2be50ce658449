"""The ceilings: what the same machine does when a route does the least that could be called work.

Run as a process of its own: `python -m bench.bare PORT DSN`.
"""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from hashlib import md5
from typing import Any

import asyncpg
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bench.bare_analysis import analysis
from bench.bare_timeline import timeline

TABLES = """
CREATE TABLE IF NOT EXISTS bare_payload (id bigint GENERATED ALWAYS AS IDENTITY, body bytea);
CREATE TABLE IF NOT EXISTS bare_record (key text PRIMARY KEY, kind text, address text,
    campaign text, occurred_at timestamptz, url text);
"""

RECORD = """
INSERT INTO bare_record SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[],
    $5::timestamptz[], $6::text[]) ON CONFLICT DO NOTHING RETURNING key
"""

RECORD_SAME = """
WITH given AS (
    SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[],
        $6::timestamptz[], $7::text[]) w(key, provider, kind, address, campaign, at, url)
), stored AS (
    INSERT INTO event (fact_on, key, recipient_id, address_id, provider, kind, occurred_at,
        received_at, url, is_machine_flagged, is_prefetch, actor, reasons)
    SELECT (w.at AT TIME ZONE 'UTC')::date, w.key, r.id, r.address_id, w.provider, w.kind, w.at,
        now(), w.url, false, false, 'HUMAN', '{}'
    FROM given w JOIN campaign c ON c.provider = w.provider AND c.external_id = w.campaign
    JOIN address a ON a.address = w.address
    JOIN recipient r ON r.campaign_id = c.id AND r.address_id = a.id
    ON CONFLICT DO NOTHING RETURNING recipient_id, fact_on, key
), queued AS (
    INSERT INTO projection_queue (recipient_id, fact_on, key)
    SELECT recipient_id, fact_on, key FROM stored
)
SELECT key FROM stored
"""
"""The rows that the service stores of an event whose recipient is known, in its own tables."""

POOL = 10
"""Connections at most, as many as the service has: more than a few for each of PostgreSQL's cores
would only wait inside it."""

_listeners: set[WebSocket] = set()


async def store(request: Request) -> Response:
    """Accept a body and commit it."""
    body = await request.body()
    async with request.app.state.pool.acquire() as connection:
        await connection.execute("INSERT INTO bare_payload (body) VALUES ($1)", body)
    return Response(b"{}")


async def record(request: Request) -> Response:
    """Accept events as JSON, insert each once, say which were new."""
    events = orjson.loads(await request.body())["variables"]["input"]["events"]
    rows = [
        (
            e["providerEventId"], e["kind"], e["address"], e["campaign"]["externalId"],
            datetime.fromisoformat(e["occurredAt"]), e.get("url"),
        )
        for e in events
    ]  # fmt: skip
    async with request.app.state.pool.acquire() as connection:
        found = await connection.fetch(RECORD, *zip(*rows, strict=True))
    new = {row[0] for row in found}
    outcomes = ["RECORDED" if row[0] in new else "DUPLICATE" for row in rows]
    return Response(orjson.dumps({"results": outcomes}), media_type="application/json")


async def record_same(request: Request) -> Response:
    """The same with the service's own rows, for recipients that are there."""
    events = orjson.loads(await request.body())["variables"]["input"]["events"]
    rows = [
        (
            md5(f"{e['provider']} {e['providerEventId']}".encode()).digest(), e["provider"],
            e["kind"], e["address"], e["campaign"]["externalId"],
            datetime.fromisoformat(e["occurredAt"]), e.get("url"),
        )
        for e in events
    ]  # fmt: skip
    async with request.app.state.pool.acquire() as connection:
        found = await connection.fetch(RECORD_SAME, *zip(*rows, strict=True))
    new = {row[0] for row in found}
    outcomes = ["RECORDED" if row[0] in new else "DUPLICATE" for row in rows]
    return Response(orjson.dumps({"results": outcomes}), media_type="application/json")


async def listen(socket: WebSocket) -> None:
    """Join the broadcast; whatever a listener says is answered with an acknowledgement."""
    await socket.accept(subprotocol="graphql-transport-ws")
    try:
        while True:
            message = await socket.receive_text()
            if '"connection_init"' in message:
                await socket.send_text('{"type":"connection_ack"}')
            else:
                _listeners.add(socket)
    except WebSocketDisconnect:
        _listeners.discard(socket)


async def broadcast(request: Request) -> Response:
    """Commit a body, then send `size` bytes to every listener."""
    body = await request.body()
    async with request.app.state.pool.acquire() as connection:
        await connection.execute("INSERT INTO bare_payload (body) VALUES ($1)", body)
    size = int(request.query_params["size"])
    text = '{"id":"1","type":"next","payload":"' + "x" * max(0, size - 37) + '"}'
    for socket in list(_listeners):
        await socket.send_text(text)
    return Response(b"{}")


@asynccontextmanager
async def _lifespan(app: Starlette) -> AsyncIterator[None]:
    async with asyncpg.create_pool(sys.argv[2], min_size=4, max_size=POOL) as pool:
        await pool.execute(TABLES)
        app.state.pool = pool
        yield


async def pixel(request: Request) -> Response:
    """A picture's worth of bytes, and nothing noted."""
    return Response(b"x" * 43, media_type="image/gif")


async def ready(request: Request) -> Response:
    """Answer 200 once the pool is open."""
    return Response(b"{}")


def create_app() -> Any:
    """The bare application."""
    return Starlette(
        routes=[
            Route("/readyz", ready),
            Route("/pixel", pixel),
            Route("/store", store, methods=["POST"]),
            Route("/record", record, methods=["POST"]),
            Route("/record-same", record_same, methods=["POST"]),
            Route("/timeline", timeline, methods=["POST"]),
            Route("/analysis", analysis, methods=["POST"]),
            Route("/broadcast", broadcast, methods=["POST"]),
            WebSocketRoute("/listen", listen),
        ],
        lifespan=_lifespan,
    )


if __name__ == "__main__":
    uvicorn.run(
        create_app(), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning",
        access_log=False, ws_per_message_deflate=False,
    )  # fmt: skip
