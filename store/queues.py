"""Work that one transaction leaves to a later one: projections, announcements, orphans."""

from store.database import Connection
from store.recording import Fresh

PROJECTIONS = 2_000
"""Events projected in one transaction."""

ANNOUNCEMENTS = 500
"""Recipients announced in one transaction, each with its whole history."""

ORPHANS = 1_000
"""Orphans adopted in one transaction."""


async def take_projections(connection: Connection, limit: int = PROJECTIONS) -> list[Fresh]:
    """Take recorded events that wait for their projection; they are gone when this commits."""
    rows = await connection.fetch(
        "DELETE FROM projection_queue WHERE id IN (SELECT id FROM projection_queue "
        "ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1) RETURNING recipient_id, fact_on, key",
        limit,
    )
    return [Fresh(*row) for row in rows]


async def take_announcements(connection: Connection, limit: int = ANNOUNCEMENTS) -> set[int]:
    """Take recipients that are to be folded anew and announced."""
    rows = await connection.fetch(
        "DELETE FROM announce_queue WHERE id IN (SELECT id FROM announce_queue "
        "ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1) RETURNING recipient_id",
        limit,
    )
    return {row[0] for row in rows}


async def adopt_orphans(connection: Connection, limit: int = ORPHANS) -> list[Fresh]:
    """Give events whose message has become known to its recipient.

    An event without an address goes to its message's only one, if there is just one.
    """
    rows = await connection.fetch(
        """
        WITH known AS (
            SELECT o.fact_on, o.key, m.recipient_id, m.address_id
            FROM orphan o
            JOIN message m ON m.provider = o.provider AND m.reference = o.reference
                AND (m.address_id = o.address_id OR (o.address_id IS NULL AND NOT EXISTS (
                    SELECT FROM message other WHERE other.provider = m.provider
                    AND other.reference = m.reference AND other.address_id <> m.address_id)))
            ORDER BY o.fact_on, o.key LIMIT $1 FOR UPDATE OF o SKIP LOCKED
        ), gone AS (
            DELETE FROM orphan o USING known k WHERE o.fact_on = k.fact_on AND o.key = k.key
        )
        UPDATE event e SET recipient_id = k.recipient_id,
            address_id = coalesce(e.address_id, k.address_id)
        FROM known k WHERE e.fact_on = k.fact_on AND e.key = k.key
        RETURNING k.recipient_id, e.fact_on, e.key
        """,
        limit,
    )
    return [Fresh(*row) for row in rows]
