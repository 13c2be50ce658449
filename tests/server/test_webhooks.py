"""The door of the webhooks, with the real database behind it."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from server import webhooks
from server.webhooks import WebhookDoor, confirm_subscription, fetch_certificate
from store import payloads
from store.database import Database, Unavailable
from tests.intake.payloads import postmark
from tests.intake.signing import (
    BASE_URL,
    FORM,
    SETTINGS,
    Signed,
    certificates,
    sign,
    sign_sns,
)
from tests.intake.test_payloads import MODULES
from tests.intake.test_sns import SUBSCRIBE_URL, SUBSCRIPTION

LIMIT = 10_000
BODY = postmark.CASES[0].raw


class Confirmations:
    """Amazon's end of a subscription."""

    def __init__(self) -> None:
        self.urls: list[str] = []
        self.agrees = True

    async def __call__(self, url: str) -> bool:
        self.urls.append(url)
        return self.agrees


@pytest.fixture
def confirmations() -> Confirmations:
    return Confirmations()


@pytest.fixture
async def client(
    database: Database, confirmations: Confirmations
) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=webhooks.routes)
    app.state.webhooks = WebhookDoor(
        accept=partial(payloads.accept, database),
        providers={name: [settings] for name, settings in SETTINGS.items() if name != "brevo"},
        certificates=certificates(),
        confirm=confirmations,
        body_limit_bytes=LIMIT,
        public_url=BASE_URL.removesuffix("/webhooks/"),
    )
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside:8000") as client:
        yield client


async def stored(database: Database) -> list[dict[str, Any]]:
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT provider, headers, query, body, status FROM payload ORDER BY id"
        )
    return [dict(row) for row in rows]


def error(response: httpx.Response) -> tuple[int, str]:
    body = response.json()
    assert list(body) == ["error"]
    assert list(body["error"]) == ["code", "message", "field"]
    return response.status_code, body["error"]["code"]


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("provider", sorted(set(SETTINGS) - {"brevo"}))
async def test_a_signed_webhook_is_stored_as_it_came_and_answered_200(
    client: httpx.AsyncClient, database: Database, provider: str
) -> None:
    request = sign(provider, b"[]" if provider == "mandrill" else bodies(provider), at=now())

    response = await client.post(
        f"/webhooks/{provider}",
        content=request.body,
        headers=dict(request.headers),
        params=request.query,
    )

    assert (response.status_code, response.content) == (200, b"")
    (row,) = await stored(database)
    assert row["provider"] == provider
    assert row["body"] == request.body
    assert row["query"] == ""
    assert row["status"] == "PENDING"
    assert set(row["headers"]) <= {"content-type", "svix-id"}


def bodies(provider: str) -> bytes:
    return bytes(MODULES[provider].CASES[0].raw)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("provider", sorted(SETTINGS))
async def test_providers_may_try_the_url(
    client: httpx.AsyncClient, database: Database, method: str, provider: str
) -> None:
    response = await client.request(method, f"/webhooks/{provider}")

    assert (response.status_code, response.content) == (200, b"")
    assert await stored(database) == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_an_unknown_provider_is_404(
    client: httpx.AsyncClient, database: Database, method: str
) -> None:
    response = await client.request(method, "/webhooks/pigeon", content=b"{}")

    assert response.status_code == 404
    assert method == "HEAD" or error(response) == (404, "UNKNOWN_PROVIDER")
    assert await stored(database) == []


@pytest.mark.parametrize(
    ("provider", "headers", "body", "expected"),
    [
        ("brevo", {"content-type": "application/json"}, b"{}", (403, "PROVIDER_NOT_CONFIGURED")),
        ("postmark", {"content-type": "application/json"}, BODY, (401, "UNSIGNED")),
        ("postmark", {"authorization": "Basic eDp5"}, BODY, (403, "WRONG_SIGNATURE")),
        ("sendgrid", {"content-type": "application/json"}, b"[]", (401, "UNSIGNED")),
        ("customerio", {"content-type": "application/json"}, b"{}", (401, "UNSIGNED")),
        ("klaviyo", {"klaviyo-signature": "00"}, b"{}", (403, "WRONG_SIGNATURE")),
        ("mailchimp", FORM, b"type=subscribe", (401, "UNSIGNED")),
        ("iterable", {"content-type": "application/json"}, b"{}", (401, "UNSIGNED")),
        ("braze", {"authorization": "Bearer guessed"}, b"{}", (403, "WRONG_SIGNATURE")),
        ("braze", sign("braze", b"").headers, b"{}", (400, "DAMAGED_PAYLOAD")),
        ("mailgun", {"content-type": "application/json"}, b"{", (406, "DAMAGED_PAYLOAD")),
        ("postmark", sign("postmark", b"").headers, b"{", (400, "DAMAGED_PAYLOAD")),
        (
            "postmark",
            {**sign("postmark", b"").headers, "content-encoding": "gzip"},
            BODY,
            (415, "UNSUPPORTED_ENCODING"),
        ),
        (
            "postmark",
            {**sign("postmark", b"").headers, "content-type": "text/html"},
            BODY,
            (415, "UNSUPPORTED_CONTENT_TYPE"),
        ),
        ("postmark", sign("postmark", b"").headers, b" " * (LIMIT + 1), (413, "TOO_LARGE")),
    ],
)
async def test_what_is_refused_is_not_stored(
    client: httpx.AsyncClient,
    database: Database,
    provider: str,
    headers: dict[str, str],
    body: bytes,
    expected: tuple[int, str],
) -> None:
    response = await client.post(f"/webhooks/{provider}", content=body, headers=headers)

    assert error(response) == expected
    assert await stored(database) == []


