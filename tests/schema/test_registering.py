"""`registerCampaign` as clients see it."""

from typing import Any

from domain.viewer import Viewer
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.seeding import ADMIN, INTEGRATION, MANAGER

REGISTER = """
mutation ($input: RegisterCampaignInput!) {
  registerCampaign(input: $input) {
    campaign { name subject type typeConfidence topics { name } provider externalId sentAt
      provisional detection { method } recipients { edges { node { address } } } }
    added known rejected
    userErrors { code field message }
  }
}
"""

LAUNCH = {"provider": "SendGrid", "externalId": "launch-7"}


async def register(run: Run, viewer: Viewer, **more: Any) -> dict[str, Any]:
    done = await run(viewer, REGISTER, input={**LAUNCH, **more})
    found: dict[str, Any] = done["registerCampaign"]
    return found


async def test_a_campaign_is_registered_with_its_recipients(run: Run) -> None:
    assert await register(
        run,
        ADMIN,
        name="Launch",
        subject="We have launched",
        sender="news@us.example",
        type="ANNOUNCEMENT",
        topics=["launch"],
        sentAt="2026-11-22T10:00:00+01:00",
        links=[{"url": "https://us.example/a", "topics": ["a"]}, {"url": "https://us.example/b"}],
        recipients=["Kim@acme.com", "kim@ACME.com"],
    ) == {
        "campaign": {
            "name": "Launch",
            "subject": "We have launched",
            "type": "ANNOUNCEMENT",
            "typeConfidence": 1.0,
            "topics": [{"name": "launch"}],
            "provider": "sendgrid",
            "externalId": "launch-7",
            "sentAt": "2026-11-22T09:00:00Z",
            "provisional": False,
            "detection": {"method": "DECLARED"},
            "recipients": {"edges": [{"node": {"address": "kim@acme.com"}}]},
        },
        "added": 1,
        "known": 0,
        "rejected": 0,
        "userErrors": [],
    }


async def test_bad_recipients_are_named_and_the_rest_is_taken(run: Run) -> None:
    await register(run, INTEGRATION, recipients=["kim@acme.com"])
    done = await register(
        run, INTEGRATION, recipients=["kim@acme.com", "nobody", "lee@acme.com", ""]
    )
    assert (done["campaign"], done["added"], done["known"], done["rejected"]) == (None, 1, 1, 2)
    assert [(error["code"], error["field"]) for error in done["userErrors"]] == [
        ("INVALID_ADDRESS", ["recipients", "1"]),
        ("INVALID_ADDRESS", ["recipients", "3"]),
    ]


async def test_a_bad_field_of_the_campaign_writes_nothing(run: Run, database: Database) -> None:
    done = await register(
        run, ADMIN, sentAt="yesterday", links=[{"url": "a"}], recipients=["kim@acme.com"]
    )
    assert (done["campaign"], done["added"]) == (None, 0)
    assert [(error["code"], error["field"]) for error in done["userErrors"]] == [
        ("INVALID_URL", ["links", "0", "url"]),
        ("INVALID_TIME", ["sentAt"]),
    ]
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM campaign") == 0
        assert await connection.fetchval("SELECT count(*) FROM address") == 0


async def test_more_recipients_than_a_call_takes_are_refused(run: Run) -> None:
    done = await register(run, ADMIN, recipients=["kim@acme.com"] * 10_001)
    assert [(error["code"], error["field"]) for error in done["userErrors"]] == [
        ("TOO_MANY", ["recipients"])
    ]


@both_executions
async def test_a_manager_may_not_register(run: Run) -> None:
    done = await run(MANAGER, REGISTER, input=LAUNCH)
    assert done["data"] is None
    assert "may not do this" in str(done["errors"][0].message)
