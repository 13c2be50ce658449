"""Who may report: right, wrong, missing, rotated and old signatures of all of them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from domain.events import EventKind, ReportedEvent
from intake.webhooks import (
    PROVIDERS,
    Credential,
    Refused,
    WebhookRequest,
    parse,
    settings_problems,
    stored_headers,
    verify,
)
from tests.intake.signing import (
    FORM,
    JSON,
    MAILGUN_KEY,
    NOW,
    SENDGRID_KEY,
    SETTINGS,
    basic_auth,
    certificates,
    public_base64,
    sign,
    sign_mailgun_form,
)
from tests.intake.test_payloads import MODULES

ALL = sorted(PROVIDERS)
BODIES = {name: MODULES[name].CASES[0].raw for name in ALL}
OTHERS: dict[str, dict[str, str]] = {
    "amazon-ses": {"topic_arn": "arn:aws:sns:eu-west-1:123456789012:another"},
    "sendgrid": {
        "tracking_webhook_verification_key": public_base64(ec.generate_private_key(ec.SECP256R1()))
    },
    "postal": {"webhook_key": public_base64(ec.generate_private_key(ec.SECP256R1()))},
    "resend": {"signing_secret": "whsec_bm90IHRoZSBzZWNyZXQgd2Ugc2hhcmU="},
}
"""Settings of somebody else's account."""


def other(provider: str) -> dict[str, str]:
    return OTHERS.get(provider, dict.fromkeys(SETTINGS[provider], "another:one"))


async def refusal(provider: str, request: WebhookRequest, *settings: dict[str, str]) -> Refused:
    with pytest.raises(Refused) as caught:
        await verify(provider, request, settings, certificates())
    return caught.value


def changed(request: WebhookRequest, **changes: Any) -> WebhookRequest:
    values = {
        "body": request.body,
        "headers": request.headers,
        "query": request.query,
        "url": request.url,
    }
    return WebhookRequest(**(values | {"received_at": request.received_at} | changes))


def test_the_providers_of_the_door_are_there() -> None:
    assert " ".join(ALL) == (
        "amazon-ses braze brevo customerio hubspot iterable klaviyo mailchimp mailersend mailgun "
        "mailjet mailtrap mandrill postal postmark resend sendgrid sparkpost unisender-go"
    )


@pytest.mark.parametrize("provider", ALL)
async def test_a_request_signed_with_our_secret_is_taken(provider: str) -> None:
    request = sign(provider, BODIES[provider])

    await verify(provider, request, [SETTINGS[provider]], certificates())


@pytest.mark.parametrize("provider", ALL)
async def test_while_secrets_rotate_the_new_and_the_old_one_are_good(provider: str) -> None:
    request = sign(provider, BODIES[provider])

    await verify(provider, request, [other(provider), SETTINGS[provider]], certificates())
    await verify(provider, request, [SETTINGS[provider], other(provider)], certificates())


@pytest.mark.parametrize("provider", ALL)
async def test_a_request_signed_with_another_secret_is_refused(provider: str) -> None:
    request = sign(provider, BODIES[provider])

    refused = await refusal(provider, request, other(provider))

    assert (refused.status, refused.code) == (403, "WRONG_SIGNATURE")
    assert PROVIDERS[provider].title in refused.message


@pytest.mark.parametrize("provider", ALL)
async def test_a_provider_without_a_secret_is_refused_and_told_the_setting(provider: str) -> None:
    request = sign(provider, BODIES[provider])

    for settings in ((), ({},), (dict.fromkeys(SETTINGS[provider], ""),)):
        refused = await refusal(provider, request, *settings)

        assert (refused.status, refused.code) == (403, "PROVIDER_NOT_CONFIGURED")
        assert "PROVIDERS" in refused.message
        assert PROVIDERS[provider].secrets[0] in refused.message


@pytest.mark.parametrize(
    "provider", [name for name in ALL if PROVIDERS[name].credential is Credential.HEADER]
)
async def test_a_request_without_its_signature_header_is_unsigned(provider: str) -> None:
    request = sign(provider, BODIES[provider])
    header = PROVIDERS[provider].signature_header
    headers = {name: value for name, value in request.headers.items() if name != header}

    refused = await refusal(provider, changed(request, headers=headers), SETTINGS[provider])

    assert (refused.status, refused.code) == (401, "UNSIGNED")
    assert header in refused.message


