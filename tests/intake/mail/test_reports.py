"""Complaints, read receipts and unsubscribes by mail."""
# ruff: noqa: E501 – lines of mails are as long as their programs write them

import pytest

from domain.events import BounceClass, EventKind
from intake.tokens import TokenKind
from tests.intake.mail.cases import OUR_ID, mail, ours, read, token

ADA = "ada@customer.example"
HIDDEN = "undisclosed-recipients:;"


def feedback(
    fields: str, returned: str, *, sender: str = "feedback@isp.example", more: str = ""
) -> bytes:
    """A feedback report in the form of RFC 5965, appendix B."""
    return mail(
        f"""From: <{sender}>
To: abuse@acme.example
Subject: FW: Spring news
Date: Mon, 2 Mar 2026 10:00:00 +0100
Message-ID: <arf.1@isp.example>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=_arf"
{more}""",
        f"""--=_arf
Content-Type: text/plain; charset=us-ascii

This is an email abuse report for an email message received from IP 192.0.2.7.

--=_arf
Content-Type: message/feedback-report

{fields}

--=_arf
Content-Type: message/rfc822
Content-Disposition: inline

{returned}

The weather is fine.
--=_arf--
""",
    )


RFC = """Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1
Original-Mail-From: <grace@acme.example>
Arrival-Date: Mon, 2 Mar 2026 09:00:05 +0100
Source-IP: 192.0.2.7"""
LISTED = f"List-Unsubscribe: <https://t.acme.example/u/{token(TokenKind.UNSUBSCRIBE)}>\n"
LINKED = f"\nSee https://t.acme.example/c/{token(TokenKind.CLICK)}\n"


@pytest.mark.parametrize(
    ("raw", "kind", "address"),
    [
        # RFC 5965 appendix B.2, with the recipient named.
        (feedback(f"{RFC}\nOriginal-Rcpt-To: <{ADA}>\nReported-Domain: acme.example", ours()), EventKind.COMPLAINED, ADA),
        # Yahoo's complaint feedback loop (senders.yahooinc.com): the recipient in the report alone.
        (feedback(f"{RFC}\nOriginal-Rcpt-To: {ADA}", ours(HIDDEN), sender="feedback@arf.mail.yahoo.com"), EventKind.COMPLAINED, ADA),
        # Validity's universal feedback loop: blotted out everywhere, our link left.
        (feedback(f"{RFC}\nOriginal-Rcpt-To: redacted@isp.example", ours("redacted@isp.example") + LINKED, sender="feedbackloop@fbl.validity.example"), EventKind.COMPLAINED, ADA),
        # Comcast: blotted out, our unsubscribe header left.
        (feedback(RFC, LISTED + ours("xxx@isp.example"), sender="feedbackloop@comcast.example"), EventKind.COMPLAINED, ADA),
        # Fastmail and others: no recipient field, the returned To.
        (feedback(RFC, ours()), EventKind.COMPLAINED, ADA),
        (feedback(RFC, ours(HIDDEN)), EventKind.COMPLAINED, None),
        (feedback(RFC.replace("abuse", "fraud"), ours()), EventKind.COMPLAINED, ADA),
        (feedback(RFC.replace("abuse", "opt-out") + f"\nRemoval-Recipient: {ADA}", ours(HIDDEN)), EventKind.UNSUBSCRIBED, ADA),
        (feedback(RFC.replace("abuse", "not-spam"), ours()), EventKind.UNKNOWN, ADA),
        (feedback(RFC.replace("abuse", "virus"), ours()), EventKind.UNKNOWN, ADA),
        # Microsoft's Junk Mail Reporting Program (sendersupport.olc.protection.outlook.com).
        (mail("From: staff@hotmail.com\nTo: abuse@acme.example\nSubject: complaint about message from 192.0.2.7\nDate: Mon, 2 Mar 2026 10:00:00 +0100\nMessage-ID: <arf.1@isp.example>\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b", f"--b\nContent-Type: message/rfc822\n\nX-HmXmrOriginalRecipient: {ADA}\n{ours(HIDDEN)}\n--b--"), EventKind.COMPLAINED, ADA),
    ],
)  # fmt: skip
def test_a_feedback_report_is_a_complaint_of_its_recipient(
    raw: bytes, kind: EventKind, address: str | None
) -> None:
    found = read(raw)

    assert found.problems == []
    (event,) = found.events
    assert (event.kind, event.address, event.message_reference) == (kind, address, OUR_ID)


def test_a_report_on_authentication_is_of_no_recipient() -> None:
    found = read(feedback(RFC.replace("abuse", "auth-failure"), ours()))

    assert (found.events, found.problems) == ([], [])


def receipt(disposition: str, *, author: str = f"Ada <{ADA}>", final: str = ADA) -> bytes:
    """A message disposition notification (RFC 8098 §9)."""
    return mail(
        f"""From: {author}
To: grace@acme.example
Subject: Read: Spring news
Date: Mon, 2 Mar 2026 10:00:00 +0100
Message-ID: <mdn.1@customer.example>
In-Reply-To: <{OUR_ID}>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=disposition-notification; boundary="=_mdn"
""",
        f"""--=_mdn
Content-Type: text/plain

Your message was read.
--=_mdn
Content-Type: message/disposition-notification

Reporting-UA: customer.example; Some Program
Final-Recipient: rfc822;{final}
Original-Message-ID: <{OUR_ID}>
Disposition: {disposition}
--=_mdn--
""",
    )


