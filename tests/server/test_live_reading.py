"""Reading and following together, while writers write; and what a follower is told of matches."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from tests.server import reports
from tests.server.following import CUSTOMER, PORTFOLIO, Following, following
from tests.server.portfolio import Portfolio
from tests.server.service import Service

NOW = datetime.now(UTC).replace(microsecond=0)

READ = """
{ customers(first: 10) {
    nodes { feedCursor events(first: 100) { nodes { id } pageInfo { hasNextPage } } } } }
"""

RECORD = """
mutation ($events: [EngagementEventInput!]!) {
  recordEngagement(input: {events: $events}) { recorded rejected }
}
"""

FOLLOW = """
subscription ($after: String) { portfolioEngagement(after: $after) { cursor eventId } }
"""

READERS = 24
"""Readers that begin at different moments of the writing."""

PAYLOADS, BATCH = 30, 6
"""Webhooks and events in each: as many events again come by mutation, 60 + 60 at each customer."""


def webhooks() -> list[Any]:
    """Events of Acme, Bolt and Core in turn."""
    numbers = range(PAYLOADS * BATCH)
    names = ("acme", "bolt", "core")
    events = [
        reports.sendgrid(f"ann{n % 10}@{names[n % 3]}.com", NOW + timedelta(seconds=n))
        for n in numbers
    ]
    return [events[at : at + BATCH] for at in range(0, len(events), BATCH)]


async def mutate(service: Service, portfolio: Portfolio) -> None:
    """Record a few events at a time at Acme and Bolt, as fast as they are answered."""
    token = portfolio.tokens["INTEGRATION"]
    for first in range(0, 60, 3):
        events = [
            {
                "provider": "sendgrid",
                "campaign": {"externalId": reports.CAMPAIGN},
                "address": f"ann{n % 10}@{name}.com",
                "kind": "OPENED",
                "occurredAt": (NOW + timedelta(seconds=n)).isoformat(),
                "userAgent": reports.HUMAN,
            }
            for n in range(first, first + 3)
            for name in ("acme", "bolt")
        ]
        done = await service.ask(token, RECORD, events=events)
        assert done["recordEngagement"] == {"recorded": len(events), "rejected": 0}


async def pace(portfolio: Portfolio, starts: list[asyncio.Event], total: int) -> None:
    """Start the readers one by one as the feed grows to its half, however fast this machine is.

    Until then no customer has more events than a page holds.
    """
    for number, start in enumerate(starts):
        while True:
            async with portfolio.database.connection() as connection:
                told = await connection.fetchval("SELECT count(*) FROM feed")
            if told >= total * number // (2 * len(starts)):
                break
            await asyncio.sleep(0.005)
        start.set()


async def read_and_follow(
    service: Service, token: str, start: asyncio.Event, total: int
) -> tuple[list[str], Following]:
    """What one query shows of all customers, and what comes after its cursor."""
    await start.wait()
    nodes = (await service.ask(token, READ))["customers"]["nodes"]
    assert {node["feedCursor"] for node in nodes} == {nodes[0]["feedCursor"]}
    assert not any(node["events"]["pageInfo"]["hasNextPage"] for node in nodes)
    shown = [event["id"] for node in nodes for event in node["events"]["nodes"]]
    async with following(service.url, token, FOLLOW, after=nodes[0]["feedCursor"]) as told:
        await told.until(lambda: len(shown) + len(told.updates) >= total, seconds=40)
    return shown, told


async def test_what_a_query_shows_and_what_follows_its_cursor_is_everything_once(
    service: Service, portfolio: Portfolio
) -> None:
    token = portfolio.tokens["MANAGER"]
    total = PAYLOADS * BATCH + 120
    starts = [asyncio.Event() for _ in range(READERS)]
    readers = [
        asyncio.create_task(read_and_follow(service, token, start, total)) for start in starts
    ]
    await asyncio.gather(
        pace(portfolio, starts, total),
        reports.deliver_all(service.url, webhooks(), senders=3),
        mutate(service, portfolio),
    )
    found = await asyncio.gather(*readers)
    async with portfolio.database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM event") == total
    everything = set(found[0][0]) | set(found[0][1].events)
    assert len(everything) == total
    for shown, told in found:
        assert told.errors == []
        assert len(shown) + len(told.events) == total
        assert set(shown) | set(told.events) == everything
    between = sum(0 < len(shown) < total for shown, _ in found)
    assert between > 0, "no reader met the writers"


PROGRESS = """
subscription ($campaignId: ID!) {
  campaignProgressed(campaignId: $campaignId) {
    name funnel { recipients openers { human } } analysis { acts { opensHuman } } }
}
"""


async def test_a_campaigns_state_comes_first_and_then_changes_at_most_once_a_second(
    service: Service, portfolio: Portfolio
) -> None:
    campaign = portfolio.node("Campaign", portfolio.campaigns["sendgrid"])
    token = portfolio.tokens["MANAGER"]
    began = time.perf_counter()
    async with (
        httpx.AsyncClient() as client,
        following(service.url, token, PROGRESS, campaignId=campaign) as told,
    ):
        await told.told(1)
        for number in range(30):
            event = reports.sendgrid(
                f"ann{number % 10}@acme.com", NOW + timedelta(seconds=number), kind="open"
            )
            assert await reports.post(client, service.url, "sendgrid", [event]) == 200
            await asyncio.sleep(0.08)
        last = {
            "name": "Spring",
            "funnel": {"recipients": 10, "openers": {"human": 10}},
            "analysis": {"acts": {"opensHuman": 30}},
        }
        await told.until(lambda: bool(told.updates[-1] == last))
        count = len(told.updates)
        await asyncio.sleep(1.5)
    assert told.updates[0] == {
        "name": "Spring",
        "funnel": {"recipients": 0, "openers": {"human": 0}},
        "analysis": {"acts": {"opensHuman": 0}},
    }
    assert len(told.updates) == count, "nothing changed and it was told"
    # Each may arrive late, none early: the nth is sent n seconds after the first or later.
    since = [at - began for at in told.times]
    assert all(waited > 0.99 * number for number, waited in enumerate(since)), since
    assert told.errors == []


CONFIRM = """
mutation ($input: ConfirmMatchInput!) { confirmMatch(input: $input) { userErrors { code } } }
"""
REJECT = """
mutation ($input: RejectMatchInput!) { rejectMatch(input: $input) { userErrors { code } } }
"""


async def test_a_rejected_match_takes_its_history_away_and_a_confirmed_one_brings_it(
    service: Service, portfolio: Portfolio
) -> None:
    url = service.url
    mia, joe, boss = (portfolio.tokens[name] for name in ("Mia", "Joe", "MANAGER"))
    # Nobody knows bob, but everybody at acme.com is Acme's.
    events = [
        reports.sendgrid("bob@acme.com", NOW + timedelta(seconds=n), message=f"b{n}")
        for n in range(3)
    ]
    after = await portfolio.cursor()
    async with (
        following(url, mia, PORTFOLIO, after=after) as old,
        following(url, joe, PORTFOLIO, after=after) as new,
    ):
        await reports.deliver_all(url, [events])
        await old.told(3)
        bob = old.updates[0]["recipient"]["id"]
        chosen = {"recipientId": bob, "customerId": portfolio.customer("Acme")}
        done = await service.ask(mia, REJECT, input=chosen)
        assert done["rejectMatch"]["userErrors"] == []
        await old.told(6)
        chosen = {"recipientId": bob, "customerId": portfolio.customer("Core")}
        done = await service.ask(boss, CONFIRM, input=chosen)
        assert done["confirmMatch"]["userErrors"] == []
        await new.told(3)
        await reports.deliver_all(
            url, [[reports.sendgrid("bob@acme.com", NOW + timedelta(seconds=9), message="b9")]]
        )
        await new.told(4)
    assert [u["kind"] for u in old.updates] == ["RECORDED"] * 3 + ["REMOVED"] * 3
    assert old.events[3:] == old.events[:3]
    assert all(u["event"] is None and u["recipient"] is None for u in old.updates[3:])
    assert [u["kind"] for u in new.updates] == ["RECORDED"] * 4
    assert new.events[:3] == old.events[:3]
    assert {u["customer"]["name"] for u in new.updates} == {"Core"}
    assert old.errors == new.errors == []


async def test_a_domain_confirmed_later_brings_the_history_of_everybody_there(
    service: Service, portfolio: Portfolio
) -> None:
    url, joe, boss = service.url, portfolio.tokens["Joe"], portfolio.tokens["MANAGER"]
    people = ["eve@newco.com", "zoe@newco.com"]
    events = [reports.sendgrid(p, NOW, message=p) for p in people]
    await reports.deliver_all(url, [events])
    core, after = portfolio.customer("Core"), await portfolio.cursor()
    async with following(url, joe, CUSTOMER, customerId=core, after=after) as told:
        await portfolio.until("SELECT count(*) = 2 FROM event WHERE recipient_id IS NOT NULL")
        eve = await portfolio.value(
            "SELECT r.id FROM recipient r JOIN address a ON a.id = r.address_id WHERE address = $1",
            people[0],
        )
        chosen = {
            "recipientId": portfolio.node("Recipient", eve),
            "customerId": core,
            "domainIsTheirs": True,
        }
        done = await service.ask(boss, CONFIRM, input=chosen)
        assert done["confirmMatch"]["userErrors"] == []
        await told.told(2)
    assert sorted(told.addresses) == people
    assert [u["kind"] for u in told.updates] == ["RECORDED", "RECORDED"]


async def test_a_verdict_that_changes_is_told_as_corrected(
    service: Service, portfolio: Portfolio
) -> None:
    url, mia = service.url, portfolio.tokens["Mia"]
    async with following(url, mia, PORTFOLIO, after=await portfolio.cursor()) as told:
        await reports.deliver_all(url, [[reports.sendgrid("ann0@acme.com", NOW)]])
        await told.told(1)
        # As if it had been judged on less than is known now.
        await portfolio.execute("UPDATE event SET actor = 'MACHINE', reasons = '{SCANNER_AGENT}'")
        later = reports.sendgrid("ann0@acme.com", NOW + timedelta(seconds=5))
        await reports.deliver_all(url, [[later]])
        await told.told(3)
    assert [u["kind"] for u in told.updates] == ["RECORDED", "CORRECTED", "RECORDED"]
    assert told.events[1] == told.events[0]
    assert await portfolio.value("SELECT count(*) FROM event WHERE actor = 'HUMAN'") == 2
