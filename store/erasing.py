"""Erasure: a person is taken out of everything that is kept; what remains are counts.

The first transaction ends all that anybody sees: the person, their matches, their addresses. What
it takes longer to find, events and payloads, goes afterwards in short steps, once every transaction
has ended that may still have known the address. Whatever comes later finds the tombstones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.addresses import alias_key, domain_of
from domain.balance import Balance
from domain.erasure import pseudonym
from domain.errors import DomainError
from domain.needles import needles
from domain.policy import Policy
from store.database import Connection, Database, retried
from store.directory_changes import remove_emptied
from store.freezing import freeze
from store.matching import enqueue_rematch, rematch_addresses
from store.payloads import SCRUBBED
from store.suppressing import queue_suppressions
from store.tombstones import bury

RECIPIENTS = 100
"""Recipients whose events are replaced by a balance in one transaction."""

PAYLOADS = 500
PAYLOAD_BYTES = 4_000_000
"""Payloads, and bytes of them, searched in one transaction."""

EVER = date(9999, 12, 31)
"""The day before which the facts of an erased person are frozen."""


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """How far an erasure is; the counts are of what it has found so far."""

    id: int
    requested_at: datetime
    completed_at: datetime | None
    addresses: int
    recipients: int
    events: int
    payloads: int


_COLUMNS = "id, requested_at, completed_at, addresses, recipients, events, payloads"


async def erase(
    database: Database, stakeholder_id: int, *, by: str, policy: Policy, now: datetime
) -> ErasureRow:
    """Begin to erase a stakeholder, whoever's they are; once more says how far it is.

    Stakeholders elsewhere with one of the addresses are the same person: they lose it, and go where
    they have no other. Raises DomainError NOT_FOUND.
    """

    async def work() -> ErasureRow:
        async with database.transaction() as connection:
            known = await connection.fetchrow(
                f"SELECT {_COLUMNS} FROM erasure WHERE stakeholder_id = $1", stakeholder_id
            )
            if known is not None:
                return ErasureRow(*known)
            return await _begin(connection, stakeholder_id, by, policy, now)

    return await retried(work)


async def _begin(
    connection: Connection, stakeholder_id: int, by: str, policy: Policy, now: datetime
) -> ErasureRow:
    customer_id = await connection.fetchval(
        "SELECT customer_id FROM stakeholder WHERE id = $1", stakeholder_id
    )
    if customer_id is None:
        raise DomainError("NOT_FOUND", "there is no such stakeholder", ("id",))
    rows = await connection.fetch(
        "SELECT address FROM stakeholder_address WHERE stakeholder_id = $1 "
        "UNION SELECT a.address FROM match m JOIN address a ON a.id = m.address_id "
        "WHERE m.stakeholder_id = $1",
        stakeholder_id,
    )
    known = [row[0] for row in rows]
    await bury(connection, known, policy, now)
    address_ids, written = await _take_out(connection, known, policy)
    await connection.execute("DELETE FROM stakeholder WHERE id = $1", stakeholder_id)
    await connection.execute(
        "INSERT INTO audit (at, actor, action, subject, detail) "
        "VALUES ($1, $2, 'ERASE_STAKEHOLDER', $3, $4)",
        now,
        by,
        f"Customer:{customer_id}",
        {"stakeholder_id": stakeholder_id},
    )
    record = await connection.fetchrow(
        "INSERT INTO erasure (stakeholder_id, requested_at, address_ids, needles, addresses) "
        f"VALUES ($1, $2, $3, $4, $5) RETURNING {_COLUMNS}",
        stakeholder_id,
        now,
        address_ids,
        sorted({*known, *written}),
        len(address_ids),
    )
    return ErasureRow(*record)


async def _take_out(
    connection: Connection, known: Sequence[str], policy: Policy
) -> tuple[list[int], list[str]]:
    """Put pseudonyms in the place of addresses and their aliases, and end what they were matched
    to; the ids of their rows, and what stood in them. Locks addresses, recipients, customers."""
    aliases = sorted({alias_key(address) for address in known})
    rows = await connection.fetch(
        "SELECT id, address FROM address WHERE alias_key = ANY($1::text[]) ORDER BY id FOR UPDATE",
        aliases,
    )
    ids = [row[0] for row in rows]
    written = [row[1] for row in rows]
    await connection.execute(
        "SELECT FROM recipient WHERE address_id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        ids,
    )
    await connection.execute(
        "SELECT FROM customer WHERE id IN (SELECT customer_id FROM stakeholder_address "
        "WHERE alias_key = ANY($1::text[])) ORDER BY id FOR NO KEY UPDATE",
        aliases,
    )
    await _forget(connection, aliases, sorted({*known, *written}))
    await connection.execute(
        "UPDATE address a SET address = n.pseudonym, alias_key = n.pseudonym, domain = '' "
        "FROM unnest($1::bigint[], $2::text[]) n(id, pseudonym) WHERE a.id = n.id",
        ids,
        [pseudonym(address, policy) for address in written],
    )
    await rematch_addresses(connection, ids, policy)
    return ids, written


async def _forget(connection: Connection, aliases: Sequence[str], addresses: Sequence[str]) -> None:
    """Take addresses out of the directory and of what waits; nobody keeps a stakeholder who had no
    other."""
    removed = await connection.fetch(
        "DELETE FROM stakeholder_address WHERE alias_key = ANY($1::text[]) "
        "RETURNING stakeholder_id",
        aliases,
    )
    await remove_emptied(connection, sorted({row[0] for row in removed}))
    await connection.execute(
        "DELETE FROM match_decision WHERE address = ANY($1::text[])", addresses
    )
    await connection.execute(
        "DELETE FROM rematch_queue WHERE value = ANY($1::text[])", [*addresses, *aliases]
    )
    # A customer that used a domain through this person alone uses it no longer.
    await enqueue_rematch(connection, domains={domain_of(address) for address in addresses})


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
    ids, written = await _take_out(connection, task["needles"], policy)
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
        await connection.execute("DELETE FROM message WHERE recipient_id = ANY($1::bigint[])", ids)
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
            "UPDATE erasure SET step = 'DONE', needles = NULL, completed_at = $2 WHERE id = $1",
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