@pytest.mark.parametrize(
    ("disposition", "kind"),
    [
        ("manual-action/MDN-sent-manually; displayed", EventKind.OPENED),
        ("automatic-action/MDN-sent-automatically; displayed", EventKind.OPENED),
        ("manual-action/MDN-sent-automatically; displayed/error", EventKind.OPENED),
        ("automatic-action/MDN-sent-automatically; deleted", EventKind.UNKNOWN),
        ("manual-action/MDN-sent-manually; denied", EventKind.UNKNOWN),
        ("automatic-action/MDN-sent-automatically; dispatched", EventKind.UNKNOWN),
        ("", EventKind.UNKNOWN),
    ],
)
def test_a_read_receipt_is_an_open_only_where_a_person_had_it_on_the_screen(
    disposition: str, kind: EventKind
) -> None:
    (event,) = read(receipt(disposition)).events

    assert (event.kind, event.address, event.thread) == (kind, ADA, (OUR_ID,))
    assert event.user_agent is None


@pytest.mark.parametrize(
    ("reason", "bounce"), [("Quota exceeded", BounceClass.SOFT), ("I do not want this", BounceClass.HARD)]
)  # fmt: skip
def test_a_mailbox_that_rejects_by_a_receipt_is_a_bounce(reason: str, bounce: BounceClass) -> None:
    raw = receipt("automatic-action/MDN-sent-automatically; deleted")
    raw = raw.replace(b"Subject: Read: Spring news", b"Subject: Automatically rejected mail")
    raw = raw.replace(b"Your message was read.", f"Your message was rejected: {reason}".encode())

    (event,) = read(raw).events

    assert (event.kind, event.address, event.bounce) == (EventKind.BOUNCED, ADA, bounce)


def test_a_receipt_that_one_of_ours_sends_is_no_event() -> None:
    raw = receipt("manual-action/MDN-sent-manually; displayed", author="csm@acme.example")

    assert (read(raw).events, read(raw).problems) == ([], [])


UNSUBSCRIBE = token(TokenKind.UNSUBSCRIBE)


@pytest.mark.parametrize(
    ("to", "subject", "body"),
    [
        (f"unsubscribe+{UNSUBSCRIBE}@acme.example", "unsubscribe", ""),
        (
            f"unsubscribe+{UNSUBSCRIBE}@acme.example",
            "",
            "This message was automatically generated.",
        ),
        ("unsubscribe@acme.example", f"unsubscribe {UNSUBSCRIBE}", ""),
        ("unsubscribe@acme.example", f"unsubscribe\n {UNSUBSCRIBE[:70]}\n {UNSUBSCRIBE[70:]}", ""),
        ("unsubscribe@acme.example", "Unsubscribe", f"token: {UNSUBSCRIBE}\n"),
        ("grace@acme.example", "Abmelden", f"https://t.acme.example/u/{UNSUBSCRIBE}"),
    ],
)
def test_a_mail_with_our_token_unsubscribes_whom_it_names(to: str, subject: str, body: str) -> None:
    raw = mail(
        f"From: other@freemail.example\nTo: {to}\nSubject: {subject}\nMessage-ID: <u@x.example>",
        body,
    )

    (event,) = read(raw).events

    assert (event.kind, event.address) == (EventKind.UNSUBSCRIBED, ADA)
    assert (event.carrier, event.message_reference) == ("mail", OUR_ID)


def test_a_forged_token_unsubscribes_nobody() -> None:
    forged = f"unsubscribe+{'A' * 60}@acme.example"
    raw = mail(f"From: {ADA}\nTo: {forged}\nSubject: unsubscribe\nMessage-ID: <u@x.example>")

    assert read(raw).events == []


@pytest.mark.parametrize("to", ["unsubscribe@acme.example", "list-unsub@news.acme.example"])
def test_whoever_writes_to_the_mailbox_for_it_unsubscribes(to: str) -> None:
    raw = mail(f"From: Ada <{ADA}>\nTo: {to}\nSubject: x\nMessage-ID: <u@x.example>")

    (event,) = read(raw).events

    assert (event.kind, event.address, event.thread) == (EventKind.UNSUBSCRIBED, ADA, ())


@pytest.mark.parametrize(
    "headers",
    [
        "To: grace@acme.example\nSubject: unsubscribe",
        "To: unsubscribe@elsewhere.example\nSubject: unsubscribe",
        "To: unsubscribe@acme.example\nSubject: Away\nAuto-Submitted: auto-generated",
    ],
)
def test_other_mail_unsubscribes_nobody(headers: str) -> None:
    raw = mail(f"From: {ADA}\nMessage-ID: <u@x.example>\n{headers}")

    assert read(raw).events == []
