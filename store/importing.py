"""Importing customers and stakeholders: set-based, repeatable, in short transactions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.directory import ImportedCustomer, ImportOutcome
from domain.errors import DomainError
from domain.merging import Merge, merge_stakeholders, pick
from domain.text import shown
from store.database import Connection, Database, retried
from store.directory import (
    AddressRow,
    CustomerRow,
    change_domains,
    create_customers,
    create_stakeholders,
    known_external_ids,
    lock_customers,
    settle_csms,
    stored_domains,
    stored_stakeholders,
    update_customers,
    update_stakeholders,
)
from store.directory_changes import change_addresses, remove_emptied
from store.matching import enqueue_rematch

CHUNK_ROWS = 1_500
"""Customers, domains, stakeholders and addresses written in one transaction: well under 500 ms, so
that the feed, which waits for the oldest writer, stays live during an import."""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of one customer; `error` is set where it was rejected, and nothing of it kept."""

    outcome: ImportOutcome
    customer_id: int | None = None
    error: DomainError | None = None


async def import_customers(
    database: Database, items: Sequence[ImportedCustomer], *, now: datetime
) -> list[ImportResult]:
    """Write customers and what belongs to them; one result per item, in their order.

    The same customers again give UNCHANGED and write nothing. Of an address, alias or domain that
    a customer gained or lost, the recipients are re-matched by the worker: wake it afterwards.
    """
    results: list[ImportResult] = []
    for chunk in _chunks(items):
        results += await _import_chunk(database, chunk, now)
    return results


def _chunks(items: Sequence[ImportedCustomer]) -> Iterator[list[ImportedCustomer]]:
    """Runs of items of bounded size in which no customer comes twice."""
    chunk: dict[str, ImportedCustomer] = {}
    size = 0
    for item in items:
        rows = 1 + len(item.domains or ()) + len(item.stakeholders)
        rows += sum(len(s.addresses or ()) for s in item.stakeholders)
        if chunk and (size + rows > CHUNK_ROWS or item.external_id in chunk):
            yield list(chunk.values())
            chunk, size = {}, 0
        chunk[item.external_id] = item
        size += rows
    if chunk:
        yield list(chunk.values())


async def _import_chunk(
    database: Database, chunk: Sequence[ImportedCustomer], now: datetime
) -> list[ImportResult]:
    async def work() -> list[ImportResult]:
        async with database.transaction() as connection:
            return await _write(connection, chunk, now)

    return await retried(work)


async def _write(
    connection: Connection, chunk: Sequence[ImportedCustomer], now: datetime
) -> list[ImportResult]:
    results: dict[str, ImportResult] = {}
    accepted = await _refuse_nameless(connection, chunk, results)
    created = await create_customers(
        connection, {i.external_id: i.name for i in accepted if i.name is not None}, now
    )
    rows = await lock_customers(connection, [i.external_id for i in accepted])
    merges = await _merge(connection, accepted, rows, results)
    accepted = [item for item in accepted if item.external_id in merges]
    changed = await _write_customers(connection, accepted, rows)
    changed |= await _write_domains(connection, accepted, rows)
    changed |= await _write_stakeholders(connection, accepted, rows, merges, now)
    for item in accepted:
        row = rows[item.external_id]
        outcome = ImportOutcome.UPDATED if row.id in changed else ImportOutcome.UNCHANGED
        if item.external_id in created:
            outcome = ImportOutcome.CREATED
        results[item.external_id] = ImportResult(outcome, row.id)
    return [results[item.external_id] for item in chunk]


async def _refuse_nameless(
    connection: Connection,
    chunk: Sequence[ImportedCustomer],
    results: dict[str, ImportResult],
) -> list[ImportedCustomer]:
    """A customer that is known may come without its name, a new one may not."""
    nameless = [item.external_id for item in chunk if item.name is None]
    known = await known_external_ids(connection, nameless) if nameless else set()
    accepted = []
    for item in chunk:
        if item.name is None and item.external_id not in known:
            message = f"customer {shown(item.external_id)} is new: give its name"
            results[item.external_id] = _rejected(
                DomainError("MISSING", message, (*item.path, "name"))
            )
        else:
            accepted.append(item)
    return accepted


