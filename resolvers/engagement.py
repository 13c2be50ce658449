"""How engaged people and customers are, for a viewer: scores, habits, likelihood, interests."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from domain import interests as caring
from domain.best_time import BestTime, best_time
from domain.errors import DomainError
from domain.events import CampaignType, EventKind
from domain.history import Sent
from domain.interests import Interest
from domain.likelihood import Likelihood, gather, predict, predict_customer, without
from domain.scoring import (
    LEAST_DELIVERED,
    Act,
    Reason,
    contributions,
    reasons,
    shown,
    trend,
)
from resolvers.context import Context
from store import people as store
from store.customers import CustomerRow
from store.events import EventRow, human_acts
from store.people import InsightRow
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


async def people(context: Context, customer_id: int) -> Sequence[InsightRow]:
    """What is derived of the customer's stakeholders."""
    return await context.loaders.of(store.people_of_customers, customer_id, ())


async def person(context: Context, customer_id: int, stakeholder_id: int) -> InsightRow | None:
    """What is derived of a stakeholder; None when they were never mailed."""
    rows = await people(context, customer_id)
    return next((row for row in rows if row.stakeholder_id == stakeholder_id), None)


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


async def _history(context: Context, stakeholder_id: int) -> Sequence[Sent]:
    now = context.now
    return await context.loaders.of(store.histories_of_stakeholders, stakeholder_id, (), now=now)


async def reasons_of_customer(context: Context, customer_id: int, value: float) -> Sequence[Reason]:
    """The acts behind a customer's score: those of all its people."""
    rows = await people(context, customer_id)
    told = await asyncio.gather(*(_history(context, row.stakeholder_id) for row in rows))
    found = [one for history in told for one in contributions(history)]
    return reasons(found, value, context.now)


async def evidence(context: Context, reason: Reason) -> Sequence[EventRow]:
    """The events behind a reason, newest first."""
    kind, nothing = KINDS[reason.act], list[EventRow]()
    found = await asyncio.gather(
        *(context.loaders.of(human_acts, id_, nothing, kind=kind) for id_ in reason.recipient_ids)
    )
    events = (event for some in found for event in some)
    return sorted(events, key=lambda event: (event.occurred_at, event.key), reverse=True)


async def likelihood_of_person(
    context: Context, row: InsightRow, type_: CampaignType | None
) -> Likelihood:
    """How likely the person responds to the next campaign of a type."""
    rates = (await _priors(context)).action
    rows = await people(context, row.customer_id)
    customer = gather((one.belief for one in rows), rates)
    colleagues = without(customer, row.belief, rates)
    return predict(row.belief, row.known_sends, colleagues, (row.segment, type_), rates)


async def likelihood_of_customer(
    context: Context, customer: CustomerRow, type_: CampaignType | None
) -> Likelihood:
    """How likely one of the customer's people responds, whoever it is."""
    rates = (await _priors(context)).action
    rows = await people(context, customer.id)
    colleagues = gather((one.belief for one in rows), rates)
    sends = sum(one.known_sends for one in rows)
    return predict_customer(colleagues, sends, (customer.segment, type_), rates)


async def best_time_of_person(
    context: Context, row: InsightRow | None, customer_id: int, timezone: str | None
) -> BestTime:
    """When the person can be reached, by their own clock."""
    everyone = (await _priors(context)).rhythm
    rows = await people(context, customer_id)
    own = () if row is None else row.moments
    return best_time(own, [m for one in rows for m in one.moments], everyone, timezone or "UTC")


async def best_time_of_customer(context: Context, customer: CustomerRow) -> BestTime:
    """When the customer's people can be reached, each by their own clock."""
    everyone = (await _priors(context)).rhythm
    rows = await people(context, customer.id)
    zones = Counter(one.timezone for one in rows if one.timezone is not None)
    zone = customer.timezone or (zones.most_common(1)[0][0] if zones else "UTC")
    together = [m for one in rows for m in one.moments]
    return best_time((), together, everyone, zone)


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
