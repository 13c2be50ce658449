"""Moving single events from recipient to recipient, and telling whoever follows them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from domain.suppression import TELLING
from domain.threads import COUNTS_UNPLACED
from store.database import Connection
from store.messages import count_move, prune
from store.recording import FactKey, Fresh
from store.suppressing import queue_suppressions


class _Move(NamedTuple):
    """An event, where it is and where it is to be (None: nowhere); `address_id` is whose it was."""

    fact_on: date
    key: bytes
    kind: str
    address_id: int | None
    old: int | None
    new: int | None

    @property
    def fact(self) -> FactKey:
        return self.fact_on, self.key


async def hold_queued(connection: Connection, facts: Sequence[FactKey]) -> set[FactKey]:
    """Which of the events wait for their projection, held. Call it before any row is locked that
    whoever projects may want."""
    rows = await connection.fetch(
        "SELECT q.fact_on, q.key FROM unnest($1::date[], $2::bytea[]) n(fact_on, key) "
        "JOIN projection_queue q USING (fact_on, key) ORDER BY q.id FOR UPDATE OF q",
        [fact_on for fact_on, _ in facts],
        [key for _, key in facts],
    )
    return {(row[0], row[1]) for row in rows}


async def move_to(
    connection: Connection, places: Mapping[FactKey, int | None], waiting: Collection[FactKey]
) -> tuple[list[Fresh], set[int]]:
    """Put events at their recipients; those that are there already stay.

    Returns the events that had no recipient and have one now, and the recipients that others moved
    from or to. Both are to be projected by a later transaction: projecting waits for campaigns, and
    whoever holds those may wait for what was moved here. `waiting` are those of the events that
    wait for their projection. The caller has called `lock_moves` before it locked anything else.
    """
    facts = sorted(places)
    rows = await connection.fetch(
        "SELECT e.fact_on, e.key, e.kind, e.address_id, e.recipient_id "
        "FROM unnest($1::date[], $2::bytea[]) n(fact_on, key) JOIN event e USING (fact_on, key) "
        "ORDER BY 1, 2",
        [fact_on for fact_on, _ in facts],
        [key for _, key in facts],
    )
    moves = [_Move._make((*row, places[row[0], row[1]])) for row in rows]
    moves = [m for m in moves if m.old != m.new]
    if not moves:
        return [], set()
    moved = [m for m in moves if m.old is not None]
    touched = {id_ for m in moved for id_ in (m.old, m.new) if id_ is not None}
    if moved:
        await count_move(connection, touched)
    await _set_recipients(connection, moves)
    if moved:
        await _queue_elsewhere(connection, [m for m in moved if m.fact in waiting])
        await _tell(connection, [m for m in moved if m.fact not in waiting])
        await _widen(connection, [m for m in moved if m.new is not None])
        await prune(connection, touched)
    fresh = [Fresh(m.new, m.fact_on, m.key) for m in moves if m.old is None and m.new is not None]
    return fresh, touched


async def _set_recipients(connection: Connection, moves: Sequence[_Move]) -> None:
    """Set where events are; those that are nowhere any more wait, and count for their address."""
    columns = [[m.fact_on for m in moves], [m.key for m in moves]]
    await connection.execute(
        "DELETE FROM orphan o USING unnest($1::date[], $2::bytea[]) n(fact_on, key) "
        "WHERE o.fact_on = n.fact_on AND o.key = n.key",
        *columns,
    )
    await connection.execute(
        """
        WITH placed AS (
            UPDATE event e SET recipient_id = n.id, address_id = n.address_id
            FROM (SELECT w.fact_on, w.key, r.id, coalesce(r.address_id, own.id) AS address_id
                FROM unnest($1::date[], $2::bytea[], $3::bigint[], $4::boolean[])
                    w(fact_on, key, recipient_id, is_telling)
                LEFT JOIN recipient r ON r.id = w.recipient_id
                LEFT JOIN thread t ON w.is_telling AND t.fact_on = w.fact_on AND t.key = w.key
                LEFT JOIN address own ON own.address = t.address) n
            WHERE e.fact_on = n.fact_on AND e.key = n.key
            RETURNING e.fact_on, e.key, e.provider, e.recipient_id, e.address_id
        )
        INSERT INTO orphan (fact_on, key, provider, address_id)
        SELECT fact_on, key, provider, address_id FROM placed WHERE recipient_id IS NULL
        """,
        *columns,
        [m.new for m in moves],
        [m.kind in COUNTS_UNPLACED for m in moves],
    )
    told = [m for m in moves if m.kind in TELLING]
    rows = await connection.fetch(
        "SELECT DISTINCT e.address_id FROM unnest($1::date[], $2::bytea[]) n(fact_on, key) "
        "JOIN event e USING (fact_on, key) WHERE e.address_id IS NOT NULL",
        [m.fact_on for m in told],
        [m.key for m in told],
    )
    before = {m.address_id for m in told if m.address_id is not None}
    await queue_suppressions(connection, before | {row[0] for row in rows})


async def _queue_elsewhere(connection: Connection, moved: Sequence[_Move]) -> None:
    """Events that nobody was told of are projected where they are now, if anywhere."""
    if moved:
        await connection.execute(
            "WITH n AS (SELECT * FROM unnest($1::date[], $2::bytea[], $3::bigint[]) "
            "n(fact_on, key, recipient_id)), gone AS (DELETE FROM projection_queue q USING n "
            "WHERE q.fact_on = n.fact_on AND q.key = n.key AND n.recipient_id IS NULL) "
            "UPDATE projection_queue q SET recipient_id = n.recipient_id FROM n "
            "WHERE q.fact_on = n.fact_on AND q.key = n.key AND n.recipient_id IS NOT NULL",
            [m.fact_on for m in moved],
            [m.key for m in moved],
            [m.new for m in moved],
        )


async def take_back(connection: Connection, facts: Sequence[FactKey]) -> None:
    """Delete events that we made ourselves and that are nowhere any more."""
    for table in ("orphan", "event"):
        await connection.execute(
            f"DELETE FROM {table} t USING unnest($1::date[], $2::bytea[]) n(fact_on, key) "
            "WHERE t.fact_on = n.fact_on AND t.key = n.key",
            [fact_on for fact_on, _ in facts],
            [key for _, key in facts],
        )


async def _tell(connection: Connection, moved: Sequence[_Move]) -> None:
    """Customers that lose an event, gain it, or keep it at another recipient."""
    ids = {id_ for m in moved for id_ in (m.old, m.new)}
    customers = await _announced_customers(connection, [i for i in ids if i is not None])
    news = []
    for m in moved:
        had, has = customers.get(m.old, set()), customers.get(m.new, set())
        news += [(c, "REMOVED", m.fact_on, m.key, m.old) for c in sorted(had - has)]
        news += [
            (c, "CORRECTED" if c in had else "RECORDED", m.fact_on, m.key, m.new)
            for c in sorted(has)
        ]
    if news:
        await connection.execute(
            "INSERT INTO feed (customer_id, kind, fact_on, key, recipient_id) SELECT * FROM "
            "unnest($1::bigint[], $2::text[], $3::date[], $4::bytea[], $5::bigint[])",
            *(list(column) for column in zip(*news, strict=True)),
        )


async def _announced_customers(
    connection: Connection, recipient_ids: Iterable[int]
) -> Mapping[int | None, set[int]]:
    """Whom the events of each recipient were told to."""
    rows = await connection.fetch(
        "SELECT r.id, m.customer_id FROM recipient r JOIN match m ON m.address_id = r.address_id "
        "WHERE r.id = ANY($1::bigint[]) AND r.is_announced",
        list(recipient_ids),
    )
    found: dict[int | None, set[int]] = defaultdict(set)
    for recipient_id, customer_id in rows:
        found[recipient_id].add(customer_id)
    return found


async def _widen(connection: Connection, moved: Sequence[_Move]) -> None:
    """Projection reads the days that a recipient's events span: those of the events moved too."""
    await connection.execute(
        "UPDATE recipient r SET first_fact_on = least(r.first_fact_on, n.first), "
        "last_fact_on = greatest(r.last_fact_on, n.last) FROM (SELECT id, min(fact_on) AS first, "
        "max(fact_on) AS last FROM unnest($1::bigint[], $2::date[]) m(id, fact_on) GROUP BY id) n "
        "WHERE r.id = n.id",
        [m.new for m in moved],
        [m.fact_on for m in moved],
    )
