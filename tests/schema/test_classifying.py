"""Managers say what a campaign is; everybody else reads the outcome."""

from typing import Any

import pytest

from schema import ids
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.seeding import ADMIN, INTEGRATION, MANAGER, Seed, csm_viewer

CLASSIFY = """
mutation ($input: ClassifyCampaignInput!) { classifyCampaign(input: $input) {
  campaign { name provisional type typeConfidence classification { type isBulk at }
    detection { method confidence evidence signs reasons } }
  userErrors { code field message }
} }
"""

LISTED = "query ($f: CampaignFilter) { campaigns(filter: $f) { totalCount nodes { name } } }"


async def plant(database: Database, **columns: Any) -> str:
    """A campaign that one address of Acme was sent; its id."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme", await seed.csm("Ann"))
        campaign = await seed.campaign("Spring", **columns)
        address = await seed.matched("a@acme.example", acme, await seed.stakeholder(acme))
        await seed.recipient(campaign, address)
    return ids.encode("Campaign", campaign)


async def classify(run: Run, viewer: Any, **given: Any) -> dict[str, Any]:
    found: dict[str, Any] = (await run(viewer, CLASSIFY, input=given))["classifyCampaign"]
    return found


async def test_a_manager_sets_the_type_and_takes_it_back(run: Run, database: Database) -> None:
    campaign = await plant(database, inferred_type="MARKETING", inferred_confidence=0.6)

    said = await classify(run, MANAGER, campaignId=campaign, type="NEWSLETTER")
    taken_back = await classify(run, MANAGER, campaignId=campaign, type=None)

    assert said["userErrors"] == []
    assert said["campaign"]["type"] == "NEWSLETTER"
    assert said["campaign"]["typeConfidence"] == 1.0
    assert said["campaign"]["classification"] == {
        "type": "NEWSLETTER",
        "isBulk": None,
        "at": "2026-11-22T12:00:00Z",
    }
    assert taken_back["campaign"]["type"] == "MARKETING"
    assert taken_back["campaign"]["typeConfidence"] == 0.6
    assert taken_back["campaign"]["classification"] is None


async def test_what_is_said_to_be_none_is_hidden_and_can_be_found_again(
    run: Run, database: Database
) -> None:
    campaign = await plant(database)
    ann = csm_viewer(1)
    before = await run(ann, LISTED)

    said = await classify(run, ADMIN, campaignId=campaign, isBulk=False)

    assert before["campaigns"] == {"totalCount": 1, "nodes": [{"name": "Spring"}]}
    assert said["campaign"]["provisional"] is True
    assert said["campaign"]["detection"] == {
        "method": "CAMPAIGN_ID",
        "confidence": 0.0,
        "evidence": "spring",
        "signs": [],
        "reasons": ["a person says that it is none"],
    }
    nothing = {"totalCount": 0, "nodes": []}
    for viewer in (MANAGER, ann):
        assert (await run(viewer, LISTED))["campaigns"] == nothing
    provisional = {"provisional": True}
    assert (await run(ann, LISTED, f=provisional))["campaigns"] == nothing
    assert (await run(INTEGRATION, LISTED, f=provisional))["campaigns"] == nothing
    found = (await run(MANAGER, LISTED, f=provisional))["campaigns"]
    assert found == before["campaigns"]


async def test_type_and_bulk_are_set_apart(run: Run, database: Database) -> None:
    campaign = await plant(database, is_provisional=True)

    await classify(run, MANAGER, campaignId=campaign, type="ANNOUNCEMENT")
    said = await classify(run, MANAGER, campaignId=campaign, isBulk=True)

    assert said["campaign"]["classification"]["type"] == "ANNOUNCEMENT"
    assert said["campaign"]["classification"]["isBulk"] is True
    assert said["campaign"]["provisional"] is False
    assert said["campaign"]["detection"]["confidence"] == 1.0


async def test_a_campaign_that_is_not_there_is_a_user_error(run: Run, database: Database) -> None:
    for campaign in (ids.encode("Campaign", 99), ids.encode("Customer", 1), "x"):
        said = await classify(run, MANAGER, campaignId=campaign, isBulk=True)
        assert said["campaign"] is None
        assert [error["field"] for error in said["userErrors"]] == [["campaignId"]]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM audit") == 0


@both_executions
async def test_others_may_not_say_anything(run: Run, database: Database) -> None:
    campaign = await plant(database)
    for viewer in (csm_viewer(1), INTEGRATION):
        answer = await run(viewer, CLASSIFY, input={"campaignId": campaign, "isBulk": False})
        assert [error.original_error.code for error in answer["errors"]] == ["FORBIDDEN"]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT is_provisional FROM campaign") is False


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (
            {"detection": "DECLARED", "is_declared": True},
            {"confidence": 1.0, "evidence": None, "signs": [],
             "reasons": ["its sender registered it"]},
        ),
        (
            {"signs": ["LIST_ID", "PRECEDENCE"]},
            {"confidence": 0.97, "evidence": "spring", "signs": ["LIST_ID", "PRECEDENCE"],
             "reasons": ["a List-Id header (RFC 2919)", "a Precedence header of bulk mail"]},
        ),
        (
            {"detection": "SUBJECT", "subject": "Spring news"},
            {"confidence": 0.7, "evidence": "Spring news", "signs": [],
             "reasons": ["sender, subject and day are the same",
                         "at least 5 external recipients"]},
        ),
    ],
)  # fmt: skip
async def test_a_csm_reads_why_it_is_a_campaign(
    run: Run, database: Database, columns: dict[str, Any], expected: dict[str, Any]
) -> None:
    campaign = await plant(database, **columns)
    document = (
        "query ($id: ID!) { campaign(id: $id) { detection { confidence evidence signs reasons } } }"
    )
    data = await run(csm_viewer(1), document, id=campaign)
    assert data["campaign"]["detection"] == expected
