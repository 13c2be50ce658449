"""Reading what people did, act by act, for the conditions of workflows."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from domain.activity import ENGAGING, Did, Mailed
from domain.conditions import AtLevel, Condition, Happened, Silent, Unanswered, leaves
from domain.events import CampaignType, EventKind
from domain.history import Sent
from store.database import Connection
from store.histories import HISTORY

OF_SCORES = ENGAGING | {EventKind.UNSUBSCRIBED, EventKind.RESUBSCRIBED, EventKind.COMPLAINED}
"""What scores are made of."""

SLACK = timedelta(days=2)
"""A fact may lie in the partition of another day than the one it happened on."""


def kinds_of(conditions: Iterable[Condition]) -> frozenset[EventKind]:
    """The kinds of events that conditions have to know of."""
    found: set[EventKind] = set()
    for leaf in (leaf for condition in conditions for leaf in leaves(condition)):
        match leaf:
            case Happened(kind):
                found.add(kind)
            case Silent() | Unanswered():
                found |= ENGAGING
            case AtLevel():
                found |= OF_SCORES
    return frozenset(found)


def mailed_of(history: Iterable[Sent]) -> list[Mailed]:
    """What a person was sent, without what they did with it."""
    return [
        Mailed(s.recipient_id, s.campaign_id, s.type, s.topics, s.sent_at, s.delivered_at)
        for s in history
    ]


async def acts(
    connection: Connection,
    recipient_ids: Sequence[int],
    kinds: Iterable[EventKind],
    *,
    since: datetime,
    until: datetime,
) -> dict[int, list[Did]]:
    """What people did with these mails, by recipient."""
    rows = await connection.fetch(
        "SELECT e.recipient_id, e.occurred_at, e.kind, e.provider, e.fact_on, e.key, e.url, "
        "coalesce(l.topics, '[]'::jsonb) FROM event e "
        "LEFT JOIN recipient r ON e.kind = 'CLICKED' AND r.id = e.recipient_id "
        "LEFT JOIN campaign_link l ON l.campaign_id = r.campaign_id AND l.url = e.url "
        "WHERE e.recipient_id = ANY($1::bigint[]) AND e.kind = ANY($2::text[]) "
        "AND e.actor IS DISTINCT FROM 'MACHINE' AND e.occurred_at > $3 AND e.occurred_at <= $4 "
        "AND e.fact_on >= $5",
        list(recipient_ids),
        sorted(kinds),
        since,
        until,
        (since - SLACK).date(),
    )
    found: dict[int, list[Did]] = defaultdict(list)
    for recipient_id, at, kind, source, fact_on, key, url, topics in rows:
        did = Did(at, EventKind(kind), recipient_id, source, fact_on, key, url, tuple(topics))
        found[recipient_id].append(did)
    return found


async def mails(
    connection: Connection, stakeholder_ids: Sequence[int], *, since: datetime, until: datetime
) -> Mapping[int, list[Mailed]]:
    """What stakeholders were sent, as `store.histories` reads it."""
    rows = await connection.fetch(
        "SELECT m.stakeholder_id, r.id, r.campaign_id, c.type, c.topics, r.sent_at, "
        "CASE WHEN r.status NOT IN ('SOFT_BOUNCED','HARD_BOUNCED','REJECTED') "
        "THEN r.delivered_at END FROM match m JOIN recipient r ON r.address_id = m.address_id "
        "JOIN campaign c ON c.id = r.campaign_id AND NOT c.is_provisional "
        "WHERE m.stakeholder_id = ANY($1::bigint[]) AND r.is_announced "
        "AND r.sent_at > $2 AND r.sent_at <= $3",
        list(stakeholder_ids),
        since - HISTORY,
        until,
    )
    found: dict[int, list[Mailed]] = defaultdict(list)
    for stakeholder_id, recipient_id, campaign_id, type_, topics, sent_at, delivered_at in rows:
        kind = None if type_ is None else CampaignType(type_)
        found[stakeholder_id].append(
            Mailed(recipient_id, campaign_id, kind, tuple(topics), sent_at, delivered_at)
        )
    return found
