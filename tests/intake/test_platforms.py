"""The marketing platforms' own ways of proving who they are, and of saying a thing twice."""

from datetime import timedelta
from typing import Any

import orjson
import pytest

from domain.events import EventKind
from domain.identity import event_key
from intake.webhooks import (
    PROVIDERS,
    Credential,
    Refused,
    WebhookRequest,
    parse,
    settings_problems,
    stored_headers,
    stored_query,
    verify,
)
from tests.intake.payloads import customerio
from tests.intake.signing import (
    FORM,
    ITERABLE_TOKEN,
    JSON,
    MAILCHIMP_SECRET,
    NOW,
    SETTINGS,
    basic_auth,
    certificates,
    sign,
)
from tests.intake.test_payloads import MODULES

PLATFORMS = ("customerio", "klaviyo", "mailchimp", "iterable", "braze")
BEARERS = [name for name in PLATFORMS if PROVIDERS[name].credential is Credential.BEARER]


def signed(provider: str, **changes: Any) -> WebhookRequest:
    request = sign(provider, MODULES[provider].CASES[0].raw)
    values: dict[str, Any] = {
        "body": request.body,
        "headers": request.headers,
        "query": request.query,
    }
    return WebhookRequest(**(values | {"url": request.url, "received_at": NOW} | changes))


async def taken(provider: str, request: WebhookRequest, *settings: dict[str, str]) -> None:
    await verify(provider, request, settings or [SETTINGS[provider]], certificates())


async def refusal(provider: str, request: WebhookRequest, *settings: dict[str, str]) -> Refused:
    with pytest.raises(Refused) as caught:
        await taken(provider, request, *settings)
    return caught.value


def test_three_platforms_send_a_secret_and_sign_nothing() -> None:
    assert BEARERS == ["mailchimp", "iterable", "braze"]


@pytest.mark.parametrize("provider", BEARERS)
async def test_a_request_without_the_secret_is_unsigned(provider: str) -> None:
    request = signed(provider, headers=JSON if provider != "mailchimp" else FORM, query="")

    refused = await refusal(provider, request)

    assert (refused.status, refused.code) == (401, "UNSIGNED")
    assert refused.message.startswith(f"{PROVIDERS[provider].title}: the request has no ")


@pytest.mark.parametrize(
    ("provider", "changes"),
    [
        ("braze", {"headers": JSON | {"authorization": "Bearer guessed"}}),
        ("braze", {"headers": JSON | {"authorization": "Basic braze-token-of-26-letters"}}),
        ("braze", {"headers": JSON | {"authorization": "braze-token-of-26-letters"}}),
        ("braze", {"headers": JSON | {"authorization": "Bearer \xe9"}}),
        ("iterable", {"headers": JSON | {"authorization": "OAuth2 guessed"}}),
        ("iterable", {"headers": JSON | {"authorization": "OAuth2"}}),
        ("iterable", {"headers": JSON | {"authorization": "\xff"}}),
        ("mailchimp", {"query": "secret=guessed"}),
        ("mailchimp", {"query": "secret=%ff%fe"}),
        ("customerio", {"headers": JSON | {"x-cio-signature": "00", "x-cio-timestamp": "soon"}}),
        ("customerio", {"headers": JSON | {"x-cio-signature": "00"}}),
        ("klaviyo", {"headers": JSON | {"klaviyo-signature": "00"}}),
    ],
)
async def test_a_wrong_secret_or_signature_is_refused(
    provider: str, changes: dict[str, Any]
) -> None:
    refused = await refusal(provider, signed(provider, **changes))

    assert (refused.status, refused.code) == (403, "WRONG_SIGNATURE")


@pytest.mark.parametrize("scheme", ["", "Basic ", "OAuth2 ", "Bearer "])
async def test_iterable_may_put_any_word_or_none_before_the_token(scheme: str) -> None:
    await taken(
        "iterable", signed("iterable", headers=JSON | {"authorization": scheme + ITERABLE_TOKEN})
    )


async def test_iterable_can_be_trusted_by_a_password_in_its_url() -> None:
    password = {"webhook_secret": "postman:knocks-twice"}
    request = signed("iterable", headers=JSON | basic_auth())
    unsigned = await refusal("iterable", signed("iterable", headers=JSON), password)
    wrong = signed("iterable", headers=JSON | basic_auth("postman:once"))

    await taken("iterable", request, password)
    assert (unsigned.status, unsigned.wants_basic_auth) == (401, True)
    assert (await refusal("iterable", wrong, password)).code == "WRONG_SIGNATURE"


async def test_a_secret_given_twice_to_mailchimp_is_no_secret() -> None:
    query = signed("mailchimp").query

    refused = await refusal("mailchimp", signed("mailchimp", query=f"secret=guessed&{query}"))

    assert refused.code == "WRONG_SIGNATURE"


def test_mailchimps_secret_is_not_stored_with_the_request() -> None:
    request = signed("mailchimp")

    assert stored_query("mailchimp", f"list=a6b5da1054&{request.query}") == "list=a6b5da1054"
    assert stored_query("braze", "app=Brand%20A") == "app=Brand%20A"
    assert stored_query("nobody", "a=b") == "a=b"
    assert MAILCHIMP_SECRET.encode() not in request.body


