"""HubSpot's log pulled: every event once, whatever dies, is refused or comes late."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from jobs.pulling import Source, pull
from server.hubspot import OVERLAP_MS, WINDOW_MS, HubSpot
from store.database import Database
from tests.jobs.mail import drain_of, execute, rows
from tests.server.fake_hubspot import CAMPAIGN, TOKEN, FakeHubSpot, fake_hubspot

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NOW_MS = round(NOW.timestamp() * 1000)
MINUTE_MS = 60_000


@pytest.fixture
async def hubspot() -> AsyncIterator[FakeHubSpot]:
    async with fake_hubspot() as found:
        yield found


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def account(fake: FakeHubSpot, **changes: Any) -> HubSpot:
    days = timedelta(days=changes.pop("days", 1))
    values: dict[str, Any] = {
        "tokens": [TOKEN],
        "now": Clock(),
        "first_look": days,
        "api": fake.url,
    } | changes
    return HubSpot(values.pop("tokens"), **values)


async def read(database: Database, hubspot: HubSpot) -> None:
    await execute(database, "UPDATE pull SET due_at = now()")
    source = Source(name="hubspot", provider="hubspot", seconds=60, fetch=hubspot.fetch)
    await pull(database, source, lambda: NOW)


async def ids(database: Database) -> list[str]:
    """The events of all payloads, in the order in which they came."""
    found = await rows(
        database,
        "SELECT e ->> 'id' FROM payload, "
        "jsonb_array_elements(convert_from(body, 'UTF8')::jsonb -> 'events') "
        "WITH ORDINALITY _(e, n) ORDER BY payload.id, n",
    )
    return [row[0] for row in found]


async def error(database: Database) -> str | None:
    ((found,),) = await rows(database, "SELECT error FROM pull")
    return str(found) if found is not None else None


async def test_pages_are_followed_to_the_end(database: Database, hubspot: FakeHubSpot) -> None:
    hubspot.happen(*range(NOW_MS - 50, NOW_MS))
    hubspot.most = 20
    await read(database, account(hubspot, days=0.1))

    assert sorted(await ids(database)) == sorted(f"event-{n}" for n in range(50))
    assert await rows(database, "SELECT count(*) FROM payload") == [(3,)]
    assert [one.get("offset") for one in hubspot.asked] == [None, "o20", "o40"]
    assert {one["limit"] for one in hubspot.asked} == {"1000"}


async def test_the_first_look_goes_back_in_windows_and_quiet_ones_leave_no_payload(
    database: Database, hubspot: FakeHubSpot
) -> None:
    hubspot.happen(NOW_MS - 23 * 60 * MINUTE_MS, NOW_MS - 5, NOW_MS - 25 * 60 * MINUTE_MS)
    await read(database, account(hubspot))

    assert await ids(database) == ["event-0", "event-1"]
    assert await rows(database, "SELECT count(*) FROM payload") == [(2,)]
    spans = [(int(one["startTimestamp"]), int(one["endTimestamp"])) for one in hubspot.asked]
    assert spans[0] == (NOW_MS - 24 * 60 * MINUTE_MS, NOW_MS - 24 * 60 * MINUTE_MS + WINDOW_MS)
    assert spans[-1][1] == NOW_MS
    assert all(until - since <= WINDOW_MS for since, until in spans)
    assert all(b[0] == a[1] - OVERLAP_MS for a, b in pairwise(spans))


async def test_what_enters_the_log_late_is_found_and_counted_once(
    database: Database, hubspot: FakeHubSpot
) -> None:
    clock = Clock()
    asked = account(hubspot, now=clock)
    hubspot.happen(NOW_MS - MINUTE_MS)
    await read(database, asked)
    hubspot.happen(NOW_MS - 9 * MINUTE_MS)  # before the first, but in the log only now
    clock.now = NOW + timedelta(minutes=1)
    await read(database, asked)
    await drain_of(database).until(0)

    assert await ids(database) == ["event-0", "event-0", "event-1"]
    kinds = await rows(database, "SELECT kind, count(*) FROM event GROUP BY 1")
    assert kinds == [("DELIVERED", 2)]


async def test_a_worker_killed_midway_is_resumed_and_every_event_counts_once(
    database: Database, hubspot: FakeHubSpot
) -> None:
    hubspot.happen(*range(NOW_MS - 70, NOW_MS))
    hubspot.most = 10

    class Dying(HubSpot):
        pages = 0

        async def fetch(self, cursor: Any) -> Any:
            page = await super().fetch(cursor)
            self.pages += 1
            if self.pages == 4:
                raise asyncio.CancelledError
            return page

    dying = Dying([TOKEN], now=Clock(), first_look=timedelta(hours=1), api=hubspot.url)
    with pytest.raises(asyncio.CancelledError):
        await read(database, dying)
    assert len(await ids(database)) == 30
    await read(database, account(hubspot, days=0.01))
    await drain_of(database).until(0)

    assert sorted(await ids(database)) == sorted(f"event-{n}" for n in range(70))
    assert await rows(database, "SELECT count(*), count(DISTINCT address_id) FROM event") == [
        (70, 70)
    ]
    assert [one.get("offset") for one in hubspot.asked][3:5] == ["o30", "o30"]


WORKER = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from jobs.pulling import Source, pull
from server.hubspot import HubSpot
from store.database import Database

async def work(dsn, api, token, now):
    def clock():
        return datetime.fromisoformat(now)
    database = Database(dsn)
    await database.connect()
    hubspot = HubSpot([token], now=clock, first_look=timedelta(hours=1), api=api)
    source = Source(name="hubspot", provider="hubspot", seconds=60, fetch=hubspot.fetch)
    await pull(database, source, clock)

asyncio.run(work(*sys.argv[1:]))
"""
"""A worker's process that pulls once."""


