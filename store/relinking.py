"""Campaigns whose links have changed: what was judged by them is judged anew.

A change is looked at twice, at once and when all transactions have ended that may have judged by
the links as they were before.
"""

from store.database import Connection
from store.matching import SECOND_LOOK

CAMPAIGNS = 50
"""Campaigns looked at in one transaction."""


async def relink_some(connection: Connection, limit: int = CAMPAIGNS) -> int:
    """Take campaigns whose links changed and queue the recipients to whom that can matter: who
    followed several links, or sits behind a known gateway. Returns how many were taken."""
    rows = await connection.fetch(
        """
        WITH due AS (
            SELECT id FROM link_queue
            WHERE NOT is_attempted OR created_at < now() - $2::interval
            ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1
        ), gone AS (
            DELETE FROM link_queue q USING due
            WHERE q.id = due.id AND q.created_at < now() - $2::interval
            RETURNING q.campaign_id
        ), kept AS (
            UPDATE link_queue q SET is_attempted = true FROM due
            WHERE q.id = due.id AND q.created_at >= now() - $2::interval
            RETURNING q.campaign_id
        )
        SELECT campaign_id FROM gone UNION ALL SELECT campaign_id FROM kept
        """,
        limit,
        SECOND_LOOK,
    )
    if rows:
        await _queue_judged(connection, sorted({row[0] for row in rows}))
    return len(rows)


async def _queue_judged(connection: Connection, campaign_ids: list[int]) -> None:
    await connection.execute(
        "INSERT INTO announce_queue (recipient_id) SELECT r.id FROM recipient r "
        "JOIN address a ON a.id = r.address_id WHERE r.campaign_id = ANY($1::bigint[]) "
        "AND r.links IS NOT NULL AND (jsonb_array_length(r.links) >= 3 OR EXISTS "
        "(SELECT FROM gateway_profile g WHERE g.domain = a.domain)) ORDER BY r.id",
        campaign_ids,
    )
