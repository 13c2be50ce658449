"""What is known about received mails: who wrote them, the messages they name, what was sent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from domain.addresses import alias_key
from domain.threads import LATEST_REPORT, SUBJECT_DAYS, Candidate, Mailed, Sent, Writer
from store.database import Connection
from store.threads import Thread

MAILED = 100
"""Recipients of a message that are looked at, besides the writer."""


@dataclass(frozen=True, slots=True)
class Known:
    """Who wrote, and which addresses (by id) that we have seen are theirs."""

    writer: Writer
    address_ids: Sequence[int]


Writers = Mapping[str | None, Known]
"""By the normalised address they wrote from; None is whoever hides it."""

_PEOPLE = (
    "array(SELECT p.stakeholder_id FROM match p "
    "WHERE p.address_id = a.id AND p.stakeholder_id IS NOT NULL)"
)


async def writers_of(connection: Connection, threads: Iterable[Thread]) -> Writers:
    """Everybody who wrote: theirs are the addresses of the same alias, and of the same people."""
    addresses = sorted({t.address for t in threads if t.address is not None})
    rows = await connection.fetch(
        """
        WITH writer AS (
            SELECT * FROM unnest($1::text[], $2::text[]) w(address, alias_key)
        ), person AS (
            SELECT w.address, s.stakeholder_id FROM writer w
                JOIN stakeholder_address s ON s.alias_key = w.alias_key
            UNION SELECT w.address, m.stakeholder_id FROM writer w
                JOIN address a ON a.address = w.address
                JOIN match m ON m.address_id = a.id AND m.stakeholder_id IS NOT NULL
        )
        SELECT address, stakeholder_id, NULL::bigint FROM person
        UNION SELECT w.address, NULL, a.id FROM writer w JOIN address a USING (alias_key)
        UNION SELECT p.address, NULL, m.address_id FROM person p JOIN match m USING (stakeholder_id)
        """,
        addresses,
        [alias_key(a) for a in addresses],
    )
    people: dict[str, set[int]] = defaultdict(set)
    ids: dict[str, list[int]] = defaultdict(list)
    for address, stakeholder_id, address_id in rows:
        if stakeholder_id is not None:
            people[address].add(stakeholder_id)
        else:
            ids[address].append(address_id)
    found: dict[str | None, Known] = {
        a: Known(Writer(a, frozenset(people[a])), ids[a]) for a in addresses
    }
    return found | {None: Known(Writer(None), ())}


def _owned(threads: Sequence[Thread], writers: Writers) -> tuple[list[int], list[int]]:
    """Pairs of (place of a thread, from 1; id of an address of its writer), as two columns."""
    pairs = [(n, id_) for n, t in enumerate(threads, 1) for id_ in writers[t.address].address_ids]
    return [n for n, _ in pairs], [id_ for _, id_ in pairs]


_CANDIDATES = f"""
WITH owned AS (SELECT * FROM unnest($3::int[], $4::bigint[]) o(place, address_id))
SELECT w.place, f.position, m.provider, m.reference, m.evidence, r.campaign_id,
    c.is_provisional, r.id, a.address, {_PEOPLE}
