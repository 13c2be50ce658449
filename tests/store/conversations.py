"""Mails sent and received, as they are reported, and what became of the answers."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from jobs.drain import Drain
from store.database import Database
from store.recording import record
from tests.seeding import Seed

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
POLICY = Policy(internal_domains=frozenset({"us.example"}))


def sent(to: str, message: str = "m1@us.example", **changes: Any) -> ReportedEvent:
    """A mail that went out two hours ago, seen by journaling."""
    values: dict[str, Any] = {
        "provider": "mail",
        "kind": EventKind.ACCEPTED,
        "occurred_at": NOW - timedelta(hours=2),
        "address": to,
        "provider_event_id": message,
        "message_reference": message,
        "subject": "News",
        "sender": "mia@us.example",
    }
    return ReportedEvent(**(values | changes))


def bulk(message: str = "m", subject: str = "News") -> list[ReportedEvent]:
    """A mail merge: a mail each to Ann and five others who are nobody's."""
    others = [f"p{n}@elsewhere{n}.com" for n in range(5)]
    return [
        sent(to, f"{message}-{to}", subject=subject, sender="mia@us.example")
        for to in ("ann@acme.com", *others)
    ]


def received(
    by: str | None, *thread: str, mail: str = "r1@acme.com", **changes: Any
) -> ReportedEvent:
    """A mail that came in now and names these messages, the nearest first."""
    values: dict[str, Any] = {
        "provider": "mail",
        "kind": EventKind.REPLIED,
        "occurred_at": NOW,
        "address": by,
        "provider_event_id": mail,
        "thread": thread,
        "subject": "Re: News",
    }
    return ReportedEvent(**(values | changes))


async def directory(database: Database) -> None:
    """Acme with Ann, who has two addresses, and Bob."""
    async with database.connection() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme", await seed.csm("Mia"))
        await seed.stakeholder(acme, "ann@acme.com", "ann.lee@gmail.com")
        await seed.stakeholder(acme, "bob@acme.com")


async def tell(database: Database, *batches: Sequence[ReportedEvent] | ReportedEvent) -> None:
    """Record what is reported, batch by batch, and do all the work that follows after each."""
    for batch in batches:
        events = [batch] if isinstance(batch, ReportedEvent) else batch
        await record(database, events, NOW + timedelta(minutes=1), POLICY)
        await drain(database)


async def drain(database: Database) -> None:
    await Drain(database, POLICY, ring=lambda: None).until(0)


ANSWERS = """
SELECT e.kind, a.address, c.external_id FROM event e
LEFT JOIN recipient r ON r.id = e.recipient_id LEFT JOIN address a ON a.id = r.address_id
LEFT JOIN campaign c ON c.id = r.campaign_id
WHERE e.provider = 'mail' AND e.kind <> 'ACCEPTED' ORDER BY 1, 2, 3
"""


async def answers(database: Database) -> list[tuple[Any, ...]]:
    """(kind, address of the recipient, campaign) of all that was received; the subject and sender
    that campaigns are known by are left out."""
    async with database.connection() as connection:
        rows = await connection.fetch(ANSWERS)
    return [(kind, address, _short(campaign)) for kind, address, campaign in rows]


def _short(campaign: str | None) -> str | None:
    return campaign and (campaign.split(":")[2] if campaign.startswith("subject:") else campaign)


async def value(database: Database, sql: str) -> Any:
    async with database.connection() as connection:
        return await connection.fetchval(sql)


async def rows(database: Database, sql: str) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(sql)]
