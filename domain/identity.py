"""One fact, once: what makes two reports the same fact."""

from datetime import datetime, timedelta
from hashlib import sha256

from domain.events import ReportedEvent

KEY_BYTES = 16
"""Half a sha256: no two facts of one day will ever share it by chance."""

CLOCK_SKEW = timedelta(minutes=5)
"""How far ahead of us a reporter's clock may run before we take our own."""

DAY_SECONDS = 86_400
PREFIX_BYTES = 3
"""Bytes of a fingerprint's key that hold the second of the (UTC) day as reported."""

_SEPARATOR = "\x1f"


def event_key(event: ReportedEvent, address: str | None) -> bytes:
    """The identity of a reported fact; `address` is the normalised one.

    Where the provider keeps its event id over retries: (provider, id, address, kind), since one
    notification can name several recipients. Else the fingerprint of everything that was reported
    about the act itself. Never either of the two for one provider: that is not transitive.
    """
    where = address or event.address or ""
    if event.provider_event_id is not None:
        return _hash("id", event.provider, event.provider_event_id, where, event.kind)[:KEY_BYTES]
    at = event.occurred_at.timestamp()
    fingerprint = _hash(
        "fingerprint",
        event.provider,
        event.message_reference or _campaign_words(event),
        where,
        event.kind,
        event.url or "",
        str(at),
    )
    # The second of the day comes first: what happens together stands together in the index, so that
    # storing a batch touches a few pages of it and not one for each event.
    second = int(at) % DAY_SECONDS
    return second.to_bytes(PREFIX_BYTES, "big") + fingerprint[: KEY_BYTES - PREFIX_BYTES]


def _hash(*parts: str) -> bytes:
    return sha256(_SEPARATOR.join(parts).encode("utf-8", "surrogatepass")).digest()


def _campaign_words(event: ReportedEvent) -> str:
    if event.campaign_id is not None:
        return event.campaign_id
    return _SEPARATOR.join((*event.tags, event.subject or "", event.sender or ""))


def clamp(reported_at: datetime, received_at: datetime) -> datetime:
    """When it happened: as reported, unless that lies in our future."""
    return received_at if reported_at > received_at + CLOCK_SKEW else reported_at
