"""How engaged people and customers are, for a viewer: scores, habits, likelihood, interests."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from domain import interests as caring
from domain.best_time import BestTime, Rhythm, Together, best_time
from domain.customers import each_counts
from domain.errors import DomainError
from domain.events import CampaignType, EventKind
from domain.history import Sent
from domain.interests import Interest
from domain.likelihood import (
    Colleagues,
    Likelihood,
    Rates,
    gather,
    predict,
    predict_customer,
    without,
)
from domain.scoring import (
    LEAST_DELIVERED,
    Act,
    Reason,
    contributions,
    daily,
    reasons,
    shown,
    trend,
)
from domain.viewer import Viewer
from resolvers import events
from resolvers.context import Context
from store import people as store
from store.customers import CustomerRow
from store.database import Connection
from store.events import EventRow
from store.people import ActsRow, InsightRow
from store.priors import Priors

REACHED_WITHIN = timedelta(days=90)
"""People mailed within this time are reached; those of them who acted within it, engaged."""


KINDS = {
    Act.REPLY: EventKind.REPLIED,
    Act.FORWARD: EventKind.FORWARDED,
    Act.CLICK: EventKind.CLICKED,
    Act.OPEN: EventKind.OPENED,
    Act.UNSUBSCRIBE: EventKind.UNSUBSCRIBED,
    Act.COMPLAINT: EventKind.COMPLAINED,
}
"""The events that an act is made of. An open may have none: whoever clicked has opened."""


class People:
    """What is derived of a customer's stakeholders, however many of them an operation asks for."""

    def __init__(self, rows: Sequence[InsightRow]) -> None:
        self.rows = rows
        self.by_id = {row.stakeholder_id: row for row in rows}
        self._beliefs: tuple[Rates, Colleagues] | None = None

    def beliefs(self, rates: Rates) -> Colleagues:
        """How all of them respond; gathered once for all who ask with the same rates."""
        if self._beliefs is None or self._beliefs[0] is not rates:
            self._beliefs = rates, gather((row.belief for row in self.rows), rates)
        return self._beliefs[1]


class Acts:
    """When a customer's stakeholders acted, likewise."""

    def __init__(self, rows: Sequence[ActsRow]) -> None:
        self.rows = rows
        self.by_id = {row.stakeholder_id: row.moments for row in rows}
        self._together: Together | None = None

    def together(self, everyone: Rhythm) -> Together:
        """All their acts, beside everybody's rhythm."""
        if self._together is None or self._together.everyone is not everyone:
            self._together = Together((m for row in self.rows for m in row.moments), everyone)
        return self._together


async def _people_of_customers(
    connection: Connection, viewer: Viewer, customer_ids: Sequence[int]
) -> Mapping[int, People]:
    found = await store.people_of_customers(connection, viewer, customer_ids)
    return {customer_id: People(rows) for customer_id, rows in found.items()}


async def _acts_of_customers(
    connection: Connection, viewer: Viewer, customer_ids: Sequence[int]
) -> Mapping[int, Acts]:
    found = await store.acts_of_customers(connection, viewer, customer_ids)
    return {customer_id: Acts(rows) for customer_id, rows in found.items()}


async def _people(context: Context, customer_id: int) -> People:
    return await context.loaders.of(_people_of_customers, customer_id, People(()))


async def _acts(context: Context, customer_id: int) -> Acts:
    return await context.loaders.of(_acts_of_customers, customer_id, Acts(()))


async def people(context: Context, customer_id: int) -> Sequence[InsightRow]:
    """What is derived of the customer's stakeholders."""
    return (await _people(context, customer_id)).rows


async def person(context: Context, customer_id: int, stakeholder_id: int) -> InsightRow | None:
    """What is derived of a stakeholder; None when they were never mailed."""
    return (await _people(context, customer_id)).by_id.get(stakeholder_id)


async def _priors(context: Context) -> Priors:
    as_of = context.now.astimezone(UTC).date()
    return await context.loaders.of(store.priors_of, 0, Priors(), as_of=as_of)


def score_of_person(row: InsightRow | None, now: datetime) -> tuple[float, float] | None:
    """A person's score and trend; None without enough data."""
    if row is None or row.delivered < LEAST_DELIVERED:
        return None
    return shown(row.mass, now), trend(row.mass, row.mass_before, now)


def score_of_customer(row: CustomerRow, now: datetime) -> tuple[float, float] | None:
    """A customer's score and trend; None without enough data."""
    if row.delivered < LEAST_DELIVERED:
        return None
    return shown(row.mass, now), trend(row.mass, row.mass_before, now)


async def reasons_of_person(context: Context, row: InsightRow, value: float) -> Sequence[Reason]:
    """The acts behind a person's score."""
    history = await _history(context, row.stakeholder_id)
    return reasons(contributions(history), value, context.now)


