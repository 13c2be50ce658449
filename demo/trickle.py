"""Life after the history: campaigns that go out while you watch, and people who react to them."""

import asyncio
import itertools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from demo.campaigns import Campaign, live_campaign
from demo.directory import RECORD, REGISTER, registrations, replies
from demo.doors import Away, Doors
from demo.portfolio import Portfolio
from demo.requests import requests
from demo.signing import Signed, Signer
from demo.traffic import Act, traffic

EVERY = timedelta(minutes=40)
"""A new campaign this often, the first one at once."""

REMEMBERED = 12
"""Campaigns whose late readers we still follow."""

PACE = 0.02
"""People read a fiftieth of a day later where in life they read a day later."""

STEP_SECONDS = 1.0


class Stage:
    """The campaigns on the way, as a pure function of portfolio, start and clock."""

    def __init__(self, portfolio: Portfolio, started_at: datetime) -> None:
        self._portfolio = portfolio
        self._started_at = started_at
        self._acts: dict[int, tuple[Campaign, list[Act]]] = {}

    def begun(self, since: datetime, until: datetime) -> list[Campaign]:
        """Campaigns that begin after `since` and not after `until`."""
        return [campaign for campaign, _ in self._known(until) if since < campaign.sent_at <= until]

    def acts(self, since: datetime, until: datetime) -> list[Act]:
        """What happens after `since` and not after `until`, a campaign after the other."""
        return [act for _, acts in self._known(until) for act in acts if since < act.at <= until]

    def _known(self, until: datetime) -> Iterator[tuple[Campaign, list[Act]]]:
        newest = int((until - self._started_at) / EVERY)
        for number in range(max(0, newest - REMEMBERED), newest + 1):
            if number not in self._acts:
                self._acts[number] = self._imagine(number)
            yield self._acts[number]
        self._acts.pop(newest - REMEMBERED - 1, None)

    def _imagine(self, number: int) -> tuple[Campaign, list[Act]]:
        campaign = live_campaign(self._portfolio, number, self._started_at + number * EVERY)
        end = campaign.sent_at + EVERY * REMEMBERED
        return campaign, traffic(self._portfolio.seed, campaign, until=end, pace=PACE)


async def trickle(
    doors: Doors, signer: Signer, portfolio: Portfolio, now: Callable[[], datetime]
) -> None:
    """Send what happens, second by second, for ever. Raises Refused.

    While the service is away nothing is lost: what happened meanwhile is sent on its return.
    """
    started_at = now().replace(microsecond=0)
    stage, since = Stage(portfolio, started_at), started_at - timedelta(seconds=1)
    while True:
        until = now()
        try:
            await _register(doors, stage.begun(since, until))
            await _send(doors, signer, stage.acts(since, until), int(until.timestamp()))
            since = until
        except Away:
            continue
        await asyncio.sleep(STEP_SECONDS)


async def _register(doors: Doors, campaigns: Sequence[Campaign]) -> None:
    for campaign in campaigns:
        if campaign.is_registered:
            for given in registrations(campaign):
                await doors.change(REGISTER, given)


async def _send(doors: Doors, signer: Signer, acts: Sequence[Act], signed_at: int) -> None:
    for signed in signed_by_campaign(acts, signer, signed_at):
        await doors.webhook(signed)
    told = replies(acts)
    if told:
        await doors.change(RECORD, {"events": told})


def signed_by_campaign(acts: Sequence[Act], signer: Signer, signed_at: int) -> Iterator[Signed]:
    """Requests for acts that stand together by campaign."""
    for _, group in itertools.groupby(acts, key=lambda act: act.campaign.external_id):
        yield from requests(group, signer, signed_at=signed_at)
