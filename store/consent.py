"""Consent: whose opens and clicks may be tracked."""

from collections.abc import Iterable

from domain.addresses import alias_key
from domain.policy import Consent, Policy
from store.database import Connection
from store.tombstones import erased_of


async def denied_ids(connection: Connection, address_ids: Iterable[int]) -> frozenset[int]:
    """Those of the addresses whose person denied tracking; nobody who was not asked.

    What other systems report of them is kept without a trace of where and how they read it.
    """
    rows = await connection.fetch(
        "SELECT m.address_id FROM stakeholder s JOIN match m ON m.stakeholder_id = s.id "
        "WHERE s.tracking_consent = 'DENIED' AND m.address_id = ANY($1::bigint[])",
        list(address_ids),
    )
    return frozenset(row[0] for row in rows)


async def denied_addresses(
    connection: Connection, addresses: Iterable[str], policy: Policy
) -> frozenset[str]:
    """Those of the normalised addresses whose opens and clicks our own doors must not record.

    An address, or an alias of it, may be of several stakeholders: one person, so that a single
    DENIED holds for all, and else a single GRANTED. Whoever was never asked, known or not, is
    treated by the policy's default. Of whoever was erased nothing is recorded either.
    """
    aliases = {address: alias_key(address) for address in addresses}
    if not aliases:
        return frozenset()
    rows = await connection.fetch(
        "SELECT a.alias_key, bool_or(s.tracking_consent = 'DENIED') "
        "FROM stakeholder_address a JOIN stakeholder s ON s.id = a.stakeholder_id "
        "WHERE a.alias_key = ANY($1::text[]) AND s.tracking_consent <> 'UNKNOWN' GROUP BY 1",
        sorted(set(aliases.values())),
    )
    said = dict(rows)
    by_default = policy.consent_default is Consent.DENIED
    denied = {a for a, alias in aliases.items() if said.get(alias, by_default)}
    return await erased_of(connection, aliases, policy) | denied
