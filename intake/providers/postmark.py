"""Postmark's webhooks: one event a request, told apart by RecordType.

https://postmarkapp.com/developer/webhooks/webhooks-overview

Only bounces and complaints carry an `ID`, so events are told apart by what they say.
"""

from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.anymail_views import vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import Credential, Provider
from intake.reading import bounce_class, mapping, read_json, text
from intake.requests import WebhookRequest

VIEW = "postmark.PostmarkTrackingWebhookView"

BOUNCES = {
    "HardBounce": BounceClass.HARD,
    "BadEmailAddress": BounceClass.HARD,
    "SoftBounce": BounceClass.SOFT,
    "VirusNotification": BounceClass.SOFT,
}
"""`Type` of a bounce → class (https://postmarkapp.com/developer/api/bounce-api#bounce-types)."""


def split(request: WebhookRequest) -> Sequence[Any]:
    """The one event."""
    event = read_json(request.body)
    if not isinstance(event, dict):
        raise ValueError("Postmark sends an object with a RecordType")
    if "RecordType" not in event and "FromFull" in event:
        raise ValueError("this is Postmark's inbound stream; its webhook belongs elsewhere")
    return [event]


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event; `Unknown` is the type of a bounce that Postmark could not classify."""
    normal = vocabulary(VIEW).esp_to_anymail_event(raw)
    record, kind = raw.get("RecordType"), kind_of(normal)
    if record == "Bounce" and raw.get("Type") == "Unknown":
        kind = EventKind.BOUNCED
    if record == "SubscriptionChange" and raw.get("SuppressSending") is False:
        kind = EventKind.RESUBSCRIBED
    known = None if kind is EventKind.UNKNOWN else text(raw.get("Details"))
    return [
        reported(
            "postmark",
            normal,
            request,
            kind=kind,
            bounce=_bounce(raw),
            occurred_at=normal.timestamp or raw.get("SentAt"),
            ip_address=mapping(raw.get("Geo")).get("IP"),
            detail=known or _name(raw),
            message_reference=text(raw.get("MessageID")),
            subject=text(raw.get("Subject")),
            sender=text(raw.get("From")),
        )
    ]


def _name(raw: Any) -> str | None:
    """What Postmark calls it, where that says more than our kind does."""
    name = raw.get("SuppressionReason") or raw.get("Type")
    return text(name) or (None if raw.get("RecordType") in _PLAIN else text(raw.get("RecordType")))


_PLAIN = frozenset({"Delivery", "Open", "Click"})


def _bounce(raw: Any) -> BounceClass | None:
    name = raw.get("SuppressionReason") or raw.get("Type")
    return BOUNCES.get(str(name)) or bounce_class(raw.get("Details"))


PROVIDER = Provider(
    name="postmark",
    title="Postmark",
    view=VIEW,
    secrets=("webhook_secret",),
    credential=Credential.BASIC_AUTH,
    has_stable_event_ids=False,
    split=split,
    report=report,
)
