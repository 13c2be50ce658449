"""Erasure: a person is taken out of everything that is kept; what remains are counts.

The first transaction ends all that anybody sees: the person, their matches, their addresses. What
it takes longer to find, events and payloads, goes afterwards in short steps, once every transaction
has ended that may still have known the address. Whatever comes later finds the tombstones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.addresses import alias_key, domain_of
from domain.erasure import pseudonym
from domain.errors import DomainError
from domain.policy import Policy
from store.database import Connection, Database, retried
from store.directory_changes import remove_emptied
from store.matching import enqueue_rematch, rematch_addresses
from store.naming import reword, unname_campaigns
from store.tombstones import bury

UNNAMED = "It named somebody who was erased."
"""What remains of a recommendation's reason."""


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
    names = await _names(connection, stakeholder_id, known)
    await bury(connection, known, policy, now)
    reworded = await unname_campaigns(connection, names, known)
    address_ids, written = await take_out(connection, known, policy)
    await reword(connection, reworded)
    await _unname(connection, [stakeholder_id])
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
        "INSERT INTO erasure (stakeholder_id, requested_at, address_ids, needles, addresses, "
        f"names) VALUES ($1, $2, $3, $4, $5, $6) RETURNING {_COLUMNS}",
        stakeholder_id,
        now,
        address_ids,
        sorted({*known, *written}),
        len(address_ids),
        names,
    )
    return ErasureRow(*record)


async def _names(
    connection: Connection, stakeholder_id: int, addresses: Sequence[str]
) -> list[str]:
    """What the person is called, wherever they are a stakeholder."""
    rows = await connection.fetch(
        "SELECT DISTINCT s.name FROM stakeholder s WHERE s.name IS NOT NULL AND (s.id = $1 OR "
        "s.id IN (SELECT stakeholder_id FROM stakeholder_address "
        "WHERE alias_key = ANY($2::text[]))) ORDER BY 1",
        stakeholder_id,
        [alias_key(address) for address in addresses],
    )
    return [row[0] for row in rows]


async def take_out(
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
    await connection.execute(
        "UPDATE message m SET subject = NULL FROM recipient r WHERE r.id = m.recipient_id "
        "AND r.address_id = ANY($1::bigint[]) AND m.subject IS NOT NULL",
        ids,
    )
    await _forget(connection, aliases, sorted({*known, *written}))
    await connection.execute("DELETE FROM recommendation WHERE address_id = ANY($1::bigint[])", ids)
    await connection.execute(
        "UPDATE address a SET address = n.pseudonym, alias_key = n.pseudonym, domain = '' "
        "FROM unnest($1::bigint[], $2::text[]) n(id, pseudonym) WHERE a.id = n.id",
        ids,
        [pseudonym(address, policy) for address in written],
    )
    await rematch_addresses(connection, ids, policy)
    await connection.execute("DELETE FROM recommendation WHERE address_id = ANY($1::bigint[])", ids)
    return ids, written


async def _unname(connection: Connection, stakeholder_ids: Sequence[int]) -> None:
    """Take the words out of recommendations about others that name one of these; those about
    themselves go with them."""
    await connection.execute(
        "UPDATE recommendation SET reason = $2, talking_points = '[]', because = NULL, "
        "named_ids = '{}' WHERE named_ids && $1::bigint[]",
        stakeholder_ids,
        UNNAMED,
    )


async def _forget(connection: Connection, aliases: Sequence[str], addresses: Sequence[str]) -> None:
    """Take addresses out of the directory and of what waits; nobody keeps a stakeholder who had no
    other."""
    removed = await connection.fetch(
        "DELETE FROM stakeholder_address WHERE alias_key = ANY($1::text[]) "
        "RETURNING stakeholder_id",
        aliases,
    )
    emptied = sorted({row[0] for row in removed})
    await _unname(connection, emptied)
    await remove_emptied(connection, emptied)
    await connection.execute(
        "DELETE FROM match_decision WHERE address = ANY($1::text[])", addresses
    )
    await connection.execute(
        "DELETE FROM rematch_queue WHERE value = ANY($1::text[])", [*addresses, *aliases]
    )
    # A customer that used a domain through this person alone uses it no longer.
    await enqueue_rematch(connection, domains={domain_of(address) for address in addresses})


async def erasure_by_id(database: Database, erasure_id: int) -> ErasureRow:
    """How far an erasure is now."""
    async with database.connection() as connection:
        record = await connection.fetchrow(
            f"SELECT {_COLUMNS} FROM erasure WHERE id = $1", erasure_id
        )
    return ErasureRow(*record)
