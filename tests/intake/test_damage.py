"""Whatever the bytes: a refusal with a 4xx, never another exception; one bad event costs itself."""

import json
import random
from typing import Any

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intake.webhooks import (
    PROVIDERS,
    Refused,
    WebhookRequest,
    handshake,
    parse,
    stored_headers,
    verify,
)
from tests.intake.signing import FORM, JSON, NOW, SETTINGS, certificates, sign
from tests.intake.test_payloads import MODULES

ALL = sorted(PROVIDERS)
BODIES = {name: [case.raw for case in MODULES[name].CASES] for name in ALL}
MUTANTS = 150
"""Per provider; ten times as many were tried when this was written."""

BROKEN = [b"", b"{", b"[", b"null", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b"{}}", b"NaN"]


async def outcome(provider: str, request: WebhookRequest) -> Refused | None:
    try:
        await verify(provider, request, [SETTINGS[provider]], certificates())
        handshake(provider, request)
    except Refused as refused:
        return refused
    return None


@pytest.mark.parametrize("body", BROKEN, ids=lambda body: repr(body[:8]))
@pytest.mark.parametrize("provider", ALL)
async def test_a_signed_body_that_can_never_be_taken_is_refused_for_good(
    provider: str, body: bytes
) -> None:
    refused = await outcome(provider, sign(provider, body))

    assert refused is not None
    assert (refused.status, refused.code) == (
        406 if provider == "mailgun" else 400,
        "DAMAGED_PAYLOAD",
    )
    assert refused.message.startswith(f"{PROVIDERS[provider].title}: the body cannot be read: ")


SHAPES: dict[str, list[Any]] = {
    "amazon-ses": [[], 7],
    "brevo": [{"items": []}, "x"],
    "braze": [{}, [], {"events": {}}],
    "customerio": [{}, [], {"object_type": "email"}],
    "hubspot": [{}, {"events": 7}, {"other": 1}],
    "iterable": [{}, [], {"eventName": 7}],
    "klaviyo": [{}, [], {"data": {}}],
    "mailchimp": [{}, [], {"type": "subscribe"}],
    "mailersend": [{}, [], {"type": "inbound.message"}],
    "mailgun": [{}, [], {"event-data": 7}],
    "mailjet": ["x", 7],
    "mailtrap": [{}, [], {"events": {}}],
    "mandrill": [{}, "x"],
    "postal": [{}, [], {"rcpt_to": "x"}],
    "postmark": [[], {"FromFull": {}}],
    "resend": [{}, [], {"type": 7}],
    "sendgrid": [{}, "x"],
    "sparkpost": [{}, 7],
    "unisender-go": [[], {}, {"other": 1}],
}


@pytest.mark.parametrize(
    ("provider", "shape"), [(name, shape) for name in ALL for shape in SHAPES[name]]
)
async def test_json_of_another_shape_than_the_providers_is_refused(
    provider: str, shape: Any
) -> None:
    refused = await outcome(provider, sign(provider, orjson.dumps(shape)))

    assert refused is not None
    assert refused.code == "DAMAGED_PAYLOAD"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"content-type": "application/xml"}, "UNSUPPORTED_CONTENT_TYPE"),
        ({"content-type": "image/png; charset=x"}, "UNSUPPORTED_CONTENT_TYPE"),
        ({"content-encoding": "gzip"}, "UNSUPPORTED_ENCODING"),
        ({"content-encoding": "br, gzip"}, "UNSUPPORTED_ENCODING"),
    ],
)
@pytest.mark.parametrize("provider", ALL)
async def test_what_we_do_not_read_is_a_415(
    provider: str, headers: dict[str, str], code: str
) -> None:
    request = sign(provider, BODIES[provider][0])
    strange = WebhookRequest(
        body=request.body, headers={**request.headers, **headers}, received_at=NOW
    )

    refused = await outcome(provider, strange)

    assert refused is not None
    assert (refused.status, refused.code) == (415, code)


def mutated(body: bytes, dice: random.Random) -> bytes:
    """The body with a few bytes changed, lost, doubled or swapped with a JSON word."""
    found = bytearray(body)
    for _ in range(dice.randint(1, 4)):
        start = dice.randrange(len(found) + 1)
        end = min(len(found), start + dice.choice([0, 1, 2, 8, 64]))
        found[start:end] = dice.choice(
            [
                b"",
                b"null",
                b"{}",
                b"[]",
                b'"',
                b"-1",
                b"1e999",
                b"\\ud800",
                b"\\u0000",
                b"\xff",
                b":",
            ]
        )
    return bytes(found)


def scrambled(tree: Any, dice: random.Random) -> Any:
    """The same JSON with a few of its values replaced by others of any type."""
    if dice.random() < 0.06:
        return dice.choice([None, True, -1, 1e300, 2**53, "", "x", "\0", [], {}, [None], {"a": 1}])
    if isinstance(tree, dict):
        return {key: scrambled(value, dice) for key, value in tree.items() if dice.random() < 0.97}
    if isinstance(tree, list):
        return [scrambled(value, dice) for value in tree]
    return tree


