"""Reading what advice needs to know beyond the people it is about: one statement a question."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime

from domain.follow_ups import CONTACTED
from domain.people import PersonState
from domain.recommending import Key, Subject
from domain.surroundings import Colleague, Returned, Silence, Surroundings
from store.campaigns import link_topics
from store.database import Connection

CAMPAIGNS = 10
"""Campaigns of a person, the latest they took up, of which names and colleagues are read."""

RETURNED = 5
"""Recipients cited of mail that came back."""

SILENT = 10
"""People cited of a silent customer."""


async def surroundings(
    connection: Connection, states: Sequence[PersonState], live: Collection[Key]
) -> Surroundings:
    """What surrounds these people."""
    address_ids = sorted({a for s in states for a in s.address_ids})
    pairs = sorted({(s.account.customer_id, c) for s in states for c in _campaigns(s)})
    campaign_ids = sorted({campaign_id for _, campaign_id in pairs})
    addresses = await connection.fetch(
        "SELECT id, address FROM address WHERE id = ANY($1::bigint[])", address_ids
    )
    campaigns = await connection.fetch(
        "SELECT id, name FROM campaign WHERE id = ANY($1::bigint[])", campaign_ids
    )
    return Surroundings(
        addresses=dict(addresses),
        returned=await _returned(connection, address_ids),
        answered_at=await _answered_at(connection, address_ids),
        followed_up_at=await _followed_up_at(connection, states),
        campaigns=dict(campaigns),
        topics=await link_topics(connection, _clicked(states, campaign_ids)),
        colleagues=await _colleagues(connection, pairs),
        live=frozenset(live),
    )


def _clicked(states: Sequence[PersonState], campaign_ids: Sequence[int]) -> list[tuple[int, str]]:
    """The links of these campaigns that somebody followed, each with its campaign."""
    chosen = set(campaign_ids)
    return sorted(
        {
            (sent.campaign_id, link.url)
            for state in states
            for sent in state.history
            if sent.campaign_id in chosen
            for link in sent.links
        }
    )


def _campaigns(state: PersonState) -> list[int]:
    """The latest campaigns somebody took up or turned away from."""
    some = [
        s.campaign_id
        for s in state.history
        if s.engaged_at is not None or s.unsubscribed_at is not None or s.complained_at is not None
    ]
    return some[-CAMPAIGNS:]


async def _returned(connection: Connection, address_ids: Sequence[int]) -> dict[int, Returned]:
    rows = await connection.fetch(
        "SELECT s.address_id, min(s.since), bool_or(s.reason = 'HARD_BOUNCE'), b.ids, b.words "
        "FROM suppression s CROSS JOIN LATERAL (SELECT array_agg(r.id ORDER BY r.bounced_at DESC, "
        "r.id DESC) AS ids, (array_agg(r.bounce_reason ORDER BY r.bounced_at DESC, r.id DESC))[1] "
        "AS words FROM recipient r WHERE r.address_id = s.address_id "
        "AND r.bounced_at IS NOT NULL) b WHERE s.address_id = ANY($1::bigint[]) "
        "AND s.reason IN ('HARD_BOUNCE','SOFT_BOUNCES') GROUP BY 1, b.ids, b.words",
        address_ids,
    )
    return {
        address_id: Returned(since, is_hard, tuple(ids or ())[:RETURNED], words)
        for address_id, since, is_hard, ids, words in rows
    }


async def _answered_at(connection: Connection, address_ids: Sequence[int]) -> dict[int, datetime]:
    """When one of ours last wrote to an address by themselves: mail that is no bulk send."""
    rows = await connection.fetch(
        "SELECT r.address_id, max(r.sent_at) FROM recipient r JOIN campaign c "
        "ON c.id = r.campaign_id AND c.is_provisional AND c.provider = 'mail' "
        "WHERE r.address_id = ANY($1::bigint[]) AND r.sent_at IS NOT NULL GROUP BY 1",
        address_ids,
    )
    return dict(rows)


async def _followed_up_at(
    connection: Connection, states: Sequence[PersonState]
) -> dict[Subject, datetime]:
    rows = await connection.fetch(
        "SELECT customer_id, stakeholder_id, max(completed_at) FROM follow_up "
        "WHERE stakeholder_id = ANY($1::bigint[]) AND outcome = ANY($2::text[]) GROUP BY 1, 2",
        [s.stakeholder_id for s in states if s.stakeholder_id is not None],
        sorted(CONTACTED),
    )
    return {Subject(customer_id, stakeholder_id): at for customer_id, stakeholder_id, at in rows}


async def _colleagues(
    connection: Connection, pairs: Sequence[tuple[int, int]]
) -> dict[tuple[int, int], tuple[Colleague, ...]]:
    """Who of each customer took up each campaign, the most interested first.

    OFFSET 0 has recipients looked up one by one: of a campaign younger than the statistics
    PostgreSQL believes that nobody took it up, and would compare all who did with all of these.
    """
    rows = await connection.fetch(
        "SELECT w.customer_id, w.campaign_id, s.id, s.name, r.opens_human, r.clicks_human, "
        "r.replied_at IS NOT NULL, r.forwarded_at IS NOT NULL "
        "FROM unnest($1::bigint[], $2::bigint[]) w(customer_id, campaign_id) "
        "JOIN match m ON m.customer_id = w.customer_id "
        "JOIN stakeholder s ON s.id = m.stakeholder_id AND s.name IS NOT NULL "
        "CROSS JOIN LATERAL (SELECT opens_human, clicks_human, replied_at, forwarded_at "
        "FROM recipient WHERE campaign_id = w.campaign_id AND address_id = m.address_id "
        "AND engaged OFFSET 0) r "
        "ORDER BY r.replied_at IS NULL, r.clicks_human DESC, r.opens_human DESC, s.id",
        [customer_id for customer_id, _ in pairs],
        [campaign_id for _, campaign_id in pairs],
    )
    found: dict[tuple[int, int], list[Colleague]] = defaultdict(list)
    for customer_id, campaign_id, *colleague in rows:
        found[customer_id, campaign_id].append(Colleague(*colleague))
    return {pair: tuple(some) for pair, some in found.items()}


async def silences(
    connection: Connection, customer_ids: Sequence[int], now: datetime
) -> dict[int, Silence]:
    """Of each customer: how many of its people mail reaches, and the mail left without an answer
    by those who are dark."""
    rows = await connection.fetch(
        "SELECT i.customer_id, count(*), count(*) FILTER (WHERE i.dark_at <= $2), "
        "(array_agg(i.stakeholder_id ORDER BY i.last_sent_at DESC, i.stakeholder_id) "
        "FILTER (WHERE i.dark_at <= $2))[1:$3], "
        "max(i.last_sent_at) FILTER (WHERE i.dark_at <= $2) "
        "FROM stakeholder_insight i WHERE i.customer_id = ANY($1::bigint[]) AND i.delivered > 0 "
        "GROUP BY 1 HAVING count(*) FILTER (WHERE i.dark_at <= $2) > 0",
        customer_ids,
        now,
        SILENT,
    )
    mails = await _last_mails(connection, [s for row in rows for s in row[3]])
    return {
        customer_id: Silence(reached, dark, tuple(mails[s] for s in who if s in mails), last)
        for customer_id, reached, dark, who, last in rows
    }


async def _last_mails(connection: Connection, stakeholder_ids: Sequence[int]) -> dict[int, int]:
    """The recipient of the last mail that reached each stakeholder."""
    rows = await connection.fetch(
        "SELECT w.id, found.id FROM unnest($1::bigint[]) w(id) CROSS JOIN LATERAL ("
        "SELECT r.id FROM match m JOIN recipient r ON r.address_id = m.address_id "
        "AND r.is_announced JOIN campaign c ON c.id = r.campaign_id AND NOT c.is_provisional "
        "WHERE m.stakeholder_id = w.id AND r.delivered_at IS NOT NULL "
        "ORDER BY r.sent_at DESC, r.id DESC LIMIT 1) found",
        stakeholder_ids,
    )
    return dict(rows)
