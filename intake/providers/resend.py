"""Resend's webhooks: one event a request, signed as Svix does.

https://resend.com/docs/webhooks/event-types

The header `svix-id` names the event and is the same on every retry. An event of a mail to several
recipients does not say which of them it is about: it is reported of each.
"""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.anymail_views import vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import Credential, Provider
from intake.reading import address, instant, items, mapping, present, read_json, reference, text
from intake.requests import WebhookRequest

VIEW = "resend.ResendTrackingWebhookView"

KINDS = {
    "email.failed": EventKind.REJECTED,
    "email.suppressed": EventKind.REJECTED,
    "email.scheduled": EventKind.ACCEPTED,
}
"""Events that anymail does not know yet; those of contacts and domains are UNKNOWN."""

BOUNCES = {"Permanent": BounceClass.HARD, "Transient": BounceClass.SOFT}

SHORTEST_KEY_BYTES = 16
"""Svix's secrets have 24 to 64 bytes; an empty one would sign for anybody."""

SIGNATURE_TOLERANCE = timedelta(minutes=5)
"""How old a signature may be: Svix signs each attempt anew (docs.svix.com, receiving)."""


def split(request: WebhookRequest) -> Sequence[Any]:
    """The one event."""
    event = read_json(request.body)
    if not isinstance(event, dict) or not isinstance(event.get("type"), str):
        raise ValueError("Resend sends an object with a type")
    return [event]


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event, of each recipient."""
    content = present(raw.get("data"))
    unaddressed = {**raw, "data": {**content, "to": ()}}  # anymail would parse the first, slowly
    normal = vocabulary(VIEW).esp_to_anymail_event(unaddressed, request)
    kind = KINDS.get(raw["type"]) or kind_of(normal)
    act = mapping(content.get("click")) or mapping(content.get("open"))
    failure = mapping(content.get("bounce")) or mapping(content.get("failed"))
    tags = mapping(content.get("tags"))
    event = reported(
        "resend",
        normal,
        request,
        kind=kind,
        bounce=BOUNCES.get(str(failure.get("type"))) or _bounce_in_words(failure.get("message")),
        occurred_at=act.get("timestamp") or raw.get("created_at"),
        user_agent=act.get("userAgent"),
        ip_address=act.get("ipAddress"),
        detail=raw["type"] if kind is EventKind.UNKNOWN else _detail(content, failure),
        provider_event_id=reference(normal.event_id),
        campaign_id=content.get("broadcast_id") or tags.get("campaign_id"),
        campaign_name=tags.get("campaign_name"),
        tags=tuple(normal.tags) or _category(tags),
        subject=text(content.get("subject")),
        sender=text(content.get("from")),
        sent_at=instant(content.get("created_at")),
    )
    recipients = dict.fromkeys(map(address, items(content.get("to"))))
    return [_of(event, to) for to in recipients] or [event]


def _of(event: ReportedEvent, to: str | None) -> ReportedEvent:
    return event if event.address == to else event._replace(address=to)


def _category(tags: Mapping[str, Any]) -> tuple[str, ...]:
    found = text(tags.get("category"))
    return (found,) if found else ()


def _detail(content: Mapping[str, Any], failure: Mapping[str, Any]) -> str | None:
    suppressed = mapping(content.get("suppressed"))
    return (
        text(failure.get("message"))
        or text(failure.get("reason"))
        or text(suppressed.get("message"))
    )


def _bounce_in_words(message: Any) -> BounceClass | None:
    """Older events have the message alone, which says so in English."""
    found = text(message)
    return BounceClass.HARD if found and "hard bounce" in found else None


def is_signed(request: WebhookRequest, settings: Mapping[str, str]) -> bool:
    """Whether one of the signatures was made with `signing_secret`, lately. Raises ValueError."""
    secret = settings.get("signing_secret")
    if secret is None:
        return True
    event_id, sent_at = request.headers["svix-id"], request.headers["svix-timestamp"]
    signed_at = instant(float(sent_at))
    if request.received_at is None or signed_at is None:
        return False
    if abs(request.received_at - signed_at) > SIGNATURE_TOLERANCE:
        return False
    signed = b".".join((event_id.encode(), sent_at.encode(), request.body))
    expected = b64encode(hmac.digest(_key(secret), signed, sha256))
    given = (one.partition(",") for one in request.headers["svix-signature"].split(" "))
    return any(
        version == "v1" and hmac.compare_digest(signature.encode(), expected)
        for version, _, signature in given
    )


def _key(secret: str) -> bytes:
    key = b64decode(secret.removeprefix("whsec_"), validate=True)
    if len(key) < SHORTEST_KEY_BYTES:
        raise ValueError("signing_secret is too short; copy it whole, from whsec_ on")
    return key


def check_settings(settings: Mapping[str, str]) -> None:
    """Raises ValueError for a signing_secret that Resend cannot have given."""
    if "signing_secret" in settings:
        _key(settings["signing_secret"])


PROVIDER = Provider(
    name="resend",
    title="Resend",
    view="base.AnymailBaseWebhookView",
    secrets=("signing_secret", "webhook_secret"),
    own_settings=("signing_secret",),
    credential=Credential.HEADER,
    signature_header="svix-signature",
    check=is_signed,
    check_settings=check_settings,
    has_stable_event_ids=True,
    split=split,
    report=report,
    kept_headers=("svix-id",),
)
