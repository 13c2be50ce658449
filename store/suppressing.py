"""Suppressions: addresses that should not be mailed, derived from all their deliveries."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.engagement import SuppressionReason, suppression
from domain.events import EventKind
from store.database import Connection

SUPPRESSION_LOCK = 0x73757070
"""Key of the advisory lock under which suppressions are derived: each sees the other's bounces."""

_DELIVERY_KINDS = (EventKind.BOUNCED, EventKind.COMPLAINED, EventKind.DELIVERED)


async def suppress(connection: Connection, news: Iterable[tuple[int, EventKind]]) -> None:
    """Derive the suppressions about which fresh events, (address id, kind), may say something."""
    bad: set[int] = set()
    good: set[int] = set()
    for address_id, kind in news:
        if kind in (EventKind.BOUNCED, EventKind.COMPLAINED):
            bad.add(address_id)
        elif kind == EventKind.DELIVERED:
            good.add(address_id)
    if good - bad:
        rows = await connection.fetch(
            "SELECT address_id FROM suppression WHERE address_id = ANY($1::bigint[])",
            list(good - bad),
        )
        bad.update(row[0] for row in rows)
    if bad:
        await derive_suppressions(connection, sorted(bad))


async def suppressions_of(
    connection: Connection, address_ids: Sequence[int]
) -> dict[int, tuple[SuppressionReason, datetime]]:
    """What all deliveries, bounces and complaints of addresses amount to."""
    rows = await connection.fetch(
        "SELECT r.address_id, e.occurred_at, e.kind, e.bounce FROM recipient r "
        "JOIN event e ON e.recipient_id = r.id "
        "WHERE r.address_id = ANY($1::bigint[]) AND e.kind = ANY($2::text[])",
        address_ids,
        _DELIVERY_KINDS,
    )
    reports = defaultdict(list)
    for address_id, at, kind, bounce in rows:
        reports[address_id].append((at, kind, bounce))
    return {a: s for a in address_ids if (s := suppression(reports.get(a, ()))) is not None}


async def derive_suppressions(connection: Connection, address_ids: Sequence[int]) -> None:
    """Set or clear the suppression of addresses from all their deliveries and bounces."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", SUPPRESSION_LOCK)
    found = await suppressions_of(connection, address_ids)
    await connection.execute(
        "DELETE FROM suppression WHERE address_id = ANY($1::bigint[])",
        [a for a in address_ids if a not in found],
    )
    await connection.execute(
        "INSERT INTO suppression (address_id, reason, since) "
        "SELECT * FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) "
        "ON CONFLICT (address_id) DO UPDATE SET reason = excluded.reason, since = excluded.since",
        list(found),
        [reason for reason, _ in found.values()],
        [since for _, since in found.values()],
    )
