"""What people were sent and did, as the insights take it: announced campaigns, human acts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.events import CampaignType
from domain.history import LinkClicked, Sent
from domain.interests import Shares, Topics
from store.database import Connection

HISTORY = timedelta(days=400)
"""How far insights look back: thirteen half-lives of a score."""

_ARRIVED = "r.status NOT IN ('SOFT_BOUNCED','HARD_BOUNCED','REJECTED')"

_SELECT = f"""
SELECT r.address_id, r.id, r.campaign_id, c.type, c.topics, r.sent_at,
    CASE WHEN {_ARRIVED} THEN r.delivered_at END,
    r.opens_human, r.first_open_at, r.last_open_at, r.clicks_human, r.first_click_at,
    r.last_click_at, r.links, r.replied_at, r.forwarded_at, r.unsubscribed_at, r.complained_at
FROM recipient r JOIN campaign c ON c.id = r.campaign_id AND NOT c.is_provisional
WHERE r.address_id = ANY($1::bigint[]) AND r.is_announced AND r.sent_at > $2 AND r.sent_at <= $3
ORDER BY r.sent_at, r.id
"""


async def histories(
    connection: Connection, owners: Mapping[int, Sequence[int]], now: datetime
) -> dict[int, list[Sent]]:
    """The histories of people: `owners` maps an address to the people whose it is (see
    `Sent.person`)."""
    rows = await connection.fetch(_SELECT, list(owners), now - HISTORY, now)
    found: dict[int, list[Sent]] = defaultdict(list)
    for address_id, recipient_id, campaign_id, type_, topics, *rest in rows:
        for person in owners[address_id]:
            kind = None if type_ is None else CampaignType(type_)
            head = (recipient_id, campaign_id, person, kind, tuple(topics))
            found[person].append(Sent._make((*head, *rest[:8], _links(rest[8]), *rest[9:])))
    return found


def _links(stored: object) -> tuple[LinkClicked, ...]:
    if not isinstance(stored, list):
        return ()
    return tuple(
        LinkClicked(
            link["url"],
            link["human"],
            link["machine"],
            datetime.fromisoformat(link["first_at"]),
            datetime.fromisoformat(link["last_at"]),
        )
        for link in stored
        if link["human"]
    )


async def link_topics(connection: Connection, campaign_ids: Sequence[int]) -> Topics:
    """What the links of campaigns are about."""
    rows = await connection.fetch(
        "SELECT campaign_id, url, topics FROM campaign_link WHERE campaign_id = ANY($1::bigint[]) "
        "AND topics <> '[]'",
        campaign_ids,
    )
    return {(row[0], row[1]): tuple(row[2]) for row in rows}


async def link_shares(connection: Connection, campaign_ids: Sequence[int]) -> Shares:
    """Of those who clicked anything in a campaign, the share that clicked each link."""
    rows = await connection.fetch(
        "SELECT k.campaign_id, k.url, k.n::float8 / k.whole FROM (SELECT r.campaign_id, l.url, "
        "count(*) AS n, max(count(*)) OVER (PARTITION BY r.campaign_id) AS whole "
        "FROM recipient r CROSS JOIN LATERAL jsonb_to_recordset(r.links) l(url text, human int) "
        "WHERE r.campaign_id = ANY($1::bigint[]) AND r.links IS NOT NULL AND l.human > 0 "
        "GROUP BY r.campaign_id, l.url) k",
        campaign_ids,
    )
    shares: dict[int, dict[str, float]] = defaultdict(dict)
    for campaign_id, url, share in rows:
        shares[campaign_id][url] = share
    return shares
