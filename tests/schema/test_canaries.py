"""One portfolio's CSM finds nothing of another's: every field, every argument, every door.

Ann's rows are full of canaries. Whatever Bob (another CSM) or an integration asks must come out as
it did before Ann's rows were there, and what names a thing of Ann's as if there were no such thing.
"""

import asyncio
import json
from dataclasses import replace
from functools import cache
from typing import Any, NamedTuple

import httpx
import pytest
import strawberry
from graphql import (
    DocumentNode,
    ExecutionResult,
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
    parse,
    value_from_ast_untyped,
)
from starlette.applications import Starlette

from domain.viewer import Role, Viewer
from resolvers.context import Context
from schema import ids
from schema.build import CONFIG, MUTATION, QUERY, SUBSCRIPTION
from server import rest
from server.access import Access
from server.graphql import run
from server.protocol.answer import as_json
from server.protocol.compiled.plans import Plans
from server.protocol.prepared import Prepared
from server.protocol.service import Results
from store.access import create_api_key
from store.database import Database
from store.feed import RECOMMENDATIONS, feed_cursor
from store.live import Reader
from tests.schema.conftest import both_executions
from tests.schema.portfolios import CANARY, Portfolio, columns_without, plant
from tests.schema.walking import Visited, reachable, selection
from tests.seeding import ADMIN, INTEGRATION, MANAGER, NOW, context, csm_viewer, services

SCHEMA = strawberry.Schema(QUERY, MUTATION, SUBSCRIPTION, config=CONFIG)
CORE: GraphQLSchema = SCHEMA._schema
PLANS = Plans(compiled_from=1, max_characters=10**9)

NOBODY = Portfolio(
    csm=999,
    node_ids={
        kind: ids.encode(kind, 999)
        for kind in (
            "ApiKey",
            "Campaign",
            "Csm",
            "Customer",
            "Digest",
            "Recipient",
            "Recommendation",
            "Stakeholder",
            "WebhookDelivery",
            "WebhookEndpoint",
            "Workflow",
            "WorkflowRun",
        )
    }
    | {
        "Event": "RXZlbnQ6MjAyNi0xMS0yMjo" + "wMDAw" * 10 + "MDA",
        "Payload": ids.encode_payload(NOW.date(), 999),
    },
    external_id="nobody",
    address="nobody@nowhere.example",
)
"""What a probe names that is not there."""

HIDDEN = {
    "action", "actor", "agent", "balance", "body", "completer", "cursor", "decider", "header", "ip",
    "message", "needle", "note", "query", "reported", "sender",
}  # fmt: skip
"""Canaries that no field shows to anybody."""


QUERIES: dict[str, list[str]] = {
    "viewer": [""],
    "node": [],
    "campaign": [],
    "campaigns": [
        "",
        "(orderBy: NAME)",
        '(filter: {search: "a"})',
        "(filter: {provisional: true})",
    ],
    "customer": [],
    "customers": ["", "(orderBy: RENEWS_ON)", '(filter: {search: "a"})'],
    "csms": [""],
    "digest": [""],
    "digests": [""],
    "digestSettings": [""],
    "outcomes": ["", '(until: "2030-01-01T00:00:00Z", since: "2020-01-01T00:00:00Z")'],
    "recipientsToReview": [""],
    "recentEngagement": ["", "(first: 100)"],
    "recommendations": ["", "(filter: {statuses: [OPEN, COMPLETED]})"],
    "stakeholders": ['(search: "a")'],
    "performance": ["", '(filter: {search: "a"})'],
    "portfolio": [""],
    "capture": [""],
    "apiKeys": [""],
    "workflows": [""],
    "workflowPreview": [
        '(input: {name: "x", condition: {silentForDays: 1}, actions: [{recommend: {reason: "x"}}]})'
    ],
    "webhookEndpoints": [""],
}
"""Arguments of each root field that name nothing; a new root field must be added."""


