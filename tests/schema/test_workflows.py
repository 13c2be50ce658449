"""Workflows and their webhooks over the contract."""

from datetime import timedelta
from typing import Any

import pytest
from standardwebhooks.webhooks import Webhook

from domain.outgoing_webhooks import secret_of
from domain.viewer import Viewer
from schema import ids
from server.graphql import Schema
from store.database import Database
from store.webhook_endpoints import nonces_of
from tests.jobs.mail import rows
from tests.schema.conftest import Run, both_executions
from tests.schema.test_customers import Counting
from tests.seeding import ADMIN, INTEGRATION, MANAGER, NOW, Seed, context, csm_viewer

ONE = "id name enabled version windowDays"
TREE = """all { levels } any { silentForDays unansweredSends } not { segments }
    happened { kind atLeast withinDays campaign { name } campaignType topic urlPattern }"""
CREATE = f"""mutation ($in: WorkflowInput!) {{ createWorkflow(input: $in) {{
    workflow {{ {ONE} description condition {{ all {{ {TREE} levels }} }}
        actions {{ recommend {{ reason talkingPoints }} raiseRisk {{ reason }} dueDays
            callWebhooks {{ name }} }} }}
    userErrors {{ field code }} }} }}"""
UPDATE = f"""mutation ($id: ID!, $in: WorkflowInput!) {{ updateWorkflow(id: $id, input: $in) {{
    workflow {{ {ONE} }} userErrors {{ field code }} }} }}"""
DELETE = """mutation ($id: ID!) { deleteWorkflow(id: $id) {
    workflow { name enabled deletedAt } userErrors { field code } } }"""
PREVIEW = """query ($in: WorkflowInput!, $days: Int!) { workflowPreview(input: $in, days: $days) {
    since lookedAt peopleInAll times people customers days { day times }
    firings { at reasons stakeholder { name } customer { name } evidence { kind } } } }"""
RECOMMEND = {"recommend": {"reason": "Call {stakeholder}.", "talkingPoints": ["One."]}}


def given(condition: Any, **changes: Any) -> dict[str, Any]:
    return {"name": "Mine", "condition": condition, "actions": [RECOMMEND]} | changes


async def test_a_workflow_is_shown_as_it_was_given(run: Run, database: Database) -> None:
    async with database.transaction() as connection:
        campaign = await Seed(connection).campaign("Spring")
    condition = {
        "all": [
            {"happened": {"kind": "CLICKED", "campaignId": ids.encode("Campaign", campaign),
                          "urlPattern": "*/pricing"}},
            {"any": [{"silentForDays": 60}, {"unansweredSends": 5}]},
            {"not": {"segments": ["startup"]}},
            {"levels": ["HIGH", "LOW"]},
        ]
    }  # fmt: skip
    done = [RECOMMEND, {"setDueDate": {"days": 3}}]

    data = await run(MANAGER, CREATE, **{"in": given(condition, actions=done, windowDays=7)})

    made = data["createWorkflow"]
    assert made["userErrors"] == []
    row = made["workflow"]
    assert (row["name"], row["enabled"], row["version"], row["windowDays"]) == (
        "Mine", False, 1, 7,
    )  # fmt: skip
    assert row["actions"] == {
        "recommend": {"reason": "Call {stakeholder}.", "talkingPoints": ["One."]},
        "raiseRisk": None,
        "dueDays": 3,
        "callWebhooks": [],
    }
    clicked, any_, not_, levels = row["condition"]["all"]
    assert clicked["happened"] == {
        "kind": "CLICKED",
        "atLeast": 1,
        "withinDays": 30,
        "campaign": {"name": "Spring"},
        "campaignType": None,
        "topic": None,
        "urlPattern": "*/pricing",
    }
    assert any_["any"] == [
        {"silentForDays": 60, "unansweredSends": None},
        {"silentForDays": None, "unansweredSends": 5},
    ]
    assert not_["not"] == {"segments": ["startup"]}
    assert levels["levels"] == ["HIGH", "LOW"]


