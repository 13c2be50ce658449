"""A mailbox whose server takes access tokens and no password."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from starlette.responses import JSONResponse, Response

from jobs.pulling import SourceFailed
from server.mailbox import Mailbox
from server.mailbox_tokens import AccessTokens, TokenGrant, TokenRefusedError
from server.mailbox_url import parse_mailbox_url
from tests.server.imap import ImapServer, imap_server
from tests.server.token_server import REFRESH_TOKEN, SECRET, TokenServer, token_server

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
MAIL = b"From: Ann <ann@acme.com>\r\nSubject: Hello\r\n\r\nHello\r\n"


@pytest.fixture
async def giver() -> AsyncIterator[TokenServer]:
    async with token_server() as found:
        yield found


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ImapServer]:
    async with imap_server(tmp_path) as found:
        yield found


def tokens(giver: TokenServer, **changes: str) -> AccessTokens:
    said = {
        "url": giver.url,
        "client_id": "engagement",
        "client_secret": SECRET,
        "refresh_token": "",
        "scope": "https://mail.example/.default",
    } | changes
    return AccessTokens(
        TokenGrant(
            said["url"],
            said["client_id"],
            SecretStr(said["client_secret"]),
            SecretStr(said["refresh_token"]),
            said["scope"],
        )
    )


def mailbox(server: ImapServer, source: AccessTokens, password: str = "") -> Mailbox:
    return Mailbox(
        parse_mailbox_url(server.url(password=password)),
        now=lambda: NOW,
        first_look=timedelta(days=30),
        size_limit=10_000,
        tokens=source,
    )


async def test_a_mailbox_is_read_with_a_token_of_the_application(
    giver: TokenServer, server: ImapServer
) -> None:
    await server.deliver(MAIL)
    server.tokens.add("access-token-0")
    box = mailbox(server, tokens(giver))

    assert (await box.fetch({})).bodies == [MAIL]
    assert await box.count() == 1
    assert giver.asked == [
        {
            "grant_type": "client_credentials",
            "client_id": "engagement",
            "client_secret": SECRET,
            "scope": "https://mail.example/.default",
        }
    ]
    box.close()


async def test_a_refresh_token_asks_in_a_persons_name(giver: TokenServer) -> None:
    source = tokens(giver, refresh_token=REFRESH_TOKEN, scope="")

    assert await asyncio.to_thread(source.current) == "access-token-0"
    assert giver.asked == [
        {
            "grant_type": "refresh_token",
            "refresh_token": REFRESH_TOKEN,
            "client_id": "engagement",
            "client_secret": SECRET,
        }
    ]


@pytest.mark.parametrize(
    ("seconds", "asked"), [(3600, 1), ("3600", 1), (None, 1), ("soon", 1), (60, 2), (0, 2)]
)
async def test_a_token_is_asked_for_anew_a_minute_before_it_ends(
    giver: TokenServer, seconds: object, asked: int
) -> None:
    giver.seconds = seconds
    source = tokens(giver)

    for _ in range(2):
        await asyncio.to_thread(source.current)
    assert len(giver.asked) == asked


async def test_a_token_that_the_mail_server_refuses_is_not_used_again(
    giver: TokenServer, server: ImapServer
) -> None:
    box = mailbox(server, tokens(giver))
    with pytest.raises(SourceFailed) as refused:
        await box.fetch({})
    server.tokens.add("access-token-1")

    assert "LoginError" in str(refused.value)
    assert "access-token-0" not in str(refused.value)
    assert (await box.fetch({})).bodies == []
    assert giver.given == ["access-token-0", "access-token-1"]
    box.close()


async def test_why_there_is_no_token_is_told_without_the_secret(
    giver: TokenServer, server: ImapServer
) -> None:
    box = mailbox(server, tokens(giver, client_secret="another-opensesame"))
    with pytest.raises(SourceFailed) as refused:
        await box.fetch({})

    told = str(refused.value)
    assert f"{giver.url} gives no access token: 401 invalid_client: the secret … is not" in told
    assert "opensesame" not in told


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (JSONResponse({"error": "temporarily_unavailable"}, 503), "503 temporarily_unavailable"),
        (JSONResponse({"token_type": "Bearer"}), "200 without an access_token"),
        (JSONResponse(["access_token"]), "200 without an access_token"),
        (JSONResponse({"error": {"code": 7}}, 400), "400 {'code': 7}"),
        (Response("<html>"), "JSONDecodeError"),
        (Response(status_code=302, headers={"location": "http://elsewhere.example"}), "JSON"),
    ],
)
async def test_whatever_is_answered_instead_of_a_token_is_told(
    giver: TokenServer, answer: Response, told: str
) -> None:
    giver.refusal = answer
    with pytest.raises(TokenRefusedError, match="gives no access token") as refused:
        await asyncio.to_thread(tokens(giver).current)
    assert told in str(refused.value)


async def test_nobody_there_to_give_a_token_is_told() -> None:
    gone = TokenServer(url="http://127.0.0.1:9/token")
    with pytest.raises(TokenRefusedError, match="ConnectError"):
        await asyncio.to_thread(tokens(gone).current)
