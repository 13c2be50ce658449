"""Mail that we sent: who got it, what it was, and whose words its reference is in."""
# ruff: noqa: E501 – lines of mails are as long as their programs write them

from datetime import UTC, datetime

import pytest

from domain.events import BulkSign, CampaignType, EventKind
from intake.tokens import TokenKind
from tests.intake.mail.cases import OUR_ID, RECEIVED_AT, SENT_AT, mail, read, token

LIST_UNSUBSCRIBE = "List-Unsubscribe: <https://acme.example/unsubscribe/1>, <mailto:u@acme.example>"
ONE_CLICK = f"{LIST_UNSUBSCRIBE}\nList-Unsubscribe-Post: List-Unsubscribe=One-Click"
BOTH_SIGNS = frozenset({BulkSign.LIST_UNSUBSCRIBE, BulkSign.LIST_UNSUBSCRIBE_POST})
SES = "0102018d5f3c9a10-1f2e3d4c-5b6a-7988-1122-334455667788-000000"
UUID = "0a129aee-e1cd-480d-b08d-4f48548ff48d"
HTML = """<html><body><h1>Spring news</h1><p>Read <a href="https://acme.example/blog/spring?utm_campaign=spring&amp;x=1">the
blog</a>, see <a href=" https://acme.example/pricing ">prices</a>, again <a href="https://acme.example/pricing">prices</a>.
<a href="mailto:grace@acme.example">Write</a> <a href="#top">top</a> <a href="https://acme.example/unsubscribe/1">x</a>
<a href="https://acme.example/p?id=1">Manage your preferences</a> <a href="https://acme.example/bye">Unsubscribe</a>
<img src="https://acme.example/pixel.gif" width="1" height="1"></p></body></html>"""
LINKS = ("https://acme.example/blog/spring?utm_campaign=spring&x=1", "https://acme.example/pricing")


def sent(
    more: str = "", to: str = "To: Ada Lovelace <ada@customer.example>", body: str = HTML
) -> bytes:
    return mail(
        f"""From: Acme News <news@acme.example>
{to}
Subject: =?utf-8?Q?Spring_news_=E2=80=93_our_newsletter?=
Date: Mon, 2 Mar 2026 09:00:00 +0100
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
{more}""",
        body,
    )


def plain(more: str = "") -> bytes:
    return sent(f"Message-ID: <{OUR_ID}>\n{more}")


def test_a_newsletter_through_plain_smtp_is_known_by_its_message_id() -> None:
    found = read(plain(ONE_CLICK))

    assert found.problems == []
    (event,) = found.events
    assert (event.kind, event.provider, event.provider_event_id) == (
        EventKind.ACCEPTED,
        "mail",
        OUR_ID,
    )
    assert (event.carrier, event.message_reference) == (None, OUR_ID)
    assert event.address == "Ada Lovelace <ada@customer.example>"
    assert (event.subject, event.sender) == (
        "Spring news – our newsletter",
        "news@acme.example",
    )
    assert event.sent_at == event.occurred_at == SENT_AT
    assert event.sent is not None
    assert event.sent.signs == BOTH_SIGNS
    assert event.sent.type == CampaignType.NEWSLETTER
    assert event.sent.type_confidence is not None
    assert event.sent.type_confidence > 0.5
    assert event.sent.links == LINKS