def naming(who: Portfolio) -> dict[str, list[str]]:
    """Arguments of each root field that name something of a portfolio."""
    n = who.node_ids
    customer, campaign = n["Customer"], n["Campaign"]
    return {
        "node": [f'(id: "{node_id}")' for node_id in n.values()],
        "campaign": [f'(id: "{node_id}")' for node_id in n.values()],
        "customer": [f'(id: "{customer}")', f'(externalId: "{who.external_id}")'],
        "portfolio": [f'(csmId: "{n["Csm"]}")'],
        "digest": [f'(csmId: "{n["Csm"]}")'],
        "digests": [f'(csmId: "{n["Csm"]}")'],
        "performance": [f'(filter: {{search: "{CANARY}"}})'],
        "customers": [
            f'(filter: {{csmId: "{n["Csm"]}"}})',
            f'(filter: {{search: "{who.external_id}"}})',
            f'(filter: {{segment: "{CANARY}-segment"}})',
        ],
        "recommendations": [f'(filter: {{csmId: "{n["Csm"]}"}})'],
        "recentEngagement": [f'(csmId: "{n["Csm"]}")'],
        "stakeholders": [f'(search: "{CANARY}")', f'(search: "{who.address}")'],
        "workflowPreview": [
            '(input: {name: "x", condition: {happened: {kind: CLICKED, '
            f'campaignId: "{campaign}"}}}}, actions: [{{recommend: {{reason: "x"}}}}]}})'
        ],
        "campaigns": [
            f'(filter: {{search: "{CANARY}"}})',
            f'(filter: {{provider: "{CANARY}-provider"}})',
        ],
        "filters": [
            f'{{ campaigns {{ nodes {{ recipients(filter: {{customerId: "{customer}"}}) '
            "{ totalCount nodes { address } } } } }",
            f'{{ customers {{ nodes {{ events(filter: {{campaignId: "{campaign}"}}) '
            "{ totalCount nodes { id } } } } }",
        ],
    }


def mutations(who: Portfolio, mine: Portfolio) -> dict[str, str]:
    """The input of each mutation that names something of a portfolio."""
    n, m = who.node_ids, mine.node_ids
    event = (
        'provider: "p", kind: OPENED, occurredAt: "2026-11-22T12:00:00Z", '
        f'campaign: {{externalId: "x"}}, address: "{who.address}"'
    )
    mail = f'campaign: {{externalId: "x"}}, address: "{who.address}", html: "<p>x</p>"'
    workflow = (
        f'name: "x", condition: {{happened: {{kind: CLICKED, campaignId: "{n["Campaign"]}"}}}}, '
        f'actions: [{{callWebhook: {{endpointId: "{n["WebhookEndpoint"]}"}}}}]'
    )
    endpoint = 'name: "x", url: "https://hooks.example/"'
    return {
        "recordEngagement": f"{{events: [{{{event}}}]}}",
        "importCustomers": f'{{customers: [{{externalId: "{who.external_id}"}}]}}',
        "registerCampaign": '{provider: "p", externalId: "x", name: "x", '
        f'recipients: ["{who.address}"]}}',
        "trackMessage": f"{{{mail}}}",
        "trackMessages": f"{{messages: [{{{mail}}}]}}",
        "classifyCampaign": f'{{campaignId: "{n["Campaign"]}", isBulk: false}}',
        "confirmMatch": f'{{recipientId: "{m["Recipient"]}", customerId: "{n["Customer"]}", '
        f'stakeholderId: "{n["Stakeholder"]}"}}',
        "rejectMatch": f'{{recipientId: "{n["Recipient"]}", customerId: "{n["Customer"]}"}}',
        "setTrackingConsent": f'{{stakeholderId: "{n["Stakeholder"]}", consent: DENIED}}',
        "eraseStakeholder": f'"{n["Stakeholder"]}"',
        "liftSuppression": f'{{address: "{who.address}", reason: HARD_BOUNCE}}',
        "startFollowUp": f'{{id: "{n["Recommendation"]}"}}',
        "completeFollowUp": f'{{id: "{n["Recommendation"]}", outcome: MEETING}}',
        "snoozeRecommendation": f'{{id: "{n["Recommendation"]}", until: "2026-11-23T12:00:00Z"}}',
        "dismissRecommendation": f'{{id: "{n["Recommendation"]}", reason: "no"}}',
        "setDigest": "{enabled: true}",
        "replayPayloads": f'{{ids: ["{n["Payload"]}"]}}',
        "createApiKey": f'{{role: CSM, name: "x", csmId: "{n["Csm"]}"}}',
        "revokeApiKey": f'{{id: "{n["ApiKey"]}"}}',
        "createWorkflow": f"{{{workflow}}}",
        "updateWorkflow": f'id: "{n["Workflow"]}", input: {{{workflow}}}',
        "deleteWorkflow": f'id: "{n["Workflow"]}"',
        "createWebhookEndpoint": f"{{{endpoint}}}",
        "updateWebhookEndpoint": f'id: "{n["WebhookEndpoint"]}", input: {{{endpoint}}}',
        "rotateWebhookSecret": f'id: "{n["WebhookEndpoint"]}"',
        "deleteWebhookEndpoint": f'id: "{n["WebhookEndpoint"]}"',
        "pingWebhookEndpoint": f'id: "{n["WebhookEndpoint"]}"',
        "resendDelivery": f'id: "{n["WebhookDelivery"]}"',
    }


