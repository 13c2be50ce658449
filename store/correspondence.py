"""What is known about received mails: who wrote them, the messages they name, what was sent."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import NamedTuple

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


class _Named(NamedTuple):
    """A thread (by its place, from 1) names a message at a position; `provider` is whose word the
    reference is, None where nobody told."""

    place: int
    position: int
    provider: str | None
    reference: str


class _Row(NamedTuple):
    """A recipient of a message that is known."""

    reference: str
    provider: str
    evidence: str
    campaign_id: int
    is_provisional: bool
    recipient_id: int
    address: str
    people: Sequence[int]


async def candidates_of(
    connection: Connection, threads: Sequence[Thread], writers: Writers
) -> list[list[Candidate]]:
    """For each thread the messages it names, as far as they are known."""
    named = await _named(connection, threads)
    known = await _recipients(connection, sorted({n.reference for n in named}))
    own = await _own(connection, named, _owned(threads, writers))
    found: list[list[Candidate]] = [[] for _ in threads]
    for n in named:
        by_provider: dict[str, dict[str, _Row]] = defaultdict(dict)
        for row in (*known[n.reference], *own[n.place, n.reference]):
            if n.provider in (None, row.provider):
                by_provider[row.provider][row.address] = row
        found[n.place - 1] += [
            _candidate(n.position, list(rows.values())) for rows in by_provider.values()
        ]
    return found


async def _named(connection: Connection, threads: Sequence[Thread]) -> list[_Named]:
    rows = await connection.fetch(
        """
        SELECT w.place, f.position, n.provider, n.reference
        FROM unnest($1::date[], $2::bytea[]) WITH ORDINALITY w(fact_on, key, place)
        JOIN thread_reference f ON f.fact_on = w.fact_on AND f.key = w.key
        CROSS JOIN LATERAL (
            SELECT NULL AS provider, f.reference
            UNION ALL SELECT a.provider, a.reference FROM message_alias a
                WHERE a.name = f.reference
        ) n
        """,
        [t.fact_on for t in threads],
        [t.key for t in threads],
    )
    return [_Named(*row) for row in rows]


_ROW = f"""
m.reference, m.provider, m.evidence, r.campaign_id, c.is_provisional, r.id, a.address, {_PEOPLE}
"""

_RECIPIENT = """
JOIN recipient r ON r.id = m.recipient_id JOIN campaign c ON c.id = r.campaign_id
JOIN address a ON a.id = r.address_id
"""


async def _recipients(
    connection: Connection, references: Sequence[str]
) -> Mapping[str, Sequence[_Row]]:
    """Those that the messages went to, of a message to very many only some."""
    rows = await connection.fetch(
        f"SELECT {_ROW} FROM unnest($1::text[]) n(reference) CROSS JOIN LATERAL ("
        "SELECT m.reference, m.provider, m.evidence, m.recipient_id FROM message m "
        "WHERE m.reference = n.reference ORDER BY m.provider, m.address_id "
        f"LIMIT {MAILED}) m {_RECIPIENT}",
        references,
    )
    found: dict[str, list[_Row]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(_Row(*row))
    return found


async def _own(
    connection: Connection, named: Sequence[_Named], owned: tuple[list[int], list[int]]
) -> Mapping[tuple[int, str], Sequence[_Row]]:
    """Those of the recipients who are the writer, however many there are."""
    rows = await connection.fetch(
        f"SELECT n.place, {_ROW} FROM unnest($1::int[], $2::text[]) n(place, reference) "
        "JOIN unnest($3::int[], $4::bigint[]) o(place, address_id) ON o.place = n.place "
        "JOIN message m ON m.reference = n.reference AND m.address_id = o.address_id "
        f"{_RECIPIENT}",
        [n.place for n in named],
        [n.reference for n in named],
        *owned,
    )
    found: dict[tuple[int, str], list[_Row]] = defaultdict(list)
    for place, *row in rows:
        found[place, row[0]].append(_Row(*row))
    return found


def _candidate(position: int, rows: Sequence[_Row]) -> Candidate:
    """The message that these rows of its recipients tell of; the best evidence says whose it is."""
    best = min(rows, key=lambda row: (row.evidence, row.address))
    mailed = tuple(
        Mailed(row.recipient_id, row.campaign_id, row.address, frozenset(row.people))
        for row in sorted(rows, key=lambda row: row.address)
    )
    return Candidate(
        position,
        best.provider,
        best.reference,
        best.evidence,
        best.campaign_id,
        best.is_provisional,
        mailed,
    )


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
        SELECT o.place, r.id, r.campaign_id, a.address, {_PEOPLE}, c.external_id, s.subject,
            s.sent_at
        FROM unnest($1::timestamptz[]) WITH ORDINALITY w(at, place)
        JOIN unnest($2::int[], $3::bigint[]) o(place, address_id) ON o.place = w.place
        JOIN recipient r ON r.address_id = o.address_id
        JOIN campaign c ON c.id = r.campaign_id
        JOIN address a ON a.id = r.address_id
        CROSS JOIN LATERAL (
            SELECT c.subject, coalesce(r.sent_at, c.sent_at) AS sent_at
            UNION SELECT m.subject, coalesce(m.sent_at, r.sent_at, c.sent_at)
                FROM message m WHERE m.recipient_id = r.id
        ) s
        WHERE s.subject IS NOT NULL
            AND s.sent_at BETWEEN w.at - $4::interval AND w.at + $5::interval
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
