"""HubSpot's signature, and settings that pull but vouch for nothing."""

from datetime import timedelta

import pytest

from intake.mail import MailContext, read_mail
from intake.webhooks import Refused, WebhookRequest, settings_problems, verify
from tests.intake.payloads.hubspot import CASES
from tests.intake.signing import BASE_URL, NOW, SETTINGS, certificates, sign, sign_hubspot

BODY = CASES[0].raw
KNOWN = SETTINGS["hubspot"]


async def refusal(request: WebhookRequest, settings: dict[str, str]) -> Refused:
    with pytest.raises(Refused) as caught:
        await verify("hubspot", request, [settings], certificates())
    return caught.value


def arriving(url: str, *, signed_url: str, minutes: float = 0) -> WebhookRequest:
    signed = sign_hubspot(BODY, NOW, url=signed_url)
    return WebhookRequest(
        body=signed.body,
        headers=signed.headers,
        url=url,
        received_at=NOW + timedelta(minutes=minutes),
    )


@pytest.mark.parametrize("minutes", [-5.1, 5.1])
async def test_a_signature_of_more_than_five_minutes_is_refused(minutes: float) -> None:
    url = BASE_URL + "hubspot"
    late = arriving(url, signed_url=url, minutes=minutes)

    assert (await refusal(late, KNOWN)).code == "WRONG_SIGNATURE"
    await verify("hubspot", arriving(url, signed_url=url, minutes=4.9), [KNOWN], certificates())


async def test_the_url_is_signed_with_some_of_its_escapes_decoded() -> None:
    url = BASE_URL + "hubspot?back=https%3a%2F%2Fa.example%3Fx%3D1&name=a%20b"
    decoded = BASE_URL + "hubspot?back=https://a.example?x%3D1&name=a%20b"

    await verify("hubspot", arriving(url, signed_url=decoded), [KNOWN], certificates())
    assert (await refusal(arriving(url, signed_url=url), KNOWN)).status == 403


async def test_hubspot_signs_the_url_it_was_given() -> None:
    inside = arriving("http://10.0.0.5:8000/webhooks/hubspot", signed_url=BASE_URL + "hubspot")
    told = KNOWN | {"webhook_url": BASE_URL + "hubspot"}

    assert (await refusal(inside, KNOWN)).code == "WRONG_SIGNATURE"
    await verify("hubspot", inside, [told], certificates())


@pytest.mark.parametrize("sent_at", ["", "now", "1e400", "9" * 5000, "99999999999999999999"])
async def test_a_timestamp_that_is_none_is_refused(sent_at: str) -> None:
    request = sign("hubspot", BODY)
    headers = {**request.headers, "x-hubspot-request-timestamp": sent_at}
    strange = WebhookRequest(body=BODY, headers=headers, url=request.url, received_at=NOW)

    assert (await refusal(strange, KNOWN)).code == "WRONG_SIGNATURE"


async def test_a_token_that_only_pulls_opens_no_door() -> None:
    refused = await refusal(sign("hubspot", BODY), {"access_token": "pat-eu1-x"})

    assert (refused.status, refused.code) == (403, "PROVIDER_NOT_CONFIGURED")
    assert "client_secret" in refused.message


def test_a_token_alone_is_enough_to_pull_and_nothing_at_all_is_too_little() -> None:
    assert settings_problems({"hubspot": [{"access_token": "pat-eu1-x"}]}) == []
    assert settings_problems({"hubspot": [KNOWN, {"access_token": "pat-eu1-x"}]}) == []
    assert settings_problems({"hubspot": [{"webhook_url": "https://x.example"}]}) == [
        "hubspot: needs client_secret or access_token"
    ]


def test_a_copy_of_a_mail_and_its_events_name_one_message() -> None:
    """X-HubSpot-MID is what the events call `hmid` (HubSpot, email events)."""
    copy = (
        b"From: news@us.example\r\nTo: ada@customer.example\r\nSubject: Our news\r\n"
        b"Date: Sun, 01 Mar 2026 10:00:04 +0000\r\nMessage-ID: <1@bf1.hubspotemail.net>\r\n"
        b"X-HubSpot-MID: f4d1a2b0-mid\r\n\r\nHello\r\n"
    )
    context = MailContext(internal_domains=frozenset({"us.example"}), open_token=lambda _: None)
    (sent,) = read_mail(copy, NOW, context).events
    (told,) = next(case for case in CASES if "X-HubSpot-MID" in case.name).expected

    assert (sent.carried_by, sent.message_reference) == (told.provider, told.message_reference)
