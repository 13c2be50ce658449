"""The schema called directly: limits, lost errors, and memory."""

import gc
from collections.abc import AsyncGenerator

import pytest
from graphql.execution import Executor
from graphql.execution.incremental import IncrementalExecutor
from graphql.pyutils import RefMap
from strawberry.types.execution import ExecutionResult, PreExecutionError

from server.graphql import EventExecutor, Schema, run
from server.protocol.operation import Operation
from server.protocol.prepared import prepare
from server.protocol.trusted import TrustedDocuments
from tests.server.protocol import toy


def context() -> toy.Context:
    return toy.Context(toy.VIEWERS["good"])


async def streamed(schema: Schema, query: str) -> list[ExecutionResult]:
    return [result async for result in await schema.stream(query, context_value=context())]


async def test_a_query_executed_directly_gives_data_and_its_cost(schema: Schema) -> None:
    result = await schema.execute(
        "query($n: Int) {echo(number: $n)}", variable_values={"n": 3}, context_value=context()
    )
    assert (result.data, result.errors) == ({"echo": "None None 3"}, None)
    assert result.extensions == {"cost": {"requested": 1, "limit": 20000}}


async def test_a_failing_resolver_executed_directly_keeps_its_exception(schema: Schema) -> None:
    result = await schema.execute("{refused broken}", context_value=context())
    assert result.errors is not None
    assert [type(error.original_error).__name__ for error in result.errors] == [
        "DomainError",
        "RuntimeError",
    ]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("{hello", "Syntax Error: Expected Name, found <EOF>."),
        ("{nope}", "Cannot query field 'nope' on type 'Query'."),
        (
            "{" + "hello " * 2_000 + "}",
            "Syntax Error: Document contains more than 2000 tokens. Parsing aborted.",
        ),
        (
            "subscription {count(to: 1.5)}",
            "Int cannot represent non-integer value: 1.5",
        ),
        (
            "fragment F on Query {hello}",
            "Fragment 'F' is never used.",
        ),
    ],
)
async def test_no_error_is_lost_on_a_stream(schema: Schema, query: str, message: str) -> None:
    results = await streamed(schema, query)
    assert [type(result) for result in results] == [PreExecutionError]
    assert results[0].errors is not None
    assert [error.message for error in results[0].errors] == [message]


async def test_a_stream_of_a_query_has_one_result(schema: Schema) -> None:
    assert [result.data for result in await streamed(schema, "{hello}")] == [{"hello": "world"}]


async def test_a_stream_of_a_subscription_has_one_result_an_event(schema: Schema) -> None:
    results = await streamed(schema, "subscription {count(to: 3)}")
    assert [result.data for result in results] == [{"count": 1}, {"count": 2}, {"count": 3}]


async def test_a_subscription_whose_source_breaks_says_so(schema: Schema) -> None:
    results = await streamed(schema, "subscription {breaks}")
    assert [result.data for result in results] == [{"breaks": 1}, None]
    assert results[1].errors is not None
    assert repr(results[1].errors[0].original_error) == "RuntimeError('the password is hunter2')"


async def test_a_subscription_has_no_single_result(schema: Schema) -> None:
    result = await schema.execute("subscription {count(to: 3)}", context_value=context())
    assert result.errors is not None
    assert [error.message for error in result.errors] == [
        "A subscription has no single result: use `stream`"
    ]


async def test_five_thousand_events_of_a_subscription_leave_no_object_behind(
    schema: Schema,
) -> None:
    query = "subscription {customers(to: 5100) {name contacts {name} myself {name}}}"
    prepared = prepare(schema.documents, TrustedDocuments(), Operation(query, None, {}, None))
    results = await run(schema, None, prepared, context())
    assert isinstance(results, AsyncGenerator)
    events = 0
    objects: list[int] = []
    async for _ in results:
        events += 1
        if events in (100, 5_100):
            gc.collect()
            objects.append(len(gc.get_objects()))
    assert events == 5_100
    # What else the process does meanwhile makes objects, too: not one for every five events.
    assert objects[1] - objects[0] < 1_000


def test_what_graphql_core_forgets_to_forget_still_has_these_names(schema: Schema) -> None:
    """When an upgrade fails here, measure whether the leak is still there."""
    document = schema.documents.checked("{hello}").document
    executor = EventExecutor.build(schema._schema, document)
    assert isinstance(executor, IncrementalExecutor)
    assert executor._relevant_sub_fields == {}
    assert type(executor._stream_usages) is RefMap
    shared = Executor.build_per_event_executor(executor, None)
    assert shared._relevant_sub_fields is executor._relevant_sub_fields
    assert shared._stream_usages is executor._stream_usages
    own = executor.build_per_event_executor(None)
    assert own._relevant_sub_fields is not executor._relevant_sub_fields
    assert own._stream_usages is not executor._stream_usages
