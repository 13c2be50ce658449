"""Amazon SNS: signatures of both versions, pinned hosts, known topics, subscriptions."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from intake import sns
from intake.certificates import KEPT, Certificates
from intake.requests import Handshake, Refused, WebhookRequest
from intake.webhooks import handshake, verify
from tests.intake.signing import (
    BASE_URL,
    CERTIFICATE_URL,
    NOW,
    SETTINGS,
    Signed,
    basic_auth,
    certificate,
    certificates,
    sign_sns,
)

EVENT: dict[str, Any] = {"Type": "Notification", "Message": '{"eventType": "Open"}'}
SUBSCRIBE_URL = (
    "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription"
    "&TopicArn=arn:aws:sns:eu-west-1:123456789012:ses-events&Token=t0k3n"
)
SUBSCRIPTION: dict[str, Any] = {
    "Type": "SubscriptionConfirmation",
    "Message": "You have chosen to subscribe",
    "Token": "t0k3n",
    "SubscribeURL": SUBSCRIBE_URL,
}


def request(signed: Signed, **headers: str) -> WebhookRequest:
    return WebhookRequest(
        body=signed.body,
        headers={**signed.headers, **headers},
        url=BASE_URL + "amazon-ses",
        received_at=NOW,
    )


async def refusal(asked: WebhookRequest, known: Certificates | None = None) -> Refused:
    with pytest.raises(Refused) as caught:
        await verify("amazon-ses", asked, [SETTINGS["amazon-ses"]], known or certificates())
    return caught.value


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [None, "Amazon SES Email Event Notification"])
async def test_both_signature_versions_are_verified_with_and_without_a_subject(
    version: str, subject: str | None
) -> None:
    message = EVENT | {"SignatureVersion": version}
    if subject is not None:
        message["Subject"] = subject

    await verify("amazon-ses", request(sign_sns(message)), [SETTINGS["amazon-ses"]], certificates())


async def test_a_message_signed_by_another_key_is_refused() -> None:
    signed = sign_sns(EVENT, key=rsa.generate_private_key(public_exponent=65537, key_size=2048))

    refused = await refusal(request(signed))

    assert (refused.status, refused.code) == (403, "WRONG_SIGNATURE")
    assert refused.message == "Amazon SES: the signature is not Amazon's."


@pytest.mark.parametrize("field", ["Message", "MessageId", "Timestamp"])
async def test_a_field_changed_after_signing_is_found(field: str) -> None:
    signed = sign_sns(EVENT | {field: "original"})
    forged = Signed(signed.headers, signed.body.replace(b"original", b"0riginal"))

    refused = await refusal(request(forged))

    assert refused.code in ("WRONG_SIGNATURE", "DAMAGED_PAYLOAD")


@pytest.mark.parametrize("field", ["SignatureVersion", "Signature"])
@pytest.mark.parametrize("value", ["3", "", None, 2, ["1"], {"1": "1"}])
async def test_a_signature_of_a_kind_we_do_not_know_is_none(field: str, value: Any) -> None:
    signed = sign_sns(EVENT)
    forged = json.dumps(json.loads(signed.body) | {field: value}).encode()

    refused = await refusal(request(Signed(signed.headers, forged)))

    assert refused.status in (401, 403)
    assert refused.code in ("UNSIGNED", "WRONG_SIGNATURE")


async def test_somebody_elses_topic_is_refused_before_anything_is_fetched() -> None:
    """Amazon signs for everybody; only the topic says that it is ours."""

    async def fetch(url: str) -> bytes:
        raise AssertionError(f"fetched {url}")

    signed = sign_sns(SUBSCRIPTION | {"TopicArn": "arn:aws:sns:eu-west-1:666:theirs"})

    refused = await refusal(request(signed), Certificates(fetch))

    assert (refused.status, refused.code) == (403, "WRONG_SIGNATURE")
    assert refused.message == (
        "Amazon SES: the topic 'arn:aws:sns:eu-west-1:666:theirs' is no topic_arn in PROVIDERS."
    )


GOOD = "/SimpleNotificationService-0123456789abcdef.pem"


@pytest.mark.parametrize(
    "url",
    [
        CERTIFICATE_URL,
        f"https://sns.us-gov-west-1.amazonaws.com{GOOD}",
        f"https://sns.cn-north-1.amazonaws.com.cn{GOOD}",
    ],
)
def test_certificates_come_from_amazon_sns(url: str) -> None:
    assert sns.is_certificate_url(url)


@pytest.mark.parametrize(
    "url",
    [
        f"http://sns.eu-west-1.amazonaws.com{GOOD}",
        f"https://sns.eu-west-1.amazonaws.com.evil.example{GOOD}",
        f"https://evil.example/sns.eu-west-1.amazonaws.com{GOOD}",
        f"https://evil@sns.eu-west-1.amazonaws.com{GOOD}",
        f"https://sns.eu-west-1.amazonaws.com:8443{GOOD}",
        f"https://sns.eu-west-1.amazonaws.com@evil.example{GOOD}",
        f"https://bucket.s3.amazonaws.com{GOOD}",
        f"https://xsns.eu-west-1.amazonaws.com{GOOD}",
        f"https://sns.eu-west-1.amazonaws.com/..{GOOD}",
        f"https://sns.eu-west-1.amazonaws.com{GOOD}?x=1",
        "https://sns.eu-west-1.amazonaws.com/other.pem",
        "https://[sns",
        "",
    ],
)
async def test_a_certificate_from_elsewhere_is_not_fetched(url: str) -> None:
    async def fetch(url: str) -> bytes:
        raise AssertionError(f"fetched {url}")

    assert not sns.is_certificate_url(url)
    refused = await refusal(request(sign_sns(EVENT | {"SigningCertURL": url})), Certificates(fetch))
    assert refused.code == "WRONG_SIGNATURE"


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/?Action=ConfirmSubscription",
        "http://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription",
        "https://sns.eu-west-1.amazonaws.com/?Action=Publish",
        "https://sns.eu-west-1.amazonaws.com/elsewhere?Action=ConfirmSubscription",
    ],
)
async def test_a_subscribe_url_that_leads_elsewhere_is_refused(url: str) -> None:
    asked = request(sign_sns(SUBSCRIPTION | {"SubscribeURL": url}))

    await verify("amazon-ses", asked, [SETTINGS["amazon-ses"]], certificates())
    with pytest.raises(Refused) as caught:
        handshake("amazon-ses", asked)

    assert (caught.value.status, caught.value.code) == (403, "WRONG_SIGNATURE")


async def test_a_subscription_is_to_be_confirmed_and_not_stored() -> None:
    asked = request(sign_sns(SUBSCRIPTION))

    await verify("amazon-ses", asked, [SETTINGS["amazon-ses"]], certificates())

    assert handshake("amazon-ses", asked) == Handshake(SUBSCRIBE_URL)


async def test_the_end_of_a_subscription_is_answered_and_not_stored() -> None:
    asked = request(sign_sns(SUBSCRIPTION | {"Type": "UnsubscribeConfirmation"}))

    await verify("amazon-ses", asked, [SETTINGS["amazon-ses"]], certificates())

    assert handshake("amazon-ses", asked) == Handshake()


def test_a_notification_is_no_handshake() -> None:
    assert handshake("amazon-ses", request(sign_sns(EVENT))) is None
    assert handshake("postmark", WebhookRequest(body=b"{}")) is None


async def test_a_password_may_be_required_besides_the_signature() -> None:
    both = [SETTINGS["amazon-ses"] | {"webhook_secret": "postman:knocks-twice"}]
    signed = sign_sns(EVENT)

    with pytest.raises(Refused) as caught:
        await verify("amazon-ses", request(signed), both, certificates())
    await verify("amazon-ses", request(signed, **basic_auth()), both, certificates())

    assert (caught.value.status, caught.value.wants_basic_auth) == (401, True)


async def test_a_certificate_is_fetched_once() -> None:
    fetched: list[str] = []

    async def fetch(url: str) -> bytes:
        fetched.append(url)
        return certificate()

    known = Certificates(fetch)
    for _ in range(3):
        await verify("amazon-ses", request(sign_sns(EVENT)), [SETTINGS["amazon-ses"]], known)

    assert fetched == [CERTIFICATE_URL]


async def test_only_so_many_certificates_are_remembered() -> None:
    fetched: list[str] = []

    async def fetch(url: str) -> bytes:
        fetched.append(url)
        return certificate()

    known = Certificates(fetch)
    for number in range(KEPT + 1):
        await known.key(f"https://{number}")
    await known.key("https://1")
    await known.key("https://0")

    assert len(fetched) == KEPT + 2


@pytest.mark.parametrize("error", [ConnectionError("down"), TimeoutError("slow")])
async def test_a_certificate_that_cannot_be_fetched_now_is_asked_for_again(
    error: Exception,
) -> None:
    async def fetch(url: str) -> bytes:
        raise error

    refused = await refusal(request(sign_sns(EVENT)), Certificates(fetch))

    assert (refused.status, refused.code) == (503, "CERTIFICATE_UNAVAILABLE")


async def test_a_certificate_that_is_none_is_a_wrong_signature() -> None:
    async def missing(url: str) -> bytes:
        raise ValueError("404")

    elliptic = certificate(ec.generate_private_key(ec.SECP256R1()))
    for known in (Certificates(missing), certificates(b"<html>"), certificates(elliptic)):
        refused = await refusal(request(sign_sns(EVENT)), known)

        assert (refused.status, refused.code) == (403, "WRONG_SIGNATURE")
