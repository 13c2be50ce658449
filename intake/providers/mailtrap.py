"""Mailtrap's webhooks: batches of events.

https://docs.mailtrap.io/email-api-smtp/advanced/webhooks

`event_id` is the event's own. A `soft bounce` is tried again, so it is a deferral, not a bounce.
"""

from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.anymail_views import vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import Credential, Provider
from intake.reading import bounce_class, present, read_json, reference, text
from intake.requests import WebhookRequest

VIEW = "mailtrap.MailtrapTrackingWebhookView"


def split(request: WebhookRequest) -> Sequence[Any]:
    """The events of the batch."""
    body = read_json(request.body)
    if not isinstance(body, dict) or not isinstance(body.get("events"), list):
        raise ValueError("Mailtrap sends an object with an array of events")
    events: Sequence[Any] = body["events"]
    return events


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event."""
    normal = vocabulary(VIEW).esp_to_anymail_event({"message_id": None, **present(raw)})
    kind = kind_of(normal)
    return [
        reported(
            "mailtrap",
            normal,
            request,
            kind=kind,
            bounce=bounce_class(raw.get("response"), raw.get("response_code")) or BounceClass.HARD
            if kind is EventKind.BOUNCED
            else None,
            occurred_at=raw.get("timestamp"),
            ip_address=raw.get("ip"),
            detail=raw.get("event")
            if kind is EventKind.UNKNOWN
            else text(raw.get("response")) or text(raw.get("reason")),
            provider_event_id=reference(raw.get("event_id")),
        )
    ]


PROVIDER = Provider(
    name="mailtrap",
    title="Mailtrap",
    view=VIEW,
    secrets=("tracking_secret", "webhook_secret"),
    credential=Credential.HEADER,
    signature_header="mailtrap-signature",
    has_stable_event_ids=True,
    split=split,
    report=report,
)
