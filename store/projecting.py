"""Projection: the facts about a recipient are folded into its engagement and announced."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from domain.engagement import Engagement, Fact, SuppressionReason, fold, suppression
from domain.events import EventKind
from domain.judging import Verdict, judge
from store.database import Connection
from store.messages import date_campaigns
from store.recording import FactKey, Fresh
from store.staging import source

SUPPRESSION_LOCK = 0x73757070
"""Key of the advisory lock under which suppressions are derived: each sees the other's bounces."""

_DELIVERY_KINDS = (EventKind.BOUNCED, EventKind.COMPLAINED, EventKind.DELIVERED)


@dataclass(frozen=True, slots=True)
class _Locked:
    """A locked recipient: whose it is, and whether its events are announced."""

    id: int
    address_id: int
    campaign_id: int
    is_announced: bool


async def project(
    connection: Connection,
    fresh: Sequence[Fresh],
    touched: Iterable[int] = (),
    *,
    whole: bool = False,
) -> int:
    """Fold anew the recipients of fresh events, and those touched otherwise; feed what changed.

    Runs in the caller's transaction and locks the recipients until it ends. Recipients whose
    campaign has become bulk are announced with their whole history. With `whole`, events are read
    from all partitions, trusting nothing that was derived. Returns recipients folded.
    """
    fresh_keys: dict[int, set[FactKey]] = defaultdict(set)
    for f in fresh:
        fresh_keys[f.recipient_id].add((f.fact_on, f.key))
    touched = set(touched)
    recipients = await _lock(connection, touched.union(fresh_keys))
    if not recipients:
        return 0
    if whole:
        facts = await all_facts(connection, list(recipients))
    else:
        facts = await _facts(connection, recipients, fresh)
    announced = await _announce_due(connection, recipients)
    folded: dict[int, Engagement] = {}
    corrections: list[tuple[Fact, Verdict]] = []
    for id_ in recipients:
        found = facts.get(id_, [])
        verdicts = judge(found)
        folded[id_] = fold(found, [v.actor for v in verdicts])
        corrections += whose_verdict_differs(found, verdicts)
    await _save(connection, folded)
    await _correct(connection, corrections)
    await _feed(
        connection,
        _news(
            recipients, facts, fresh_keys, announced, {(f.fact_on, f.key) for f, _ in corrections}
        ),
        {r.id: r.address_id for r in recipients.values()},
    )
    await _suppress(connection, recipients, facts, fresh_keys)
    await _date_campaigns(connection, recipients, folded)
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


async def _lock(connection: Connection, ids: Iterable[int]) -> dict[int, _Locked]:
    rows = await connection.fetch(
        "SELECT id, address_id, campaign_id, is_announced FROM recipient "
        "WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        sorted(ids),
    )
    return {row[0]: _Locked(*row) for row in rows}


async def _facts(
    connection: Connection, recipients: Iterable[int], fresh: Sequence[Fresh]
) -> dict[int, list[Fact]]:
    """All events of the recipients. The dates bound the partitions that are searched: those that
    projected events span, and the fresh ones; what others record meanwhile, they project."""
    ids = list(recipients)
    first, last = await connection.fetchrow(
        "SELECT min(first_fact_on), max(last_fact_on) FROM recipient WHERE id = ANY($1::bigint[])",
        ids,
    )
    days = [f.fact_on for f in fresh]
    rows = await connection.fetch(
        f"{_SELECT_FACTS} AND fact_on >= $2 AND fact_on <= $3",
        ids,
        min([*days, *([first] if first else [])], default=None),
        max([*days, *([last] if last else [])], default=None),
    )
    return _by_recipient(rows)


_SELECT_FACTS = (
    f"SELECT {', '.join(Fact._fields)} FROM event WHERE recipient_id = ANY($1::bigint[])"
)


async def all_facts(connection: Connection, ids: Sequence[int]) -> dict[int, list[Fact]]:
    """All events of the recipients, whatever their dates."""
    return _by_recipient(await connection.fetch(_SELECT_FACTS, ids))


def _by_recipient(rows: Iterable[Sequence[Any]]) -> dict[int, list[Fact]]:
    facts: dict[int, list[Fact]] = defaultdict(list)
    for row in rows:
        fact = Fact(*row)
        facts[fact.recipient_id].append(fact)
    return facts


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
    "unsubscribed_at": "timestamptz",
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
        e.unsubscribed_at,
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
        f"UPDATE recipient r SET {_ASSIGNMENTS} FROM {rows} WHERE r.id = n.id", *arguments
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


