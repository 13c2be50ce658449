"""Postal's webhooks: one event a request, named by `event`.

https://docs.postalserver.io/developer/webhooks

`uuid` belongs to the webhook request, which Postal stores and sends again as it was. anymail sees
no opens (MessageLoaded) and takes a refusal by the recipient's server for one by Postal, so the
event is read here; its signature is checked by anymail.
"""

from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.events import ACTS, occurred
from intake.providers.specification import Credential, Provider
from intake.reading import (
    address,
    agent,
    bounce_class,
    instant,
    ip,
    mapping,
    read_json,
    reference,
    text,
    url,
    words,
)
from intake.requests import WebhookRequest

KINDS = {
    "MessageSent": EventKind.DELIVERED,
    "MessageDelayed": EventKind.DEFERRED,
    "MessageHeld": EventKind.DEFERRED,
    "MessageDeliveryFailed": EventKind.BOUNCED,
    "MessageBounced": EventKind.BOUNCED,
    "MessageLoaded": EventKind.OPENED,
    "MessageLinkClicked": EventKind.CLICKED,
}
"""`event` → kind; `DomainDNSError` and what is added later are UNKNOWN."""


def split(request: WebhookRequest) -> Sequence[Any]:
    """The one event, unless it is about a mail that Postal received."""
    event = read_json(request.body)
    if not isinstance(event, dict) or "event" not in event:
        raise ValueError("Postal sends an object with an event and its payload")
    message = _message(mapping(event.get("payload")))
    return [] if message.get("direction") == "incoming" else [event]


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event."""
    payload = mapping(raw.get("payload"))
    message = _message(payload)
    kind = KINDS.get(str(raw["event"]), EventKind.UNKNOWN)
    is_act = kind in ACTS
    return [
        ReportedEvent(
            provider="postal",
            kind=kind,
            occurred_at=occurred(raw.get("timestamp"), kind, request),
            address=address(message.get("to")),
            provider_event_id=reference(raw.get("uuid")),
            message_reference=reference(message.get("message_id")) or reference(message.get("id")),
            tags=words(message.get("tag")),
            subject=text(message.get("subject")),
            sender=text(message.get("from")),
            sent_at=instant(message.get("timestamp")),
            url=url(payload.get("url")) if kind is EventKind.CLICKED else None,
            user_agent=agent(payload.get("user_agent")) if is_act else None,
            ip=ip(payload.get("ip_address")) if is_act else None,
            detail=_detail(raw, payload, kind),
            bounce=_bounce(raw, payload) if kind is EventKind.BOUNCED else None,
        )
    ]


def _message(payload: Any) -> Any:
    return mapping(payload.get("message")) or mapping(payload.get("original_message"))


def _detail(raw: Any, payload: Any, kind: EventKind) -> str | None:
    if kind is EventKind.UNKNOWN:
        return text(raw["event"])
    return text(payload.get("output")) or text(payload.get("details"))


def _bounce(raw: Any, payload: Any) -> BounceClass | None:
    """MessageDeliveryFailed is final; MessageBounced is a mail that came back, whatever it says."""
    found = bounce_class(payload.get("output"), payload.get("details"))
    return found or (BounceClass.HARD if raw["event"] == "MessageDeliveryFailed" else None)


PROVIDER = Provider(
    name="postal",
    title="Postal",
    view="postal.PostalTrackingWebhookView",
    secrets=("webhook_key",),
    options=("webhook_secret",),
    credential=Credential.HEADER,
    signature_header="x-postal-signature",
    has_stable_event_ids=True,
    split=split,
    report=report,
)
