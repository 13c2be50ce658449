"""The doors of our own links, with the real database behind them, read by a real drain."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from domain.policy import Policy
from domain.tracking import PROVIDER, OutgoingMail
from intake.tokens import Token, TokenKind
from intake.tracking import parse_hits
from jobs.drain import Drain
from server import tracking, unsubscribing
from server.forwarding import Forwarding, networks
from server.tracking import PIXEL, TrackingDoors
from store.database import Database, Unavailable
from store.hits import Hits
from store.payloads import accept
from store.recording import record
from store.tracking import learn_tracked
from tests.seeding import NOW, TOKENS, TRACKER, Seed

HUMAN = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"
URL = "https://us.example/a?x=1&y=%20ü#part"


def path(door: str, kind: TokenKind, url: str | None = None) -> str:
    return f"/{door}/{TOKENS.seal(Token(kind, 'mail', 'm1@us.example', 'kim@acme.com', url))}"


OPEN = path("o", TokenKind.OPEN)
CLICK = path("c", TokenKind.CLICK, URL)
DECOY = path("c", TokenKind.DECOY)
UNSUBSCRIBE = path("u", TokenKind.UNSUBSCRIBE)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}

KNOWN = ("launch", "kim@acme.com")
"""Campaign and address of the mail that was tracked: where every hit of its links belongs."""


class Doors:
    """The doors over the database; `is_away` takes PostgreSQL from them."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.is_away = False
        numbers = count()
        self.app = Starlette(routes=[*tracking.routes, *unsubscribing.routes])
        self.hits = Hits(self._store, lost=lambda _: None, away=0.05)
        self.app.state.tracking = TrackingDoors(
            tokens=TOKENS,
            hits=self.hits,
            forwarding=Forwarding(networks(("10.0.0.0/8",))),
            now=lambda: datetime.now(UTC),
            mint=lambda: f"hit-{next(numbers)}",
        )

    async def _store(self, lines: Any) -> None:
        if self.is_away:
            raise Unavailable("PostgreSQL cannot be reached")
        await accept(
            self.database,
            PROVIDER,
            headers={},
            query="",
            body=b"\n".join(lines),
            received_at=datetime.now(UTC),
        )

    def client(self, peer: str = "192.0.2.7", agent: str | None = HUMAN) -> httpx.AsyncClient:
        app = tracking.doors_first(self.app)
        transport = httpx.ASGITransport(app, client=(peer, 4711))
        client = httpx.AsyncClient(transport=transport, base_url="https://t.example")
        if agent is None:
            del client.headers["user-agent"]
        else:
            client.headers["user-agent"] = agent
        return client

    async def drained(
        self, policy: Policy | None = None, *, place: tuple[str | None, str | None] = KNOWN
    ) -> list[dict[str, Any]]:
        """The events that came of it, once a worker has done its work: all at the one place."""
        drain = Drain(self.database, policy or Policy(), ring=lambda: None, tokens=TOKENS)
        await drain.until(0)
        async with self.database.connection() as connection:
            rows = await connection.fetch(
                "SELECT e.*, a.address, c.external_id AS campaign FROM event e "
                "LEFT JOIN recipient r ON r.id = e.recipient_id "
                "LEFT JOIN campaign c ON c.id = r.campaign_id "
                "LEFT JOIN address a ON a.id = r.address_id ORDER BY e.occurred_at, e.key"
            )
        assert {(row["campaign"], row["address"]) for row in rows} <= {place}
        return [dict(row) for row in rows]


async def track(database: Database, provider: str = "mail") -> None:
    """Have a mail tracked."""
    mail = OutgoingMail(
        provider=provider,
        campaign_id="launch",
        address="kim@acme.com",
        message_id="m1@us.example",
        html='<a href="https://us.example/a">A</a>',
    )
    made = TRACKER(mail, is_tracked=True)
    await learn_tracked(database, [made], now=NOW, policy=Policy())


@pytest.fixture
async def doors(database: Database) -> AsyncIterator[Doors]:
    """The doors, after one mail was tracked."""
    await track(database)
    found = Doors(database)
    yield found
    await found.hits.close()


