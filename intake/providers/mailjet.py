"""Mailjet's event API: one event a request, or an array where events are grouped.

https://dev.mailjet.com/email/guides/webhooks/

There is no id of the event. `MessageID` is one recipient's message; `mj_campaign_id` is 0 where
there is no campaign.
"""

from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.anymail_views import vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import Credential, Provider
from intake.reading import bounce_class, present, read_json, text
from intake.requests import WebhookRequest

VIEW = "mailjet.MailjetTrackingWebhookView"

_TRUE = frozenset({"1", "true", "True"})


def split(request: WebhookRequest) -> Sequence[Any]:
    """The event, or the events of a group."""
    body = read_json(request.body)
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        raise ValueError("Mailjet sends an event or an array of events")
    return [body]


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event; `sent` is Mailjet's word for delivered."""
    normal = vocabulary(VIEW).esp_to_anymail_event(present(raw))
    kind = kind_of(normal)
    return [
        reported(
            "mailjet",
            normal,
            request,
            kind=kind,
            bounce=_bounce(raw),
            occurred_at=raw.get("time"),
            ip_address=raw.get("ip"),
            detail=_detail(raw, kind),
            campaign_id=raw.get("mj_campaign_id") or None,
            campaign_name=raw.get("customcampaign"),
        )
    ]


def _bounce(raw: Any) -> BounceClass | None:
    if "hard_bounce" not in raw:
        return bounce_class(raw.get("comment"))
    is_hard = raw["hard_bounce"] is True or str(raw["hard_bounce"]) in _TRUE
    return BounceClass.HARD if is_hard else BounceClass.SOFT


def _detail(raw: Any, kind: EventKind) -> str | None:
    if kind is EventKind.UNKNOWN:
        return text(raw.get("event"))
    found = filter(
        None, (text(raw.get("error")), text(raw.get("comment")), text(raw.get("source")))
    )
    return ": ".join(found) or None


PROVIDER = Provider(
    name="mailjet",
    title="Mailjet",
    view=VIEW,
    secrets=("webhook_secret",),
    credential=Credential.BASIC_AUTH,
    has_stable_event_ids=False,
    split=split,
    report=report,
)
