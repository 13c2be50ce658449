"""Campaigns of which something has changed: noted, to be counted and decided anew in a transaction
of their own.

Whoever moves messages holds recipients and must not wait for a campaign, which whoever adds
recipients holds while waiting for one: so the moves only leave a note.
"""

from collections.abc import Collection, Sequence

from store.database import Connection


async def queue_recount(connection: Connection, campaign_ids: Collection[int]) -> None:
    """Have a worker count and decide campaigns anew."""
    if campaign_ids:
        await connection.execute(
            "INSERT INTO recount_queue (campaign_id) SELECT * FROM unnest($1::bigint[])",
            sorted(campaign_ids),
        )


async def queue_recount_of(connection: Connection, recipient_ids: Collection[int]) -> None:
    """Have a worker count and decide the campaigns of these recipients anew."""
    if recipient_ids:
        await connection.execute(
            "INSERT INTO recount_queue (campaign_id) SELECT DISTINCT campaign_id FROM recipient "
            "WHERE id = ANY($1::bigint[])",
            sorted(recipient_ids),
        )


async def queue_retelling(connection: Connection, campaign_ids: Collection[int]) -> None:
    """Have a worker tell followers what is so now; the caller has decided and holds the campaigns,
    so that recipients added meanwhile are told as they come."""
    if campaign_ids:
        await connection.execute(
            "INSERT INTO retell_queue (campaign_id) SELECT * FROM unnest($1::bigint[])",
            sorted(campaign_ids),
        )


async def date_campaigns(connection: Connection, campaign_ids: Sequence[int]) -> None:
    """Set the time of campaigns nobody dated from all their recipients, after some have left."""
    if not campaign_ids:
        return
    # A statement of its own: whoever waits for the campaign then reads what the other has written.
    await connection.execute(
        "SELECT FROM campaign WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        campaign_ids,
    )
    await connection.execute(
        "UPDATE campaign c SET sent_at = "
        "(SELECT min(r.sent_at) FROM recipient r WHERE r.campaign_id = c.id) "
        "WHERE c.id = ANY($1::bigint[]) AND NOT c.is_dated",
        campaign_ids,
    )
