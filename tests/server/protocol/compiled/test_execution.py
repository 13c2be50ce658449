"""What a compiled operation answers, errors and nulls among it."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from strawberry.types import ExecutionResult

from server.protocol.compiled.plans import Plans
from tests.schema.test_compiled import told
from tests.server.protocol.compiled.documents import documents
from tests.server.protocol.compiled.faulty import LOG, faulty

INTERPRETED = faulty(None)
COMPILED = faulty(Plans(compiled_from=1))


async def answered(query: str, **variables: Any) -> tuple[Any, list[Any]]:
    """Data and errors, which must be graphql-core's too."""
    compiled = await COMPILED.execute(query, variables)
    assert isinstance(compiled, ExecutionResult)
    errors = [(error.path, error.message) for error in compiled.errors or ()]
    return compiled.data, errors


async def test_fields_fragments_and_aliases_are_answered_in_the_order_of_the_document() -> None:
    data, errors = await answered(
        """
        query ($yes: Boolean!, $no: Boolean = false) {
          tree {
            ...Names
            b: name @skip(if: $yes)
            c: __typename @include(if: $yes)
            ... @include(if: $no) { must }
            only { at name }
            name
          }
        }
        fragment Names on Named { name ... on Tree { d: must } }
        """,
        yes=True,
    )

    assert errors == []
    assert data == {
        "tree": {
            "name": "t",
            "d": "must",
            "c": "Tree",
            "only": {"at": "2026-11-22T00:00:00+00:00", "name": "only"},
        }
    }
    assert list(data["tree"]) == ["name", "d", "c", "only"]


async def test_each_combination_of_conditions_is_answered_by_its_own_plan() -> None:
    query = "query ($a: Boolean!) { tree { name @include(if: $a) must @skip(if: $a) } }"

    assert (await answered(query, a=True))[0] == {"tree": {"name": "t"}}
    assert (await answered(query, a=False))[0] == {"tree": {"must": "must"}}
    assert (await answered(query, a=True))[0] == {"tree": {"name": "t"}}


async def test_interfaces_and_enums_are_answered_by_the_objects_type() -> None:
    data, errors = await answered(
        "{ tree { named { __typename name ... on Leaf { colour weight } }"
        " things { __typename ... on Leaf { colour } ... on Tree { name } } } }"
    )

    assert errors == []
    assert data == {
        "tree": {
            "named": {"__typename": "Leaf", "name": "leaf", "colour": "RED", "weight": None},
            "things": [
                {"__typename": "Leaf", "colour": "GREEN"},
                {"__typename": "Tree", "name": "t"},
            ],
        }
    }


@pytest.mark.parametrize(
    ("query", "data", "errors"),
    [
        (
            "{ tree { broken { now } name } }",
            {"tree": {"broken": None, "name": "t"}},
            [(["tree", "broken", "now"], "broken now")],
        ),
        (
            "{ tree { brokenLater { later } name } }",
            {"tree": {"brokenLater": None, "name": "t"}},
            [(["tree", "brokenLater", "later"], "broken later")],
        ),
        (
            "{ tree { children { children { name must } } } }",
            {"tree": None},
            [
                (
                    ["tree", "children", 0, "children", 0, "must"],
                    "Cannot return null for non-nullable field Tree.must.",
                )
            ],
        ),
        (
            "{ tree { maybe { children { mustLater } name } } }",
            {"tree": {"maybe": [None, None, None]}},
            [
                (
                    ["tree", "maybe", place, "children", 0, "mustLater"],
                    "Cannot return null for non-nullable field Tree.mustLater.",
                )
                for place in (1, 2)
            ],
        ),
        (
            "{ treeLater { only { only { mustLater } } } }",
            None,
            [
                (
                    ["treeLater", "only", "only", "mustLater"],
                    "Cannot return null for non-nullable field Tree.mustLater.",
                )
            ],
        ),
        (
            "{ tree { only { numbers } name } }",
            {"tree": None},
            [],
        ),
        (
            "{ tree { numbers wrong name } }",
            {"tree": {"numbers": [[1, None], [], [2]], "wrong": None, "name": "t"}},
            [
                (
                    ["tree", "wrong"],
                    "Expected Iterable, but did not find one for field 'Tree.wrong'.",
                )
            ],
        ),
        (
            "{ tree { maybe(count: -1) { name } name } }",
            {"tree": {"maybe": None, "name": "t"}},
            [(["tree", "maybe"], "count is -1")],
        ),
    ],
)
async def test_an_error_stands_where_it_happened_and_null_in_the_nearest_place_that_may_hold_it(
    query: str, data: Any, errors: list[Any]
) -> None:
    found, said = await answered(query)

    interpreted = await INTERPRETED.execute(query)
    assert found == interpreted.data
    if "numbers }" in query:  # a number beyond 32 bits, in an item that may be null
        assert found == {"tree": {"only": {"numbers": [[1, None], [], [None]]}, "name": "t"}}
        assert [path for path, _ in said] == [["tree", "only", "numbers", 2, 0]]
        return
    assert found == data
    assert said == errors


async def test_mutations_run_one_after_the_other_each_settled_before_the_next() -> None:
    LOG.clear()

    data, errors = await answered(
        'mutation { b: note(text: "x") { name } note(text: "y") { must } }'
    )

    assert (data, errors) == ({"b": {"name": "x"}, "note": {"must": "must"}}, [])
    assert LOG == ["x begins", "x ends", "y begins", "y ends"]


async def test_introspection_is_left_to_graphql_core() -> None:
    data, errors = await answered('{ __type(name: "Leaf") { name } tree { name } }')

    assert (data, errors) == ({"__type": {"name": "Leaf"}, "tree": {"name": "t"}}, [])


async def test_a_plan_holds_nothing_of_whoever_asked_first() -> None:
    query = "{ viewer }"

    found = [
        (await COMPILED.execute(query, context_value=viewer)).data for viewer in ("ann", "bob")
    ]

    assert found == [{"viewer": "ann"}, {"viewer": "bob"}]


async def test_arguments_are_read_anew_at_each_execution() -> None:
    query = "query ($n: Int!) { tree { children(count: $n) { name } } }"

    counts = [len((await answered(query, n=n))[0]["tree"]["children"]) for n in (3, 0, 1)]

    assert counts == [3, 0, 1]


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(drawn=documents(INTERPRETED._schema, depth=2))
async def test_whatever_fails_fails_alike(drawn: tuple[str, dict[str, Any]]) -> None:
    text, variables = drawn

    compiled = await COMPILED.execute(text, variables)

    interpreted = await INTERPRETED.execute(text, variables)
    assert compiled.data == interpreted.data
    assert compared(compiled) == compared(interpreted)


def compared(result: Any) -> tuple[set[str], list[Any]]:
    errors = [(error.path, error.message, error.locations) for error in result.errors or ()]
    return told(result.data, sorted(errors, key=str))


async def test_a_variable_that_is_not_given_leaves_the_arguments_default() -> None:
    query = "query ($n: Int) { tree { children(count: $n) { name } } }"

    for _ in range(2):
        assert len((await answered(query))[0]["tree"]["children"]) == 2
        assert len((await answered(query, n=1))[0]["tree"]["children"]) == 1


async def test_null_for_an_argument_that_takes_none_is_refused() -> None:
    query = "query ($n: Int) { tree { children(count: $n) { name } } }"

    data, errors = await answered(query, n=None)

    assert data == {"tree": None}
    assert errors == [
        (
            ["tree", "children"],
            "Argument 'count' has invalid value: "
            "Expected variable '$n' provided to non-null type 'Int!' not to be None.",
        )
    ]
