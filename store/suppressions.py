"""Reading suppressions: whoever sees an address sees why it should not be mailed."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from domain.viewer import Viewer
from store.database import Connection
from store.events import EventKey
from store.scope import scope, scope_address


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """A row of `suppression` with its address; `evidence` are the events that it took."""

    address: str
    reason: str
    since: datetime
    evidence: tuple[EventKey, ...]


_COLUMNS = "a.address, p.reason, p.since, p.evidence"


async def suppressions_of_stakeholders(
    connection: Connection, viewer: Viewer, stakeholder_ids: Sequence[int]
) -> Mapping[int, Sequence[SuppressionRow]]:
    """Those of the addresses that each stakeholder is known by."""
    condition, value = scope(viewer, "c")
    records = await connection.fetch(
        f"SELECT s.id, {_COLUMNS} FROM stakeholder s JOIN customer c ON c.id = s.customer_id "
        "JOIN stakeholder_address known ON known.stakeholder_id = s.id "
        "JOIN address a ON a.address = known.address JOIN suppression p ON p.address_id = a.id "
        f"WHERE {condition} AND s.id = ANY($2::bigint[]) ORDER BY known.id, p.since, p.reason",
        value,
        stakeholder_ids,
    )
    return _by_owner(records)


async def suppressions_of_addresses(
    connection: Connection, viewer: Viewer, address_ids: Sequence[int]
) -> Mapping[int, Sequence[SuppressionRow]]:
    """Those of each address."""
    condition, value = scope_address(viewer, "p.address_id")
    records = await connection.fetch(
        f"SELECT p.address_id, {_COLUMNS} FROM suppression p JOIN address a ON a.id = p.address_id "
        f"WHERE {condition} AND p.address_id = ANY($2::bigint[]) ORDER BY p.since, p.reason",
        value,
        address_ids,
    )
    return _by_owner(records)


async def suppressions_of(
    connection: Connection, viewer: Viewer, address: str
) -> Sequence[SuppressionRow]:
    """Those of one normalised address."""
    id_ = await connection.fetchval("SELECT id FROM address WHERE address = $1", address)
    found = await suppressions_of_addresses(connection, viewer, [id_] if id_ else [])
    return found.get(id_, ())


def _by_owner(records: Iterable[Any]) -> dict[int, list[SuppressionRow]]:
    found: dict[int, list[SuppressionRow]] = {}
    for owner, address, reason, since, evidence in records:
        keys = tuple((date.fromisoformat(day), bytes.fromhex(key)) for day, key in evidence)
        found.setdefault(owner, []).append(SuppressionRow(address, reason, since, keys))
    return found
