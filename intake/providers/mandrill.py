"""Mandrill (Mailchimp Transactional): a form whose field mandrill_events is an array of events.

https://mailchimp.com/developer/transactional/docs/webhooks/

There is no id of the event; `_id` is the message's. The signature covers the webhook's URL as it
was entered at Mandrill: set `webhook_url` where a proxy makes us see another one.
"""

from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.anymail_views import vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import FORM_TYPES, Credential, Provider
from intake.reading import bounce_class, instant, mapping, read_form, read_json, text
from intake.requests import WebhookRequest

VIEW = "mandrill.MandrillCombinedWebhookView"

KINDS = {"delivered": EventKind.DELIVERED}
"""Events that anymail does not know yet."""

BOUNCES = {"hard_bounce": BounceClass.HARD, "soft_bounce": BounceClass.SOFT}


def split(request: WebhookRequest) -> Sequence[Any]:
    """The events within the form."""
    events = dict(read_form(request.body)).get("mandrill_events")
    found = None if events is None else read_json(events.encode())
    if not isinstance(found, list):
        raise ValueError("Mandrill sends a form whose mandrill_events is an array of events")
    return found


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event: of a message, of a suppression list (`type`), or an inbound mail."""
    normal = vocabulary(VIEW).mandrill_tracking_to_anymail_event(raw)
    name = raw.get("event") or raw.get("type")
    kind = KINDS.get(str(name)) or kind_of(normal)
    message = mapping(raw.get("msg"))
    return [
        reported(
            "mandrill",
            normal,
            request,
            kind=kind,
            bounce=BOUNCES.get(str(name)) or bounce_class(message.get("diag")),
            occurred_at=raw.get("ts"),
            ip_address=raw.get("ip"),
            detail=_detail(name, message, kind),
            subject=text(message.get("subject")),
            sender=text(message.get("sender")),
            sent_at=instant(message.get("ts")),
        )
    ]


def _detail(name: Any, message: Any, kind: EventKind) -> str | None:
    if kind is EventKind.UNKNOWN:
        return text(name)
    return text(message.get("diag")) or text(message.get("bounce_description"))


PROVIDER = Provider(
    name="mandrill",
    title="Mandrill",
    view=VIEW,
    secrets=("webhook_key",),
    options=("webhook_url", "webhook_secret"),
    credential=Credential.HEADER,
    signature_header="x-mandrill-signature",
    content_types=FORM_TYPES,
    has_stable_event_ids=False,
    split=split,
    report=report,
)
