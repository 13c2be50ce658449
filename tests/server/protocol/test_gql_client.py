"""The Python client `gql`, over each of its transports."""

from collections.abc import Callable
from typing import Any

import pytest
from gql import Client, gql
from gql.transport.exceptions import TransportConnectionFailed, TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport

from tests.server.protocol.conftest import Served

OVER = [
    pytest.param(
        lambda served: HTTPXAsyncTransport(served.http, headers={"Authorization": "Bearer good"}),
        id="http",
    ),
    pytest.param(
        lambda served: WebsocketsTransport(served.ws, init_payload={"token": "good"}),
        id="websocket",
    ),
]


def client(transport: Any) -> Any:
    return Client(transport=transport, fetch_schema_from_transport=False)


@pytest.mark.parametrize("transport", OVER)
async def test_gql_executes_queries_with_variables_and_mutations(
    served: Served, transport: Callable[[Served], Any]
) -> None:
    query = gql("query Echo($n: Int!) {echo(number: $n)}")
    query.variable_values = {"n": 7}
    mutation = gql('mutation {rename(name: "Bolt") {name}}')
    async with client(transport(served)) as session:
        assert await session.execute(query) == {"echo": "None None 7"}
        assert await session.execute(mutation) == {"rename": {"name": "Bolt"}}


@pytest.mark.parametrize("transport", OVER)
async def test_gql_reads_the_code_of_an_error(
    served: Served, transport: Callable[[Served], Any]
) -> None:
    async with client(transport(served)) as session:
        for document, code in (
            ("{refused}", "INVALID_ID"),
            ("{nope}", "GRAPHQL_VALIDATION_FAILED"),
        ):
            with pytest.raises(TransportQueryError) as caught:
                await session.execute(gql(document))
            assert caught.value.errors is not None
            assert [error["extensions"]["code"] for error in caught.value.errors] == [code]


@pytest.mark.parametrize("transport", OVER)
async def test_gql_introspects_the_schema(
    served: Served, transport: Callable[[Served], Any]
) -> None:
    introspecting = Client(transport=transport(served), fetch_schema_from_transport=True)
    async with introspecting as session:
        assert session.client.schema is not None
        assert "Customer" in session.client.schema.type_map


async def test_gql_subscribes(served: Served) -> None:
    transport = WebsocketsTransport(served.ws, init_payload={"token": "good"})
    async with client(transport) as session:
        document = gql("subscription {count(to: 3)}")
        assert [event async for event in session.subscribe(document)] == [
            {"count": 1},
            {"count": 2},
            {"count": 3},
        ]


async def test_gql_is_refused_without_a_token(served: Served) -> None:
    with pytest.raises(TransportConnectionFailed):
        async with client(WebsocketsTransport(served.ws)):
            pass
