"""Verdicts in the database: reversed by what comes later, told live, found again by a rebuild."""

from datetime import date, timedelta
from typing import Any

import pytest

from domain.events import EventKind, ReportedEvent
from domain.judging import JUDGE_VERSION
from domain.policy import Policy
from jobs.upkeep import learn_habits
from store.database import Database
from store.gateways import learn_gateways
from store.rebuilding import rebuild
from store.recording import record
from tests.jobs.mail import NOW, POLICY, directory, drain_of, execute, rows
from tests.jobs.test_drain import report
from tests.seeding import Seed

K = EventKind
A, B, C = (f"https://us.example/{name}" for name in "abc")
CLICKS = "SELECT url, actor, reasons FROM event WHERE kind = 'CLICKED' ORDER BY occurred_at, url"
FEED = (
    "SELECT f.kind, e.kind, e.url, e.actor FROM feed f JOIN event e USING (fact_on, key) "
    "ORDER BY f.xid, f.id"
)
COUNTS = "SELECT clicks_human, clicks_machine, engaged FROM recipient"


def click(second: float, url: str = A, **changes: Any) -> ReportedEvent:
    return report(kind=K.CLICKED, url=url, occurred_at=at(second), **changes)


def at(second: float) -> Any:
    return NOW - timedelta(hours=3) + timedelta(seconds=second)


async def put(database: Database, *events: ReportedEvent) -> None:
    await record(database, events, NOW, POLICY)
    await drain_of(database).until(0)


async def differences(database: Database, policy: Policy = POLICY, **changes: bool) -> list[str]:
    options = {"is_check": True} | changes
    found = await rebuild(database, policy, report=lambda *_: None, **options)
    return [d.what for d in found]


async def test_a_burst_that_completes_late_withdraws_the_first_click_and_says_so(
    database: Database,
) -> None:
    await directory(database)
    await put(database, click(0))
    assert await rows(database, COUNTS) == [(1, 0, True)]
    await put(database, click(0.4, B))
    assert await rows(database, CLICKS) == [(A, "MACHINE", ["BURST"]), (B, "MACHINE", ["BURST"])]
    assert await rows(database, COUNTS) == [(0, 2, False)]
    assert await rows(database, FEED) == [
        ("RECORDED", "CLICKED", A, "MACHINE"),
        ("CORRECTED", "CLICKED", A, "MACHINE"),
        ("RECORDED", "CLICKED", B, "MACHINE"),
    ]
    assert await differences(database) == []


async def test_a_decoy_followed_withdraws_what_was_done_around_it(database: Database) -> None:
    await directory(database)
    hand: dict[str, Any] = {
        "ip": "192.0.2.7",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/132.0",
    }
    await put(database, click(0), click(600, B, **hand), click(3_000, C))
    assert await rows(database, COUNTS) == [(3, 0, True)]
    await put(database, click(8, "https://us.example/decoy", is_decoy=True, **hand))
    assert await rows(database, CLICKS) == [
        (A, "MACHINE", ["DECOY"]),
        ("https://us.example/decoy", "MACHINE", ["DECOY"]),
        (B, "MACHINE", ["DECOY"]),
        (C, "HUMAN", []),
    ]
    assert await rows(database, COUNTS) == [(1, 3, True)]
    assert await rows(database, "SELECT jsonb_array_length(links) FROM recipient") == [(3,)]
    corrected = [url for kind, _, url, _ in await rows(database, FEED) if kind == "CORRECTED"]
    assert corrected == [A, B]
    assert await differences(database) == []


async def test_a_decoy_is_a_machines_before_it_is_projected(database: Database) -> None:
    await directory(database)
    await record(database, [click(0, is_decoy=True)], NOW, POLICY)
    assert await rows(database, CLICKS) == [(A, "MACHINE", ["DECOY"])]


async def test_a_machines_unsubscription_is_kept_apart(database: Database) -> None:
    await directory(database)
    asked = report(kind=K.UNSUBSCRIBED, occurred_at=at(0.5))
    await put(database, click(0), click(0.4, B), asked)
    columns = "SELECT unsubscribed_at, unsubscribe_unconfirmed_at FROM recipient"
    assert await rows(database, columns) == [(None, at(0.5))]
    assert await rows(database, "SELECT count(*) FROM suppression") == [(0,)]


