"""Recommendations as evidence comes and goes: proposed, refreshed, withdrawn, expired.

Runs in the transaction that derives people's insights, which has locked the stakeholders and the
customers concerned; then recommendations are locked, in the order of their ids.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from domain.events import EventKind
from domain.people import PersonState
from domain.proposing import of_customer, proposals
from domain.recommending import (
    REST,
    Changes,
    Closing,
    Key,
    Kind,
    Present,
    Proposal,
    Status,
    Subject,
    reconcile,
)
from domain.surroundings import subject_of
from store.database import Connection
from store.insight_queue import Dirty, note_addresses, note_stakeholders
from store.recommendation_rows import CONTENT, IS_LIVE, apply, close, content_of, reopen, tell
from store.surroundings import silences, surroundings

PASSED = 500
"""Recommendations that time alone changes, in one transaction."""


async def refresh_recommendations(
    connection: Connection,
    dirty: Dirty,
    states: Sequence[PersonState],
    now: datetime,
    *,
    holdout_percent: float = 0.0,
) -> None:
    """Bring the recommendations about these people and their customers up to date."""
    accounts = {s.account.customer_id: s.account for s in states}
    concerned = _Concerned(
        sorted({s.stakeholder_id for s in states if s.stakeholder_id} | dirty.stakeholders),
        sorted({a for s in states for a in s.address_ids} | set(dirty.addresses)),
        sorted(accounts),
    )
    present = await _present(connection, concerned)
    around = await surroundings(connection, states, [p.content.key for p in present])
    silent = await silences(connection, sorted(accounts), now)
    called_for = [p for state in states for p in proposals(state, around, now)]
    for customer_id, account in sorted(accounts.items()):
        called_for += of_customer(account, silent.get(customer_id), now)
    changes = reconcile(
        called_for,
        present,
        await _closed_at(connection, concerned),
        now,
        unsettled=await _unsettled(connection, states),
    )
    await apply(connection, changes, now, holdout_percent=holdout_percent)


class _Concerned:
    """The ids whose recommendations are looked at."""

    def __init__(
        self, stakeholders: Sequence[int], addresses: Sequence[int], customers: Sequence[int]
    ) -> None:
        self.ids = (stakeholders, addresses, customers)

    CONDITION = (
        "kind <> 'CUSTOM' AND (stakeholder_id = ANY($1::bigint[]) OR address_id = "
        "ANY($2::bigint[]) OR (customer_id = ANY($3::bigint[]) AND stakeholder_id IS NULL "
        "AND address_id IS NULL))"
    )


async def _present(connection: Connection, concerned: _Concerned) -> list[Present]:
    rows = await connection.fetch(
        f"SELECT id, status, snoozed_until, {CONTENT} FROM recommendation "
        f"WHERE {IS_LIVE} AND {_Concerned.CONDITION} ORDER BY id FOR NO KEY UPDATE",
        *concerned.ids,
    )
    return await _read(connection, rows)


async def _read(connection: Connection, rows: Sequence[Any]) -> list[Present]:
    contents = {id_: content_of(*content) for id_, _, _, *content in rows}
    cited = {c.recipient_id for content in contents.values() for c in content.evidence}
    acts = await _acts(connection, sorted(cited))
    return [
        Present(id_, Status(status), contents[id_], until, _is_reversed(contents[id_], acts))
        for id_, status, until, *_ in rows
    ]


Acts = dict[tuple[int, EventKind], tuple[bool, bool]]
"""Recipient and kind → whether a person did it, and whether a machine did."""


async def _acts(connection: Connection, recipient_ids: Sequence[int]) -> Acts:
    rows = await connection.fetch(
        "SELECT id, opens_human > 0, opens_machine > 0, clicks_human > 0, clicks_machine > 0, "
        "unsubscribed_at IS NOT NULL, unsubscribe_unconfirmed_at IS NOT NULL "
        "FROM recipient WHERE id = ANY($1::bigint[])",
        recipient_ids,
    )
    kinds = (EventKind.OPENED, EventKind.CLICKED, EventKind.UNSUBSCRIBED)
    return {
        (row[0], kind): (row[1 + 2 * n], row[2 + 2 * n])
        for row in rows
        for n, kind in enumerate(kinds)
    }


def _is_reversed(content: Proposal, acts: Acts) -> bool:
    """Whether a machine did all that it rests on."""
    found = [acts.get(cited, (True, False)) for cited in content.evidence]
    return bool(found) and all(machine and not human for human, machine in found)


async def _closed_at(connection: Connection, concerned: _Concerned) -> dict[Key, datetime]:
    rows = await connection.fetch(
        "SELECT kind, customer_id, stakeholder_id, address_id, max(closed_at) FROM recommendation "
        f"WHERE status IN ('COMPLETED','DISMISSED') AND {_Concerned.CONDITION} GROUP BY 1, 2, 3, 4",
        *concerned.ids,
    )
    return {Key(Kind(kind), Subject(*subject)): at for kind, *subject, at in rows}


async def _unsettled(connection: Connection, states: Sequence[PersonState]) -> frozenset[Subject]:
    """Those of whom a click is so young that a machine may turn out to have made it, and their
    customers: any of a person's addresses, whichever was looked at."""
    rows = await connection.fetch(
        "SELECT DISTINCT address_id FROM insight_queue WHERE is_settling AND due_at > now() "
        "AND address_id = ANY($1::bigint[])",
        sorted({a for s in states for a in s.address_ids}),
    )
    waiting = {row[0] for row in rows}
    some = [s for s in states if not s.is_settled or waiting.intersection(s.address_ids)]
    customers = {Subject(s.account.customer_id) for s in some}
    return frozenset({subject_of(s) for s in some} | customers)


