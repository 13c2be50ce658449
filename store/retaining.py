"""Retention: facts of months long past become balances, and their partitions are dropped.

First no fact of those days is taken any more (store/refusing.py); when every transaction has ended
that may still have stored one, the facts are read from the first to the last, and the recipients
they are about are frozen (store/freezing.py). Then whole partitions go. Each step is short, and
dying between two repeats nothing: where it stands is stored with what it did.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import asyncpg

from domain.events import Actor
from domain.facts import Fact
from domain.policy import Policy
from domain.suppression import TELLING
from store.database import Connection
from store.freezing import freeze, freeze_addresses
from store.partitions import month_of, month_start
from store.suppressing import queue_suppressions

READ = 5_000
"""Events looked through in one transaction."""

FROZEN = 100
"""Recipients frozen in one transaction."""

DELETED = 5_000
"""Rows deleted in one transaction from where they have no partition of their own."""

LOCK_WAIT = "300ms"
"""How long dropping a partition may wait for whoever reads it; everybody else waits behind."""


async def forget_some(connection: Connection, before: date, policy: Policy) -> bool:
    """Take the next step of forgetting the facts of days before `before`, the first of a month.

    False when all is done, or when others are in the way now.
    """
    row = await connection.fetchrow("SELECT dropped_before FROM retention FOR UPDATE")
    if row is None or row[0] < before:
        if not await _is_any_older(connection, before):
            return False
        await _refuse_older(connection, before)
        return True
    reached: date = row[0]
    if not await _has_settled(connection):
        return False
    if await _freeze_next(connection, reached, policy):
        return True
    return await _drop_next(connection, reached)


async def _is_any_older(connection: Connection, before: date) -> bool:
    return bool(
        await connection.fetchval("SELECT EXISTS (SELECT FROM event WHERE fact_on < $1)", before)
    )


async def _refuse_older(connection: Connection, before: date) -> None:
    await connection.execute(
        "INSERT INTO retention (dropped_before) VALUES ($1) ON CONFLICT (singleton) DO UPDATE "
        "SET dropped_before = excluded.dropped_before, settled_after = NULL, at_on = NULL, "
        "at_key = NULL",
        before,
    )


async def _has_settled(connection: Connection) -> bool:
    """Whether every transaction has ended that may have stored an older fact, and what was stored
    has been projected."""
    await connection.execute(
        "UPDATE retention SET settled_after = pg_snapshot_xmax(pg_current_snapshot()) "
        "WHERE settled_after IS NULL"
    )
    return bool(
        await connection.fetchval(
            "SELECT settled_after <= pg_snapshot_xmin(pg_current_snapshot()) AND NOT EXISTS "
            "(SELECT FROM projection_queue q WHERE q.fact_on < r.dropped_before) FROM retention r"
        )
    )


async def _freeze_next(connection: Connection, before: date, policy: Policy) -> bool:
    """Freeze whoever the next events are about; False when there are none."""
    at = await connection.fetchrow("SELECT at_on, at_key FROM retention")
    rows = await connection.fetch(
        "SELECT e.fact_on, e.key, e.recipient_id, coalesce(r.frozen_before >= $1, false) "
        "FROM event e LEFT JOIN recipient r ON r.id = e.recipient_id "
        "WHERE e.fact_on < $1 AND e.fact_on >= $2 AND (e.fact_on, e.key) > ($2, $3) "
        "ORDER BY e.fact_on, e.key LIMIT $4",
        before,
        at["at_on"] or date.min,
        at["at_key"] or b"",
        READ,
    )
    if not rows:
        return False
    ids: set[int] = set()
    homeless = []
    last = rows[-1]
    for row in rows:
        if row[2] is None:
            homeless.append((row[0], row[1]))
        elif not row[3]:
            ids.add(row[2])
        if len(ids) == FROZEN:
            last = row
            break
    await freeze(connection, sorted(ids), before, policy)
    await _freeze_homeless(connection, homeless)
    await connection.execute("UPDATE retention SET at_on = $1, at_key = $2", last[0], last[1])
    return True


async def _freeze_homeless(connection: Connection, facts: Sequence[tuple[date, bytes]]) -> None:
    """Keep what events without a recipient say of their address; they wait for nothing more."""
    if not facts:
        return
    days, keys = [fact_on for fact_on, _ in facts], [key for _, key in facts]
    names = ", ".join(f"e.{name}" for name in Fact._fields)
    rows = await connection.fetch(
        f"SELECT e.address_id, {names} FROM unnest($1::date[], $2::bytea[]) n(fact_on, key) "
        "JOIN orphan o USING (fact_on, key) JOIN event e USING (fact_on, key) "
        "WHERE e.address_id IS NOT NULL AND e.kind = ANY($3::text[])",
        days,
        keys,
        sorted(TELLING),
    )
    told: dict[int, list[tuple[Fact, Actor | None]]] = defaultdict(list)
    for address_id, *values in rows:
        fact = Fact(*values)
        told[address_id].append((fact, fact.actor))
    await freeze_addresses(connection, told)
    for table in ("orphan", "thread"):
        await connection.execute(
            f"DELETE FROM {table} t USING unnest($1::date[], $2::bytea[]) gone(fact_on, key) "
            "WHERE t.fact_on = gone.fact_on AND t.key = gone.key",
            days,
            keys,
        )
    await queue_suppressions(connection, told)


async def _drop_next(connection: Connection, before: date) -> bool:
    """Drop one partition whose facts are all frozen, or some rows that have none of their own."""
    for (name,) in await connection.fetch(
        "SELECT relid::text FROM pg_partition_tree('event') WHERE isleaf ORDER BY 1"
    ):
        month = name.removeprefix("event_")
        if month != "default" and month_start(month_of(month), 1) <= before:
            return await _drop(connection, name)
    status: str = await connection.execute(
        "DELETE FROM event_default WHERE (fact_on, key) IN "
        "(SELECT fact_on, key FROM event_default WHERE fact_on < $1 LIMIT $2)",
        before,
        DELETED,
    )
    return status != "DELETE 0"


async def _drop(connection: Connection, name: str) -> bool:
    try:
        async with connection.transaction():
            await connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
            await connection.execute(f"DROP TABLE {name}")
    except asyncpg.LockNotAvailableError:
        return False
    return True
