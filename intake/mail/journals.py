"""Journal reports: a mail within a mail, the outer one saying who got the inner one.

Exchange and Microsoft 365 ([MS-XJRNL]; learn.microsoft.com, "Understanding journal reports"), and
Google Workspace's copies for archives, which have the same form.
"""

import re
from dataclasses import dataclass

from intake.mail.entities import Entity
from intake.mail.headers import MOST_ADDRESSES, address_in, addresses_in

_LINE = re.compile(r"^\s*([A-Za-z-]{2,20})\s*:[ \t]*(.*)$", re.MULTILINE)
_RECIPIENT_FIELDS = frozenset({"to", "cc", "bcc", "recipient", "recipients"})
_REPORT_HEADERS = ("x-ms-journal-report", "x-ms-exchange-organization-journal-report")


@dataclass(frozen=True, slots=True)
class Journaled:
    """The mail that was journaled, and the recipients of its envelope."""

    entity: Entity
    recipients: tuple[str, ...]


def journaled(entity: Entity) -> Journaled | None:
    """What a journal report holds; None for any other mail."""
    if entity.media_type != "multipart/mixed" or len(entity.parts) < 2:
        return None
    note, attached = entity.parts[0], entity.parts[1]
    if attached.media_type != "message/rfc822" or not attached.parts:
        return None
    fields = _LINE.findall(note.text)
    names = {name.lower() for name, _ in fields}
    is_marked = any(name in entity.headers for name in _REPORT_HEADERS)
    if not (is_marked or {"sender", "message-id"} <= names):
        return None
    return Journaled(attached.parts[0], _recipients(fields))


def _recipients(fields: list[tuple[str, str]]) -> tuple[str, ...]:
    """One line a recipient; `Expanded:` or `Forwarded:` behind it is the address it was sent to.

    A list stands for its members, who got the mail; a forwarding mailbox for itself: it was mailed.
    """
    found: dict[str, None] = {}
    for name, value in fields:
        if name.lower() not in _RECIPIENT_FIELDS:
            continue
        given, _, origin = value.partition(", Forwarded:")
        given = origin or given.partition(", Expanded:")[0]
        one = address_in(given) if given.count("@") == 1 else None
        found.update(dict.fromkeys([one] if one else addresses_in(given)))
    return tuple(found)[:MOST_ADDRESSES]
