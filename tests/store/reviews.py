"""Reviewing in tests: what waits for a decision, how it is made, what it leaves."""

from datetime import UTC, datetime
from typing import Any

from domain.directory import ImportedCustomer, read_customer
from domain.policy import Policy
from domain.registering import DeclaredCampaign
from domain.viewer import Role, Viewer
from store.database import Database
from store.importing import import_customers
from store.registering import register_campaign
from store.reviewing import Confirmation, confirm_match, reject_match

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
POLICY = Policy(internal_domains=frozenset({"us.example"}))
MANAGER = Viewer(Role.MANAGER, "max")

ADDRESSES = ("new@acme.com", "ann@other.com", "bob@other.com", "free@gmail.com", "me@us.example")


async def rows(database: Database, sql: str, *args: object) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        return [tuple(row) for row in await connection.fetch(sql, *args)]


async def value(database: Database, sql: str, *args: object) -> Any:
    return (await rows(database, sql, *args))[0][0]


async def under_review(database: Database) -> Database:
    """Acme (Mia's, declares acme.com, has Kim) and Beta (Joe's); one campaign to five addresses."""
    raws = [
        {
            "externalId": "acme",
            "name": "Acme",
            "csm": {"email": "mia@us.example"},
            "domains": ["acme.com"],
            "stakeholders": [{"externalId": "p1", "name": "Kim", "addresses": ["kim@acme.com"]}],
        },
        {"externalId": "beta", "name": "Beta", "csm": {"email": "joe@us.example"}},
    ]
    items = [read_customer(raw, ()) for raw in raws]
    await import_customers(database, [i for i in items if isinstance(i, ImportedCustomer)], now=NOW)
    await register_campaign(
        database, DeclaredCampaign("sendgrid", "launch"), ADDRESSES, now=NOW, policy=POLICY
    )
    await rows(database, "DELETE FROM rematch_queue")
    return database


async def customer(database: Database, external_id: str) -> int:
    return int(await value(database, "SELECT id FROM customer WHERE external_id = $1", external_id))


async def recipient(database: Database, address: str) -> int:
    sql = "SELECT r.id FROM recipient r JOIN address a ON a.id = r.address_id WHERE address = $1"
    return int(await value(database, sql, address))


async def csm(database: Database, email: str) -> Viewer:
    id_ = await value(database, "SELECT id FROM csm WHERE email = $1", email)
    return Viewer(Role.CSM, email, csm_id=id_)


async def matches(database: Database, address: str) -> list[tuple[Any, ...]]:
    return await rows(
        database,
        "SELECT c.external_id, s.name, m.method, m.confidence FROM match m "
        "JOIN address a ON a.id = m.address_id JOIN customer c ON c.id = m.customer_id "
        "LEFT JOIN stakeholder s ON s.id = m.stakeholder_id WHERE a.address = $1 ORDER BY 1",
        address,
    )


async def confirm(
    database: Database, viewer: Viewer, address: str, external_id: str, **more: Any
) -> None:
    await confirm_match(
        database,
        viewer,
        Confirmation(
            await recipient(database, address), await customer(database, external_id), **more
        ),
        now=NOW,
        policy=POLICY,
    )


async def reject(database: Database, viewer: Viewer, address: str, external_id: str) -> None:
    await reject_match(
        database,
        viewer,
        await recipient(database, address),
        await customer(database, external_id),
        now=NOW,
        policy=POLICY,
    )


async def everything(database: Database) -> list[list[tuple[Any, ...]]]:
    tables = (
        "match_decision", "audit", "match", "stakeholder", "stakeholder_address",
        "customer_domain", "rematch_queue",
    )  # fmt: skip
    return [await rows(database, f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]
