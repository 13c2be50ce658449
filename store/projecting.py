"""Projection: the facts about a recipient are folded into its engagement and announced."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import NamedTuple

import orjson

from domain.engagement import Engagement, Fact, fold
from domain.events import JUDGED_KINDS, EventKind
from domain.judging import JUDGE_VERSION, Verdict, judge
from domain.policy import Policy
from store.circumstances import circumstances_of
from store.counting import note_recipients
from store.database import Connection
from store.facts import all_facts, facts_of, openings
from store.insight_queue import note_activity
from store.recording import FactKey, Fresh
from store.recounting import date_campaigns
from store.staging import source
from store.suppressing import watch


class _Locked(NamedTuple):
    """A locked recipient: whose it is, whether its events are announced, where its kept facts
    begin, if some are no longer kept, when it was sent as far as is known, and the days that its
    projected events span."""

    id: int
    address_id: int
    campaign_id: int
    is_announced: bool
    frozen_before: date | None
    sent_at: datetime | None
    first_fact_on: date | None
    last_fact_on: date | None


async def project(
    connection: Connection,
    fresh: Sequence[Fresh],
    touched: Iterable[int] = (),
    *,
    policy: Policy,
    whole: bool = False,
) -> int:
    """Fold anew the recipients of fresh events, and those touched otherwise; feed what changed.

    Runs in the caller's transaction and locks the recipients until it ends. Recipients whose
    campaign has become bulk are announced with their whole history. With `whole`, events are read
    from all partitions, trusting nothing that was derived. Returns recipients folded.
    """
    touched = set(touched)
    recipients = await _lock(connection, touched.union(f.recipient_id for f in fresh))
    if not recipients:
        return 0
    if whole:
        facts = await all_facts(connection, list(recipients))
    else:
        spans = ((r.first_fact_on, r.last_fact_on) for r in recipients.values())
        facts = await facts_of(connection, recipients, spans, fresh)
    frozen = {r.id: r.frozen_before for r in recipients.values() if r.frozen_before is not None}
    opening = await openings(connection, facts, frozen)
    given = await circumstances_of(connection, facts, policy)
    announced = await _announce_due(connection, recipients)
    folded: dict[int, Engagement] = {}
    corrections: list[tuple[Fact, Verdict]] = []
    for id_ in recipients:
        found = facts.get(id_, [])
        verdicts = judge(found, given[id_]) if found else []
        folded[id_] = fold(found, [v.actor for v in verdicts], opening.get(id_))
        corrections += whose_verdict_differs(found, verdicts)
    await _save(connection, folded)
    await note_recipients(connection, folded)
    await _correct(connection, corrections)
    new = {(f.fact_on, f.key) for f in fresh}
    corrected = {(f.fact_on, f.key) for f, _ in corrections}
    news = _news(recipients, facts, announced, new, corrected)
    await _feed(connection, news.told, recipients)
    reversed_ = _reversed(recipients, corrections)
    await watch(connection, news.kinds, reversed_)
    changed = {r.address_id for r in recipients.values() if r.id in touched}
    await note_activity(connection, news.kinds, reversed_ | changed)
    newly_sent = {
        id_: e.sent_at
        for id_, e in folded.items()
        if e.sent_at is not None and (whole or e.sent_at != recipients[id_].sent_at)
    }
    await _date_campaigns(connection, recipients, newly_sent)
    moved = {recipients[id_].campaign_id for id_ in touched if id_ in recipients}
    await date_campaigns(connection, sorted(moved))
    return len(folded)


def whose_verdict_differs(
    facts: Sequence[Fact], verdicts: Sequence[Verdict]
) -> list[tuple[Fact, Verdict]]:
    """Facts whose stored verdict is not the one given, with the one given."""
    return [
        (f, v)
        for f, v in zip(facts, verdicts, strict=True)
        if f.actor != v.actor or ((f.reasons or v.reasons) and [*f.reasons] != [*v.reasons])
    ]


def _reversed(
    recipients: dict[int, _Locked], corrections: Sequence[tuple[Fact, Verdict]]
) -> set[int]:
    """Addresses of which something is now held to be a person's, or no longer."""
    return {
        recipients[f.recipient_id].address_id
        for f, v in corrections
        if f.kind in JUDGED_KINDS and f.actor != v.actor
    }


