"""MailerSend's activity webhooks: one event a request.

https://developers.mailersend.com/api/v1/webhooks

`data.id` names the activity and is the same on every retry. `activity.opened_unique` and
`activity.clicked_unique` repeat the first `opened` and `clicked` and are kept as UNKNOWN.
"""

from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.anymail_views import vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import Credential, Provider
from intake.reading import instant, mapping, present, read_json, reference, text
from intake.requests import WebhookRequest

VIEW = "mailersend.MailerSendTrackingWebhookView"

KINDS = {"deferred": EventKind.DEFERRED}
"""Activities that anymail does not know yet."""

BOUNCES = {"hard_bounced": BounceClass.HARD, "soft_bounced": BounceClass.SOFT}


def split(request: WebhookRequest) -> Sequence[Any]:
    """The one event."""
    event = read_json(request.body)
    if not isinstance(event, dict) or "type" not in event:
        raise ValueError("MailerSend sends an object with a type")
    if event["type"] == "inbound.message":
        raise ValueError("this is MailerSend's inbound route; its webhook belongs elsewhere")
    return [event]


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One activity; events of other objects than an email are UNKNOWN."""
    activity = {"type": raw["type"], **present(raw.get("data"))}
    activity["email"] = present(activity.get("email"))
    normal = vocabulary(VIEW).esp_to_anymail_event({**raw, "data": activity})
    name = activity["type"]
    kind = KINDS.get(str(name)) or kind_of(normal)
    email, morph = mapping(activity.get("email")), mapping(activity.get("morph"))
    return [
        reported(
            "mailersend",
            normal,
            request,
            kind=kind,
            bounce=BOUNCES.get(str(name)),
            occurred_at=activity.get("created_at") or raw.get("created_at"),
            user_agent=morph.get("user_agent"),
            ip_address=morph.get("ip"),
            detail=raw["type"] if kind is EventKind.UNKNOWN else None,
            provider_event_id=reference(activity.get("id")),
            subject=text(email.get("subject")),
            sender=text(email.get("from")),
            sent_at=instant(email.get("created_at")),
        )
    ]


PROVIDER = Provider(
    name="mailersend",
    title="MailerSend",
    view=VIEW,
    secrets=("signing_secret",),
    options=("webhook_secret",),
    credential=Credential.HEADER,
    signature_header="signature",
    has_stable_event_ids=True,
    split=split,
    report=report,
)
