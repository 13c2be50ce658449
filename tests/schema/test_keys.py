"""API keys by mutation."""

from typing import Any

from schema import ids
from server.access import Access
from store.database import Database
from tests.schema.conftest import Run
from tests.seeding import ADMIN, MANAGER, Seed

CREATE = """mutation ($in: CreateApiKeyInput!) { createApiKey(input: $in) {
    token apiKey { id prefix role name csm { name } expiresAt revokedAt }
    userErrors { field code } } }"""
REVOKE = """mutation ($id: ID!) { revokeApiKey(input: {id: $id}) {
    apiKey { name revokedAt } userErrors { field code } } }"""
LIST = "{ apiKeys { totalCount nodes { name role revokedAt } } }"


async def create(run: Run, **fields: Any) -> dict[str, Any]:
    data = await run(ADMIN, CREATE, **{"in": fields})
    assert "errors" not in data, data
    made: dict[str, Any] = data["createApiKey"]
    return made


async def test_a_key_shows_its_token_once_and_lets_its_bearer_in(
    run: Run, database: Database
) -> None:
    async with database.transaction() as connection:
        ann = await Seed(connection).csm("Ann")

    made = await create(run, role="CSM", name=" laptop ", csmId=ids.encode("Csm", ann))

    assert made["userErrors"] == []
    key = made["apiKey"]
    assert made["token"].startswith(key["prefix"] + "_")
    assert (key["role"], key["name"], key["csm"]) == ("CSM", "laptop", {"name": "Ann"})
    viewer = await Access(database).authenticate(made["token"])
    assert (viewer.role.value, viewer.name, viewer.csm_id) == ("CSM", "laptop", ann)
    async with database.connection() as connection:
        row = await connection.fetchrow("SELECT * FROM api_key")
        audit = await connection.fetchrow("SELECT actor, action, subject FROM audit")
    assert made["token"] not in str(dict(row))
    assert tuple(audit) == ("Ada", "CREATE_API_KEY", key["prefix"])


async def test_a_revoked_key_lets_nobody_in(run: Run, database: Database) -> None:
    made = await create(run, role="MANAGER", name="report")

    gone = (await run(ADMIN, REVOKE, id=made["apiKey"]["id"]))["revokeApiKey"]

    assert gone == {
        "apiKey": {"name": "report", "revokedAt": "2026-11-22T12:00:00Z"},
        "userErrors": [],
    }
    assert (await run(ADMIN, LIST))["apiKeys"] == {
        "totalCount": 1,
        "nodes": [{"name": "report", "role": "MANAGER", "revokedAt": "2026-11-22T12:00:00Z"}],
    }


async def test_what_is_wrong_with_a_key_is_told_and_none_is_made(run: Run) -> None:
    async def problems(**fields: Any) -> list[tuple[list[str], str]]:
        made = await create(run, **fields)
        assert (made["token"], made["apiKey"]) == (None, None)
        return [(e["field"], e["code"]) for e in made["userErrors"]]

    assert await problems(role="CSM", name="x") == [(["csmId"], "INVALID_CSM")]
    assert await problems(role="CSM", name="x", csmId="x") == [(["csmId"], "INVALID_ID")]
    assert await problems(role="CSM", name="x", csmId=ids.encode("Csm", 9)) == [
        (["csmId"], "UNKNOWN_CSM")
    ]
    assert await problems(role="ADMIN", name=" ") == [(["name"], "INVALID_NAME")]
    past = "2026-11-22T11:59:59Z"
    assert await problems(role="ADMIN", name="x", expiresAt=past) == [
        (["expiresAt"], "INVALID_TIME")
    ]
    assert await problems(role="ADMIN", name="x", expiresAt="soon") == [
        (["expiresAt"], "INVALID_TIME")
    ]
    assert (await run(ADMIN, LIST))["apiKeys"]["totalCount"] == 0


async def test_revoking_what_is_not_there_says_so(run: Run) -> None:
    for key_id, code in ((ids.encode("ApiKey", 9), "NOT_FOUND"), ("x", "INVALID_ID")):
        gone = (await run(ADMIN, REVOKE, id=key_id))["revokeApiKey"]

        assert gone == {"apiKey": None, "userErrors": [{"field": ["id"], "code": code}]}


async def test_keys_are_for_admins(run: Run) -> None:
    for document, variables in (
        (LIST, {}),
        (CREATE, {"in": {"role": "ADMIN", "name": "x"}}),
        (REVOKE, {"id": ids.encode("ApiKey", 1)}),
    ):
        answer = await run(MANAGER, document, **variables)

        assert [error.original_error.code for error in answer["errors"]] == ["FORBIDDEN"]
