"""Who got a mail that we sent: its envelope where it is known, else what its headers say.

The mailbox that the copy came through (journaling, BCC, a mail rule) is left out.
"""

import re

from domain.addresses import normalise_or_none
from intake.mail.context import MailContext
from intake.mail.headers import Headers
from intake.mail.message import Mail

VISIBLE = ("to", "cc")
HIDDEN = ("bcc", "x-gm-original-to", "x-envelope-to", "x-rcpt-to", "x-envelope-recipients")
"""Named by the sender, or by a routing rule that was told to (Gmail's X-Gm-Original-To)."""

DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-delivered-to", "x-forwarded-to")
"""The mailbox a copy was delivered to: the archive's own, or a recipient's where each has one."""

_SPECIAL = re.compile(r"[(),.:;<>@\[\]]")


def recipients(mail: Mail) -> list[str]:
    """The addresses a sent mail went to, each once; none if it stayed within the company."""
    named = list(mail.envelope) or _named(mail.headers, mail.context)
    found: dict[str, str] = {}
    for address in named:
        normal = normalise_or_none(address)
        if normal is not None:
            found.setdefault(normal, address)
    if all(mail.context.is_internal(address) for address in found):
        return []
    names = mail.headers.names(*VISIBLE)
    return [_written(address, names.get(address)) for address in found.values()]


def _written(address: str, name: str | None) -> str:
    """With the display name, by which a mail merge may have put the recipient into the subject."""
    if not name:
        return address
    return f'"{name}" <{address}>' if _SPECIAL.search(name) else f"{name} <{address}>"


def _named(headers: Headers, context: MailContext) -> list[str]:
    delivered = {normalise_or_none(one) for one in headers.addresses(*DELIVERED)}
    visible = [
        one
        for one in headers.addresses(*VISIBLE)
        if normalise_or_none(one) not in delivered or not context.is_internal(one)
    ]
    hidden = [one for one in headers.addresses(*HIDDEN) if normalise_or_none(one) not in delivered]
    outside = [one for one in headers.addresses(*DELIVERED) if not context.is_internal(one)]
    return [*visible, *hidden] or outside
