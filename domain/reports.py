"""An engagement event as a client reports it: checked field by field, then a normalised fact."""

import ipaddress
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple, NoReturn

from domain.addresses import normalise
from domain.errors import DomainError
from domain.events import BounceClass, CampaignType, EventKind, ReportedEvent
from domain.text import is_storable, shown

MAX_EVENTS = 1_000
"""Events of one call: a batch stays well under half a second of writing."""

MAX_PROVIDER = 64
MAX_ID = 500
"""Characters of an id or message id: PostgreSQL indexes no more than 2,704 bytes."""

MAX_NAME = 1_000
MAX_URL = 4_096
"""Characters of a link; longer ones are no links that people click."""

MAX_DETAIL = 2_000
MAX_AGENT = 1_000

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""No engagement is older: an earlier time is a clock or a unit gone wrong."""

REPORTABLE = frozenset(EventKind) - {EventKind.UNKNOWN}
"""UNKNOWN stands for what a provider says and we cannot read; a client can say what it means."""

_STATUS = re.compile(r"\b([45])\.\d{1,3}\.\d{1,3}\b")
"""An enhanced status code (RFC 3463); its class tells hard from soft."""


class Report(NamedTuple):
    """One event in a client's own words: every member may be of any type, or missing (None)."""

    provider: object = None
    provider_event_id: object = None
    campaign: object = None
    campaign_id: object = None
    campaign_name: object = None
    campaign_type: object = None
    message_id: object = None
    address: object = None
    kind: object = None
    occurred_at: object = None
    url: object = None
    user_agent: object = None
    ip: object = None
    detail: object = None
    bounce: object = None
    sent_at: object = None


def report_of(raw: object) -> Report:
    """A report out of JSON, by the names of the API's EngagementEventInput.

    Raises DomainError when it is no object, or its campaign is none.
    """
    if not isinstance(raw, Mapping):
        _refuse("INVALID_TYPE", f"{shown(raw)} is not an event: give an object of fields")
    campaign = raw.get("campaign")
    if campaign is not None and not isinstance(campaign, Mapping):
        _refuse("INVALID_TYPE", f"{shown(campaign)} is not a campaign: give externalId", "campaign")
    named: Mapping[str, object] = campaign or {}
    return Report(
        provider=raw.get("provider"),
        provider_event_id=raw.get("providerEventId"),
        campaign=campaign,
        campaign_id=named.get("externalId"),
        campaign_name=named.get("name"),
        campaign_type=named.get("type"),
        message_id=raw.get("messageId"),
        address=raw.get("address"),
        kind=raw.get("kind"),
        occurred_at=raw.get("occurredAt"),
        url=raw.get("url"),
        user_agent=raw.get("userAgent"),
        ip=raw.get("ip"),
        detail=raw.get("detail"),
        bounce=raw.get("bounce"),
    )


def reported_event(report: Report) -> ReportedEvent:
    """The fact that a client reports. Raises DomainError with the path to what is wrong."""
    kind = _kind(report.kind)
    detail = _text(report.detail, "detail", limit=MAX_DETAIL)
    message_id = _text(report.message_id, "messageId", limit=MAX_ID)
    address = _address(report.address)
    _check_campaign_type(report.campaign_type)
    if address is None and message_id is None:
        _refuse("MISSING", "whose mail was it? Give the address or the messageId", "address")
    return ReportedEvent(
        provider=_required(report.provider, "provider", limit=MAX_PROVIDER).lower(),
        kind=kind,
        occurred_at=_time(report.occurred_at, "occurredAt"),
        address=address,
        provider_event_id=_text(report.provider_event_id, "providerEventId", limit=MAX_ID),
        message_reference=message_id,
        campaign_id=_campaign_id(report),
        campaign_name=_text(report.campaign_name, "campaign", "name", limit=MAX_NAME),
        sent_at=None if report.sent_at is None else _time(report.sent_at, "sentAt"),
        url=_text(report.url, "url", limit=MAX_URL),
        user_agent=_text(report.user_agent, "userAgent", limit=MAX_AGENT, is_kept_empty=True),
        ip=_ip(report.ip),
        detail=detail,
        bounce=_bounce(report.bounce, detail) if kind is EventKind.BOUNCED else None,
    )