async def daily_of_person(
    context: Context, row: InsightRow, value: float
) -> Sequence[float | None]:
    """A person's score of each of the last days, oldest first, and now."""
    return _daily([await _history(context, row.stakeholder_id)], value, context.now)


async def daily_of_customer(
    context: Context, customer_id: int, value: float
) -> Sequence[float | None]:
    """A customer's score of each of the last days, oldest first, and now."""
    last_sent = [row.last_sent_at for row in await people(context, customer_id)]
    factor = each_counts(last_sent, context.now)
    return _daily(await _histories(context, customer_id), value, context.now, factor)


def _daily(
    histories: Sequence[Sequence[Sent]], value: float, now: datetime, factor: float = 1.0
) -> Sequence[float | None]:
    arrived = (sent.delivered_at for history in histories for sent in history)
    found = [one for history in histories for one in contributions(history)]
    return daily(found, [at for at in arrived if at is not None], value, now, factor)


async def _history(context: Context, stakeholder_id: int) -> Sequence[Sent]:
    now = context.now
    return await context.loaders.of(store.histories_of_stakeholders, stakeholder_id, (), now=now)


async def reasons_of_customer(context: Context, customer_id: int, value: float) -> Sequence[Reason]:
    """The acts behind a customer's score: those of all its people."""
    told = await _histories(context, customer_id)
    found = [one for history in told for one in contributions(history)]
    return reasons(found, value, context.now)


async def _histories(context: Context, customer_id: int) -> Sequence[Sequence[Sent]]:
    """What each of a customer's people was sent."""
    rows = await people(context, customer_id)
    return await asyncio.gather(*(_history(context, row.stakeholder_id) for row in rows))


async def evidence(context: Context, reason: Reason) -> Sequence[EventRow]:
    """The events behind a reason, newest first."""
    kind = KINDS[reason.act]
    return await events.acts_behind(context, [(id_, kind) for id_ in reason.recipient_ids])


async def likelihood_of_person(
    context: Context, row: InsightRow, type_: CampaignType | None
) -> Likelihood:
    """How likely the person responds to the next campaign of a type."""
    rates = (await _priors(context)).action
    known = (await _people(context, row.customer_id)).beliefs(rates)
    colleagues = without(known, row.belief, rates)
    return predict(row.belief, row.known_sends, colleagues, (row.segment, type_), rates)


async def likelihood_of_customer(
    context: Context, customer: CustomerRow, type_: CampaignType | None
) -> Likelihood:
    """How likely one of the customer's people responds, whoever it is."""
    rates, known = (await _priors(context)).action, await _people(context, customer.id)
    sends = sum(one.known_sends for one in known.rows)
    return predict_customer(known.beliefs(rates), sends, (customer.segment, type_), rates)


async def best_time_of_person(
    context: Context, stakeholder_id: int, customer_id: int, timezone: str | None
) -> BestTime:
    """When the person can be reached, by their own clock."""
    known, priors = await _acts(context, customer_id), await _priors(context)
    own = known.by_id.get(stakeholder_id, ())
    return best_time(own, known.together(priors.rhythm), timezone or "UTC")


async def best_time_of_customer(
    context: Context, customer_id: int, timezone: str | None
) -> BestTime:
    """When the customer's people can be reached, each by their own clock."""
    known, priors = await _acts(context, customer_id), await _priors(context)
    zones = Counter(one.timezone for one in known.rows if one.timezone is not None)
    zone = timezone or (zones.most_common(1)[0][0] if zones else "UTC")
    return best_time((), known.together(priors.rhythm), zone)


async def interests_of_customer(context: Context, customer_id: int) -> Sequence[Interest]:
    """What the customer's people care about together."""
    return caring.of_customer(row.interests for row in await people(context, customer_id))


MOST = 100
"""Rows of a list that is no page, at most."""


def at_most(count: int) -> int:
    """How many rows are asked for. Raises DomainError."""
    if not 0 <= count <= MOST:
        raise DomainError("INVALID_FIRST", f"{count} cannot be given: ask for 0 to {MOST}")
    return count


async def recent_campaigns(
    context: Context, customer_id: int, last: int
) -> Sequence[store.ReachRow]:
    """How far the latest campaigns got at a customer. Raises DomainError."""
    nothing = list[store.ReachRow]()
    return await context.loaders.of(
        store.recent_campaigns, customer_id, nothing, last=at_most(last)
    )


async def counts(context: Context, customer_id: int) -> tuple[int, int, int]:
    """Of the customer's stakeholders: reached, engaged, dark."""
    now, rows = context.now, await people(context, customer_id)
    since = now - REACHED_WITHIN
    reached = [row for row in rows if row.last_sent_at > since]
    engaged = sum(
        row.last_engaged_at is not None and row.last_engaged_at > since for row in reached
    )
    dark = sum(row.dark_at is not None and row.dark_at <= now for row in rows)
    return len(reached), engaged, dark
