"""Twilio SendGrid's event webhook: an array of up to thousands of small events.

https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event

Read straight from the JSON, without anymail's event in between: this is the provider that sends
in bulk. `sg_event_id` changes on retries (sendgrid-nodejs#1435) and is missing on unsubscribes
(sendgrid/docs#2862), so it identifies nothing.
"""

import re
from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.events import ACTS, occurred
from intake.providers.specification import Credential, Provider
from intake.reading import agent, bounce_class, ip, mapping, read_json, reference, text, url, words
from intake.requests import WebhookRequest

KINDS = {
    "processed": EventKind.ACCEPTED,
    "deferred": EventKind.DEFERRED,
    "delivered": EventKind.DELIVERED,
    "bounce": EventKind.BOUNCED,
    "blocked": EventKind.BOUNCED,
    "dropped": EventKind.REJECTED,
    "open": EventKind.OPENED,
    "click": EventKind.CLICKED,
    "spamreport": EventKind.COMPLAINED,
    "unsubscribe": EventKind.UNSUBSCRIBED,
    "group_unsubscribe": EventKind.UNSUBSCRIBED,
    "group_resubscribe": EventKind.RESUBSCRIBED,
}
"""`event` → kind; what is added later is UNKNOWN."""

_MESSAGE_ID_LENGTH = 22
"""Characters of today's X-Message-Id; what follows it in sg_message_id names the event's server."""

_SERVER = re.compile(r"\.(?:filter|recv)")
"""Where the server's name begins after an X-Message-Id of older make, which has dots itself."""


def split(request: WebhookRequest) -> Sequence[Any]:
    """The events of the array."""
    events = read_json(request.body)
    if not isinstance(events, list):
        raise ValueError("SendGrid sends an array of events")
    return events


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event; unique arguments stand beside SendGrid's own fields."""
    get = raw.get
    name = get("event")
    kind = KINDS.get(name, EventKind.UNKNOWN) if isinstance(name, str) else EventKind.UNKNOWN
    is_act = kind in ACTS
    return (
        ReportedEvent(
            provider="sendgrid",
            kind=kind,
            occurred_at=occurred(get("timestamp"), kind, request),
            address=text(get("email")),
            message_reference=_message(get("sg_message_id")),
            campaign_id=_campaign(raw),
            campaign_name=text(
                get("singlesend_name") or get("marketing_campaign_name") or get("campaign_name")
            ),
            tags=words(get("category")) if "category" in raw else (),
            subject=text(get("subject")) if "subject" in raw else None,
            url=url(get("url")) if kind is EventKind.CLICKED else None,
            user_agent=agent(get("useragent")) if is_act else None,
            ip=ip(get("ip")) if is_act else None,
            detail=None if is_act and kind is not EventKind.COMPLAINED else _detail(raw, kind),
            bounce=_bounce(raw) if kind is EventKind.BOUNCED else None,
            is_machine=get("sg_machine_open") is True,
        ),
    )


def _message(value: Any) -> str | None:
    """The X-Message-Id within sg_message_id: the same on every event of the message."""
    found = reference(value)
    if found is None or found[_MESSAGE_ID_LENGTH : _MESSAGE_ID_LENGTH + 1] == ".":
        return found and found[:_MESSAGE_ID_LENGTH]
    return _SERVER.split(found, maxsplit=1)[0] or None


def _campaign(raw: Any) -> str | None:
    """Single sends, automations and legacy campaigns, newsletters; else a unique argument."""
    get = raw.get
    found = get("singlesend_id") or get("mc_auto_id") or get("marketing_campaign_id")
    if not found and "newsletter" in raw:
        found = mapping(raw["newsletter"]).get("newsletter_id")
    return reference(found or get("campaign_id"))


def _bounce(raw: Any) -> BounceClass | None:
    """`blocked` is a refusal for now, whatever its status code says."""
    if raw.get("type") == "blocked" or raw.get("event") == "blocked":
        return BounceClass.SOFT
    return bounce_class(raw.get("status"), raw.get("reason")) or BounceClass.HARD


def _detail(raw: Any, kind: EventKind) -> str | None:
    if kind is EventKind.UNKNOWN:
        return text(raw.get("event"))
    return text(raw.get("reason")) or text(raw.get("response"))


PROVIDER = Provider(
    name="sendgrid",
    title="SendGrid",
    view="sendgrid.SendGridTrackingWebhookView",
    secrets=("tracking_webhook_verification_key", "webhook_secret"),
    credential=Credential.HEADER,
    signature_header="x-twilio-email-event-webhook-signature",
    has_stable_event_ids=False,
    split=split,
    report=report,
)
