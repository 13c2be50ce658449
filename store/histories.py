"""What people were sent and did, as the insights take it: announced campaigns, human acts."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from domain.events import CampaignType
from domain.history import LinkClicked, Sent
from domain.interests import Shares
from domain.parts import ALL
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


async def link_shares(connection: Connection, campaign_ids: Sequence[int]) -> Shares:
    """The share that each link has of a campaign's most followed one, by people who followed it.

    From the counters, so that a campaign to a million is no more work than one to ten.
    """
    rows = await connection.fetch(
        "SELECT k.campaign_id, k.url, k.n::float8 / k.whole FROM (SELECT n.campaign_id, "
        "min(n.url) AS url, sum(n.clickers_human) AS n, "
        "max(sum(n.clickers_human)) OVER (PARTITION BY n.campaign_id) AS whole "
        "FROM campaign_link_counter n WHERE n.campaign_id = ANY($1::bigint[]) AND n.part = $2 "
        "GROUP BY n.campaign_id, n.url_hash HAVING sum(n.clickers_human) > 0) k",
        campaign_ids,
        ALL,
    )
    shares: dict[int, dict[str, float]] = defaultdict(dict)
    for campaign_id, url, share in rows:
        shares[campaign_id][url] = share
    return shares
