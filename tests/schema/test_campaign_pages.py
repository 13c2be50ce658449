"""A campaign and its figures are read by one statement, and say what they say one by one."""

from pathlib import Path
from typing import Any

import pytest

from domain.viewer import Viewer
from resolvers import cursors
from schema import ids
from schema.analysis import FIGURES
from server.graphql import Schema
from store.analysis import MOST_LINKS
from store.database import Database
from tests.schema.conftest import Run, both_executions
from tests.schema.test_analysis import FUNNEL, Planted, plant
from tests.schema.test_customer_pages import Watched
from tests.seeding import INTEGRATION, MANAGER, Seed, context, csm_viewer

DASHBOARD = Path(__file__).parents[2] / "dashboard/src/pages/campaign/campaign.graphql"

FIELDS = {
    "funnel": f"{{ {FUNNEL} }}",
    "rates": "{ open { value low enoughData } coverage { numerator denominator } }",
    "acts": "{ opensHuman opensMachine clicksHuman clicksMachine }",
    "timeToOpen": "{ basedOn median { seconds } }",
    "timeToClick": "{ basedOn upperQuartile { seconds atLeast } }",
    "links": "(first: 1) { url clickersHuman clickersMachine share { value } }",
    "segments": "{ segment campaigns funnel { delivered } compared { open { standing } } }",
    "average": "{ open click clickToOpen reply unsubscribe }",
    "byHour": "{ openersWithoutZone hours { weekday hour openers clickers } }",
    "__typename": "",
}
"""The fields of an analysis that figures answer, each with what is asked of it."""

PAGE = f"""
fragment Figures on CampaignAnalysis {{ {" ".join(f"{k} {v}" for k, v in FIELDS.items())} }}
fragment Whole on Campaign {{ analysis {{ all: links {{ url }} ...Figures }} %s }}
query ($id: ID!) {{ campaign(id: $id) {{
  key: id name subject type typeConfidence provider externalId sentAt provisional topics {{ name }}
  classification {{ isBulk }} detection {{ method confidence evidence signs reasons }}
  funnel {{ {FUNNEL} }} ...Whole }} }}
"""
AT_ONCE = PAGE % ""
ONE_BY_ONE = PAGE % "recipients(first: 0) { nodes { id } }"
"""Asks for recipients too, which takes further statements."""


async def sent(
    schema: Schema, database: Database, viewer: Viewer, document: str, **asked: Any
) -> tuple[dict[str, Any], list[str]]:
    """The answer to a query, and the statements it took."""
    operation_name = asked.pop("operation_name", None)
    watched = Watched(database)
    operation = context(watched, viewer)
    result = await schema.execute(document, asked, operation, operation_name=operation_name)
    await operation.close()
    assert result.errors is None
    assert result.data is not None
    return result.data, watched.sent


def viewer_of(planted: Planted, who: str) -> Viewer:
    named = {"a manager": MANAGER, "an integration": INTEGRATION}
    return named[who] if who in named else csm_viewer(planted.csms[who])


@pytest.mark.parametrize("who", ["a manager", "Ann", "Bob", "Cem"])
@both_executions
async def test_the_same_is_told_at_once_and_one_by_one(
    run: Run, database: Database, who: str
) -> None:
    planted = await plant(database)
    viewer = viewer_of(planted, who)

    at_once = await run(viewer, AT_ONCE, id=planted.id)

    expected = await run(viewer, ONE_BY_ONE, id=planted.id)
    assert expected["campaign"].pop("recipients") == {"nodes": []}
    assert at_once == expected
    assert at_once["campaign"]["funnel"]["recipients"] > 0


async def test_a_campaign_with_all_its_figures_takes_one_statement_and_no_transaction(
    schema: Schema, database: Database
) -> None:
    planted = await plant(database)

    data, statements = await sent(schema, database, MANAGER, AT_ONCE, id=planted.id)

    assert data["campaign"]["analysis"]["acts"]["opensHuman"] == 11
    assert len(statements) == 1


@pytest.mark.parametrize("operation_name", ["Campaign", "CampaignAnalysis"])
@pytest.mark.parametrize("who", ["a manager", "Ann"])
async def test_the_dashboards_page_and_analysis_take_one_statement_each(
    schema: Schema, database: Database, who: str, operation_name: str
) -> None:
    planted = await plant(database)

    data, statements = await sent(
        schema,
        database,
        viewer_of(planted, who),
        DASHBOARD.read_text(),
        operation_name=operation_name,
        id=planted.id,
    )

    assert data["campaign"]["analysis"]
    assert len(statements) == 1


