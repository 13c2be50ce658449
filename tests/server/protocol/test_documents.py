"""Limits on documents, and the memory of those that were checked."""

import time
from hashlib import sha256
from pathlib import Path

import httpx
import orjson
import pytest
from graphql import get_introspection_query

from schema.build import CONFIG, MUTATION, QUERY, SUBSCRIPTION
from server.graphql import Schema, documents_of, make_schema
from server.protocol import trusted
from server.protocol.errors import RequestError
from server.protocol.limits import Limits
from server.protocol.trusted import TrustedDocuments
from tests.server.protocol.conftest import QUICK, application, client_of
from tests.server.protocol.test_cost import EXPONENTIAL

GRAPHQL = {"accept": "application/graphql-response+json"}


async def refused(client: httpx.AsyncClient, query: str) -> tuple[int, object]:
    response = await client.post("/graphql", json={"query": query}, headers=GRAPHQL)
    return response.status_code, response.json()


def error(code: str, message: str) -> dict[str, object]:
    return {"errors": [{"message": message, "extensions": {"code": code}}]}


async def test_a_document_above_the_cost_limit_is_refused_with_what_was_asked(
    client: httpx.AsyncClient,
) -> None:
    query = "{customer {events(first: 6000) {edges {node {id}}}}}"
    status, body = await refused(client, query)
    assert status == 400
    assert body == {
        **error(
            "QUERY_TOO_COSTLY",
            "The answer could hold 24001 values; 20000 are allowed: "
            "ask for shorter pages (`first`) or fewer fields",
        ),
        "extensions": {"cost": {"requested": 24001, "limit": 20000}},
    }


async def test_mutations_and_subscriptions_are_priced_too(client: httpx.AsyncClient) -> None:
    selection = "{events(first: 6000) {edges {node {id}}}}"
    for query in (f'mutation {{rename(name: "x") {selection}}}',):
        _, body = await refused(client, query)
        assert body["extensions"] == {"cost": {"requested": 24001, "limit": 20000}}  # type: ignore[index]
    response = await client.post(
        "/graphql",
        json={"query": f"subscription {{customers(to: 1) {selection}}}"},
        headers={"accept": "text/event-stream"},
    )
    assert '"code":"QUERY_TOO_COSTLY"' in response.text


async def test_the_whole_introspection_is_within_the_limits(client: httpx.AsyncClient) -> None:
    query = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    response = await client.post("/graphql", json={"query": query})
    assert response.json()["data"]["__schema"]["queryType"] == {"name": "Query", "kind": "OBJECT"}
    assert response.json()["extensions"]["cost"]["requested"] < 2_000


async def test_the_contract_itself_can_be_introspected() -> None:
    schema = make_schema(QUERY, MUTATION, SUBSCRIPTION, config=CONFIG)
    result = await schema.execute(get_introspection_query())
    assert result.errors is None
    assert result.extensions is not None
    assert 500 < result.extensions["cost"]["requested"] < 5_000


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        (
            "{customer " + "{myself " * 14 + "{name}" + "}" * 15,
            "DOCUMENT_TOO_DEEP",
            "Fields are nested 16 deep; 15 are allowed",
        ),
        (
            "{...F0}" + "".join(f"fragment F{n} on Query {{...F{n + 1}}}" for n in range(120)),
            "DOCUMENT_TOO_DEEP",
            "Selections are nested more than 100 deep",
        ),
        (
            "{" + " ".join(f"a{n}: hello" for n in range(51)) + "}",
            "TOO_MANY_ALIASES",
            "The document has 51 aliases; 50 are allowed",
        ),
        (
            "{hello}" + " " * 65_530,
            "DOCUMENT_TOO_LONG",
            "The document has 65537 characters; 65536 are allowed",
        ),
    ],
)
async def test_a_document_beyond_a_limit_is_refused(
    client: httpx.AsyncClient, query: str, code: str, message: str
) -> None:
    assert await refused(client, query) == (400, error(code, message))


@pytest.mark.parametrize("query", ["{" + "hello " * 2_000 + "}", "{hello}" + "#\n" * 2_000])
async def test_a_document_of_too_many_tokens_is_refused_before_it_is_parsed(
    client: httpx.AsyncClient, query: str
) -> None:
    status, body = await refused(client, query)
    assert status == 400
    message = body["errors"][0]["message"]  # type: ignore[index]
    assert message == ("Syntax Error: Document contains more than 2000 tokens. Parsing aborted.")


async def test_an_exponential_document_is_refused_at_once(client: httpx.AsyncClient) -> None:
    started = time.process_time()
    status, body = await refused(client, EXPONENTIAL)
    assert time.process_time() - started < 1.0
    assert status == 400
    assert body["errors"][0]["extensions"] == {"code": "QUERY_TOO_COSTLY"}  # type: ignore[index]
    assert body["extensions"]["cost"]["requested"] == 1_000_000_000  # type: ignore[index]


