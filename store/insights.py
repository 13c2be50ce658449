"""Deriving what is known of people and customers from what they were sent and did.

Runs apart from recording, in a transaction of its own that locks the stakeholders and then the
customers concerned, each in id order; whoever waits for them sees what we have seen.
"""

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson

from domain.best_time import HOURS, moments
from domain.customers import Member, together
from domain.darkness import dark_at, last_engaged_at
from domain.habits import habits_of
from domain.history import Sent
from domain.interests import Interest, interests
from domain.likelihood import Response, belief, persona, tally, trials
from domain.people import Account, PersonState
from domain.scoring import contributions, score
from store.campaigns import link_topics
from store.database import Connection
from store.histories import histories, link_shares
from store.insight_queue import Dirty
from store.priors import Priors
from store.staging import source

INTERESTS_KEPT = 10
"""Interests stored of a person."""

LINKS_KEPT = 20
"""Links stored of an interest, the latest."""

NEVER_ENGAGED = datetime(1970, 1, 1, tzinfo=UTC)
NEVER_DARK = datetime(9999, 12, 31, tzinfo=UTC)
"""Stand for no time at all in lists that are ordered by these."""


@dataclass(slots=True)
class _Who:
    """A person whose insights are derived: a stakeholder, or an address of nobody's yet."""

    account: Account
    stakeholder_id: int | None
    address_ids: list[int] = field(default_factory=list)
    name: str | None = None
    title: str | None = None
    timezone: str | None = None
    is_settled: bool = True


async def derive(
    connection: Connection, dirty: Dirty, priors: Priors, now: datetime
) -> list[PersonState]:
    """Derive and store the insights of everybody concerned."""
    people = await _people(connection, dirty)
    owners: dict[int, list[int]] = defaultdict(list)
    for person, who in people.items():
        for address_id in who.address_ids:
            owners[address_id].append(person)
    found = await histories(connection, owners, now)
    clicked = sorted({s.campaign_id for h in found.values() for s in h if s.links})
    shares = await link_shares(connection, clicked)
    topics = await link_topics(
        connection, [(id_, url) for id_, links in shares.items() for url in links]
    )
    states = []
    for person, who in sorted(people.items()):
        # A person with a long history takes milliseconds: what comes in is not to wait for all.
        await asyncio.sleep(0)
        states.append(_state(who, found.get(person, []), priors, (shares, topics), now))
    await _save(connection, [s for s in states if s.stakeholder_id is not None], priors, now)
    await _roll_up(connection, sorted({s.account.customer_id for s in states}), now)
    return states


async def _people(connection: Connection, dirty: Dirty) -> dict[int, _Who]:
    """Who is concerned, by `Sent.person`, with all of a stakeholder's addresses; locked."""
    rows = await connection.fetch(
        "SELECT address_id, customer_id, stakeholder_id FROM match "
        "WHERE address_id = ANY($1::bigint[])",
        list(dirty.addresses),
    )
    matched = {row[2] for row in rows if row[2] is not None}
    stakeholders = await _lock_stakeholders(connection, matched | dirty.stakeholders)
    known = {row[0]: row[1] for row in stakeholders}
    accounts = await _lock_accounts(connection, {row[1] for row in rows} | set(known.values()))
    people: dict[int, _Who] = {}
    for stakeholder_id, customer_id, name, title, timezone, address_ids in stakeholders:
        who = _Who(accounts[customer_id], stakeholder_id, list(address_ids), name, title, timezone)
        who.is_settled = all(dirty.addresses.get(a, True) for a in address_ids)
        people[stakeholder_id] = who
    for address_id, customer_id, stakeholder_id in sorted(rows, key=lambda row: row[:2]):
        if stakeholder_id is None:
            # One address may be proposed to several customers: each has a stranger of its own.
            who = _Who(accounts[customer_id], None, [address_id])
            who.is_settled = dirty.addresses[address_id]
            people[-1 - len(people)] = who
    return people


async def _lock_stakeholders(connection: Connection, ids: set[int]) -> Sequence[Any]:
    await connection.execute(
        "SELECT FROM stakeholder WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        sorted(ids),
    )
    rows: Sequence[Any] = await connection.fetch(
        "SELECT s.id, s.customer_id, s.name, s.title, s.timezone, ARRAY("
        "SELECT m.address_id FROM match m WHERE m.stakeholder_id = s.id ORDER BY 1) "
        "FROM stakeholder s WHERE s.id = ANY($1::bigint[])",
        sorted(ids),
    )
    return rows


async def _lock_accounts(connection: Connection, ids: set[int]) -> dict[int, Account]:
    rows = await connection.fetch(
        "SELECT id, name, segment, timezone, renews_on, csm_id FROM customer "
        "WHERE id = ANY($1::bigint[]) ORDER BY id FOR NO KEY UPDATE",
        sorted(ids),
    )
    return {row[0]: Account(*row) for row in rows}


