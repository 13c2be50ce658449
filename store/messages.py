"""Messages: which recipient a provider's message reference and an address stand for."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from store.database import Conflict, Connection
from store.recounting import queue_recount, queue_recount_of
from store.statements import associate
from store.threads import wake

MOVES_LOCK = 0x6D6F7665
"""Key of the advisory lock of whoever moves messages and their events."""


class Message(NamedTuple):
    """A message as a provider names it, its recipient, and the evidence that placed it there.

    `subject` is the least that was told of it beside weak evidence, without the recipient's name;
    `statement_id` is what its raw mail tells of its campaign, `sent_at` when it says it was sent.
    """

    provider: str
    reference: str
    address_id: int
    recipient_id: int
    evidence: str
    subject: str | None = None
    statement_id: int | None = None
    sent_at: datetime | None = None


async def learn_messages(connection: Connection, messages: Sequence[Message]) -> None:
    """Store messages not known before.

    Raises Conflict if another transaction was first and placed one elsewhere (on other evidence),
    or pruned the recipient of one.
    """
    if not messages:
        return
    columns = [list(column) for column in zip(*sorted(messages), strict=True)]
    try:
        status = await connection.execute(
            "INSERT INTO message (provider, reference, address_id, recipient_id, evidence, "
            "subject, statement_id, sent_at) SELECT * FROM unnest($1::text[], $2::text[], "
            "$3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::bigint[], $8::timestamptz[]) "
            "ON CONFLICT (provider, reference, address_id) DO NOTHING",
            *columns,
        )
    except asyncpg.ForeignKeyViolationError as error:
        raise Conflict("a message's recipient was pruned by another transaction") from error
    await _wake_orphans(connection, *columns[:2])
    await wake(connection, columns[1], columns[2])
    if status == f"INSERT 0 {len(messages)}":
        return
    elsewhere = await connection.fetchval(
        "SELECT count(*) FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) "
        "n(provider, reference, address_id, recipient_id) "
        "JOIN message m USING (provider, reference, address_id) "
        "WHERE m.recipient_id <> n.recipient_id",
        *columns[:4],
    )
    if elsewhere:
        raise Conflict(f"{elsewhere} messages were placed by another transaction meanwhile")
    await tell_messages(connection, messages)


_TOLD = """
subject = least(m.subject, n.subject COLLATE "C"), sent_at = least(m.sent_at, n.sent_at),
statement_id = CASE WHEN m.statement_id <> n.statement_id AND
    (SELECT external_id FROM statement WHERE id = m.statement_id)
    < (SELECT external_id FROM statement WHERE id = n.statement_id)
    THEN m.statement_id ELSE coalesce(n.statement_id, m.statement_id) END
"""
"""Of two statements the first by alphabet, so that their order does not matter."""


async def tell_messages(connection: Connection, messages: Iterable[Message]) -> None:
    """Keep subject and statement of messages that are known."""
    told = sorted(m for m in messages if m.subject is not None or m.statement_id is not None)
    if told:
        await connection.execute(
            f"UPDATE message m SET {_TOLD} FROM unnest($1::text[], $2::text[], $3::bigint[], "
            "$4::text[], $5::bigint[], $6::timestamptz[]) "
            "n(provider, reference, address_id, subject, statement_id, sent_at) "
            "WHERE m.provider = n.provider AND m.reference = n.reference "
            "AND m.address_id = n.address_id",
            [m.provider for m in told],
            [m.reference for m in told],
            [m.address_id for m in told],
            [m.subject for m in told],
            [m.statement_id for m in told],
            [m.sent_at for m in told],
        )
        await wake(connection, [], [m.address_id for m in told])


async def _wake_orphans(
    connection: Connection, providers: Sequence[str], references: Sequence[str]
) -> None:
    """Have events that wait for these messages looked at, those too that are just laid aside."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM orphan)"):
        return
    await connection.execute(
        "UPDATE orphan o SET is_due = true FROM unnest($1::text[], $2::text[]) n(provider, "
        "reference) WHERE o.provider = n.provider AND o.reference = n.reference",
        providers,
        references,
    )


