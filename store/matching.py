"""Which customers an address belongs to, kept true while customers and decisions change."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from domain.matching import (
    Decision,
    Directory,
    Known,
    Match,
    MatchMethod,
    UnmatchedReason,
    match_address,
)
from domain.policy import Policy
from domain.registrable import is_freemail
from store.counting import note_addresses as note_uncounted
from store.database import Connection
from store.insight_queue import note_addresses, note_stakeholders

REMATCH_CHUNK = 500
"""Addresses re-matched in one transaction, so that it stays well under half a second."""

SECOND_LOOK = timedelta(seconds=2)
"""A change is looked at once more after this long, when every transaction that could have created
an address from the directory as it was before has ended (they stay under half a second)."""


async def load_directory(
    connection: Connection,
    keys: Sequence[tuple[str, str, str]],
    policy: Policy,
) -> Directory:
    """What is known about (address, alias key, registrable domain) triples, in four statements."""
    addresses = [k[0] for k in keys]
    aliases = list({k[1] for k in keys})
    # Nobody is matched by a free-mail domain, and the customers there are very many.
    domains = [d for d in {k[2] for k in keys} if not is_freemail(d)]
    return Directory(
        addresses=await _known(connection, "address", addresses),
        aliases=await _known(connection, "alias_key", aliases),
        declared=await _customers_by_domain(connection, "customer_domain", domains),
        used=await _customers_by_domain(connection, "stakeholder_address", domains),
        decisions=await _decisions(connection, addresses),
        internal_domains=policy.internal_domains,
    )


async def _known(
    connection: Connection, column: str, values: Sequence[str]
) -> Mapping[str, Sequence[Known]]:
    rows = await connection.fetch(
        f"SELECT {column}, customer_id, stakeholder_id FROM stakeholder_address "
        f"WHERE {column} = ANY($1::text[])",
        values,
    )
    known: dict[str, list[Known]] = defaultdict(list)
    for value, customer_id, stakeholder_id in rows:
        known[value].append(Known(customer_id, stakeholder_id))
    return known


async def _customers_by_domain(
    connection: Connection, table: str, domains: Sequence[str]
) -> Mapping[str, frozenset[int]]:
    # Two customers tell "exactly one" from "several"; a free-mail domain has thousands.
    rows = await connection.fetch(
        "SELECT d.domain, array(SELECT DISTINCT customer_id FROM "
        f"(SELECT t.customer_id FROM {table} t WHERE t.domain = d.domain LIMIT 10000) few LIMIT 2)"
        " FROM unnest($1::text[]) d(domain)",
        domains,
    )
    return {domain: frozenset(customers) for domain, customers in rows if customers}


async def _decisions(
    connection: Connection, addresses: Sequence[str]
) -> Mapping[str, Sequence[Decision]]:
    rows = await connection.fetch(
        "SELECT address, customer_id, stakeholder_id, is_confirmed FROM match_decision "
        "WHERE address = ANY($1::text[])",
        addresses,
    )
    decisions: dict[str, list[Decision]] = defaultdict(list)
    for address, *decision in rows:
        decisions[address].append(Decision(*decision))
    return decisions


async def match_new(
    connection: Connection, keys: Mapping[int, tuple[str, str, str]], policy: Policy
) -> None:
    """Match addresses created in this transaction: `keys` maps id → (address, alias, domain)."""
    directory = await load_directory(connection, list(keys.values()), policy)
    found = {id_: match_address(*key, directory) for id_, key in keys.items()}
    await _insert(connection, {id_: matches for id_, (matches, _) in found.items()})
    reasons = {id_: reason for id_, (_, reason) in found.items() if reason is not None}
    if reasons:
        await connection.execute(
            "UPDATE address a SET unmatched_reason = n.reason "
            "FROM unnest($1::bigint[], $2::text[]) n(id, reason) WHERE a.id = n.id",
            list(reasons),
            list(reasons.values()),
        )


async def enqueue_rematch(
    connection: Connection,
    *,
    addresses: Iterable[str] = (),
    alias_keys: Iterable[str] = (),
    domains: Iterable[str] = (),
) -> None:
    """Say what changed in the directory; call it in the transaction that changes it.

    Values are normalised addresses, alias keys and registrable domains.
    """
    entries = sorted(
        {("ADDRESS", a) for a in addresses}
        | {("ALIAS", a) for a in alias_keys}
        | {("DOMAIN", d) for d in domains}
    )
    await connection.execute(
        "INSERT INTO rematch_queue (kind, value) SELECT * FROM unnest($1::text[], $2::text[])",
        [kind for kind, _ in entries],
        [value for _, value in entries],
    )


async def rematch_some(connection: Connection, policy: Policy, limit: int = REMATCH_CHUNK) -> int:
    """Take changes from the queue and re-match the addresses they touch; returns changes taken.

    A change is taken twice: at once, and a last time when `SECOND_LOOK` has passed.
    """
    rows = await connection.fetch(
        """
        WITH due AS (
            SELECT id FROM rematch_queue
            WHERE NOT is_attempted OR created_at < now() - $2::interval
            ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1
        ), gone AS (
            DELETE FROM rematch_queue q USING due
            WHERE q.id = due.id AND q.created_at < now() - $2::interval
            RETURNING q.kind, q.value
        ), kept AS (
            UPDATE rematch_queue q SET is_attempted = true FROM due
            WHERE q.id = due.id AND q.created_at >= now() - $2::interval
            RETURNING q.kind, q.value
        )
        SELECT kind, value FROM gone UNION ALL SELECT kind, value FROM kept
        """,
        limit,
        SECOND_LOOK,
    )
    if rows:
        touched = await _touched(connection, rows)
        await rematch_addresses(connection, touched[:REMATCH_CHUNK], policy)
        await _put_back(connection, touched[REMATCH_CHUNK:])
    return len(rows)


async def _put_back(connection: Connection, address_ids: Sequence[int]) -> None:
    """A domain with a great many addresses is taken up address by address."""
    if address_ids:
        await connection.execute(
            "INSERT INTO rematch_queue (kind, value) "
            "SELECT 'ADDRESS', address FROM address WHERE id = ANY($1::bigint[])",
            address_ids,
        )


async def _touched(connection: Connection, changes: Sequence[tuple[str, str]]) -> list[int]:
    def values(kind: str) -> list[str]:
        return [value for found, value in changes if found == kind]

    rows = await connection.fetch(
        """
        SELECT id FROM address WHERE address = ANY($1::text[])
        UNION SELECT id FROM address WHERE alias_key = ANY($2::text[])
        UNION SELECT a.id FROM address a WHERE a.domain = ANY($3::text[]) AND (
            a.unmatched_reason IS NOT NULL OR EXISTS (
                SELECT FROM match m WHERE m.address_id = a.id AND m.method = 'DOMAIN'))
        ORDER BY id
        """,
        values("ADDRESS"),
        values("ALIAS"),
        values("DOMAIN"),
    )
    return [row[0] for row in rows]


async def rematch_addresses(
    connection: Connection, address_ids: Sequence[int], policy: Policy
) -> int:
    """Match these addresses anew and move their history; returns how many changed customers.

    Locks the addresses, so that no recipient is created meanwhile with the old match, then their
    recipients, so that no projection announces to the old customers.
    """
    rows = await connection.fetch(
        "SELECT id, address, alias_key, domain, unmatched_reason FROM address "
        "WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE",
        list(address_ids),
    )
    keys = {row[0]: (row[1], row[2], row[3]) for row in rows}
    directory = await load_directory(connection, list(keys.values()), policy)
    before = await stored_matches(connection, list(keys))
    changed: dict[int, list[Match]] = {}
    reasons: dict[int, str | None] = {}
    recounted: list[int] = []
    for id_, *_, known_reason in rows:
        matches, reason = match_address(*keys[id_], directory)
        if matches != before.get(id_, []):
            changed[id_] = matches
        if reason != known_reason:
            reasons[id_] = reason
            if UnmatchedReason.INTERNAL in (reason, known_reason):
                recounted.append(id_)
    await _replace(connection, changed)
    await note_addresses(connection, changed)
    parted = {m.stakeholder_id for id_ in changed for m in before.get(id_, [])}
    await note_stakeholders(connection, (s for s in parted if s is not None))
    await _explain(connection, reasons)
    await note_uncounted(connection, [*changed, *reasons])
    await _recount(connection, recounted)
    had, has = _customers(before, changed), _customers(changed, changed)
    gained, lost = sorted(has - had), sorted(had - has)
    await _move_history(connection, gained, lost)
    return len({address for address, _ in (*gained, *lost)})


async def _explain(connection: Connection, reasons: Mapping[int, str | None]) -> None:
    """Say of addresses why they are matched to nobody, or that they are."""
    await connection.execute(
        "UPDATE address a SET unmatched_reason = n.reason "
        "FROM unnest($1::bigint[], $2::text[]) n(id, reason) WHERE a.id = n.id",
        list(reasons),
        list(reasons.values()),
    )


def _customers(
    matches: Mapping[int, Sequence[Match]], among: Iterable[int]
) -> set[tuple[int, int]]:
    """Pairs of an address, one of these, and a customer."""
    return {(id_, m.customer_id) for id_ in among for m in matches.get(id_, ())}


async def _recount(connection: Connection, address_ids: Sequence[int]) -> None:
    """Internal recipients do not count: where one is none any more, or is one now, campaigns are
    decided anew."""
    if address_ids:
        await connection.execute(
            "INSERT INTO recount_queue (campaign_id) SELECT DISTINCT campaign_id FROM recipient "
            "WHERE address_id = ANY($1::bigint[])",
            address_ids,
        )


async def stored_matches(
    connection: Connection, address_ids: Sequence[int]
) -> dict[int, list[Match]]:
    """The matches of addresses as they are stored, by address, in order of customer."""
    rows = await connection.fetch(
        "SELECT address_id, customer_id, stakeholder_id, method FROM match "
        "WHERE address_id = ANY($1::bigint[]) ORDER BY address_id, customer_id",
        address_ids,
    )
    stored: dict[int, list[Match]] = defaultdict(list)
    for address_id, customer_id, stakeholder_id, method in rows:
        stored[address_id].append(Match(customer_id, stakeholder_id, MatchMethod(method)))
    return stored


async def _replace(connection: Connection, changed: Mapping[int, Sequence[Match]]) -> None:
    await connection.execute(
        "DELETE FROM match WHERE address_id = ANY($1::bigint[])", list(changed)
    )
    await _insert(connection, changed)


async def _insert(connection: Connection, matches: Mapping[int, Sequence[Match]]) -> None:
    rows = [(id_, m) for id_, found in sorted(matches.items()) for m in found]
    if rows:
        await connection.execute(
            "INSERT INTO match (address_id, customer_id, stakeholder_id, method, confidence) "
            "SELECT * FROM "
            "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::real[])",
            [id_ for id_, _ in rows],
            [m.customer_id for _, m in rows],
            [m.stakeholder_id for _, m in rows],
            [m.method for _, m in rows],
            [m.confidence for _, m in rows],
        )


async def _move_history(
    connection: Connection, gained: Sequence[tuple[int, int]], lost: Sequence[tuple[int, int]]
) -> None:
    """Tell the feed: customers that gained an address get its events, those that lost it lose them.

    Events that wait for their projection are left out: it announces them to whoever it finds.
    """
    moves = [(*m, "REMOVED") for m in lost] + [(*m, "RECORDED") for m in gained]
    if not moves:
        return
    await connection.execute(
        "SELECT id FROM recipient WHERE address_id = ANY($1::bigint[]) ORDER BY id "
        "FOR NO KEY UPDATE",
        sorted({address for address, _, _ in moves}),
    )
    await connection.execute(
        """
        INSERT INTO feed (customer_id, kind, fact_on, key, recipient_id)
        SELECT n.customer_id, n.kind, e.fact_on, e.key, r.id
        FROM unnest($1::bigint[], $2::bigint[], $3::text[]) WITH ORDINALITY
            n(address_id, customer_id, kind, position)
        JOIN recipient r ON r.address_id = n.address_id AND r.is_announced
        JOIN event e ON e.recipient_id = r.id
            AND e.fact_on BETWEEN r.first_fact_on AND r.last_fact_on
        WHERE NOT EXISTS (SELECT FROM projection_queue q
            WHERE q.fact_on = e.fact_on AND q.key = e.key)
        ORDER BY n.kind DESC, e.occurred_at, e.fact_on, e.key
        """,
        [m[0] for m in moves],
        [m[1] for m in moves],
        [m[2] for m in moves],
    )
