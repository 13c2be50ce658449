"""`GET /api/campaigns/{id}/analysis`: a campaign's figures, as the contract has them."""

import asyncio
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from domain.durations import Durations, Quantile, durations
from domain.errors import DomainError
from domain.rates import Rate, rate, rate_of
from domain.text import shown
from resolvers import analysis, campaigns, csms
from resolvers.context import Context
from schema import ids
from server.answering import door, json, written
from store.analysis import Bins, Counts, GroupRow
from store.campaigns import CampaignRow

LINKS = 100
"""Links that an answer tells of at most, those most people followed."""

RATES = {
    "deliveryRate": "delivery",
    "bounceRate": "bounce",
    "openRate": "open",
    "clickRate": "click",
    "clickToOpenRate": "click_to_open",
    "replyRate": "reply",
    "forwardRate": "forward",
    "unsubscribeRate": "unsubscribe",
    "complaintRate": "complaint",
    "engagementRate": "engagement",
    "coverage": "coverage",
}
"""The rates of `domain.rates`, by their names in JSON."""

AVERAGED = ("openRate", "clickRate", "clickToOpenRate", "replyRate", "unsubscribeRate")


async def campaign_asked(context: Context, asked: str) -> CampaignRow:
    """A campaign by its node id or its own. Raises DomainError NOT_FOUND or AMBIGUOUS_ID."""
    try:
        row = await campaigns.campaign(context, ids.number(asked, "Campaign"))
    except DomainError:
        row = None
    if row is not None and not row.is_provisional:
        return row
    found = await campaigns.campaigns_by_external_id(context, asked)
    if len(found) > 1:
        message = f"{len(found)} platforms have a campaign {shown(asked)}: ask by its node id"
        raise DomainError("AMBIGUOUS_ID", message, ("id",))
    if not found:
        raise DomainError("NOT_FOUND", f"there is no campaign {shown(asked)}", ("id",))
    return found[0]


async def of_campaign(request: Request, context: Context) -> Response:
    """The whole analysis of one campaign, for whoever sees it."""
    row = await campaign_asked(context, request.path_params["campaign_id"])
    counts = await analysis.totals(context, row.id)
    bins = await analysis.bins(context, row.id)
    links = await analysis.links(context, row.id, LINKS)
    everybody = await analysis.everybodys(context, row.id)
    answer = {
        **_head(row),
        **_figures(counts),
        "timeToOpen": _durations(durations(bins.get("OPEN_DELAY", {}))),
        "timeToClick": _durations(durations(bins.get("CLICK_DELAY", {}))),
        "links": [
            {
                "url": link.url,
                "clickers": link.clickers_human,
                "machineClickers": link.clickers_machine,
                "clicks": link.clicks_human,
                "machineClicks": link.clicks_machine,
                "share": _rate(rate(link.clickers_human, counts.clickers_human)),
            }
            for link in links
        ],
        "bySegment": _named("segment", await analysis.segments(context, row.id)),
        "byCsm": await _by_csm(context, row.id),
        "average": _average(everybody),
        "byHourOfWeek": _hours(bins),
    }
    return json(answer)


def _head(row: CampaignRow) -> dict[str, Any]:
    node_id = ids.encode("Campaign", row.id)
    is_named = row.detection in ("DECLARED", "CAMPAIGN_ID")
    return {
        "id": node_id,
        "campaignId": row.external_id if is_named else node_id,
        "campaignName": row.name,
        "campaignType": row.type,
        "sentAt": written(row.sent_at),
    }


def _figures(counts: Counts) -> dict[str, Any]:
    """Counts are of unique recipients, and of people where nothing else is said."""
    return {
        "recipients": counts.recipients,
        "internal": counts.internal,
        "unmatched": counts.unmatched,
        "delivered": counts.delivered,
        "opened": counts.openers_human,
        "machineOpened": counts.openers_machine,
        "clicked": counts.clickers_human,
        "machineClicked": counts.clickers_machine,
        "replied": counts.repliers,
        "forwarded": counts.forwarders,
        "unsubscribed": counts.unsubscribers,
        "bounced": counts.bounced,
        "hardBounced": counts.bounced_hard,
        "softBounced": counts.bounced_soft,
        "complained": counts.complained,
        "rejected": counts.rejected,
        "engaged": counts.engaged,
        "openCount": counts.opens_human,
        "clickCount": counts.clicks_human,
        **{name: _rate(rate_of(counts, known)) for name, known in RATES.items()},
    }


def _rate(found: Rate) -> dict[str, Any]:
    return {
        "value": found.value,
        "numerator": found.numerator,
        "denominator": found.denominator,
        "low": found.low,
        "high": found.high,
        "enoughData": found.has_enough_data,
    }


def _durations(found: Durations) -> dict[str, Any]:
    return {
        "basedOn": found.based_on,
        "lowerQuartile": _quantile(found.lower_quartile),
        "median": _quantile(found.median),
        "upperQuartile": _quantile(found.upper_quartile),
    }


def _quantile(found: Quantile | None) -> dict[str, float] | None:
    if found is None:
        return None
    return {"seconds": found.seconds, "atLeast": found.at_least, "atMost": found.at_most}


def _named(name: str, rows: Sequence[GroupRow]) -> list[dict[str, Any]]:
    return [{name: row.key[0], **_figures(row.counts)} for row in rows]


async def _by_csm(context: Context, campaign_id: int) -> list[dict[str, Any]]:
    rows = await analysis.csms_of_campaign(context, campaign_id)
    # Asked for side by side, so that they are read in one statement.
    known = await asyncio.gather(*(_csm(context, row.key[0]) for row in rows))
    return [{"csm": csm, **_figures(row.counts)} for csm, row in zip(known, rows, strict=True)]


async def _csm(context: Context, csm_id: str | int | None) -> dict[str, str] | None:
    csm = None if csm_id is None else await csms.csm(context, int(csm_id))
    if csm is None:
        return None
    return {"id": ids.encode("Csm", csm.id), "name": csm.name, "email": csm.email}


def _average(everybody: Sequence[Counts]) -> dict[str, float | None] | None:
    if not everybody:
        return None
    counts = analysis.added(everybody)
    return {name: rate_of(counts, RATES[name]).value for name in AVERAGED}


def _hours(bins: Bins) -> list[dict[str, int]]:
    opened, clicked = bins.get("OPEN_HOUR", {}), bins.get("CLICK_HOUR", {})
    return [
        {
            "weekday": hour // 24 + 1,
            "hour": hour % 24,
            "opened": opened.get(hour, 0),
            "clicked": clicked.get(hour, 0),
        }
        for hour in sorted({*opened, *clicked})
    ]


routes: list[BaseRoute] = [
    Route("/api/campaigns/{campaign_id}/analysis", door(of_campaign), methods=["GET"])
]
"""Doors that read `app.state.access` and `app.state.services`."""
