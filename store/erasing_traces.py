"""What an erasure takes longer to find: events and raw payloads, in short steps."""

from datetime import date, datetime

from domain.addresses import alias_key
from domain.balance import Balance
from domain.needles import needles
from domain.policy import Policy
from store.database import Connection
from store.erasing import take_out
from store.freezing import freeze
from store.naming import reword, unname_campaigns
from store.payloads import SCRUBBED
from store.recounting import queue_recount_of
from store.suppressing import queue_suppressions

RECIPIENTS = 50
"""Recipients whose events are replaced by a balance in one transaction."""

PAYLOADS = 500
PAYLOAD_BYTES = 4_000_000
"""Payloads, and bytes of them, searched in one transaction."""

EVER = date(9999, 12, 31)
"""The day before which the facts of an erased person are frozen."""


async def erase_some(connection: Connection, policy: Policy, now: datetime) -> int:
    """Take one erasure a step further; 0 if there is none, or it has to wait."""
    task = await connection.fetchrow(
        "SELECT * FROM erasure WHERE step <> 'DONE' ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    if task is None:
        return 0
    if task["step"] == "WAIT":
        return await _wait(connection, task, policy)
    if task["step"] == "EVENTS":
        return await _replace_events(connection, task, policy)
    return await _scrub_payloads(connection, task, now)


async def _wait(connection: Connection, task: Connection, policy: Policy) -> int:
    """Let everything end that may have known the address, and take out what it left."""
    if task["settled_after"] is None:
        await connection.execute(
            "UPDATE erasure SET settled_after = pg_snapshot_xmax(pg_current_snapshot()) "
            "WHERE id = $1",
            task["id"],
        )
        return 1
    if not await connection.fetchval(
        "SELECT settled_after <= pg_snapshot_xmin(pg_current_snapshot()) FROM erasure "
        "WHERE id = $1",
        task["id"],
    ):
        return 0
    reworded = await unname_campaigns(connection, task["names"] or [], task["needles"])
    ids, written = await take_out(connection, task["needles"], policy)
    await reword(connection, reworded)
    address_ids = sorted({*task["address_ids"], *ids})
    await connection.execute(
        "UPDATE erasure SET step = 'EVENTS', address_ids = $2, addresses = $3, needles = $4 "
        "WHERE id = $1",
        task["id"],
        address_ids,
        len(address_ids),
        sorted({*task["needles"], *written}),
    )
    return 1


async def _replace_events(connection: Connection, task: Connection, policy: Policy) -> int:
    """Keep of events what they amount to, without whom they were about."""
    rows = await connection.fetch(
        "SELECT r.id FROM recipient r WHERE r.address_id = ANY($1::bigint[]) "
        "AND r.frozen_before IS DISTINCT FROM $2 ORDER BY r.id LIMIT $3 FOR NO KEY UPDATE",
        task["address_ids"],
        EVER,
        RECIPIENTS,
    )
    ids = [row[0] for row in rows]
    if ids:
        await freeze(connection, ids, EVER, policy, change=Balance.anonymise)
        gone = await _delete(connection, "recipient_id = ANY($1::bigint[])", ids)
        await _delete_messages(connection, ids)
        step = "EVENTS"
    else:
        gone = await _delete_homeless(connection, task)
        step = "PAYLOADS"
    await connection.execute(
        "UPDATE erasure SET step = $2, recipients = recipients + $3, events = events + $4 "
        "WHERE id = $1",
        task["id"],
        step,
        len(ids),
        gone,
    )
    return 1


async def _delete_messages(connection: Connection, recipient_ids: list[int]) -> None:
    """Delete the messages of recipients, and the Message-IDs of those that went to nobody else."""
    await connection.execute(
        "WITH gone AS (DELETE FROM message WHERE recipient_id = ANY($1::bigint[]) "
        "RETURNING provider, reference) DELETE FROM message_alias n USING gone g "
        "WHERE n.provider = g.provider AND n.reference = g.reference AND NOT EXISTS ("
        "SELECT FROM message m WHERE m.provider = g.provider AND m.reference = g.reference "
        "AND m.recipient_id <> ALL($1::bigint[]))",
        recipient_ids,
    )
    await queue_recount_of(connection, recipient_ids)


async def _delete(connection: Connection, condition: str, *values: object) -> int:
    """Delete events, and what waits to be done with them; returns how many."""
    rows = await connection.fetch(
        f"DELETE FROM event WHERE {condition} RETURNING fact_on, key", *values
    )
    days, keys = [row[0] for row in rows], [row[1] for row in rows]
    for table in ("projection_queue", "orphan", "thread"):
        await connection.execute(
            f"DELETE FROM {table} t USING unnest($1::date[], $2::bytea[]) gone(fact_on, key) "
            "WHERE t.fact_on = gone.fact_on AND t.key = gone.key",
            days,
            keys,
        )
    return len(rows)


async def _delete_homeless(connection: Connection, task: Connection) -> int:
    """Delete events that never found a recipient, and the mails that wait to be placed."""
    aliases = sorted({alias_key(address) for address in task["needles"]})
    rows = await connection.fetch(
        "SELECT fact_on, key FROM orphan WHERE address_id = ANY($1::bigint[]) "
        "UNION SELECT fact_on, key FROM thread WHERE alias_key = ANY($2::text[])",
        task["address_ids"],
        aliases,
    )
    gone = await _delete(
        connection,
        "(fact_on, key) IN (SELECT * FROM unnest($1::date[], $2::bytea[])) "
        "AND recipient_id IS NULL",
        [row[0] for row in rows],
        [row[1] for row in rows],
    )
    # Of a message known until just now, an event may find its recipient after that was frozen.
    gone += await _delete(
        connection,
        "recipient_id IN (SELECT id FROM recipient WHERE address_id = ANY($1::bigint[]))",
        task["address_ids"],
    )
    await connection.execute("DELETE FROM thread WHERE alias_key = ANY($1::text[])", aliases)
    await queue_suppressions(connection, task["address_ids"])
    return gone


_SEARCH = """
WITH few AS (
    SELECT received_on, id, length(body) AS size FROM payload
    WHERE (received_on, id) > ($1, $2) ORDER BY received_on, id LIMIT $3
), chunk AS (
    SELECT received_on, id FROM (
        SELECT *, sum(size) OVER (ORDER BY received_on, id) - size AS before FROM few
    ) sized WHERE before < $4
)
SELECT p.received_on, p.id, p.status = 'PENDING', EXISTS (SELECT FROM unnest($5::text[]) n(needle)
    WHERE position(n.needle IN said.text) > 0)
FROM chunk JOIN payload p USING (received_on, id), LATERAL (
    SELECT lower(concat_ws(' ', encode(p.body, 'escape'), p.query, p.headers, p.error)) AS text
) said
ORDER BY 1, 2
"""


async def _scrub_payloads(connection: Connection, task: Connection, now: datetime) -> int:
    """Empty the next payloads that mention an address. One that waits to be worked off is waited
    for: others are in it, too, and whoever works it off empties it."""
    written = sorted({needle for address in task["needles"] for needle in needles(address)})
    rows = await connection.fetch(
        _SEARCH,
        task["payload_on"] or date.min,
        task["payload_id"] or 0,
        PAYLOADS,
        PAYLOAD_BYTES,
        written,
    )
    if not rows:
        await connection.execute(
            "UPDATE erasure SET step = 'DONE', needles = NULL, names = NULL, completed_at = $2 "
            "WHERE id = $1",
            task["id"],
            now,
        )
        return 1
    waiting = next((n for n, row in enumerate(rows) if row[2] and row[3]), len(rows))
    found = [row for row in rows[:waiting] if row[3]]
    await connection.execute(
        f"UPDATE payload p SET {SCRUBBED} FROM unnest($1::date[], $2::bigint[]) "
        "n(received_on, id) WHERE p.received_on = n.received_on AND p.id = n.id",
        [row[0] for row in found],
        [row[1] for row in found],
    )
    if waiting:
        await connection.execute(
            "UPDATE erasure SET payload_on = $2, payload_id = $3, payloads = payloads + $4 "
            "WHERE id = $1",
            task["id"],
            rows[waiting - 1][0],
            rows[waiting - 1][1],
            len(found),
        )
    return waiting
