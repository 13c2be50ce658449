"""Traffic for measurements: valid, signed SendGrid batches as fast as they can be made."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from demo.campaigns import Campaign, make_campaigns
from demo.portfolio import Portfolio
from demo.providers import sendgrid
from demo.providers.naming import Payload
from demo.signing import Signed, Signer
from demo.traffic import READER_AGENTS, Act

MIX = ("accepted", "delivered", "opened", "clicked")
"""Every message goes through all of them: a share of clicks that real mail does not reach, since
links make the dearest events."""


def sendgrid_batches(
    portfolio: Portfolio,
    signer: Signer,
    *,
    events: int,
    batch: int,
    at: datetime,
    run: str = "bench",
) -> Iterator[Signed]:
    """`events` distinct facts about the portfolio's readers, `batch` to a request.

    Every `run` has campaigns of its own, so that no two runs report the same fact. Times end
    at `at`.
    """
    payloads: list[Payload] = []
    for act in stream(portfolio, events=events, at=at, run=run):
        payload = sendgrid.payload(act)
        if payload is not None:
            payloads.append(payload)
        if len(payloads) == batch:
            yield signer.sign("sendgrid", payloads, at=int(at.timestamp()))
            payloads = []
    if payloads:
        yield signer.sign("sendgrid", payloads, at=int(at.timestamp()))


def stream(portfolio: Portfolio, *, events: int, at: datetime, run: str) -> Iterator[Act]:
    """Distinct acts: each campaign's readers go through the mix, then the next campaign comes."""
    models = make_campaigns(portfolio, at.date())[:3]
    made = number = 0
    while made < events:
        campaign = replace(
            models[number % len(models)],
            external_id=f"{run}-{number}",
            provider="sendgrid",
            evidence="id",
            is_registered=False,
            sent_at=at - timedelta(hours=1),
            readers=portfolio.readers,
        )
        for act in _acts(campaign, at):
            yield act
            made += 1
            if made == events:
                return
        number += 1


def _acts(campaign: Campaign, at: datetime) -> Iterator[Act]:
    for step, kind in enumerate(MIX):
        moment = at - timedelta(minutes=50 - 8 * step)
        link = campaign.links[0] if kind == "clicked" else None
        for place, reader in enumerate(campaign.readers):
            agent = READER_AGENTS[reader.habits.client] if step > 1 else None
            seconds = timedelta(seconds=place * 7919 % 400)
            yield Act(kind, campaign, reader.address, moment + seconds, link, agent, "203.0.113.9")