async def lock_moves(connection: Connection) -> None:
    """Move messages one transaction at a time: two at once would hold what the other wants."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", MOVES_LOCK)


async def move_messages(
    connection: Connection, better: Sequence[tuple[Message, int, str]]
) -> set[int]:
    """Move messages, and the events they brought, to the recipient of better evidence.

    Takes (message as it is to be, present recipient, present evidence); returns the recipients to
    be projected anew. Raises Conflict if another transaction moved one meanwhile. The caller has
    called `lock_moves` before it locked anything else.
    """
    if not better:
        return set()
    rows = sorted(better)
    messages = [message for message, _, _ in rows]
    moved = await connection.fetch(
        f"UPDATE message m SET recipient_id = n.recipient_id, evidence = n.evidence, {_TOLD} "
        "FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[], $5::text[], $6::text[], "
        "$7::bigint[], $8::timestamptz[], $9::text[]) n(provider, reference, address_id, "
        "recipient_id, evidence, subject, statement_id, sent_at, known) "
        "WHERE m.provider = n.provider AND m.reference = n.reference "
        "AND m.address_id = n.address_id AND m.evidence = n.known "
        "RETURNING m.recipient_id, m.statement_id",
        *(list(column) for column in zip(*messages, strict=True)),
        [known for _, _, known in rows],
    )
    if len(moved) != len(rows):
        raise Conflict("a message was moved by another transaction meanwhile")
    await associate(connection, [(row[0], row[1]) for row in moved if row[1] is not None])
    moves = [(m.reference, old, m.recipient_id) for m, old, _ in rows]
    await queue_recount_of(connection, {id_ for _, old, new in moves for id_ in (old, new)})
    await wake(connection, [m.reference for m in messages], [m.address_id for m in messages])
    return await move_events(connection, [m for m in moves if m[1] != m[2]])


async def move_events(
    connection: Connection, moves: Sequence[tuple[str | None, int, int]]
) -> set[int]:
    """Move events from one recipient of an address to another and tell the feed.

    Takes (message reference, from, to): a recipient's campaign is of one carrier, in whose words
    all its references are; None moves the events that name no message. Returns the recipients to
    be projected anew. Whoever calls it `prune`s them at the end, when its own events are stored.
    """
    if not moves:
        return set()
    touched = sorted({id_ for move in moves for id_ in move[1:]})
    await count_move(connection, touched)
    await connection.execute(_MOVE_EVENTS, *(list(column) for column in zip(*moves, strict=True)))
    await _widen_spans(connection, moves)
    return set(touched)


_MOVE_EVENTS = """
WITH moved AS (
    UPDATE event e SET recipient_id = n.new
    FROM unnest($1::text[], $2::bigint[], $3::bigint[]) n(reference, old, new)
    JOIN recipient frozen ON frozen.id = n.old
    WHERE e.recipient_id = n.old
        AND (frozen.frozen_before IS NULL OR e.fact_on >= frozen.frozen_before)
        AND e.message_reference IS NOT DISTINCT FROM n.reference
    RETURNING e.fact_on, e.key, e.occurred_at, n.old, n.new
), queued AS (
    UPDATE projection_queue q SET recipient_id = m.new FROM moved m
    WHERE q.fact_on = m.fact_on AND q.key = m.key RETURNING q.fact_on, q.key
)
INSERT INTO feed (customer_id, kind, fact_on, key, recipient_id)
SELECT a.customer_id,
    CASE WHEN NOT old.is_announced THEN 'RECORDED'
         WHEN new.is_announced THEN 'CORRECTED' ELSE 'REMOVED' END,
    m.fact_on, m.key, m.new
