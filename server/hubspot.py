"""HubSpot's Email Events API, read window by window: what happened to its marketing emails.

https://developers.hubspot.com/docs/api-reference/legacy/email-analytics-v1/guide
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
import orjson

from intake.reading import items, mapping, read_json, text
from jobs.pulling import Page, SourceFailed
from store.pulls import Cursor

API = "https://api.hubapi.com"

EVENTS_PATH = "/email/public/v1/events"
CAMPAIGN_PATH = "/email/public/v1/campaigns/{}"

PAGE_EVENTS = 1000
"""Events in an answer: the most that HubSpot gives."""

WINDOW_MS = 6 * 3600 * 1000
"""Milliseconds of HubSpot's log read with one chain of offsets: what an offset that is refused
half-way costs."""

OVERLAP_MS = 600 * 1000
"""Milliseconds read again each time: events enter HubSpot's log some time after they happened."""

RESTARTS = 3
"""Chains of offsets that may break in one window before it counts as a failure."""

TIMEOUT_SECONDS = 30.0

SHORT_PAUSE_SECONDS = 10.0
"""HubSpot counts requests in windows of ten seconds (usage guidelines); it does not always say
Retry-After."""

LONGEST_PAUSE_SECONDS = 3600.0
"""However long HubSpot asks for, we ask again after this."""

CAMPAIGNS_KEPT = 10_000
"""Campaigns remembered by a worker; beyond, it forgets all and asks again."""


class HubSpot:
    """One account. `tokens` are tried in their order, so that they can be rotated."""

    def __init__(
        self,
        tokens: Sequence[str],
        *,
        now: Callable[[], datetime],
        first_look: timedelta,
        api: str = API,
    ) -> None:
        self._tokens = tokens
        self._now = now
        self._first_look = first_look
        self._api = api
        self._campaigns: dict[str, Mapping[str, Any]] = {}

    async def fetch(self, cursor: Cursor) -> Page:
        """The next page of events, with what is known of their campaigns. Raises SourceFailed."""
        async with httpx.AsyncClient(base_url=self._api, timeout=TIMEOUT_SECONDS) as client:
            now = _ms(self._now())
            window = _window(cursor, now, round(self._first_look.total_seconds() * 1000))
            answer = await self._events(client, window)
            if answer is None:
                return _restarted(window)
            events = items(answer.get("events"))
            bodies = [await self._payload(client, events)] if events else []
        return Page(bodies, *_after(window, answer, now))

    async def check(self) -> None:
        """Ask for one event. Raises SourceFailed."""
        async with httpx.AsyncClient(base_url=self._api, timeout=TIMEOUT_SECONDS) as client:
            await self._get(client, EVENTS_PATH, {"limit": 1})

    async def _events(self, client: httpx.AsyncClient, window: Cursor) -> Mapping[str, Any] | None:
        """None when HubSpot does not know the offset any more."""
        wanted = {
            "startTimestamp": window["since"],
            "endTimestamp": window["until"],
            "limit": PAGE_EVENTS,
        }
        offset = window.get("offset")
        answer = await self._get(
            client, EVENTS_PATH, wanted | ({"offset": offset} if offset else {})
        )
        if answer.status_code == 400 and offset:
            return None
        return _tree(answer)

    async def _payload(self, client: httpx.AsyncClient, events: Sequence[Any]) -> bytes:
        named: dict[str, Mapping[str, Any]] = {}
        for event in map(mapping, events):
            if (campaign := event.get("emailCampaignId")) and str(campaign) not in named:
                found = await self._campaign(client, str(campaign), event.get("appId"))
                named[str(campaign)] = found
        known = {campaign: found for campaign, found in named.items() if found}
        return orjson.dumps({"events": events, "campaigns": known})

    async def _campaign(
        self, client: httpx.AsyncClient, campaign: str, app: Any
    ) -> Mapping[str, Any]:
        if campaign not in self._campaigns:
            if len(self._campaigns) >= CAMPAIGNS_KEPT:
                self._campaigns.clear()
            path = CAMPAIGN_PATH.format(campaign)
            answer = await self._get(client, path, {"appId": app} if app else {})
            # Some campaigns are gone, or of an app that this token may not see: events count still.
            self._campaigns[campaign] = _tree(answer) if answer.is_success else {}
        return self._campaigns[campaign]

    async def _get(
        self, client: httpx.AsyncClient, path: str, wanted: Mapping[str, Any]
    ) -> httpx.Response:
        """An answer that is nobody's failure: 2xx, or a 4xx about this very question."""
        for token in self._tokens:
            headers = {"Authorization": f"Bearer {token}"}
            try:
                answer = await client.get(path, params=dict(wanted), headers=headers)
            except httpx.HTTPError as error:
                message = f"HubSpot cannot be reached: {type(error).__name__}"
                raise SourceFailed(message) from error
            if answer.status_code not in (401, 403):
                return _judged(answer)
        if answer.status_code == 403 and path != EVENTS_PATH:
            return answer
        raise SourceFailed(
            f"HubSpot refuses access_token ({answer.status_code}): put a valid one, of a private "
            'app with the scope `content`, under "hubspot" in PROVIDERS'
        )


def _judged(answer: httpx.Response) -> httpx.Response:
    status = answer.status_code
    if status == 429:
        pause = _asked_seconds(answer.headers.get("retry-after", ""))
        message = f"HubSpot had too many requests (429): it is asked again in {pause:.0f} s"
        raise SourceFailed(message, pause_seconds=pause)
    if status >= 500 or 300 <= status < 400:
        raise SourceFailed(f"HubSpot answered {status}")
    return answer


def _asked_seconds(header: str) -> float:
    if not header.isdecimal() or len(header) > 6:
        return SHORT_PAUSE_SECONDS
    return min(max(float(header), 1.0), LONGEST_PAUSE_SECONDS)


def _tree(answer: httpx.Response) -> Mapping[str, Any]:
    try:
        tree = read_json(answer.content)
    except ValueError:
        tree = None
    if not answer.is_success or not isinstance(tree, dict):
        said = text(mapping(tree).get("message"), 200) or "no JSON object"
        raise SourceFailed(f"HubSpot answered {answer.status_code}: {said}")
    return tree


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _window(cursor: Cursor, now: int, first_look: int) -> Cursor:
    """The part of the log under way, or the next: {since, until} in ms, {offset} within it."""
    if "until" in cursor:
        return cursor
    since = cursor.get("since", now - first_look)
    return {"since": since, "until": max(since + 1, min(now, since + WINDOW_MS))}


def _restarted(window: Cursor) -> Page:
    restarts = window.get("restarts", 0) + 1
    if restarts > RESTARTS:
        raise SourceFailed(f"HubSpot refuses its own offsets, {RESTARTS} times in a row")
    again = {"since": window["since"], "until": window["until"], "restarts": restarts}
    return Page([], again, True)


def _after(window: Cursor, answer: Mapping[str, Any], now: int) -> tuple[Cursor, bool]:
    """Where to go on, and whether there is more already."""
    if answer.get("hasMore") is True:
        offset = answer.get("offset")
        if not offset or offset == window.get("offset"):
            raise SourceFailed("HubSpot says that there is more, and not where (`offset`)")
        return {**window, "offset": offset}, True
    until = window["until"]
    return {"since": until - OVERLAP_MS}, until < now
