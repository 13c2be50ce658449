"""Raw payloads: the durable inbox between a provider's webhook and the parser.

PostgreSQL is the queue. A payload is claimed for a few seconds (its lease); whoever dies meanwhile
loses nothing, because the lease runs out and somebody else takes it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from domain.tracking import PROVIDER
from store.database import Connection, Database
from store.sources import note_received

CLAIM_PAYLOADS = 500
"""Payloads claimed at once at most."""

CLAIM_BYTES = 5_000_000
"""Bytes of bodies worked on together, some 12,000 events: what is reported of one message in short
order is then folded once. In parts (jobs/ingest.py) each transaction stays short."""

FORGOTTEN = (PROVIDER,)
"""Sources whose payloads are emptied once worked off: their events say it all, as far as the policy
and people's consent let them."""

SUSPECT_TRIES = 2
"""Claims without an end after which a payload is claimed alone: should it be what kills workers, it
takes no others along."""


@dataclass(frozen=True, slots=True)
class StoredPayload:
    """A payload as it was received; `query` is the URL's query string."""

    id: int
    received_on: date
    received_at: datetime
    provider: str
    headers: Mapping[str, str]
    query: str
    body: bytes


async def accept(
    database: Database,
    provider: str,
    *,
    headers: Mapping[str, str],
    query: str,
    body: bytes,
    received_at: datetime,
) -> int:
    """Store a payload; committed when this returns. Raises Unavailable."""
    async with database.statement() as connection:
        id_: int = await connection.fetchval(
            "INSERT INTO payload (received_on, received_at, provider, headers, query, body) "
            "VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
            received_at.astimezone(UTC).date(),
            received_at,
            provider,
            dict(headers),
            query,
            body,
        )
    return id_


_CLAIM = """
WITH due AS (
    SELECT received_on, id, sum(length(body)) OVER (ORDER BY id) AS bytes,
        row_number() OVER (ORDER BY id) AS position,
        greatest(attempts, first_value(attempts) OVER (ORDER BY id)) AS tried
    FROM (
        SELECT received_on, id, body, attempts FROM payload
        WHERE status = 'PENDING' AND (lease_until IS NULL OR lease_until < now())
            AND provider <> ALL($5::text[])
        ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED
    ) locked
)
UPDATE payload p SET lease_until = now() + $3::interval, attempts = attempts + 1
FROM due WHERE p.received_on = due.received_on AND p.id = due.id
    AND (due.position = 1 OR (due.bytes <= $2 AND due.tried < $4))
RETURNING p.id, p.received_on, p.received_at, p.provider, p.headers, p.query, p.body, p.attempts
"""


async def claim(
    database: Database,
    *,
    lease: timedelta,
    tries: int,
    payloads: int = CLAIM_PAYLOADS,
    size: int = CLAIM_BYTES,
    leaving: Sequence[str] = (),
) -> list[StoredPayload]:
    """Take the oldest waiting payloads, within both limits but at least one; those of the
    providers `leaving` are left alone.

    One that was claimed `tries` times without an end is set aside as FAILED instead.
    """
    async with database.statement() as connection:
        while True:
            # A transaction by itself: whoever dies before one is set aside leaves that to the next.
            rows = await connection.fetch(_CLAIM, payloads, size, lease, SUSPECT_TRIES, leaving)
            good = [row for row in rows if row[7] <= tries]
            for row in rows:
                if row[7] > tries:
                    await fail(connection, row[1], row[0], f"not finished in {tries} tries")
            if good or not rows:
                break
    return [StoredPayload(*row[:7]) for row in sorted(good, key=lambda row: row[0])]


async def prolong(
    connection: Connection, payloads: Sequence[StoredPayload], lease: timedelta
) -> None:
    """Lend payloads for longer to whoever works on them still. Waits for nobody."""
    await connection.execute(
        "UPDATE payload p SET lease_until = now() + $3::interval FROM (SELECT received_on, id "
        "FROM unnest($1::date[], $2::bigint[]) n(received_on, id) JOIN payload USING (received_on, "
        "id) WHERE status = 'PENDING' ORDER BY id FOR UPDATE OF payload SKIP LOCKED) held "
        "WHERE p.received_on = held.received_on AND p.id = held.id",
        [p.received_on for p in payloads],
        [p.id for p in payloads],
        lease,
    )


