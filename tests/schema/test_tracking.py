"""`trackMessage` and `trackMessages` as clients see them."""

from typing import Any

from domain.events import EventKind, ReportedEvent
from domain.policy import Policy
from domain.viewer import Viewer
from intake.tokens import Token, TokenKind
from store.database import Database
from store.recording import record
from store.tombstones import bury
from tests.schema.conftest import Run, both_executions
from tests.seeding import ADMIN, INTEGRATION, MANAGER, NOW, TOKENS, Seed, csm_viewer, services

FIELDS = """
  messageId html text headers { name value } links { url trackedUrl } unsubscribeUrl tracked
"""
ONE = f"""
mutation ($input: TrackMessageInput!) {{
  trackMessage(input: $input) {{ message {{ {FIELDS} }} userErrors {{ code field message }} }}
}}
"""
MANY = f"""
mutation ($input: TrackMessagesInput!) {{
  trackMessages(input: $input) {{ messages {{ {FIELDS} }} userErrors {{ code field }} }}
}}
"""
DOOR = "https://track.us.example"
LAUNCH: dict[str, Any] = {
    "campaign": {"externalId": "launch-7", "name": "Launch", "type": "ANNOUNCEMENT"},
    "address": "Kim@ACME.com",
    "subject": "We have launched",
    "sender": "mia@us.example",
    "html": '<p>Hi</p><a href="https://us.example/a">A</a>',
    "text": "Hi\r\n\r\nA: https://us.example/a\n-- \n{{unsubscribe}}",
    "messageId": "<m1@us.example>",
}


def sealed(kind: TokenKind, url: str | None = None, address: str = "kim@acme.com") -> str:
    return TOKENS.seal(Token(kind, "mail", "m1@us.example", address, url))


async def track(run: Run, viewer: Viewer = INTEGRATION, **more: Any) -> dict[str, Any]:
    done = await run(viewer, ONE, input={**LAUNCH, **more})
    found: dict[str, Any] = done["trackMessage"]
    return found


async def test_a_mail_comes_back_as_it_is_to_be_sent(run: Run) -> None:
    done = await track(run)
    assert done["userErrors"] == []
    message = done["message"]
    click = f"{DOOR}/c/{sealed(TokenKind.CLICK, 'https://us.example/a')}"
    unsubscribe = sealed(TokenKind.UNSUBSCRIBE)
    assert message.pop("html") == (
        f'<p>Hi</p><a href="{click}">A</a>'
        f'<a href="{DOOR}/c/{sealed(TokenKind.DECOY)}" style="display:none;mso-hide:all" '
        'aria-hidden="true" tabindex="-1" rel="nofollow"></a>'
        f'<img src="{DOOR}/o/{sealed(TokenKind.OPEN)}" width="1" height="1" alt="" '
        'aria-hidden="true" style="display:block;width:1px;height:1px;border:0">'
    )
    assert message == {
        "messageId": "m1@us.example",
        "text": f"Hi\r\n\r\nA: https://us.example/a\n-- \n{DOOR}/u/{unsubscribe}",
        "headers": [
            {"name": "Message-ID", "value": "<m1@us.example>"},
            {
                "name": "List-Unsubscribe",
                "value": f"<{DOOR}/u/{unsubscribe}>, "
                f"<mailto:out@us.example?subject=unsubscribe%20{unsubscribe}>",
            },
            {"name": "List-Unsubscribe-Post", "value": "List-Unsubscribe=One-Click"},
        ],
        "links": [{"url": "https://us.example/a", "trackedUrl": click}],
        "unsubscribeUrl": f"{DOOR}/u/{unsubscribe}",
        "tracked": True,
    }


async def test_a_mail_without_a_message_id_gets_one_and_may_have_no_body(run: Run) -> None:
    done = await track(run, messageId=None, html=None, text=None, listUnsubscribe=False)
    message = done["message"]
    assert (message["html"], message["text"], message["links"]) == (None, None, [])
    assert message["headers"] == [{"name": "Message-ID", "value": "<minted@track.us.example>"}]


async def known(database: Database) -> list[tuple[Any, ...]]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT c.provider, c.external_id, c.name, c.type, c.subject, c.is_declared, "
            "a.address, m.reference FROM message m JOIN recipient r ON r.id = m.recipient_id "
            "JOIN campaign c ON c.id = r.campaign_id JOIN address a ON a.id = r.address_id "
            "ORDER BY a.address, m.reference"
        )
        assert await connection.fetchval("SELECT count(*) FROM event") == 0
    return [tuple(row) for row in rows]


