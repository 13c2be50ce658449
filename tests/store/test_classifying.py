"""A person's word: it wins over everything, survives a rebuild, and can be taken back."""

import asyncio
from typing import Any

import pytest

from domain.errors import DomainError
from domain.events import BulkSign, CampaignType, SentMail
from domain.registering import DeclaredCampaign
from jobs.drain import Drain
from store.classifying import Change, Classification, classify_campaign
from store.database import Database
from store.rebuilding import rebuild
from store.recording import record
from store.registering import register_campaign
from tests.seeding import ADMIN, MANAGER
from tests.store.sent_mail import CAMPAIGNS, NOW, POLICY, customers, newsletter, put, rows, sent

FEED = "SELECT kind, count(*) FROM feed GROUP BY 1 ORDER BY 1"
NONE = Change(Classification(is_bulk=False), sets_bulk=True)
BULK = Change(Classification(is_bulk=True), sets_bulk=True)
AUTOMATIC = Change(Classification(), sets_type=True, sets_bulk=True)
MARKETING = Change(Classification(CampaignType.MARKETING), sets_type=True)


async def say(database: Database, change: Change, campaign_id: int = 1) -> None:
    await classify_campaign(database, MANAGER, campaign_id, change, now=NOW, policy=POLICY)
    await put(database, [])


async def shown(database: Database) -> bool:
    ((is_provisional,),) = await rows(database, "SELECT is_provisional FROM campaign")
    return not is_provisional


async def test_what_is_no_bulk_send_is_taken_back_and_stays_away(database: Database) -> None:
    await customers(database, 8)
    await put(database, [sent(who) for who in range(6)])
    assert await rows(database, FEED) == [("RECORDED", 6)]

    await say(database, NONE)
    await put(database, [sent(6), sent(7)])

    assert await rows(database, CAMPAIGNS) == [("Spring news", True, 8, 8)]
    assert await rows(database, FEED) == [("RECORDED", 6), ("REMOVED", 6)]
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_what_is_a_bulk_send_is_announced_however_few_it_went_to(database: Database) -> None:
    await customers(database, 2)
    await put(database, [sent(0)])
    await say(database, BULK)
    await put(database, [sent(1)])
    assert await rows(database, CAMPAIGNS) == [("Spring news", False, 2, 2)]
    assert await rows(database, FEED) == [("RECORDED", 2)]
    assert await rebuild(database, POLICY, is_check=True, report=lambda *_: None) == []


async def test_a_word_taken_back_leaves_it_to_the_rules(database: Database) -> None:
    await customers(database, 6)
    await put(database, [sent(who) for who in range(6)])
    await say(database, NONE)
    await say(database, AUTOMATIC)
    assert await shown(database)
    assert await rows(database, FEED) == [("RECORDED", 12), ("REMOVED", 6)]
    assert await rows(database, "SELECT said_bulk, said_by, said_at FROM campaign") == [
        (None, None, None)
    ]


async def test_a_declared_campaign_that_is_said_to_be_none_stays_hidden(
    database: Database,
) -> None:
    declared = DeclaredCampaign("mail", "launch", name="Launch")
    addresses = ["p0@c0.example"]
    await customers(database, 2)
    await register_campaign(database, declared, addresses, now=NOW, policy=POLICY)
    await say(database, NONE)
    await register_campaign(database, declared, ["p1@c1.example"], now=NOW, policy=POLICY)
    await put(database, [sent(1, campaign_id="launch")])
    assert not await shown(database)
    assert await rows(database, FEED) == []
    await say(database, AUTOMATIC)
    assert await shown(database)
    assert await rows(database, FEED) == [("RECORDED", 1)]


async def test_a_type_that_a_person_set_is_certain_whatever_is_found_out(
    database: Database,
) -> None:
    await customers(database, 2)
    await put(database, [newsletter(0)])
    await say(database, MARKETING)
    likelier = SentMail(frozenset({BulkSign.LIST_ID}), CampaignType.PRODUCT_UPDATE, 0.95)
    await put(database, [newsletter(1, sent=likelier)])
    typed = "SELECT type, type_confidence FROM campaign"
    assert await rows(database, typed) == [("MARKETING", 1.0)]
    await rebuild(database, POLICY, is_check=False, report=lambda *_: None)
    assert await rows(database, typed) == [("MARKETING", 1.0)]
    await say(database, AUTOMATIC)
    assert await rows(database, typed) == [("PRODUCT_UPDATE", 0.95)]


async def test_saying_it_again_changes_nothing(database: Database) -> None:
    await customers(database, 6)
    await put(database, [sent(who) for who in range(6)])
    for change in (NONE, NONE, MARKETING):
        await say(database, change)
    assert await rows(database, FEED) == [("RECORDED", 6), ("REMOVED", 6)]
    assert await rows(database, "SELECT actor, action, subject, detail FROM audit ORDER BY id") == [
        ("Mia", "CLASSIFY_CAMPAIGN", "Campaign:1", _detail(None, False, None, None)),
        ("Mia", "CLASSIFY_CAMPAIGN", "Campaign:1", _detail("MARKETING", False, None, False)),
    ]


def _detail(type_: Any, is_bulk: Any, type_before: Any, is_bulk_before: Any) -> dict[str, Any]:
    return {
        "type": type_,
        "is_bulk": is_bulk,
        "type_before": type_before,
        "is_bulk_before": is_bulk_before,
    }


async def test_a_large_campaign_is_taken_back_in_steps(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("store.retelling.RETOLD", 4)
    await customers(database, 10)
    await put(database, [sent(who) for who in range(10)])
    await say(database, NONE)
    assert await rows(database, FEED) == [("RECORDED", 10), ("REMOVED", 10)]
    await say(database, BULK)
    assert await rows(database, FEED) == [("RECORDED", 20), ("REMOVED", 10)]
    assert await rows(database, "SELECT count(*) FROM retell_queue") == [(0,)]


@pytest.mark.parametrize("last", [NONE, BULK])
async def test_whatever_is_said_while_mails_come_in_followers_hold_what_is_so_at_the_end(
    database: Database, last: Change
) -> None:
    await customers(database, 40)
    await put(database, [sent(0)])
    drain = Drain(database, POLICY, ring=lambda: None)

    async def come_in(start: int) -> None:
        for who in range(start, 40, 4):
            await record(database, [sent(who)], NOW, POLICY)
            await drain.until(0)

    async def change_mind() -> None:
        for change in (NONE, BULK, AUTOMATIC, BULK, NONE, last):
            await classify_campaign(database, MANAGER, 1, change, now=NOW, policy=POLICY)
            await asyncio.sleep(0.05)

    await asyncio.gather(change_mind(), *(come_in(start) for start in range(4)))
    await put(database, [], [])

    is_bulk = last is BULK
    assert await rows(database, CAMPAIGNS) == [("Spring news", not is_bulk, 40, 40)]
    assert await rows(
        database,
        "SELECT times, count(*) FROM (SELECT sum(CASE kind WHEN 'RECORDED' THEN 1 "
        "WHEN 'REMOVED' THEN -1 ELSE 0 END) AS times FROM feed GROUP BY key) f "
        "WHERE times <> 0 GROUP BY 1",
    ) == ([(1, 40)] if is_bulk else [])


async def test_a_campaign_that_is_not_there_cannot_be_classified(database: Database) -> None:
    with pytest.raises(DomainError) as refused:
        await classify_campaign(database, ADMIN, 7, NONE, now=NOW, policy=POLICY)
    assert (refused.value.code, refused.value.field) == ("NOT_FOUND", ("campaignId",))
