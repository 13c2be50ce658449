"""`GET /api/campaigns/recommendations`: what to do next, in the JSON of the PRD."""

import asyncio
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from resolvers import campaigns, cursors, customers, stakeholders
from resolvers import recommendations as resolve
from resolvers.context import Context
from schema import ids
from server.answering import door, json, written
from server.rest import limit_of
from store.recommendations import MORNING, RecommendationFilter, RecommendationRow


async def list_recommendations(request: Request, context: Context) -> Response:
    """What the viewer is to do, the most urgent first.

    `limit` (1 to 100) counts recommendations; `Link: …; rel="next"` leads to the next.
    """
    page = cursors.page(MORNING, limit_of(request), request.query_params.get("after") or None)
    found = (await resolve.recommendations_of_viewer(context, RecommendationFilter(), page)).page
    # Side by side, so that what belongs to all rows is read in one statement each.
    answer = await asyncio.gather(*(_recommendation(context, row) for row in found.rows))
    headers = {}
    if found.has_next:
        query = {"limit": page.first, "after": cursors.encode(MORNING, found.rows[-1])}
        headers["Link"] = f'<{request.url.path}?{urlencode(query)}>; rel="next"'
    return json(list(answer), 200, headers)


async def _recommendation(context: Context, row: RecommendationRow) -> dict[str, Any]:
    customer, who, campaign, events = await asyncio.gather(
        customers.customer(context, row.customer_id),
        _stakeholder(context, row),
        _campaign(context, row),
        resolve.evidence(context, row),
    )
    return {
        "id": ids.encode("Recommendation", row.id),
        "type": row.kind,
        "status": row.status,
        "customerId": (customer and customer.external_id)
        or ids.encode("Customer", row.customer_id),
        "customerName": None if customer is None else customer.name,
        **who,
        "email": row.address,
        **campaign,
        "reason": row.reason,
        "priority": row.priority,
        "priorityParts": [{"name": name, "points": points} for name, points in row.parts],
        "topics": row.topics,
        "talkingPoints": row.talking_points,
        "bestTime": await _best_time(context, row),
        "dueAt": written(row.due_at),
        "expiresAt": written(row.expires_at),
        "evidence": [
            {
                "eventId": ids.encode_event(event.fact_on, event.key),
                "kind": event.kind,
                "occurredAt": written(event.occurred_at),
                "url": event.url,
            }
            for event in events
        ],
    }


async def _stakeholder(context: Context, row: RecommendationRow) -> dict[str, Any]:
    found = None
    if row.stakeholder_id is not None:
        found = await stakeholders.stakeholder(context, row.stakeholder_id)
    if found is None:
        return {"stakeholderId": None, "stakeholderName": None}
    node_id = ids.encode("Stakeholder", found.id)
    return {"stakeholderId": found.external_id or node_id, "stakeholderName": found.name}


async def _campaign(context: Context, row: RecommendationRow) -> dict[str, Any]:
    found = None
    if row.campaign_id is not None:
        found = await campaigns.campaign(context, row.campaign_id)
    if found is None:
        return {"campaignId": None, "campaignName": None}
    return {"campaignId": ids.encode("Campaign", found.id), "campaignName": found.name}


async def _best_time(context: Context, row: RecommendationRow) -> dict[str, Any] | None:
    found = await resolve.best_time(context, row)
    if found is None:
        return None
    windows = [
        {"weekday": w.weekday, "startHour": w.start_hour, "endHour": w.end_hour}
        for w in found.windows
    ]
    return {"timezone": found.timezone, "basis": found.basis, "windows": windows}


routes: list[BaseRoute] = [
    Route("/api/campaigns/recommendations", door(list_recommendations), methods=["GET"]),
]
"""Doors that read `app.state.access` and `app.state.services`."""
