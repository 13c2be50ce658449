"""What a change of the directory means for the rest: decisions that follow, matches to look at."""

from collections.abc import Collection, Sequence

from domain.addresses import alias_key, domain_of
from domain.registrable import is_freemail, is_provider_domain
from store.database import Connection
from store.directory import AddressRow, put_addresses, remove_addresses
from store.matching import enqueue_rematch

CustomerAddress = tuple[int, str]
"""(customer id, normalised address)."""


async def change_addresses(
    connection: Connection,
    removed: Sequence[CustomerAddress],
    added: Sequence[AddressRow],
    ranked: Sequence[AddressRow] = (),
) -> None:
    """Take addresses away, then give them; `ranked` stay where they are with another rank.

    What people decided about an address that moves follows it to its new stakeholder. The caller
    holds the customers' locks.
    """
    pairs = {(id_, domain_of(address)) for id_, address in removed}
    pairs |= {(row.customer_id, row.found.domain) for row in added}
    before = await _used(connection, pairs)
    await remove_addresses(connection, removed)
    await put_addresses(connection, [*added, *ranked])
    gone = set(removed)
    await _follow(connection, [r for r in added if (r.customer_id, r.found.address) in gone])
    # An address shares its alias key with itself, so the key covers both rungs.
    await enqueue_rematch(
        connection,
        alias_keys={alias_key(a) for _, a in removed} | {row.found.alias_key for row in added},
        domains={domain for _, domain in before ^ await _used(connection, pairs)},
    )


async def _used(connection: Connection, pairs: Collection[tuple[int, str]]) -> set[tuple[int, str]]:
    """Those of the (customer id, domain) pairs where the customer has an address.

    Domains that prove nothing about a customer are left out.
    """
    telling = [p for p in pairs if not (is_freemail(p[1]) or is_provider_domain(p[1]))]
    if not telling:
        return set()
    rows = await connection.fetch(
        "SELECT w.customer_id, w.domain FROM unnest($1::bigint[], $2::text[]) "
        "w(customer_id, domain) WHERE EXISTS (SELECT FROM stakeholder_address a "
        "WHERE a.domain = w.domain AND a.customer_id = w.customer_id)",
        [customer_id for customer_id, _ in telling],
        [domain for _, domain in telling],
    )
    return {(row[0], row[1]) for row in rows}


async def _follow(connection: Connection, moved: Sequence[AddressRow]) -> None:
    if moved:
        await connection.execute(
            "UPDATE match_decision d SET stakeholder_id = n.stakeholder_id "
            "FROM unnest($1::bigint[], $2::text[], $3::bigint[]) "
            "n(customer_id, address, stakeholder_id) WHERE d.customer_id = n.customer_id "
            "AND d.address = n.address AND d.stakeholder_id IS NOT NULL",
            [row.customer_id for row in moved],
            [row.found.address for row in moved],
            [row.stakeholder_id for row in moved],
        )


async def remove_emptied(connection: Connection, stakeholder_ids: Sequence[int]) -> None:
    """Delete stakeholders that turned out to be others, once they have no address left."""
    if stakeholder_ids:
        await connection.execute(
            "DELETE FROM stakeholder s WHERE s.id = ANY($1::bigint[]) AND NOT EXISTS "
            "(SELECT FROM stakeholder_address a WHERE a.stakeholder_id = s.id)",
            stakeholder_ids,
        )
