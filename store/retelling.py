"""Campaigns that were decided otherwise: announced with their history, or taken back, in steps."""

from collections.abc import Sequence

from domain.policy import Policy
from store.database import Connection
from store.projecting import project

RETOLD = 300
"""Recipients announced or taken back in one transaction, each with all its events."""


async def retell_some(connection: Connection, policy: Policy) -> int:
    """Announce or take back the next recipients of a campaign; returns how many were looked at, at
    least 1 while any campaign waits."""
    row = await connection.fetchrow(
        "SELECT id, campaign_id, after_address_id FROM retell_queue "
        "ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    if row is None:
        return 0
    work, campaign_id, after = row
    chunk = await connection.fetch(
        "SELECT address_id, id FROM recipient WHERE campaign_id = $1 AND address_id > $2 "
        "ORDER BY address_id LIMIT $3",
        campaign_id,
        after,
        RETOLD,
    )
    if len(chunk) < RETOLD:
        await connection.execute("DELETE FROM retell_queue WHERE id = $1", work)
    else:
        await connection.execute(
            "UPDATE retell_queue SET after_address_id = $2 WHERE id = $1", work, chunk[-1][0]
        )
    # Locked first: whoever announces one of them just now ends before it is seen.
    locked = await connection.fetch(
        "SELECT id, is_announced FROM recipient WHERE id = ANY($1::bigint[]) "
        "ORDER BY id FOR NO KEY UPDATE",
        [row[1] for row in chunk],
    )
    is_provisional = await connection.fetchval(
        "SELECT is_provisional FROM campaign WHERE id = $1", campaign_id
    )
    wrong = [id_ for id_, is_announced in locked if is_announced is is_provisional]
    if is_provisional:
        await _take_back(connection, wrong)
    else:
        await project(connection, [], wrong, policy=policy)
    return len(chunk) or 1


async def _take_back(connection: Connection, recipient_ids: Sequence[int]) -> None:
    """Take back what was told of recipients; events that wait for their projection were not."""
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
        recipient_ids,
    )
    await connection.execute(
        "UPDATE recipient SET is_announced = false WHERE id = ANY($1::bigint[])", recipient_ids
    )
