"""SparkPost's (Bird's) event webhook: batches of events, each wrapped by its class.

https://developers.sparkpost.com/api/webhooks/ and, for the bounce classes,
https://support.sparkpost.com/docs/deliverability/bounce-classification-codes

`event_id` is unique and the same when a batch is sent again. `initial_open` is the pixel at the
top of a mail whose bottom pixel makes the `open` of the same act: kept as UNKNOWN, so that one
reader counts once.
"""

from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.anymail_views import vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import Credential, Provider
from intake.reading import (
    bounce_class,
    instant,
    mapping,
    present,
    read_json,
    reference,
    text,
    words,
)
from intake.requests import WebhookRequest

VIEW = "sparkpost.SparkPostTrackingWebhookView"

HARD_CLASSES = frozenset({"10", "30", "90"})
"""Invalid recipient, no RCPT, unsubscribed."""

SOFT_CLASSES = frozenset(
    {"20", "21", "22", "23", "24", "40", "50", "51", "52", "53", "54", "60", "70", "100"}
)
"""Soft bounces, and blocks (50 to 54), which a receiver may lift."""

ADMIN_FAILURE = "25"
"""SparkPost's own policies refused the mail."""


def split(request: WebhookRequest) -> Sequence[Any]:
    """The events of the batch, without the empty one that SparkPost sends to try the webhook."""
    body = read_json(request.body)
    if not isinstance(body, list):
        raise ValueError("SparkPost sends an array of events")
    return [event for event in body if event != {"msys": {}}]


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event."""
    view = vocabulary(VIEW)
    event_class, wrapped, _ = view.unwrap_event(raw)
    event = {"type": event_class, **present(wrapped)}
    normal = view.esp_to_anymail_event(event_class, event, raw)
    kind, of_class = kind_of(normal), str(event.get("bounce_class"))
    if kind is EventKind.BOUNCED and of_class == ADMIN_FAILURE:
        kind = EventKind.REJECTED
    client = mapping(event.get("user_agent_parsed"))
    return [
        reported(
            "sparkpost",
            normal,
            request,
            kind=kind,
            bounce=_bounce(of_class, event),
            ip_address=event.get("ip_address"),
            detail=event["type"] if kind is EventKind.UNKNOWN else _reason(event),
            address=text(normal.recipient) or text(event.get("rcpt_to")),
            provider_event_id=reference(event.get("event_id")),
            campaign_id=event.get("campaign_id"),
            campaign_name=event.get("campaign_id"),
            tags=words(event.get("rcpt_tags")),
            subject=text(event.get("subject")),
            sender=text(event.get("friendly_from")) or text(event.get("msg_from")),
            sent_at=instant(event.get("injection_time")),
            is_machine=client.get("is_prefetched") is True,
        )
    ]


def _bounce(of_class: str, event: dict[str, Any]) -> BounceClass | None:
    if of_class in HARD_CLASSES:
        return BounceClass.HARD
    if of_class in SOFT_CLASSES:
        return BounceClass.SOFT
    return bounce_class(event.get("raw_reason"), event.get("error_code"))


def _reason(event: dict[str, Any]) -> str | None:
    return text(event.get("raw_reason")) or text(event.get("reason")) or text(event.get("fbtype"))


PROVIDER = Provider(
    name="sparkpost",
    title="SparkPost",
    view=VIEW,
    secrets=("webhook_secret",),
    credential=Credential.BASIC_AUTH,
    has_stable_event_ids=True,
    split=split,
    report=report,
)
