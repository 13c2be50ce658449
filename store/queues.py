"""Work that one transaction leaves to a later one: projections, announcements, orphans."""

from datetime import timedelta
from enum import StrEnum

from store.database import Connection
from store.matching import SECOND_LOOK
from store.recording import Fresh

PROJECTIONS = 2_000
"""Events projected in one transaction."""

ANNOUNCEMENTS = 500
"""Recipients announced in one transaction, each with its whole history."""

ORPHANS = 1_000
"""Orphans adopted in one transaction."""

LAID_ASIDE = 5_000
"""Orphans laid aside in one transaction."""

YOUNG = timedelta(seconds=10)
"""How long an orphan is looked at with every drain: whoever learns its message at the same time
does not see it, and has ended by then (writing transactions stay under half a second)."""


class Work(StrEnum):
    """What one transaction may leave to a later one, in the order in which it is done."""

    REMATCH = "REMATCH"
    RECOUNT = "RECOUNT"
    RETELL = "RETELL"
    ANSWER = "ANSWER"
    RELINK = "RELINK"
    ANNOUNCE = "ANNOUNCE"
    ADOPT = "ADOPT"
    SUPPRESS = "SUPPRESS"
    ERASE = "ERASE"


_DUE_TWICE = "WHERE NOT is_attempted OR created_at < now() - $1::interval"

_WAITING = {
    Work.REMATCH: (f"rematch_queue {_DUE_TWICE}",),
    Work.RECOUNT: ("recount_queue",),
    Work.RETELL: ("retell_queue",),
    Work.ANSWER: ("thread_queue WHERE due_at <= now()", "thread_campaign_queue"),
    Work.RELINK: (f"link_queue {_DUE_TWICE}",),
    Work.ANNOUNCE: ("announce_queue",),
    Work.ADOPT: ("orphan WHERE is_due",),
    Work.SUPPRESS: ("suppression_queue",),
    Work.ERASE: ("erasure WHERE step <> 'DONE'",),
}

_LOOK = "SELECT " + ", ".join(
    " OR ".join(f"EXISTS (SELECT FROM {queue})" for queue in queues) for queues in _WAITING.values()
)


async def waiting(connection: Connection) -> list[Work]:
    """What has anything to do, in one look: most of the time most of it has not."""
    found = await connection.fetchrow(_LOOK, SECOND_LOOK)
    return [work for work, has_some in zip(_WAITING, found, strict=True) if has_some]


async def has_projections(connection: Connection) -> bool:
    """Whether recorded events wait for their projection."""
    return bool(await connection.fetchval("SELECT EXISTS (SELECT FROM projection_queue)"))


async def take_projections(connection: Connection, limit: int = PROJECTIONS) -> list[Fresh]:
    """Take recorded events that wait for their projection; they are gone when this commits."""
    rows = await connection.fetch(
        "DELETE FROM projection_queue WHERE id IN (SELECT id FROM projection_queue "
        "ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1) RETURNING recipient_id, fact_on, key",
        limit,
    )
    return [Fresh(*row) for row in rows]


async def take_announcements(connection: Connection, limit: int = ANNOUNCEMENTS) -> set[int]:
    """Take recipients that are to be folded anew and announced."""
    rows = await connection.fetch(
        "DELETE FROM announce_queue WHERE id IN (SELECT id FROM announce_queue "
        "ORDER BY id FOR UPDATE SKIP LOCKED LIMIT $1) RETURNING recipient_id",
        limit,
    )
    return {row[0] for row in rows}


_ITS_MESSAGE = """
m.provider = o.provider AND m.reference = o.reference
    AND (m.address_id = o.address_id OR (o.address_id IS NULL AND NOT EXISTS (
        SELECT FROM message other WHERE other.provider = m.provider
        AND other.reference = m.reference AND other.address_id <> m.address_id)))
"""
"""An event without an address goes to its message's only one, if there is just one."""


async def adopt_orphans(connection: Connection, limit: int = ORPHANS) -> list[Fresh]:
    """Give events whose message has become known to its recipient.

    A young orphan is looked at again and again, an old one only when a message of its reference is
    learned: most wait for ever.
    """
    rows = await connection.fetch(
        f"""
        WITH known AS (
            SELECT o.fact_on, o.key, m.recipient_id, m.address_id
            FROM orphan o JOIN message m ON {_ITS_MESSAGE}
            WHERE o.is_due
            ORDER BY o.fact_on, o.key LIMIT $1 FOR UPDATE OF o SKIP LOCKED
        ), gone AS (
            DELETE FROM orphan o USING known k WHERE o.fact_on = k.fact_on AND o.key = k.key
        )
        UPDATE event e SET recipient_id = k.recipient_id,
            address_id = coalesce(e.address_id, k.address_id)
        FROM known k WHERE e.fact_on = k.fact_on AND e.key = k.key
        RETURNING k.recipient_id, e.fact_on, e.key
        """,
        limit,
    )
    if not rows:
        await _lay_aside(connection)
    return [Fresh(*row) for row in rows]


async def _lay_aside(connection: Connection) -> None:
    """Look at old orphans a last time until their message is learned.

    They are locked before that look: whoever learns a message meanwhile has them looked at again.
    """
    old = await connection.fetch(
        "SELECT fact_on, key FROM orphan WHERE is_due AND created_at < now() - $1::interval "
        "ORDER BY created_at LIMIT $2 FOR UPDATE SKIP LOCKED",
        YOUNG,
        LAID_ASIDE,
    )
    if old:
        await connection.execute(
            "UPDATE orphan o SET is_due = false "
            "FROM unnest($1::date[], $2::bytea[]) locked(fact_on, key) "
            "WHERE o.fact_on = locked.fact_on AND o.key = locked.key "
            f"AND NOT EXISTS (SELECT FROM message m WHERE {_ITS_MESSAGE})",
            [row[0] for row in old],
            [row[1] for row in old],
        )
