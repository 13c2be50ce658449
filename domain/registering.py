"""A bulk send as its sender declares it: validated, normalised."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.errors import DomainError
from domain.events import CampaignType
from domain.reading import MAX_SUBJECT, Path, Reading
from domain.reports import MAX_ID, MAX_PROVIDER
from domain.text import shown

MAX_RECIPIENTS = 10_000
"""Addresses a call takes; calling again adds more."""

MAX_LINKS = 500
"""Links of one campaign a call takes."""

MAX_TOPICS = 50
"""Topics of one campaign or link."""

MAX_TOPIC = 100
"""Characters of a topic's name."""

MAX_URL_BYTES = 2_048
"""Bytes of a link: what browsers agree on, and what an index takes."""

EVIDENCE_PREFIXES = ("tag:", "subject:", "answer:")
"""How the ids of campaigns begin that are recognised by weaker evidence; nobody declares those."""

_LINK = re.compile(r"https?://[^\s/]\S*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DeclaredLink:
    """A link of a campaign; `topics` None leaves those that are known."""

    url: str
    topics: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class DeclaredCampaign:
    """A campaign known by (provider, external_id). None in any other field leaves it as it is."""

    provider: str
    external_id: str
    name: str | None = None
    subject: str | None = None
    sender: str | None = None
    type: CampaignType | None = None
    topics: tuple[str, ...] | None = None
    tag: str | None = None
    sent_at: datetime | None = None
    links: tuple[DeclaredLink, ...] = ()


def read_campaign(raw: Mapping[str, object]) -> DeclaredCampaign | list[DomainError]:
    """The campaign that untyped fields describe, or all that is wrong with them.

    Fields: provider, externalId, name, subject, sender, type, topics, tag, sentAt, links {url,
    topics}.
    """
    reading = Reading()
    links = reading.items(raw.get("links"), ("links",), MAX_LINKS) or ()
    read = [_read_link(reading, item, ("links", str(n))) for n, item in enumerate(links)]
    sender = raw.get("sender")
    campaign = DeclaredCampaign(
        provider=reading.required(
            raw.get("provider"), ("provider",), "who sends, e.g. sendgrid", MAX_PROVIDER
        ).lower(),
        external_id=read_external_id(reading, raw.get("externalId"), ("externalId",)),
        name=reading.text(raw.get("name"), ("name",)) or None,
        subject=reading.text(raw.get("subject"), ("subject",), MAX_SUBJECT) or None,
        sender=reading.address(sender, ("sender",)) if sender else None,
        type=read_type(reading, raw.get("type"), ("type",)),
        topics=_read_topics(reading, raw.get("topics"), ("topics",)),
        tag=reading.text(raw.get("tag"), ("tag",), MAX_ID) or None,
        sent_at=reading.instant(raw.get("sentAt"), ("sentAt",)),
        links=tuple({link.url: link for link in read if link is not None}.values()),
    )
    return reading.problems or campaign


def read_recipients(raw: Sequence[object]) -> tuple[list[str], list[DomainError]]:
    """The normalised addresses, each once, and what is wrong with the others.

    Raises DomainError TOO_MANY.
    """
    if len(raw) > MAX_RECIPIENTS:
        message = f"{len(raw)} recipients are too many at once: give at most {MAX_RECIPIENTS} "
        raise DomainError("TOO_MANY", message + "a call; calling again adds more", ("recipients",))
    good: dict[str, None] = {}
    problems: list[DomainError] = []
    for number, item in enumerate(raw):
        path = ("recipients", str(number))
        reading = Reading()
        address = reading.address(item, path)
        problems += reading.problems
        if address is not None:
            good[address] = None
    return list(good), problems


def read_external_id(reading: Reading, raw: object, path: Path) -> str:
    """The id that a campaign is declared by."""
    external_id = reading.required(raw, path, "the campaign's id at the provider", MAX_ID)
    if external_id.startswith(EVIDENCE_PREFIXES):
        message = f"{shown(external_id)} cannot be declared: ids that begin so are ours"
        reading.refuse("INVALID_EXTERNAL_ID", message, path)
    return external_id


def read_type(reading: Reading, raw: object, path: Path) -> CampaignType | None:
    """A campaign's type; None where none was given."""
    text = reading.text(raw, path)
    if not text:
        return None
    try:
        return CampaignType(text.upper())
    except ValueError:
        message = f"{shown(text)} is no campaign type: give one of {', '.join(CampaignType)}"
        reading.refuse("INVALID_TYPE", message, path)
        return None


def _read_topics(reading: Reading, raw: object, path: Path) -> tuple[str, ...] | None:
    given = reading.items(raw, path, MAX_TOPICS)
    if given is None:
        return None
    read = [
        reading.required(item, (*path, str(n)), "a topic's name", MAX_TOPIC)
        for n, item in enumerate(given)
    ]
    return tuple(dict.fromkeys(topic for topic in read if topic))


def _read_link(reading: Reading, raw: object, path: Path) -> DeclaredLink | None:
    before = len(reading.problems)
    fields = reading.mapping(raw, path, "a link")
    url = reading.required(fields.get("url"), (*path, "url"), "the link's URL", MAX_URL_BYTES)
    topics = _read_topics(reading, fields.get("topics"), (*path, "topics"))
    if url and not (_LINK.match(url) and len(url.encode()) <= MAX_URL_BYTES):
        message = f"{shown(url)} is no link: give an http or https URL of at most "
        reading.refuse("INVALID_URL", f"{message}{MAX_URL_BYTES} bytes", (*path, "url"))
    return DeclaredLink(url, topics) if len(reading.problems) == before else None
