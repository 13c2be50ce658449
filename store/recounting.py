"""Campaigns that recipients have left: dated and counted anew, in a transaction of their own.

Whoever moves messages holds recipients and must not wait for a campaign, which whoever adds
recipients holds while waiting for one: so the moves only leave a note.
"""

from collections.abc import Collection, Sequence

from domain.policy import BULK_RECIPIENTS
from store.database import Connection

RECOUNTS = 100
"""Campaigns recounted in one transaction."""


async def queue_recount(connection: Connection, campaign_ids: Collection[int]) -> None:
    """Have a worker recount campaigns that lost recipients in this transaction."""
    if campaign_ids:
        await connection.execute(
            "INSERT INTO recount_queue (campaign_id) SELECT * FROM unnest($1::bigint[])",
            sorted(campaign_ids),
        )


async def recount_some(connection: Connection, limit: int = RECOUNTS) -> int:
    """Take campaigns that lost recipients and turn those back into provisional ones where too few
    remain: what was told of them is taken back. Returns how many were taken."""
    taken = await connection.fetch(
        "DELETE FROM recount_queue WHERE id IN (SELECT id FROM recount_queue "
        "ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1) RETURNING campaign_id",
        limit,
    )
    if not taken:
        return 0
    ids = sorted({row[0] for row in taken})
    # The strongest lock: recipients that are being added are committed and counted.
    await connection.execute(
        "SELECT FROM campaign WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE", ids
    )
    await date_campaigns(connection, ids)
    rows = await connection.fetch(
        "UPDATE campaign c SET is_provisional = true WHERE c.id = ANY($1::bigint[]) "
        "AND NOT c.is_provisional AND NOT c.is_declared "
        "AND (SELECT count(*) FROM (SELECT FROM recipient r "
        "WHERE r.campaign_id = c.id LIMIT $2) few) < $2 RETURNING c.id",
        ids,
        BULK_RECIPIENTS,
    )
    await _silence(connection, [row[0] for row in rows])
    return len(taken)


async def date_campaigns(connection: Connection, campaign_ids: Sequence[int]) -> None:
    """Set the time of campaigns nobody dated from all their recipients, after some have left."""
    await connection.execute(
        "UPDATE campaign c SET sent_at = "
        "(SELECT min(r.sent_at) FROM recipient r WHERE r.campaign_id = c.id) "
        "WHERE c.id = ANY($1::bigint[]) AND NOT c.is_dated",
        campaign_ids,
    )


async def _silence(connection: Connection, campaign_ids: Sequence[int]) -> None:
    """Take back what was told of campaigns; events that wait for their projection were not."""
    announced = await connection.fetch(
        "SELECT id FROM recipient WHERE campaign_id = ANY($1::bigint[]) AND is_announced "
        "ORDER BY id FOR NO KEY UPDATE",
        campaign_ids,
    )
    ids = [row[0] for row in announced]
    await connection.execute(
        """
        INSERT INTO feed (customer_id, kind, fact_on, key, recipient_id)
        SELECT m.customer_id, 'REMOVED', e.fact_on, e.key, r.id
        FROM recipient r JOIN match m ON m.address_id = r.address_id
        JOIN event e ON e.recipient_id = r.id
            AND e.fact_on BETWEEN r.first_fact_on AND r.last_fact_on
        WHERE r.id = ANY($1::bigint[]) AND NOT EXISTS (SELECT FROM projection_queue q
            WHERE q.fact_on = e.fact_on AND q.key = e.key)
        ORDER BY e.occurred_at, e.fact_on, e.key
        """,
        ids,
    )
    await connection.execute(
        "UPDATE recipient SET is_announced = false WHERE id = ANY($1::bigint[])", ids
    )
