"""Mails that answer to messages: kept for some time, and looked at whenever something is learned.

Which recipient an answer counts for depends on what is known of the message, of its other
recipients and of the writer. All of that may come later, and change: so a thread is resolved again
(store/answers.py) whenever it does, for 30 days, and the outcome does not depend on the order.

Whoever learns something only leaves a note (`thread_queue`; a campaign's changes are noted by a
trigger, in `thread_campaign_queue`): they hold rows that resolving wants.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple

from domain.addresses import alias_key
from domain.campaigns import answered_subject
from domain.events import EventKind, ReportedEvent
from domain.threads import MAIL, references
from store.database import Connection

KEPT = timedelta(days=30)
"""How long an answer is looked at again (rules: replies)."""

SECOND_LOOK = timedelta(seconds=2)
"""A new thread is looked at once more after this long: whoever learned its message at the same
time did not see it, and has ended by then (writing transactions stay under half a second)."""

CANDIDATES = 30
"""Messages that an answer may name; the nearest ones count."""

LONGEST_REFERENCE = 600
"""Characters of a reference that an index surely takes (2,704 bytes); longer ones are nobody's."""

LONGEST_SUBJECT = 600
"""Characters of a subject that is compared."""

LOOKED_AT = 5_000
"""Waiting threads that are looked at without a note, the newest."""

GIVEN_UP = 1_000
"""Threads forgotten in one transaction."""

NAMES_FORGOTTEN = 5_000
"""Message-IDs forgotten in one transaction."""


class Opened(NamedTuple):
    """A received mail that was just stored: its event, and who wrote it (normalised)."""

    fact_on: date
    key: bytes
    address: str | None
    event: ReportedEvent


async def remember(connection: Connection, opened: Sequence[Opened]) -> None:
    """Keep what is needed to find out, now and later, what new mails answer to."""
    if not opened:
        return
    await connection.execute(
        "INSERT INTO thread (fact_on, key, address, alias_key, subject) SELECT * FROM "
        "unnest($1::date[], $2::bytea[], $3::text[], $4::text[], $5::text[])",
        [o.fact_on for o in opened],
        [o.key for o in opened],
        [o.address for o in opened],
        [o.address and alias_key(o.address) for o in opened],
        [_subject(o.event) for o in opened],
    )
    named = [
        (o.fact_on, o.key, position, reference)
        for o in opened
        for position, reference in enumerate(references(o.event)[:CANDIDATES])
        if len(reference) <= LONGEST_REFERENCE
    ]
    await connection.execute(
        "INSERT INTO thread_reference (fact_on, key, position, reference) SELECT * FROM "
        "unnest($1::date[], $2::bytea[], $3::smallint[], $4::text[])",
        [n[0] for n in named],
        [n[1] for n in named],
        [n[2] for n in named],
        [n[3] for n in named],
    )
    await connection.execute(
        "INSERT INTO thread_queue (fact_on, key, due_at) SELECT t.fact_on, t.key, now() + w.later "
        "FROM unnest($1::date[], $2::bytea[]) t(fact_on, key), "
        "(VALUES (interval '0'), ($3::interval)) w(later)",
        [o.fact_on for o in opened],
        [o.key for o in opened],
        SECOND_LOOK,
    )


def _subject(event: ReportedEvent) -> str | None:
    return answered_subject(event.subject)[:LONGEST_SUBJECT] or None if event.subject else None


async def learn_names(connection: Connection, events: Iterable[ReportedEvent]) -> None:
    """Keep the Message-IDs of mails that went out through a provider, who knows them otherwise.

    Answers name the Message-ID; the provider's webhooks do not.
    """
    names = sorted(
        {
            (e.provider_event_id, e.carrier, e.message_reference)
            for e in events
            if e.provider == MAIL
            and e.kind is EventKind.ACCEPTED
            and e.carrier is not None
            and e.message_reference is not None
            and e.provider_event_id not in (None, e.message_reference)
            and len(e.provider_event_id or "") <= LONGEST_REFERENCE
        }
    )
    if not names:
        return
    await connection.execute(
        "INSERT INTO message_alias (name, provider, reference) "
        "SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) ON CONFLICT DO NOTHING",
        [n[0] for n in names],
        [n[1] for n in names],
        [n[2] for n in names],
    )
    await wake(connection, [n[0] for n in names], [])


