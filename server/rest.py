"""The REST doors for campaigns' engagement, over the same resolvers as the contract."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from domain.errors import DomainError
from domain.prd import reports_of_state
from domain.reports import MAX_EVENTS, Report, report_of
from domain.text import shown
from resolvers import (
    campaigns,
    cursors,
    customers,
    recipients,
    recommendations,
    recording,
    stakeholders,
)
from resolvers.context import Context
from resolvers.recording import Outcome
from schema import ids
from server.answering import door, error_of, json, written
from server.bodies import CutShortError, TooLargeError, read_body
from store.campaigns import CampaignRow
from store.customers import CustomerRow
from store.recipients import NEWEST, RecipientRow
from store.recording import RecordOutcome

MAX_BODY_BYTES = 4 * 1024 * 1024
"""A thousand events with long links and user agents fit."""

DEFAULT_LIMIT = 100
"""Recipients that a page of a customer's campaigns tells of; also the most."""

MAX_DIGITS = 9
"""Digits of a limit that are read: Python refuses thousands with an error of its own."""


async def record(request: Request, context: Context) -> Response:
    """`POST /api/campaigns/engagement`: events, or a state that becomes events."""
    recording.require_recorder(context)
    body = await _body(request)
    reports = _reports(body)
    outcomes: list[Outcome] = []
    for start in range(0, len(reports), MAX_EVENTS):
        outcomes += await recording.record_engagement(context, reports[start : start + MAX_EVENTS])
    if "events" in body:
        outcomes = [_placed(outcome, place) for place, outcome in enumerate(outcomes)]
    counts = {kind: sum(o.outcome is kind for o in outcomes) for kind in RecordOutcome}
    answer: dict[str, Any] = {
        "recorded": counts[RecordOutcome.RECORDED],
        "duplicates": counts[RecordOutcome.DUPLICATE],
        "unmatched": counts[RecordOutcome.UNMATCHED],
        "rejected": counts[RecordOutcome.REJECTED],
        "results": [_result(outcome) for outcome in outcomes],
    }
    errors = [outcome.error for outcome in outcomes if outcome.error is not None]
    if errors and len(errors) == len(outcomes):
        return json({"error": error_of(errors[0]), **answer}, 400)
    return json(answer)


def _placed(outcome: Outcome, place: int) -> Outcome:
    """An outcome whose error says which of the events it is about."""
    error = outcome.error
    if error is None:
        return outcome
    path = ("events", str(place), *(error.field or ()))
    return outcome._replace(error=DomainError(error.code, error.message, path))


def _reports(body: Mapping[str, Any]) -> list[Report | DomainError]:
    if "events" not in body:
        return reports_of_state(body)
    events = body["events"]
    if not isinstance(events, list):
        raise DomainError("INVALID_TYPE", f"{shown(events)} is no list of events", ("events",))
    if len(events) > MAX_EVENTS:
        message = f"{len(events)} events in one call: send at most {MAX_EVENTS}"
        raise DomainError("TOO_MANY_EVENTS", message, ("events",))
    return [_report(event) for event in events]


def _report(event: object) -> Report | DomainError:
    try:
        return report_of(event)
    except DomainError as error:
        return error


def _result(outcome: Outcome) -> dict[str, Any]:
    return {
        "outcome": outcome.outcome,
        "eventId": outcome.event and ids.encode_event(*outcome.event),
        "error": outcome.error and error_of(outcome.error),
    }


async def of_customer(request: Request, context: Context) -> Response:
    """`GET /api/campaigns/customer/{customerId}`: its campaigns and what it did with them.

    `limit` (1 to 100) counts recipients, newest first; `Link: …; rel="next"` leads to the next.
    """
    customer = await _customer(context, request.path_params["customer_id"])
    page = cursors.page(NEWEST, limit_of(request), request.query_params.get("after") or None)
    found = await customers.recipients_of_customer(context, customer.id, page)
    answer = await _engagements(context, customer, found.rows)
    headers = {}
    if found.has_next:
        after = cursors.encode(NEWEST, found.rows[-1])
        query = urlencode({"limit": page.first, "after": after})
        headers["Link"] = f'<{request.url.path}?{query}>; rel="next"'
    return json(answer, 200, headers)


async def _customer(context: Context, asked: str) -> CustomerRow:
    try:
        row = await customers.customer(context, ids.number(asked, "Customer"))
    except DomainError:
        row = None
    row = row or await customers.customer_by_external_id(context, asked)
    if row is None:
        raise DomainError("NOT_FOUND", f"there is no customer {shown(asked)}", ("customerId",))
    return row