def _rejected(error: DomainError) -> ImportResult:
    return ImportResult(ImportOutcome.REJECTED, error=error)


async def _merge(
    connection: Connection,
    items: Sequence[ImportedCustomer],
    rows: Mapping[str, CustomerRow],
    results: dict[str, ImportResult],
) -> dict[str, Merge]:
    """What changes about the stakeholders of each customer; those in conflict are rejected."""
    entries = [(rows[item.external_id].id, s) for item in items for s in item.stakeholders]
    stored = await stored_stakeholders(
        connection,
        [(id_, s.external_id) for id_, s in entries if s.external_id],
        [(id_, a.address) for id_, s in entries for a in s.addresses or ()],
    )
    merges = {}
    for item in items:
        found = stored.get(rows[item.external_id].id, [])
        try:
            merges[item.external_id] = merge_stakeholders(item.stakeholders, found)
        except DomainError as error:
            results[item.external_id] = _rejected(error)
    return merges


async def _write_customers(
    connection: Connection, items: Sequence[ImportedCustomer], rows: Mapping[str, CustomerRow]
) -> set[int]:
    names: dict[str, str | None] = {}
    for item in items:
        if item.csm_email:
            names[item.csm_email] = item.csm_name or names.get(item.csm_email)
    csms = await settle_csms(connection, names)
    changed = [
        new
        for item in items
        if (new := _updated(item, rows[item.external_id], csms)) != rows[item.external_id]
    ]
    await update_customers(connection, changed)
    return {row.id for row in changed}


def _updated(item: ImportedCustomer, row: CustomerRow, csms: Mapping[str, int]) -> CustomerRow:
    return replace(
        row,
        name=item.name or row.name,
        segment=pick(item.segment, row.segment),
        timezone=pick(item.timezone, row.timezone),
        renews_on=row.renews_on if item.renews_on is None else item.renews_on or None,
        csm_id=row.csm_id if item.csm_email is None else csms.get(item.csm_email),
    )


async def _write_domains(
    connection: Connection, items: Sequence[ImportedCustomer], rows: Mapping[str, CustomerRow]
) -> set[int]:
    wanted = {rows[i.external_id].id: set(i.domains) for i in items if i.domains is not None}
    if not wanted:
        return set()
    stored = await stored_domains(connection, list(wanted))
    removed = [(id_, d) for id_, domains in wanted.items() for d in sorted(stored[id_] - domains)]
    added = [(id_, d) for id_, domains in wanted.items() for d in sorted(domains - stored[id_])]
    await change_domains(connection, removed, added)
    await enqueue_rematch(connection, domains={d for _, d in (*removed, *added)})
    return {id_ for id_, _ in (*removed, *added)}


async def _write_stakeholders(
    connection: Connection,
    items: Sequence[ImportedCustomer],
    rows: Mapping[str, CustomerRow],
    merges: Mapping[str, Merge],
    now: datetime,
) -> set[int]:
    work = [(rows[i.external_id].id, i, merges[i.external_id]) for i in items]
    work = [(id_, item, merge) for id_, item, merge in work if not merge.is_empty]
    fresh = [
        (id_, entry)
        for id_, item, merge in work
        for entry, target in zip(item.stakeholders, merge.targets, strict=True)
        if target is None
    ]
    made = iter(await create_stakeholders(connection, fresh, now))
    await update_stakeholders(connection, [s for _, _, merge in work for s in merge.changed])
    removed = [(id_, address) for id_, _, merge in work for address in merge.removed]
    added: list[AddressRow] = []
    ranked: list[AddressRow] = []
    for id_, _, merge in work:
        ids = [target.id if target else next(made) for target in merge.targets]
        added += [AddressRow(id_, ids[c.position], c.address, c.is_primary) for c in merge.added]
        ranked += [AddressRow(id_, ids[c.position], c.address, c.is_primary) for c in merge.ranked]
    await change_addresses(connection, removed, added, ranked)
    await remove_emptied(connection, [id_ for _, _, merge in work for id_ in merge.emptied])
    return {id_ for id_, _, _ in work}
