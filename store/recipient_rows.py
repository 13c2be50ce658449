"""Addresses and recipients as the hot path needs them: found, or made where they are missing."""

from collections.abc import Iterable

from domain.addresses import alias_key, domain_of
from domain.policy import Policy
from store.counting import note_recipients
from store.database import Connection
from store.matching import match_new


async def ensure_addresses(
    connection: Connection, addresses: Iterable[str], policy: Policy
) -> dict[str, int]:
    """The ids of normalised addresses; those not seen before are made and matched."""
    wanted = sorted(set(addresses))
    keys = {a: (a, alias_key(a), domain_of(a)) for a in wanted}
    rows = await connection.fetch(
        "INSERT INTO address (address, alias_key, domain) "
        "SELECT * FROM unnest($1::text[], $2::text[], $3::text[]) "
        "ON CONFLICT (address) DO NOTHING RETURNING id, address",
        [keys[a][0] for a in wanted],
        [keys[a][1] for a in wanted],
        [keys[a][2] for a in wanted],
    )
    if rows:
        await match_new(connection, {id_: keys[address] for id_, address in rows}, policy)
    ids = {address: id_ for id_, address in rows}
    if len(ids) < len(wanted):
        known = await connection.fetch(
            "SELECT id, address FROM address WHERE address = ANY($1::text[])",
            [a for a in wanted if a not in ids],
        )
        ids.update({address: id_ for id_, address in known})
    return ids


async def ensure_recipients(
    connection: Connection,
    wanted: Iterable[tuple[int, int]],
    provisional: frozenset[int],
    *,
    is_registered: bool = False,
) -> dict[tuple[int, int], int]:
    """The recipients of (campaign id, address id) pairs; those of provisional campaigns wait."""
    pairs = sorted(set(wanted))
    known = await connection.fetch(
        "SELECT r.campaign_id, r.address_id, r.id FROM unnest($1::bigint[], $2::bigint[]) "
        "w(campaign_id, address_id) JOIN recipient r USING (campaign_id, address_id)",
        [p[0] for p in pairs],
        [p[1] for p in pairs],
    )
    ids = {(row[0], row[1]): row[2] for row in known}
    missing = [p for p in pairs if p not in ids]
    if missing:
        # Another worker's uncommitted row makes this wait and then return nothing for it: the
        # update that changes nothing returns it, locked.
        rows = await connection.fetch(
            "INSERT INTO recipient (campaign_id, address_id, is_registered, is_announced) "
            "SELECT campaign_id, address_id, $3, announced "
            "FROM unnest($1::bigint[], $2::bigint[], $4::boolean[]) "
            "w(campaign_id, address_id, announced) "
            "ON CONFLICT (campaign_id, address_id) DO UPDATE "
            "SET is_registered = recipient.is_registered OR excluded.is_registered "
            "RETURNING campaign_id, address_id, id",
            [p[0] for p in missing],
            [p[1] for p in missing],
            is_registered,
            [p[0] not in provisional for p in missing],
        )
        ids.update({(row[0], row[1]): row[2] for row in rows})
        await note_recipients(connection, [row[2] for row in rows])
    return ids
