"""The bare routes do what they are said to: the service's very rows, the service's very answer."""

import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import httpx
import orjson
import pytest

from bench import bare
from demo.campaigns import sent
from demo.day import make_readers
from demo.portfolio import make_portfolio
from demo.providers.sendgrid import payload
from demo.sends import CALENDAR
from demo.traffic import traffic
from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from domain.viewer import Role, Viewer
from jobs.counting import count_some
from jobs.drain import Drain
from store.analysis import links_of_campaigns, totals
from store.database import Database
from store.payloads import accept
from store.recorder import Recorder
from tests.seeding import Seed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLICY = Policy()


@pytest.fixture
async def client(database: Database, database_url: str) -> AsyncIterator[httpx.AsyncClient]:
    app = bare.create_app()
    async with asyncpg.create_pool(database_url, min_size=1, max_size=2) as pool:
        app.state.pool = pool
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://bare") as client:
            yield client


async def _recipient(database: Database) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        campaign = await seed.campaign("spring")
        await seed.recipient(campaign, await seed.address("ann@acme.example"))
        await connection.execute("UPDATE campaign SET provider = 'bench', external_id = 'spring'")


async def _rows(database: Database, table: str, columns: str) -> list[Any]:
    async with database.connection() as connection:
        rows = await connection.fetch(f"SELECT {columns} FROM {table} ORDER BY key")
    return [tuple(row) for row in rows]


async def test_it_stores_the_rows_that_the_service_stores_and_each_event_once(
    database: Database, client: httpx.AsyncClient
) -> None:
    await _recipient(database)
    url = "https://us.example/x"
    event = {
        "provider": "bench",
        "providerEventId": "1",
        "campaign": {"externalId": "spring"},
        "address": "ann@acme.example",
        "kind": "CLICKED",
        "occurredAt": NOW.isoformat(),
        "url": url,
    }
    told = [
        (
            await client.post("/record-same", json={"variables": {"input": {"events": [event]}}})
        ).json()
        for _ in range(2)
    ]
    assert told == [{"results": ["RECORDED"]}, {"results": ["DUPLICATE"]}]
    reported = ReportedEvent(
        provider="bench", kind=EventKind.CLICKED, occurred_at=NOW, address="ann@acme.example",
        provider_event_id="2", campaign_id="spring", url=url,
    )  # fmt: skip
    await Recorder(database, POLICY).record([reported], NOW)

    columns = (
        "fact_on, recipient_id, address_id, provider, kind, occurred_at, reported_at, "
        "message_reference, url, detail, user_agent, ip, bounce, is_machine_flagged, is_prefetch, "
        "is_decoy, actor, reasons"
    )
    ours, theirs = await _rows(database, "event", columns)
    assert ours == theirs
    queued = await _rows(database, "projection_queue", "recipient_id, fact_on")
    assert queued[0] == queued[1]


async def _happened(database: Database) -> int:
    """A campaign to 400 readers with what they did, by webhook; its id."""
    portfolio = make_portfolio(7, NOW.date())
    readers = make_readers(portfolio, 400)
    campaign = sent(CALENDAR[0], "large", NOW - timedelta(days=3), readers)
    acts = traffic(portfolio.seed, campaign, until=NOW)
    kinds = {act.kind for act in acts}
    assert {"opened", "clicked", "hard bounce", "unsubscribed"} <= kinds
    body = orjson.dumps([found for act in acts if (found := payload(act)) is not None])
    headers = {"content-type": "application/json"}
    await accept(database, "sendgrid", headers=headers, query="", body=body, received_at=NOW)
    await Drain(database, POLICY, ring=lambda: None).until(time.time())
    while await count_some(database):
        pass
    async with database.connection() as connection:
        return int(await connection.fetchval("SELECT id FROM campaign"))


async def test_it_adds_a_campaigns_events_up_to_what_the_counters_say(
    database: Database, client: httpx.AsyncClient
) -> None:
    number = await _happened(database)
    told = (await client.post("/analysis", json={"variables": {"campaign": number}})).json()
    campaign = told["data"]["campaign"]
    manager = Viewer(Role.MANAGER, "m")
    async with database.connection() as connection:
        counts = (await totals(connection, manager, [number]))[number]
        links = (await links_of_campaigns(connection, manager, [number], first=20))[number]
    assert campaign["funnel"] == {
        "recipients": counts.recipients,
        "delivered": counts.delivered,
        "openers": {"human": counts.openers_human, "machine": counts.openers_machine},
        "clickers": {"human": counts.clickers_human, "machine": counts.clickers_machine},
        "unsubscribers": counts.unsubscribers,
        "complained": counts.complained,
        "bounced": {"hard": counts.bounced_hard, "soft": counts.bounced_soft},
    }
    assert campaign["analysis"]["links"] == [
        {
            "url": link.url,
            "clickersHuman": link.clickers_human,
            "clickersMachine": link.clickers_machine,
        }
        for link in links
    ]
    assert counts.recipients == 400
    assert min(counts.delivered, counts.openers_human, counts.clickers_machine) > 0
