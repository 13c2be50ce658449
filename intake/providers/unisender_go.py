"""Unisender Go's webhooks: a batch of events of one user, or a single event.

https://godocs.unisender.ru/web-api-ref#callback-format

There is no id of the event; times are in UTC without saying so. A `soft_bounced` that will be
tried again (`err_will_retry`) is a deferral.
"""

from collections.abc import Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.anymail_views import vocabulary
from intake.events import kind_of, reported
from intake.providers.specification import Credential, Provider
from intake.reading import items, mapping, present, read_json, text
from intake.requests import WebhookRequest

VIEW = "unisender_go.UnisenderGoTrackingWebhookView"

STATUS_EVENT = "transactional_email_status"
"""The `event_name` of what happened to a mail; any other is UNKNOWN."""

BOUNCES = {"hard_bounced": BounceClass.HARD, "soft_bounced": BounceClass.SOFT}


def split(request: WebhookRequest) -> Sequence[Any]:
    """Each event as {event_name, event_data}."""
    body = read_json(request.body)
    if not isinstance(body, dict) or not isinstance(body.get("auth"), str):
        raise ValueError("Unisender Go sends an object with an auth")
    if "events_by_user" in body:
        return [event for user in items(body["events_by_user"]) for event in _events(user)]
    if "event_name" not in body:
        raise ValueError("Unisender Go sends events_by_user or one event_name")
    return [{"event_name": body["event_name"], "event_data": body}]


def _events(user: Any) -> list[Any]:
    return items(mapping(user).get("events"))


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event."""
    name = raw["event_name"]
    fact = {"email": None, "status": name, **present(raw["event_data"])}
    if name != STATUS_EVENT:
        fact["status"] = name
    fact["event_time"] = fact.get("event_time") or fact.get("block_time")
    normal = vocabulary(VIEW).esp_to_anymail_event(
        {**fact, "delivery_info": mapping(fact.get("delivery_info")), **_NO_TIME}
    )
    normal.timestamp = None
    info = mapping(fact.get("delivery_info"))
    kind = _kind(fact, info, kind_of(normal))
    return [
        reported(
            "unisender-go",
            normal,
            request,
            kind=kind,
            bounce=BOUNCES.get(str(fact["status"])),
            occurred_at=fact["event_time"],
            ip_address=info.get("ip"),
            detail=fact["status"] if kind is EventKind.UNKNOWN else None,
            message_reference=text(fact.get("job_id")),
            subject=text(fact.get("subject")),
            sender=text(fact.get("from_email")),
        )
    ]


_NO_TIME = {"event_time": "1970-01-01 00:00:00"}
"""For anymail, which stumbles over odd times; ours is read by `reported`."""


def _kind(fact: Any, info: Any, kind: EventKind) -> EventKind:
    if fact["status"] == "subscribed":
        return EventKind.RESUBSCRIBED
    if fact["status"] == "soft_bounced" and info.get("delivery_status") != "err_will_retry":
        return EventKind.BOUNCED
    return kind


PROVIDER = Provider(
    name="unisender-go",
    title="Unisender Go",
    view=VIEW,
    secrets=("api_key",),
    options=("webhook_secret",),
    credential=Credential.BODY,
    has_stable_event_ids=False,
    split=split,
    report=report,
)
