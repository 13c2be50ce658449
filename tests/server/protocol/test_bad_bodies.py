"""Whatever a body holds, the answer is a clear 4xx."""

import gzip
from collections.abc import AsyncIterator

import httpx
import pytest

JSON = {"content-type": "application/json"}


def nested(levels: int) -> bytes:
    return b'{"query":"{hello}","variables":{"a":' + b"[" * levels + b"]" * levels + b"}}"


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (b"null", "BAD_REQUEST", "The body must be a JSON object with `query`, not null"),
        (b"7", "BAD_REQUEST", "The body must be a JSON object with `query`, not a number"),
        (b'"x"', "BAD_REQUEST", "The body must be a JSON object with `query`, not a string"),
        (b"true", "BAD_REQUEST", "The body must be a JSON object with `query`, not a boolean"),
        (
            b'[{"query":"{hello}"}]',
            "BATCHING_NOT_SUPPORTED",
            "Batches are not supported: send one operation a request",
        ),
        (b"{}", "NO_QUERY", 'There is no query: send {"query": "…", "variables": {…}}'),
        (
            b'{"query":""}',
            "NO_QUERY",
            'There is no query: send {"query": "…", "variables": {…}}',
        ),
        (b'{"query":7}', "BAD_REQUEST", "`query` must be a string or null, not a number"),
        (b'{"query":["{hello}"]}', "BAD_REQUEST", "`query` must be a string or null, not a list"),
        (
            b'{"query":"{hello}","variables":[]}',
            "BAD_REQUEST",
            "`variables` must be an object or null, not a list",
        ),
        (
            b'{"query":"{hello}","variables":"{}"}',
            "BAD_REQUEST",
            "`variables` must be an object or null, not a string",
        ),
        (
            b'{"query":"{hello}","operationName":{}}',
            "BAD_REQUEST",
            "`operationName` must be a string or null, not an object",
        ),
        (
            b'{"query":"{hello}","extensions":true}',
            "BAD_REQUEST",
            "`extensions` must be an object or null, not a boolean",
        ),
        (
            b'{"query":"{hello}","extensions":{"persistedQuery":1}}',
            "BAD_REQUEST",
            "`persistedQuery` must be an object or null, not a number",
        ),
        (
            b'{"query":"{hello}","query":"{viewer}"}',
            "INVALID_JSON",
            "Names stand twice in one object: query",
        ),
        (
            b'{"query":"{hello}","variables":{"a":"x\\u0000y"}}',
            "INVALID_JSON",
            "A string contains the NUL character, which cannot be stored",
        ),
        (
            b'{"query":"{hello}","variables":{"\\u0000":1}}',
            "INVALID_JSON",
            "A string contains the NUL character, which cannot be stored",
        ),
        (nested(63), "INVALID_JSON", "The JSON is nested deeper than 64 levels"),
        (nested(1000), "INVALID_JSON", "The JSON is nested deeper than 64 levels"),
    ],
)
async def test_a_body_that_is_no_operation_is_400_and_says_why(
    client: httpx.AsyncClient, body: bytes, code: str, message: str
) -> None:
    response = await client.post("/graphql", content=body, headers=JSON)
    assert response.status_code == 400
    assert response.json() == {"errors": [{"message": message, "extensions": {"code": code}}]}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"query": "{hello}"} x',
        b"\xff\xfe",
        b'{"query":"\xc3\x28"}',
        b'{"query":"{hello\\ud800}"}',
        b'{"query":"{hello}\x00"}',
        b'{"query":"{hello}","variables":{"n":' + b"9" * 5000 + b"}}",
        b'{"query":"{hello}","variables":{"n":NaN}}',
        b"[" * 100_000,
        b"[" * 100_000 + b"]" * 100_000,
        '{"query":"{hello}"}'.encode("utf-16"),
    ],
)
async def test_a_body_that_is_no_json_is_400(client: httpx.AsyncClient, body: bytes) -> None:
    response = await client.post("/graphql", content=body, headers=JSON)
    assert response.status_code == 400
    assert [error["extensions"] for error in response.json()["errors"]] == [
        {"code": "INVALID_JSON"}
    ]
    assert response.json()["errors"][0]["message"].startswith("This is not valid JSON: ")