FROM unnest($1::date[], $2::bytea[]) WITH ORDINALITY w(fact_on, key, place)
JOIN thread_reference f ON f.fact_on = w.fact_on AND f.key = w.key
CROSS JOIN LATERAL (
    SELECT f.reference, NULL AS provider
    UNION ALL SELECT n.reference, n.provider FROM message_alias n WHERE n.name = f.reference
) n
CROSS JOIN LATERAL (
    (SELECT m.* FROM message m WHERE m.reference = n.reference
        AND (n.provider IS NULL OR m.provider = n.provider)
        ORDER BY m.provider, m.address_id LIMIT {MAILED})
    UNION (SELECT m.* FROM owned o JOIN message m ON m.address_id = o.address_id
        WHERE o.place = w.place AND m.reference = n.reference
        AND (n.provider IS NULL OR m.provider = n.provider))
) m
JOIN recipient r ON r.id = m.recipient_id
JOIN campaign c ON c.id = r.campaign_id
JOIN address a ON a.id = r.address_id
ORDER BY a.address
"""


async def candidates_of(
    connection: Connection, threads: Sequence[Thread], writers: Writers
) -> list[list[Candidate]]:
    """For each thread the messages it names, as far as they are known."""
    rows = await connection.fetch(
        _CANDIDATES,
        [t.fact_on for t in threads],
        [t.key for t in threads],
        *_owned(threads, writers),
    )
    grouped: dict[tuple[Any, ...], list[Sequence[Any]]] = defaultdict(list)
    for row in rows:
        grouped[tuple(row[:4])].append(row[4:])
    found: list[list[Candidate]] = [[] for _ in threads]
    for (place, position, provider, reference), mailed in grouped.items():
        found[place - 1].append(_candidate(position, provider, reference, mailed))
    return found


def _candidate(
    position: int, provider: str, reference: str, rows: Sequence[Sequence[Any]]
) -> Candidate:
    """The message that these rows of its recipients tell of; the best evidence says whose it is."""
    evidence, campaign_id, is_provisional, *_ = min(rows, key=lambda row: (row[0], row[4]))
    mailed = tuple(Mailed(row[3], row[1], row[4], frozenset(row[5])) for row in rows)
    return Candidate(position, provider, reference, evidence, campaign_id, is_provisional, mailed)


async def with_elsewhere(
    connection: Connection,
    threads: Sequence[Thread],
    writers: Writers,
    chosen: Sequence[Candidate | None],
) -> list[Candidate | None]:
    """The chosen messages, with what else was sent to the writer on the same campaign."""
    rows = await connection.fetch(
        f"""
        SELECT w.place, r.id, r.campaign_id, a.address, {_PEOPLE}
        FROM unnest($1::bigint[]) WITH ORDINALITY w(campaign_id, place)
        JOIN unnest($2::int[], $3::bigint[]) o(place, address_id) ON o.place = w.place
        JOIN recipient r ON r.campaign_id = w.campaign_id AND r.address_id = o.address_id
        JOIN address a ON a.id = r.address_id
        WHERE r.is_registered OR EXISTS (SELECT FROM message m WHERE m.recipient_id = r.id)
        """,
        [c and c.campaign_id for c in chosen],
        *_owned(threads, writers),
    )
    found: dict[int, list[Mailed]] = defaultdict(list)
    for place, recipient_id, campaign_id, address, people in rows:
        found[place].append(Mailed(recipient_id, campaign_id, address, frozenset(people)))
    return [
        c and replace(c, elsewhere=tuple(found.get(place, ()))) for place, c in enumerate(chosen, 1)
    ]


async def sent_to(
    connection: Connection, threads: Sequence[Thread], writers: Writers
) -> list[list[Sent]]:
    """For each thread what was sent to its writer about that time, by subject."""
    rows = await connection.fetch(
        f"""
        SELECT o.place, r.id, r.campaign_id, a.address, {_PEOPLE}, c.external_id, c.subject,
            coalesce(r.sent_at, c.sent_at)
        FROM unnest($1::timestamptz[]) WITH ORDINALITY w(at, place)
        JOIN unnest($2::int[], $3::bigint[]) o(place, address_id) ON o.place = w.place
        JOIN recipient r ON r.address_id = o.address_id
        JOIN campaign c ON c.id = r.campaign_id AND c.subject IS NOT NULL
        JOIN address a ON a.id = r.address_id
        WHERE coalesce(r.sent_at, c.sent_at) BETWEEN w.at - $4::interval AND w.at + $5::interval
        """,
        [t.occurred_at for t in threads],
        *_owned(threads, writers),
        timedelta(days=SUBJECT_DAYS),
        LATEST_REPORT,
    )
    found: list[list[Sent]] = [[] for _ in threads]
    for place, recipient_id, campaign_id, address, people, external_id, subject, sent_at in rows:
        mailed = Mailed(recipient_id, campaign_id, address, frozenset(people))
        found[place - 1].append(Sent(mailed, external_id, subject, sent_at))
    return found
