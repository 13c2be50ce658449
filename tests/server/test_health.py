"""Alive, ready, measured: each as a load balancer or Prometheus sees it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from starlette.applications import Starlette

from server.health import routes
from store.database import Database
from store.payloads import accept


@pytest.fixture
async def app(database: Database) -> Starlette:
    """The three routes on the test's database."""
    found = Starlette(routes=routes)
    found.state.database = database
    return found


@pytest.fixture
async def client(app: Starlette) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as found:
        yield found


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    assert (await client.get("/healthz")).json() == {"status": "alive"}
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready"})


async def test_not_ready_without_postgresql_but_alive(
    app: Starlette, client: httpx.AsyncClient
) -> None:
    app.state.database = Database("postgresql://nobody@127.0.0.1:1/none")
    answer = await client.get("/readyz")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "2"
    assert answer.json()["error"] == {
        "code": "DATABASE_UNAVAILABLE",
        "message": "PostgreSQL cannot be reached",
        "field": None,
    }
    assert (await client.get("/healthz")).status_code == 200
    assert "engagement_database_up 0.0" in (await client.get("/metrics")).text


async def test_not_ready_before_the_migration(
    database: Database, client: httpx.AsyncClient
) -> None:
    async with database.connection() as connection:
        await connection.execute("ALTER TABLE tortoise_migrations RENAME TO hidden")
    try:
        answer = await client.get("/readyz")
    finally:
        async with database.connection() as connection:
            await connection.execute("ALTER TABLE hidden RENAME TO tortoise_migrations")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "NOT_MIGRATED"
    assert "python -m server migrate" in answer.json()["error"]["message"]


async def test_what_waits_is_measured(database: Database, client: httpx.AsyncClient) -> None:
    now = datetime.now(UTC)
    await accept(database, "postmark", headers={}, query="", body=b"{}", received_at=now)
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = answer.text.splitlines()
    assert "engagement_database_up 1.0" in lines
    assert 'engagement_payloads{status="pending"} 1.0' in lines
    assert 'engagement_payloads{status="failed"} 0.0' in lines


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_only_get_is_answered(client: httpx.AsyncClient, path: str) -> None:
    assert (await client.post(path)).status_code == 405
