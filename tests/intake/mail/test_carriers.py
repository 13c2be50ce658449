"""A mail seen by journaling and the same mail told by a webhook: one message, one campaign."""

import pytest

from tests.intake.cases import Case
from tests.intake.mail.cases import mail, read
from tests.intake.payloads import amazon_ses, brevo, mailgun, mandrill, postal, postmark, sendgrid

HEADERS = {
    "amazon-ses": "Message-ID: <{}@email.amazonses.com>\nX-SES-Message-Tags: campaign_id=spring-26",
    "brevo": 'Message-ID: <{}>\nX-Mailin-custom: {{"campaign_id": "spring-26"}}',
    "mailgun": 'Message-ID: <{}>\nX-Mailgun-Variables: {{"campaign_id": "spring-26"}}',
    "mandrill": "Message-ID: <1.2@mail.mandrillapp.com>\nX-Mandrill-User: md_1\n"
    'X-MC-Metadata: {{"campaign_id": "spring-26"}}\n'
    "X-Report-Abuse: tell us\n here: https://mandrillapp.example/contact/abuse?id=1.{}",
    "postal": "Message-ID: <{}>\nX-Postal-MsgID: abc",
    "postmark": "Message-ID: <{}@mtasv.net>\nX-PM-Metadata-campaign_id: spring-26",
    "sendgrid": "Message-ID: <{}@geopod-ismtpd-7>\nX-SG-EID: abc",
}
"""What the mail of each provider shows of the message that its webhook's example is about."""


@pytest.mark.parametrize(
    ("provider", "case"),
    [
        ("amazon-ses", amazon_ses.CASES[0]),
        ("brevo", brevo.CASES[0]),
        ("mailgun", mailgun.CASES[0]),
        ("mandrill", mandrill.CASES[0]),
        ("postal", postal.CASES[0]),
        ("postmark", postmark.CASES[0]),
        ("sendgrid", sendgrid.CASES[0]),
    ],
)
def test_mail_and_webhook_name_the_message_and_its_campaign_alike(
    provider: str, case: Case
) -> None:
    told = case.expected[0]
    assert told.message_reference is not None
    headers = HEADERS[provider].format(told.message_reference)

    (seen,) = read(
        mail(f"From: news@acme.example\nTo: ada@customer.example\nSubject: x\n{headers}")
    ).events

    assert (seen.carried_by, seen.message_reference) == (provider, told.message_reference)
    assert (seen.provider, told.provider) == ("mail", provider)
    assert seen.campaign_id == told.campaign_id
