"""Raw mail that was sent, as it is reported: through a plain server, or through a provider."""

from datetime import UTC, datetime, timedelta
from typing import Any

from domain.events import BulkSign, CampaignType, EventKind, ReportedEvent, SentMail
from domain.policy import Policy
from jobs.drain import Drain
from store.database import Database
from store.recording import record
from tests.seeding import Seed

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
POLICY = Policy(internal_domains=frozenset({"us.example"}))
CSM = "cy@us.example"
LINKS = ("https://us.example/blog/spring-release", "https://us.example/pricing")

CAMPAIGNS = """
SELECT c.name, c.is_provisional, count(r.id), count(DISTINCT m.address_id)
FROM campaign c JOIN recipient r ON r.campaign_id = c.id
LEFT JOIN match m ON m.address_id = r.address_id GROUP BY c.id ORDER BY 1, c.external_id
"""


def sent(who: int, **changes: Any) -> ReportedEvent:
    """A mail of the CSM's to one person, through the company's own server."""
    reference = changes.pop("message_reference", f"m{who}@us.example")
    values: dict[str, Any] = {
        "provider": "mail",
        "kind": EventKind.ACCEPTED,
        "occurred_at": NOW + timedelta(seconds=who),
        "address": f"p{who}@c{who}.example",
        "provider_event_id": f"m{who}@us.example",
        "message_reference": reference,
        "subject": "Spring news",
        "sender": CSM,
        "sent_at": NOW + timedelta(seconds=who),
        "sent": SentMail(),
    }
    return ReportedEvent(**(values | changes))


def newsletter(who: int, **changes: Any) -> ReportedEvent:
    """A copy of a mail that a provider carried, seen by journaling."""
    mail = SentMail(
        frozenset({BulkSign.LIST_UNSUBSCRIBE_POST}), CampaignType.NEWSLETTER, 0.8, LINKS
    )
    values: dict[str, Any] = {"carrier": "sendgrid", "message_reference": f"sg{who}", "sent": mail}
    return sent(who, **(values | changes))


def webhook(who: int, kind: EventKind = EventKind.DELIVERED, **changes: Any) -> ReportedEvent:
    """The same message as the provider's webhook reports it."""
    values: dict[str, Any] = {
        "provider": "sendgrid",
        "kind": kind,
        "occurred_at": NOW + timedelta(minutes=1, seconds=who),
        "address": f"p{who}@c{who}.example",
        "message_reference": f"sg{who}",
        "campaign_id": "spring",
    }
    return ReportedEvent(**(values | changes))


async def customers(database: Database, count: int) -> None:
    """So many customers, each with one stakeholder, and the CSM's own address known to nobody."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        for who in range(count):
            customer = await seed.customer(f"C{who}")
            await seed.stakeholder(customer, f"p{who}@c{who}.example")


async def put(database: Database, *batches: list[ReportedEvent], policy: Policy = POLICY) -> None:
    """Record the batches one after the other, and do all that follows after each."""
    drain = Drain(database, policy, ring=lambda: None)
    for batch in batches:
        await record(database, batch, NOW + timedelta(hours=1), policy)
        await drain.until(0)


async def rows(database: Database, sql: str, *arguments: object) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(sql, *arguments)]
