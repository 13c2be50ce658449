"""Brevo's transactional and marketing webhooks: one event a request, or an array of them.

https://developers.brevo.com/docs/transactional-webhooks
https://developers.brevo.com/docs/marketing-webhooks

There is no id of the event (`id` is the webhook's). `ts_epoch` (milliseconds) alone is in UTC on
every transactional event; marketing events and complaints have `ts_event` (seconds) instead.
"""

from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.anymail_views import vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import Credential, Provider
from intake.reading import bounce_class, instant, read_json, text
from intake.requests import WebhookRequest

VIEW = "brevo.BrevoTrackingWebhookView"

MACHINE = frozenset({"proxy_open", "unique_proxy_open"})
"""Opens that a privacy proxy made, not a reader."""

BOUNCES = {
    "hard_bounce": BounceClass.HARD,
    "soft_bounce": BounceClass.SOFT,
    "invalid_email": BounceClass.HARD,
}

FIRST_MILLISECOND = 100_000_000_000
"""Below it `ts_epoch` is in seconds, as in some of Brevo's own examples (it is the year 5138)."""


def split(request: WebhookRequest) -> Sequence[Any]:
    """The event, or the events of a batch."""
    body = read_json(request.body)
    if isinstance(body, list):
        return body
    if not isinstance(body, dict):
        raise ValueError("Brevo sends an event or an array of events")
    if "items" in body:
        raise ValueError("this is Brevo's inbound parsing; its webhook belongs elsewhere")
    return [body]


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event; the marketing webhook spells some fields its own way."""
    name = raw.get("event")
    normal = vocabulary(VIEW).esp_to_anymail_event({**raw, "ts_epoch": 0})
    normal.timestamp = None
    kind = kind_of(normal)
    if kind is EventKind.CLICKED and normal.click_url is None:
        normal.click_url = raw.get("URL")
    return [
        reported(
            "brevo",
            normal,
            request,
            kind=kind,
            bounce=BOUNCES.get(str(name)) or bounce_class(raw.get("reason")),
            occurred_at=_occurred(raw),
            user_agent=raw.get("user_agent"),
            ip_address=raw.get("ip"),
            detail=name if kind is EventKind.UNKNOWN else None,
            campaign_id=raw.get("camp_id"),
            campaign_name=raw.get("campaign name"),
            subject=text(raw.get("subject")),
            sender=text(raw.get("sender_email")),
            sent_at=instant(raw.get("ts_sent")),
            is_machine=name in MACHINE,
        )
    ]


def _occurred(raw: Any) -> Any:
    epoch = raw.get("ts_epoch")
    if isinstance(epoch, (int, float)) and epoch > 0:
        return epoch / 1_000 if epoch > FIRST_MILLISECOND else epoch
    return raw.get("ts_event") or raw.get("ts")


PROVIDER = Provider(
    name="brevo",
    title="Brevo",
    view=VIEW,
    secrets=("webhook_secret",),
    credential=Credential.BASIC_AUTH,
    has_stable_event_ids=False,
    split=split,
    report=report,
)