async def declare(database: Database, *urls: str) -> None:
    async with database.connection() as connection:
        (campaign,) = await connection.fetchrow(
            "SELECT id FROM campaign WHERE external_id='spring'"
        )
        for url in urls:
            await Seed(connection)._insert(
                "campaign_link", campaign_id=campaign, url=url, topics=[]
            )


async def settle(database: Database) -> None:
    """Let the time pass after which changed links are looked at a last time."""
    drain = drain_of(database)
    await drain.until(0)
    await execute(database, "UPDATE link_queue SET created_at = created_at - interval '1 minute'")
    await drain.until(0)
    assert await rows(database, "SELECT count(*) FROM link_queue") == [(0,)]


async def test_a_sweep_is_judged_by_the_campaigns_links_whenever_these_become_known(
    database: Database,
) -> None:
    await directory(database)
    await put(database, click(0), click(100, B), click(200, C))
    assert await rows(database, COUNTS) == [(3, 0, True)]
    await declare(database, A, B, C)
    await settle(database)
    assert await rows(database, COUNTS) == [(0, 3, False)]
    assert [kind for kind, *_ in await rows(database, FEED)] == ["RECORDED"] * 3 + ["CORRECTED"] * 3
    assert await differences(database) == []
    await declare(database, "https://us.example/d")
    await settle(database)
    assert await rows(database, COUNTS) == [(3, 0, True)]
    assert await differences(database) == []
    await execute(database, "DELETE FROM campaign_link WHERE url LIKE '%/d'")
    await settle(database)
    assert await rows(database, COUNTS) == [(0, 3, False)]
    assert await differences(database) == []


async def test_thresholds_are_the_operators_and_a_rebuild_applies_new_ones(
    database: Database,
) -> None:
    await directory(database)
    await put(database, click(0), click(2, B))
    assert await rows(database, COUNTS) == [(2, 0, True)]
    wider = Policy(internal_domains=POLICY.internal_domains, burst_seconds=3)
    assert "actor" in " ".join(await differences(database, wider))
    await differences(database, wider, is_check=False)
    assert await rows(database, COUNTS) == [(0, 2, False)]
    assert await differences(database, wider) == []


async def test_a_rebuild_judges_what_an_older_version_judged(database: Database) -> None:
    await directory(database)
    await put(database, click(0))
    assert await rows(database, "SELECT judge_version FROM recipient") == [(JUDGE_VERSION,)]
    await execute(database, f"UPDATE recipient SET judge_version = {JUDGE_VERSION - 1}")
    assert await differences(database) == ["judge_version"]
    await differences(database, is_check=False)
    assert await rows(database, "SELECT judge_version FROM recipient") == [(JUDGE_VERSION,)]
    assert await differences(database) == []


TODAY = NOW.date()


async def sweep_of(database: Database, domain: str, mails: int, *, days_ago: int = 0) -> None:
    """A gateway follows the links of so many mails to a domain 40 s after each delivery."""
    back = timedelta(days=days_ago)
    events = []
    for number in range(mails):
        words: dict[str, Any] = {
            "address": f"p{number}@{domain}",
            "message_reference": f"{domain} {days_ago} {number}",
            "campaign_id": f"multi {days_ago}",
        }
        delivered = report(kind=K.DELIVERED, **words, occurred_at=at(0) - back)
        clicks = [
            report(
                kind=K.CLICKED,
                url=url,
                **words,
                occurred_at=at(40 + number + pause) - back,
            )
            for url, pause in ((A, 0.0), (B, 0.25))
        ]
        events += [delivered, *clicks]
    await record(database, events, NOW, POLICY)
    await drain_of(database).until(0)


def single(domain: str, day: date, *, second: float = 45) -> list[ReportedEvent]:
    """A mail with one link to a domain, and a click on it."""
    shift = timedelta(days=(day - TODAY).days)
    words: dict[str, Any] = {
        "address": f"p0@{domain}",
        "message_reference": f"single {domain} {day}",
        "campaign_id": f"single {day}",
    }
    return [
        report(kind=K.DELIVERED, **words, occurred_at=at(0) + shift),
        report(kind=K.CLICKED, url=A, **words, occurred_at=at(second) + shift),
    ]