@pytest.mark.parametrize(
    "query",
    [
        "{" + "customer {name} " * 400 + "}",
        "{"
        + " ".join(f"...F{n}" for n in range(150))
        + "}"
        # each pair of fragments must be compared
        + " ".join(f"fragment F{n} on Query {{hello viewer}}" for n in range(150)),
    ],
)
async def test_a_document_that_takes_long_to_validate_is_refused(
    client: httpx.AsyncClient, query: str
) -> None:
    """Within the limit of tokens; graphql-core's own bound lets these take seconds."""
    started = time.process_time()
    status, body = await refused(client, query)
    assert time.process_time() - started < 2.0
    assert status == 400
    assert body["errors"][0]["message"] == "Validation aborted."  # type: ignore[index]


async def test_cyclic_fragments_are_refused(client: httpx.AsyncClient) -> None:
    status, body = await refused(
        client, "{...A} fragment A on Query {...B} fragment B on Query {...A}"
    )
    assert status == 400
    assert body["errors"][0]["message"] == (  # type: ignore[index]
        "Cannot spread fragment 'A' within itself via 'B'."
    )


def test_a_valid_document_is_checked_once_and_kept(schema: Schema) -> None:
    documents = documents_of(schema, Limits())
    assert documents.checked("{hello}") is documents.checked("{hello}")


def test_the_least_recently_used_documents_are_forgotten(schema: Schema) -> None:
    documents = documents_of(schema, Limits(cached_document_characters=30))
    first, second = documents.checked("{hello}"), documents.checked("{viewer}")
    assert documents.checked("{hello}") is first
    documents.checked("{customer {name}}")
    assert documents.checked("{hello}") is first
    assert documents.checked("{viewer}") is not second


def test_an_invalid_document_is_not_kept(schema: Schema) -> None:
    documents = documents_of(schema, Limits())
    for _ in range(2):
        with pytest.raises(RequestError):
            documents.checked("{nope}")
    assert documents._kept == {}


COSTLY = "query Big {customer {events(first: 6000) {edges {node {id}}}}}"
HASH = sha256(COSTLY.encode()).hexdigest()
MANIFEST = {HASH: COSTLY, sha256(b"{viewer}").hexdigest(): "{viewer}"}
UNKNOWN = sha256(b"{hello}").hexdigest()


def asked_by_hash(digest: str, **members: object) -> dict[str, object]:
    persisted = {"version": 1, "sha256Hash": digest}
    return {"extensions": {"persistedQuery": persisted}, **members}


async def test_a_trusted_document_is_found_by_its_hash_and_has_no_cost_limit(
    schema: Schema,
) -> None:
    async with client_of(application(schema, QUICK, TrustedDocuments(MANIFEST))) as client:
        for body in (
            asked_by_hash(HASH),
            asked_by_hash(HASH, query=COSTLY),
            {"documentId": f"sha256:{HASH}"},
            {"query": f"sha256:{HASH}"},
        ):
            response = await client.post("/graphql", json=body)
            assert response.json()["extensions"] == {"cost": {"requested": 24001, "limit": 20000}}
            assert len(response.json()["data"]["customer"]["events"]["edges"]) == 6000


async def test_an_unknown_hash_is_answered_as_apollo_clients_expect_and_never_stored(
    schema: Schema,
) -> None:
    async with client_of(application(schema, QUICK, TrustedDocuments(MANIFEST))) as client:
        alone = await client.post("/graphql", json=asked_by_hash(UNKNOWN))
        with_text = await client.post("/graphql", json=asked_by_hash(UNKNOWN, query="{hello}"))
        again = await client.post("/graphql", json=asked_by_hash(UNKNOWN))
        wrong = await client.post("/graphql", json=asked_by_hash(HASH, query="{hello}"))
    not_found = error("PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
    assert (alone.status_code, alone.json()) == (200, not_found)
    assert with_text.json()["data"] == {"hello": "world"}
    assert again.json() == not_found
    assert wrong.json() == error(
        "PERSISTED_QUERY_HASH_MISMATCH", "The hash is not that of the query"
    )


async def test_with_trusted_documents_only_every_other_document_is_refused(
    schema: Schema,
) -> None:
    only = TrustedDocuments(MANIFEST, only=True)
    message = "Only trusted documents are executed here (TRUSTED_DOCUMENTS_ONLY), and this is none"
    async with client_of(application(schema, QUICK, only)) as client:
        by_text = await client.post("/graphql", json={"query": "{viewer}"})
        assert by_text.json()["data"] == {"viewer": "Mia"}
        for body in (
            {"query": "{hello}"},
            {"query": "subscription {count(to: 1)}"},
            {"query": f"sha256:{UNKNOWN}"},
            asked_by_hash(UNKNOWN, query="{hello}"),
        ):
            response = await client.post("/graphql", json=body, headers=GRAPHQL)
            assert response.status_code == 400
            assert response.json() == error("DOCUMENT_NOT_TRUSTED", message)


def test_a_manifest_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "documents.json"
    path.write_bytes(orjson.dumps(MANIFEST))
    assert trusted.load(path, only=True) == TrustedDocuments(MANIFEST, only=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "cannot be read"),
        (b"[]", "must be an object of hash → document"),
        (b'{"abc": "{hello}"}', "abc is not the SHA-256 (hex) of its document"),
        (None, "cannot be read"),
    ],
)
def test_a_broken_manifest_is_refused_with_its_name(
    tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "documents.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"documents\.json") as caught:
        trusted.load(path, only=False)
    assert message in str(caught.value)
