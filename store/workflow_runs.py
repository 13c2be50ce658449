"""Workflows at work: judged for people whose insights were derived, fired once in a window,
taken back when what they rested on turns out otherwise.

Runs in the transaction that derives insights, which has locked the stakeholders and customers
concerned. A rebuild does not come here: what was done once is not done again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import orjson

from domain.activity import Person, person_of
from domain.conditions import Condition, parse, written
from domain.holdout import is_held_out
from domain.people import PersonState
from domain.recommending import REVERSED, Key, Kind, Proposal
from domain.surroundings import Surroundings, subject_of
from domain.triggering import Firing, judge, next_firing
from domain.workflow_proposals import proposal
from store.activities import acts, kinds_of, mailed_of
from store.database import Connection
from store.histories import HISTORY
from store.recommending import recommend_custom, withdraw_custom
from store.surroundings import surroundings
from store.webhook_messages import announce_runs, announce_withdrawals
from store.workflow_due import put_off
from store.workflows import WorkflowRow, enabled_workflows

DOUBTED_FOR = timedelta(days=30)
"""How long a run is looked at again: verdicts change by what is learned soon after."""


class Past(NamedTuple):
    """An earlier run for a person, not taken back."""

    id: int
    workflow_id: int
    stakeholder_id: int
    fired_at: datetime
    condition: Condition
    segment: str | None


@dataclass(frozen=True, slots=True)
class Fired:
    """A workflow that fires now for a person."""

    workflow: WorkflowRow
    state: PersonState
    firing: Firing


class _Known(NamedTuple):
    """Earlier runs: by (workflow, stakeholder) the id of the last one and when the last that was
    not taken back fired; those not taken back that may still be."""

    last_ids: Mapping[tuple[int, int], int]
    fired_at: Mapping[tuple[int, int], datetime | None]
    doubted: Sequence[Past]


async def run_workflows(
    connection: Connection,
    states: Sequence[PersonState],
    now: datetime,
    *,
    holdout_percent: float = 0.0,
) -> int:
    """Judge every workflow for these people and do what it says; returns how many fired.

    Strangers have none, and people whose clicks have not settled are left to the next time.
    """
    workflows = await enabled_workflows(connection)
    people = await _settled(connection, [s for s in states if s.stakeholder_id is not None])
    known = await _known(connection, sorted(people), now)
    if not people or not (workflows or known.doubted):
        return 0
    judged = await _people(connection, people, workflows, known.doubted, now)
    known = await _take_back(connection, people, judged, known, now)
    fired: list[Fired] = []
    for stakeholder_id, state in sorted(people.items()):
        fired += _firing(workflows, state, judged[stakeholder_id], known, now)
    await _do(connection, fired, known, now, holdout_percent)
    await _look_again(connection, workflows, judged, known, fired, now)
    return len(fired)


async def _settled(connection: Connection, states: Sequence[PersonState]) -> dict[int, PersonState]:
    """Those none of whose addresses has a click so young that it may be a machine's."""
    rows = await connection.fetch(
        "SELECT DISTINCT address_id FROM insight_queue WHERE is_settling AND due_at > now() "
        "AND address_id = ANY($1::bigint[])",
        sorted({a for s in states for a in s.address_ids}),
    )
    waiting = {row[0] for row in rows}
    return {
        s.stakeholder_id: s
        for s in states
        if s.stakeholder_id is not None and s.is_settled and waiting.isdisjoint(s.address_ids)
    }


async def _known(connection: Connection, stakeholder_ids: Sequence[int], now: datetime) -> _Known:
    last = await connection.fetch(
        "SELECT workflow_id, stakeholder_id, max(id), max(fired_at) FILTER "
        "(WHERE withdrawn_at IS NULL) FROM workflow_run "
        "WHERE stakeholder_id = ANY($1::bigint[]) GROUP BY 1, 2",
        stakeholder_ids,
    )
    doubted = await connection.fetch(
        "SELECT id, workflow_id, stakeholder_id, fired_at, condition, segment FROM workflow_run "
        "WHERE stakeholder_id = ANY($1::bigint[]) AND fired_at > $2 AND withdrawn_at IS NULL "
        "ORDER BY id",
        stakeholder_ids,
        now - DOUBTED_FOR,
    )
    return _Known(
        {(row[0], row[1]): row[2] for row in last},
        {(row[0], row[1]): row[3] for row in last},
        [
            Past(id_, workflow_id, stakeholder_id, fired_at, parse(condition), segment)
            for id_, workflow_id, stakeholder_id, fired_at, condition, segment in doubted
        ],
    )


async def _people(
    connection: Connection,
    people: Mapping[int, PersonState],
    workflows: Sequence[WorkflowRow],
    doubted: Sequence[Past],
    now: datetime,
) -> dict[int, Person]:
    conditions = [w.plan.condition for w in workflows] + [p.condition for p in doubted]
    ids = sorted({s.recipient_id for state in people.values() for s in state.history})
    did = await acts(connection, ids, kinds_of(conditions), since=now - HISTORY, until=now)
    return {
        id_: person_of(
            state.account.segment,
            mailed_of(state.history),
            [d for s in state.history for d in did.get(s.recipient_id, ())],
        )
        for id_, state in people.items()
    }


def _firing(
    workflows: Sequence[WorkflowRow],
    state: PersonState,
    person: Person,
    known: _Known,
    now: datetime,
) -> Iterable[Fired]:
    for workflow in workflows:
        last = known.fired_at.get((workflow.id, state.stakeholder_id or 0))
        if last is not None and now < last + workflow.plan.window:
            continue
        verdict = judge(workflow.plan.condition, person, now)
        if verdict.holds:
            yield Fired(workflow, state, Firing(now, verdict.reasons, verdict.evidence))


