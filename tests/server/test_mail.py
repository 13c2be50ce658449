"""The door for raw mail, with the real database behind it."""

import random
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from domain.viewer import Role
from server import mail
from server.access import Access
from server.mail import MailDoor
from store import payloads
from store.access import create_api_key
from store.database import Database, Unavailable
from tests.jobs.mail import drain_of, rows
from tests.seeding import services
from tests.server import mails

LIMIT = 10_000
FORM = "application/x-www-form-urlencoded"
PAYLOADS = "SELECT provider, status, body, headers, error FROM payload ORDER BY id"
SENT = mails.mail("Mia <mia@us.example>", "ann@acme.com", "News", message_id="m1@us.example")


@pytest.fixture
def app(database: Database) -> Starlette:
    async def take(raw: bytes, received_at: datetime) -> None:
        await payloads.accept(
            database, "mail", headers={}, query="", body=raw, received_at=received_at
        )

    app = Starlette(routes=mail.routes)
    app.state.access, app.state.services = Access(database), services(database)
    app.state.mail = MailDoor(accept=take, limit_bytes=LIMIT)
    return app


@pytest.fixture
async def client(app: Starlette, database: Database) -> AsyncIterator[httpx.AsyncClient]:
    token = await create_api_key(database, role=Role.INTEGRATION, name="journal")
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app),
        base_url="http://us",
        headers={"authorization": f"Bearer {token}", "content-type": "message/rfc822"},
    ) as found:
        yield found


def error(answer: httpx.Response) -> tuple[int, str]:
    content = answer.json()
    assert set(content) == {"error"}
    assert set(content["error"]) == {"code", "message", "field"}
    return answer.status_code, content["error"]["code"]


@pytest.mark.parametrize(
    "declared", ["message/rfc822", "Message/RFC822; charset=utf-8", "text/plain",
                 "application/octet-stream", "message/global", None],
)  # fmt: skip
async def test_a_mail_is_stored_as_it_is_and_answered(
    client: httpx.AsyncClient, database: Database, declared: str | None
) -> None:
    client.headers.pop("content-type")
    headers = {} if declared is None else {"content-type": declared}
    answer = await client.post("/mail", content=SENT, headers=headers)
    assert (answer.status_code, answer.json()) == (202, {"accepted": True})
    assert await rows(database, PAYLOADS) == [("mail", "PENDING", SENT, {}, None)]


async def test_the_worker_reads_it(client: httpx.AsyncClient, database: Database) -> None:
    for _ in range(2):
        assert (await client.post("/mail", content=SENT)).status_code == 202
    await drain_of(database).until(0)
    assert await rows(database, "SELECT status, events FROM payload") == [("DONE", 1)] * 2
    assert await rows(
        database, "SELECT e.provider, e.kind, a.address FROM event e JOIN address a "
        "ON a.id = e.address_id"
    ) == [("mail", "ACCEPTED", "ann@acme.com")]  # fmt: skip


@pytest.mark.parametrize("role", [Role.INTEGRATION, Role.ADMIN, Role.MANAGER, Role.CSM])
async def test_only_integrations_and_admins_send_mail_in(
    app: Starlette, database: Database, role: Role
) -> None:
    if role is Role.CSM:
        await rows(database, "INSERT INTO csm (email, name) VALUES ('mia@us.example', 'Mia')")
    email = "mia@us.example" if role is Role.CSM else None
    token = await create_api_key(database, role=role, name="x", csm_email=email)
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://us"
    ) as client:
        answer = await client.post(
            "/mail", content=SENT, headers={"authorization": f"Bearer {token}"}
        )
    if role in (Role.INTEGRATION, Role.ADMIN):
        assert answer.status_code == 202
    else:
        assert error(answer) == (403, "FORBIDDEN")
        assert await rows(database, PAYLOADS) == []


@pytest.mark.parametrize("authorization", [None, "Bearer", "Bearer nobody", "Basic eDp5"])
async def test_without_a_known_token_nothing_is_taken(
    client: httpx.AsyncClient, database: Database, authorization: str | None
) -> None:
    client.headers.pop("authorization")
    headers = {} if authorization is None else {"authorization": authorization}
    answer = await client.post("/mail", content=SENT, headers=headers)
    assert error(answer) == (401, "UNAUTHENTICATED")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert await rows(database, PAYLOADS) == []


