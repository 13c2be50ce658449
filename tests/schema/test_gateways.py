"""What judging has learned, as those who see all are told it."""

from datetime import date
from typing import Any

from domain.judging import JUDGE_VERSION
from store.database import Database
from tests.schema.conftest import Run
from tests.seeding import MANAGER, NOW, Seed

GATEWAYS = """query ($first: Int, $after: String) { capture {
    judging { version outdatedRecipients }
    gateways(first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage } nodes {
      domain inForceFrom messagesSwept messagesFollowed share applied paceSeconds explanation
      delay { lowSeconds medianSeconds highSeconds }
    } }
} }"""


async def profile(database: Database, domain: str, on: date, *values: float | None) -> None:
    async with database.connection() as connection:
        await connection.execute(
            "INSERT INTO gateway_profile VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            domain,
            on,
            *values,
        )


async def test_the_newest_profile_of_each_domain_is_told_with_its_evidence(
    run: Run, database: Database
) -> None:
    today, before = NOW.date(), date(2026, 11, 1)
    await profile(database, "acme.example", before, 6, 6, 1, 2, 3, 0.5)
    await profile(database, "acme.example", today, 9, 10, 20, 40, 60, 0.2)
    await profile(database, "few.example", today, 2, 2, 20, 40, 60, None)
    await profile(database, "gone.example", before, 6, 6, 1, 2, 3, 0.5)
    await profile(database, "gone.example", today, 0, 0, None, None, None, None)
    await profile(database, "untimely.example", today, 9, 9, None, None, None, None)

    found = (await run(MANAGER, GATEWAYS, first=2))["capture"]["gateways"]

    assert found["totalCount"] == 3
    assert found["nodes"] == [
        {
            "domain": "acme.example",
            "inForceFrom": "2026-11-22T00:00:00Z",
            "messagesSwept": 9.0,
            "messagesFollowed": 10.0,
            "share": 0.9,
            "applied": True,
            "paceSeconds": 0.2,
            "explanation": "Of 10.0 messages in which links were followed, a machine swept 9.0 "
            "(90%), typically 10 to 70 s after delivery: then a first click on a single link is "
            "held to be the gateway's.",
            "delay": {"lowSeconds": 20.0, "medianSeconds": 40.0, "highSeconds": 60.0},
        },
        {
            "domain": "few.example",
            "inForceFrom": "2026-11-22T00:00:00Z",
            "messagesSwept": 2.0,
            "messagesFollowed": 2.0,
            "share": 1.0,
            "applied": False,
            "paceSeconds": None,
            "explanation": "Of 2.0 messages in which links were followed, a machine swept 2.0 "
            "(100%), typically 10 to 70 s after delivery: too little to judge single clicks by.",
            "delay": {"lowSeconds": 20.0, "medianSeconds": 40.0, "highSeconds": 60.0},
        },
    ]
    after = found["pageInfo"]["endCursor"]
    rest: dict[str, Any] = (await run(MANAGER, GATEWAYS, first=2, after=after))["capture"][
        "gateways"
    ]
    assert [(n["domain"], n["applied"], n["delay"]) for n in rest["nodes"]] == [
        ("untimely.example", False, None)
    ]
    assert rest["nodes"][0]["explanation"].endswith("single clicks are not judged by it.")
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_recipients_that_an_older_version_judged_are_counted(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        campaign = await seed.campaign("Spring")
        for number, version in enumerate((None, JUDGE_VERSION, JUDGE_VERSION - 1)):
            address = await seed.address(f"p{number}@acme.example")
            await seed.recipient(campaign, address, judge_version=version)

    assert (await run(MANAGER, GATEWAYS))["capture"]["judging"] == {
        "version": JUDGE_VERSION,
        "outdatedRecipients": 1,
    }


RECIPIENT = """{ campaigns { nodes { recipients { nodes {
    forwardProbableAt unsubscribedAt unsubscribeUnconfirmedAt } } } } }"""


async def test_a_recipient_tells_a_probable_forward_and_what_waits_for_a_word(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        campaign = await seed.campaign("Spring")
        address = await seed.address("ann@acme.example")
        await seed.recipient(
            campaign, address, forward_probable_at=NOW, unsubscribe_unconfirmed_at=NOW
        )

    (found,) = (await run(MANAGER, RECIPIENT))["campaigns"]["nodes"]
    assert found["recipients"]["nodes"] == [
        {
            "forwardProbableAt": "2026-11-22T12:00:00Z",
            "unsubscribedAt": None,
            "unsubscribeUnconfirmedAt": "2026-11-22T12:00:00Z",
        }
    ]
