"""Suppressions: addresses that should not be mailed, derived from all that was reported of them.

Whoever stores a bounce leaves a note; a step of its own derives the address twice: at once, and
again when every transaction has ended that was under way then. One of those may have stored a
delivery that the first look could not see, and have found no suppression to end. Whoever comes
later sees the note, or the suppression.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime

import orjson

from domain.balance import Balance
from domain.errors import DomainError
from domain.events import EventKind
from domain.suppression import (
    PROVES_DELIVERY,
    PROVES_DELIVERY_BY_PEOPLE,
    TELLING,
    Suppression,
    SuppressionReason,
    Told,
    suppressions,
    told_by,
)
from domain.text import shown
from store.database import Connection, Database, retried
from store.insight_queue import note_addresses

DERIVED = 500
"""Addresses derived in one transaction."""

_GOOD = PROVES_DELIVERY | PROVES_DELIVERY_BY_PEOPLE
_BAD = TELLING - _GOOD


async def watch(
    connection: Connection, news: Iterable[tuple[int, EventKind]], others: Iterable[int] = ()
) -> None:
    """Have the suppressions derived about which new events, (address id, kind), say something, and
    those of other addresses."""
    bad = set(others)
    good: set[int] = set()
    for address_id, kind in news:
        if kind in _GOOD:
            good.add(address_id)
        elif kind in _BAD:
            bad.add(address_id)
    if good - bad:
        rows = await connection.fetch(
            "SELECT address_id FROM suppression WHERE address_id = ANY($1::bigint[]) "
            "UNION SELECT address_id FROM suppression_queue WHERE address_id = ANY($1::bigint[])",
            list(good - bad),
        )
        bad.update(row[0] for row in rows)
    await queue_suppressions(connection, bad)


async def queue_suppressions(connection: Connection, address_ids: Iterable[int]) -> None:
    """Have a worker derive the suppressions of addresses."""
    ids = sorted(address_ids)
    if ids:
        await connection.execute(
            "INSERT INTO suppression_queue (address_id) SELECT * FROM unnest($1::bigint[])", ids
        )


async def suppress_some(connection: Connection, limit: int = DERIVED) -> int:
    """Derive addresses that something was reported of; returns notes taken."""
    rows = await connection.fetch(
        "SELECT id, address_id, again_after IS NULL FROM suppression_queue "
        "WHERE again_after IS NULL OR again_after <= pg_snapshot_xmin(pg_current_snapshot()) "
        "ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
        limit,
    )
    if not rows:
        return 0
    await derive_suppressions(connection, sorted({row[1] for row in rows}))
    await connection.execute(
        "UPDATE suppression_queue SET again_after = pg_snapshot_xmax(pg_current_snapshot()) "
        "WHERE id = ANY($1::bigint[])",
        [id_ for id_, _, is_first in rows if is_first],
    )
    await connection.execute(
        "DELETE FROM suppression_queue WHERE id = ANY($1::bigint[])",
        [id_ for id_, _, is_first in rows if not is_first],
    )
    return len(rows)


_TOLD = """
SELECT r.address_id, e.occurred_at, e.kind, e.bounce, e.actor, e.fact_on, e.key
FROM recipient r JOIN event e ON e.recipient_id = r.id
WHERE r.address_id = ANY($1::bigint[]) AND e.kind = ANY($2::text[])
    AND (r.frozen_before IS NULL OR e.fact_on >= r.frozen_before)
