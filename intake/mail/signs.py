"""The headers of a mail that say it was sent to many."""

from domain.events import BulkSign
from intake.mail.carriers import AUTOMATIC_FEEDBACK, feedback_sender, has_bulk_header
from intake.mail.headers import Headers

BULK_PRECEDENCES = frozenset({"bulk", "list"})
"""Values of Precedence that mean many recipients (RFC 3834 §3.1.8, RFC 2076 §3.9)."""


def bulk_signs(headers: Headers) -> frozenset[BulkSign]:
    """The bulk signs among the headers; none in mail that a program answers or reports with."""
    if is_automatic(headers) or headers.first("content-type").lower().startswith(
        "multipart/report"
    ):
        return frozenset()
    has_feedback = bool(headers.first("feedback-id"))
    found = {
        BulkSign.LIST_UNSUBSCRIBE: "list-unsubscribe" in headers,
        BulkSign.LIST_UNSUBSCRIBE_POST: "one-click"
        in headers.first("list-unsubscribe-post").lower(),
        BulkSign.LIST_ID: "list-id" in headers,
        BulkSign.PRECEDENCE: headers.first("precedence").lower() in BULK_PRECEDENCES,
        BulkSign.FEEDBACK_ID: has_feedback and feedback_sender(headers) not in AUTOMATIC_FEEDBACK,
        BulkSign.PROVIDER_HEADER: has_bulk_header(headers),
    }
    return frozenset(sign for sign, is_there in found.items() if is_there)


def is_automatic(headers: Headers) -> bool:
    """Whether Auto-Submitted (RFC 3834 §5) says that a program wrote the mail."""
    said = headers.first("auto-submitted").partition(";")[0].partition("(")[0].strip().lower()
    return said not in ("", "no")
