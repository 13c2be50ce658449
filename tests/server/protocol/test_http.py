"""GraphQL over HTTP: statuses, media types and bodies."""

import httpx
import pytest

GRAPHQL = {"accept": "application/graphql-response+json"}
COST_OF_ONE = {"cost": {"requested": 1, "limit": 20000}}
HELLO = {"data": {"hello": "world"}, "extensions": COST_OF_ONE}


async def post(client: httpx.AsyncClient, query: str, **headers: str) -> httpx.Response:
    return await client.post("/graphql", json={"query": query}, headers=headers)


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("", "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
        ("application/*", "application/json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        (
            "application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            "application/graphql-response+json, application/json;q=0.9",
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            "application/json;q=0.5, application/graphql-response+json;q=0.9",
            "application/graphql-response+json; charset=utf-8",
        ),
        (
            "application/json, application/graphql-response+json",
            "application/json; charset=utf-8",
        ),
        ("text/html, */*;q=0.1", "application/json; charset=utf-8"),
        ("application/json;q=0, */*", "application/graphql-response+json; charset=utf-8"),
    ],
)
async def test_the_answer_has_the_media_type_that_the_client_prefers(
    client: httpx.AsyncClient, accept: str, media_type: str
) -> None:
    response = await post(client, "{hello}", accept=accept)
    assert (response.status_code, response.headers["content-type"]) == (200, media_type)
    assert response.json() == HELLO


async def test_an_answer_is_not_cached(client: httpx.AsyncClient) -> None:
    response = await post(client, "{hello}")
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "application/json;q=0"])
async def test_a_client_that_accepts_nothing_of_ours_gets_406(
    client: httpx.AsyncClient, accept: str
) -> None:
    response = await post(client, "{hello}", accept=accept)
    assert response.status_code == 406
    assert response.json() == {
        "errors": [
            {
                "message": "The answer can be application/json, "
                "application/graphql-response+json or text/event-stream: accept one of them",
                "extensions": {"code": "NOT_ACCEPTABLE"},
            }
        ]
    }


SYNTAX_ERROR = {
    "errors": [
        {
            "message": "Syntax Error: Expected Name, found <EOF>.",
            "locations": [{"line": 1, "column": 7}],
            "extensions": {"code": "GRAPHQL_PARSE_FAILED"},
        }
    ]
}
UNKNOWN_FIELD = {
    "errors": [
        {
            "message": "Cannot query field 'nope' on type 'Query'.",
            "locations": [{"line": 1, "column": 2}],
            "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"},
        }
    ]
}


@pytest.mark.parametrize(("query", "body"), [("{hello", SYNTAX_ERROR), ("{nope}", UNKNOWN_FIELD)])
async def test_an_invalid_document_is_400_where_the_media_type_speaks_of_graphql_and_200_in_json(
    client: httpx.AsyncClient, query: str, body: object
) -> None:
    strict = await post(client, query, **GRAPHQL)
    lenient = await post(client, query)
    assert (strict.status_code, strict.json()) == (400, body)
    assert (lenient.status_code, lenient.json()) == (200, body)


async def test_a_variable_of_the_wrong_type_is_the_clients_fault(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/graphql",
        json={"query": "query($n: Int!){echo(number: $n)}", "variables": {"n": "x"}},
        headers=GRAPHQL,
    )
    assert response.status_code == 400
    assert response.json() == {
        "errors": [
            {
                "message": "Variable '$n' has invalid value: "
                "Int cannot represent non-integer value: 'x'",
                "locations": [{"line": 1, "column": 7}],
                "extensions": {"code": "BAD_USER_INPUT"},
            }
        ],
        "extensions": COST_OF_ONE,
    }


async def test_the_operation_is_chosen_by_name(client: httpx.AsyncClient) -> None:
    query = "query A {hello} query B {viewer}"
    chosen = await client.post("/graphql", json={"query": query, "operationName": "B"})
    unnamed = await client.post("/graphql", json={"query": query}, headers=GRAPHQL)
    unknown = await client.post("/graphql", json={"query": query, "operationName": "C"})
    assert chosen.json()["data"] == {"viewer": "Mia"}
    assert unnamed.status_code == 400
    assert [error["message"] for error in unnamed.json()["errors"]] == [
        "operationName is needed, the document has several operations: A, B"
    ]
    assert unknown.json()["errors"] == [
        {
            "message": 'There is no operation "C" in the document; it has: A, B',
            "extensions": {"code": "OPERATION_RESOLUTION_FAILURE"},
        }
    ]


async def test_a_mutation_is_executed_by_post_and_refused_by_get(client: httpx.AsyncClient) -> None:
    mutation = 'mutation {rename(name: "Bolt") {name}}'
    posted = await post(client, mutation)
    gotten = await client.get("/graphql", params={"query": mutation})
    assert posted.json()["data"] == {"rename": {"name": "Bolt"}}
    assert (gotten.status_code, gotten.headers["allow"]) == (405, "POST")
    assert gotten.json() == {
        "errors": [
            {
                "message": "A mutation must be sent by POST",
                "extensions": {"code": "METHOD_NOT_ALLOWED"},
            }
        ]
    }


async def test_a_query_may_be_sent_by_get_with_its_variables(client: httpx.AsyncClient) -> None:
    response = await client.get(
        "/graphql",
        params={
            "query": "query E($n: Int){echo(number: $n)}",
            "variables": '{"n": 7}',
            "operationName": "E",
        },
    )
    assert response.json() == {"data": {"echo": "None None 7"}, "extensions": COST_OF_ONE}


@pytest.mark.parametrize(
    ("query_string", "code"),
    [
        ("", "NO_QUERY"),
        ("query=%7Bhello%7D&query=%7Bhello%7D", "BAD_REQUEST"),
        ("query=%7Bhello%7D&variables=7", "BAD_REQUEST"),
        ("query=%7Bhello%7D&variables=%7B", "INVALID_JSON"),
        ("query=%ff", "BAD_REQUEST"),
        ("&".join(f"a{n}=1" for n in range(17)), "BAD_REQUEST"),
    ],
)
async def test_a_broken_get_is_400(client: httpx.AsyncClient, query_string: str, code: str) -> None:
    response = await client.get(f"/graphql?{query_string}")
    assert response.status_code == 400
    assert [error["extensions"]["code"] for error in response.json()["errors"]] == [code]


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods_are_405(client: httpx.AsyncClient, method: str) -> None:
    response = await client.request(method, "/graphql", json={"query": "{hello}"})
    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


async def test_a_subscription_needs_a_stream(client: httpx.AsyncClient) -> None:
    response = await post(client, "subscription {count(to: 1)}", **GRAPHQL)
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {
            "message": "A subscription needs `Accept: text/event-stream` or a WebSocket",
            "extensions": {"code": "SUBSCRIPTION_NEEDS_STREAM"},
        }
    ]