def arguments(name: str, given: str) -> str:
    """A mutation's arguments, where `given` is one of them or all."""
    return f"({given})" if given.startswith("id: ") else f"({name}: {given})"


class Asked(NamedTuple):
    """A document of one operation, and its variables."""

    document: DocumentNode
    variables: dict[str, Any]


async def execute(
    database: Database, viewer: Viewer, asked: Asked, *, is_compiled: bool
) -> dict[str, Any]:
    """Data and the texts of errors."""
    operation = context(database, viewer)
    try:
        result = await started(asked, operation, is_compiled=is_compiled)
    finally:
        await operation.close()
    assert isinstance(result, ExecutionResult)
    errors = [f"{error.path}: {error.message}" for error in result.errors or ()]
    return {"data": without_cursors(as_json(result.data)), "errors": errors}


async def started(
    asked: Asked, operation: Context, *, is_compiled: bool
) -> ExecutionResult | Results:
    """An execution as the server's, but of a document that is not validated: that takes seconds
    for documents of this size, and they are right."""
    [definition] = asked.document.definitions
    assert isinstance(definition, OperationDefinitionNode)
    prepared = Prepared(asked.document, definition.operation, None, asked.variables, {})
    return await run(SCHEMA, PLANS if is_compiled else None, prepared, operation)


TIMES = ("feedcursor", "recommendationcursor")


def without_cursors(value: Any) -> Any:
    """The feed's position differs at any two moments."""
    if isinstance(value, dict):
        return {k: without_cursors(v) for k, v in value.items() if not k.lower().endswith(TIMES)}
    return [without_cursors(item) for item in value] if isinstance(value, list) else value


def root_field(kind: str, name: str) -> GraphQLField:
    owner = CORE.type_map[kind]
    assert isinstance(owner, GraphQLObjectType)
    found: GraphQLField = owner.fields[name]
    return found


@cache
def everything(kind: str, name: str) -> tuple[SelectionSetNode, Visited]:
    """What can be asked for below one root field, and the fields that are asked for."""
    visited = {(kind, name)}
    below = selection(CORE, get_named_type(root_field(kind, name).type), visited)
    return below, visited


def the_field(document: DocumentNode) -> tuple[OperationDefinitionNode, FieldNode]:
    """The one operation of a document, and its one field."""
    [operation] = document.definitions
    assert isinstance(operation, OperationDefinitionNode)
    [found] = operation.selection_set.selections
    assert isinstance(found, FieldNode)
    return operation, found


@cache
def asking(kind: str, name: str, arguments: tuple[str, ...]) -> DocumentNode:
    """Everything below one root field, its arguments in variables: made, and compiled, once."""
    types = root_field(kind, name).args
    defined = ", ".join(f"${argument}: {types[argument].type}" for argument in arguments)
    passed = ", ".join(f"{argument}: ${argument}" for argument in arguments)
    heads = (f"({defined})", f"({passed})") if arguments else ("", "")
    operation, found = the_field(parse(f"{kind.lower()}{heads[0]} {{ {name}{heads[1]} }}"))
    whole = SelectionSetNode(selections=(replace(found, selection_set=everything(kind, name)[0]),))
    return DocumentNode(definitions=(replace(operation, selection_set=whole),))


def root(kind: str, name: str, arguments: str, visited: Visited) -> Asked:
    """A document that asks for everything below one root field, with its arguments."""
    visited |= everything(kind, name)[1]
    _, found = the_field(parse(f"{{ {name}{arguments} }}"))
    variables = {a.name.value: value_from_ast_untyped(a.value) for a in found.arguments or ()}
    return Asked(asking(kind, name, tuple(variables)), variables)


async def walk(
    database: Database,
    viewer: Viewer,
    arguments: dict[str, list[str]],
    visited: Visited,
    *,
    is_compiled: bool,
) -> dict[str, Any]:
    """What the viewer is told by every root field under each of its arguments."""
    told = {}
    for name, variants in arguments.items():
        for variant in variants:
            asked = (
                Asked(parse(variant), {})
                if name == "filters"
                else root("Query", name, variant, visited)
            )
            told[f"{name}{variant}"] = await execute(
                database, viewer, asked, is_compiled=is_compiled
            )
    return told


