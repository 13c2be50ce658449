"""Matching in the database: new addresses at once, known ones when the directory changes."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest

from domain.policy import Policy
from store.database import Connection, Database
from store.matching import enqueue_rematch, load_directory
from store.recipient_rows import ensure_addresses
from store.recording import record
from tests.jobs.mail import NOW, POLICY, directory, drain_of, event, execute, queue, rows
from tests.jobs.test_drain import report
from tests.seeding import Seed

MATCHES = """
SELECT a.address, k.external_id, m.method FROM match m JOIN address a ON a.id = m.address_id
JOIN customer k ON k.id = m.customer_id ORDER BY 1, 2
"""
REASONS = "SELECT address, unmatched_reason FROM address ORDER BY 1"
FEED = """
SELECT k.external_id, f.kind, count(*) FROM feed f JOIN customer k ON k.id = f.customer_id
GROUP BY 1, 2 ORDER BY 1, 2
"""


async def ensure(database: Database, *addresses: str, policy: Policy = POLICY) -> None:
    async with database.transaction() as connection:
        await ensure_addresses(connection, addresses, policy)


async def rematch(database: Database, **changed: Sequence[str]) -> None:
    """As whoever changed the directory does, and the worker then."""
    async with database.transaction() as connection:
        await enqueue_rematch(connection, **changed)
    await drain_of(database).until(0)


async def test_each_rung_and_each_reason(database: Database) -> None:
    await directory(database)
    async with database.connection() as connection:
        seed = Seed(connection)
        for name in ("bolt", "core"):
            customer = await seed.customer(name)
            await seed.stakeholder(customer, f"x@{name}.com", f"{name}@shared.com")
        await seed.domain(customer, "declared.com")
    await ensure(
        database,
        "ann@acme.com", "ann+tag@acme.com", "new@acme.com", "new@declared.com",
        "new@shared.com", "new@gmail.com", "new@us.example", "new@nobody.com",
    )  # fmt: skip
    assert await rows(database, MATCHES) == [
        ("ann+tag@acme.com", "acme", "ALIAS"),
        ("ann@acme.com", "acme", "EXACT"),
        ("new@acme.com", "acme", "DOMAIN"),
        ("new@declared.com", "core", "DOMAIN"),
    ]
    assert [row for row in await rows(database, REASONS) if row[1]] == [
        ("new@gmail.com", "FREEMAIL"),
        ("new@nobody.com", "UNKNOWN_DOMAIN"),
        ("new@shared.com", "AMBIGUOUS"),
        ("new@us.example", "INTERNAL"),
    ]


async def test_an_address_at_three_customers_is_told_to_each(database: Database) -> None:
    await directory(database)
    async with database.connection() as connection:
        seed = Seed(connection)
        for name in ("bolt", "core"):
            await seed.stakeholder(await seed.customer(name), "ann@acme.com")
    await queue(database, event(0), event(1))
    await drain_of(database).until(0)
    assert await rows(database, MATCHES) == [
        ("ann@acme.com", name, "EXACT") for name in ("acme", "bolt", "core")
    ]
    assert await rows(database, FEED) == [
        (name, "RECORDED", 2) for name in ("acme", "bolt", "core")
    ]


async def test_a_domain_declared_later_brings_the_history_of_its_addresses(
    database: Database,
) -> None:
    await directory(database)
    await queue(database, *(event(n, to=f"p{n % 3}@late.com") for n in range(9)))
    await drain_of(database).until(0)
    assert await rows(database, FEED) == []
    await execute(
        database, "INSERT INTO customer_domain (customer_id, domain) VALUES (1, 'late.com')"
    )
    await rematch(database, domains=["late.com"])
    assert await rows(database, FEED) == [("acme", "RECORDED", 9)]
    assert [row[2] for row in await rows(database, MATCHES)] == ["DOMAIN"] * 3
    await rematch(database, domains=["late.com"])
    assert await rows(database, FEED) == [("acme", "RECORDED", 9)], "told once"


async def test_a_domain_that_becomes_anothers_moves_the_history_there(database: Database) -> None:
    await directory(database)
    await queue(database, event(0, to="new@acme.com"), event(1, to="new@acme.com"))
    await drain_of(database).until(0)
    async with database.connection() as connection:
        seed = Seed(connection)
        await seed.domain(await seed.customer("Bolt"), "acme.com")
    await rematch(database, domains=["acme.com"])
    assert await rows(database, FEED) == [
        ("acme", "RECORDED", 2),
        ("acme", "REMOVED", 2),
        ("bolt", "RECORDED", 2),
    ]
    assert await rows(database, MATCHES) == [("new@acme.com", "bolt", "DOMAIN")]


async def test_a_rematch_leaves_to_projection_what_projection_will_tell(database: Database) -> None:
    """An event that waits for its projection is told by it, to whoever it then finds."""
    await directory(database)
    await record(database, [report(0, address="p@late.com")], NOW, POLICY)
    async with database.transaction() as connection:
        await connection.execute(
            "INSERT INTO customer_domain (customer_id, domain) VALUES (1, 'late.com')"
        )
        await enqueue_rematch(connection, domains=["late.com"])
    await drain_of(database).until(0)
    assert await rows(database, FEED) == [("acme", "RECORDED", 1)]


async def test_a_change_is_looked_at_again_for_who_was_just_being_made(database: Database) -> None:
    """An address made by a transaction that read the directory before the change."""
    await directory(database)
    async with database.transaction() as slow:
        await ensure_addresses(slow, ["p@late.com"], POLICY)
        async with database.transaction() as connection:
            await connection.execute(
                "INSERT INTO customer_domain (customer_id, domain) VALUES (1, 'late.com')"
            )
            await enqueue_rematch(connection, domains=["late.com"])
        await drain_of(database).until(0)
    assert await rows(database, MATCHES) == []
    await execute(database, "UPDATE rematch_queue SET created_at = now() - interval '3 s'")
    await drain_of(database).until(0)
    assert await rows(database, MATCHES) == [("p@late.com", "acme", "DOMAIN")]
    assert await rows(database, "SELECT count(*) FROM rematch_queue") == [(0,)]


async def test_a_domain_of_very_many_addresses_is_taken_up_in_chunks(database: Database) -> None:
    await directory(database)
    await ensure(database, *(f"p{n}@late.com" for n in range(1_200)))
    await execute(
        database, "INSERT INTO customer_domain (customer_id, domain) VALUES (1, 'late.com')"
    )
    await rematch(database, domains=["late.com"])
    assert await rows(database, "SELECT method, count(*) FROM match GROUP BY 1") == [
        ("DOMAIN", 1_200)
    ]


@pytest.fixture
async def many(database: Database) -> AsyncIterator[Connection]:
    """100,000 stakeholders of 2,000 customers, with what PostgreSQL knows of them."""
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO customer (name) SELECT 'c' || n FROM generate_series(1, 2000) n"
        )
        await connection.execute(
            "INSERT INTO stakeholder (customer_id) "
            "SELECT n % 2000 + 1 FROM generate_series(1, 100000) n"
        )
        await connection.execute(
            "INSERT INTO stakeholder_address (stakeholder_id, customer_id, address, alias_key, "
            "domain) SELECT id, customer_id, 'p' || id || '@' || d, 'p' || id || '@' || d, d "
            "FROM stakeholder s, LATERAL (SELECT CASE WHEN s.id % 12 = 0 THEN 'gmail.com' "
            "ELSE 'c' || s.customer_id || '.com' END) f(d)"
        )
        await connection.execute("ANALYZE stakeholder_address, customer_domain, match_decision")
        yield connection
        # Rows that were only deleted would be in the way of the tests to come.
        await connection.execute("TRUNCATE customer, stakeholder, stakeholder_address CASCADE")


async def test_a_hundred_thousand_stakeholders_are_matched_without_reading_them_all(
    many: Connection,
) -> None:
    """What is read grows with the recipients at hand, not with the directory."""
    wanted = [
        *(f"p{n}@c{n % 2000 + 1}.com" for n in range(1, 300)),
        *(f"stranger{n}@c{n}.com" for n in range(1, 150)),
        *(f"p{n * 12}@gmail.com" for n in range(1, 50)),
    ]
    keys = [(address, address, address.partition("@")[2]) for address in wanted]
    scans = await statistics(many)
    found = await load_directory(many, keys, POLICY)
    assert (await statistics(many)) == scans, "a table was read from end to end"
    assert len(found.addresses) > 300
    assert len(found.used) > 100
    assert "gmail.com" not in found.used, "nobody is matched by it"
    for plan in await plans(many, keys):
        assert "Seq Scan on stakeholder_address" not in plan, plan


async def statistics(connection: Connection) -> int:
    """How often the stakeholders' addresses were read from end to end."""
    await connection.execute("SELECT pg_stat_force_next_flush()")
    await connection.execute("SELECT pg_stat_clear_snapshot()")
    return int(
        await connection.fetchval(
            "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'stakeholder_address'"
        )
    )


class Spy:
    """Keeps the statements that pass through a connection."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.statements: list[tuple[str, tuple[Any, ...]]] = []

    async def fetch(self, statement: str, *args: Any) -> Any:
        self.statements.append((statement, args))
        return await self.connection.fetch(statement, *args)


async def plans(connection: Connection, keys: Sequence[tuple[str, str, str]]) -> list[str]:
    """How PostgreSQL goes about each statement of a look into the directory."""
    spy = Spy(connection)
    await load_directory(spy, keys, POLICY)
    assert len(spy.statements) == 5, "a few statements, however many the recipients"
    found = []
    for statement, args in spy.statements:
        explained = await connection.fetch(f"EXPLAIN {statement}", *args)
        found.append("\n".join(row[0] for row in explained))
    return found