async def test_a_campaign_that_is_there_no_more_is_not_taken_for_any(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        campaign = ids.encode("Campaign", await Seed(connection).campaign("Spring"))
    condition = {"happened": {"kind": "CLICKED", "campaignId": campaign}}
    made = await run(MANAGER, CREATE, **{"in": given(condition)})
    async with database.transaction() as connection:
        await connection.execute("DELETE FROM campaign")
    shown = """query ($id: ID!) { node(id: $id) { ... on Workflow {
        condition { happened { campaignId campaign { name } } } } } }"""

    found = await run(MANAGER, shown, id=made["createWorkflow"]["workflow"]["id"])

    assert found["node"]["condition"] == {"happened": {"campaignId": campaign, "campaign": None}}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (given({"silentForDays": 0}), ["condition", "silentForDays"]),
        (
            given({"any": [{"not": {"happened": {"kind": "CLICKED", "campaignId": "x"}}}]}),
            ["condition", "any", "0", "not", "happened", "campaignId"],
        ),
        (given({"all": []}), ["condition", "all"]),
        (given({"silentForDays": 1}, actions=[]), ["actions"]),
        (
            given({"silentForDays": 1}, actions=[{"callWebhook": {"endpointId": "x"}}]),
            ["actions", "0", "callWebhook", "endpointId"],
        ),
        (given({"silentForDays": 1}, name=" "), ["name"]),
    ],
)
async def test_what_is_wrong_is_named_with_its_path(
    run: Run, database: Database, wrong: dict[str, Any], path: list[str]
) -> None:
    made = (await run(MANAGER, CREATE, **{"in": wrong}))["createWorkflow"]
    assert made["workflow"] is None
    assert made["userErrors"][0]["field"] == path
    assert await rows(database, "SELECT id FROM workflow") == []


async def test_two_conditions_in_one_place_are_no_condition(run: Run) -> None:
    told = await run(MANAGER, CREATE, **{"in": given({"silentForDays": 1, "unansweredSends": 2})})
    assert "exactly one" in str(told["errors"][0]).lower()


async def test_a_workflow_is_changed_at_its_version_and_deleted(
    run: Run, database: Database
) -> None:
    made = (await run(MANAGER, CREATE, **{"in": given({"silentForDays": 9})}))["createWorkflow"]
    id_ = made["workflow"]["id"]
    change = given({"silentForDays": 8}, name="Ours", enabled=True, version=1)

    changed = (await run(MANAGER, UPDATE, id=id_, **{"in": change}))["updateWorkflow"]
    late = (await run(MANAGER, UPDATE, id=id_, **{"in": change}))["updateWorkflow"]
    gone = (await run(MANAGER, DELETE, id=id_))["deleteWorkflow"]
    again = (await run(MANAGER, DELETE, id=id_))["deleteWorkflow"]

    assert changed["workflow"]["name"] == "Ours"
    assert (changed["workflow"]["version"], changed["workflow"]["enabled"]) == (2, True)
    assert late["userErrors"] == [{"field": ["version"], "code": "CONFLICT"}]
    assert gone["workflow"] == {
        "name": "Ours",
        "enabled": False,
        "deletedAt": "2026-11-22T12:00:00Z",
    }
    assert again["userErrors"] == [{"field": ["id"], "code": "NOT_FOUND"}]
    assert (await run(MANAGER, "{ workflows { name } }"))["workflows"] == []


async def directory(database: Database) -> int:
    """Ann clicked 20 and 5 days ago, Bob never; both were mailed 30 days ago. A CSM's id."""
    async with database.transaction() as connection:
        seed = Seed(connection)
        csm = await seed.csm("Ann")
        acme = await seed.customer("Acme", csm)
        campaign = await seed.campaign("Spring", sent_at=NOW - timedelta(days=30))
        for name in ("ann", "bob"):
            who = await seed.stakeholder(acme, f"{name}@acme.com")
            address = await seed.matched(f"{name}@acme.com", acme, who)
            at = NOW - timedelta(days=30)
            recipient = await seed.recipient(
                campaign, address, sent_at=at, delivered_at=at, status="DELIVERED"
            )
            for days in (20, 5) if name == "ann" else ():
                await seed.event(recipient, "CLICKED", NOW - timedelta(days=days), url="https://x/")
            await seed.insight(who, acme, last_sent_at=at)
    return csm