def masked(told: dict[str, Any], who: Portfolio) -> list[str]:
    """What was told, with what was asked blotted out, in the order of asking."""
    found = []
    for answer in told.values():
        text = json.dumps(answer)
        for own in (*who.node_ids.values(), who.external_id, who.address):
            text = text.replace(own, "ASKED")
        found.append(text)
    return found


async def plant_both(database: Database) -> tuple[Portfolio, Portfolio]:
    """Ann's portfolio and Bob's."""
    async with database.transaction() as connection:
        bob, shared = await plant(connection, "Bob", "bob", None)
        ann, _ = await plant(connection, "Ann", CANARY, shared)
    return ann, bob


@both_executions
async def test_every_text_of_the_portfolio_is_a_canary_and_its_manager_sees_it(
    database: Database, is_compiled: bool
) -> None:
    ann, bob = await plant_both(database)
    visited: Visited = set()
    arguments = {k: [*v, *naming(ann).get(k, ())] for k, v in QUERIES.items()}

    told = json.dumps(await walk(database, ADMIN, arguments, visited, is_compiled=is_compiled))
    node = {"node": naming(ann)["node"]}
    own = json.dumps(
        await walk(database, csm_viewer(ann.csm), node, set(), is_compiled=is_compiled)
    )

    async with database.connection() as connection:
        assert await columns_without(connection, CANARY) == []
    labels = {part.split('"')[0].split("@")[0] for part in told.split(f"{CANARY}-")[1:]}
    assert {"person", "bounce", "detail", "orphan", "error", "key", "topic", "about"} <= {
        label.rstrip("\\") for label in labels
    }
    assert f"{CANARY}-bounce" in own
    assert not HIDDEN & labels
    query = CORE.query_type
    assert query is not None
    assert set(query.fields) == set(QUERIES), "give the new root field its arguments here"
    assert reachable(CORE, [query]) - visited == set()
    assert bob.csm != ann.csm


@both_executions
@pytest.mark.parametrize("role", [Role.CSM, Role.INTEGRATION])
async def test_nothing_changes_for_others_when_a_portfolio_appears(
    database: Database, role: Role, is_compiled: bool
) -> None:
    async with database.transaction() as connection:
        bob, shared = await plant(connection, "Bob", "bob", None)
    viewer = csm_viewer(bob.csm) if role is Role.CSM else INTEGRATION
    arguments = {k: [*v, *naming(bob).get(k, ())] for k, v in QUERIES.items()}
    before = await walk(database, viewer, arguments, set(), is_compiled=is_compiled)
    async with database.transaction() as connection:
        await plant(connection, "Ann", CANARY, shared)

    after = await walk(database, viewer, arguments, set(), is_compiled=is_compiled)

    assert CANARY not in json.dumps(list(after.values()))
    assert after == before
    if role is Role.CSM:
        assert "bob-bounce" in json.dumps(before)


@both_executions
@pytest.mark.parametrize("role", [Role.CSM, Role.INTEGRATION])
async def test_what_is_another_portfolios_is_as_if_it_were_not_there(
    database: Database, role: Role, is_compiled: bool
) -> None:
    ann, bob = await plant_both(database)
    viewer = csm_viewer(bob.csm) if role is Role.CSM else INTEGRATION

    theirs = await walk(database, viewer, naming(ann), set(), is_compiled=is_compiled)
    nobodys = await walk(database, viewer, naming(NOBODY), set(), is_compiled=is_compiled)

    assert masked(theirs, ann) == masked(nobodys, NOBODY)


@both_executions
@pytest.mark.parametrize("role", [Role.CSM, Role.INTEGRATION])
async def test_no_mutation_tells_of_another_portfolio(
    database: Database, role: Role, is_compiled: bool
) -> None:
    ann, bob = await plant_both(database)
    viewer = csm_viewer(bob.csm) if role is Role.CSM else INTEGRATION
    owner = CORE.mutation_type
    assert owner is not None
    probes = mutations(ann, bob)
    assert set(owner.fields) == set(probes), "give the new mutation a probe here"

    for name, given in probes.items():
        argument = "id" if name == "eraseStakeholder" else "input"
        asked = root("Mutation", name, arguments(argument, given), set())
        told = await execute(database, viewer, asked, is_compiled=is_compiled)
        text = masked({name: told}, ann)[0]
        assert CANARY not in text, (name, text)
        if role is Role.CSM:
            unknown = mutations(NOBODY, bob)[name]
            asked = root("Mutation", name, arguments(argument, unknown), set())
            other = masked(
                {name: await execute(database, viewer, asked, is_compiled=is_compiled)}, NOBODY
            )[0]
            assert text == other, name