async def _lock(connection: Connection, ids: Iterable[int]) -> dict[int, _Locked]:
    rows = await connection.fetch(
        f"SELECT {', '.join(_Locked._fields)} FROM recipient "
        "WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        sorted(ids),
    )
    return {row[0]: _Locked(*row) for row in rows}


async def _announce_due(connection: Connection, recipients: dict[int, _Locked]) -> set[int]:
    """Recipients that were silent and whose campaign is bulk by now: announced from here on."""
    silent = [r.id for r in recipients.values() if not r.is_announced]
    if not silent:
        return set()
    rows = await connection.fetch(
        "UPDATE recipient r SET is_announced = true FROM campaign c "
        "WHERE r.id = ANY($1::bigint[]) AND c.id = r.campaign_id AND NOT c.is_provisional "
        "RETURNING r.id",
        silent,
    )
    return {row[0] for row in rows}


ENGAGEMENT_COLUMNS = {
    "status": "text",
    "sent_at": "timestamptz",
    "delivered_at": "timestamptz",
    "bounced_at": "timestamptz",
    "bounce_hard": "boolean",
    "bounce_reason": "text",
    "opens_human": "int",
    "opens_machine": "int",
    "first_open_at": "timestamptz",
    "last_open_at": "timestamptz",
    "clicks_human": "int",
    "clicks_machine": "int",
    "first_click_at": "timestamptz",
    "last_click_at": "timestamptz",
    "links": "text",
    "replied_at": "timestamptz",
    "forwarded_at": "timestamptz",
    "forward_probable_at": "timestamptz",
    "unsubscribed_at": "timestamptz",
    "unsubscribe_unconfirmed_at": "timestamptz",
    "complained_at": "timestamptz",
    "engaged": "boolean",
    "last_event_at": "timestamptz",
    "first_fact_on": "date",
    "last_fact_on": "date",
}
"""The engagement's columns, in the order of its fields, with the type they are sent as."""

_ASSIGNMENTS = ", ".join(
    f"{c} = n.{c}{'::jsonb' if c == 'links' else ''}" for c in ENGAGEMENT_COLUMNS
)


def engagement_row(e: Engagement) -> tuple[object, ...]:
    """The values of an engagement's columns, in their order; links as JSON text."""
    return (
        e.status,
        e.sent_at,
        e.delivered_at,
        e.bounced_at,
        e.bounce_hard,
        e.bounce_reason,
        e.opens_human,
        e.opens_machine,
        e.first_open_at,
        e.last_open_at,
        e.clicks_human,
        e.clicks_machine,
        e.first_click_at,
        e.last_click_at,
        orjson.dumps(e.links).decode() if e.links else None,
        e.replied_at,
        e.forwarded_at,
        e.forward_probable_at,
        e.unsubscribed_at,
        e.unsubscribe_unconfirmed_at,
        e.complained_at,
        e.engaged,
        e.last_event_at,
        e.first_fact_on,
        e.last_fact_on,
    )


async def _save(connection: Connection, folded: dict[int, Engagement]) -> None:
    rows, arguments = await source(
        connection,
        "n",
        {"id": "bigint", **ENGAGEMENT_COLUMNS},
        [(id_, *engagement_row(e)) for id_, e in folded.items()],
    )
    await connection.execute(
        f"UPDATE recipient r SET {_ASSIGNMENTS}, judge_version = {JUDGE_VERSION} "
        f"FROM {rows} WHERE r.id = n.id",
        *arguments,
    )