@pytest.mark.parametrize(
    "provider", [name for name in ALL if PROVIDERS[name].credential is Credential.BASIC_AUTH]
)
async def test_basic_auth_is_asked_for_and_compared(provider: str) -> None:
    request = sign(provider, BODIES[provider])

    unsigned = await refusal(provider, changed(request, headers=JSON), SETTINGS[provider])
    wrong = await refusal(
        provider, changed(request, headers=JSON | basic_auth("postman:once")), SETTINGS[provider]
    )

    assert (unsigned.status, unsigned.code, unsigned.wants_basic_auth) == (401, "UNSIGNED", True)
    assert (wrong.status, wrong.code, wrong.wants_basic_auth) == (403, "WRONG_SIGNATURE", False)


@pytest.mark.parametrize(
    "provider",
    [
        name
        for name in ALL
        if PROVIDERS[name].credential is Credential.HEADER or name == "unisender-go"
    ],
)
async def test_a_body_changed_after_signing_is_refused(provider: str) -> None:
    request = sign(provider, BODIES[provider])
    forged = request.body.replace(b"ada", b"eve", 1)
    assert forged != request.body

    refused = await refusal(provider, changed(request, body=forged), SETTINGS[provider])

    assert (refused.status, refused.code) == (403, "WRONG_SIGNATURE")


@pytest.mark.parametrize("secret", ["None", "", "no-colon"])
async def test_a_webhook_secret_without_a_colon_lets_nobody_in(secret: str) -> None:
    request = WebhookRequest(body=BODIES["postmark"], headers=JSON)

    refused = await refusal("postmark", request, {"webhook_secret": secret})

    assert (refused.status, refused.code) == (403, "PROVIDER_NOT_CONFIGURED")


async def test_where_both_a_key_and_a_password_are_set_both_must_be_right() -> None:
    both = SETTINGS["sendgrid"] | {"webhook_secret": "postman:knocks-twice"}
    request = sign("sendgrid", BODIES["sendgrid"])

    assert (await refusal("sendgrid", request, both)).status == 401
    await verify(
        "sendgrid",
        changed(request, headers={**request.headers, **basic_auth()}),
        [both],
        certificates(),
    )


@pytest.mark.parametrize("provider", ["sendgrid", "mailtrap", "resend"])
async def test_a_provider_that_may_sign_can_be_trusted_by_its_password_alone(
    provider: str,
) -> None:
    password = {"webhook_secret": "postman:knocks-twice"}
    good = WebhookRequest(body=BODIES[provider], headers=JSON | basic_auth())
    wrong = changed(good, headers=JSON | basic_auth("postman:once"))

    await verify(provider, good, [password], certificates())
    refused = await refusal(provider, wrong, password)

    assert (refused.status, refused.code) == (403, "WRONG_SIGNATURE")
    assert refused.message.endswith("with our secret (webhook_secret in PROVIDERS).")


@pytest.mark.parametrize("minutes", [-6, 6])
async def test_resend_signs_each_attempt_anew_so_an_old_signature_is_refused(minutes: int) -> None:
    request = sign("resend", BODIES["resend"])
    later = changed(request, received_at=NOW + timedelta(minutes=minutes))

    assert (await refusal("resend", later, SETTINGS["resend"])).code == "WRONG_SIGNATURE"


@pytest.mark.parametrize("provider", ["sendgrid", "mailgun"])
async def test_an_old_signature_of_a_provider_that_retries_for_hours_is_taken(
    provider: str,
) -> None:
    """It repeats a fact that is already there, under the same key."""
    request = sign(provider, BODIES[provider], at=NOW - timedelta(hours=20))

    await verify(provider, changed(request, received_at=NOW), [SETTINGS[provider]], certificates())


async def test_resend_may_sign_with_two_secrets_at_once() -> None:
    request = sign("resend", BODIES["resend"])
    good = request.headers["svix-signature"]
    headers = {**request.headers, "svix-signature": f"v2,AAAA v1,c29tZXRoaW5nIGVsc2U= {good}"}

    await verify("resend", changed(request, headers=headers), [SETTINGS["resend"]], certificates())


@pytest.mark.parametrize("secret", ["whsec_", "whsec_%%", "whsec_c2hvcnQ="])
async def test_a_secret_that_resend_cannot_have_given_verifies_nothing(secret: str) -> None:
    request = sign("resend", BODIES["resend"])

    assert (await refusal("resend", request, {"signing_secret": secret})).status == 403


async def test_mandrill_signs_the_url_it_was_given() -> None:
    request = sign("mandrill", BODIES["mandrill"])
    inside = changed(request, url="http://10.0.0.5:8000/webhooks/mandrill")
    told = SETTINGS["mandrill"] | {"webhook_url": request.url}

    assert (await refusal("mandrill", inside, SETTINGS["mandrill"])).code == "WRONG_SIGNATURE"
    await verify("mandrill", inside, [told], certificates())


