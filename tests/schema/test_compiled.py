"""Compiled execution says what graphql-core says, over the whole contract and real rows."""

from typing import Any

from graphql import ExecutionResult, GraphQLSchema, OperationType
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st

from domain.viewer import Viewer
from schema.build import CONFIG, MUTATION, QUERY, SUBSCRIPTION
from server.graphql import make_schema, run
from server.protocol.answer import as_json
from server.protocol.compiled.plans import Plans
from server.protocol.errors import RequestError
from server.protocol.operation import Operation
from server.protocol.prepared import Prepared, prepare
from server.protocol.trusted import TrustedDocuments
from store.database import Database
from tests.schema.portfolios import Portfolio
from tests.schema.test_canaries import naming, plant_both, root
from tests.seeding import ADMIN, INTEGRATION, context, csm_viewer
from tests.server.protocol.compiled.documents import documents

PLANS = Plans(compiled_from=1)
SCHEMA = make_schema(QUERY, MUTATION, SUBSCRIPTION, config=CONFIG)
CORE: GraphQLSchema = SCHEMA._schema
POSITIONS = frozenset({"feedCursor", "recommendationCursor"})
"""Where the feed stands differs at any two moments."""

EXAMPLES = 80

PLANTED: list[Portfolio] = []


async def answered(
    database: Database, viewer: Viewer, prepared: Prepared, plans: Plans | None
) -> tuple[Any, list[Any]]:
    """Data and errors, these by their place."""
    operation = context(database, viewer)
    try:
        result = await run(SCHEMA, plans, prepared, operation)
    finally:
        await operation.close()
    assert isinstance(result, ExecutionResult)
    errors = [(error.path, error.message, error.locations) for error in result.errors or ()]
    return as_json(result.data), sorted(errors, key=str)


def told(data: Any, errors: list[Any]) -> tuple[set[str], list[Any]]:
    """Where null stands for errors, and the errors that stand there themselves.

    Of several errors that put null into one place above them graphql-core tells the one that was
    first in time (GraphQL specification, 6.4.4).
    """
    places, own = set(), []
    for error in errors:
        place, value = [], data
        for key in error[0] or ():  # none: refused before it ran
            if value is None:
                break
            place.append(key)
            value = value[key]
        places.add(str(place))
        own += [error] if place == (error[0] or []) else []
    return places, own


def prepared_of(document: Any, variables: dict[str, Any] | None = None) -> Prepared:
    return Prepared(document, OperationType.QUERY, None, variables or {}, {})


async def test_every_field_below_what_a_portfolio_names_is_answered_alike(
    database: Database,
) -> None:
    ann, _ = await plant_both(database)
    named = naming(ann)
    for name in ("campaign", "customer", "recommendations"):
        variant = named[name][-1]
        asked = prepared_of(*root("Query", name, variant, set()))

        compiled = await answered(database, csm_viewer(ann.csm), asked, PLANS)

        interpreted = await answered(database, csm_viewer(ann.csm), asked, None)
        assert without_positions(compiled) == without_positions(interpreted), name


def without_positions(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: without_positions(inner)
            for key, inner in value.items()
            if key.rpartition("_")[2] not in POSITIONS
        }
    if isinstance(value, list | tuple):
        return [without_positions(inner) for inner in value]
    return value


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.generate],
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(drawn=st.data())
async def test_whatever_is_asked_is_answered_alike(
    database: Database, drawn: st.DataObject
) -> None:
    ann = await planted(database)
    ids = [*ann.node_ids.values()]
    text, variables = drawn.draw(documents(CORE, depth=4, ids=ids, unasked=POSITIONS))
    viewer = drawn.draw(st.sampled_from([ADMIN, csm_viewer(ann.csm), INTEGRATION]))
    try:
        asked = prepare(
            SCHEMA.documents, TrustedDocuments(), Operation(text, None, variables, None)
        )
    except RequestError:
        event("refused")
        return

    compiled = await answered(database, viewer, asked, PLANS)

    interpreted = await answered(database, viewer, asked, None)
    event("errors" if interpreted[1] else "none")
    assert compiled[0] == interpreted[0]
    assert told(*compiled) == told(*interpreted)


async def planted(database: Database) -> Portfolio:
    """A portfolio, planted at the first example."""
    async with database.connection() as connection:
        is_there = await connection.fetchval("SELECT EXISTS (SELECT FROM customer)")
    if not is_there:
        PLANTED[:] = await plant_both(database)
    return PLANTED[0]