def check_events(provider: str, request: WebhookRequest) -> None:
    """Parsing raises nothing and gives only values that PostgreSQL and JSON can carry."""
    headers = stored_headers(provider, request.headers)
    parsed = parse(
        provider,
        WebhookRequest(body=request.body, headers=headers, received_at=request.received_at),
    )
    for event in parsed.events:
        assert event.occurred_at.utcoffset() is not None
        for value in (*event, *event.tags):
            if isinstance(value, str):
                assert "\0" not in value
                assert len(value) <= 2_000
                value.encode()
            assert value is None or isinstance(value, (str, bool, tuple, type(NOW)))
    assert all(isinstance(problem, str) and len(problem) < 400 for problem in parsed.problems)


@pytest.mark.parametrize("provider", ALL)
async def test_mutated_bytes_raise_nothing_but_refusals(provider: str) -> None:
    dice = random.Random(f"bytes of {provider}")
    for _ in range(MUTANTS):
        request = sign(provider, dice.choice(BODIES[provider]))
        body = mutated(request.body, dice)
        damaged = WebhookRequest(
            body=body,
            headers=request.headers,
            query=request.query,
            url=request.url,
            received_at=NOW,
        )

        refused = await outcome(provider, damaged)

        assert refused is None or 400 <= refused.status < 500
        check_events(provider, damaged)


@pytest.mark.parametrize("provider", ALL)
async def test_scrambled_values_of_a_signed_body_raise_nothing(provider: str) -> None:
    dice = random.Random(f"values of {provider}")
    for _ in range(MUTANTS):
        try:
            tree = json.loads(dice.choice(BODIES[provider]))
        except ValueError:
            continue
        request = sign(provider, orjson.dumps(scrambled(tree, dice)))

        refused = await outcome(provider, request)

        assert refused is None or refused.code == "DAMAGED_PAYLOAD"
        check_events(provider, request)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.binary(max_size=200) | st.text(max_size=100).map(str.encode),
    content_type=st.sampled_from([*JSON.values(), *FORM.values(), "multipart/form-data", ""])
    | st.text(alphabet=st.characters(max_codepoint=255), max_size=40),
    name=st.sampled_from(["signature", "authorization", "svix-signature", "x-mandrill-signature"]),
    value=st.text(alphabet=st.characters(max_codepoint=255), max_size=60),
)
async def test_any_bytes_and_headers_raise_nothing_but_refusals(
    body: bytes, content_type: str, name: str, value: str
) -> None:
    request = WebhookRequest(
        body=body, headers={"content-type": content_type, name: value}, received_at=NOW
    )
    for provider in ALL:
        refused = await outcome(provider, request)

        assert refused is not None
        assert 400 <= refused.status < 500
        check_events(provider, request)


BAD_EVENTS: dict[str, Any] = {
    "sendgrid": [{"event": "open", "timestamp": "soon"}, {"event": "open"}, 7, None],
    "sparkpost": [{"msys": {"a": {}, "b": {}}}, {"msys": 7}, {}, 7],
    "mandrill": [{"event": "open", "ts": 1e300}, {"event": "open"}, 7],
    "mailjet": [{"event": "open", "time": True}, {"time": 1772359205}, 7],
}


@pytest.mark.parametrize("provider", sorted(BAD_EVENTS))
async def test_one_bad_event_in_a_batch_costs_only_itself(provider: str) -> None:
    batch = next(case for case in MODULES[provider].CASES if case.name in ("a batch", "grouped"))
    good, bad = orjson.loads(batch.raw), BAD_EVENTS[provider]
    request = sign(provider, orjson.dumps([good[0], *bad, *good[1:]]))

    assert await outcome(provider, request) is None
    parsed = parse(provider, request)

    assert tuple(parsed.events) == batch.expected
    assert len(parsed.problems) == len(bad)
    assert parsed.problems[0].startswith("event 1: ")


def test_a_known_event_without_a_time_is_a_problem_that_says_so() -> None:
    parsed = parse("sendgrid", sign("sendgrid", b'[{"event": "open", "email": "a@b.example"}]'))

    assert parsed.events == []
    assert parsed.problems == ["event 0: OPENED without a time"]


def test_an_unknown_event_without_a_time_is_dated_when_it_came() -> None:
    parsed = parse("sendgrid", sign("sendgrid", b'[{"event": "teleported"}]'))

    assert [(event.kind, event.occurred_at) for event in parsed.events] == [("UNKNOWN", NOW)]


def test_a_stored_body_that_cannot_be_read_is_one_problem() -> None:
    parsed = parse("postmark", WebhookRequest(body=b"{"))

    assert parsed.events == []
    assert len(parsed.problems) == 1
    assert parsed.problems[0].startswith("the body: ")


def test_a_payload_of_a_provider_that_is_gone_is_one_problem() -> None:
    parsed = parse("sendinblue", WebhookRequest(body=b"{}"))

    assert (parsed.events, parsed.problems) == ([], ["no provider 'sendinblue'"])


def test_half_an_emoji_and_a_nul_cost_a_character_each_not_the_batch() -> None:
    body = (
        b'[{"event":"open","timestamp":1,"useragent":"a\\ud83d b\\u0000c"},'
        b'{"event":"open","timestamp":2,"useragent":"\\ud83d\\ude00"}]'
    )

    parsed = parse("sendgrid", WebhookRequest(body=body))

    assert [event.user_agent for event in parsed.events] == ["a? bc", "\N{GRINNING FACE}"]