REFUSED: dict[str, tuple[dict[str, Any], tuple[int, str]]] = {
    "empty": ({"content": b""}, (400, "EMPTY")),
    "blank": ({"content": b" \r\n\r\n"}, (400, "EMPTY")),
    "too large": ({"content": SENT + b"x" * LIMIT}, (413, "TOO_LARGE")),
    "json": (
        {"content": SENT, "headers": {"content-type": "application/json"}},
        (415, "UNSUPPORTED_CONTENT_TYPE"),
    ),
    "a form": (
        {"data": {"mail": "x"}, "headers": {"content-type": FORM}},
        (415, "UNSUPPORTED_CONTENT_TYPE"),
    ),
    "packed": (
        {"content": SENT, "headers": {"content-encoding": "gzip"}},
        (415, "UNSUPPORTED_ENCODING"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
async def test_what_is_no_mail_is_refused_and_not_kept(
    client: httpx.AsyncClient, database: Database, case: str
) -> None:
    given, expected = REFUSED[case]
    assert error(await client.post("/mail", **given)) == expected
    assert await rows(database, PAYLOADS) == []


async def test_a_mail_of_exactly_the_limit_is_taken(client: httpx.AsyncClient) -> None:
    assert (await client.post("/mail", content=b"A: b\n\n".ljust(LIMIT, b"x"))).status_code == 202


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
async def test_other_methods_are_not_allowed(client: httpx.AsyncClient, method: str) -> None:
    answer = await client.request(method, "/mail")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "POST"


async def test_without_the_database_the_sender_is_told_to_try_again(
    app: Starlette, client: httpx.AsyncClient, database: Database
) -> None:
    async def away(_: bytes, __: datetime) -> None:
        raise Unavailable("away")

    app.state.mail = MailDoor(accept=away, limit_bytes=LIMIT)
    answer = await client.post("/mail", content=SENT)
    assert error(answer) == (503, "DATABASE_UNAVAILABLE")
    assert answer.headers["retry-after"] == "2"
    assert await rows(database, PAYLOADS) == []


async def test_what_cannot_be_read_is_kept_with_its_error(
    client: httpx.AsyncClient, database: Database
) -> None:
    assert (await client.post("/mail", content=b"\xff\x00 no mail at all")).status_code == 202
    await drain_of(database).until(0)
    ((provider, status, body, _, problem),) = await rows(database, PAYLOADS)
    assert (provider, status, body) == ("mail", "FAILED", b"\xff\x00 no mail at all")
    assert problem == "the body is no mail: it has no header fields (RFC 5322)"


FUZZED = 300
"""Damaged mails of one run."""


ODD = (b"\x00", b"\r", b"\n\n", b"=?utf-8?b?/w==?=", b"\xf0\x9f\x98", b"<<>>@,;:", b"\x1f\x1e")


def damages(seed: int) -> Callable[[bytes], bytes]:
    """One way to damage a mail, by the seed."""
    chance = random.Random(seed)

    def cut(raw: bytes) -> bytes:
        return raw[: chance.randrange(1, len(raw))]

    def flip(raw: bytes) -> bytes:
        found = bytearray(raw)
        for _ in range(chance.randrange(1, 60)):
            found[chance.randrange(len(found))] = chance.randrange(256)
        return bytes(found)

    def shuffle(raw: bytes) -> bytes:
        lines = raw.splitlines(keepends=True)
        chance.shuffle(lines)
        return b"".join(lines)

    def double(raw: bytes) -> bytes:
        at, length = chance.randrange(len(raw)), chance.randrange(1, 400)
        return raw[:at] + raw[at : at + length] * chance.randrange(2, 40) + raw[at:]

    def odd(raw: bytes) -> bytes:
        words = [
            b"\x00",
            b"\r",
            b"\n\n",
            b"=?utf-8?b?/w==?=",
            b"\xf0\x9f\x98",
            b"<<>>@,;:",
            b"\x1f\x1e",
        ]
        at = chance.randrange(len(raw))
        return raw[:at] + chance.choice(words) * chance.randrange(1, 50) + raw[at:]

    return chance.choice([cut, flip, shuffle, double, odd])


def whole() -> list[bytes]:
    """Mails of each kind that is read."""
    return [
        SENT,
        mails.mail("mia@us.example", ", ".join(f"p{n}@acme.com" for n in range(9)), "Größe 📣",
                   message_id="m2@us.example", List_Unsubscribe="<https://us.example/u/x>"),
        mails.reply("Ann <ann@acme.com>", "mia@us.example", "News", "m1@us.example",
                    message_id="r1@acme.com", References="<m0@us.example> <m1@us.example>"),
        mails.mail("ann@acme.com", "mia@us.example", "Out of office", message_id="o1@acme.com",
                   Auto_Submitted="auto-replied", In_Reply_To="<m1@us.example>"),
        mails.bounce("ann@acme.com", "mia@us.example", "m1@us.example", subject="News",
                     message_id="b1@mx.us.example"),
    ]  # fmt: skip


async def fuzz(client: httpx.AsyncClient, database: Database, mails_: int) -> None:
    """Damaged mails: each is taken, read or set aside with its error, and none half-stored."""
    good = whole()
    sent = []
    for number in range(mails_):
        raw = damages(number)(good[number % len(good)])[:LIMIT]
        answer = await client.post("/mail", content=raw)
        expected = 202 if raw.strip() else 400
        assert answer.status_code == expected, (number, answer.text)
        sent.append(raw)
        if number % 500 == 499:
            await drain_of(database).until(0)
    await drain_of(database).until(0)
    stored = await rows(database, PAYLOADS)
    assert [row[2] for row in stored] == [raw for raw in sent if raw.strip()]
    assert {row[1] for row in stored} <= {"DONE", "FAILED"}
    assert all(row[4] for row in stored if row[1] == "FAILED")
    assert await rows(
        database,
        "SELECT count(*) FROM event e LEFT JOIN recipient r ON r.id = e.recipient_id "
        "WHERE e.recipient_id IS NOT NULL AND r.id IS NULL",
    ) == [(0,)]
    assert await rows(
        database,
        "SELECT count(*) FROM event WHERE recipient_id IS NULL "
        "AND (fact_on, key) NOT IN (SELECT fact_on, key FROM orphan)",
    ) == [(0,)]


async def test_damaged_mail_harms_nothing(client: httpx.AsyncClient, database: Database) -> None:
    await fuzz(client, database, FUZZED)