FROM moved m
JOIN recipient old ON old.id = m.old
JOIN recipient new ON new.id = m.new
JOIN match a ON a.address_id = new.address_id
WHERE (old.is_announced OR new.is_announced)
    AND (m.fact_on, m.key) NOT IN (SELECT fact_on, key FROM queued)
ORDER BY m.occurred_at, m.fact_on, m.key
"""


async def _widen_spans(
    connection: Connection, moves: Sequence[tuple[str | None, int, int]]
) -> None:
    """Have the days of recipients reach to the events moved: projection reads no others."""
    await connection.execute(
        "UPDATE recipient r SET first_fact_on = least(r.first_fact_on, n.first), "
        "last_fact_on = greatest(r.last_fact_on, n.last) FROM ("
        "SELECT m.new, min(o.first_fact_on) AS first, max(o.last_fact_on) AS last "
        "FROM unnest($1::bigint[], $2::bigint[]) m(old, new) JOIN recipient o ON o.id = m.old "
        "GROUP BY m.new) n WHERE r.id = n.new",
        [move[1] for move in moves],
        [move[2] for move in moves],
    )


async def count_move(connection: Connection, touched: Iterable[int]) -> None:
    """Begin to move events between recipients: these are held until the transaction ends, and
    whoever is placing events at them finds out (`check_moves`)."""
    await connection.execute(
        "INSERT INTO message_moves (moves) VALUES (1) "
        "ON CONFLICT (singleton) DO UPDATE SET moves = message_moves.moves + 1"
    )
    # The strongest lock: whoever placed events here before us ends first, and is then seen.
    await connection.execute(
        "SELECT id FROM recipient WHERE id = ANY($1::bigint[]) ORDER BY id FOR UPDATE",
        sorted(touched),
    )


async def prune(connection: Connection, touched: Iterable[int]) -> None:
    """Delete those of the recipients, locked by a move, that are left without anything."""
    ids = sorted(touched)
    if not ids:
        return
    gone = await connection.fetch(
        "DELETE FROM recipient r WHERE r.id = ANY($1::bigint[]) AND NOT r.is_registered "
        "AND r.frozen_before IS NULL "
        "AND NOT EXISTS (SELECT FROM event e WHERE e.recipient_id = r.id) "
        "AND NOT EXISTS (SELECT FROM message m WHERE m.recipient_id = r.id) "
        "RETURNING r.campaign_id",
        ids,
    )
    await queue_recount(connection, {row[0] for row in gone})


async def moves_so_far(connection: Connection) -> int:
    """How often messages have moved. Read it before looking one up, and `check_moves` later."""
    moves: int | None = await connection.fetchval("SELECT moves FROM message_moves")
    return moves or 0


async def check_moves(connection: Connection, recipient_ids: Iterable[int], before: int) -> None:
    """Hold the recipients that events are placed at, and see that no message has moved since.

    Whoever moves messages from now on waits for us and then sees our events. Raises Conflict.
    """
    await check_held(connection, recipient_ids)
    await check_unmoved(connection, before)


async def check_unmoved(connection: Connection, before: int) -> None:
    """See that no message has moved since; the recipients concerned are held. Raises Conflict.

    Call it before events are written, lest we wait for a mover who writes the same event.
    """
    if await moves_so_far(connection) != before:
        raise Conflict("messages were moved by another transaction meanwhile")


async def check_held(connection: Connection, recipient_ids: Iterable[int]) -> None:
    """Hold recipients so that nobody prunes them. Raises Conflict when one is gone already."""
    ids = sorted(set(recipient_ids))
    held = await connection.fetchval(
        "SELECT count(*) FROM (SELECT FROM recipient WHERE id = ANY($1::bigint[]) "
        "ORDER BY id FOR KEY SHARE) held",
        ids,
    )
    if held != len(ids):
        raise Conflict("a recipient was pruned by another transaction meanwhile")