def _state(
    who: _Who, history: Sequence[Sent], priors: Priors, links: tuple[Any, Any], now: datetime
) -> PersonState:
    segment, timezone = who.account.segment, who.timezone or who.account.timezone or "UTC"
    delivered = sum(sent.delivered_at is not None for sent in history)
    acted = trials(history, segment, now)
    opened = trials(history, segment, now, Response.OPEN)
    shares, topics = links
    return PersonState(
        account=who.account,
        stakeholder_id=who.stakeholder_id,
        address_ids=tuple(who.address_ids),
        name=who.name,
        title=who.title,
        timezone=timezone,
        history=tuple(history),
        score=score(contributions(history), delivered, now),
        delivered=delivered,
        last_engaged_at=last_engaged_at(history),
        dark_at=dark_at(history),
        persona=persona(tally(opened, priors.open), tally(acted, priors.action)),
        known_sends=len(acted),
        belief=belief(acted, priors.action),
        moments=tuple(moments(history, timezone, now)),
        interests=tuple(interests(history, shares, topics, now)[:INTERESTS_KEPT]),
        is_settled=who.is_settled,
    )


_COLUMNS: Mapping[str, str] = {
    "stakeholder_id": "bigint",
    "customer_id": "bigint",
    "mass": "double precision",
    "mass_before": "double precision",
    "delivered": "int",
    "last_sent_at": "timestamptz",
    "last_engaged_at": "timestamptz",
    "dark_at": "timestamptz",
    "persona": "text",
    "known_sends": "int",
    "belief": "text",
    "act_hours": "text",
    "act_weights": "text",
    "types": "text",
    "pace_hours": "text",
    "interests": "text",
    "derived_at": "timestamptz",
}
_ARRAYS = ("belief", "act_hours", "act_weights", "pace_hours")
_JSON = ("types", "interests")


async def _save(
    connection: Connection, states: Sequence[PersonState], priors: Priors, now: datetime
) -> None:
    mailed = [s for s in states if s.history]
    await connection.execute(
        "DELETE FROM stakeholder_insight WHERE stakeholder_id = ANY($1::bigint[])",
        [s.stakeholder_id for s in states if not s.history],
    )
    if not mailed:
        return
    rows, arguments = await source(connection, "insight", _COLUMNS, [_row(s, now) for s in mailed])
    values = ", ".join(
        f"{c}::double precision[]" if c in _ARRAYS else f"{c}::jsonb" if c in _JSON else c
        for c in _COLUMNS
    )
    changes = ", ".join(f"{c} = excluded.{c}" for c in _COLUMNS if c != "stakeholder_id")
    await connection.execute(
        f"INSERT INTO stakeholder_insight ({', '.join(_COLUMNS)}) SELECT {values} FROM {rows} "
        f"ON CONFLICT (stakeholder_id) DO UPDATE SET {changes}",
        *arguments,
    )


def _row(state: PersonState, now: datetime) -> tuple[object, ...]:
    habits = habits_of(state.history)
    return (
        state.stakeholder_id,
        state.account.customer_id,
        state.score.mass,
        state.score.mass_before,
        state.delivered,
        max(sent.sent_at for sent in state.history),
        state.last_engaged_at,
        state.dark_at,
        state.persona,
        state.known_sends,
        _array(state.belief),
        _array([m.weekday * HOURS + m.hour for m in state.moments]),
        _array([m.weight for m in state.moments]),
        orjson.dumps(habits.types).decode(),
        _array(habits.pace_hours),
        orjson.dumps([_interest(one) for one in state.interests]).decode(),
        now,
    )


def _interest(found: Interest) -> dict[str, object]:
    links = [(campaign_id, [*link]) for campaign_id, link in found.links[:LINKS_KEPT]]
    return {"topic": found.topic, "weight": found.weight, "links": links}


def _array(values: Sequence[float]) -> str:
    return "{" + ",".join(map(repr, values)) + "}"


async def _roll_up(connection: Connection, customer_ids: Sequence[int], now: datetime) -> None:
    """Customers from their people, all that are stored and not only those just derived."""
    rows = await connection.fetch(
        "SELECT customer_id, mass, mass_before, delivered, last_sent_at, last_engaged_at "
        "FROM stakeholder_insight WHERE customer_id = ANY($1::bigint[])",
        customer_ids,
    )
    people: dict[int, list[Member]] = {customer_id: [] for customer_id in customer_ids}
    for customer_id, *values in rows:
        people[customer_id].append(Member(*values))
    found = [(id_, together(theirs, now)) for id_, theirs in people.items()]
    await connection.execute(
        "UPDATE customer c SET mass = n.mass, mass_before = n.mass_before, "
        "delivered = n.delivered, last_engaged_at = n.engaged_at, dark_at = n.dark_at "
        "FROM unnest($1::bigint[], $2::float8[], $3::float8[], $4::bigint[], $5::timestamptz[], "
        "$6::timestamptz[]) n(id, mass, mass_before, delivered, engaged_at, dark_at) "
        "WHERE c.id = n.id",
        [id_ for id_, _ in found],
        [one.mass for _, one in found],
        [one.mass_before for _, one in found],
        [one.delivered for _, one in found],
        [one.last_engaged_at or NEVER_ENGAGED for _, one in found],
        [one.dark_at or NEVER_DARK for _, one in found],
    )
