"""GraphiQL: for browsers, where it is asked for, under a policy with nothing inline."""

from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette

from server.settings import Settings
from server.web import create_app

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


def app(folder: Path, *, graphiql: bool) -> Starlette:
    values = {
        "database_url": "postgresql://nobody@127.0.0.1:1/none",
        "redis_url": "redis://127.0.0.1:1",
        "secret_key": "not a secret, only long enough to be taken for one",
        "dashboard_dir": folder,
        "graphiql": graphiql,
    }
    return create_app(Settings.model_validate(values))


def client(app: Starlette) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """What `npm run graphiql` leaves, in small."""
    assets = tmp_path / "graphiql" / "assets"
    assets.mkdir(parents=True)
    (tmp_path / "graphiql" / "graphiql.html").write_text("<!doctype html><title>GraphiQL</title>")
    (assets / "graphiql-Ab12.js").write_text("export {};")
    return tmp_path


async def test_a_browser_gets_the_page_and_everything_else_the_api(build: Path) -> None:
    asking = client(app(build, graphiql=True))
    page = await asking.get("/graphql", headers=BROWSER)
    assert (page.status_code, "GraphiQL" in page.text) == (200, True)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'; ")
    assert "unsafe" not in policy
    assert "http" not in policy
    assert (await asking.get("/graphiql/assets/graphiql-Ab12.js")).status_code == 200
    for answer in (
        await asking.get("/graphql"),
        await asking.get("/graphql?query={viewer{role}}", headers=BROWSER),
        await asking.post("/graphql", headers=BROWSER, json={"query": "{ viewer { role } }"}),
    ):
        assert answer.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_where_nobody_asked_for_it_there_is_none(build: Path) -> None:
    asking = client(app(build, graphiql=False))
    assert (await asking.get("/graphql", headers=BROWSER)).status_code == 401
    assert (await asking.get("/graphiql/assets/graphiql-Ab12.js")).status_code == 404
    assert (await asking.get("/graphiql/graphiql.html")).status_code == 404


async def test_where_it_was_not_built_the_page_says_how_to(tmp_path: Path) -> None:
    asking = client(app(tmp_path, graphiql=True))
    answer = await asking.get("/graphql", headers=BROWSER)
    assert answer.status_code == 404
    assert "make run GRAPHIQL=1" in answer.text
    assert (await asking.get("/graphiql/assets/none.js")).status_code == 404
