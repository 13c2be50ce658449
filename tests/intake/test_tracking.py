"""Hits at our own doors: written down, read again; and the headers of mail that is tracked."""

from dataclasses import replace
from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.events import EventKind, ReportedEvent
from domain.identity import event_key
from domain.tracking import OutgoingMail
from intake.outgoing import Outgoing
from intake.tokens import Token, TokenKind, Tokens
from intake.tracking import Hit, announces_prefetch, parse_hits, unwrapped, written
from intake.webhooks import ParsedPayload

AT = datetime(2026, 11, 22, 9, 30, 1, 250_000, tzinfo=UTC)
CLICK = Token(TokenKind.CLICK, "sendgrid", "m1", "kim@acme.com", "https://us.example/ü?a=1")
HIT = Hit("h1", EventKind.CLICKED, AT, CLICK, "192.0.2.7", "Mozilla/5.0")


def test_a_hit_becomes_what_it_was() -> None:
    (event,) = parse_hits(written(HIT)).events
    assert event == ReportedEvent(
        provider="tracking",
        kind=EventKind.CLICKED,
        occurred_at=AT,
        address="kim@acme.com",
        provider_event_id="h1",
        message_reference="m1",
        url="https://us.example/ü?a=1",
        user_agent="Mozilla/5.0",
        ip="192.0.2.7",
        carrier="sendgrid",
    )


def test_marks_and_missing_traces_come_through() -> None:
    decoy = Token(TokenKind.DECOY, "mail", "m1", "kim@acme.com")
    hit = Hit("h2", EventKind.CLICKED, AT, decoy, None, "", is_prefetch=True)
    (event,) = parse_hits(written(hit)).events
    assert (event.is_decoy, event.is_prefetch, event.url, event.ip, event.user_agent) == (
        True,
        True,
        None,
        None,
        "",
    )


def test_a_long_user_agent_is_cut() -> None:
    (event,) = parse_hits(written(HIT._replace(user_agent="x" * 5_000))).events
    assert event.user_agent == "x" * 1_000


def test_two_hits_alike_are_two_facts_and_one_told_twice_is_one() -> None:
    other = HIT._replace(id="h2")
    events = parse_hits(b"\n".join(map(written, (HIT, other, HIT)))).events
    assert len({event_key(event, event.address) for event in events}) == 2


def test_a_damaged_line_costs_only_itself() -> None:
    lines = [written(HIT), b"{", b"[]", b'{"id":"h3"}', written(HIT._replace(id="h4"))]
    lines.append(orjson.dumps({**orjson.loads(written(HIT)), "address": 7}))
    lines.append(orjson.dumps({**orjson.loads(written(HIT)), "at": "yesterday"}))
    found = parse_hits(b"\n".join(lines))
    assert [event.provider_event_id for event in found.events] == ["h1", "h4"]
    assert [problem.split(":")[0] for problem in found.problems] == [
        f"hit {n}" for n in (1, 2, 3, 5, 6)
    ]


@given(st.binary())
def test_any_bytes_can_be_given(body: bytes) -> None:
    found = parse_hits(body)
    assert found.events == []
    assert len(found.problems) == len(body.splitlines())


@pytest.mark.parametrize(
    ("method", "headers", "is_ahead"),
    [
        ("GET", {}, False),
        ("HEAD", {}, True),
        ("GET", {"sec-purpose": "prefetch;prerender"}, True),
        ("GET", {"purpose": "Prefetch"}, True),
        ("GET", {"x-purpose": "preview"}, True),
        ("GET", {"x-moz": "prefetch"}, True),
        ("GET", {"purpose": "reading", "accept": "preview"}, False),
    ],
)
def test_a_request_may_say_that_nobody_looks_yet(
    method: str, headers: dict[str, str], is_ahead: bool
) -> None:
    assert announces_prefetch(method, headers) is is_ahead


TOKENS = Tokens("k" * 48)
MAIL = OutgoingMail(
    provider="mail", campaign_id="c", address="kim@acme.com", message_id="m1@us.example"
)
SEALED = TOKENS.seal(Token(TokenKind.UNSUBSCRIBE, "mail", "m1@us.example", "kim@acme.com"))


def headers(base_url: str, mailbox: str = "", mail: OutgoingMail = MAIL) -> dict[str, str]:
    make = Outgoing(TOKENS, base_url, mailbox, lambda: "minted")
    return dict(make(mail, is_tracked=True).headers)


def test_one_click_unsubscribing_needs_https() -> None:
    assert headers("https://t.example") == {
        "Message-ID": "<m1@us.example>",
        "List-Unsubscribe": f"<https://t.example/u/{SEALED}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert headers("http://t.example") == {
        "Message-ID": "<m1@us.example>",
        "List-Unsubscribe": f"<http://t.example/u/{SEALED}>",
    }


def test_a_mailbox_takes_unsubscribing_mail_too_while_the_line_is_short_enough() -> None:
    found = headers("https://t.example", "out+1@us.example")["List-Unsubscribe"]
    assert found == (
        f"<https://t.example/u/{SEALED}>, "
        f"<mailto:out%2B1@us.example?subject=unsubscribe%20{SEALED}>"
    )
    long = replace(MAIL, message_id=f"{'x' * 400}@us.example")
    assert "mailto" not in headers("https://t.example", "out@us.example", long)["List-Unsubscribe"]


@pytest.mark.parametrize(
    ("base_url", "message_id"),
    [
        ("https://t.example", "<minted@t.example>"),
        ("https://t.example:8443/path", "<minted@t.example>"),
        ("http://127.0.0.1:8000", "<minted@[127.0.0.1]>"),
        ("http://[::1]:8000", "<minted@[IPv6:::1]>"),
    ],
)
def test_a_minted_message_id_ends_in_our_host(base_url: str, message_id: str) -> None:
    assert headers(base_url, mail=replace(MAIL, message_id=None))["Message-ID"] == message_id


def clicked(url: str | None) -> ReportedEvent:
    return ReportedEvent(provider="sendgrid", kind=EventKind.CLICKED, occurred_at=AT, url=url)


def test_a_provider_that_wrapped_our_link_reports_where_it_leads() -> None:
    ours = f"https://t.example/c/{TOKENS.seal(CLICK)}"
    decoy = f"https://t.example/c/{TOKENS.seal(replace(CLICK, kind=TokenKind.DECOY, url=None))}"
    others = ["https://us.example/c/page", "https://us.example/c/" + "x" * 40, None]
    urls = [ours, f"{ours}?utm_source=news", decoy, *others]
    found = unwrapped(ParsedPayload([clicked(url) for url in urls], ["one bad"]), TOKENS.open)
    assert [event.url for event in found.events] == [CLICK.url, CLICK.url, None, *others]
    assert [event.is_decoy for event in found.events] == [False, False, True, False, False, False]
    assert found.problems == ["one bad"]


def test_what_has_no_link_of_ours_is_left_as_it_is() -> None:
    found = ParsedPayload([clicked("https://us.example/a"), clicked(None)], [])
    assert unwrapped(found, TOKENS.open) is found