async def test_json_within_the_depth_limit_is_taken(client: httpx.AsyncClient) -> None:
    response = await client.post("/graphql", content=nested(62), headers=JSON)
    assert (response.status_code, response.json()["data"]) == (200, {"hello": "world"})


async def test_a_repeated_word_within_a_string_is_no_repeated_name(
    client: httpx.AsyncClient,
) -> None:
    body = b'{"query":"{hello}","variables":{"a":"\\"query\\"","query":"query"}}'
    response = await client.post("/graphql", content=body, headers=JSON)
    assert (response.status_code, response.json()["data"]) == (200, {"hello": "world"})


@pytest.mark.parametrize("literal", ['"a\\u0000b"', '"\\u{000}"', '"""\\u0000"""'])
async def test_nul_in_a_documents_string_is_refused(
    client: httpx.AsyncClient, literal: str
) -> None:
    response = await client.post("/graphql", json={"query": f"{{echo(text: {literal})}}"})
    assert response.json() == {
        "errors": [
            {
                "message": "A string contains the NUL character, which cannot be stored",
                "extensions": {"code": "BAD_USER_INPUT"},
            }
        ]
    }


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/json; charset=latin-1",
        "application/jsonx",
    ],
)
async def test_only_json_is_taken_so_that_no_page_can_send_a_simple_request(
    client: httpx.AsyncClient, content_type: str
) -> None:
    response = await client.post(
        "/graphql", content=b'{"query":"{hello}"}', headers={"content-type": content_type}
    )
    assert (response.status_code, response.headers["accept-post"]) == (415, "application/json")
    assert response.json() == {
        "errors": [
            {
                "message": "The Content-Type must be application/json, in UTF-8",
                "extensions": {"code": "UNSUPPORTED_MEDIA_TYPE"},
            }
        ]
    }


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "Application/JSON"])
async def test_the_content_type_may_name_utf_8(
    client: httpx.AsyncClient, content_type: str
) -> None:
    response = await client.post(
        "/graphql", content=b'{"query":"{hello}"}', headers={"content-type": content_type}
    )
    assert response.status_code == 200


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
async def test_a_compressed_body_is_415(client: httpx.AsyncClient, encoding: str) -> None:
    response = await client.post(
        "/graphql",
        content=gzip.compress(b'{"query":"{hello}"}'),
        headers={**JSON, "content-encoding": encoding},
    )
    assert response.status_code == 415
    assert response.json() == {
        "errors": [
            {
                "message": "Compressed bodies are not accepted: send the JSON as it is",
                "extensions": {"code": "UNSUPPORTED_MEDIA_TYPE"},
            }
        ]
    }


TOO_LARGE = {
    "errors": [
        {
            "message": "The body is larger than 1048576 bytes",
            "extensions": {"code": "BODY_TOO_LARGE"},
        }
    ]
}


async def test_a_body_above_the_limit_is_413(client: httpx.AsyncClient) -> None:
    fitting = b'{"query":"{hello}","x":"' + b"y" * (1_048_576 - 26) + b'"}'
    assert len(fitting) == 1_048_576
    taken = await client.post("/graphql", content=fitting, headers=JSON)
    refused = await client.post("/graphql", content=fitting + b" ", headers=JSON)
    assert taken.status_code == 200
    assert (refused.status_code, refused.json()) == (413, TOO_LARGE)


async def test_a_streamed_body_is_counted_while_it_arrives(client: httpx.AsyncClient) -> None:
    sent = []

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(100):
            sent.append(number)
            yield b" " * 65_536

    response = await client.post("/graphql", content=chunks(), headers=JSON)
    assert (response.status_code, response.json()) == (413, TOO_LARGE)
    assert len(sent) == 17
