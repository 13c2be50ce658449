"""Bulk from behaviour and from headers: mail merges, newsletters seen twice, personal mail."""

import itertools
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from domain.events import BulkSign, CampaignType, EventKind, ReportedEvent, SentMail
from domain.policy import Policy
from store.database import Database
from store.rebuilding import rebuild
from tests.conftest import EMPTY
from tests.jobs.states import derived_state
from tests.store.sent_mail import (
    CAMPAIGNS,
    LINKS,
    NOW,
    POLICY,
    customers,
    newsletter,
    put,
    rows,
    sent,
    webhook,
)


async def test_a_mail_merge_to_forty_customers_is_one_campaign(database: Database) -> None:
    await customers(database, 40)
    await put(database, *([sent(who)] for who in range(4)))
    assert await rows(database, CAMPAIGNS) == [("Spring news", True, 4, 4)]
    assert await rows(database, "SELECT count(*) FROM feed") == [(0,)]

    await put(database, *([sent(who)] for who in range(4, 40)))

    assert await rows(database, CAMPAIGNS) == [("Spring news", False, 40, 40)]
    # The first four are told as well, each once.
    told = "SELECT count(*), count(DISTINCT customer_id) FROM feed WHERE kind = 'RECORDED'"
    assert await rows(database, told) == [(40, 40)]


async def test_a_personal_mail_to_two_stays_what_it_is(database: Database) -> None:
    await customers(database, 2)
    await put(database, [sent(0), sent(1, message_reference="m0@us.example")])
    assert await rows(database, CAMPAIGNS) == [("Spring news", True, 2, 2)]
    assert await rows(database, "SELECT count(*) FROM feed") == [(0,)]


async def test_a_first_name_in_the_subject_does_not_tear_a_merge_apart(database: Database) -> None:
    await customers(database, 6)
    names = ["Anna", "Bo", "Cyd", "Dana", "Eve", "Finn"]
    await put(
        database,
        [
            sent(who, subject=f"{name}, our new prices", address=f"{name} <p{who}@c{who}.example>")
            for who, name in enumerate(names)
        ],
    )
    assert await rows(database, CAMPAIGNS) == [("…, our new prices", False, 6, 6)]


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
async def test_a_merge_that_goes_on_past_the_quiet_hour_is_bulk_on_both_sides(
    database: Database, order: list[int]
) -> None:
    """Two campaigns, since the day of a weakly recognised one ends at 03:00 UTC; neither hidden."""
    await customers(database, 7)

    def at(hour: int, *people: int) -> list[ReportedEvent]:
        moment = NOW.replace(hour=hour)
        return [sent(who, sent_at=moment, occurred_at=moment) for who in people]

    sides = [at(2, 0, 1), at(3, 2, 3, 4)]
    await put(database, *(sides[number] for number in order))
    assert [row[1:3] for row in await rows(database, CAMPAIGNS)] == [(False, 2), (False, 3)]
    assert await rows(database, "SELECT count(*) FROM feed") == [(5,)]
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_the_same_subject_more_than_a_day_apart_is_no_bulk_send(database: Database) -> None:
    await customers(database, 5)
    late, early = NOW + timedelta(hours=16), NOW - timedelta(hours=8)
    await put(
        database,
        [sent(who, sent_at=early, occurred_at=early) for who in range(2)],
        [sent(who, sent_at=late, occurred_at=late) for who in range(2, 5)],
    )
    assert [row[1:3] for row in await rows(database, CAMPAIGNS)] == [(True, 2), (True, 3)]


async def test_answers_to_many_customers_are_no_bulk_send(database: Database) -> None:
    await customers(database, 7)
    await put(database, [sent(who, subject="Re: Spring news") for who in range(7)])
    assert await rows(database, CAMPAIGNS) == [("Re: Spring news", True, 7, 7)]


async def test_mails_without_a_subject_are_no_bulk_send(database: Database) -> None:
    await customers(database, 7)
    await put(database, [sent(who, subject=None) for who in range(7)])
    ((_, is_provisional, recipients, _),) = await rows(database, CAMPAIGNS)
    assert (is_provisional, recipients) == (True, 7)


async def test_colleagues_in_copy_do_not_count(database: Database) -> None:
    await customers(database, 5)
    copies = [sent(who, address=f"x{who}@us.example") for who in range(10, 20)]
    await put(database, [*copies, *(sent(who) for who in range(4))])
    assert await rows(database, CAMPAIGNS) == [("Spring news", True, 14, 4)]
    await put(database, [sent(4)])
    assert await rows(database, CAMPAIGNS) == [("Spring news", False, 15, 5)]


async def test_whoever_is_found_not_to_be_internal_counts_from_then_on(database: Database) -> None:
    await customers(database, 4)
    await put(database, [*(sent(who) for who in range(4)), sent(9, address="x@partner.example")],
              policy=replace(POLICY, internal_domains=frozenset({"partner.example"})))  # fmt: skip
    assert (await rows(database, CAMPAIGNS))[0][1:3] == (True, 5)

    await rebuild(database, POLICY, is_check=False, report=lambda *_: None)
    await put(database, [])

    assert (await rows(database, CAMPAIGNS))[0][1:3] == (False, 5)
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_the_operator_sets_how_many_make_a_bulk_send(database: Database) -> None:
    await customers(database, 3)
    two = Policy(internal_domains=POLICY.internal_domains, bulk_recipients=2)
    await put(database, [sent(0)], policy=two)
    assert (await rows(database, CAMPAIGNS))[0][1] is True
    await put(database, [sent(1)], policy=two)
    assert (await rows(database, CAMPAIGNS))[0][1] is False
    found = await rebuild(database, POLICY, is_check=True, report=lambda *_: None)
    assert [difference.what for difference in found] == ["is_provisional"]