async def test_mailguns_form_of_old_accounts_is_verified_and_read() -> None:
    form = (
        b"event=clicked&recipient=ada%40customer.example&Message-Id=%3Ca%40mg.example%3E"
        b"&url=https%3A%2F%2Fexample.com%2Fnews&ip=203.0.113.7&user-agent=Agent&tag=news"
        b"&campaign-id=c-1&campaign-name=March%00&domain=mg.example"
    )
    signed = sign_mailgun_form(form, NOW)
    request = WebhookRequest(body=signed.body, headers=signed.headers)

    await verify("mailgun", request, [SETTINGS["mailgun"]], certificates())
    parsed = parse("mailgun", request)

    assert parsed.events == [
        ReportedEvent(
            provider="mailgun",
            kind=EventKind.CLICKED,
            occurred_at=NOW,
            address="ada@customer.example",
            message_reference="a@mg.example",
            campaign_id="c-1",
            campaign_name="March",
            tags=("news",),
            url="https://example.com/news",
            user_agent="Agent",
            ip="203.0.113.7",
        )
    ]


async def test_mailguns_form_with_a_wrong_signature_is_refused() -> None:
    signed = sign_mailgun_form(b"event=opened", NOW, "another key")
    request = WebhookRequest(body=signed.body, headers=signed.headers)

    assert (await refusal("mailgun", request, SETTINGS["mailgun"])).code == "WRONG_SIGNATURE"


async def test_mailguns_json_without_a_signature_is_refused() -> None:
    request = WebhookRequest(body=b'{"event-data": {}}', headers=JSON)

    refused = await refusal("mailgun", request, SETTINGS["mailgun"])

    assert (refused.status, refused.code) == (403, "WRONG_SIGNATURE")


def test_stored_headers_keep_what_reading_needs_and_no_credential() -> None:
    headers = {
        **JSON,
        "authorization": "Basic c2VjcmV0",
        "svix-id": "msg_1",
        "svix-signature": "v1,x",
        "cookie": "c",
    }

    assert stored_headers("resend", headers) == {**JSON, "svix-id": "msg_1"}
    assert stored_headers("postmark", headers) == JSON
    assert stored_headers("nobody", headers) == JSON


@pytest.mark.parametrize("provider", ALL)
def test_the_settings_of_the_documentation_have_no_problem(provider: str) -> None:
    assert settings_problems({provider: [SETTINGS[provider]]}) == []


@pytest.mark.parametrize(
    ("providers", "problem"),
    [
        ({"pigeon": [{}]}, "pigeon: no such provider; known are amazon-ses, brevo,"),
        (
            {"sendgrid": [{"webhook_key": "x"}]},
            "sendgrid: 'webhook_key' is no setting of it; known are "
            "tracking_webhook_verification_key, webhook_secret",
        ),
        ({"mailgun": [{"webhook_secret": "a:b"}]}, "mailgun: needs webhook_signing_key"),
        (
            {"postmark": [{"webhook_secret": "ab"}]},
            'postmark: webhook_secret must be "user:password"',
        ),
        (
            {"sendgrid": [{"tracking_webhook_verification_key": "x"}]},
            "sendgrid: its settings cannot be used: ",
        ),
        (
            {"resend": [{"signing_secret": "whsec_"}]},
            "resend: its settings cannot be used: signing_secret is too short; "
            "copy it whole, from whsec_ on",
        ),
    ],
)
def test_a_setting_that_cannot_work_is_named(
    providers: dict[str, list[dict[str, str]]], problem: str
) -> None:
    (found,) = settings_problems(providers)

    assert found.startswith(problem)


async def test_an_unknown_provider_is_a_404_that_names_the_known() -> None:
    refused = await refusal("pigeon", WebhookRequest(body=b"{}", headers=JSON))

    assert (refused.status, refused.code) == (404, "UNKNOWN_PROVIDER")
    assert refused.message == (
        "There is no provider 'pigeon'. Known are amazon-ses, brevo, mailersend, mailgun, "
        "mailjet, mailtrap, mandrill, postal, postmark, resend, sendgrid, sparkpost, "
        "unisender-go, customerio, klaviyo, mailchimp, iterable, braze, hubspot."
    )


def test_nothing_of_the_secrets_is_in_a_signed_request() -> None:
    """Or the tests would prove nothing."""
    assert MAILGUN_KEY.encode() not in sign("mailgun", BODIES["mailgun"]).body
    assert SENDGRID_KEY.private_numbers().private_value > 0
    assert json.loads(sign("unisender-go", BODIES["unisender-go"]).body)["auth"] != ""
    assert FORM != JSON
