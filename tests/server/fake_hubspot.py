"""A HubSpot of ours: its email events and campaigns, with offsets, limits and lateness."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.server.listening import listening

TOKEN = "pat-eu1-good"
CAMPAIGN = 13054799


@dataclass
class FakeHubSpot:
    """`events` is the log, in any order; it is answered newest first. `refusals` are given, one a
    request, before anything else; `seconds` is how long it thinks."""

    events: list[dict[str, Any]] = field(default_factory=list)
    most: int = 1000
    seconds: float = 0.0
    tokens: set[str] = field(default_factory=lambda: {TOKEN})
    refusals: list[Response] = field(default_factory=list)
    forgotten_offsets: int = 0
    asked: list[dict[str, str]] = field(default_factory=list)
    campaigns_asked: list[str] = field(default_factory=list)
    url: str = ""

    def happen(self, *created: int, **fields: Any) -> None:
        """Put events into the log, one at each of these times (ms)."""
        for at in created:
            self.events.append(
                {
                    "id": f"event-{len(self.events)}",
                    "type": "DELIVERED",
                    "created": at,
                    "recipient": f"person{len(self.events)}@acme.com",
                    "emailCampaignId": CAMPAIGN,
                    "appId": 113,
                    "portalId": 62515,
                    "sentBy": {"id": f"sent-{len(self.events)}", "created": at},
                    **fields,
                }
            )

    def answer(self, request: Request) -> Response:
        """What HubSpot says to a request."""
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.tokens:
            return JSONResponse({"status": "error", "message": "Authentication failed"}, 401)
        if self.refusals:
            return self.refusals.pop(0)
        if "campaign" in request.path_params:
            return self._campaign(request.path_params["campaign"])
        return self._page(dict(request.query_params))

    def _page(self, wanted: dict[str, str]) -> Response:
        self.asked.append(wanted)
        if "offset" in wanted and self.forgotten_offsets:
            self.forgotten_offsets -= 1
            return JSONResponse({"status": "error", "message": "Invalid offset"}, 400)
        since = int(wanted.get("startTimestamp", 0))
        until = int(wanted.get("endTimestamp", 2**62))
        found = [one for one in self.events if since <= one["created"] <= until]
        found.sort(key=lambda one: (-one["created"], one["id"]))
        first = int(wanted.get("offset", "o0")[1:])
        last = first + min(self.most, int(wanted.get("limit", 10)))
        return JSONResponse(
            {"events": found[first:last], "hasMore": last < len(found), "offset": f"o{last}"}
        )

    def _campaign(self, campaign: str) -> Response:
        self.campaigns_asked.append(campaign)
        if campaign != str(CAMPAIGN):
            return JSONResponse({"status": "error", "message": "No such campaign"}, 404)
        return JSONResponse(
            {"id": CAMPAIGN, "appId": 113, "name": "March newsletter", "subject": "Our news"}
        )


@asynccontextmanager
async def fake_hubspot() -> AsyncIterator[FakeHubSpot]:
    """It listens on a port of its own."""
    fake = FakeHubSpot()

    async def answer(request: Request) -> Response:
        await asyncio.sleep(fake.seconds)
        return fake.answer(request)

    app = Starlette(
        routes=[
            Route("/email/public/v1/events", answer),
            Route("/email/public/v1/campaigns/{campaign}", answer),
        ]
    )
    async with listening(app) as fake.url:
        yield fake