def test_what_is_asked_for_here_is_all_that_figures_answer() -> None:
    assert FIELDS.keys() == FIGURES.keys()


@pytest.mark.parametrize(
    ("fields", "counters"),
    [
        ("name", []),
        ("funnel { recipients }", ["campaign_counter"]),
        ("analysis { __typename }", []),
        ("analysis { funnel { recipients } }", ["campaign_counter"]),
        ("funnel { recipients } analysis { rates { open { value } } }", ["campaign_counter"]),
        ("analysis { acts { opensHuman } }", ["campaign_counter"]),
        ("analysis { timeToOpen { basedOn } }", ["campaign_bin_counter"]),
        ("analysis { timeToClick { basedOn } }", ["campaign_bin_counter"]),
        ("analysis { links { url } }", ["campaign_link_counter", "campaign_counter"]),
        ("analysis { segments { segment } }", ["campaign_counter"]),
        ("analysis { average { open } }", ["campaign_counter"]),
        (
            "analysis { byHour { hours { openers } } }",
            ["campaign_bin_counter", "campaign_counter"],
        ),
    ],
)
async def test_what_is_not_selected_is_not_read(
    schema: Schema, database: Database, fields: str, counters: list[str]
) -> None:
    planted = await plant(database)
    document = f"query ($id: ID!) {{ campaign(id: $id) {{ {fields} }} }}"

    data, (sql,) = await sent(
        schema, database, csm_viewer(planted.csms["Ann"]), document, id=planted.id
    )

    assert data["campaign"]
    assert sql.count("_counter n ") == len(counters)
    assert [table for table in counters if f"FROM {table} n " not in sql] == []
    assert "k.subject" not in sql


@pytest.mark.parametrize("who", ["another CSM", "an integration"])
@both_executions
async def test_whoever_may_not_see_the_campaign_finds_nothing(
    run: Run, database: Database, who: str
) -> None:
    planted = await plant(database)
    async with database.transaction() as connection:
        other = csm_viewer(await Seed(connection).csm("Dan"))
    viewer = other if who == "another CSM" else INTEGRATION

    assert await run(viewer, AT_ONCE, id=planted.id) == {"campaign": None}


@both_executions
async def test_what_is_no_bulk_send_has_a_funnel_and_nothing_else_counted(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    async with database.connection() as connection:
        await connection.execute("UPDATE campaign SET is_provisional = true")

    of_manager = await run(MANAGER, AT_ONCE, id=planted.id)
    of_ann = await run(csm_viewer(planted.csms["Ann"]), AT_ONCE, id=planted.id)

    assert of_manager["campaign"]["provisional"] is True
    assert of_manager["campaign"]["funnel"]["recipients"] == 16
    assert of_manager["campaign"]["analysis"]["funnel"]["recipients"] == 0
    assert of_manager["campaign"]["analysis"]["all"] == []
    assert of_ann == {"campaign": None}


async def test_several_campaigns_are_told_apart(run: Run, database: Database) -> None:
    planted = await plant(database)
    async with database.transaction() as connection:
        other = ids.encode("Campaign", await Seed(connection).campaign("Empty"))
    document = """query ($a: ID!, $b: ID!) {
      a: campaign(id: $a) { name funnel { recipients } }
      b: campaign(id: $b) { name funnel { recipients } } }"""

    assert await run(MANAGER, document, a=planted.id, b=other) == {
        "a": {"name": "Spring", "funnel": {"recipients": 16}},
        "b": {"name": "Empty", "funnel": {"recipients": 0}},
    }


async def test_each_place_that_asks_for_links_is_told_as_many_as_it_wants(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    document = """query ($id: ID!, $n: Int) { campaign(id: $id) { analysis {
      links { url } none: links(first: 0) { url } some: links(first: $n) { url } } } }"""

    found = (await run(MANAGER, document, id=planted.id, n=1))["campaign"]["analysis"]

    urls = [{"url": f"https://us.example/{n}"} for n in (1, 2)]
    assert found == {"links": urls, "none": [], "some": urls[:1]}
    assert MOST_LINKS == cursors.MAX_FIRST


@both_executions
async def test_too_many_links_are_refused_where_they_were_asked_for(
    run: Run, database: Database
) -> None:
    planted = await plant(database)
    document = """query ($id: ID!) { campaign(id: $id) { name analysis {
      acts { opensHuman } links(first: 101) { url } } } }"""

    data = await run(MANAGER, document, id=planted.id)

    (error,) = data["errors"]
    assert error.original_error.code == "INVALID_FIRST"
    assert error.path == ["campaign", "analysis", "links"]
