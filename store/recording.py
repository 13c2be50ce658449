"""Recording: reported events become rows, each fact once."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import NamedTuple

from domain.addresses import normalise_or_none
from domain.events import ReportedEvent
from domain.identity import clamp, event_key
from domain.policy import Policy
from domain.threads import COUNTS_UNPLACED, is_answer
from store.campaign_rows import lock_provisional
from store.database import Connection, Database, retried
from store.drafts import Draft, Refusal
from store.event_rows import FactKey as FactKey
from store.event_rows import insert_events
from store.messages import check_held, check_unmoved, moves_so_far, prune
from store.placing import place
from store.recipient_rows import ensure_addresses, ensure_recipients
from store.refusing import refuse, refuse_loops
from store.suppressing import watch
from store.threads import Opened, learn_names, remember, wake
from store.tombstones import erased_of


class RecordOutcome(StrEnum):
    """What became of a reported event."""

    RECORDED = "RECORDED"
    DUPLICATE = "DUPLICATE"
    UNMATCHED = "UNMATCHED"
    REJECTED = "REJECTED"


class Recorded(NamedTuple):
    """The outcome for one event, and its identity; why, where it is REJECTED."""

    outcome: RecordOutcome
    fact_on: date
    key: bytes
    refused: Refusal | None = None


class Fresh(NamedTuple):
    """An event recorded just now, to be projected and announced."""

    recipient_id: int
    fact_on: date
    key: bytes


def draft(event: ReportedEvent, received_at: datetime) -> Draft:
    """An event with its identity; the date is that of the time as reported."""
    address = normalise_or_none(event.address)
    return Draft(
        event=event,
        key=event_key(event, address),
        fact_on=event.occurred_at.astimezone(UTC).date(),
        occurred_at=clamp(event.occurred_at, received_at),
        received_at=received_at,
        address=address,
    )


async def record(
    database: Database, events: Sequence[ReportedEvent], received_at: datetime, policy: Policy
) -> list[Recorded]:
    """Record events durably and queue them for projection; one outcome an event, in order.

    An event that was there before, or twice in the list, is a DUPLICATE. One whose recipient is
    unknown or matched to nobody is stored all the same and says UNMATCHED. One that must not be
    kept is REJECTED.
    """

    received = [(event, received_at) for event in events]
    return await record_all(database.transaction, received, policy)


async def record_all(
    transaction: Callable[[], AbstractAsyncContextManager[Connection]],
    received: Sequence[tuple[ReportedEvent, datetime]],
    policy: Policy,
) -> list[Recorded]:
    """The same for events of which each was received at a time of its own."""

    async def work() -> list[Recorded]:
        drafts = [draft(event, received_at) for event, received_at in received]
        async with transaction() as connection:
            fresh, touched = await insert(connection, drafts, policy)
            await queue_projection(connection, fresh, touched)
            matched = await _matched(connection, drafts)
        return _outcomes(drafts, fresh, matched)

    return await retried(work)


async def insert(
    connection: Connection, drafts: Sequence[Draft], policy: Policy
) -> tuple[dict[FactKey, Fresh | None], set[int]]:
    """Place and store drafts, less those that are refused on the way; returns what was new (None:
    waits for its message), and recipients to be projected anew because earlier events moved."""
    await refuse(connection, drafts, policy)
    unique: dict[FactKey, Draft] = {}
    for d in drafts:
        if d.refused is None:
            unique.setdefault((d.fact_on, d.key), d)
    moves = await moves_so_far(connection)
    answers = [d for d in unique.values() if is_answer(d.event)]
    await _address_answers(connection, answers, policy)
    touched = await place(
        connection, [d for d in unique.values() if not is_answer(d.event)], policy
    )
    await check_unmoved(connection, moves + bool(touched))
    await refuse_loops(connection, [*unique.values()], policy)
    rows = [unique[key] for key in sorted(unique) if unique[key].refused is None]
    stored = await insert_events(connection, rows, policy)
    fresh: dict[FactKey, Fresh | None] = {}
    homeless = []
    for fact in stored:
        found = unique[fact]
        if found.recipient_id is None:
            fresh[fact] = None
            homeless.append(found)
        else:
            fresh[fact] = Fresh(found.recipient_id, *fact)
    await _wait_for_message(connection, homeless)
    await remember(
        connection,
        [
            Opened(d.fact_on, d.key, d.address, d.event)
            for d in answers
            if (d.fact_on, d.key) in fresh
        ],
    )
    await learn_names(connection, [d.event for d in rows])
    await prune(connection, touched)
    return fresh, touched


async def _address_answers(
    connection: Connection, answers: Iterable[Draft], policy: Policy
) -> None:
    """What tells whether an address should be mailed counts for it before its message is known."""
    telling = [d for d in answers if d.address is not None and d.event.kind in COUNTS_UNPLACED]
    if telling:
        ids = await ensure_addresses(connection, {d.address for d in telling if d.address}, policy)
        for d in telling:
            d.address_id = ids[d.address or ""]


async def _wait_for_message(connection: Connection, orphans: Sequence[Draft]) -> None:
    if orphans:
        await connection.execute(
            "INSERT INTO orphan (fact_on, key, provider, reference, address_id) "
            "SELECT * FROM unnest($1::date[], $2::bytea[], $3::text[], $4::text[], $5::bigint[]) "
            "ON CONFLICT DO NOTHING",
            [d.fact_on for d in orphans],
            [d.key for d in orphans],
            [d.event.carried_by for d in orphans],
            [None if is_answer(d.event) else d.event.message_reference for d in orphans],
            [d.address_id for d in orphans],
        )
        await watch(
            connection,
            [(d.address_id, d.event.kind) for d in orphans if d.address_id is not None],
        )


async def queue_projection(
    connection: Connection, fresh: dict[FactKey, Fresh | None], touched: Iterable[int]
) -> None:
    """Leave the projection of what was recorded to a worker."""
    rows = [f for f in fresh.values() if f is not None]
    if rows:
        await connection.execute(
            "INSERT INTO projection_queue (recipient_id, fact_on, key) "
            "SELECT * FROM unnest($1::bigint[], $2::date[], $3::bytea[])",
            [f.recipient_id for f in rows],
            [f.fact_on for f in rows],
            [f.key for f in rows],
        )
    await queue_announcement(connection, touched)


async def queue_announcement(connection: Connection, recipient_ids: Iterable[int]) -> None:
    """Have a worker fold these recipients anew and announce them if their campaign is bulk."""
    ids = sorted(recipient_ids)
    if ids:
        await connection.execute(
            "INSERT INTO announce_queue (recipient_id) SELECT * FROM unnest($1::bigint[])", ids
        )


async def _matched(connection: Connection, drafts: Iterable[Draft]) -> frozenset[int]:
    ids = {d.address_id for d in drafts if d.recipient_id is not None}
    rows = await connection.fetch(
        "SELECT DISTINCT address_id FROM match WHERE address_id = ANY($1::bigint[])", list(ids)
    )
    return frozenset(row[0] for row in rows)


def _outcomes(
    drafts: Sequence[Draft], fresh: dict[FactKey, Fresh | None], matched: frozenset[int]
) -> list[Recorded]:
    seen: set[FactKey] = set()
    outcomes = []
    for d in drafts:
        fact = (d.fact_on, d.key)
        if d.refused is not None:
            outcome = RecordOutcome.REJECTED
        elif fact not in fresh or fact in seen:
            outcome = RecordOutcome.DUPLICATE
        elif fresh[fact] is None or d.address_id not in matched:
            outcome = RecordOutcome.UNMATCHED
        else:
            outcome = RecordOutcome.RECORDED
        seen.add(fact)
        outcomes.append(Recorded(outcome, *fact, d.refused))
    return outcomes


async def register_recipients(
    connection: Connection, campaign_id: int, addresses: Iterable[str], policy: Policy
) -> int:
    """Add normalised addresses to a declared campaign; returns how many were not yet there.
    Those of people who were erased are left out.

    Runs in the caller's transaction, which has locked or written the campaign before. Raises
    Conflict when a recipient was pruned meanwhile.
    """
    wanted = set(addresses)
    ids = await ensure_addresses(
        connection, wanted - await erased_of(connection, wanted, policy), policy
    )
    before = await connection.fetchval(
        "SELECT count(*) FROM recipient WHERE campaign_id = $1 AND address_id = ANY($2::bigint[])",
        campaign_id,
        list(ids.values()),
    )
    pairs = {(campaign_id, address_id) for address_id in ids.values()}
    silent = await lock_provisional(connection, [campaign_id])
    found = await ensure_recipients(connection, pairs, silent, is_registered=True)
    await connection.execute(
        "UPDATE recipient SET is_registered = true "
        "WHERE id = ANY($1::bigint[]) AND NOT is_registered",
        sorted(found.values()),
    )
    await check_held(connection, found.values())
    await wake(connection, [], list(ids.values()))
    return len(pairs) - int(before)
