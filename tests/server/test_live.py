"""From a provider's signed webhook to the CSM's subscription, through real processes."""

import asyncio
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from tests.server import reports
from tests.server.following import CUSTOMER, PORTFOLIO, Following, following, streaming
from tests.server.portfolio import Portfolio
from tests.server.service import Service

NOW = datetime.now(UTC).replace(microsecond=0)

CURSOR = "query ($id: ID!) { customer(id: $id) { feedCursor } }"

Follow = Callable[..., AbstractAsyncContextManager[Following]]


async def cursor_of(service: Service, portfolio: Portfolio, customer: str = "Acme") -> str:
    asked = await service.ask(portfolio.tokens["Mia"], CURSOR, id=portfolio.customer(customer))
    cursor: str = asked["customer"]["feedCursor"]
    return cursor


PAYLOADS: dict[str, Callable[[str, int], Any]] = {
    "sendgrid": lambda to, n: [reports.sendgrid(to, NOW, event_id=f"e{n}")],
    "postmark": lambda to, _: reports.postmark(to, NOW),
    "mailgun": lambda to, _: reports.mailgun(to, NOW),
}
"""Provider → its report of one act, sent for the n-th time (SendGrid then changes its id)."""


@pytest.mark.parametrize("follow", [following, streaming])
@pytest.mark.parametrize("provider", PAYLOADS)
async def test_a_signed_webhook_is_seen_once_however_often_it_is_sent(
    service: Service, portfolio: Portfolio, provider: str, follow: Follow
) -> None:
    after = await cursor_of(service, portfolio)
    token, acme = portfolio.tokens["Mia"], portfolio.customer("Acme")
    async with (
        httpx.AsyncClient() as client,
        follow(service.url, token, CUSTOMER, customerId=acme, after=after) as mia,
    ):
        for number in range(3):
            payload = PAYLOADS[provider]("ann0@acme.com", number)
            assert await reports.post(client, service.url, provider, payload) == 200
        await mia.told(1)
        # What comes next comes after: nothing of the repetitions is left on its way.
        assert (
            await reports.post(
                client, service.url, provider, PAYLOADS[provider]("ann1@acme.com", 0)
            )
            == 200
        )
        await mia.told(2)
    first, second = mia.updates
    assert mia.errors == []
    assert first["kind"] == "RECORDED"
    assert first["customer"] == {"name": "Acme"}
    kind = "CLICKED" if provider == "sendgrid" else "OPENED"
    assert first["event"] == {"id": first["eventId"], "kind": kind}
    assert second["kind"] == "RECORDED"
    assert mia.addresses == ["ann0@acme.com", "ann1@acme.com"]
    assert await portfolio.value("SELECT count(*) FROM event") == 2
    assert await portfolio.value("SELECT sum(opens_human + clicks_human) FROM recipient") == (
        4 if provider == "sendgrid" else 2  # a click implies an open
    )


async def test_two_hundred_events_arrive_within_seconds_each(
    service: Service, portfolio: Portfolio, capsys: pytest.CaptureFixture[str]
) -> None:
    after = await cursor_of(service, portfolio)
    token, acme = portfolio.tokens["Mia"], portfolio.customer("Acme")
    sent: list[float] = []
    async with (
        httpx.AsyncClient() as client,
        following(service.url, token, CUSTOMER, customerId=acme, after=after) as mia,
    ):
        # Whatever happens once happens before: processes that come up, first statements.
        assert (
            await reports.post(
                client, service.url, "sendgrid", [reports.sendgrid("ann1@acme.com", NOW)]
            )
            == 200
        )
        await mia.told(1)
        for number in range(200):
            event = reports.sendgrid("ann0@acme.com", NOW + timedelta(seconds=number))
            sent.append(time.perf_counter())
            assert await reports.post(client, service.url, "sendgrid", [event]) == 200
            await asyncio.sleep(0.01)
        await mia.told(201)
    waits = [told - posted for posted, told in zip(sent, mia.times[1:], strict=True)]
    cuts = statistics.quantiles(waits, n=100)
    with capsys.disabled():
        print(  # noqa: T201
            f"\n  webhook → subscriber, 200 events: p50 {cuts[49] * 1000:.0f} ms, "
            f"p99 {cuts[98] * 1000:.0f} ms, slowest {max(waits) * 1000:.0f} ms"
        )
    assert max(waits) < 5
    assert len(set(mia.events)) == 201


async def restart_nothing(_: Service) -> None:
    """The subscriber alone goes away."""


async def restart_web(service: Service) -> None:
    service.kill("web")
    service.start("web")
    await service.ready()


async def restart_worker(service: Service) -> None:
    service.kill("worker")
    service.start("worker")


async def restart_valkey(service: Service) -> None:
    service.kill_valkey()
    service.start_valkey()