async def wake(
    connection: Connection, references: Sequence[str], address_ids: Sequence[int]
) -> None:
    """Have answers looked at again: those to messages of which something new is known, and those by
    whom something was sent to. The caller's transaction has learned it."""
    if not await connection.fetchval("SELECT EXISTS (SELECT FROM thread)"):
        return
    await connection.execute(
        """
        INSERT INTO thread_queue (fact_on, key)
        SELECT found.* FROM (
            SELECT fact_on, key FROM thread_reference WHERE reference = ANY($1::text[])
            UNION SELECT t.fact_on, t.key FROM message_alias n
                JOIN thread_reference t ON t.reference = n.name WHERE n.reference = ANY($1::text[])
            UNION SELECT t.fact_on, t.key FROM address a
                JOIN thread t ON t.alias_key = a.alias_key WHERE a.id = ANY($2::bigint[])
        ) found
        """,
        references,
        address_ids,
    )


class Thread(NamedTuple):
    """A received mail to be resolved: what it says, and where it was placed before.

    `address` is the writer's, normalised; `subject` normalised; `reported_at` as its event's.
    """

    fact_on: date
    key: bytes
    address: str | None
    subject: str | None
    is_found: bool
    is_ambiguous: bool
    forward_key: bytes | None
    kind: EventKind
    occurred_at: datetime
    reported_at: datetime
    received_at: datetime


async def take_threads(connection: Connection, limit: int) -> list[Thread]:
    """Take threads of which something has become known; they are looked at when this commits."""
    await _queue_of_campaigns(connection, limit)
    taken = await connection.fetch(
        "DELETE FROM thread_queue WHERE id IN (SELECT id FROM thread_queue WHERE due_at <= now() "
        "ORDER BY due_at, id FOR UPDATE SKIP LOCKED LIMIT $1) RETURNING fact_on, key",
        limit,
    )
    if not taken:
        return []
    rows = await connection.fetch(
        "SELECT t.fact_on, t.key, t.address, t.subject, t.is_found, t.is_ambiguous, t.forward_key, "
        "e.kind, e.occurred_at, coalesce(e.reported_at, e.occurred_at), e.received_at "
        "FROM (SELECT DISTINCT * FROM unnest($1::date[], $2::bytea[]) n(fact_on, key)) n "
        "JOIN thread t USING (fact_on, key) JOIN event e USING (fact_on, key) ORDER BY 1, 2",
        [row[0] for row in taken],
        [row[1] for row in taken],
    )
    return [Thread._make((*row[:7], EventKind(row[7]), *row[8:])) for row in rows]


async def _queue_of_campaigns(connection: Connection, limit: int) -> None:
    """Queue what may change because a campaign became bulk (or no longer is) or has a subject."""
    noted = await connection.fetch(
        "DELETE FROM thread_campaign_queue WHERE id IN (SELECT id FROM thread_campaign_queue "
        "ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1) RETURNING campaign_id",
        limit,
    )
    if not noted:
        return
    ids = sorted({row[0] for row in noted})
    rows = await connection.fetch(
        "SELECT subject FROM campaign WHERE id = ANY($1::bigint[]) AND subject IS NOT NULL", ids
    )
    await connection.execute(
        """
        INSERT INTO thread_queue (fact_on, key)
        SELECT fact_on, key FROM thread WHERE NOT is_found AND subject = ANY($1::text[])
        UNION SELECT t.fact_on, t.key FROM thread t
            JOIN thread_reference f ON f.fact_on = t.fact_on AND f.key = t.key
            LEFT JOIN message_alias n ON n.name = f.reference
            JOIN message m ON m.reference IN (f.reference, n.reference)
            JOIN recipient r ON r.id = m.recipient_id AND r.campaign_id = ANY($2::bigint[])
            WHERE t.is_ambiguous
        """,
        [answered_subject(row[0])[:LONGEST_SUBJECT] for row in rows],
        ids,
    )


