"""Klaviyo's system webhooks: batches of up to 1,000 events, each named by its topic.

https://developers.klaviyo.com/en/docs/working_with_system_webhooks and, for an example,
https://help.klaviyo.com/hc/en-us/articles/17760478970907

An event is shaped as in the Events API, which names the profile by Klaviyo's id alone: the address
is taken from the event's properties, or from an included profile, and is None where neither has it.
`external_id` is the event's own id.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.events import stated
from intake.providers.specification import Credential, Provider
from intake.reading import bounce_class, is_true, items, mapping, read_json, reference, text, words
from intake.requests import WebhookRequest
from intake.signatures import is_signed, require_length

KINDS = {
    "received_email": EventKind.DELIVERED,
    "email_delivered": EventKind.DELIVERED,
    "opened_email": EventKind.OPENED,
    "clicked_email": EventKind.CLICKED,
    "bounced_email": EventKind.BOUNCED,
    "dropped_email": EventKind.REJECTED,
    "marked_email_as_spam": EventKind.COMPLAINED,
    "unsubscribed": EventKind.UNSUBSCRIBED,
    "unsubscribed_from_list": EventKind.UNSUBSCRIBED,
    "unsubscribed_from_email_marketing": EventKind.UNSUBSCRIBED,
    "subscribed_to_email_marketing": EventKind.RESUBSCRIBED,
}
"""Topic without "event:klaviyo." → kind. Suppressions by hand, changed preferences and what is
added later about email are UNKNOWN; topics of other channels and of integrations are left out."""

MACHINE = ("Bot Click", "Apple Privacy Open", "Machine Open", "machine_open")
"""Properties that say of an act that no reader made it."""

ADDRESSES = ("Recipient Email Address", "email_address", "$email")

BOUNCES = {"hard": BounceClass.HARD, "soft": BounceClass.SOFT}
"""How `Bounce Type` begins → class."""


def split(request: WebhookRequest) -> Sequence[Any]:
    """The events of the batch; Klaviyo asks that body and headers name one webhook."""
    body = read_json(request.body)
    if not isinstance(body, dict) or not isinstance(body.get("data"), list):
        raise ValueError("Klaviyo sends an object with an array of events as its data")
    named = request.headers.get("klaviyo-webhook-id")
    if named is not None and mapping(body.get("meta")).get("klaviyo_webhook_id", named) != named:
        raise ValueError("its body is of another webhook than its headers name")
    events: Sequence[Any] = body["data"]
    return events


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event, unless it is another channel's."""
    topic = raw["topic"].strip()
    source, _, name = topic.removeprefix("event:").strip().rpartition(".")
    if source not in ("", "klaviyo") or (name not in KINDS and "email" not in name):
        return ()
    kind = KINDS.get(name, EventKind.UNKNOWN)
    payload = mapping(raw.get("payload"))
    event = mapping(payload.get("data"))
    told = mapping(event.get("attributes"))
    properties = mapping(told.get("event_properties"))
    reported = stated(
        "klaviyo",
        kind,
        request,
        occurred_at=told.get("datetime") or told.get("timestamp"),
        to=_address(properties, payload),
        name=topic,
        message=_message(properties, event),
        campaign_id=properties.get("$message") or properties.get("$flow"),
        campaign_name=properties.get("Campaign Name"),
        link=properties.get("URL"),
        user_agent=mapping(properties.get("$internal")).get("User Agent"),
        detail=properties.get("Bounce Type") if kind is EventKind.BOUNCED else None,
        bounce=_bounce(properties.get("Bounce Type")),
        provider_event_id=reference(raw.get("external_id")) or reference(event.get("id")),
        tags=words(properties.get("$flow")),
        subject=text(properties.get("Subject")),
        is_machine=any(is_true(properties.get(flag)) for flag in MACHINE),
    )
    return (reported,)


def _address(properties: Mapping[str, Any], payload: Mapping[str, Any]) -> Any:
    given = [properties.get(name) for name in ADDRESSES]
    included = [mapping(one) for one in items(payload.get("included"))]
    profiles = [mapping(one.get("attributes")) for one in included if one.get("type") == "profile"]
    return next(filter(text, (*given, *(one.get("email") for one in profiles))), None)


def _message(properties: Mapping[str, Any], event: Mapping[str, Any]) -> str | None:
    """Campaign or flow message and profile: together one person's mail."""
    sent = reference(properties.get("$message"))
    profile = mapping(mapping(event.get("relationships")).get("profile"))
    person = reference(mapping(profile.get("data")).get("id"))
    return f"{sent}:{person}" if sent and person else None


def _bounce(kind: Any) -> BounceClass | None:
    found = (text(kind) or "").lower()
    return BOUNCES.get(found[:4]) or bounce_class(found)


def check(request: WebhookRequest, settings: Mapping[str, str]) -> bool:
    """Whether it was signed with `secret_key`. Raises KeyError.

    A signature may be of any age: a replayed request repeats facts we have.
    """
    sent_at, signature = (request.headers[f"klaviyo-{name}"] for name in ("timestamp", "signature"))
    return is_signed(signature, settings["secret_key"], request.body, sent_at.encode())


def check_settings(settings: Mapping[str, str]) -> None:
    """Raises ValueError for a secret that Klaviyo would not take."""
    require_length(settings, "secret_key")


PROVIDER = Provider(
    name="klaviyo",
    title="Klaviyo",
    secrets=("secret_key",),
    credential=Credential.HEADER,
    signature_header="klaviyo-signature",
    check=check,
    check_settings=check_settings,
    has_stable_event_ids=True,
    split=split,
    report=report,
)
