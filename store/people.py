"""Reading what was derived of people: whoever sees the customer sees it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from domain.best_time import HOURS, REMEMBERED, Moment
from domain.history import LinkClicked, Sent
from domain.interests import Interest
from domain.likelihood import Persona
from domain.viewer import Viewer
from store.database import Connection
from store.histories import histories
from store.priors import Priors, load_priors
from store.scope import scope


@dataclass(frozen=True, slots=True)
class InsightRow:
    """What is stored of a stakeholder that was mailed; `timezone` falls back to the customer's."""

    stakeholder_id: int
    customer_id: int
    segment: str | None
    timezone: str | None
    mass: float
    mass_before: float
    delivered: int
    last_sent_at: datetime
    last_engaged_at: datetime | None
    dark_at: datetime | None
    persona: Persona | None
    known_sends: int
    belief: tuple[float, ...]
    types: Mapping[str, Sequence[int]]
    pace_hours: Sequence[float]
    interests: tuple[Interest, ...]


_COLUMNS = (
    "i.stakeholder_id, i.customer_id, c.segment, coalesce(s.timezone, c.timezone), i.mass, "
    "i.mass_before, i.delivered, i.last_sent_at, i.last_engaged_at, i.dark_at, i.persona, "
    "i.known_sends, i.belief, i.types, i.pace_hours, i.interests"
)


async def people_of_customers(
    connection: Connection, viewer: Viewer, customer_ids: Sequence[int]
) -> Mapping[int, Sequence[InsightRow]]:
    """What is derived of each customer's stakeholders, those mailed in the last year or so."""
    condition, value = scope(viewer, "c")
    records = await connection.fetch(
        f"SELECT {_COLUMNS} FROM stakeholder_insight i "
        "JOIN stakeholder s ON s.id = i.stakeholder_id JOIN customer c ON c.id = i.customer_id "
        f"WHERE {condition} AND i.customer_id = ANY($2::bigint[]) ORDER BY i.stakeholder_id",
        value,
        customer_ids,
    )
    found: dict[int, list[InsightRow]] = {}
    for record in records:
        row = _row(*record)
        found.setdefault(row.customer_id, []).append(row)
    return found


def _row(*record: Any) -> InsightRow:
    *head, persona, known_sends, belief, types, pace, interests = record
    derived = (
        None if persona is None else Persona(persona),
        known_sends,
        tuple(belief),
        types,
        pace,
        tuple(_interest(one) for one in interests),
    )
    values: tuple[Any, ...] = (*head, *derived)
    return InsightRow(*values)


def _interest(stored: dict[str, Any]) -> Interest:
    links = tuple((campaign_id, _link(*link)) for campaign_id, link in stored["links"])
    return Interest(stored["topic"], stored["weight"], links)


def _link(url: str, clicks: int, machine: int, first_at: str, last_at: str) -> LinkClicked:
    return LinkClicked(
        url, clicks, machine, datetime.fromisoformat(first_at), datetime.fromisoformat(last_at)
    )


@dataclass(frozen=True, slots=True)
class ActsRow:
    """When a stakeholder acted, by their own clock; `timezone` falls back to the customer's."""

    stakeholder_id: int
    timezone: str | None
    moments: tuple[Moment, ...]


async def acts_of_customers(
    connection: Connection, viewer: Viewer, customer_ids: Sequence[int]
) -> Mapping[int, Sequence[ActsRow]]:
    """When each customer's stakeholders acted, those mailed in the last year or so."""
    condition, value = scope(viewer, "c")
    records = await connection.fetch(
        "SELECT i.customer_id, i.stakeholder_id, coalesce(s.timezone, c.timezone), i.act_hours, "
        "i.act_weights FROM stakeholder_insight i JOIN stakeholder s ON s.id = i.stakeholder_id "
        f"JOIN customer c ON c.id = i.customer_id WHERE {condition} "
        "AND i.customer_id = ANY($2::bigint[]) ORDER BY i.stakeholder_id",
        value,
        customer_ids,
    )
    found: dict[int, list[ActsRow]] = {}
    for customer_id, stakeholder_id, timezone, hours, weights in records:
        row = ActsRow(stakeholder_id, timezone, _moments(tuple(hours), tuple(weights)))
        found.setdefault(customer_id, []).append(row)
    return found


@lru_cache(maxsize=REMEMBERED)
def _moments(hours: tuple[float, ...], weights: tuple[float, ...]) -> tuple[Moment, ...]:
    """Acts by the hours of the week in which they were, and their weights."""
    return tuple(
        Moment(at % HOURS, int(at // HOURS), weight)
        for at, weight in zip(hours, weights, strict=True)
    )


async def histories_of_stakeholders(
    connection: Connection, viewer: Viewer, stakeholder_ids: Sequence[int], *, now: datetime
) -> Mapping[int, Sequence[Sent]]:
    """What stakeholders were sent and did, oldest first."""
    condition, value = scope(viewer, "c")
    records = await connection.fetch(
        "SELECT m.address_id, m.stakeholder_id FROM match m "
        "JOIN customer c ON c.id = m.customer_id "
        f"WHERE {condition} AND m.stakeholder_id = ANY($2::bigint[])",
        value,
        stakeholder_ids,
    )
    owners: dict[int, list[int]] = {}
    for address_id, stakeholder_id in records:
        owners.setdefault(address_id, []).append(stakeholder_id)
    return await histories(connection, owners, now)


async def priors_of(
    connection: Connection, _: Viewer, owners: Sequence[int], *, as_of: date
) -> Mapping[int, Priors]:
    """The priors of a day, for whoever asks: they tell nothing of any customer."""
    found = await load_priors(connection, as_of)
    return dict.fromkeys(owners, found)


@dataclass(frozen=True, slots=True)
class ReachRow:
    """How far a campaign got at a customer."""

    campaign_id: int
    sent_at: datetime
    recipients: int
    delivered: int
    engaged: int


async def recent_campaigns(
    connection: Connection, viewer: Viewer, customer_ids: Sequence[int], *, last: int
) -> Mapping[int, list[ReachRow]]:
    """The latest campaigns sent to each customer, newest first."""
    condition, value = scope(viewer, "c")
    records = await connection.fetch(
        "SELECT c.id, found.* FROM customer c CROSS JOIN LATERAL (SELECT r.campaign_id, "
        "min(r.sent_at) AS sent_at, count(*), count(r.delivered_at) FILTER (WHERE r.status NOT IN "
        "('SOFT_BOUNCED','HARD_BOUNCED','REJECTED')), count(*) FILTER (WHERE r.engaged) "
        "FROM match m JOIN recipient r ON r.address_id = m.address_id AND r.is_announced "
        "JOIN campaign k ON k.id = r.campaign_id AND NOT k.is_provisional "
        "WHERE m.customer_id = c.id AND r.sent_at IS NOT NULL GROUP BY r.campaign_id "
        f"ORDER BY 2 DESC, 1 DESC LIMIT $3) found WHERE {condition} AND c.id = ANY($2::bigint[])",
        value,
        customer_ids,
        last,
    )
    found: dict[int, list[ReachRow]] = {}
    for customer_id, *record in records:
        found.setdefault(customer_id, []).append(ReachRow(*record))
    return found
