"""Braze Currents, custom HTTP export: batches of up to 100 events, named by event_type.

https://www.braze.com/docs/user_guide/data/distribution/braze_currents/setting_up_currents/custom_http_connector
https://www.braze.com/docs/user_guide/data/distribution/braze_currents/event_glossary/message_engagement_events

`id` is unique to an event and there to know repeats by (event delivery semantics). Nothing is
signed: the request carries a bearer token.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.events import stated
from intake.providers.specification import Credential, Provider
from intake.reading import is_true, mapping, read_json, reference, text, words
from intake.requests import WebhookRequest
from intake.signatures import is_same, require_length

EMAIL = "users.messages.email."

KINDS = {
    "Send": EventKind.ACCEPTED,
    "Abort": EventKind.REJECTED,
    "Delivery": EventKind.DELIVERED,
    "Open": EventKind.OPENED,
    "Click": EventKind.CLICKED,
    "Bounce": EventKind.BOUNCED,
    "SoftBounce": EventKind.BOUNCED,
    "MarkAsSpam": EventKind.COMPLAINED,
    "Unsubscribe": EventKind.UNSUBSCRIBED,
}
"""event_type within `users.messages.email.` → kind; what is added later there is UNKNOWN, and
everything else (push, SMS, sessions, purchases) is left out."""

BOUNCES = {"Bounce": BounceClass.HARD, "SoftBounce": BounceClass.SOFT}


def split(request: WebhookRequest) -> Sequence[Any]:
    """The events of the batch."""
    body = read_json(request.body)
    if not isinstance(body, dict) or not isinstance(body.get("events"), list):
        raise ValueError("Braze sends an object with an array of events")
    events: Sequence[Any] = body["events"]
    return events


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event, unless it is another channel's."""
    name = raw["event_type"]
    if not name.startswith(EMAIL):
        return ()
    fields = mapping(raw.get("properties"))
    get = fields.get
    event = stated(
        "braze",
        _kind(name.removeprefix(EMAIL), fields),
        request,
        occurred_at=raw.get("time"),
        to=get("email_address"),
        name=name,
        message=_message(fields, mapping(raw.get("user"))),
        campaign_id=get("campaign_id") or get("canvas_step_id") or get("canvas_id"),
        campaign_name=get("campaign_name") or _canvas(fields),
        link=get("url"),
        user_agent=get("user_agent"),
        detail=text(get("bounce_reason")) or text(get("abort_log")) or text(get("abort_type")),
        bounce=BOUNCES.get(name.removeprefix(EMAIL)),
        provider_event_id=reference(raw.get("id")),
        tags=words(get("send_id")),
        is_machine=is_true(get("machine_open")),
    )
    return (event,)


def _kind(name: str, fields: Mapping[str, Any]) -> EventKind:
    """`is_drop` marks bounces of mail that Braze's own mail service refused to send."""
    kind = KINDS.get(name, EventKind.UNKNOWN)
    is_dropped = kind is EventKind.BOUNCED and is_true(fields.get("is_drop"))
    return EventKind.REJECTED if is_dropped else kind


def _message(fields: Mapping[str, Any], user: Mapping[str, Any]) -> str | None:
    """Dispatch and user: together one person's mail. (A scheduled dispatch is everybody's.)"""
    dispatch, person = reference(fields.get("dispatch_id")), reference(user.get("user_id"))
    return f"{dispatch}:{person}" if dispatch and person else None


def _canvas(fields: Mapping[str, Any]) -> str | None:
    """A Canvas sends a mail a step, so the step is part of the name."""
    found = (text(fields.get("canvas_name")), text(fields.get("canvas_step_name")))
    return ": ".join(filter(None, found)) or None


def check(request: WebhookRequest, settings: Mapping[str, str]) -> bool:
    """Whether the request carries `bearer_token` (RFC 6750 §2.1). Raises KeyError."""
    scheme, _, token = request.headers["authorization"].strip().partition(" ")
    return scheme.lower() == "bearer" and is_same(token.strip(), settings["bearer_token"])


def check_settings(settings: Mapping[str, str]) -> None:
    """Raises ValueError for a token that could be guessed."""
    require_length(settings, "bearer_token")


PROVIDER = Provider(
    name="braze",
    title="Braze",
    secrets=("bearer_token",),
    credential=Credential.BEARER,
    signature_header="authorization",
    check=check,
    check_settings=check_settings,
    has_stable_event_ids=True,
    split=split,
    report=report,
)
