"""Decisions and imports move history: the feed tells whoever gains and loses it."""

from typing import Any

import pytest

from domain.directory import ImportedCustomer, read_customer
from domain.events import EventKind, ReportedEvent
from store.database import Database
from store.importing import import_customers
from store.matching import rematch_some
from store.projecting import project
from store.queues import take_projections
from store.recording import record
from tests.store.reviews import MANAGER, NOW, POLICY, confirm, matches, reject, rows, under_review


@pytest.fixture
async def review(database: Database) -> Database:
    return await under_review(database)


async def opened(database: Database, address: str) -> None:
    """An open of the campaign, recorded and projected."""
    event = ReportedEvent(
        provider="sendgrid",
        kind=EventKind.OPENED,
        occurred_at=NOW,
        address=address,
        campaign_id="launch",
    )
    await record(database, [event], NOW, POLICY)
    async with database.transaction() as connection:
        await project(connection, await take_projections(connection), policy=POLICY)


async def feed(database: Database) -> list[tuple[Any, ...]]:
    return await rows(
        database,
        "SELECT c.external_id, f.kind, a.address FROM feed f "
        "JOIN customer c ON c.id = f.customer_id JOIN recipient r ON r.id = f.recipient_id "
        "JOIN address a ON a.id = r.address_id ORDER BY f.xid, f.id",
    )


async def test_history_moves_with_a_decision_and_with_the_domain(review: Database) -> None:
    await opened(review, "ann@other.com")
    await opened(review, "bob@other.com")
    assert await feed(review) == []
    await confirm(review, MANAGER, "ann@other.com", "beta", is_domain_theirs=True)
    assert await feed(review) == [("beta", "RECORDED", "ann@other.com")]
    async with review.transaction() as connection:
        await rematch_some(connection, POLICY)
    assert await feed(review) == [
        ("beta", "RECORDED", "ann@other.com"),
        ("beta", "RECORDED", "bob@other.com"),
    ]
    await reject(review, MANAGER, "ann@other.com", "beta")
    assert (await feed(review))[2:] == [("beta", "REMOVED", "ann@other.com")]


async def test_an_import_moves_history_to_the_customer_it_belongs_to(review: Database) -> None:
    await opened(review, "free@gmail.com")
    raw = {"externalId": "beta", "stakeholders": [{"addresses": ["free+news@gmail.com"]}]}
    item = read_customer(raw, ())
    assert isinstance(item, ImportedCustomer)
    await import_customers(review, [item], now=NOW)
    async with review.transaction() as connection:
        await rematch_some(connection, POLICY)
    assert await matches(review, "free@gmail.com") == [("beta", None, "ALIAS", pytest.approx(0.95))]
    assert await feed(review) == [("beta", "RECORDED", "free@gmail.com")]


async def test_an_import_that_takes_an_address_away_takes_its_history_along(
    review: Database,
) -> None:
    await opened(review, "new@acme.com")
    for addresses in (["new@acme.com"], []):
        raw = {"externalId": "acme", "stakeholders": [{"externalId": "p1", "addresses": addresses}]}
        item = read_customer({**raw, "domains": []}, ())
        assert isinstance(item, ImportedCustomer)
        await import_customers(review, [item], now=NOW)
        async with review.transaction() as connection:
            await rematch_some(connection, POLICY)
    assert await matches(review, "new@acme.com") == []
    assert await feed(review) == [
        ("acme", "RECORDED", "new@acme.com"),
        ("acme", "REMOVED", "new@acme.com"),
    ]
