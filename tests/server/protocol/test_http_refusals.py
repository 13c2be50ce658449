"""Failures and refusals over HTTP: what the client learns, and what only the log does."""

from collections.abc import MutableMapping
from typing import Any

import httpx
import pytest

from server.protocol import errors
from tests.server.protocol import toy
from tests.server.protocol.test_http import COST_OF_ONE, GRAPHQL, post


async def test_an_expected_failure_keeps_its_code_and_the_field_as_the_client_wrote_it(
    client: httpx.AsyncClient,
) -> None:
    response = await post(client, "{refused}", **GRAPHQL)
    assert response.status_code == 200
    assert response.json() == {
        "data": {"refused": None},
        "errors": [
            {
                "message": 'There is no customer "7"',
                "locations": [{"line": 1, "column": 2}],
                "path": ["refused"],
                "extensions": {"code": "INVALID_ID", "field": ["customerId"]},
            }
        ],
        "extensions": COST_OF_ONE,
    }


async def test_a_surprise_is_masked_for_the_client_and_logged_whole_with_the_same_reference(
    client: httpx.AsyncClient, logged: list[MutableMapping[str, Any]]
) -> None:
    response = await post(client, "{broken}")
    reference = str(logged[0]["reference"])
    assert response.status_code == 200
    assert response.json()["errors"] == [
        {
            "message": f"Internal error, reference {reference}",
            "locations": [{"line": 1, "column": 2}],
            "path": ["broken"],
            "extensions": {"code": "INTERNAL_ERROR", "reference": reference},
        }
    ]
    assert len(reference) == 36
    assert "hunter2" not in response.text
    assert repr(logged[0]["exc_info"]) == "RuntimeError('the password is hunter2')"
    assert logged[0]["path"] == "broken"


async def test_an_operation_that_the_database_fails_whole_is_503_with_retry_after(
    client: httpx.AsyncClient,
) -> None:
    response = await post(client, "{away}")
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert response.json() == {
        "data": {"away": None},
        "errors": [
            {
                "message": "The service cannot reach its database now; try again in a moment",
                "locations": [{"line": 1, "column": 2}],
                "path": ["away"],
                "extensions": {"code": "SERVICE_UNAVAILABLE"},
            }
        ],
        "extensions": COST_OF_ONE,
    }


async def test_an_operation_that_the_database_fails_in_part_is_answered(
    client: httpx.AsyncClient,
) -> None:
    response = await post(client, "{away hello}")
    assert response.status_code == 200
    assert response.json()["data"] == {"away": None, "hello": "world"}
    assert [e["extensions"]["code"] for e in response.json()["errors"]] == ["SERVICE_UNAVAILABLE"]


async def test_the_context_is_made_for_the_viewer_and_closed_at_the_end(
    client: httpx.AsyncClient,
) -> None:
    toy.CLOSED.clear()
    response = await post(client, "{viewer}")
    assert response.json()["data"] == {"viewer": "Mia"}
    assert [context.viewer.name for context in toy.CLOSED] == ["Mia"]


@pytest.mark.parametrize("authorization", ["", "Bearer wrong", "Bearer", "Basic good", "good"])
async def test_without_a_valid_token_nothing_is_read(
    client: httpx.AsyncClient, authorization: str
) -> None:
    response = await client.post(
        "/graphql",
        content=b"this is not even JSON",
        headers={"authorization": authorization, "content-type": "application/json"},
    )
    assert response.status_code == 401
    said = ', error="invalid_token"' if authorization == "Bearer wrong" else ""
    assert response.headers["www-authenticate"] == f'Bearer realm="graphql"{said}'
    assert response.json() == {
        "errors": [
            {
                "message": "Send a valid token as `Authorization: Bearer …`",
                "extensions": {"code": "UNAUTHENTICATED"},
            }
        ]
    }


async def test_a_database_that_is_away_at_authentication_is_503(client: httpx.AsyncClient) -> None:
    response = await post(client, "{hello}", authorization="Bearer database-away")
    assert (response.status_code, response.headers["retry-after"]) == (503, "2")
    assert response.json() == {
        "errors": [
            {
                "message": "The service cannot reach its database now; try again in a moment",
                "extensions": {"code": errors.SERVICE_UNAVAILABLE},
            }
        ]
    }


async def test_an_allowed_origin_may_read_answers_and_others_may_not(
    client: httpx.AsyncClient,
) -> None:
    preflight = {
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization, content-type",
    }
    allowed = {"origin": "https://app.example.com"}
    other = {"origin": "https://evil.example.com"}
    asked = await client.options("/graphql", headers={**preflight, **allowed})
    refused = await client.options("/graphql", headers={**preflight, **other})
    answered = await post(client, "{hello}", **allowed)
    unanswered = await post(client, "{hello}", **other)
    name = "access-control-allow-origin"
    assert (asked.status_code, asked.headers[name]) == (200, "https://app.example.com")
    assert (refused.status_code, name in refused.headers) == (400, False)
    assert answered.headers[name] == "https://app.example.com"
    assert name not in unanswered.headers