async def pass_time(connection: Connection, now: datetime) -> int:
    """Do what is due by time alone: what has expired ends, snoozes end, and after a rest it is
    looked at anew; returns how many recommendations changed."""
    expired = await _due(connection, f"{IS_LIVE} AND expires_at <= $1", now)
    await close(
        connection, [Closing(id_, Status.EXPIRED, "Its time has passed.") for id_ in expired], now
    )
    awake = await _due(connection, "status = 'SNOOZED' AND snoozed_until <= $1", now)
    await reopen(connection, awake, now)
    await tell(connection, sorted({*expired, *awake}))
    rested = await connection.fetch(
        "UPDATE recommendation SET rests_until = NULL WHERE id IN (SELECT id FROM recommendation "
        "WHERE rests_until <= $1 ORDER BY id LIMIT $2 FOR NO KEY UPDATE SKIP LOCKED) "
        "RETURNING stakeholder_id, address_id",
        now,
        PASSED,
    )
    await note_stakeholders(connection, {row[0] for row in rested if row[0] is not None})
    await note_addresses(connection, sorted({row[1] for row in rested if row[1] is not None}))
    return len(expired) + len(awake)


async def _due(connection: Connection, condition: str, now: datetime) -> list[int]:
    rows = await connection.fetch(
        f"SELECT id FROM recommendation WHERE {condition} ORDER BY id LIMIT $2 "
        "FOR NO KEY UPDATE SKIP LOCKED",
        now,
        PASSED,
    )
    return [row[0] for row in rows]


async def recommend_custom(
    connection: Connection,
    found: Sequence[Proposal],
    now: datetime,
    *,
    holdout_percent: float = 0.0,
) -> list[int]:
    """Make what workflows call for: each key (CUSTOM, subject, workflow) a recommendation, or its
    present one refreshed. After a follow-up or a dismissal it rests like any other. Returns the ids
    of new ones."""
    present = await _present_custom(connection, [p.key for p in found])
    rows = await connection.fetch(
        "SELECT customer_id, stakeholder_id, address_id, workflow_id, max(closed_at) "
        "FROM recommendation WHERE workflow_id = ANY($1::bigint[]) "
        "AND customer_id = ANY($2::bigint[]) AND status IN ('COMPLETED','DISMISSED') "
        "AND closed_at > $3 GROUP BY 1, 2, 3, 4",
        [p.key.workflow_id for p in found],
        [p.key.subject.customer_id for p in found],
        now - REST,
    )
    closed_at = {Key(Kind.CUSTOM, Subject(*row[:3]), row[3]): row[4] for row in rows}
    changes = reconcile(found, present, closed_at, now)
    return await apply(connection, changes, now, holdout_percent=holdout_percent)


async def withdraw_custom(
    connection: Connection, keys: Sequence[Key], because: str, now: datetime
) -> None:
    """Withdraw what workflows had called for, say because the verdict behind it was reversed."""
    present = await _present_custom(connection, keys)
    closed = [Closing(p.id, Status.WITHDRAWN, because) for p in present]
    await apply(connection, Changes(closed=closed), now)


async def _present_custom(connection: Connection, keys: Sequence[Key]) -> list[Present]:
    rows = await connection.fetch(
        f"SELECT id, status, snoozed_until, {CONTENT} FROM recommendation WHERE {IS_LIVE} "
        "AND (customer_id, coalesce(stakeholder_id, 0), coalesce(address_id, 0), workflow_id) "
        "IN (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])) "
        "ORDER BY id FOR NO KEY UPDATE",
        [k.subject.customer_id for k in keys],
        [k.subject.stakeholder_id or 0 for k in keys],
        [k.subject.address_id or 0 for k in keys],
        [k.workflow_id for k in keys],
    )
    return await _read(connection, rows)