async def note_resolved(
    connection: Connection, resolved: Sequence[tuple[Thread, bool, bool, bytes | None]]
) -> None:
    """Write down how threads were resolved: (thread, whether by what it names, whether it names
    several known messages, the key of the forward it proves)."""
    changed = [
        (t.fact_on, t.key, is_found, is_ambiguous, forward_key)
        for t, is_found, is_ambiguous, forward_key in resolved
        if (t.is_found, t.is_ambiguous, t.forward_key) != (is_found, is_ambiguous, forward_key)
    ]
    if changed:
        await connection.execute(
            "UPDATE thread t SET is_found = n.is_found, is_ambiguous = n.is_ambiguous, "
            "forward_key = n.forward_key FROM unnest($1::date[], $2::bytea[], $3::boolean[], "
            "$4::boolean[], $5::bytea[]) n(fact_on, key, is_found, is_ambiguous, forward_key) "
            "WHERE t.fact_on = n.fact_on AND t.key = n.key",
            *(list(column) for column in zip(*changed, strict=True)),
        )


async def wake_waiting(connection: Connection) -> None:
    """Have answers looked at again whose message is not known and whose writer was sent something:
    for what is learned without a note, as when the directory changes."""
    await connection.execute(
        "INSERT INTO thread_queue (fact_on, key) SELECT t.fact_on, t.key FROM thread t "
        "WHERE NOT t.is_found AND EXISTS (SELECT FROM address a JOIN recipient r "
        "ON r.address_id = a.id WHERE a.alias_key = t.alias_key) "
        "ORDER BY t.created_at DESC LIMIT $1",
        LOOKED_AT,
    )


async def give_up(connection: Connection, before: datetime) -> int:
    """Forget some threads begun before then, and count those that answered to nothing we know.

    Their events stay; where they were placed is final. Returns how many were forgotten.
    """
    gone, unknown = await connection.fetchrow(
        "WITH gone AS (DELETE FROM thread WHERE (fact_on, key) IN (SELECT fact_on, key "
        "FROM thread WHERE created_at < $1 ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED) "
        "RETURNING fact_on, key) SELECT count(*), count(e.key) FILTER (WHERE e.recipient_id "
        "IS NULL) FROM gone LEFT JOIN event e USING (fact_on, key)",
        before,
        GIVEN_UP,
    )
    if unknown:
        await connection.execute(
            "INSERT INTO thread_given_up (mails) VALUES ($1) "
            "ON CONFLICT (singleton) DO UPDATE SET mails = thread_given_up.mails + excluded.mails",
            unknown,
        )
    return int(gone)


async def forget_names(connection: Connection, before: datetime) -> int:
    """Forget some Message-IDs learned before then, as events of that time are; returns how many."""
    status: str = await connection.execute(
        "DELETE FROM message_alias WHERE (name, provider, reference) IN (SELECT name, provider, "
        "reference FROM message_alias WHERE learned_at < $1 ORDER BY learned_at LIMIT $2 "
        "FOR UPDATE SKIP LOCKED)",
        before,
        NAMES_FORGOTTEN,
    )
    return int(status.rpartition(" ")[2])


async def count_waiting(connection: Connection) -> tuple[int, int]:
    """Received mails that answer to nothing known yet, and how many were given up on in all."""
    row = await connection.fetchrow(
        "SELECT (SELECT count(*) FROM thread t JOIN event e USING (fact_on, key) "
        "WHERE e.recipient_id IS NULL), coalesce((SELECT mails FROM thread_given_up), 0)"
    )
    return row[0], row[1]
