"""Registering a campaign with its recipients: bulk by declaration."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from domain.campaigns import Detection
from domain.policy import Policy
from domain.registering import DeclaredCampaign, DeclaredLink
from store.absorbing import absorb_tagged
from store.database import Connection, Database, retried
from store.recording import register_recipients
from store.recounting import queue_retelling

CHUNK_RECIPIENTS = 500
"""Recipients added in one transaction, so that it stays under 500 ms."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The campaign, how many recipients it gained and how many it had already."""

    campaign_id: int
    added: int
    known: int


async def register_campaign(
    database: Database,
    campaign: DeclaredCampaign,
    addresses: Sequence[str],
    *,
    now: datetime,
    policy: Policy,
) -> Registered:
    """Create or update a campaign by (provider, external id) and add recipients to it.

    `addresses` are normalised and distinct. A campaign that a webhook made before becomes a
    declared one; if it was provisional, its history is announced. Repeating changes nothing.
    """

    async def declare() -> int:
        async with database.transaction() as connection:
            campaign_id = await _declare(connection, campaign, now)
            await _put_links(connection, campaign_id, campaign.links)
            return campaign_id

    campaign_id = await retried(declare)
    await _absorb(database, campaign_id)
    added = 0
    for start in range(0, len(addresses), CHUNK_RECIPIENTS):
        chunk = addresses[start : start + CHUNK_RECIPIENTS]
        added += await _add_recipients(database, campaign_id, chunk, policy)
    return Registered(campaign_id, added, len(addresses) - added)


async def _add_recipients(
    database: Database, campaign_id: int, addresses: Sequence[str], policy: Policy
) -> int:
    async def work() -> int:
        async with database.transaction() as connection:
            # Two calls at once must not both count a recipient as new.
            await connection.execute(
                "SELECT FROM campaign WHERE id = $1 FOR NO KEY UPDATE", campaign_id
            )
            return await register_recipients(connection, campaign_id, addresses, policy)

    return await retried(work)


async def _absorb(database: Database, campaign_id: int) -> None:
    async def work() -> int:
        async with database.transaction() as connection:
            return await absorb_tagged(connection, campaign_id)

    while await retried(work):
        pass


async def _declare(connection: Connection, campaign: DeclaredCampaign, now: datetime) -> int:
    await connection.execute(
        "INSERT INTO campaign (provider, external_id, detection, is_declared, is_provisional, "
        "created_at) VALUES ($1, $2, $3, true, false, $4) "
        "ON CONFLICT (provider, external_id) DO NOTHING",
        campaign.provider,
        campaign.external_id,
        Detection.DECLARED,
        now,
    )
    campaign_id, was_provisional = await connection.fetchrow(
        "SELECT id, is_provisional FROM campaign WHERE provider = $1 AND external_id = $2 "
        "FOR NO KEY UPDATE",
        campaign.provider,
        campaign.external_id,
    )
    await _update(connection, campaign_id, campaign)
    if was_provisional:
        await queue_retelling(connection, [campaign_id])
    return int(campaign_id)


async def _update(connection: Connection, campaign_id: int, campaign: DeclaredCampaign) -> None:
    """Write what the declaration says; it is bulk unless a person has said otherwise."""
    await connection.execute(
        "UPDATE campaign SET declared_name = coalesce($2, declared_name), "
        "declared_subject = coalesce($3, declared_subject), sender = coalesce($4, sender), "
        "declared_type = coalesce($5, declared_type), topics = coalesce($6, topics), "
        "tag = coalesce($7, tag), sent_at = coalesce($8, sent_at), "
        "is_dated = is_dated OR $8::timestamptz IS NOT NULL, detection = $9, is_declared = true, "
        "is_provisional = said_bulk IS NOT DISTINCT FROM false WHERE id = $1",
        campaign_id,
        campaign.name,
        campaign.subject,
        campaign.sender,
        campaign.type,
        None if campaign.topics is None else list(campaign.topics),
        campaign.tag,
        campaign.sent_at,
        Detection.DECLARED,
    )


async def _put_links(
    connection: Connection, campaign_id: int, links: Sequence[DeclaredLink]
) -> None:
    """Add links; one that is known takes the topics that are given."""
    if not links:
        return
    # An array of arrays would be one array of two dimensions, so topics travel as text.
    await connection.execute(
        "INSERT INTO campaign_link AS l (campaign_id, url, topics) "
        "SELECT $1, n.url, coalesce(n.topics::jsonb, '[]') "
        "FROM unnest($2::text[], $3::text[]) n(url, topics) "
        "ON CONFLICT (campaign_id, url) DO UPDATE SET is_declared = true, topics = "
        "CASE WHEN excluded.url = ANY($4::text[]) THEN excluded.topics ELSE l.topics END "
        "WHERE NOT l.is_declared "
        "OR (excluded.url = ANY($4::text[]) AND l.topics <> excluded.topics)",
        campaign_id,
        [link.url for link in links],
        [None if link.topics is None else orjson.dumps(link.topics).decode() for link in links],
        [link.url for link in links if link.topics is not None],
    )