@pytest.mark.parametrize(
    ("headers", "carrier", "reference", "campaign", "tags", "signs"),
    [
        # Message-ID forms and headers as each provider's pages and its mail show them.
        (f"Message-ID: <{SES}@eu-west-1.amazonses.com>\nX-SES-Outgoing: 2026.03.02-54.240.0.1\nFeedback-ID: 1.eu-west-1.abc:AmazonSES", "amazon-ses", SES, None, (), set()),
        (f"Message-ID: <{SES}@email.amazonses.com>\nX-SES-Message-Tags: campaign_id=spring-26, kind=news\n{ONE_CLICK}", "amazon-ses", SES, "spring-26", (), BOTH_SIGNS),
        ("Message-ID: <202603020800.12345678901@smtp-relay.mailin.fr>\nX-Mailin-EID: MTIz\nX-Mailin-Campaign: 42\nFeedback-ID: 192.0.2.1:123_42:123:Sendinblue", "brevo", "202603020800.12345678901@smtp-relay.mailin.fr", "42", (), {BulkSign.FEEDBACK_ID, BulkSign.PROVIDER_HEADER}),
        (f"Message-ID: <20260302080000.1.ABCDEF@mg.acme.example>\nX-Mailgun-Sid: WyJhIl0=\nX-Mailgun-Tag: spring\nX-Mailgun-Variables: {{\"campaign_id\": \"c-7\"}}\n{LIST_UNSUBSCRIBE}", "mailgun", "20260302080000.1.ABCDEF@mg.acme.example", "c-7", ("spring",), {BulkSign.LIST_UNSUBSCRIBE}),
        ("Message-ID: <0e0ebd68.EAAAADY4@mailjet.com>\nX-MJ-Mid: EAAAADY4\nX-Mailjet-Campaign: spring\nFeedback-Id: 42.104.0:MJ", "mailjet", "0e0ebd68.EAAAADY4@mailjet.com", None, (), {BulkSign.FEEDBACK_ID, BulkSign.PROVIDER_HEADER}),
        ("Message-ID: <30943532.20260302080000.5af30a01d0b0d4.54213131@mail128-19.atl41.mandrillapp.com>\nX-Mandrill-User: md_30943532\nX-Report-Abuse: Please forward a copy of this message, including all headers. You can also report abuse\n here: https://mandrillapp.example/contact/abuse?id=30943532.37b4dcc1d1a04ea1b8fc2d2fc8d0fb2e", "mandrill", "37b4dcc1d1a04ea1b8fc2d2fc8d0fb2e", None, (), set()),
        (f"Message-ID: <{OUR_ID}>\nX-Postal-MsgID: abcdefghij\nX-Postal-Tag: spring", "postal", OUR_ID, None, ("spring",), set()),
        (f"Message-ID: <{UUID}@mtasv.net>\nX-PM-Message-Id: {UUID}\nX-PM-Tag: spring\nX-PM-Message-Stream: broadcast", "postmark", UUID, None, ("spring",), {BulkSign.PROVIDER_HEADER}),
        ("Message-ID: <Qk9PYmFyMTIzNDU2Nzg5MA@geopod-ismtpd-7>\nX-SG-EID: u001.abc\nX-Entity-ID: u001.def", "sendgrid", "Qk9PYmFyMTIzNDU2Nzg5MA", None, (), set()),
        (f"Message-ID: <{OUR_ID}>\nX-SMTPAPI: {{\"category\": [\"spring\", \"all\"],\n \"unique_args\": {{\"campaign_id\": \"c-9\"}}}}", "sendgrid", OUR_ID, "c-9", ("spring",), set()),
        (f"Message-ID: <{OUR_ID}>\nX-MSFBL: Jm6Q=|eyJyIjoiYWRhIn0=\nX-MSYS-API: {{\"campaign_id\": \"spring\", \"tags\": [\"a\"]}}", "sparkpost", OUR_ID, "spring", ("a",), set()),
        (f"Message-ID: <{OUR_ID}>\nX-HubSpot-MID: abc123\nX-HS-Cid: 0", "hubspot", "abc123", None, (), {BulkSign.PROVIDER_HEADER}),
        ("Message-ID: <dgPRBgMAAYxyz_abc=@customeriomail.com>\nX-CIO-Delivery-ID: dgPRBgMAAYxyz_abc=", "customerio", "dgPRBgMAAYxyz_abc=", None, (), set()),
        (f"Message-ID: <27331a.99f.123.20260302@mail9.suw11.mcsv.net>\nX-MC-User: 27331a\nX-Campaign: mailchimp27331a.99f0c1\nList-ID: 27331mc list <27331.99.list-id.mcsv.net>\n{ONE_CLICK}\nPrecedence: bulk", "mailchimp", "27331a.99f.123.20260302@mail9.suw11.mcsv.net", "99f0c1", (), {*BOTH_SIGNS, BulkSign.LIST_ID, BulkSign.PRECEDENCE, BulkSign.PROVIDER_HEADER}),
        (f"Message-ID: <{OUR_ID}>\nX-Kmail-Account: AbC\nX-Kmail-Message: XyZ\n{ONE_CLICK}", "klaviyo", OUR_ID, "XyZ", (), {*BOTH_SIGNS, BulkSign.PROVIDER_HEADER}),
        (f"Message-ID: <{OUR_ID}>\nX-SFMC-Stack: 10\nX-Job: 7205_42", None, OUR_ID, None, (), {BulkSign.PROVIDER_HEADER}),
        (f"Message-ID: <{OUR_ID}>\nFeedback-ID: spring:42:news:acme", None, OUR_ID, None, (), {BulkSign.FEEDBACK_ID}),
        (f"Message-ID: <{OUR_ID}>\nPrecedence: list\nList-Id: <customers.acme.example>", None, OUR_ID, None, (), {BulkSign.PRECEDENCE, BulkSign.LIST_ID}),
        (f"Message-ID: <{OUR_ID}>", None, OUR_ID, None, (), set()),
        (f"Message-ID: <{OUR_ID}>\nX-Pm-Message-ID: Proton-vE9Xq==\nX-Pm-Origin: internal", None, OUR_ID, None, (), set()),
    ],
)  # fmt: skip
def test_the_headers_tell_the_carrier_and_the_reference_its_webhooks_give(
    headers: str,
    carrier: str | None,
    reference: str,
    campaign: str | None,
    tags: tuple[str, ...],
    signs: frozenset[BulkSign],
) -> None:
    (event,) = read(sent(headers)).events

    assert (event.carrier, event.message_reference) == (carrier, reference)
    assert (event.campaign_id, event.tags) == (campaign, tags)
    assert event.sent is not None
    assert event.sent.signs == signs