async def test_a_preview_says_when_for_whom_and_why(run: Run, database: Database) -> None:
    await directory(database)
    wanted = given({"happened": {"kind": "CLICKED"}}, windowDays=15)

    found = (await run(MANAGER, PREVIEW, days=40, **{"in": wanted}))["workflowPreview"]

    assert found["since"] == "2026-10-13T12:00:00Z"
    assert [found[k] for k in ("lookedAt", "peopleInAll", "times", "people", "customers")] == [
        2, 2, 2, 1, 1,
    ]  # fmt: skip
    assert [f["at"] for f in found["firings"]] == ["2026-11-17T12:00:00Z", "2026-11-02T12:00:00Z"]
    assert found["days"] == [
        {"day": "2026-11-02T00:00:00Z", "times": 1},
        {"day": "2026-11-17T00:00:00Z", "times": 1},
    ]
    assert found["firings"][1] == {
        "at": "2026-11-02T12:00:00Z",
        "reasons": ["1 × CLICKED within 30 days"],
        "stakeholder": {"name": "ann"},
        "customer": {"name": "Acme"},
        "evidence": [{"kind": "CLICKED"}],
    }
    assert await rows(database, "SELECT id FROM workflow_run") == []


async def test_silence_is_previewed_for_whom_nothing_was_done(run: Run, database: Database) -> None:
    await directory(database)
    wanted = given({"silentForDays": 20}, windowDays=60)
    found = (await run(MANAGER, PREVIEW, days=40, **{"in": wanted}))["workflowPreview"]
    assert [(f["at"], f["stakeholder"]["name"]) for f in found["firings"]] == [
        ("2026-11-12T12:00:00Z", "bob")
    ]


@pytest.mark.parametrize("days", [0, 366])
async def test_a_preview_has_its_bounds(run: Run, days: int) -> None:
    told = await run(MANAGER, PREVIEW, days=days, **{"in": given({"silentForDays": 9})})
    assert "from 1 to 365" in str(told["errors"][0])


QUERIES = ("{ workflows { id } }", "{ webhookEndpoints { id } }")


@both_executions
async def test_csms_and_integrations_see_none_of_it(run: Run, database: Database) -> None:
    csm = csm_viewer(await directory(database))
    made = (await run(MANAGER, CREATE, **{"in": given({"silentForDays": 9})}))["createWorkflow"]
    for viewer in (csm, INTEGRATION):
        for document in QUERIES:
            assert "may not do this" in str((await run(viewer, document))["errors"][0])
        wanted = {"in": given({"silentForDays": 9})}
        for document, more in ((CREATE, {}), (UPDATE, {"id": made["workflow"]["id"]})):
            told = await run(viewer, document, **wanted, **more)
            assert "may not do this" in str(told["errors"][0])
        assert "errors" in await run(viewer, PREVIEW, days=9, **wanted)
        node = await run(viewer, "query ($id: ID!) { node(id: $id) { id } }",
                         id=made["workflow"]["id"])  # fmt: skip
        assert node == {"node": None}


ENDPOINT = """webhookEndpoint { id name url enabled version disabledBecause
    deliveries { totalCount nodes { type status messageId attempts } } }
    secret userErrors { field code }"""
MAKE = f"""mutation ($in: WebhookEndpointInput!) {{ createWebhookEndpoint(input: $in) {{
    {ENDPOINT} }} }}"""
CHANGE = f"""mutation ($id: ID!, $in: WebhookEndpointInput!) {{
    updateWebhookEndpoint(id: $id, input: $in) {{ {ENDPOINT} }} }}"""
ROTATE = f"mutation ($id: ID!) {{ rotateWebhookSecret(id: $id) {{ {ENDPOINT} }} }}"
REMOVE = f"mutation ($id: ID!) {{ deleteWebhookEndpoint(id: $id) {{ {ENDPOINT} }} }}"
PING = """mutation ($id: ID!) { pingWebhookEndpoint(id: $id) {
    webhookDelivery { id type status body } userErrors { code } } }"""
RESEND = """mutation ($id: ID!) { resendDelivery(id: $id) {
    webhookDelivery { id } userErrors { code } } }"""
CRM = {"name": "CRM", "url": "https://hooks.example/x"}


async def test_an_endpoint_shows_its_secret_once_and_keeps_none(
    run: Run, database: Database
) -> None:
    made = (await run(ADMIN, MAKE, **{"in": CRM}))["createWebhookEndpoint"]

    secret = made["secret"]
    assert made["userErrors"] == []
    Webhook(secret)
    ((kept,),) = await rows(database, "SELECT nonces FROM webhook_endpoint")
    assert secret_of(b"", nonces_of(kept)[0].value) == secret
    text = str(await rows(database, "SELECT * FROM webhook_endpoint"))
    assert secret.removeprefix("whsec_") not in text
    id_ = made["webhookEndpoint"]["id"]
    assert (await run(ADMIN, CHANGE, id=id_, **{"in": CRM}))["updateWebhookEndpoint"][
        "secret"
    ] is None
    fresh = (await run(ADMIN, ROTATE, id=id_))["rotateWebhookSecret"]["secret"]
    assert fresh != secret