async def test_who_sends_no_password_is_asked_for_it(client: httpx.AsyncClient) -> None:
    response = await client.post("/webhooks/postmark", content=BODY)

    assert response.headers["www-authenticate"] == 'Basic realm="webhooks"'


async def test_the_size_is_counted_whatever_the_header_says(
    client: httpx.AsyncClient, database: Database
) -> None:
    sent = 0

    async def stream() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(100):
            sent += 1_000
            yield b"x" * 1_000

    headers = {**sign("postmark", b"").headers, "content-length": "7"}
    response = await client.post("/webhooks/postmark", content=stream(), headers=headers)

    assert error(response) == (413, "TOO_LARGE")
    assert await stored(database) == []


async def test_a_body_of_exactly_the_limit_is_taken(
    client: httpx.AsyncClient, database: Database
) -> None:
    body = BODY + b" " * (LIMIT - len(BODY))
    request = sign("postmark", body)

    response = await client.post("/webhooks/postmark", content=body, headers=dict(request.headers))

    assert response.status_code == 200
    assert len(await stored(database)) == 1


async def test_without_postgresql_the_provider_is_told_to_come_again() -> None:
    async def accept(provider: str, **payload: Any) -> None:
        raise Unavailable("PostgreSQL cannot be reached")

    app = Starlette(routes=webhooks.routes)
    app.state.webhooks = WebhookDoor(
        accept=accept,
        providers={"postmark": [SETTINGS["postmark"]]},
        certificates=certificates(),
        confirm=Confirmations(),
        body_limit_bytes=LIMIT,
    )
    request = sign("postmark", BODY)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://inside") as client:
        response = await client.post(
            "/webhooks/postmark", content=BODY, headers=dict(request.headers)
        )

    assert error(response) == (503, "DATABASE_UNAVAILABLE")
    assert response.headers["retry-after"] == "5"


async def post_sns(client: httpx.AsyncClient, signed: Signed) -> httpx.Response:
    return await client.post("/webhooks/amazon-ses", content=signed.body, headers=signed.headers)


async def test_a_subscription_to_our_topic_is_confirmed(
    client: httpx.AsyncClient, database: Database, confirmations: Confirmations
) -> None:
    response = await post_sns(client, sign_sns(SUBSCRIPTION))

    assert response.status_code == 200
    assert confirmations.urls == [SUBSCRIBE_URL]
    assert await stored(database) == []


async def test_a_subscription_that_amazon_does_not_confirm_is_tried_again(
    client: httpx.AsyncClient, confirmations: Confirmations
) -> None:
    confirmations.agrees = False

    assert error(await post_sns(client, sign_sns(SUBSCRIPTION))) == (503, "CONFIRMATION_FAILED")


async def test_a_subscription_to_somebody_elses_topic_is_not_confirmed(
    client: httpx.AsyncClient, confirmations: Confirmations
) -> None:
    signed = sign_sns(SUBSCRIPTION | {"TopicArn": "arn:aws:sns:eu-west-1:666:theirs"})

    assert error(await post_sns(client, signed)) == (403, "WRONG_SIGNATURE")
    assert confirmations.urls == []


async def test_behind_a_proxy_mandrill_is_verified_by_the_public_url(
    client: httpx.AsyncClient, database: Database
) -> None:
    request = sign("mandrill", b"[]")

    response = await client.post(
        "/webhooks/mandrill",
        content=request.body,
        headers={**request.headers, "host": "10.0.0.5"},
    )

    assert response.status_code == 200
    assert len(await stored(database)) == 1


Answer = Callable[[bytes], Awaitable[str]]


@pytest.fixture
async def answering() -> AsyncIterator[Answer]:
    """A server of one fixed answer: `url = await answering(b"HTTP/1.1 200 OK…")`."""
    servers: list[asyncio.Server] = []

    async def start(answer: bytes) -> str:
        async def respond(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(respond, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"

    yield start
    for server in servers:
        server.close()


def whole(status: str, body: bytes = b"") -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode() + body


async def test_a_certificate_is_fetched(answering: Answer) -> None:
    assert await fetch_certificate(await answering(whole("200 OK", b"pem"))) == b"pem"


async def test_a_certificate_that_is_not_there_is_told_from_one_that_may_be_later(
    answering: Answer,
) -> None:
    with pytest.raises(ValueError, match="answered 404"):
        await fetch_certificate(await answering(whole("404 Not Found")))
    with pytest.raises(ValueError, match="answered 302"):
        await fetch_certificate(await answering(whole("302 Found")))
    with pytest.raises(ValueError, match="too large"):
        await fetch_certificate(await answering(whole("200 OK", b"x" * 70_000)))
    with pytest.raises(ConnectionError, match="answered 503"):
        await fetch_certificate(await answering(whole("503 Unavailable")))
    with pytest.raises(ConnectionError, match="cannot be reached"):
        await fetch_certificate(closed_url())


async def test_a_confirmation_says_whether_amazon_agreed(answering: Answer) -> None:
    assert await confirm_subscription(await answering(whole("200 OK"))) is True
    assert await confirm_subscription(await answering(whole("403 Forbidden"))) is False
    assert await confirm_subscription(closed_url()) is False


def closed_url() -> str:
    """A URL on a port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{taken.getsockname()[1]}/"