def test_a_link_of_ours_tells_the_message_whatever_the_headers_say() -> None:
    body = f"""<a href="https://t.acme.example/c/{token(TokenKind.CLICK)}">prices</a>
<a href="https://t.acme.example/c/{token(TokenKind.DECOY)}">.</a>
<a href="https://t.acme.example/u/{token(TokenKind.UNSUBSCRIBE)}">bye</a>
<img src="https://t.acme.example/o/{token(TokenKind.OPEN)}">"""

    (event,) = read(sent("Message-ID: <other@acme.example>", body=body)).events

    assert (event.carrier, event.message_reference) == ("mail", OUR_ID)
    assert event.sent is not None
    assert event.sent.links == ("https://acme.example/pricing",)


@pytest.mark.parametrize(
    ("url", "links"),
    [
        ("https://abc.r.eu-west-1.awstrack.me/L0/https:%2F%2Facme.example%2Fpricing/1/0102/x=1", ("https://acme.example/pricing",)),
        ("https://click.pstmrk.it/3s/acme.example%2Fpricing/abc/def/xyz", ("https://acme.example/pricing",)),
        ("https://x.mjt.lu/lnk/AU/1/abc/aHR0cHM6Ly9hY21lLmV4YW1wbGUvcHJpY2luZw", ("https://acme.example/pricing",)),
        ("https://u123.ct.sendgrid.net/ls/click?upn=abc", ()),
        ("https://acme.us1.list-manage.com/track/click?u=1&id=2&e=3", ()),
        ("javascript:alert(1)", ()),
        ("http://[broken", ()),
        ("https://acme.example/opt-out?x=1", ()),
    ],
)  # fmt: skip
def test_links_are_as_they_were_before_a_provider_wrapped_them(
    url: str, links: tuple[str, ...]
) -> None:
    (event,) = read(sent(f"Message-ID: <{OUR_ID}>", body=f'<a href="{url}">prices</a>')).events

    assert event.sent is not None
    assert event.sent.links == links


def test_the_links_of_plain_text_are_found_too() -> None:
    raw = sent(
        f"Message-ID: <{OUR_ID}>", body="See https://acme.example/a, (https://acme.example/b)."
    )
    raw = raw.replace(b"text/html", b"text/plain")

    (event,) = read(raw).events

    assert event.sent is not None
    assert event.sent.links == ("https://acme.example/a", "https://acme.example/b")


ADA, BEN, CAT = "ada@customer.example", "ben@customer.example", "cat@other.example"


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (f"To: {ADA}, Ben <{BEN}>\nCc: <{CAT}>", [ADA, f"Ben <{BEN}>", CAT]),
        (f"To: {ADA}; {BEN}", [ADA, BEN]),
        (f"To: customers: {ADA}, {BEN};", [ADA, BEN]),
        (f"To: {ADA}\nTo: {ADA.upper()}\nCc: {BEN}", [ADA, BEN]),
        (f"To: undisclosed-recipients:;\nBcc: {ADA}, {BEN}", [ADA, BEN]),
        (f"To: {ADA}\nDelivered-To: archive@acme.example\nX-Original-To: archive@acme.example", [ADA]),
        (f"To: {ADA}\nBcc: archive@acme.example\nDelivered-To: archive@acme.example", [ADA]),
        (f"To: {ADA}\nBcc: acme@archive.example\nDelivered-To: acme@archive.example", [ADA]),
        (f"To: archive@acme.example, {ADA}\nDelivered-To: archive@acme.example", [ADA]),
        (f"To: {ADA}, colleague@acme.example", [ADA, "colleague@acme.example"]),
        (f"To: undisclosed-recipients:;\nX-Gm-Original-To: {ADA}\nDelivered-To: archive@acme.example", [ADA]),
        (f"To: undisclosed-recipients:;\nX-Envelope-To: {ADA}, {BEN}", [ADA, BEN]),
        (f"X-Original-To: {ADA}\nDelivered-To: {ADA}", [ADA]),
        (f'To: "Lovelace, Ada" <{ADA}>', [f'"Lovelace, Ada" <{ADA}>']),
        ("To: =?utf-8?Q?J=C3=BCrgen?= <j@kunde.example>", ["Jürgen <j@kunde.example>"]),
    ],
)  # fmt: skip
def test_recipients_are_whom_the_mail_went_to_without_the_archive(
    headers: str, expected: list[str]
) -> None:
    found = read(sent(f"Message-ID: <{OUR_ID}>", to=headers))

    assert found.problems == []
    assert [event.address for event in found.events] == expected
    assert {event.provider_event_id for event in found.events} == {OUR_ID}


