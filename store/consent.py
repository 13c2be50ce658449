"""Consent: whose opens and clicks may be tracked."""

from collections.abc import Iterable
from datetime import datetime

from domain.addresses import alias_key
from domain.errors import DomainError
from domain.policy import Consent, Policy
from domain.viewer import Viewer
from store.database import Connection, Database
from store.scope import scope
from store.tombstones import erased_of


async def denied_ids(connection: Connection, address_ids: Iterable[int]) -> frozenset[int]:
    """Those of the addresses whose person denied tracking; nobody who was not asked.

    What other systems report of them is kept without a trace of where and how they read it.
    """
    if not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM stakeholder WHERE tracking_consent = 'DENIED')"
    ):
        return frozenset()
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


async def set_consent(
    database: Database, viewer: Viewer, stakeholder_id: int, consent: Consent, *, now: datetime
) -> None:
    """Write down what a stakeholder said, and who told us; repeating changes nothing.

    Raises DomainError NOT_FOUND unless the viewer sees the stakeholder's customer.
    """
    condition, value = scope(viewer)
    async with database.transaction() as connection:
        row = await connection.fetchrow(
            "SELECT s.customer_id, s.tracking_consent FROM stakeholder s "
            f"JOIN customer c ON c.id = s.customer_id WHERE {condition} AND s.id = $2 "
            "FOR UPDATE OF s",
            value,
            stakeholder_id,
        )
        if row is None:
            message = "there is no such stakeholder, or not for you to decide about"
            raise DomainError("NOT_FOUND", message, ("stakeholderId",))
        customer_id, before = row
        if before == consent:
            return
        await connection.execute(
            "UPDATE stakeholder SET tracking_consent = $2 WHERE id = $1", stakeholder_id, consent
        )
        await connection.execute(
            "INSERT INTO audit (at, actor, action, subject, detail) "
            "VALUES ($1, $2, 'SET_TRACKING_CONSENT', $3, $4)",
            now,
            viewer.name,
            f"Customer:{customer_id}",
            {"stakeholder_id": stakeholder_id, "was": before, "is": consent},
        )