PROFILES = "SELECT domain, in_force_on, swept, followed, delay_median, pace FROM gateway_profile"
SINGLES = (
    "SELECT e.fact_on, e.reasons FROM event e JOIN recipient r ON r.id = e.recipient_id "
    "JOIN campaign c ON c.id = r.campaign_id WHERE c.external_id LIKE 'single%' "
    "AND e.kind = 'CLICKED' ORDER BY 1"
)


async def test_a_gateway_is_learned_and_judges_from_the_next_day_on(database: Database) -> None:
    await sweep_of(database, "acme.com", 8)
    await sweep_of(database, "gmail.com", 8)
    tomorrow = TODAY + timedelta(days=1)
    assert await learn_gateways(database, TODAY) == 1
    (profile,) = await rows(database, PROFILES)
    weight = 8 * 0.5 ** (1 / 30)
    assert profile[:2] == ("acme.com", tomorrow)
    assert profile[2:] == pytest.approx((weight, weight, 43, 0.25))
    assert await learn_gateways(database, TODAY) == 0
    later = NOW + timedelta(days=1)
    events = (
        single("acme.com", TODAY) + single("acme.com", tomorrow) + single("other.example", TODAY)
    )
    await record(database, events, later, POLICY)
    await drain_of(database).until(0)
    assert sorted(await rows(database, SINGLES)) == [
        (TODAY, []),
        (TODAY, []),
        (tomorrow, ["LEARNED"]),
    ]
    assert await differences(database) == []


async def test_later_learning_leaves_what_was_judged_as_it_was(database: Database) -> None:
    await record(database, single("acme.com", TODAY), NOW, POLICY)
    await sweep_of(database, "acme.com", 8)
    for days in range(3):
        await learn_gateways(database, TODAY + timedelta(days=days))
        assert await differences(database) == []
    assert await rows(database, SINGLES) == [(TODAY, [])]


async def test_people_who_follow_links_speak_against_a_gateway(database: Database) -> None:
    await sweep_of(database, "acme.com", 5)
    events = []
    for number in range(5):
        words: dict[str, Any] = {
            "address": f"h{number}@acme.com",
            "message_reference": f"human {number}",
            "campaign_id": "multi 0",
        }
        events.append(report(kind=K.CLICKED, url=A, **words, occurred_at=at(9_000 + number)))
    await put(database, *events)
    await learn_gateways(database, TODAY)
    ((_, _, swept, followed, *_),) = await rows(database, PROFILES)
    assert swept / followed == pytest.approx(0.5)


async def test_a_gateway_no_longer_seen_is_forgotten(database: Database) -> None:
    await sweep_of(database, "acme.com", 8, days_ago=60)
    await learn_gateways(database, TODAY - timedelta(days=59))
    await learn_gateways(database, TODAY)
    await learn_gateways(database, TODAY + timedelta(days=90))
    await learn_gateways(database, TODAY + timedelta(days=91))
    weights = [swept for _, _, swept, *_ in await rows(database, f"{PROFILES} ORDER BY 2")]
    assert weights == pytest.approx([8 * 0.5 ** (2 / 30), 8 * 0.5 ** (61 / 30), 0])


async def test_knowing_several_links_takes_a_habits_verdict_back(database: Database) -> None:
    await sweep_of(database, "acme.com", 8)
    await learn_gateways(database, TODAY)
    tomorrow = TODAY + timedelta(days=1)
    await record(database, single("acme.com", tomorrow), NOW + timedelta(days=1), POLICY)
    await drain_of(database).until(0)
    assert await rows(database, SINGLES) == [(tomorrow, ["LEARNED"])]
    for url in (A, B):
        await execute(
            database,
            "INSERT INTO campaign_link (campaign_id, url) "
            f"SELECT id, '{url}' FROM campaign WHERE external_id LIKE 'single%'",
        )
    await settle(database)
    assert await rows(database, SINGLES) == [(tomorrow, [])]
    assert await differences(database) == []


async def test_nothing_is_learned_just_before_midnight(database: Database) -> None:
    await sweep_of(database, "acme.com", 8)
    midnight = NOW.replace(hour=0) + timedelta(days=1)
    assert await learn_habits(database, midnight - timedelta(minutes=9)) == 0
    assert await learn_habits(database, midnight - timedelta(minutes=11)) == 1