def test_mail_within_the_company_is_no_event() -> None:
    found = read(sent(f"Message-ID: <{OUR_ID}>", to="To: colleague@acme.example"))

    assert (found.events, found.problems) == ([], [])


def test_a_mail_whose_recipients_nobody_can_tell_is_a_problem() -> None:
    found = read(sent(f"Message-ID: <{OUR_ID}>", to="To: undisclosed-recipients:;"))

    assert found.events == []
    assert found.problems == [
        "the sent mail 'Spring news – our newsletter' names no recipient: let the copy keep its "
        "envelope (journaling), or copy mail before Bcc is taken off"
    ]


@pytest.mark.parametrize("value", ["auto-replied", "auto-generated", "auto-notified; x=1"])
def test_what_a_program_of_ours_sends_by_itself_is_never_a_bulk_send(value: str) -> None:
    found = read(plain(f"Auto-Submitted: {value}\nPrecedence: bulk"))

    assert (found.events, found.problems) == ([], [])


def journal(note: str, headers: str = "X-MS-Journal-Report:") -> bytes:
    inner = plain(ONE_CLICK).decode().replace("\r\n", "\n")
    return mail(
        f"""From: <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@acme.example>
To: journal@acme.example
Subject: Spring news
Message-ID: <journal.1@acme.example>
Date: Mon, 2 Mar 2026 09:00:07 +0100
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary="_j"
{headers}""",
        f"""--_j
Content-Type: text/plain; charset="us-ascii"

{note}
--_j
Content-Type: message/rfc822

{inner}
--_j--
""",
    )


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        # [MS-XJRNL], and learn.microsoft.com: fields of journal reports.
        (f"Sender: news@acme.example\nSubject: Spring news\nMessage-Id: <{OUR_ID}>\nTo: {ADA}\nCc: {BEN}\nBcc: {CAT}\n", [f"Ada Lovelace <{ADA}>", BEN, CAT]),
        (f"Sender: news@acme.example\nSubject: Spring news\nMessage-Id: <{OUR_ID}>\nRecipient: {BEN}, Expanded: customers@acme.example\nRecipient: {CAT}, Forwarded: {ADA}\n", [BEN, f"Ada Lovelace <{ADA}>"]),
        (f"Sender: news@acme.example\nMessage-ID: <{OUR_ID}>\nRecipients: {ADA}, {BEN}\n", [f"Ada Lovelace <{ADA}>", BEN]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("headers", ["X-MS-Journal-Report:", "X-Other: google"])
def test_a_journal_report_tells_the_envelope_of_the_mail_in_it(
    note: str, expected: list[str], headers: str
) -> None:
    found = read(journal(note, headers))

    assert found.problems == []
    assert [event.address for event in found.events] == expected
    first = found.events[0]
    assert (first.provider_event_id, first.message_reference) == (OUR_ID, OUR_ID)
    assert first.sent is not None
    assert (first.sent.signs, first.sent.links) == (BOTH_SIGNS, LINKS)


def test_copies_by_journaling_and_bcc_are_the_same_facts() -> None:
    direct = read(plain(ONE_CLICK)).events
    copied = read(plain(f"{ONE_CLICK}\nDelivered-To: archive@acme.example")).events
    note = f"Sender: news@acme.example\nMessage-Id: <{OUR_ID}>\nTo: {ADA}\n"

    assert direct == copied == read(journal(note)).events


def test_a_mail_without_a_message_id_is_known_by_what_it_says() -> None:
    first, again = read(sent()).events, read(sent()).events
    other = read(sent(body="Something else")).events

    assert first == again
    assert first[0].provider_event_id == first[0].message_reference
    assert first[0].provider_event_id != other[0].provider_event_id


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Mon, 2 Mar 2026 09:00:00 +0100", SENT_AT),
        ("2 Mar 2026 08:00 GMT", SENT_AT),
        ("Mon, 2 Mar 2026 08:00:00 -0000", SENT_AT),
        ("Mon, 2 Mar 2026 08:00:00", SENT_AT),
        ("Thu, 1 Jan 1970 00:00:00 +0000", RECEIVED_AT),
        ("yesterday", RECEIVED_AT),
        ("Mon, 2 Mar 99999 09:00:00 +0100", RECEIVED_AT),
        ("", RECEIVED_AT),
    ],
)
def test_the_time_is_the_mails_own_where_it_can_be(date: str, expected: datetime) -> None:
    raw = plain().replace(b"Mon, 2 Mar 2026 09:00:00 +0100", date.encode())

    (event,) = read(raw).events

    assert event.occurred_at == expected
    assert event.occurred_at.tzinfo is UTC