async def test_an_endpoint_is_pinged_and_its_log_shows_it(run: Run) -> None:
    made = (await run(ADMIN, MAKE, **{"in": CRM}))["createWebhookEndpoint"]
    id_ = made["webhookEndpoint"]["id"]
    pinged = (await run(ADMIN, PING, id=id_))["pingWebhookEndpoint"]["webhookDelivery"]
    assert (pinged["type"], pinged["status"]) == ("ping", "PENDING")
    pending = (await run(ADMIN, RESEND, id=pinged["id"]))["resendDelivery"]
    assert pending["userErrors"] == [{"code": "STILL_PENDING"}]
    log = (await run(ADMIN, CHANGE, id=id_, **{"in": CRM | {"enabled": False}}))[
        "updateWebhookEndpoint"
    ]["webhookEndpoint"]["deliveries"]
    assert log["totalCount"] == 1
    assert log["nodes"][0]["messageId"].startswith("msg_")
    off = (await run(ADMIN, PING, id=id_))["pingWebhookEndpoint"]
    assert off["userErrors"] == [{"code": "NOT_FOUND"}]
    gone = (await run(ADMIN, REMOVE, id=id_))["deleteWebhookEndpoint"]
    assert gone["userErrors"] == []
    assert (await run(ADMIN, "{ webhookEndpoints { id } }"))["webhookEndpoints"] == []


async def test_lists_with_their_logs_are_one_statement_a_question(
    run: Run, schema: Schema, database: Database
) -> None:
    for _ in range(3):
        made = (await run(ADMIN, MAKE, **{"in": CRM}))["createWebhookEndpoint"]["webhookEndpoint"]
        assert (await run(ADMIN, PING, id=made["id"]))["pingWebhookEndpoint"]["userErrors"] == []
        calls = [{"callWebhook": {"endpointId": made["id"]}}]
        wanted = given({"silentForDays": 9}, actions=calls)
        assert (await run(ADMIN, CREATE, **{"in": wanted}))["createWorkflow"]["userErrors"] == []
    counting = Counting(database)
    operation = context(counting, ADMIN)

    found = await schema.execute(
        """{ workflows { runs { totalCount nodes { id } } actions { callWebhooks { name } } }
             webhookEndpoints { deliveries(first: 1) { totalCount nodes { type } } } }""",
        context_value=operation,
    )
    await operation.close()

    assert found.data == {
        "workflows": [
            {
                "runs": {"totalCount": 0, "nodes": []},
                "actions": {"callWebhooks": [{"name": "CRM"}]},
            }
        ]
        * 3,
        "webhookEndpoints": [{"deliveries": {"totalCount": 1, "nodes": [{"type": "ping"}]}}] * 3,
    }
    # Both lists, and each question about their rows once.
    assert len([s for s in counting.statements if s.startswith("SELECT")]) == 7


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"url": "http://hooks.example/"}, "url"),
        ({"url": "https://169.254.169.254/latest"}, "url"),
        ({"name": ""}, "name"),
    ],
)
async def test_an_endpoint_that_must_not_be_is_refused(
    run: Run, database: Database, wrong: dict[str, str], field: str
) -> None:
    made = (await run(ADMIN, MAKE, **{"in": CRM | wrong}))["createWebhookEndpoint"]
    assert made["userErrors"][0]["field"] == [field]
    assert await rows(database, "SELECT id FROM webhook_endpoint") == []


@pytest.mark.parametrize("viewer", [MANAGER, INTEGRATION])
@both_executions
async def test_only_admins_change_endpoints(run: Run, viewer: Viewer) -> None:
    made = (await run(ADMIN, MAKE, **{"in": CRM}))["createWebhookEndpoint"]
    id_ = made["webhookEndpoint"]["id"]
    for document in (ROTATE, REMOVE, PING):
        assert "may not do this" in str((await run(viewer, document, id=id_))["errors"][0])
    assert "errors" in await run(viewer, MAKE, **{"in": CRM})
    assert "errors" in await run(viewer, CHANGE, id=id_, **{"in": CRM})
