"""A mail that is to be tracked by us: as its sender gives it, and as it is to be sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from domain.errors import DomainError
from domain.events import CampaignType
from domain.reading import MAX_SUBJECT, Path, Reading
from domain.registering import read_external_id, read_type
from domain.reports import MAX_ID, MAX_NAME, MAX_PROVIDER
from domain.text import shown

MAX_MESSAGES = 100
"""Mails of one call: they are known within one short transaction."""

MAX_CONTENT = 2_000_000
"""Characters of a mail's HTML or text; Gmail shows no more than 102,000 of either."""

MAIL = "mail"
"""The provider of mail that is sent by no provider we know."""

_MESSAGE_ID = re.compile(r"<?([^\s<>\"]+)>?\Z")

PROVIDER = "tracking"
"""The source that our own doors are, beside the provider that carried the mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutgoingMail:
    """A mail to one address, on one campaign of `provider`.

    `message_id` has no angle brackets; None where we are to give it one. `is_unsubscribable` asks
    for the headers of one-click unsubscribing.
    """

    provider: str
    campaign_id: str
    address: str
    campaign_name: str | None = None
    campaign_type: CampaignType | None = None
    subject: str | None = None
    sender: str | None = None
    html: str | None = None
    text: str | None = None
    message_id: str | None = None
    is_unsubscribable: bool = True


@dataclass(frozen=True, slots=True)
class MailLink:
    """A link of a mail, and the address that tells us when it is followed; None: left as it was."""

    url: str
    tracked_url: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedMail:
    """A mail as it is to be sent. `is_tracked` is false where its recipient does not want that."""

    mail: OutgoingMail
    message_id: str
    html: str | None
    text: str | None
    headers: tuple[tuple[str, str], ...]
    links: tuple[MailLink, ...]
    unsubscribe_url: str
    is_tracked: bool


class Tracker(Protocol):
    """Makes mails tell what became of them."""

    def __call__(self, mail: OutgoingMail, *, is_tracked: bool) -> TrackedMail: ...


def read_mail(raw: Mapping[str, object], path: Path = ()) -> OutgoingMail | list[DomainError]:
    """The mail that untyped fields describe, or all that is wrong with them.

    Fields: provider, campaign {externalId, name, type}, address, subject, sender, html, text,
    messageId, isUnsubscribable. `path` leads to them.
    """
    reading = Reading()
    campaign = reading.mapping(raw.get("campaign"), (*path, "campaign"), "a campaign")
    provider = reading.text(raw.get("provider"), (*path, "provider"), MAX_PROVIDER)
    in_campaign = (*path, "campaign")
    mail = OutgoingMail(
        provider=(provider or MAIL).lower(),
        campaign_id=read_external_id(
            reading, campaign.get("externalId"), (*in_campaign, "externalId")
        ),
        campaign_name=reading.text(campaign.get("name"), (*in_campaign, "name"), MAX_NAME) or None,
        campaign_type=read_type(reading, campaign.get("type"), (*in_campaign, "type")),
        address=reading.address(raw.get("address"), (*path, "address")) or "",
        subject=reading.text(raw.get("subject"), (*path, "subject"), MAX_SUBJECT) or None,
        sender=_read_sender(reading, raw.get("sender"), (*path, "sender")),
        html=_read_content(reading, raw.get("html"), (*path, "html")),
        text=_read_content(reading, raw.get("text"), (*path, "text")),
        message_id=_read_message_id(reading, raw.get("messageId"), (*path, "messageId")),
        is_unsubscribable=raw.get("isUnsubscribable") is not False,
    )
    return reading.problems or mail


def _read_sender(reading: Reading, raw: object, path: Path) -> str | None:
    return reading.address(raw, path) if raw else None


def _read_content(reading: Reading, raw: object, path: Path) -> str | None:
    """A body as it is: with all its space and line ends."""
    if raw is None:
        return None
    if not isinstance(raw, str):
        reading.refuse("INVALID_TYPE", f"{shown(raw)} is not text", path)
        return None
    if len(raw) > MAX_CONTENT:
        message = f"{path[-1]} has {len(raw)} characters: give at most {MAX_CONTENT}"
        reading.refuse("TOO_LONG", message, path)
        return None
    return raw


def _read_message_id(reading: Reading, raw: object, path: Path) -> str | None:
    text = reading.text(raw, path, MAX_ID)
    if not text:
        return None
    found = _MESSAGE_ID.match(text)
    if found is None:
        message = f"{shown(text)} is no Message-ID: give it as <name@your.domain>"
        reading.refuse("INVALID_MESSAGE_ID", message, path)
        return None
    return found[1]
