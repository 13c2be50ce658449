"""Importing customers, for the API and the command."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.directory import (
    MAX_CUSTOMERS,
    ImportedCustomer,
    ImportOutcome,
    read_customer,
    without_addresses,
)
from domain.errors import DomainError
from domain.policy import Policy
from domain.reading import Path
from domain.viewer import Role
from resolvers.context import Context
from store import importing
from store.database import Database
from store.tombstones import erased_of

READ_AT_ONCE = 50
"""Customers read before others get their turn: about 10 ms."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What became of one customer; `errors` says why it was rejected, each thing that is wrong."""

    outcome: ImportOutcome
    customer_id: int | None = None
    errors: Sequence[DomainError] = ()


async def import_customers(context: Context, raws: Sequence[object]) -> list[Imported]:
    """Import what a client sent; one result per customer, in order.

    Raises DomainError FORBIDDEN, TOO_MANY.
    """
    context.require(Role.INTEGRATION, Role.ADMIN)
    if len(raws) > MAX_CUSTOMERS:
        message = f"{len(raws)} customers are too many at once: give at most {MAX_CUSTOMERS} a call"
        raise DomainError("TOO_MANY", message, ("customers",))
    placed = [(("customers", str(number)), raw) for number, raw in enumerate(raws)]
    services = context.services
    results = await take(services.database, placed, now=services.now(), policy=services.policy)
    await context.renew()
    await services.wake.ingest()
    return results


async def take(
    database: Database, placed: Sequence[tuple[Path, object]], *, now: datetime, policy: Policy
) -> list[Imported]:
    """Read and write untyped customers, each with the path that its errors begin with."""
    read: list[ImportedCustomer | list[DomainError]] = []
    for number, (path, raw) in enumerate(placed, 1):
        read.append(read_customer(raw, path, policy.internal_domains))
        if number % READ_AT_ONCE == 0:
            await asyncio.sleep(0)
    read = await _without_erased(database, read, policy)
    good = [item for item in read if isinstance(item, ImportedCustomer)]
    written = iter(await importing.import_customers(database, good, now=now))
    return [
        _result(next(written))
        if isinstance(item, ImportedCustomer)
        else Imported(ImportOutcome.REJECTED, errors=item)
        for item in read
    ]


async def _without_erased(
    database: Database, read: Sequence[ImportedCustomer | list[DomainError]], policy: Policy
) -> list[ImportedCustomer | list[DomainError]]:
    """The same without the addresses of people who were erased, and without those who have no
    other: whatever system still knows them, they do not come back."""
    addresses = {
        known.address
        for item in read
        if isinstance(item, ImportedCustomer)
        for stakeholder in item.stakeholders
        for known in stakeholder.addresses or ()
    }
    async with database.connection() as connection:
        erased = await erased_of(connection, addresses, policy)
    if not erased:
        return list(read)
    return [
        without_addresses(item, erased) if isinstance(item, ImportedCustomer) else item
        for item in read
    ]


def _result(result: importing.ImportResult) -> Imported:
    errors = () if result.error is None else (result.error,)
    return Imported(result.outcome, result.customer_id, errors)