@pytest.mark.parametrize("pages", [2, 5])
async def test_a_process_killed_between_two_pages_costs_and_doubles_nothing(
    database: Database, hubspot: FakeHubSpot, pages: int
) -> None:
    hubspot.happen(*range(NOW_MS - 70, NOW_MS))
    hubspot.most = 10
    hubspot.seconds = 0.05
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WORKER, database.dsn, hubspot.url, TOKEN, NOW.isoformat()
    )
    while len(hubspot.asked) < pages:
        await asyncio.sleep(0.005)
    worker.kill()
    assert await worker.wait() == -signal.SIGKILL
    await asyncio.sleep(0.2)  # what it had sent to PostgreSQL is there, or not, by now
    kept = len(await ids(database))
    assert kept in (10 * (pages - 1), 10 * pages)
    assert kept == len(set(await ids(database)))

    await execute(database, "UPDATE pull SET lease_until = now()")
    await read(database, account(hubspot, days=0.01))
    await drain_of(database).until(0)

    assert sorted(await ids(database)) == sorted(f"event-{n}" for n in range(70))
    assert await rows(database, "SELECT count(*), count(DISTINCT address_id) FROM event") == [
        (70, 70)
    ]


async def test_campaigns_have_their_names_which_are_asked_for_once(
    database: Database, hubspot: FakeHubSpot
) -> None:
    hubspot.happen(*range(NOW_MS - 30, NOW_MS))
    hubspot.happen(NOW_MS - 40, emailCampaignId=7)
    hubspot.most = 10
    asked = account(hubspot, days=0.01)
    await read(database, asked)
    await read(database, asked)
    await drain_of(database).until(0)

    assert hubspot.campaigns_asked == [str(CAMPAIGN), "7"]
    assert await rows(
        database, "SELECT provider, external_id, name, subject FROM campaign ORDER BY 2"
    ) == [
        ("hubspot", str(CAMPAIGN), "March newsletter", "Our news"),
        ("hubspot", "7", "7", None),
    ]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [({"retry-after": "90"}, 90), ({}, 10), ({"retry-after": "soon"}, 10)],
)
async def test_too_many_requests_are_a_pause_as_long_as_hubspot_says(
    database: Database, hubspot: FakeHubSpot, headers: dict[str, str], seconds: int
) -> None:
    hubspot.happen(NOW_MS - 5)
    hubspot.refusals = [JSONResponse({"policyName": "TEN_SECONDLY_ROLLING"}, 429, headers)]
    asked = account(hubspot, days=0.01)
    await read(database, asked)

    ((due,),) = await rows(database, "SELECT extract(epoch FROM due_at - now())::float8 FROM pull")
    assert due == pytest.approx(seconds, abs=3)
    told = f"HubSpot had too many requests (429): it is asked again in {seconds} s"
    assert await error(database) == told

    await read(database, asked)
    assert await ids(database) == ["event-0"]
    assert await error(database) is None


async def test_a_campaign_refused_for_now_costs_its_page_a_pause_and_nothing_else(
    database: Database, hubspot: FakeHubSpot
) -> None:
    hubspot.happen(NOW_MS - 5)
    asked = account(hubspot, days=0.01)
    hubspot.refusals = [Response(status_code=502)]
    await read(database, asked)
    assert (await error(database), await ids(database)) == ("HubSpot answered 502", [])

    await read(database, asked)
    assert await ids(database) == ["event-0"]


async def test_tokens_are_rotated(database: Database, hubspot: FakeHubSpot) -> None:
    hubspot.happen(NOW_MS - 5)
    await read(database, account(hubspot, tokens=["pat-old", TOKEN], days=0.01))

    assert await ids(database) == ["event-0"]


async def test_a_refused_token_is_told_with_the_way_out(
    database: Database, hubspot: FakeHubSpot
) -> None:
    await read(database, account(hubspot, tokens=["pat-stolen"]))

    told = await error(database) or ""
    assert told.startswith("HubSpot refuses access_token (401): put a valid one")
    assert "pat-stolen" not in told


async def test_offsets_that_hubspot_forgot_begin_the_window_again(
    database: Database, hubspot: FakeHubSpot
) -> None:
    hubspot.happen(*range(NOW_MS - 30, NOW_MS))
    hubspot.most = 10
    hubspot.forgotten_offsets = 2
    await read(database, account(hubspot, days=0.01))
    assert set(await ids(database)) == {f"event-{n}" for n in range(30)}

    hubspot.forgotten_offsets = 100
    await read(database, account(hubspot, days=0.01))
    assert await error(database) == "HubSpot refuses its own offsets, 3 times in a row"


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (Response(b"<html>", 200), "HubSpot answered 200: no JSON object"),
        (JSONResponse([1]), "HubSpot answered 200: no JSON object"),
        (JSONResponse({"message": "no such scope"}, 400), "HubSpot answered 400: no such scope"),
        (
            Response(status_code=302, headers={"location": "https://x.example"}),
            "HubSpot answered 302",
        ),
        (
            JSONResponse({"events": [], "hasMore": True}),
            "HubSpot says that there is more, and not where (`offset`)",
        ),
    ],
)
async def test_an_answer_that_makes_no_sense_is_told(
    database: Database, hubspot: FakeHubSpot, answer: Response, told: str
) -> None:
    hubspot.refusals = [answer]
    await read(database, account(hubspot))

    assert await error(database) == told
    assert await ids(database) == []


async def test_a_hubspot_out_of_reach_is_told(database: Database) -> None:
    nowhere = HubSpot([TOKEN], now=Clock(), first_look=timedelta(days=1), api="http://127.0.0.1:9")
    await read(database, nowhere)

    assert await error(database) == "HubSpot cannot be reached: ConnectError"