@pytest.fixture
def told_all(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """Set when a follower has been told all that has happened and waits for news."""
    waits = asyncio.Event()
    hear: Any = Reader._hear

    async def hear_and_say(reader: Any, follower: Any) -> None:
        waits.set()
        await hear(reader, follower)

    monkeypatch.setattr(Reader, "_hear", hear_and_say)
    return waits


async def heard(
    database: Database,
    viewer: Viewer,
    asked: Asked,
    told_all: asyncio.Event,
    *,
    is_compiled: bool,
) -> list[str]:
    """All that a subscription tells of what has happened, or why it tells nothing."""
    operation = context(database, viewer)
    found: list[str] = []

    async def listen() -> None:
        stream = await started(asked, operation, is_compiled=is_compiled)
        if isinstance(stream, ExecutionResult):
            found.append(str(stream.errors))
            return
        async for result in stream:
            errors = [error.message for error in result.errors or ()]
            found.append(json.dumps([without_cursors(as_json(result.data)), errors]))

    told_all.clear()
    waiting = {asyncio.create_task(listen()), asyncio.create_task(told_all.wait())}
    try:
        async with asyncio.timeout(60):
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in waiting:
            task.cancel()
        ends = await asyncio.gather(*waiting, return_exceptions=True)
        await operation.close()
    found += [str(end) for end in ends if isinstance(end, Exception)]
    return found


@both_executions
async def test_no_subscription_tells_of_another_portfolio(
    database: Database, told_all: asyncio.Event, is_compiled: bool
) -> None:
    async with database.connection() as connection:
        start, advice = await feed_cursor(connection), await RECOMMENDATIONS.cursor(connection)
    ann, bob = await plant_both(database)
    n = ann.node_ids
    mine = root("Subscription", "portfolioEngagement", f'(after: "{start}")', set())

    for viewer in (csm_viewer(bob.csm), INTEGRATION):
        for name, argument in (
            ("engagementRecorded", f'(customerId: "{n["Customer"]}", after: "{start}")'),
            ("portfolioEngagement", f'(csmId: "{n["Csm"]}", after: "{start}")'),
            ("campaignProgressed", f'(campaignId: "{n["Campaign"]}")'),
            ("recommendationChanged", f'(after: "{advice}")'),
            ("recommendationChanged", f'(csmId: "{n["Csm"]}", after: "{advice}")'),
        ):
            asked = root("Subscription", name, argument, set())
            told = await heard(database, viewer, asked, told_all, is_compiled=is_compiled)
            assert CANARY not in "".join(told), name
    changed = root("Subscription", "recommendationChanged", f'(after: "{advice}")', set())
    assert len(await heard(database, MANAGER, changed, told_all, is_compiled=is_compiled)) == 2
    to_bob = await heard(database, csm_viewer(bob.csm), mine, told_all, is_compiled=is_compiled)
    to_all = await heard(database, MANAGER, mine, told_all, is_compiled=is_compiled)

    assert len(to_bob) == 2
    assert CANARY not in "".join(to_bob)
    assert len(to_all) == 4
    assert CANARY in "".join(to_all)


async def test_no_rest_door_tells_of_another_portfolio(database: Database) -> None:
    ann, bob = await plant_both(database)
    app = Starlette(routes=rest.routes)
    app.state.services, app.state.access = services(database), Access(database)
    transport = httpx.ASGITransport(app)
    told = []

    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        for role, email in ((Role.CSM, "bob-csm@us.example"), (Role.INTEGRATION, None)):
            token = await create_api_key(database, role=role, name="x", csm_email=email)
            headers = {"Authorization": f"Bearer {token}"}
            for who in (ann, NOBODY):
                for customer in (who.external_id, who.node_ids["Customer"]):
                    url = f"/api/campaigns/customer/{customer}"
                    answer = await client.get(url, headers=headers)
                    told.append(answer.text.replace(customer, "ASKED"))
            own = await client.get(f"/api/campaigns/customer/{bob.external_id}", headers=headers)
            assert CANARY not in own.text
        event = {
            "provider": "p",
            "kind": "OPENED",
            "address": ann.address,
            "occurredAt": "2026-11-22T12:00:00Z",
            "campaign": {"externalId": "x"},
        }
        written = await client.post(
            "/api/campaigns/engagement", json={"events": [event]}, headers=headers
        )

    assert len(set(told)) == 1
    assert written.status_code == 200
    assert CANARY not in written.text
