"""Raw mails as systems write them, for the doors that take them."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.utils import format_datetime

NOW = datetime.now(UTC).replace(microsecond=0)


def mail(
    sender: str,
    to: str,
    subject: str,
    *,
    message_id: str,
    text: str = "Hello,\n\nhere is what is new: https://us.example/new\n\nMia\n",
    at: datetime | None = None,
    **headers: str,
) -> bytes:
    """One message; underscores in the names of headers are hyphens."""
    found = EmailMessage()
    found["From"] = sender
    found["To"] = to
    found["Subject"] = subject
    found["Date"] = format_datetime(at or NOW - timedelta(hours=2))
    found["Message-ID"] = f"<{message_id}>"
    for name, value in headers.items():
        found[name.replace("_", "-")] = value
    found.set_content(text)
    return found.as_bytes()


def reply(by: str, to: str, subject: str, about: str, *, message_id: str, **headers: str) -> bytes:
    """An answer to the message `about` (its Message-ID), an hour after it."""
    return mail(
        by,
        to,
        f"Re: {subject}",
        message_id=message_id,
        text="Thank you, let us talk on Monday.\n",
        at=NOW - timedelta(hours=1),
        In_Reply_To=f"<{about}>",
        **headers,
    )


def bounce(failed: str, to: str, about: str, *, subject: str, message_id: str) -> bytes:
    """A delivery status notification (RFC 3464) as Postfix writes it, with the headers returned."""
    at = format_datetime(NOW - timedelta(hours=1, minutes=59))
    return f"""Return-Path: <>
From: MAILER-DAEMON@mx.us.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Date: {at}
Message-ID: <{message_id}>
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b1"

--b1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--b1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.us.example

Final-Recipient: rfc822; {failed}
Original-Recipient: rfc822;{failed}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 <{failed}>: Recipient address rejected: User unknown

--b1
Content-Type: text/rfc822-headers

From: {to}
To: {failed}
Subject: {subject}
Message-ID: <{about}>

--b1--
""".encode()
