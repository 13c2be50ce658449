"""Iterable's system webhooks: one event a request, named by eventName.

https://support.iterable.com/hc/en-us/articles/208013936 and, for its fields,
https://support.iterable.com/hc/en-us/articles/28534979433236 (bounces),
https://support.iterable.com/hc/en-us/articles/208508736 (where unsubscribes come from)

There is no id of the event. Nothing is signed: the Authorization header carries a token, after the
word for its type or by itself.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.events import BounceClass, EventKind, ReportedEvent
from intake.events import stated
from intake.providers.specification import Credential, Provider
from intake.reading import bounce_class, is_true, items, mapping, read_json, text, words
from intake.requests import WebhookRequest
from intake.signatures import is_same, require_length

KINDS = {
    "emailSend": EventKind.ACCEPTED,
    "emailSendSkip": EventKind.REJECTED,
    "emailOpen": EventKind.OPENED,
    "emailClick": EventKind.CLICKED,
    "emailBounce": EventKind.BOUNCED,
    "emailComplaint": EventKind.COMPLAINED,
    "emailUnSubscribe": EventKind.UNSUBSCRIBED,
    "emailUnsubscribe": EventKind.UNSUBSCRIBED,
    "emailSubscribe": EventKind.RESUBSCRIBED,
}
"""eventName → kind; `hostedUnsubscribeClick`, which an unsubscribe follows, and what is added later
are UNKNOWN."""

OTHER_CHANNELS = (
    "customEvent",
    "embedded",
    "inApp",
    "inbox",
    "journey",
    "purchase",
    "push",
    "sms",
    "webPush",
    "whatsApp",
)
"""How the eventNames of other channels begin."""

NOBODY_ASKED = frozenset(
    {"Complaint", "HardBounce", "Import", "ListAPI", "SMS", "WebApp", "Workflow"}
)
"""`unsubSource` of an unsubscribe that repeats a bounce or complaint, is about text messages, or
was made by the sender: UNKNOWN."""

BOUNCES = {
    "Hard": BounceClass.HARD,
    "DNSF": BounceClass.HARD,
    "Soft": BounceClass.SOFT,
    "Mail": BounceClass.SOFT,
}
"""How `recipientState` begins → class: HardBounce, DNSFailure, SoftBounce…, MailBlock…"""


def split(request: WebhookRequest) -> Sequence[Any]:
    """The one event."""
    event = read_json(request.body)
    if not isinstance(event, dict) or not isinstance(event.get("eventName"), str):
        raise ValueError("Iterable sends an object with an eventName")
    return [event]


def report(raw: Any, request: WebhookRequest) -> Sequence[ReportedEvent]:
    """One event, unless it is another channel's."""
    name = raw["eventName"]
    if name.startswith(OTHER_CHANNELS):
        return ()
    fields = mapping(raw.get("dataFields"))
    get = fields.get
    kind = _kind(name, fields)
    event = stated(
        "iterable",
        kind,
        request,
        occurred_at=get("createdAt"),
        to=raw.get("email") or get("email"),
        name=_named(name, fields),
        message=get("messageId"),
        campaign_id=get("campaignId"),
        campaign_name=get("campaignName"),
        link=get("url"),
        user_agent=get("userAgent"),
        ip_address=get("ip"),
        detail=_reason(fields),
        bounce=_bounce(fields) if kind is EventKind.BOUNCED else None,
        tags=words(get("labels")),
        subject=text(get("emailSubject")),
        is_machine=is_true(get("isBot")),
    )
    return (event,)


def _kind(name: str, fields: Mapping[str, Any]) -> EventKind:
    """A subscription counts where it is to a channel or a kind of message; being added to a list,
    by an import or a journey, is reported as one too."""
    kind = KINDS.get(name, EventKind.UNKNOWN)
    if kind is EventKind.UNSUBSCRIBED and fields.get("unsubSource") in NOBODY_ASKED:
        return EventKind.UNKNOWN
    to = (*items(fields.get("channelIds")), *items(fields.get("messageTypeIds")))
    if kind is EventKind.RESUBSCRIBED and not to:
        return EventKind.UNKNOWN
    return kind


def _named(name: str, fields: Mapping[str, Any]) -> str:
    source = text(fields.get("unsubSource")) or text(fields.get("signupSource"))
    return f"{name}: {source}" if source else name


def _reason(fields: Mapping[str, Any]) -> str | None:
    told = (fields.get("bounceMessage"), fields.get("recipientState"), fields.get("reason"))
    return next(filter(None, map(text, (*told, fields.get("unsubSource")))), None)


def _bounce(fields: Mapping[str, Any]) -> BounceClass | None:
    state = text(fields.get("recipientState")) or ""
    return BOUNCES.get(state[:4]) or bounce_class(fields.get("status"), fields.get("bounceMessage"))


def check(request: WebhookRequest, settings: Mapping[str, str]) -> bool:
    """Whether the request carries `auth_token`, where one is set. Raises KeyError."""
    if "auth_token" not in settings:
        return True
    given = request.headers["authorization"].strip()
    _, _, alone = given.partition(" ")
    expected = settings["auth_token"]
    return is_same(given, expected) or is_same(alone.strip(), expected)


def check_settings(settings: Mapping[str, str]) -> None:
    """Raises ValueError for a token that could be guessed."""
    require_length(settings, "auth_token")


PROVIDER = Provider(
    name="iterable",
    title="Iterable",
    view="base.AnymailBaseWebhookView",
    secrets=("auth_token", "webhook_secret"),
    own_settings=("auth_token",),
    credential=Credential.BEARER,
    signature_header="authorization",
    check=check,
    check_settings=check_settings,
    has_stable_event_ids=False,
    split=split,
    report=report,
)