async def _correct(connection: Connection, corrections: Sequence[tuple[Fact, Verdict]]) -> None:
    if corrections:
        await connection.execute(
            "UPDATE event e SET actor = n.actor, "
            "reasons = coalesce(string_to_array(n.reasons, ','), '{}') "
            "FROM unnest($1::date[], $2::bytea[], $3::text[], $4::text[]) "
            "n(fact_on, key, actor, reasons) WHERE e.fact_on = n.fact_on AND e.key = n.key",
            [f.fact_on for f, _ in corrections],
            [f.key for f, _ in corrections],
            [v.actor for _, v in corrections],
            [",".join(v.reasons) or None for _, v in corrections],
        )


class _News(NamedTuple):
    """What happened: as the feed must tell it, in order; and each fresh (address id, kind)."""

    told: list[tuple[str, Fact]]
    kinds: list[tuple[int, EventKind]]


def _news(
    recipients: dict[int, _Locked],
    facts: dict[int, list[Fact]],
    announced: set[int],
    new: set[FactKey],
    corrected: set[FactKey],
) -> _News:
    news = _News([], [])
    for id_, r in recipients.items():
        is_told = r.is_announced or id_ in announced
        for fact in facts.get(id_, ()):
            key = (fact.fact_on, fact.key)
            if key in new:
                news.kinds.append((r.address_id, fact.kind))
                if is_told:
                    news.told.append(("RECORDED", fact))
            elif id_ in announced:
                news.told.append(("RECORDED", fact))
            elif is_told and key in corrected:
                news.told.append(("CORRECTED", fact))
    news.told.sort(key=lambda n: (n[1].occurred_at, n[1].fact_on, n[1].key))
    return news


async def _feed(
    connection: Connection, news: Sequence[tuple[str, Fact]], recipients: dict[int, _Locked]
) -> None:
    """One feed row per (event, customer of its address).

    The matches are read after the recipients were locked: a re-match either came before and is
    seen, or waits for our recipients and then finds these events. Events that others recorded and
    have not projected are not ours to tell.
    """
    if not news:
        return
    await connection.execute(
        """
        INSERT INTO feed (customer_id, kind, fact_on, key, recipient_id)
        SELECT m.customer_id, n.kind, n.fact_on, n.key, n.recipient_id
        FROM unnest($1::text[], $2::date[], $3::bytea[], $4::bigint[], $5::bigint[])
            WITH ORDINALITY n(kind, fact_on, key, recipient_id, address_id, position)
        JOIN match m ON m.address_id = n.address_id
        WHERE NOT EXISTS (SELECT FROM projection_queue q
            WHERE q.fact_on = n.fact_on AND q.key = n.key)
        ORDER BY n.position
        """,
        [kind for kind, _ in news],
        [fact.fact_on for _, fact in news],
        [fact.key for _, fact in news],
        [fact.recipient_id for _, fact in news],
        [recipients[fact.recipient_id].address_id for _, fact in news],
    )


async def _date_campaigns(
    connection: Connection, recipients: dict[int, _Locked], sent_at: dict[int, datetime]
) -> None:
    """A campaign nobody dated was sent when its first message was; `sent_at` by recipient."""
    sent: dict[int, datetime] = {}
    for id_, at in sent_at.items():
        campaign = recipients[id_].campaign_id
        if campaign not in sent or at < sent[campaign]:
            sent[campaign] = at
    if sent:
        await connection.execute(
            "UPDATE campaign c SET sent_at = n.sent_at "
            "FROM (SELECT * FROM unnest($1::bigint[], $2::timestamptz[]) ORDER BY 1) n(id, sent_at)"
            " WHERE c.id = n.id AND NOT c.is_dated "
            "AND (c.sent_at IS NULL OR c.sent_at > n.sent_at)",
            sorted(sent),
            [sent[id_] for id_ in sorted(sent)],
        )
