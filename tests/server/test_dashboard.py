"""The dashboard, as it is served: one page under a strict policy, and files for ever."""

from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import httpx
import orjson
import pytest

from server.dashboard import Dashboard
from server.protocol.trusted import TrustedDocuments
from server.settings import Settings
from server.web import create_app

DOCUMENT = "query Viewer { __typename viewer { __typename name } }"
DIGEST = sha256(DOCUMENT.encode()).hexdigest()
PAGE = "<!doctype html><title>Dashboard</title>"

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """What a build leaves, in small."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(PAGE)
    (tmp_path / "assets" / "index-Ab12.js").write_text("export {};")
    (tmp_path / "trusted-documents.json").write_bytes(orjson.dumps({DIGEST: DOCUMENT}))
    return tmp_path


def settings(folder: Path, **more: object) -> Settings:
    values = {
        "database_url": "postgresql://nobody@127.0.0.1:1/none",
        "redis_url": "redis://127.0.0.1:1",
        "secret_key": "not a secret, only long enough to be taken for one",
        "dashboard_dir": folder,
    }
    return Settings.model_validate(values | more)


async def asking(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=create_app(settings(folder)))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as found:
        yield found


@pytest.fixture
async def client(build: Path) -> AsyncIterator[httpx.AsyncClient]:
    async for found in asking(build):
        yield found


@pytest.fixture
async def bare(tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A service without a build."""
    async for found in asking(tmp_path / "none"):
        yield found


@pytest.mark.parametrize("path", ["/", "/customers", "/customers/Q3VzdG9tZXI6MQ", "/no/such/page"])
async def test_every_address_of_a_page_answers_with_the_one_page(
    client: httpx.AsyncClient, path: str
) -> None:
    answer = await client.get(path, headers=BROWSER)
    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["cache-control"] == "no-cache"


async def test_the_policy_has_no_exception_and_names_no_other_host(
    client: httpx.AsyncClient,
) -> None:
    headers = (await client.get("/")).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-opener-policy"] == "same-origin"


async def test_files_with_a_hash_in_their_name_are_kept_for_ever(client: httpx.AsyncClient) -> None:
    answer = await client.get("/assets/index-Ab12.js")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    "path",
    ["/assets/gone.js", "/assets/..%2ftrusted-documents.json", "/api/nothing", "/webhooks/x/y"],
)
async def test_what_is_not_behind_a_door_is_no_page(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path, headers=BROWSER)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "NOT_FOUND"


async def test_programs_are_told_404_where_browsers_get_the_page(client: httpx.AsyncClient) -> None:
    for answer in (
        await client.get("/customers"),
        await client.post("/customers", headers=BROWSER),
        await client.get("/trusted-documents.json"),
        await client.get("/.vite/manifest.json"),
    ):
        assert answer.status_code == 404
        assert answer.json()["error"]["code"] == "NOT_FOUND"


async def test_without_a_build_the_page_says_how_to_get_one(bare: httpx.AsyncClient) -> None:
    answer = await bare.get("/", headers=BROWSER)
    assert answer.status_code == 200
    assert "The dashboard was not built here" in answer.text
    assert "Node 20.19" in answer.text
    assert (await bare.get("/customers", headers=BROWSER)).status_code == 404


async def test_the_builds_documents_are_trusted_beside_the_operators(build: Path) -> None:
    given = TrustedDocuments({"other": "{ viewer { role } }"}, only=True)
    found = Dashboard(build).documents(given)
    assert found.only is True
    assert dict(found.documents) == {"other": "{ viewer { role } }", DIGEST: DOCUMENT}
    assert Dashboard(build / "none").documents(given) is given


async def test_a_build_whose_documents_were_changed_is_refused(build: Path) -> None:
    (build / "trusted-documents.json").write_bytes(orjson.dumps({DIGEST: "{ other }"}))
    with pytest.raises(ValueError, match="is not the SHA-256"):
        create_app(settings(build))