async def payloads(database: Database) -> int:
    async with database.connection() as connection:
        return int(await connection.fetchval("SELECT count(*) FROM payload"))


async def test_the_pixel_is_never_kept_and_each_open_counts(doors: Doors) -> None:
    async with doors.client() as client:
        for _ in range(2):
            answer = await client.get(OPEN)
            assert (answer.status_code, answer.content) == (200, PIXEL)
            assert answer.headers["content-type"] == "image/gif"
            assert answer.headers["content-length"] == "43"
            assert "no-store" in answer.headers["cache-control"]
    events = await doors.drained()
    assert [(e["provider"], e["kind"], e["actor"], e["address"]) for e in events] == [
        ("tracking", "OPENED", "HUMAN", "kim@acme.com")
    ] * 2
    assert [(e["ip"], e["user_agent"]) for e in events] == [
        ("192.0.2.0/24", "Firefox, Windows")
    ] * 2


async def test_a_click_leads_on_to_the_url_of_its_token(doors: Doors) -> None:
    async with doors.client() as client:
        answer = await client.get(CLICK, params={"url": "https://evil.example"})
    assert answer.status_code == 302
    assert answer.headers["location"] == "https://us.example/a?x=1&y=%20%C3%BC#part"
    assert "no-store" in answer.headers["cache-control"]
    assert answer.headers["referrer-policy"] == "no-referrer"
    (event,) = await doors.drained()
    assert (event["kind"], event["url"], event["is_decoy"]) == ("CLICKED", URL, False)


async def test_only_the_web_is_led_to(doors: Doors) -> None:
    async with doors.client() as client:
        answer = await client.get(path("c", TokenKind.CLICK, "javascript:alert(1)"))
    assert answer.status_code == 200
    assert "location" not in answer.headers


async def test_the_decoy_is_a_machines(doors: Doors) -> None:
    async with doors.client() as client:
        assert (await client.get(DECOY)).status_code == 200
    (event,) = await doors.drained()
    assert (event["is_decoy"], event["actor"], event["url"]) == (True, "MACHINE", None)
    assert "DECOY" in event["reasons"]


@pytest.mark.parametrize(
    ("method", "headers"),
    [("HEAD", {}), ("GET", {"Sec-Purpose": "prefetch"}), ("GET", {"X-Moz": "prefetch"})],
)
async def test_a_look_ahead_is_no_persons(
    doors: Doors, method: str, headers: dict[str, str]
) -> None:
    async with doors.client() as client:
        assert (await client.request(method, CLICK, headers=headers)).status_code == 302
        assert (await client.request(method, OPEN, headers=headers)).status_code == 200
    events = await doors.drained()
    assert [(e["actor"], list(e["reasons"])) for e in events] == [("MACHINE", ["PREFETCH"])] * 2


async def test_without_a_user_agent_it_is_no_persons(doors: Doors) -> None:
    async with doors.client(agent=None) as client:
        await client.get(CLICK)
    (event,) = await doors.drained()
    assert (event["actor"], list(event["reasons"])) == ("MACHINE", ["SCANNER_AGENT"])


