"""Consent: whose opens and clicks may be tracked."""

from collections.abc import Iterable

from domain.addresses import alias_key
from domain.policy import Consent, Policy
from store.database import Connection


async def denied_addresses(
    connection: Connection, addresses: Iterable[str], policy: Policy
) -> frozenset[str]:
    """Those of the normalised addresses whose opens and clicks our own doors must not record.

    An address, or an alias of it, may be of several stakeholders: one person, so that a single
    DENIED holds for all, and else a single GRANTED. Whoever was never asked, known or not, is
    treated by the policy's default.
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
    return frozenset(a for a, alias in aliases.items() if said.get(alias, by_default))