async def is_any_waiting(database: Database, leaving: Sequence[str] = ()) -> bool:
    """Whether payloads wait that nobody works on, of other providers than those `leaving`: a look
    that costs a tenth of a claim in vain."""
    async with database.statement() as connection:
        return bool(
            await connection.fetchval(
                "SELECT EXISTS (SELECT FROM payload WHERE status = 'PENDING' "
                "AND (lease_until IS NULL OR lease_until < now()) "
                "AND provider <> ALL($1::text[]))",
                leaving,
            )
        )


class Finished(NamedTuple):
    """A payload that was worked off: events recorded of it, those among them of unknown kind, and
    what was wrong with others ("" where nothing was)."""

    payload: StoredPayload
    events: int
    unknown: int
    problems: str


async def is_behind(connection: Connection) -> bool:
    """Whether payloads wait for longer than a worker takes for what comes in quietly."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM payload WHERE status = 'PENDING' "
            "AND received_at < now() - interval '1 second')"
        )
    )


async def finish(connection: Connection, done: Sequence[Finished]) -> None:
    """Mark payloads as worked off, in part where there were problems; note that they came."""
    if not done:
        return
    await connection.execute(
        "UPDATE payload p SET status = CASE n.error WHEN '' THEN 'DONE' ELSE 'PARTIAL' END, "
        "lease_until = NULL, events = n.events, error = nullif(n.error, ''), "
        "body = CASE WHEN n.error = '' AND p.provider = ANY($5) THEN '' ELSE p.body END "
        "FROM unnest($1::date[], $2::bigint[], $3::int[], $4::text[]) "
        "n(received_on, id, events, error) WHERE p.received_on = n.received_on AND p.id = n.id",
        [d.payload.received_on for d in done],
        [d.payload.id for d in done],
        [d.events for d in done],
        [d.problems for d in done],
        list(FORGOTTEN),
    )
    await note_received(
        connection,
        [(d.payload.provider, d.payload.received_at, d.events, d.unknown) for d in done],
    )


async def fail(connection: Connection, received_on: date, id_: int, error: str) -> None:
    """Set a payload aside with its error; it stays visible and can be replayed."""
    await connection.execute(
        "UPDATE payload SET status = 'FAILED', lease_until = NULL, error = $3 "
        "WHERE received_on = $1 AND id = $2",
        received_on,
        id_,
        error[:2000],
    )


async def scrub(connection: Connection, payloads: Sequence[StoredPayload]) -> None:
    """Empty payloads that speak of somebody who was erased, and close them: nothing is left that
    could be read again."""
    if payloads:
        await connection.execute(
            f"UPDATE payload p SET {SCRUBBED} FROM unnest($1::date[], $2::bigint[]) "
            "n(received_on, id) WHERE p.received_on = n.received_on AND p.id = n.id",
            [p.received_on for p in payloads],
            [p.id for p in payloads],
        )


SCRUBBED = (
    "body = '', query = '', headers = '{}', status = 'DONE', lease_until = NULL, "
    "error = CASE WHEN error IS NULL THEN NULL ELSE 'emptied: it spoke of somebody erased' END"
)
"""What is set in a payload that is scrubbed; what was wrong with it may name somebody, too."""


async def replay(connection: Connection, ids: Sequence[int]) -> int:
    """Put payloads that failed, in whole or in part, back into the queue; returns how many."""
    status: str = await connection.execute(
        "UPDATE payload SET status = 'PENDING', attempts = 0, lease_until = NULL, error = NULL "
        "WHERE id = ANY($1::bigint[]) AND status IN ('FAILED', 'PARTIAL')",
        list(ids),
    )
    return int(status.rpartition(" ")[2])