@pytest.mark.parametrize("provider", PLATFORMS)
def test_no_header_of_a_platform_is_stored_but_its_content_type(provider: str) -> None:
    request = signed(provider)

    assert set(stored_headers(provider, request.headers)) == {"content-type"}


@pytest.mark.parametrize("age", [timedelta(minutes=-4), timedelta(hours=1), timedelta(days=7)])
async def test_customer_ios_signature_is_good_for_as_long_as_it_retries(age: timedelta) -> None:
    await taken("customerio", signed("customerio", received_at=NOW + age))


@pytest.mark.parametrize("age", [timedelta(minutes=-6), timedelta(days=7, minutes=6)])
async def test_customer_ios_signature_of_the_future_or_of_long_ago_is_refused(
    age: timedelta,
) -> None:
    refused = await refusal("customerio", signed("customerio", received_at=NOW + age))

    assert refused.code == "WRONG_SIGNATURE"


async def test_klaviyos_headers_must_name_the_webhook_that_its_body_is_of() -> None:
    headers = signed("klaviyo").headers
    other = {**headers, "klaviyo-webhook-id": "01ANOTHERWEBHOOK"}
    silent = {name: value for name, value in headers.items() if name != "klaviyo-webhook-id"}

    await taken("klaviyo", signed("klaviyo", headers=silent))
    refused = await refusal("klaviyo", signed("klaviyo", headers=other))

    assert (refused.status, refused.code) == (400, "DAMAGED_PAYLOAD")


async def test_klaviyo_signs_the_time_too() -> None:
    headers = {
        **signed("klaviyo").headers,
        "klaviyo-timestamp": "Tue, 03 Mar 2026 12:00:00 GMT",
    }

    assert (await refusal("klaviyo", signed("klaviyo", headers=headers))).status == 403


async def test_an_old_signature_of_klaviyo_is_taken() -> None:
    """It repeats facts that are already there, under the same keys."""
    await taken("klaviyo", signed("klaviyo", received_at=NOW + timedelta(days=30)))


async def test_mailchimp_sends_forms_and_nothing_else() -> None:
    refused = await refusal("mailchimp", signed("mailchimp", headers=JSON))

    assert (refused.status, refused.code) == (415, "UNSUPPORTED_CONTENT_TYPE")


@pytest.mark.parametrize(
    ("provider", "setting"),
    [
        ("klaviyo", "secret_key"),
        ("mailchimp", "url_secret"),
        ("iterable", "auth_token"),
        ("braze", "bearer_token"),
    ],
)
def test_a_made_up_secret_that_is_too_short_is_named(provider: str, setting: str) -> None:
    assert settings_problems({provider: [{setting: "x" * 16}]}) == []
    assert settings_problems({provider: [{setting: "x" * 15}]}) == [
        f"{provider}: its settings cannot be used: {setting} is too short; "
        "make it 16 characters or more"
    ]


@pytest.mark.parametrize("provider", PLATFORMS)
def test_an_event_sent_again_is_the_same_fact(provider: str) -> None:
    for case in MODULES[provider].CASES:
        first = parse(provider, WebhookRequest(body=case.raw, received_at=NOW)).events
        again = parse(
            provider, WebhookRequest(body=case.raw, received_at=NOW + timedelta(hours=1))
        ).events

        assert [event_key(e, e.address) for e in again] == [event_key(e, e.address) for e in first]


def test_an_open_that_customer_io_reports_twice_is_one_fact() -> None:
    """As `opened` and as `human_opened`, each under an event_id of its own."""
    keys = set()
    for position, metric in enumerate(["opened", "human_opened", "opened"]):
        whole = customerio.body(metric, customerio.DATA) | {"event_id": f"01E{position}"}
        (event,) = parse("customerio", WebhookRequest(body=orjson.dumps(whole))).events
        assert event.kind is EventKind.OPENED
        keys.add(event_key(event, event.address))

    assert len(keys) == 1


@pytest.mark.parametrize(("provider", "field"), [("klaviyo", "data"), ("braze", "events")])
def test_one_bad_event_in_a_platforms_batch_costs_only_itself(provider: str, field: str) -> None:
    case = next(case for case in MODULES[provider].CASES if case.name == "a batch")
    whole = orjson.loads(case.raw)
    good = whole[field]
    bad: list[Any] = [7, None, {}, {"topic": 7, "event_type": 7}, without_time(good[0])]
    whole[field] = [good[0], *bad, *good[1:]]

    parsed = parse(provider, WebhookRequest(body=orjson.dumps(whole), received_at=NOW))

    assert tuple(parsed.events) == case.expected
    assert len(parsed.problems) == len(bad)
    assert parsed.problems[0].startswith("event 1: ")
    assert parsed.problems[-1].endswith(" without a time")


def without_time(event: dict[str, Any]) -> dict[str, Any]:
    return orjson.loads(  # type: ignore[no-any-return]
        orjson.dumps(event)
        .replace(b'"time"', b'"no time"')
        .replace(b'"datetime"', b'"no datetime"')
        .replace(b'"timestamp"', b'"no timestamp"')
    )