@pytest.mark.parametrize("restart", [restart_nothing, restart_web, restart_worker, restart_valkey])
async def test_fifty_events_that_came_while_the_subscriber_was_away_follow_its_cursor(
    service: Service, portfolio: Portfolio, restart: Callable[[Service], Any]
) -> None:
    token, acme = portfolio.tokens["Mia"], portfolio.customer("Acme")

    def events(first: int, last: int) -> list[Any]:
        return [
            [reports.sendgrid(f"ann{n % 10}@acme.com", NOW + timedelta(seconds=n))]
            for n in range(first, last)
        ]

    after = await cursor_of(service, portfolio)
    async with following(service.url, token, CUSTOMER, customerId=acme, after=after) as before:
        await reports.deliver_all(service.url, events(0, 5))
        await before.told(5)
    away = asyncio.create_task(reports.deliver_all(service.url, events(5, 55)))
    await restart(service)
    await away
    async with following(
        service.url, token, CUSTOMER, customerId=acme, after=before.cursor
    ) as resumed:
        await reports.deliver_all(service.url, events(55, 60))
        await resumed.told(55, seconds=30)
    told = before.events + resumed.events
    assert len(set(told)) == len(told) == 60
    assert resumed.errors == []


async def test_without_redis_events_are_taken_and_told_by_polling_and_then_woken_again(
    service: Service, portfolio: Portfolio
) -> None:
    token = portfolio.tokens["Mia"]
    after = await cursor_of(service, portfolio)
    async with (
        httpx.AsyncClient() as client,
        following(service.url, token, PORTFOLIO, after=after) as mia,
    ):
        service.kill_valkey()
        try:
            posted = time.perf_counter()
            for number in range(3):
                event = reports.sendgrid("ann0@acme.com", NOW + timedelta(seconds=number))
                assert await reports.post(client, service.url, "sendgrid", [event]) == 200
            await mia.told(3)
            assert mia.times[-1] - posted < 10  # 2 s on an idle machine
        finally:
            service.start_valkey()
        await asyncio.sleep(3)  # both processes look for Redis every second
        event = reports.sendgrid("ann0@acme.com", NOW + timedelta(seconds=9))
        assert await reports.post(client, service.url, "sendgrid", [event]) == 200
        await mia.told(4)


async def test_a_customer_that_changes_hands_is_told_to_the_new_csm_and_no_more_to_the_old(
    service: Service, portfolio: Portfolio
) -> None:
    url = service.url

    async def report(client: httpx.AsyncClient, number: int) -> None:
        events = [
            reports.sendgrid(f"ann{number}@{name}.com", NOW + timedelta(seconds=number))
            for name in ("core", "acme")
        ]
        assert await reports.post(client, url, "sendgrid", events) == 200

    after = await portfolio.cursor()
    async with (
        httpx.AsyncClient() as client,
        following(url, portfolio.tokens["Mia"], PORTFOLIO, after=after) as mia,
        following(url, portfolio.tokens["Joe"], PORTFOLIO, after=after) as joe,
    ):
        await report(client, 1)
        await mia.told(1)
        await joe.told(1)
        await portfolio.execute(
            "UPDATE customer SET csm_id = $1 WHERE id = $2",
            portfolio.csms["Mia"],
            portfolio.customers["Core"],
        )
        await asyncio.sleep(3)  # rights are trusted for two seconds
        await report(client, 2)
        await mia.until(lambda: {"ann2@core.com", "ann2@acme.com"} <= set(mia.addresses))
        await asyncio.sleep(0.5)
    # What Core did in the moment before it changed hands may be told to both.
    assert sorted(set(mia.addresses) - {"ann1@core.com"}) == [
        "ann1@acme.com",
        "ann2@acme.com",
        "ann2@core.com",
    ]
    assert joe.addresses == ["ann1@core.com"]
    assert len(set(mia.events)) == len(mia.events)
    assert mia.errors == joe.errors == []


async def test_a_quiet_csm_is_told_of_a_customer_gained(
    service: Service, portfolio: Portfolio
) -> None:
    after = await portfolio.cursor()
    async with (
        httpx.AsyncClient() as client,
        following(service.url, portfolio.tokens["Mia"], PORTFOLIO, after=after) as mia,
    ):
        await portfolio.execute(
            "UPDATE customer SET csm_id = $1 WHERE id = $2",
            portfolio.csms["Mia"],
            portfolio.customers["Core"],
        )
        await asyncio.sleep(3)
        events = [reports.sendgrid("ann0@core.com", NOW)]
        assert await reports.post(client, service.url, "sendgrid", events) == 200
        await mia.told(1)
    assert mia.updates[0]["customer"] == {"name": "Core"}


async def test_a_cursor_that_the_feed_no_longer_reaches_back_to_is_refused_as_expired(
    service: Service, portfolio: Portfolio
) -> None:
    from store.feed import trim

    token, acme = portfolio.tokens["Mia"], portfolio.customer("Acme")
    after = await cursor_of(service, portfolio)
    await reports.deliver_all(service.url, [[reports.sendgrid("ann0@acme.com", NOW)]])
    async with following(service.url, token, CUSTOMER, customerId=acme, after=after) as mia:
        await mia.told(1)
    async with portfolio.database.transaction() as connection:
        assert await trim(connection, datetime.now(UTC) + timedelta(hours=1)) == 1
    async with following(service.url, token, CUSTOMER, customerId=acme, after=after) as mia:
        await mia.until(lambda: bool(mia.errors))
    assert [e["extensions"]["code"] for e in mia.errors] == ["CURSOR_EXPIRED"]
    assert mia.updates == []
    fresh = await cursor_of(service, portfolio)
    async with following(service.url, token, CUSTOMER, customerId=acme, after=fresh) as mia:
        await reports.deliver_all(service.url, [[reports.sendgrid("ann1@acme.com", NOW)]])
        await mia.told(1)