async def test_campaign_recipient_and_message_are_known_and_nothing_has_happened(
    run: Run, database: Database
) -> None:
    for _ in range(2):
        await track(run)
    expected = ("mail", "launch-7", "Launch", "ANNOUNCEMENT", "We have launched", False)
    assert await known(database) == [(*expected, "kim@acme.com", "m1@us.example")]


async def test_a_platform_may_carry_the_mail(run: Run, database: Database) -> None:
    await track(run, provider="SendGrid")
    assert [row[0] for row in await known(database)] == ["sendgrid"]


async def test_somebody_who_denied_consent_is_known_and_not_tracked(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme")
        await seed.stakeholder(acme, "kim@acme.com", tracking_consent="DENIED")
    message = (await track(run))["message"]
    assert message["tracked"] is False
    assert message["html"] == LAUNCH["html"]
    assert message["links"] == [{"url": "https://us.example/a", "trackedUrl": None}]
    assert [h["name"] for h in message["headers"]] == [
        "Message-ID",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
    ]
    assert len(await known(database)) == 1


async def test_of_many_a_bad_one_costs_only_itself(run: Run, database: Database) -> None:
    bad = {**LAUNCH, "address": "nobody", "messageId": "two words", "campaign": {"externalId": " "}}
    lee = {**LAUNCH, "address": "lee@acme.com", "messageId": "m2@us.example"}
    done = (await run(MANAGER, MANY, input={"messages": [LAUNCH, bad, lee]}))["trackMessages"]
    assert [m and m["messageId"] for m in done["messages"]] == [
        "m1@us.example",
        None,
        "m2@us.example",
    ]
    assert sorted((e["code"], e["field"]) for e in done["userErrors"]) == [
        ("INVALID_ADDRESS", ["messages", "1", "address"]),
        ("INVALID_MESSAGE_ID", ["messages", "1", "messageId"]),
        ("MISSING", ["messages", "1", "campaign", "externalId"]),
    ]
    assert [row[-2] for row in await known(database)] == ["kim@acme.com", "lee@acme.com"]


async def test_more_than_a_hundred_at_once_are_refused(run: Run, database: Database) -> None:
    done = (await run(ADMIN, MANY, input={"messages": [LAUNCH] * 101}))["trackMessages"]
    assert done == {"messages": [], "userErrors": [{"code": "TOO_MANY", "field": ["messages"]}]}
    assert await known(database) == []


async def test_ids_that_are_evidence_of_ours_cannot_be_named(run: Run) -> None:
    done = await track(run, campaign={"externalId": "subject:mia@us.example:hi:020000"})
    assert done["message"] is None
    assert [(e["code"], e["field"]) for e in done["userErrors"]] == [
        ("INVALID_EXTERNAL_ID", ["campaign", "externalId"])
    ]


@both_executions
async def test_a_csm_may_not_track(run: Run, database: Database) -> None:
    done = await run(csm_viewer(1), ONE, input=LAUNCH)
    assert done["data"] is None
    assert "may not do this" in str(done["errors"][0].message)
    assert await known(database) == []


async def test_a_message_seen_before_on_weaker_evidence_moves_to_the_named_campaign(
    run: Run, database: Database
) -> None:
    seen = ReportedEvent(
        provider="mail",
        kind=EventKind.ACCEPTED,
        occurred_at=NOW,
        address="kim@acme.com",
        message_reference="m1@us.example",
        subject="We have launched",
        sender="mia@us.example",
    )
    await record(database, [seen], NOW, Policy())
    await track(run)
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT c.external_id, count(e) FROM recipient r "
            "JOIN campaign c ON c.id = r.campaign_id "
            "LEFT JOIN event e ON e.recipient_id = r.id GROUP BY 1"
        )
    assert [tuple(row) for row in rows] == [("launch-7", 1)]


async def test_of_somebody_erased_nothing_is_known_and_nothing_tracked(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        await bury(connection, ["kim@acme.com"], services(database).policy, NOW)
    message = (await track(run))["message"]
    assert (message["tracked"], message["html"]) == (False, LAUNCH["html"])
    async with database.connection() as connection:
        assert await connection.fetchval("SELECT count(*) FROM address") == 0
        assert await connection.fetchval("SELECT count(*) FROM message") == 0
