"""Events for tests of the jobs: a directory to match against, and payloads to put in the queue."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.policy import Policy
from jobs.drain import Drain, Limits
from store.database import Database
from store.payloads import accept
from tests.seeding import Seed

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
POLICY = Policy(internal_domains=frozenset({"us.example"}))
HUMAN = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"


def event(number: int = 0, *, to: str = "ann@acme.com", **changes: Any) -> dict[str, Any]:
    """An opening as SendGrid reports it, of a campaign that is declared; `None` takes a field out.

    Two numbers are two facts.
    """
    found = {
        "email": to,
        "timestamp": int((NOW - timedelta(hours=3)).timestamp()) + number,
        "event": "open",
        "sg_message_id": f"m-{to}",
        "singlesend_id": "spring",
        "useragent": HUMAN,
    } | changes
    return {name: value for name, value in found.items() if value is not None}


async def queue(database: Database, *events: dict[str, Any], provider: str = "sendgrid") -> int:
    """A payload of these events, accepted; its id."""
    return await accept(
        database,
        provider,
        headers={"content-type": "application/json"},
        query="",
        body=json.dumps(list(events)).encode(),
        received_at=NOW,
    )


async def directory(database: Database) -> None:
    """Acme with Ann and Bob; the campaign `spring` of SendGrid."""
    async with database.connection() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme")
        for name in ("ann", "bob"):
            await seed.stakeholder(acme, f"{name}@acme.com")
        await seed.campaign("Spring", external_id="spring", is_declared=True, sent_at=None)


def drain_of(database: Database, policy: Policy = POLICY, **limits: Any) -> Drain:
    return Drain(database, policy, ring=lambda: None, limits=Limits(**limits))


async def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(sql)]


async def execute(database: Database, sql: str) -> None:
    async with database.connection() as connection:
        await connection.execute(sql)