def _news(
    recipients: dict[int, _Locked],
    facts: dict[int, list[Fact]],
    fresh_keys: dict[int, set[FactKey]],
    announced: set[int],
    corrected: set[FactKey],
) -> list[tuple[str, Fact]]:
    """What the feed must tell, in the order of what happened."""
    news: list[tuple[str, Fact]] = []
    for r in recipients.values():
        if not r.is_announced and r.id not in announced:
            continue
        new = fresh_keys.get(r.id, set())
        for fact in facts.get(r.id, ()):
            key = (fact.fact_on, fact.key)
            if key in new or r.id in announced:
                news.append(("RECORDED", fact))
            elif key in corrected:
                news.append(("CORRECTED", fact))
    news.sort(key=lambda n: (n[1].occurred_at, n[1].fact_on, n[1].key))
    return news


async def _feed(
    connection: Connection, news: Sequence[tuple[str, Fact]], addresses: dict[int, int]
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
        [addresses[fact.recipient_id] for _, fact in news],
    )


async def _suppress(
    connection: Connection,
    recipients: dict[int, _Locked],
    facts: dict[int, list[Fact]],
    fresh_keys: dict[int, set[FactKey]],
) -> None:
    """Derive suppressions of addresses about which fresh events may say something new."""
    kinds: dict[int, set[EventKind]] = defaultdict(set)
    for id_, keys in fresh_keys.items():
        if id_ in recipients:
            kinds[recipients[id_].address_id].update(
                f.kind for f in facts.get(id_, ()) if (f.fact_on, f.key) in keys
            )
    bad = {a for a, k in kinds.items() if k & {EventKind.BOUNCED, EventKind.COMPLAINED}}
    good = [a for a, k in kinds.items() if EventKind.DELIVERED in k and a not in bad]
    if good:
        rows = await connection.fetch(
            "SELECT address_id FROM suppression WHERE address_id = ANY($1::bigint[])", good
        )
        bad.update(row[0] for row in rows)
    if bad:
        await derive_suppressions(connection, sorted(bad))


async def suppressions_of(
    connection: Connection, address_ids: Sequence[int]
) -> dict[int, tuple[SuppressionReason, datetime]]:
    """What all deliveries, bounces and complaints of addresses amount to."""
    rows = await connection.fetch(
        "SELECT r.address_id, e.occurred_at, e.kind, e.bounce FROM recipient r "
        "JOIN event e ON e.recipient_id = r.id "
        "WHERE r.address_id = ANY($1::bigint[]) AND e.kind = ANY($2::text[])",
        address_ids,
        _DELIVERY_KINDS,
    )
    reports = defaultdict(list)
    for address_id, at, kind, bounce in rows:
        reports[address_id].append((at, kind, bounce))
    return {a: s for a in address_ids if (s := suppression(reports.get(a, ()))) is not None}


async def derive_suppressions(connection: Connection, address_ids: Sequence[int]) -> None:
    """Set or clear the suppression of addresses from all their deliveries and bounces."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", SUPPRESSION_LOCK)
    found = await suppressions_of(connection, address_ids)
    await connection.execute(
        "DELETE FROM suppression WHERE address_id = ANY($1::bigint[])",
        [a for a in address_ids if a not in found],
    )
    await connection.execute(
        "INSERT INTO suppression (address_id, reason, since) "
        "SELECT * FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) "
        "ON CONFLICT (address_id) DO UPDATE SET reason = excluded.reason, since = excluded.since",
        list(found),
        [reason for reason, _ in found.values()],
        [since for _, since in found.values()],
    )


async def _date_campaigns(
    connection: Connection, recipients: dict[int, _Locked], folded: dict[int, Engagement]
) -> None:
    """A campaign nobody dated was sent when its first message was."""
    sent: dict[int, datetime] = {}
    for id_, e in folded.items():
        campaign = recipients[id_].campaign_id
        if e.sent_at is not None and (campaign not in sent or e.sent_at < sent[campaign]):
            sent[campaign] = e.sent_at
    if sent:
        await connection.execute(
            "UPDATE campaign c SET sent_at = n.sent_at "
            "FROM (SELECT * FROM unnest($1::bigint[], $2::timestamptz[]) ORDER BY 1) n(id, sent_at)"
            " WHERE c.id = n.id AND NOT c.is_dated "
            "AND (c.sent_at IS NULL OR c.sent_at > n.sent_at)",
            sorted(sent),
            [sent[id_] for id_ in sorted(sent)],
        )