UNION ALL
SELECT o.address_id, e.occurred_at, e.kind, e.bounce, e.actor, e.fact_on, e.key
FROM orphan o JOIN event e ON e.fact_on = o.fact_on AND e.key = o.key
WHERE o.address_id = ANY($1::bigint[]) AND e.kind = ANY($2::text[])
"""
"""Of orphans, too: many unsubscribe from a list and not from a campaign."""

_OPENINGS = """
SELECT r.address_id, o.balance FROM recipient r JOIN opening o ON o.recipient_id = r.id
WHERE r.address_id = ANY($1::bigint[])
UNION ALL SELECT address_id, balance FROM address_opening WHERE address_id = ANY($1::bigint[])
"""


async def suppressions_of(
    connection: Connection, address_ids: Sequence[int]
) -> dict[int, list[Suppression]]:
    """Why each address is suppressed, from everything reported of it; others are absent."""
    told: dict[int, list[Told]] = defaultdict(list)
    for address_id, *report in await connection.fetch(_TOLD, address_ids, sorted(TELLING)):
        told[address_id].append(Told(*report))
    for address_id, balance in await connection.fetch(_OPENINGS, address_ids):
        told[address_id] += told_by(Balance.load(balance))
    lifted: dict[int, dict[SuppressionReason, datetime]] = defaultdict(dict)
    for address_id, reason, at in await connection.fetch(
        "SELECT address_id, reason, lifted_at FROM suppression_lift "
        "WHERE address_id = ANY($1::bigint[])",
        address_ids,
    ):
        lifted[address_id][SuppressionReason(reason)] = at
    found = {a: suppressions(reports, lifted.get(a, {})) for a, reports in told.items()}
    return {address_id: standing for address_id, standing in found.items() if standing}


async def derive_suppressions(connection: Connection, address_ids: Sequence[int]) -> None:
    """Set or end the suppressions of addresses, locked meanwhile."""
    await connection.execute(
        "SELECT FROM address WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        address_ids,
    )
    found = await suppressions_of(connection, address_ids)
    rows = [(id_, s) for id_, standing in sorted(found.items()) for s in standing]
    ended = await connection.fetch(
        "DELETE FROM suppression s WHERE s.address_id = ANY($1::bigint[]) AND NOT EXISTS "
        "(SELECT FROM unnest($2::bigint[], $3::text[]) n(id, reason) "
        "WHERE n.id = s.address_id AND n.reason = s.reason) RETURNING address_id",
        address_ids,
        [id_ for id_, _ in rows],
        [s.reason for _, s in rows],
    )
    changed = await connection.fetch(
        "INSERT INTO suppression (address_id, reason, since, evidence) "
        "SELECT address_id, reason, since, evidence::jsonb FROM "
        "unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::text[]) "
        "n(address_id, reason, since, evidence) "
        "ON CONFLICT (address_id, reason) DO UPDATE SET since = excluded.since, "
        "evidence = excluded.evidence WHERE (suppression.since, suppression.evidence) "
        "IS DISTINCT FROM (excluded.since, excluded.evidence) RETURNING address_id",
        [id_ for id_, _ in rows],
        [s.reason for _, s in rows],
        [s.since for _, s in rows],
        # As text: lists in a list would be taken for the array's second dimension.
        [_json(s.evidence) for _, s in rows],
    )
    await note_addresses(connection, sorted({row[0] for row in (*ended, *changed)}))


def _json(evidence: Sequence[tuple[date, bytes]]) -> str:
    return orjson.dumps([[fact_on.isoformat(), key.hex()] for fact_on, key in evidence]).decode()


async def lift_suppression(
    database: Database, address: str, reason: SuppressionReason, *, by: str, now: datetime
) -> None:
    """Let a normalised address be mailed again, and note who said so.

    Raises DomainError NOT_FOUND, NOT_SUPPRESSED.
    """

    async def work() -> None:
        async with database.transaction() as connection:
            address_id = await connection.fetchval(
                "SELECT id FROM address WHERE address = $1", address
            )
            if address_id is None:
                message = f"nothing was ever reported of {shown(address)}"
                raise DomainError("NOT_FOUND", message, ("address",))
            if not await lift(connection, address_id, reason, by=by, now=now):
                message = f"{shown(address)} is not suppressed for {reason.value}"
                raise DomainError("NOT_SUPPRESSED", message, ("reason",))
            await connection.execute(
                "INSERT INTO audit (at, actor, action, subject, detail) "
                "VALUES ($1, $2, 'LIFT_SUPPRESSION', $3, $4)",
                now,
                by,
                f"Address:{address_id}",
                {"reason": reason},
            )

    await retried(work)


async def lift(
    connection: Connection, address_id: int, reason: SuppressionReason, *, by: str, now: datetime
) -> bool:
    """Let nothing that happened until now suppress the address for this reason.

    A person's word: it outlives a rebuild. False if the address is not suppressed for it.
    """
    await connection.execute(
        "SELECT FROM address WHERE id = $1 FOR NO KEY UPDATE",
        address_id,
    )
    if not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM suppression WHERE address_id = $1 AND reason = $2)",
        address_id,
        reason,
    ):
        return False
    await connection.execute(
        "INSERT INTO suppression_lift (address_id, reason, lifted_at, lifted_by) "
        "VALUES ($1, $2, $3, $4) ON CONFLICT (address_id, reason) DO UPDATE SET lifted_at = "
        "greatest(suppression_lift.lifted_at, excluded.lifted_at), lifted_by = excluded.lifted_by",
        address_id,
        reason,
        now,
        by,
    )
    await derive_suppressions(connection, [address_id])
    return True