@pytest.mark.parametrize(
    ("peer", "network"), [("10.0.0.1", "198.51.100.0/24"), ("192.0.2.7", "192.0.2.0/24")]
)
async def test_a_trusted_proxy_says_who_asks_and_nobody_else(
    doors: Doors, peer: str, network: str
) -> None:
    async with doors.client(peer) as client:
        await client.get(OPEN, headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.7"})
    (event,) = await doors.drained()
    assert event["ip"] == network


async def test_showing_the_page_changes_nothing_and_its_button_does(doors: Doors) -> None:
    async with doors.client() as client:
        for method in ("GET", "HEAD"):
            assert (await client.request(method, UNSUBSCRIBE)).status_code == 200
        page = (await client.get(UNSUBSCRIBE)).text
        assert await payloads(doors.database) == 0
        assert "k…@acme.com" in page
        assert "kim@" not in page
        assert re.findall(r'<form method="post">\s*<button name="action" value="(\w+)">', page) == [
            "unsubscribe"
        ]
        answer = await client.post(UNSUBSCRIBE, data={"action": "unsubscribe"})
        assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
    (event,) = await doors.drained()
    assert (event["kind"], event["actor"], event["user_agent"]) == (
        "UNSUBSCRIBED",
        "HUMAN",
        "Firefox, Windows",
    )


@pytest.mark.parametrize(
    "body",
    [
        {"data": ONE_CLICK},
        {"files": {"List-Unsubscribe": (None, "One-Click")}},
        {"content": b""},
        {"content": b"\xff" * 100_000},
    ],
)
async def test_one_click_is_a_persons_though_a_program_sends_it(
    doors: Doors, body: dict[str, Any]
) -> None:
    async with doors.client("203.0.113.200", agent=None) as client:
        assert (await client.post(UNSUBSCRIBE, **body)).status_code == 200
    (event,) = await doors.drained()
    assert (event["kind"], event["actor"], event["ip"], event["user_agent"]) == (
        "UNSUBSCRIBED",
        "HUMAN",
        None,
        None,
    )


async def test_who_unsubscribed_by_mistake_can_come_back(doors: Doors) -> None:
    async with doors.client() as client:
        page = (await client.post(UNSUBSCRIBE, data={"action": "unsubscribe"})).text
        assert 'value="resubscribe"' in page
        answer = await client.post(UNSUBSCRIBE, data={"action": "resubscribe"})
        assert "You are subscribed" in answer.text
    assert [e["kind"] for e in await doors.drained()] == ["UNSUBSCRIBED", "RESUBSCRIBED"]


@pytest.mark.parametrize(
    ("method", "wrong", "status"),
    [
        ("GET", CLICK[:-1] + ("A" if CLICK[-1] != "A" else "B"), 404),
        ("GET", "/c/x", 404),
        ("GET", "/c/" + "x" * 9_000, 404),
        ("GET", OPEN.replace("/o/", "/c/"), 404),
        ("GET", CLICK.replace("/c/", "/o/"), 404),
        ("GET", CLICK.replace("/c/", "/u/"), 404),
        ("POST", OPEN.replace("/o/", "/u/"), 404),
        ("GET", "/u/%00", 404),
        ("POST", CLICK, 405),
        ("POST", OPEN, 405),
        ("PUT", UNSUBSCRIBE, 405),
    ],
)
async def test_what_we_did_not_make_leads_nowhere_and_leaves_no_trace(
    doors: Doors, method: str, wrong: str, status: int
) -> None:
    async with doors.client() as client:
        answer = await client.request(method, wrong)
    assert answer.status_code == status
    assert "location" not in answer.headers
    assert await payloads(doors.database) == 0


async def test_pages_are_framed_by_nobody_and_load_nothing_from_elsewhere(doors: Doors) -> None:
    async with doors.client() as client:
        for page in (UNSUBSCRIBE, DECOY, "/c/unknown"):
            answer = await client.get(page)
            policy = answer.headers["content-security-policy"]
            assert "default-src 'none'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "form-action 'self'" in policy
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "noindex" in answer.headers["x-robots-tag"]
            assert re.findall(r"(?:src|href)=\"([^\"]*)\"", answer.text) == ["/u.css"]
            assert "<script" not in answer.text
        assert (await client.get("/u.css")).headers["content-type"].startswith("text/css")


async def test_without_postgresql_people_get_to_their_page_and_the_click_counts_later(
    doors: Doors,
) -> None:
    doors.is_away = True
    async with doors.client() as client:
        assert (await client.get(CLICK)).headers["location"].startswith("https://us.example/a")
        refused = await client.get(OPEN)
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        sorry = await client.post(UNSUBSCRIBE, data=ONE_CLICK)
        assert (sorry.status_code, "Nothing has changed yet" in sorry.text) == (503, True)
    assert await payloads(doors.database) == 0
    doors.is_away = False
    await doors.hits.close()
    assert [e["kind"] for e in await doors.drained()] == ["CLICKED"]


async def test_consent_denied_later_leaves_nothing_but_the_unsubscribing(
    doors: Doors, database: Database
) -> None:
    async with doors.client() as client:
        for asked in (OPEN, CLICK):
            await client.get(asked)
        await client.post(UNSUBSCRIBE, data=ONE_CLICK)
    async with database.transaction() as connection:
        seed = Seed(connection)
        acme = await seed.customer("Acme")
        await seed.stakeholder(acme, "kim@acme.com", tracking_consent="DENIED")
    assert [e["kind"] for e in await doors.drained()] == ["UNSUBSCRIBED"]
    async with database.connection() as connection:
        rows = await connection.fetch("SELECT DISTINCT status, body FROM payload")
    assert [tuple(row) for row in rows] == [("DONE", b"")]


async def test_a_click_on_mail_nobody_told_us_of_waits_for_it(database: Database) -> None:
    doors = Doors(database)
    async with doors.client() as client:
        await client.get(CLICK)
    assert len(await doors.drained(place=(None, None))) == 1
    await track(database)
    assert len(await doors.drained(place=KNOWN)) == 1


async def test_a_hit_is_placed_as_it_is_recorded_and_waits_for_nothing(doors: Doors) -> None:
    async with doors.client() as client:
        for asked in (OPEN, CLICK):
            await client.get(asked)
    async with doors.database.connection() as connection:
        bodies = [row[0] for row in await connection.fetch("SELECT body FROM payload")]
    events = parse_hits(b"\n".join(bodies)).events
    await record(doors.database, events, datetime.now(UTC), Policy())
    # What was not placed would wait, and be placed after all once the worker looks for its message.
    async with doors.database.connection() as connection:
        rows = await connection.fetch(
            "SELECT c.external_id, a.address FROM event e JOIN recipient r ON r.id = e.recipient_id"
            " JOIN campaign c ON c.id = r.campaign_id JOIN address a ON a.id = r.address_id"
        )
        waiting = await connection.fetchval("SELECT count(*) FROM orphan")
    assert [tuple(row) for row in rows] == [KNOWN, KNOWN]
    assert waiting == 0


async def test_the_links_of_a_tracked_mail_are_known_of_its_campaign(doors: Doors) -> None:
    assert await doors.drained() == []
    async with doors.database.connection() as connection:
        rows = await connection.fetch(
            "SELECT c.external_id, l.url, l.is_declared FROM campaign_link l "
            "JOIN campaign c ON c.id = l.campaign_id"
        )
        signs = await connection.fetchval("SELECT signs FROM campaign")
    assert [tuple(row) for row in rows] == [("launch", "https://us.example/a", False)]
    assert sorted(signs) == ["LIST_UNSUBSCRIBE", "LIST_UNSUBSCRIBE_POST"]


async def test_a_click_that_the_platform_saw_too_counts_once(database: Database) -> None:
    await track(database, "sendgrid")
    doors = Doors(database)
    sealed = TOKENS.seal(Token(TokenKind.CLICK, "sendgrid", "m1@us.example", "kim@acme.com", URL))
    async with doors.client() as client:
        await client.get(f"/c/{sealed}")
    report = {
        "email": "kim@acme.com",
        "timestamp": int(datetime.now(UTC).timestamp()),
        "event": "click",
        "sg_message_id": "sg-1",
        "singlesend_id": "launch",
        "useragent": HUMAN,
        "url": f"https://t.example/c/{sealed}",
    }
    await accept(
        database,
        "sendgrid",
        headers={"content-type": "application/json"},
        query="",
        body=json.dumps([report]).encode(),
        received_at=datetime.now(UTC),
    )
    events = await doors.drained()
    assert sorted((e["provider"], e["url"]) for e in events) == [
        ("sendgrid", URL),
        ("tracking", URL),
    ]
    async with database.connection() as connection:
        rows = await connection.fetch(
            "SELECT clicks_human, jsonb_array_length(links) FROM recipient"
        )
    assert [tuple(row) for row in rows] == [(1, 1)]


async def test_what_only_looks_like_a_door_is_left_to_the_router(doors: Doors) -> None:
    async with doors.client() as client:
        assert [(await client.get(p)).status_code for p in ("/o/", "/o/a/b", "/c", "/x/y")] == [
            404
        ] * 4
        assert (await client.get(OPEN)).content == PIXEL
