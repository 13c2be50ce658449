"""From raw events to recommendations: Acme with Ann, Bob and Carla, and campaigns c1 to c99, each
sent as many days ago."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.events import EventKind, ReportedEvent
from jobs.drain import Drain
from jobs.insight import derive_some
from store.database import Database
from store.recording import record
from tests.jobs.mail import HUMAN, POLICY, execute, rows
from tests.seeding import Seed
from tests.store.counts import count

NOW = datetime.now(UTC).replace(microsecond=0)
"""The queue goes by the database's clock."""

DAY = timedelta(days=1)
LINK = "https://www.us.example/guides/security?utm_source=x"
OTHER_LINK = "https://www.us.example/pricing"
SCANNER = "Mozilla/5.0"
"""Taken for a privacy proxy: a machine."""


def report(days: float, kind: EventKind, who: str = "ann", **changes: Any) -> ReportedEvent:
    """What somebody did with the campaign sent so many days ago, an hour after it came."""
    values: dict[str, Any] = {
        "provider": "sendgrid",
        "kind": kind,
        "occurred_at": NOW - days * DAY + timedelta(hours=kind is not EventKind.DELIVERED),
        "address": who if "@" in who else f"{who}@acme.com",
        "campaign_id": f"c{int(days)}",
        "user_agent": HUMAN,
        "url": LINK if kind is EventKind.CLICKED else None,
        "message_reference": f"m{int(days)}-{who}",
    }
    return ReportedEvent(**(values | changes))


def sent(*days: float, who: Iterable[str] = ("ann", "bob")) -> list[ReportedEvent]:
    """These campaigns, delivered to these people."""
    return [report(d, EventKind.DELIVERED, name) for d in days for name in who]


async def acme(database: Database, **columns: Any) -> int:
    """The directory and the campaigns; the customer's id."""
    async with database.connection() as connection:
        seed = Seed(connection)
        csm = await seed.csm("Cora")
        customer = await seed.customer("Acme", csm_id=csm, timezone="UTC", **columns)
        await seed.domain(customer, "acme.com")
        titles = {"ann": "Chief Technology Officer", "bob": "Team lead", "carla": None}
        for name, title in titles.items():
            await seed.stakeholder(
                customer, f"{name}@acme.com", name=f"{name.title()} Acme", title=title
            )
        for days in range(1, 100):
            campaign = await seed.campaign(
                f"News {days}", external_id=f"c{days}", is_declared=True, sent_at=None
            )
            for url, topic in ((LINK, "security"), (OTHER_LINK, "pricing")):
                await connection.execute(
                    "INSERT INTO campaign_link (campaign_id, url, topics) VALUES ($1, $2, $3)",
                    campaign,
                    url,
                    [topic],
                )
    return customer


async def happen(
    database: Database, *events: ReportedEvent, now: datetime = NOW, is_settled: bool = True
) -> None:
    """Record, project and derive; with `is_settled` as if its time to settle had passed."""
    await record(database, list(events), now, POLICY)
    await Drain(database, POLICY, ring=lambda: None).until(0)
    which = "true" if is_settled else "NOT is_settling"
    await execute(
        database, f"UPDATE insight_queue SET due_at = now() - interval '1 s' WHERE {which}"
    )
    await count(database)
    while await derive_some(database, now):
        pass


async def look_again(database: Database, now: datetime = NOW) -> None:
    """Derive everybody, as the night does."""
    await execute(
        database,
        "INSERT INTO insight_queue (stakeholder_id, due_at) "
        "SELECT id, now() - interval '1 s' FROM stakeholder",
    )
    await happen(database, now=now)


async def advice(database: Database) -> dict[str, str]:
    """Kind → status, of the latest recommendation of each kind about each subject."""
    found = await rows(
        database,
        "SELECT r.kind, coalesce(split_part(s.name, ' ', 1), split_part(a.address, '@', 1), ''), "
        "r.status FROM recommendation r LEFT JOIN stakeholder s ON s.id = r.stakeholder_id "
        "LEFT JOIN address a ON a.id = r.address_id ORDER BY r.id",
    )
    return {f"{kind} {who}".strip(): status for kind, who, status in found}


async def told(database: Database, kind: str, *, is_of_customer: bool = False) -> dict[str, Any]:
    """The latest recommendation of a kind, by column; of a customer itself, where that is asked:
    those of its people may have been made before or after."""
    of = "AND stakeholder_id IS NULL AND address_id IS NULL" if is_of_customer else ""
    async with database.connection() as connection:
        row = await connection.fetchrow(
            f"SELECT * FROM recommendation WHERE kind = $1 {of} ORDER BY id DESC LIMIT 1", kind
        )
    assert row is not None, kind
    return dict(row)