async def _take_back(
    connection: Connection,
    people: Mapping[int, PersonState],
    judged: Mapping[int, Person],
    known: _Known,
    now: datetime,
) -> _Known:
    """Withdraw what no longer holds as of when it fired; what remains known."""
    gone = [past for past in known.doubted if not _held(past, judged[past.stakeholder_id])]
    if not gone:
        return known
    await connection.execute(
        "UPDATE workflow_run SET withdrawn_at = $2 WHERE id = ANY($1::bigint[])",
        [past.id for past in gone],
        now,
    )
    keys = [
        Key(Kind.CUSTOM, subject_of(people[past.stakeholder_id]), past.workflow_id)
        for past in gone
        # A later run has made it its own.
        if past.fired_at == known.fired_at[past.workflow_id, past.stakeholder_id]
    ]
    await withdraw_custom(connection, keys, REVERSED, now)
    await announce_withdrawals(connection, [past.id for past in gone], now)
    return await _known(connection, sorted(people), now)


def _held(past: Past, person: Person) -> bool:
    """Whether it held when it fired, by what is known now; of its segment as it was then."""
    then = Person(past.segment, person.mailed, person.done)
    return judge(past.condition, then, past.fired_at).holds


async def _do(
    connection: Connection,
    fired: Sequence[Fired],
    known: _Known,
    now: datetime,
    holdout_percent: float,
) -> None:
    if not fired:
        return
    around = await surroundings(connection, [f.state for f in fired], ())
    proposals = [p for f in fired if (p := _proposal(f, around, now)) is not None]
    await recommend_custom(connection, proposals, now, holdout_percent=holdout_percent)
    made = await _recommendations(connection, fired)
    ids = await _insert(connection, fired, known, made)
    calls = [
        (run_id, f.workflow.plan.actions.endpoint_ids)
        for run_id, f in zip(ids, fired, strict=True)
        # A call leads to a follow-up like a recommendation does: whom the holdout leaves alone is
        # left alone.
        if not is_held_out(f.state.account.customer_id, holdout_percent)
    ]
    await announce_runs(connection, calls, now)


def _proposal(fired: Fired, around: Surroundings, now: datetime) -> Proposal | None:
    return proposal(fired.workflow.plan, fired.workflow.id, fired.state, fired.firing, around, now)


async def _recommendations(
    connection: Connection, fired: Sequence[Fired]
) -> dict[tuple[int, int], int]:
    """The live recommendations of these workflows, by (workflow, stakeholder)."""
    rows = await connection.fetch(
        "SELECT workflow_id, stakeholder_id, id FROM recommendation "
        "WHERE stakeholder_id = ANY($1::bigint[]) AND workflow_id = ANY($2::bigint[]) "
        "AND status IN ('OPEN','STARTED','SNOOZED')",
        [f.state.stakeholder_id for f in fired],
        sorted({f.workflow.id for f in fired}),
    )
    return {(row[0], row[1]): row[2] for row in rows}


async def _insert(
    connection: Connection,
    fired: Sequence[Fired],
    known: _Known,
    recommendations: Mapping[tuple[int, int], int],
) -> list[int]:
    keys = [(f.workflow.id, f.state.stakeholder_id or 0) for f in fired]
    suggests = [f.workflow.plan.actions.suggestion is not None for f in fired]
    rows = [
        (
            *key,
            f.workflow.version,
            f.state.account.customer_id,
            known.last_ids.get(key, 0),
            f.firing.at,
            _json(written(f.workflow.plan.condition)),
            f.state.account.segment,
            _json(f.firing.reasons),
            _json([[d.fact_on.isoformat(), d.key.hex()] for d in f.firing.evidence]),
            recommendations.get(key) if is_suggested else None,
        )
        for f, key, is_suggested in zip(fired, keys, suggests, strict=True)
    ]
    made = await connection.fetch(
        "INSERT INTO workflow_run (workflow_id, stakeholder_id, version, customer_id, follows_id, "
        "fired_at, condition, segment, reasons, evidence, recommendation_id) SELECT n.a, n.b, n.c, "
        "n.d, n.e, n.f, n.g::jsonb, n.h, n.i::jsonb, n.j::jsonb, n.k FROM unnest($1::bigint[], "
        "$2::bigint[], $3::int[], $4::bigint[], $5::bigint[], $6::timestamptz[], $7::text[], "
        "$8::text[], $9::text[], $10::text[], $11::bigint[]) n(a, b, c, d, e, f, g, h, i, j, k) "
        "RETURNING workflow_id, stakeholder_id, id",
        *zip(*rows, strict=True),
    )
    ids = {(row[0], row[1]): row[2] for row in made}
    return [ids[key] for key in keys]


def _json(value: object) -> str:
    # asyncpg would take lists within lists for an array of more dimensions.
    return orjson.dumps(value).decode()


async def _look_again(
    connection: Connection,
    workflows: Sequence[WorkflowRow],
    judged: Mapping[int, Person],
    known: _Known,
    fired: Sequence[Fired],
    now: datetime,
) -> None:
    """Note when each person is to be judged again though nothing happens."""
    just = {(f.workflow.id, f.state.stakeholder_id) for f in fired}
    due: dict[int, datetime] = {}
    for stakeholder_id, person in sorted(judged.items()):
        for w in workflows:
            is_new = (w.id, stakeholder_id) in just
            at = next_firing(
                w.plan.condition,
                person,
                w.plan.window,
                now=now,
                fired_at=now if is_new else known.fired_at.get((w.id, stakeholder_id)),
            )
            if at is not None:
                due[stakeholder_id] = min(at, due.get(stakeholder_id, at))
    await put_off(connection, judged, due)