@pytest.mark.parametrize(
    ("sign", "is_provisional"),
    [(BulkSign.LIST_ID, False), (BulkSign.PRECEDENCE, True)],
)
async def test_a_strong_header_makes_a_campaign_of_the_first_recipient(
    database: Database, sign: BulkSign, is_provisional: bool
) -> None:
    await customers(database, 1)
    await put(database, [sent(0, sent=SentMail(frozenset({sign})))])
    assert await rows(database, CAMPAIGNS) == [("Spring news", is_provisional, 1, 1)]
    assert await rows(database, "SELECT signs FROM campaign") == [([sign],)]
    assert await rows(database, "SELECT count(*) FROM feed") == [(int(not is_provisional),)]


BY_JOURNAL = [newsletter(who) for who in range(6)]
BY_WEBHOOK = [webhook(who) for who in range(6)]


@pytest.mark.parametrize(
    "batches",
    [
        [BY_JOURNAL, BY_WEBHOOK],
        [BY_WEBHOOK, BY_JOURNAL],
        [[*BY_WEBHOOK, *BY_JOURNAL]],
        [[event] for pair in zip(BY_JOURNAL, reversed(BY_WEBHOOK), strict=True) for event in pair],
    ],
)
async def test_a_newsletter_seen_by_journaling_and_by_webhook_is_one_campaign(
    database: Database, batches: list[list[ReportedEvent]]
) -> None:
    await customers(database, 6)
    await put(database, *batches)
    assert await rows(database, CAMPAIGNS) == [("Spring news", False, 6, 6)]
    assert await rows(
        database,
        "SELECT provider, external_id, signs, type, type_confidence, subject FROM campaign c "
        "WHERE EXISTS (SELECT FROM recipient r WHERE r.campaign_id = c.id)",
    ) == [("sendgrid", "spring", ["LIST_UNSUBSCRIBE_POST"], "NEWSLETTER", 0.8, "Spring news")]
    assert await rows(
        database,
        "SELECT url, l.is_declared FROM campaign_link l JOIN campaign c ON c.id = l.campaign_id "
        "WHERE c.external_id = 'spring' ORDER BY 1",
    ) == [(url, False) for url in LINKS]
    assert await rows(
        database,
        "SELECT r.status, count(*) FROM recipient r GROUP BY 1",
    ) == [("DELIVERED", 6)]
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_what_raw_mail_tells_does_not_depend_on_the_order(database: Database) -> None:
    """Two kinds of copies, webhooks with and without the campaign, one message of another send."""
    likelier = SentMail(
        frozenset({BulkSign.LIST_ID}), CampaignType.MARKETING, 0.9, ("https://us.example/offer",)
    )
    told: list[list[ReportedEvent]] = [
        [newsletter(0), newsletter(1)],
        [newsletter(2, sent=likelier, subject="spring  NEWS")],
        [webhook(0), webhook(1)],
        [webhook(2, campaign_id=None, tags=("digest",), subject="Spring news")],
        [newsletter(3, subject="Other news"), webhook(2, EventKind.OPENED, campaign_id=None)],
    ]
    states = []
    for order in list(itertools.permutations(range(len(told))))[::7]:
        async with database.connection() as connection:
            await connection.execute(EMPTY)
        await customers(database, 4)
        await put(database, *(told[number] for number in order))
        states.append(await derived_state(database))
        if states[-1] != states[0]:
            break
    assert states[-1] == states[0]
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_a_campaign_that_its_raw_mail_leaves_keeps_nothing_of_it(database: Database) -> None:
    await customers(database, 6)
    plain = [webhook(who, campaign_id=None, subject="Spring news", sender="cy@us.example")
             for who in range(1, 6)]  # fmt: skip
    await put(database, [newsletter(0), *plain], [webhook(0)])
    assert await rows(
        database,
        "SELECT c.detection, c.signs, c.type, count(l.id) FROM campaign c "
        "LEFT JOIN campaign_link l ON l.campaign_id = c.id GROUP BY c.id ORDER BY 1",
    ) == [
        ("CAMPAIGN_ID", ["LIST_UNSUBSCRIBE_POST"], "NEWSLETTER", 2),
        ("SUBJECT", [], None, 0),
    ]
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_a_name_does_not_depend_on_which_day_came_first(database: Database) -> None:
    """A late open is first taken for the next day's send, and takes its subject along."""

    def digest(who: int, hours: int, **changes: Any) -> ReportedEvent:
        at = NOW + timedelta(hours=hours)
        return webhook(who, campaign_id=None, tags=("digest",), occurred_at=at, **changes)

    told = [
        [digest(0, 0, subject="Digest of Friday")],
        [digest(0, 20, kind=EventKind.OPENED, subject="Digest of Friday")],
        [digest(1, 20, subject="Digest of Saturday")],
    ]
    named = []
    for order in itertools.permutations(told):
        async with database.connection() as connection:
            await connection.execute(EMPTY)
        await put(database, *order)
        named.append(await rows(database, CAMPAIGNS))
    assert named == [[("Digest of Friday", True, 1, 0), ("Digest of Saturday", True, 1, 0)]] * 6