def instant(value: object, *path: str) -> datetime:
    """An aware time, from a datetime or ISO 8601 text. Raises DomainError INVALID_TIME."""
    found = value
    if isinstance(value, str):
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            found = None
    if not isinstance(found, datetime):
        _refuse(
            "INVALID_TIME", f"{shown(value)} is no time: give it as 2026-11-22T14:00:00Z", *path
        )
    if found.tzinfo is None:
        _refuse("INVALID_TIME", f"{shown(value)} has no zone: end it in Z or +01:00", *path)
    try:
        return found.astimezone(UTC)
    except OverflowError:
        _refuse("INVALID_TIME", f"{shown(value)} is beyond what a calendar holds", *path)


def _time(value: object, *path: str) -> datetime:
    if value is None:
        _refuse("MISSING", f"{path[-1]} is missing: give it as 2026-11-22T14:00:00Z", *path)
    found = instant(value, *path)
    if found < EARLIEST:
        _refuse("INVALID_TIME", f"{shown(value)} is before {EARLIEST.year}: check its unit", *path)
    return found


def _kind(value: object) -> EventKind:
    if isinstance(value, str) and value in REPORTABLE:
        return EventKind(value)
    if value is None:
        _refuse("MISSING", f"kind is missing: give one of {_kinds()}", "kind")
    _refuse("INVALID_KIND", f"{shown(value)} cannot be reported: give one of {_kinds()}", "kind")


def _kinds() -> str:
    return ", ".join(kind for kind in EventKind if kind in REPORTABLE)


def _address(value: object) -> str | None:
    text = _text(value, "address", limit=MAX_NAME)
    if text is None:
        return None
    try:
        return normalise(text)
    except DomainError as error:
        raise DomainError(error.code, error.message, ("address",)) from error


def _campaign_id(report: Report) -> str | None:
    if report.campaign is None and report.campaign_id is None:
        return None
    return _required(report.campaign_id, "campaign", "externalId", limit=MAX_ID)


def _check_campaign_type(value: object) -> None:
    if value is not None and not (isinstance(value, str) and value in set(CampaignType)):
        message = f"{shown(value)} is no campaign type: give one of {', '.join(CampaignType)}"
        _refuse("INVALID_TYPE", message, "campaign", "type")


def _ip(value: object) -> str | None:
    text = _text(value, "ip", limit=MAX_PROVIDER)
    try:
        return None if text is None else str(ipaddress.ip_address(text))
    except ValueError:
        _refuse("INVALID_IP", f"{shown(value)} is no IPv4 or IPv6 address", "ip")


def _bounce(value: object, detail: str | None) -> BounceClass | None:
    if value is not None:
        if isinstance(value, str) and value in set(BounceClass):
            return BounceClass(value)
        _refuse("INVALID_BOUNCE", f"{shown(value)} is no bounce class: give HARD or SOFT", "bounce")
    status = _STATUS.search(detail or "")
    if status is None:
        return None
    return BounceClass.HARD if status[1] == "5" else BounceClass.SOFT


def _required(value: object, *path: str, limit: int) -> str:
    text = _text(value, *path, limit=limit)
    if text is None:
        _refuse("MISSING", f"{path[-1]} is missing", *path)
    return text


def _text(value: object, *path: str, limit: int, is_kept_empty: bool = False) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str):
        _refuse("INVALID_TYPE", f"{shown(value)} is not text", *path)
    text = value.strip()
    if not is_storable(text):
        _refuse("INVALID_TEXT", f"{path[-1]} holds NUL or half a character: leave that out", *path)
    if len(text) > limit:
        message = f"{shown(text)} has {len(text)} characters: give at most {limit}"
        _refuse("TOO_LONG", message, *path)
    return text if text or is_kept_empty else None


def _refuse(code: str, message: str, *path: str) -> NoReturn:
    raise DomainError(code, message, path or None)