def limit_of(request: Request) -> int:
    """How many rows are asked for. Raises DomainError INVALID_LIMIT."""
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS) or not (
        1 <= int(text) <= cursors.MAX_FIRST
    ):
        message = f"limit is {shown(text)}: give 1 to {cursors.MAX_FIRST}"
        raise DomainError("INVALID_LIMIT", message, ("limit",))
    return int(text)


async def _engagements(
    context: Context, customer: CustomerRow, rows: Sequence[RecipientRow]
) -> list[dict[str, Any]]:
    """A customer's recipients by campaign, in the order of their first.

    Asked for side by side, so that what belongs to all rows is read in one statement each.
    """
    sent = await asyncio.gather(*(campaigns.campaign(context, row.campaign_id) for row in rows))
    told = await asyncio.gather(*(_engagement(context, customer, row) for row in rows))
    found: dict[int, dict[str, Any]] = {}
    for campaign, engagement in zip(sent, told, strict=True):
        if campaign is not None:
            bulk = found.setdefault(campaign.id, _bulk(campaign))
            bulk["customerEngagements"].append(engagement)
    return list(found.values())


def _bulk(campaign: CampaignRow) -> dict[str, Any]:
    node_id = ids.encode("Campaign", campaign.id)
    is_named = campaign.detection in ("DECLARED", "CAMPAIGN_ID")
    return {
        "id": node_id,
        "campaignId": campaign.external_id if is_named else node_id,
        "campaignName": campaign.name,
        "campaignType": campaign.type,
        "sentAt": written(campaign.sent_at),
        "customerEngagements": [],
    }


async def _engagement(context: Context, customer: CustomerRow, row: RecipientRow) -> dict[str, Any]:
    links = [link["url"] for link in row.links or () if link["human"] and link["url"]]
    return {
        "customerId": customer.external_id or ids.encode("Customer", customer.id),
        "stakeholderId": await _stakeholder_id(context, customer, row),
        "email": row.address,
        "engagement": {
            "delivered": row.status in ("DELIVERED", "COMPLAINED"),
            "opened": row.opens_human > 0,
            "openedAt": written(row.first_open_at),
            "openCount": row.opens_human,
            "clicked": row.clicks_human > 0,
            "clickedLinks": links,
            "replied": row.replied_at is not None,
            "unsubscribed": row.unsubscribed_at is not None,
            "bounced": row.status in ("HARD_BOUNCED", "SOFT_BOUNCED"),
        },
        "followUp": await _follow_up(context, row),
    }


async def _follow_up(context: Context, row: RecipientRow) -> dict[str, Any]:
    """Null says that nobody is told, which is not the same as "no"."""
    found = await recommendations.follow_up_of_recipient(context, row.id)
    return dict(zip(("recommended", "reason", "completed"), found, strict=True))


async def _stakeholder_id(context: Context, customer: CustomerRow, row: RecipientRow) -> str | None:
    for match in await recipients.matches(context, row.address_id):
        if match.customer_id == customer.id and match.stakeholder_id is not None:
            found = await stakeholders.stakeholder(context, match.stakeholder_id)
            if found is not None:
                return found.external_id or ids.encode("Stakeholder", found.id)
    return None


async def _body(request: Request) -> Mapping[str, Any]:
    """The request's JSON object. Raises DomainError TOO_LARGE, INVALID_JSON or INVALID_TYPE."""
    try:
        found: object = orjson.loads(await read_body(request, MAX_BODY_BYTES))
    except TooLargeError:
        message = f"the body has more than {MAX_BODY_BYTES} bytes: send fewer events a call"
        raise DomainError("TOO_LARGE", message) from None
    except CutShortError as error:
        raise DomainError("INVALID_JSON", "the body ended early") from error
    except orjson.JSONDecodeError as error:
        raise DomainError("INVALID_JSON", f"the body is no JSON: {error}") from error
    if not isinstance(found, dict):
        message = f"{shown(found)} is no object: send events, or a campaign's engagement"
        raise DomainError("INVALID_TYPE", message)
    return found


routes: list[BaseRoute] = [
    Route("/api/campaigns/engagement", door(record), methods=["POST"]),
    Route("/api/campaigns/customer/{customer_id}", door(of_customer), methods=["GET"]),
]
"""Doors that read `app.state.access` and `app.state.services`."""
